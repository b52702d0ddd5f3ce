/** compose(a, b): one operation that does `a` and then `b`. */
import { writeElement } from "./elements.ts";
import { OperationError } from "./errors.ts";
import { isObject } from "./objects.ts";
import type {
  Change,
  Changes,
  Operation,
  PropertiesChange,
  Set_,
  Text,
  Write,
  Writes,
} from "./operation.ts";
import { isBelow, pathAbove } from "./pointer.ts";
import { applyText, composeText } from "./text.ts";

/**
 * `b` must be valid after `a`. Takes either form; any `was` in the result says nothing.
 *
 * Throws OperationError `not_consecutive` where no diagram allows `a` and then `b`.
 */
export function compose(a: Operation, b: Operation): Operation {
  return {
    diagram: composeProperties(a.diagram, b.diagram),
    nodes: composeChanges(a.nodes, b.nodes),
    edges: composeChanges(a.edges, b.edges),
  };
}

function composeProperties(
  a: PropertiesChange | null,
  b: PropertiesChange | null,
): PropertiesChange | null {
  return a === null || b === null ? (b ?? a) : composeWritten(a, b);
}

function composeChanges(a: Changes, b: Changes): Changes {
  const out = new Map(a);
  for (const [id, then] of b) {
    const first = a.get(id);
    const change = first === undefined ? then : composeChange(first, then);
    if (change === null) out.delete(id);
    else out.set(id, change);
  }
  return out;
}

/** Both changes of one target as one; `null` where they cancel out. */
export function composeChange(a: Change, b: Change): Change | null {
  if (a.type === "delete" || b.type === "create") {
    if (a.type === "delete" && b.type === "create") return { type: "replace", element: b.element };
    throw new OperationError("not_consecutive", "The second change cannot follow the first.");
  }
  if (b.type === "delete") return a.type === "create" ? null : { type: "delete" };
  if (a.type !== "create") return composeWritten(a, b);
  const { element } = b.type === "replace" ? b : writeElement(a.element, b.writes);
  return { type: "create", element };
}

function composeWritten(a: PropertiesChange, b: PropertiesChange): PropertiesChange | null {
  if (b.type === "replace") return { type: "replace", element: b.element };
  if (a.type === "replace") {
    return { type: "replace", element: writeElement(a.element, b.writes).element };
  }
  const writes = composeWrites(a.writes, b.writes);
  return writes.size === 0 ? null : { type: "update", writes };
}

function composeWrites(a: Writes, b: Writes): Writes {
  const out = new Map(a);
  for (const [path, then] of b) {
    const above = pathAbove(path, out);
    if (above === null) composeAt(out, path, then);
    else out.set(above, fold(out.get(above), above, path.slice(above.length), then));
  }
  return out;
}

/** Puts a write behind those that `out` has at its path and below. Changes `out`. */
function composeAt(out: Map<string, Write>, path: string, then: Write): void {
  for (const other of out.keys()) if (isBelow(other, path)) out.delete(other);
  const first = out.get(path);
  const write = first === undefined ? then : composeWrite(first, then);
  if (write === null) out.delete(path);
  else out.set(path, write);
}

/** A deeper write goes into the value that an earlier one has set. */
function fold(first: Write | undefined, at: string, below: string, then: Write): Set_ {
  if (first?.type !== "set" || !isObject(first.value)) {
    throw new OperationError("not_consecutive", "Nothing stands below what was written here.");
  }
  return { type: "set", value: writeElement(first.value, new Map([[below, then]]), at).element };
}

function composeWrite(a: Write, b: Write): Write | null {
  if (b.type === "set") return { type: "set", value: b.value };
  if (b.type === "unset") return { type: "unset" };
  if (a.type === "text") return composeTexts(a, b);
  if (a.type === "set" && typeof a.value === "string") {
    return { type: "set", value: applyText(a.value, b.edit) };
  }
  throw new OperationError("not_consecutive", "A text edit needs text.");
}

function composeTexts(a: Text, b: Text): Text | null {
  const edit = composeText(a.edit, b.edit);
  return edit.length === 0 ? null : { type: "text", edit };
}
