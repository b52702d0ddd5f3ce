/**
 * What of my edits is lost when they meet somebody else's, by the rules of `ot/conflicts.py`.
 *
 * The server tells of conflicts that it merges itself. An edit that waits here is brought up to date
 * here before it is sent, and the server never sees what it was.
 */
import { doomedEdges, orphanedNodes } from "../ot/closure.ts";
import {
  type Change,
  type Changes,
  deletedNodes,
  type Element,
  isBelow,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  mayMeet,
  type Operation,
  putValue,
  type Update,
  valueAt,
  type Write,
} from "../ot/index.ts";
import { valueAtPath } from "./paths.ts";
import type { Author, TargetKind } from "./types.ts";

/** One value of mine that a merge drops. */
export interface Loss {
  readonly kind: string;
  readonly target: TargetKind;
  readonly id: string;
  /** `""` for the whole element. */
  readonly path: string;
  /** What stands; undefined where it is gone. */
  readonly kept: Json | undefined;
  /** What I wrote; undefined where I deleted. */
  readonly dropped: Json | undefined;
}

/** A loss, and who did what it gave way to. */
export interface GaveWay {
  readonly loss: Loss;
  readonly by: Author;
}

interface Place {
  readonly target: TargetKind;
  readonly id: string;
}

/** Everything of `mine` that is dropped where it meets `theirs`, both made on one diagram. */
export function* lossesOf(
  mine: Operation,
  theirs: Operation,
  mineWins: boolean,
): Generator<Loss, void> {
  if (!mayMeet(mine, theirs)) return;
  if (mine.diagram !== null && theirs.diagram !== null) {
    yield* clash({ target: "diagram", id: "" }, mine.diagram, theirs.diagram, mineWins);
  }
  yield* clashes("node", mine.nodes, theirs.nodes, mineWins);
  yield* clashes("edge", mine.edges, theirs.edges, mineWins);
  const gone = new Set([...deletedNodes(mine), ...deletedNodes(theirs)]);
  if (gone.size === 0) return;
  for (const id of doomedEdges(mine.edges, theirs.edges, mineWins, gone)) {
    const change = mine.edges.get(id);
    if (change === undefined) continue;
    yield { ...whole("connection_conflict", { target: "edge", id }), dropped: contentOf(change) };
  }
  for (const id of orphanedNodes(mine.nodes, theirs.nodes, mineWins, gone)) {
    const parent = parentIn(mine.nodes.get(id));
    if (typeof parent !== "string" || !gone.has(parent)) continue;
    const place = whole("delete_while_editing", { target: "node", id });
    yield { ...place, path: "/parentId", dropped: parent };
  }
}

function whole(kind: string, place: Place) {
  return { kind, ...place, path: "", kept: undefined };
}

function* clashes(
  target: TargetKind,
  mine: Changes,
  theirs: Changes,
  mineWins: boolean,
): Generator<Loss> {
  for (const [id, change] of mine) {
    const other = theirs.get(id);
    if (other !== undefined) yield* clash({ target, id }, change, other, mineWins);
  }
}

function* clash(place: Place, mine: Change, theirs: Change, mineWins: boolean): Generator<Loss> {
  if (mine.type === "delete") return;
  if (theirs.type === "delete") {
    yield { ...whole("delete_while_editing", place), dropped: contentOf(mine) };
  } else if (mine.type === "update") {
    if (theirs.type === "update") yield* clashingWrites(place, mine, theirs, mineWins);
    else if (isVisible(mine, theirs.element)) {
      yield {
        ...whole("simultaneous_edit", place),
        kept: theirs.element,
        dropped: contentOf(mine),
      };
    }
  } else if (theirs.type === mine.type && !mineWins && !jsonEqual(mine.element, theirs.element)) {
    const kind = mine.type === "create" ? "id_collision" : "simultaneous_edit";
    yield { ...whole(kind, place), kept: theirs.element, dropped: mine.element };
  }
}

/** Whether a replacement by `element` changes anything that was written. */
function isVisible({ writes }: Update, element: Element): boolean {
  for (const [path, write] of writes) {
    if (write.type === "text" || !isSame(valueAtPath(element, path), writtenBy(write))) return true;
  }
  return false;
}

function* clashingWrites(
  place: Place,
  mine: Update,
  theirs: Update,
  mineWins: boolean,
): Generator<Loss> {
  for (const [path, write] of mine.writes) {
    const other = theirs.writes.get(path);
    const dropped = writtenBy(write);
    if (other !== undefined) {
      if (!gives(write, other, mineWins)) continue;
      const kept = writtenBy(other);
      if (write.type !== "text" && isSame(kept, dropped)) continue;
      yield { kind: kindOf(place.target, path), ...place, path, kept, dropped };
      continue;
    }
    const over = [...theirs.writes].find(([above]) => isBelow(path, above));
    if (over === undefined) continue;
    const kept = valueAround(path, over);
    if (write.type !== "text" && isSame(kept, dropped)) continue;
    yield { kind: kindOf(place.target, path), ...place, path, kept, dropped };
  }
}

/** Whether my write gives way to theirs at the same path. */
function gives(mine: Write, theirs: Write, mineWins: boolean): boolean {
  if (theirs.type === "text") return false;
  return mine.type === "text" || !mineWins;
}

/** What stands at `path` once something around it was written. */
function valueAround(path: string, [above, write]: [string, Write]): Json | undefined {
  const value = writtenBy(write);
  return isObject(value) ? valueAtPath(value, path.slice(above.length)) : undefined;
}

function isSame(x: Json | undefined, y: Json | undefined): boolean {
  return x === undefined || y === undefined ? x === y : jsonEqual(x, y);
}

/** What a write puts there; of a text edit, what it inserts. */
function writtenBy(write: Write): Json | undefined {
  if (write.type === "set") return write.value;
  if (write.type === "unset") return undefined;
  return write.edit.filter((part) => typeof part === "string").join("");
}

function kindOf(target: TargetKind, path: string): string {
  const isPosition = path === "/position" || path.startsWith("/position/");
  if (target === "node" && isPosition) return "position_conflict";
  const isEnd = path === "/source" || path === "/target";
  return target === "edge" && isEnd ? "connection_conflict" : "simultaneous_edit";
}

/** What a change wanted: the element, or the values by path. */
function contentOf(change: Change): Json {
  if (change.type === "delete") return null;
  if (change.type !== "update") return change.element;
  const values: JsonObject = {};
  for (const [path, write] of change.writes) putValue(values, path, writtenBy(write) ?? null);
  return values;
}

function parentIn(change: Change | undefined): Json | undefined {
  if (change === undefined || change.type === "delete") return undefined;
  if (change.type !== "update") return valueAt(change.element, "parentId");
  const write = change.writes.get("/parentId");
  return write?.type === "set" ? write.value : undefined;
}
