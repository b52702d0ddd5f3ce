/** From a value chosen in the panel to one operation over everything that is selected. */
import {
  type Change,
  type Diagram,
  type Element,
  type Json,
  jsonEqual,
  NOTHING,
  type Operation,
  valueAtPath,
  type Write,
} from "@diagramai/client";
import { settable } from "../../../text/index.ts";

export type Family = "nodes" | "edges";
/** Where to, and what; `undefined` removes what stands there. */
export type Wish = readonly [path: string, value: Json | undefined];

/** Several elements have different values here. */
export const MIXED: unique symbol = Symbol("mixed");
export type Mixed = typeof MIXED;

/** What `read` says of all of them, or MIXED. `undefined` for no elements. */
export function shared<T extends Json | undefined>(
  elements: readonly Element[],
  read: (element: Element) => T,
): T | Mixed | undefined {
  const [first, ...others] = elements;
  if (first === undefined) return undefined;
  const value = read(first);
  return others.every((element) => equal(read(element), value)) ? value : MIXED;
}

function equal(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : jsonEqual(a, b);
}

export function elementsOf(diagram: Diagram, family: Family, ids: readonly string[]): Element[] {
  return ids
    .map((id) => diagram[family].get(id))
    .filter((element): element is Element => element !== undefined);
}

/**
 * One operation that fulfils the wishes for each of the elements; null where all of them are so
 * already. `wishesFor` may read the element. At most one wish of each may create what holds its path.
 */
export function writeAll(
  diagram: Diagram,
  family: Family,
  ids: readonly string[],
  wishesFor: (element: Element) => readonly Wish[],
): Operation | null {
  const changes = new Map<string, Change>();
  for (const id of ids) {
    const element = diagram[family].get(id);
    if (element === undefined) continue;
    const writes = writesOf(element, wishesFor(element));
    if (writes.size > 0) changes.set(id, { type: "update", writes });
  }
  return changes.size === 0 ? null : { ...NOTHING, [family]: changes };
}

/** The same for the diagram's own properties. */
export function writeProperty(diagram: Diagram, path: "/kind", value: string): Operation | null {
  if (diagram.kind === value) return null;
  const writes = new Map<string, Write>([[path, { type: "set", value }]]);
  return { ...NOTHING, diagram: { type: "update", writes } };
}

function writesOf(element: Element, wishes: readonly Wish[]): Map<string, Write> {
  const writes = new Map<string, Write>();
  for (const [path, value] of wishes) {
    if (equal(valueAtPath(element, path), value)) continue;
    if (value === undefined) {
      writes.set(path, { type: "unset" });
    } else {
      const write = settable(element, path, value);
      writes.set(write.path, { type: "set", value: write.value });
    }
  }
  return writes;
}
