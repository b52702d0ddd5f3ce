/**
 * What others wrote and my unacknowledged edits hide.
 *
 * I set a value from 0 to 1, and before that is durable somebody else sets it to 2: mine is the later
 * one and stands. Taking mine back must then show 2, not 0.
 */
import {
  applyText,
  type Change,
  type Changes,
  codePointLength,
  lengthOf,
  type Operation,
  type Update,
  type Write,
} from "../ot/index.ts";

/** The writes of `b` that are not in `shown`, which is `b` as it applies to what I see. */
export function hiddenIn(b: Operation, shown: Operation): Operation {
  const diagram = hiddenWrites(b.diagram ?? undefined, shown.diagram ?? undefined);
  return {
    diagram: diagram ?? null,
    nodes: hiddenChanges(b.nodes, shown.nodes),
    edges: hiddenChanges(b.edges, shown.edges),
  };
}

function hiddenChanges(changes: Changes, shown: Changes): Changes {
  const out = new Map<string, Change>();
  for (const [id, change] of changes) {
    const hidden = hiddenWrites(change, shown.get(id));
    if (hidden !== undefined) out.set(id, hidden);
  }
  return out;
}

function hiddenWrites(change: Change | undefined, shown: Change | undefined): Update | undefined {
  if (change?.type !== "update") return undefined;
  const isShown = (path: string) => shown?.type === "update" && shown.writes.has(path);
  const writes = new Map([...change.writes].filter(([path]) => !isShown(path)));
  return writes.size === 0 ? undefined : { type: "update", writes };
}

/** Writes by target and path. */
export type Hidden = Map<string, Write>;

/** What an operation of updates writes. */
export function writesIn(a: Operation): Hidden {
  const hidden: Hidden = new Map();
  const add = (target: string, id: string, change: Change | null) => {
    if (change?.type !== "update") return;
    for (const [path, write] of change.writes) hidden.set(keyOf(target, id, path), write);
  };
  add("diagram", "", a.diagram);
  for (const [id, change] of a.nodes) add("node", id, change);
  for (const [id, change] of a.edges) add("edge", id, change);
  return hidden;
}

function keyOf(target: string, id: string, path: string): string {
  return JSON.stringify([target, id, path]);
}

/** The inverse, leading to what is hidden instead of what stood there before; that is taken out. */
export function reveal(inverse: Operation, hidden: Hidden): Operation {
  if (hidden.size === 0) return inverse;
  const diagram =
    inverse.diagram?.type === "update"
      ? revealUpdate(inverse.diagram, "diagram", "", hidden)
      : inverse.diagram;
  const nodes = revealChanges(inverse.nodes, "node", hidden);
  const edges = revealChanges(inverse.edges, "edge", hidden);
  return { diagram, nodes, edges };
}

function revealChanges(changes: Changes, target: string, hidden: Hidden): Changes {
  const out = new Map<string, Change>();
  for (const [id, change] of changes) {
    out.set(id, change.type === "update" ? revealUpdate(change, target, id, hidden) : change);
  }
  return out;
}

function revealUpdate(change: Update, target: string, id: string, hidden: Hidden): Update {
  const writes = new Map<string, Write>();
  for (const [path, write] of change.writes) {
    const key = keyOf(target, id, path);
    const theirs = hidden.get(key);
    hidden.delete(key);
    writes.set(path, theirs === undefined ? write : merged(write, theirs));
  }
  return { type: "update", writes };
}

/** What the inverse wrote, as the other has changed it. */
function merged(write: Write, theirs: Write): Write {
  if (write.type === "text") return write;
  if (theirs.type !== "text") return theirs;
  if (write.type !== "set" || typeof write.value !== "string") return write;
  const used = theirs.edit.reduce((sum: number, part) => sum + spanOf(part), 0);
  const fits = used <= codePointLength(write.value);
  return fits ? { type: "set", value: applyText(write.value, theirs.edit) } : write;
}

/** Code points of the text that a component reads. */
function spanOf(part: number | string | { readonly d: number | string }): number {
  return typeof part === "string" ? 0 : lengthOf(part);
}
