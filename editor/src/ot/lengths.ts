/** How long texts become once an operation is applied. */
import { codePointLength } from "./codePoints.ts";
import { type Diagram, type Element, type Json, propertiesOf } from "./diagram.ts";
import { OperationError } from "./errors.ts";
import { isObject, valueAt } from "./objects.ts";
import type { Changes, Operation, PropertiesChange, Text, Write } from "./operation.ts";
import { split } from "./pointer.ts";
import { lengthOf } from "./text.ts";
import { MAX_KIND_LENGTH, MAX_STRING_LENGTH, MAX_TITLE_LENGTH } from "./validate.ts";

/** The most code points of the properties that have a bound of their own. */
const PROPERTY_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["/title", MAX_TITLE_LENGTH],
  ["/kind", MAX_KIND_LENGTH],
]);

/** Throws OperationError `string_too_long` where `a` makes a text of `S` longer than it may be. */
export function checkTextLengths(S: Diagram, a: Operation): void {
  checkElements(S.nodes, a.nodes, "nodes");
  checkElements(S.edges, a.edges, "edges");
  if (a.diagram === null) return;
  for (const [path, length] of propertyLengths(S, a.diagram)) {
    check(length, PROPERTY_LENGTHS.get(path) ?? MAX_STRING_LENGTH, `diagram${path}`);
  }
}

function checkElements(
  elements: ReadonlyMap<string, Element>,
  changes: Changes,
  family: "nodes" | "edges",
): void {
  for (const [id, change] of changes) {
    const element = elements.get(id);
    if (change.type !== "update" || element === undefined) continue;
    for (const [path, write] of change.writes) {
      if (write.type !== "text") continue;
      check(editedLength(element, path, write), MAX_STRING_LENGTH, `${family}/${id}${path}`);
    }
  }
}

function check(length: number, most: number, at: string): void {
  if (length > most) throw new OperationError("string_too_long", `At most ${most} characters.`, at);
}

function propertyLengths(S: Diagram, change: PropertiesChange): [string, number][] {
  if (change.type === "replace") {
    const paths = [...PROPERTY_LENGTHS.keys()];
    return paths.map((path) => [path, lengthOfText(valueAt(change.element, path.slice(1)))]);
  }
  const properties = propertiesOf(S);
  return [...change.writes].map(([path, write]) => [path, writtenLength(properties, path, write)]);
}

function writtenLength(element: Element, path: string, write: Write): number {
  if (write.type === "text") return editedLength(element, path, write);
  return write.type === "set" ? lengthOfText(write.value) : 0;
}

/** The text's length after the edit; whether it is a text at all is found out elsewhere. */
function editedLength(element: Element, path: string, write: Text): number {
  let at: Json | undefined = element;
  for (const key of split(path)) at = isObject(at) ? valueAt(at, key) : undefined;
  let length = lengthOfText(at);
  for (const part of write.edit) {
    if (typeof part === "string") length += lengthOf(part);
    else if (typeof part === "object") length -= lengthOf(part);
  }
  return length;
}

function lengthOfText(value: Json | undefined): number {
  return typeof value === "string" ? codePointLength(value) : 0;
}
