/** invert(a): the operation that takes `a` back, from its log form alone. */
import { setFrom, unsetFrom } from "./elements.ts";
import { OperationError } from "./errors.ts";
import type {
  Change,
  Changes,
  Operation,
  PropertiesChange,
  Text,
  Write,
  Writes,
} from "./operation.ts";
import { invertText } from "./text.ts";

/**
 * `apply(apply(S, a), invert(a))` is `S`. `a` is in log form, and so is the result.
 *
 * Throws OperationError `not_invertible` for a wire form where that shows. It cannot show for a
 * value that was set: there, a missing `was` means that nothing stood there before.
 */
export function invert(a: Operation): Operation {
  return {
    diagram: a.diagram === null ? null : invertWritten(a.diagram),
    nodes: invertChanges(a.nodes),
    edges: invertChanges(a.edges),
  };
}

function invertChanges(changes: Changes): Changes {
  const out = new Map<string, Change>();
  for (const [id, change] of changes) {
    const inverse = invertChange(change);
    if (inverse !== null) out.set(id, inverse);
  }
  return out;
}

function invertChange(change: Change): Change | null {
  if (change.type === "create") return { type: "delete", was: change.element };
  if (change.type !== "delete") return invertWritten(change);
  if (change.was === undefined) throw lost("a deletion");
  return { type: "create", element: change.was };
}

function invertWritten(change: PropertiesChange): PropertiesChange | null {
  if (change.type === "replace") {
    if (change.was === undefined) throw lost("a replacement");
    return { type: "replace", element: change.was, was: change.element };
  }
  const writes = invertWrites(change.writes);
  return writes.size === 0 ? null : { type: "update", writes };
}

function invertWrites(writes: Writes): Writes {
  const out = new Map<string, Write>();
  for (const [path, write] of writes) {
    const inverse = invertWrite(write);
    if (inverse !== null) out.set(path, inverse);
  }
  return out;
}

function invertWrite(write: Write): Write | null {
  if (write.type === "text") return invertTextWrite(write);
  if (write.type === "unset") return write.was === undefined ? null : setFrom(undefined, write.was);
  return write.was === undefined ? unsetFrom(write.value) : setFrom(write.value, write.was);
}

function invertTextWrite(write: Text): Text | null {
  const edit = invertText(write.edit);
  return edit.length === 0 ? null : { type: "text", edit };
}

function lost(what: string): OperationError {
  return new OperationError("not_invertible", `The log form of ${what} names what it removed.`);
}
