/** The wire form of an operation: the log form without what it replaced. */
import type {
  Change,
  Changes,
  Operation,
  PropertiesChange,
  TextComponent,
  Write,
  Writes,
} from "./operation.ts";
import { lengthOf } from "./text.ts";

/** The same operation with every `was` left out and deletions of text as lengths. */
export function wireForm(a: Operation): Operation {
  return {
    diagram: a.diagram === null ? null : wireWritten(a.diagram),
    nodes: wireChanges(a.nodes),
    edges: wireChanges(a.edges),
  };
}

function wireChanges(changes: Changes): Changes {
  const out = new Map<string, Change>();
  for (const [id, change] of changes) out.set(id, wireChange(change));
  return out;
}

function wireChange(change: Change): Change {
  if (change.type === "create") return change;
  return change.type === "delete" ? { type: "delete" } : wireWritten(change);
}

function wireWritten(change: PropertiesChange): PropertiesChange {
  if (change.type === "replace") return { type: "replace", element: change.element };
  return { type: "update", writes: wireWrites(change.writes) };
}

function wireWrites(writes: Writes): Writes {
  const out = new Map<string, Write>();
  for (const [path, write] of writes) out.set(path, wireWrite(write));
  return out;
}

function wireWrite(write: Write): Write {
  if (write.type === "set") return { type: "set", value: write.value };
  if (write.type === "unset") return { type: "unset" };
  return { type: "text", edit: write.edit.map(wireComponent) };
}

function wireComponent(part: TextComponent): TextComponent {
  return typeof part === "object" ? { d: lengthOf(part) } : part;
}
