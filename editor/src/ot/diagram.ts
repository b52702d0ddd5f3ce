/**
 * The document: a diagram and its elements, as plain JSON values.
 *
 * An element is the React Flow object itself without its `id`, which is its key. Elements are never
 * changed in place: whoever writes to one replaces it, so replicas and log entries may share them.
 */
import { isObject, valueAt } from "./objects.ts";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };
export type Element = JsonObject;

/**
 * Keys of an element that are not part of the document: the id is the key, the rest is what one
 * browser happens to be doing (React Flow's runtime fields).
 */
export const RESERVED_ELEMENT_KEYS: ReadonlySet<string> = new Set([
  "id",
  "selected",
  "dragging",
  "measured",
]);

/**
 * A whole diagram. `nodes` and `edges` are Maps, so that an id may be any string (`__proto__`, `10`).
 * Their order is no part of the document. For `kind` "mermaid" the text is `data.text` and there are
 * no elements.
 */
export interface Diagram {
  title: string;
  description: string | null;
  kind: string;
  data: JsonObject;
  nodes: Map<string, Element>;
  edges: Map<string, Element>;
}

/** A diagram of these parts; what is missing is empty. */
export function newDiagram(parts: Partial<Diagram> = {}): Diagram {
  return {
    title: "",
    description: null,
    kind: "flowchart",
    data: {},
    nodes: new Map(),
    edges: new Map(),
    ...parts,
  };
}

/** The diagram's own fields as an element, the target `diagram` of an operation. */
export function propertiesOf(S: Diagram): Element {
  return { title: S.title, description: S.description, kind: S.kind, data: S.data };
}

/** A diagram that can be changed without touching this one; elements are shared. */
export function copyDiagram(S: Diagram): Diagram {
  return { ...S, nodes: new Map(S.nodes), edges: new Map(S.edges) };
}

/** Equality of JSON values; the order of keys says nothing. */
export function jsonEqual(x: Json, y: Json): boolean {
  if (x === y) return true;
  if (Array.isArray(x)) return Array.isArray(y) && arraysEqual(x, y);
  return isObject(x) && isObject(y) && objectsEqual(x, y);
}

function arraysEqual(x: Json[], y: Json[]): boolean {
  return x.length === y.length && x.every((value, i) => valuesEqual(value, y[i]));
}

function objectsEqual(x: JsonObject, y: JsonObject): boolean {
  const keys = Object.keys(x);
  return (
    keys.length === Object.keys(y).length &&
    keys.every((key) => valuesEqual(valueAt(x, key), valueAt(y, key)))
  );
}

function valuesEqual(x: Json | undefined, y: Json | undefined): boolean {
  return x !== undefined && y !== undefined && jsonEqual(x, y);
}
