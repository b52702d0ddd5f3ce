/**
 * transform(a, b, aWins): what `a` becomes once `b` has happened.
 *
 * Law (TP1): for `a` and `b` valid on `S` and `w = aWins`, both roads round the diamond meet, and
 * every step on them is valid:
 *
 *             S
 *        a  /   \  b
 *          /     \
 *         .       .
 *          \     /
 *   b'      \   /   a' = transform(a, b, w)
 *             T     b' = transform(b, a, !w)
 *
 * Every pair of changes has a written rule. `docs/algebra.md` uses the same letters.
 */
import { closeEdges, closeParents } from "./closure.ts";
import { OperationError } from "./errors.ts";
import { deletedNodes } from "./footprint.ts";
import type {
  Change,
  Changes,
  Operation,
  PropertiesChange,
  Text,
  Write,
  Writes,
} from "./operation.ts";
import { pathAbove } from "./pointer.ts";
import { transformText } from "./text.ts";

/**
 * `a` as it applies after `b`, both valid on one diagram; any `was` says nothing.
 *
 * `aWins` decides where both write one value; the policy must give the opposite answer for the
 * other side. Throws OperationError `not_concurrent` where no diagram has both valid.
 */
export function transform(a: Operation, b: Operation, aWins: boolean): Operation {
  if (!mayMeet(a, b)) return a;
  const nodes = transformChanges(a.nodes, b.nodes, aWins, "nodes");
  const edges = transformChanges(a.edges, b.edges, aWins, "edges");
  const gone = new Set([...deletedNodes(a), ...deletedNodes(b)]);
  if (gone.size > 0) {
    closeEdges(edges, a.edges, b.edges, aWins, gone);
    closeParents(nodes, a.nodes, b.nodes, aWins, gone);
  }
  return { diagram: transformProperties(a.diagram, b.diagram, aWins), nodes, edges };
}

/**
 * False where neither changes the other: no common target, and no node deleted by one side while
 * the other side writes what could point at it.
 */
export function mayMeet(a: Operation, b: Operation): boolean {
  return (
    haveCommonKey(a.nodes, b.nodes) ||
    haveCommonKey(a.edges, b.edges) ||
    (a.diagram !== null && b.diagram !== null) ||
    deletesNodes(a) ||
    deletesNodes(b)
  );
}

function haveCommonKey(x: Changes, y: Changes): boolean {
  const [fewer, more] = x.size <= y.size ? [x, y] : [y, x];
  for (const id of fewer.keys()) if (more.has(id)) return true;
  return false;
}

function deletesNodes(a: Operation): boolean {
  for (const change of a.nodes.values()) if (change.type === "delete") return true;
  return false;
}

function transformProperties(
  a: PropertiesChange | null,
  b: PropertiesChange | null,
  aWins: boolean,
): PropertiesChange | null {
  return a === null || b === null ? a : transformWritten(a, b, aWins);
}

function transformChanges(
  a: Changes,
  b: Changes,
  aWins: boolean,
  family: "nodes" | "edges",
): Map<string, Change> {
  const out = new Map<string, Change>();
  for (const [id, mine] of a) {
    const theirs = b.get(id);
    if (theirs !== undefined && (mine.type === "create") !== (theirs.type === "create")) {
      throw notConcurrent(mine, `${family}/${id}`);
    }
    const change = theirs === undefined ? mine : transformChange(mine, theirs, aWins);
    if (change !== null) out.set(id, change);
  }
  return out;
}

/** One change after another of the same target; `null` where nothing is left to do. */
export function transformChange(a: Change, b: Change, aWins: boolean): Change | null {
  if (a.type === "create" || b.type === "create") {
    if (a.type !== "create" || b.type !== "create") throw notConcurrent(a);
    return aWins ? { type: "replace", element: a.element } : null;
  }
  if (b.type === "delete") return null;
  return a.type === "delete" ? a : transformWritten(a, b, aWins);
}

function transformWritten(
  a: PropertiesChange,
  b: PropertiesChange,
  aWins: boolean,
): PropertiesChange | null {
  if (a.type === "replace") return b.type === "update" || aWins ? a : null;
  if (b.type === "replace") return null;
  const writes = transformWrites(a.writes, b.writes, aWins);
  return writes.size === 0 ? null : { type: "update", writes };
}

/** One side needs the id free, the other needs it taken. */
function notConcurrent(a: Change, at = ""): OperationError {
  const what =
    a.type === "create" ? "creates what was there already" : "changes what was not there";
  const message = `The edit ${what}: read the diagram again and repeat it on what is there now.`;
  return new OperationError("not_concurrent", message, at);
}

function transformWrites(a: Writes, b: Writes, aWins: boolean): Writes {
  const out = new Map<string, Write>();
  for (const [path, mine] of a) {
    if (pathAbove(path, b) !== null) continue;
    const theirs = b.get(path);
    const write = theirs === undefined ? mine : transformWrite(mine, theirs, aWins);
    if (write !== null) out.set(path, write);
  }
  return out;
}

/** One write after another at the same path. */
export function transformWrite(a: Write, b: Write, aWins: boolean): Write | null {
  if (a.type === "text") return b.type === "text" ? transformTexts(a, b, aWins) : null;
  return b.type === "text" || aWins ? a : null;
}

function transformTexts(a: Text, b: Text, aWins: boolean): Text | null {
  const edit = transformText(a.edit, b.edit, aWins);
  return edit.length === 0 ? null : { type: "text", edit };
}
