/**
 * What else must give way when one side deletes a node: edges that would end at it go with it, nodes
 * that it would be the parent of become roots.
 */
import type { Json } from "./diagram.ts";
import { valueAt, withoutKey } from "./objects.ts";
import type { Change, Changes, Write } from "./operation.ts";
import { EDGE_REFERENCES, PARENT_REFERENCE } from "./references.ts";

/** An edge that would end at a deleted node goes with it. Changes `out`. */
export function closeEdges(
  out: Map<string, Change>,
  a: Changes,
  b: Changes,
  aWins: boolean,
  gone: ReadonlySet<string>,
): void {
  for (const id of doomedEdges(a, b, aWins, gone)) {
    const existsAfterB = b.has(id) || a.get(id)?.type !== "create";
    if (existsAfterB) out.set(id, { type: "delete" });
    else out.delete(id);
  }
}

/** A node whose parent is deleted becomes a root. Changes `out`. */
export function closeParents(
  out: Map<string, Change>,
  a: Changes,
  b: Changes,
  aWins: boolean,
  gone: ReadonlySet<string>,
): void {
  for (const id of orphanedNodes(a, b, aWins, gone)) out.set(id, withoutParent(out.get(id)));
}

/** Edges written by either side that, merged, would end at a node in `gone`. */
export function doomedEdges(
  a: Changes,
  b: Changes,
  aWins: boolean,
  gone: ReadonlySet<string>,
): string[] {
  return surviving(a, b).filter((id) =>
    EDGE_REFERENCES.some((path) => isIn(mergedValue(a.get(id), b.get(id), path, aWins), gone)),
  );
}

/** Nodes written by either side whose merged parent is in `gone`. */
export function orphanedNodes(
  a: Changes,
  b: Changes,
  aWins: boolean,
  gone: ReadonlySet<string>,
): string[] {
  return surviving(a, b).filter((id) =>
    isIn(mergedValue(a.get(id), b.get(id), PARENT_REFERENCE, aWins), gone),
  );
}

/** Targets written by either side and deleted by neither, in a fixed order. */
function surviving(a: Changes, b: Changes): string[] {
  const ids: string[] = [];
  for (const [id, change] of a) {
    if (change.type !== "delete" && b.get(id)?.type !== "delete") ids.push(id);
  }
  for (const [id, change] of b) {
    if (change.type !== "delete" && !a.has(id)) ids.push(id);
  }
  return ids;
}

/**
 * What `a` and `b` together write at a reference path; `undefined` where neither does, or where a
 * value is removed. Neither change is a deletion.
 */
export function mergedValue(
  a: Change | undefined,
  b: Change | undefined,
  path: string,
  aWins: boolean,
): Json | undefined {
  const whole = wholeOf(a, b, aWins);
  if (whole !== null) return valueAt(whole.element, path.slice(1));
  const mine = writeAt(a, path);
  const theirs = writeAt(b, path);
  const write = mine !== undefined && (theirs === undefined || aWins) ? mine : theirs;
  return write?.type === "set" ? write.value : undefined;
}

/** The change that gives the whole element: the winner's where both do. */
function wholeOf(a: Change | undefined, b: Change | undefined, aWins: boolean) {
  const mine = a?.type === "create" || a?.type === "replace" ? a : null;
  const theirs = b?.type === "create" || b?.type === "replace" ? b : null;
  return mine !== null && (theirs === null || aWins) ? mine : theirs;
}

function writeAt(change: Change | undefined, path: string): Write | undefined {
  return change?.type === "update" ? change.writes.get(path) : undefined;
}

function isIn(value: Json | undefined, nodes: ReadonlySet<string>): boolean {
  return typeof value === "string" && nodes.has(value);
}

function withoutParent(change: Change | undefined): Change {
  if (change?.type === "create" || change?.type === "replace") {
    return { type: change.type, element: withoutKey(change.element, PARENT_REFERENCE.slice(1)) };
  }
  const writes = new Map(change?.type === "update" ? change.writes : []);
  return { type: "update", writes: writes.set(PARENT_REFERENCE, { type: "unset" }) };
}
