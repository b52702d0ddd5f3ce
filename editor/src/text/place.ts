/** Where a text lives in a diagram, how it is read, and the operation that writes to it. */
import {
  type Diagram,
  type Element,
  isObject,
  type Json,
  NOTHING,
  type Operation,
  propertiesOf,
  putValue,
  split,
  type TextEdit,
  valueAt,
  valueAtPath,
  type Write,
} from "@diagramai/client";

export type TextTarget = "node" | "edge" | "diagram";

/** A text: a JSON Pointer into a node, an edge or the diagram's own properties (`id` is "" then). */
export interface TextPlace {
  readonly target: TextTarget;
  readonly id: string;
  readonly path: string;
}

/** What the place's path leads into; `undefined` where the element is gone. */
export function elementOf(diagram: Diagram, place: TextPlace): Element | undefined {
  if (place.target === "diagram") return propertiesOf(diagram);
  return (place.target === "node" ? diagram.nodes : diagram.edges).get(place.id);
}

/** The text as it is shown: numbers are spelled out, anything else that is no string is empty. */
export function shownText(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

/** The text at the place, as it is shown; "" where there is none. */
export function textAt(diagram: Diagram, place: TextPlace): string {
  const element = elementOf(diagram, place);
  return element === undefined ? "" : shownText(valueAtPath(element, place.path));
}

/**
 * The operation that turns the text at the place into `after` by `edit`. Where no string stands
 * there yet, it is set, together with the objects on the way to it.
 */
export function writeText(
  diagram: Diagram,
  place: TextPlace,
  edit: TextEdit,
  after: string,
): Operation {
  const element = elementOf(diagram, place) ?? {};
  if (typeof valueAtPath(element, place.path) === "string") {
    return operationAt(place, place.path, { type: "text", edit });
  }
  const { path, value } = settable(element, place.path, after);
  return operationAt(place, path, { type: "set", value });
}

/**
 * What to set so that `last` stands at `path`: there, or further up, with the objects that are
 * missing on the way.
 */
export function settable(
  element: Element,
  path: string,
  last: Json,
): { path: string; value: Json } {
  const keys = split(path);
  let depth = 0;
  let at: Json | undefined = element;
  while (depth < keys.length - 1 && isObject(at)) {
    const next: Json | undefined = valueAt(at, keys[depth] ?? "");
    if (!isObject(next)) break;
    at = next;
    depth += 1;
  }
  const rest = keys.slice(depth + 1);
  const value = rest.reduceRight<Json>((inner, key) => objectOf(key, inner), last);
  const steps = path.split("/");
  return { path: steps.slice(0, depth + 2).join("/"), value };
}

function objectOf(key: string, value: Json): Json {
  const object = {};
  putValue(object, key, value);
  return object;
}

/** An operation of one write. */
export function operationAt(place: TextPlace, path: string, write: Write): Operation {
  const change = { type: "update", writes: new Map([[path, write]]) } as const;
  if (place.target === "diagram") return { ...NOTHING, diagram: change };
  const changes = new Map([[place.id, change]]);
  return place.target === "node" ? { ...NOTHING, nodes: changes } : { ...NOTHING, edges: changes };
}

/** What the operation writes at exactly this place, if it does. */
export function writeAt(a: Operation, place: TextPlace): Write | undefined {
  const change =
    place.target === "diagram"
      ? a.diagram
      : (place.target === "node" ? a.nodes : a.edges).get(place.id);
  return change?.type === "update" ? change.writes.get(place.path) : undefined;
}
