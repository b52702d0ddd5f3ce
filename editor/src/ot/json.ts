/**
 * Operations and diagrams between plain JSON, as it travels, and Maps, as it is worked on.
 *
 * Elements and values are shared, not copied. Only the shape is looked at here; what the values must
 * satisfy, `checkOperation` and `apply` say.
 */
import { type Diagram, type Element, type Json, type JsonObject, propertiesOf } from "./diagram.ts";
import { OperationError } from "./errors.ts";
import { isObject, valueAt } from "./objects.ts";
import type {
  Change,
  Changes,
  Operation,
  PropertiesChange,
  TextComponent,
  TextEdit,
  Write,
  Writes,
} from "./operation.ts";
import { toProperties } from "./properties.ts";

/** The operation that the JSON says. Throws OperationError `invalid_operation`. */
export function operationFromJson(json: Json): Operation {
  const whole = asObject(json, "");
  allowKeys(whole, ["diagram", "nodes", "edges"], "");
  return {
    diagram: propertiesChangeFromJson(valueAt(whole, "diagram") ?? null),
    nodes: changesFromJson(valueAt(whole, "nodes") ?? {}, "nodes"),
    edges: changesFromJson(valueAt(whole, "edges") ?? {}, "edges"),
  };
}

/** The operation as JSON; what is empty is left out. */
export function operationToJson(a: Operation): JsonObject {
  return {
    ...(a.diagram === null ? {} : { diagram: changeToJson(a.diagram) }),
    ...(a.nodes.size === 0 ? {} : { nodes: mapToJson(a.nodes, changeToJson) }),
    ...(a.edges.size === 0 ? {} : { edges: mapToJson(a.edges, changeToJson) }),
  };
}

/**
 * The diagram that the JSON says; properties that are missing are empty, others are ignored.
 * Throws OperationError `invalid_diagram`.
 */
export function diagramFromJson(json: Json): Diagram {
  if (!isObject(json)) throw new OperationError("invalid_diagram", "A diagram is a JSON object.");
  const properties = toProperties({
    title: valueAt(json, "title") ?? "",
    description: valueAt(json, "description") ?? null,
    kind: valueAt(json, "kind") ?? "flowchart",
    data: valueAt(json, "data") ?? {},
  });
  const nodes = elementsFromJson(valueAt(json, "nodes") ?? {}, "nodes");
  return { ...properties, nodes, edges: elementsFromJson(valueAt(json, "edges") ?? {}, "edges") };
}

/** The diagram as JSON. */
export function diagramToJson(S: Diagram): JsonObject {
  const asItIs = (element: Element) => element;
  return {
    ...propertiesOf(S),
    nodes: mapToJson(S.nodes, asItIs),
    edges: mapToJson(S.edges, asItIs),
  };
}

/** `Object.fromEntries` defines its properties, so any key is one as any other. */
function mapToJson<V>(map: ReadonlyMap<string, V>, toJson: (value: V) => Json): JsonObject {
  return Object.fromEntries([...map].map(([key, value]) => [key, toJson(value)]));
}

function elementsFromJson(json: Json, family: "nodes" | "edges"): Map<string, Element> {
  const out = new Map<string, Element>();
  if (!isObject(json)) throw invalidDiagram("Elements are a JSON object by id.", family);
  for (const [id, element] of Object.entries(json)) {
    if (!isObject(element)) throw invalidDiagram("An element is a JSON object.", `${family}/${id}`);
    out.set(id, element);
  }
  return out;
}

function invalidDiagram(message: string, at: string): OperationError {
  return new OperationError("invalid_diagram", message, at);
}

function changesFromJson(json: Json, family: "nodes" | "edges"): Changes {
  const out = new Map<string, Change>();
  for (const [id, change] of Object.entries(asObject(json, family))) {
    out.set(id, changeFromJson(asObject(change, `${family}/${id}`), `${family}/${id}`));
  }
  return out;
}

function propertiesChangeFromJson(json: Json): PropertiesChange | null {
  if (json === null) return null;
  const change = changeFromJson(asObject(json, "diagram"), "diagram");
  if (change.type === "update" || change.type === "replace") return change;
  throw invalid("The diagram itself is updated or replaced.", "diagram/type");
}

function changeFromJson(json: JsonObject, at: string): Change {
  const type = valueAt(json, "type");
  if (type === "update") {
    allowKeys(json, ["type", "writes"], at);
    return { type, writes: writesFromJson(valueAt(json, "writes"), at) };
  }
  if (type === "create") {
    allowKeys(json, ["type", "element"], at);
    return { type, element: objectAt(json, "element", at) };
  }
  if (type !== "delete" && type !== "replace") {
    throw invalid("A change is create, delete, update or replace.", `${at}/type`);
  }
  const was = Object.hasOwn(json, "was") ? { was: objectAt(json, "was", at) } : {};
  allowKeys(json, type === "delete" ? ["type", "was"] : ["type", "element", "was"], at);
  if (type === "delete") return { type, ...was };
  return { type, element: objectAt(json, "element", at), ...was };
}

function writesFromJson(json: Json | undefined, at: string): Writes {
  const out = new Map<string, Write>();
  for (const [path, write] of Object.entries(asObject(json, `${at}/writes`))) {
    out.set(path, writeFromJson(asObject(write, at + path), at + path));
  }
  return out;
}

function writeFromJson(json: JsonObject, at: string): Write {
  const type = valueAt(json, "type");
  if (type === "text") {
    allowKeys(json, ["type", "edit"], at);
    return { type, edit: textEditFromJson(valueAt(json, "edit"), `${at}/edit`) };
  }
  if (type !== "set" && type !== "unset") {
    throw invalid("A write is set, unset or text.", `${at}/type`);
  }
  allowKeys(json, type === "unset" ? ["type", "was"] : ["type", "value", "was"], at);
  const before = valueAt(json, "was");
  const was = before === undefined ? {} : { was: before };
  if (type === "unset") return { type, ...was };
  const value = valueAt(json, "value");
  if (value === undefined) throw invalid("A set has a value.", `${at}/value`);
  return { type, value, ...was };
}

/** The text edit that the JSON says. Throws OperationError `invalid_operation`. */
export function textEditFromJson(json: Json | undefined, at = ""): TextEdit {
  if (!Array.isArray(json)) throw invalid("A text edit is an array.", at);
  return json.map((component) => componentFromJson(component, at));
}

function componentFromJson(json: Json, at: string): TextComponent {
  if (typeof json === "string" || isCount(json)) return json;
  const d = isObject(json) && Object.keys(json).length === 1 ? valueAt(json, "d") : undefined;
  if (typeof d === "string" || isCount(d)) return { d };
  throw invalid('A component is a count, a text, or {"d": a count or a text}.', at);
}

function isCount(json: Json | undefined): json is number {
  return Number.isSafeInteger(json);
}

function changeToJson(change: Change): JsonObject {
  if (change.type !== "update") return { ...change };
  return { type: "update", writes: mapToJson(change.writes, writeToJson) };
}

function writeToJson(write: Write): JsonObject {
  if (write.type !== "text") return { ...write };
  return { type: "text", edit: textEditToJson(write.edit) };
}

/** The text edit as JSON. */
export function textEditToJson(edit: TextEdit): Json[] {
  return edit.map((component) => (typeof component === "object" ? { ...component } : component));
}

function asObject(json: Json | undefined, at: string): JsonObject {
  if (!isObject(json)) throw invalid("It must be a JSON object.", at);
  return json;
}

function objectAt(json: JsonObject, key: string, at: string): JsonObject {
  return asObject(valueAt(json, key), `${at}/${key}`);
}

function allowKeys(json: JsonObject, allowed: readonly string[], at: string): void {
  const other = Object.keys(json).find((key) => !allowed.includes(key));
  if (other !== undefined) throw invalid("There is no such key here.", `${at}/${other}`);
}

function invalid(message: string, at: string): OperationError {
  return new OperationError("invalid_operation", message, at);
}
