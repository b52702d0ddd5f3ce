/** What an operation must satisfy before any diagram is looked at. */
import type { Json } from "./diagram.ts";
import { checkPrefixFree } from "./elements.ts";
import { OperationError } from "./errors.ts";
import { isObject, valueAt } from "./objects.ts";
import type {
  Change,
  Changes,
  Operation,
  PropertiesChange,
  TextEdit,
  Write,
  Writes,
} from "./operation.ts";
import { split } from "./pointer.ts";
import { checkText } from "./text.ts";
import {
  checkElement,
  checkFirstKey,
  checkId,
  checkJson,
  checkPosition,
  checkString,
  MAX_COMPONENTS,
  MAX_DEPTH,
  MAX_KEY_LENGTH,
  MAX_STRING_LENGTH,
  MAX_TARGETS,
  MAX_VALUES,
} from "./validate.ts";

const COORDINATES: ReadonlySet<string> = new Set(["/position/x", "/position/y"]);

/**
 * Refuses what no diagram could take: bad ids, paths and values. Looks at no diagram.
 *
 * Throws OperationError naming the place, for example `nodes/n1/data/label`.
 */
export function checkOperation(a: Operation): void {
  if (a.nodes.size + a.edges.size > MAX_TARGETS) {
    const message = `At most ${MAX_TARGETS} targets in one operation; send several.`;
    throw new OperationError("too_many_targets", message);
  }
  if (a.diagram !== null) checkPropertiesChange(a.diagram);
  checkChanges(a.nodes, "nodes");
  checkChanges(a.edges, "edges");
}

function checkPropertiesChange(change: PropertiesChange): void {
  if (change.type === "update") {
    checkWrites(change.writes, "diagram", checkPropertyWrite);
    return;
  }
  checkJson(change.element, "diagram");
  checkData(valueAt(change.element, "data"), "diagram/data");
}

function checkChanges(changes: Changes, family: "nodes" | "edges"): void {
  for (const [id, change] of changes) {
    const at = `${family}/${id}`;
    checkId(id, at);
    checkChange(change, at);
  }
}

function checkChange(change: Change, at: string): void {
  if (change.type === "update") checkWrites(change.writes, at, checkElementWrite);
  else if (change.type !== "delete") checkElement(change.element, at);
}

/** What else one write must satisfy, in an element or in the diagram itself. */
type CheckWrite = (path: string, write: Write, at: string) => void;

function checkWrites(writes: Writes, at: string, checkKnown: CheckWrite): void {
  if (writes.size === 0) {
    throw new OperationError("empty_update", "An update writes to at least one path.", at);
  }
  if (writes.size > MAX_VALUES) {
    throw new OperationError("too_many_values", `At most ${MAX_VALUES} writes.`, at);
  }
  checkPaths(writes, at);
  for (const [path, write] of writes) {
    const keys = split(path);
    for (const key of keys) checkString(key, at + path, MAX_KEY_LENGTH);
    if (write.type === "text") checkTextEdit(write.edit, at + path);
    if (write.type === "set") checkJson(write.value, at + path, MAX_DEPTH - keys.length);
    checkKnown(path, write, at + path);
  }
}

function checkPaths(writes: Writes, at: string): void {
  try {
    checkPrefixFree(writes);
    for (const path of writes.keys()) split(path);
  } catch (error) {
    throw error instanceof OperationError ? error.within(at) : error;
  }
}

function checkElementWrite(path: string, write: Write, at: string): void {
  checkFirstKey(split(path)[0] ?? "", at);
  if (write.type === "unset" && COORDINATES.has(path)) {
    throw new OperationError("invalid_position", "A position has both numbers.", at);
  }
  if (write.type !== "set") return;
  if (path === "/position") checkPosition(write.value, at);
  if (COORDINATES.has(path) && typeof write.value !== "number") {
    throw new OperationError("invalid_position", "It must be a number.", at);
  }
}

function checkPropertyWrite(path: string, write: Write, at: string): void {
  if (write.type !== "set") return;
  if (path === "/data") checkData(write.value, at);
  if (path === "/data/text" && typeof write.value !== "string") throw notText(at);
}

/** A diagram's text, where it has one, is text. */
function checkData(data: Json | undefined, at: string): void {
  if (!isObject(data)) return;
  const text = valueAt(data, "text");
  if (text !== undefined && typeof text !== "string") throw notText(`${at}/text`);
}

function notText(at: string): OperationError {
  return new OperationError("invalid_properties", "The diagram's text is text.", at);
}

function checkTextEdit(edit: TextEdit, at: string): void {
  if (edit.length > MAX_COMPONENTS) {
    throw new OperationError("text_too_long", `At most ${MAX_COMPONENTS} components.`, at);
  }
  checkText(edit, MAX_STRING_LENGTH, at);
  for (const component of edit) if (typeof component === "string") checkString(component, at);
}
