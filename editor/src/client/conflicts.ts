/** Where mine gave way: told, and how it is restored. */
import {
  type Change,
  type Diagram,
  type Element,
  isObject,
  type Json,
  NOTHING,
  type Operation,
  valueAt,
  type Write,
} from "../ot/index.ts";
import { newId } from "./building.ts";
import { MAX_CONFLICTS } from "./limits.ts";
import type { Loss } from "./losses.ts";
import type { Remembered } from "./memory.ts";
import { nameOf } from "./naming.ts";
import { isSame } from "./own_edits.ts";
import { valueAtPath } from "./paths.ts";
import type { Author, ConflictNotice } from "./types.ts";

export class Conflicts {
  #list: readonly ConflictNotice[] = [];
  readonly #told: string[] = [];
  #ids = 0;

  get list(): readonly ConflictNotice[] {
    return this.#list;
  }

  get(id: number): ConflictNotice | undefined {
    return this.#list.find((notice) => notice.id === id);
  }

  /**
   * Mine gave way to what `by` did. `S` is what is shown; what can be restored `review` says, once
   * that is up to date. The server and this client may both see one conflict: it is told once.
   */
  add(loss: Loss, by: Author, S: Diagram, remembered: Remembered): void {
    if (this.#isKnown(loss, by)) return;
    this.#ids += 1;
    const notice: ConflictNotice = {
      id: this.#ids,
      kind: loss.kind,
      target: loss.target,
      targetId: loss.id,
      path: loss.path,
      by,
      kept: loss.kept,
      dropped: wholeText(loss, remembered),
      at: new Date().toISOString(),
      canRestore: false,
      name: nameOf(elementOf(loss, S, remembered)),
    };
    const older = this.#list.find((each) => isSamePlace(each, notice));
    const whole = older === undefined ? notice : { ...notice, dropped: both(older, notice) };
    this.#list = [...this.#list.filter((each) => each !== older), whole].slice(-MAX_CONFLICTS);
  }

  #isKnown({ kind, target, id, path, kept, dropped }: Loss, by: Author): boolean {
    const key = JSON.stringify([kind, target, id, path, kept, dropped, by.kind, by.id]);
    if (this.#told.includes(key)) return true;
    this.#told.push(key);
    if (this.#told.length > MAX_CONFLICTS) this.#told.shift();
    return false;
  }

  /** Looks again at what can be restored, as the diagram is now. */
  review(S: Diagram, remembered: Remembered): void {
    let hasChanged = false;
    const list = this.#list.map((notice) => {
      const canRestore = restore(notice, S, remembered) !== null;
      if (canRestore === notice.canRestore) return notice;
      hasChanged = true;
      return { ...notice, canRestore };
    });
    if (hasChanged) this.#list = list;
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }
}

/** What I did in two edits, one sent and one waiting, gave way once. */
function isSamePlace(x: ConflictNotice, y: ConflictNotice): boolean {
  return (
    x.kind === y.kind &&
    x.target === y.target &&
    x.targetId === y.targetId &&
    x.path === y.path &&
    isSame(x.by, y.by)
  );
}

/** All that I wrote, where both are writes by path; else what I wrote last. */
function both(older: ConflictNotice, newer: ConflictNotice): Json | undefined {
  const [first, then] = [older.dropped, newer.dropped];
  const areWrites = isObject(first) && isObject(then) && isWrites(first) && isWrites(then);
  return areWrites ? { ...first, ...then } : then;
}

/** Of a text edit the server tells only what it inserted; the whole text as I had it says more. */
function wholeText(loss: Loss, remembered: Remembered): Json | undefined {
  const { dropped, target, id, path } = loss;
  if (typeof dropped !== "string" || path === "") return dropped;
  const before = remembered.text(target, id, path);
  return before?.includes(dropped) && before !== loss.kept ? before : dropped;
}

function elementOf(
  { target, id }: { target: string; id: string },
  S: Diagram,
  remembered: Remembered,
): Element | undefined {
  if (target === "node") return S.nodes.get(id) ?? remembered.node(id);
  if (target === "edge") return S.edges.get(id) ?? remembered.edge(id);
  return { label: S.title };
}

/** What writes the dropped value again; null where that cannot be done. */
export function restore(
  notice: ConflictNotice,
  S: Diagram,
  remembered: Remembered,
): Operation | null {
  if (notice.path !== "") return restoreValue(notice, S, remembered);
  const { target, targetId: id, dropped } = notice;
  if (target === "diagram") return null;
  const there = (target === "node" ? S.nodes : S.edges).get(id);
  if (dropped === undefined)
    return there === undefined ? null : only(target, id, { type: "delete" });
  if (!isObject(dropped)) return null;
  if (notice.kind === "id_collision") return create(target, newId(target), dropped, S);
  if (there !== undefined) return only(target, id, overwritten(there, dropped));
  return recreate(target, id, dropped, S, remembered);
}

function restoreValue(
  notice: ConflictNotice,
  S: Diagram,
  remembered: Remembered,
): Operation | null {
  const { target, targetId: id, path, dropped } = notice;
  const write: Write = dropped === undefined ? { type: "unset" } : { type: "set", value: dropped };
  const change: Change = { type: "update", writes: new Map([[path, write]]) };
  if (target === "diagram") return { ...NOTHING, diagram: change };
  const isReference = path === "/parentId" || path === "/source" || path === "/target";
  if (isReference && (typeof dropped !== "string" || !S.nodes.has(dropped))) return null;
  const there = (target === "node" ? S.nodes : S.edges).get(id);
  if (there !== undefined) return hasPlaceFor(path, there) ? only(target, id, change) : null;
  return recreate(target, id, { [path]: dropped ?? null }, S, remembered);
}

/** Whether what holds the path is an object. */
function hasPlaceFor(path: string, element: Element): boolean {
  const above = path.slice(0, path.lastIndexOf("/"));
  return above === "" || isObject(valueAtPath(element, above));
}

function only(target: "node" | "edge", id: string, change: Change): Operation {
  const changes = new Map([[id, change]]);
  return target === "node" ? { ...NOTHING, nodes: changes } : { ...NOTHING, edges: changes };
}

/** Writes by path begin with a slash; a whole element's keys do not. */
function isWrites(dropped: Element): boolean {
  const keys = Object.keys(dropped);
  return keys.length > 0 && keys.every((key) => key.startsWith("/"));
}

function overwritten(there: Element, dropped: Element): Change {
  if (!isWrites(dropped)) return { type: "replace", element: dropped };
  const writes = new Map<string, Write>();
  for (const path of Object.keys(dropped)) {
    const value = valueAt(dropped, path);
    if (value !== undefined && hasPlaceFor(path, there)) writes.set(path, { type: "set", value });
  }
  return writes.size === 0 ? { type: "replace", element: there } : { type: "update", writes };
}

/** What was deleted comes back as I had it, a node with those of its edges whose ends are there. */
function recreate(
  target: "node" | "edge",
  id: string,
  dropped: Element,
  S: Diagram,
  remembered: Remembered,
): Operation | null {
  const before = target === "node" ? remembered.node(id) : remembered.edge(id);
  const element = before ?? (isWrites(dropped) ? null : dropped);
  if (element === null) return null;
  const made = create(target, id, element, S);
  if (made === null || target === "edge") return made;
  const edges = new Map<string, Change>();
  for (const [edgeId, edge] of remembered.edgesOf(id)) {
    const hasEnds = [edge.source, edge.target].every((end) => end === id || isNode(end, S));
    if (hasEnds && !S.edges.has(edgeId)) edges.set(edgeId, { type: "create", element: edge });
  }
  return { ...made, edges };
}

function create(
  target: "node" | "edge",
  id: string,
  element: Element,
  S: Diagram,
): Operation | null {
  if (target === "edge") {
    if (!isNode(element.source, S) || !isNode(element.target, S)) return null;
    return only(target, id, { type: "create", element });
  }
  const { parentId, ...root } = element;
  const whole = parentId === undefined || isNode(parentId, S) ? element : root;
  return only(target, id, { type: "create", element: whole });
}

function isNode(id: Json | undefined, S: Diagram): boolean {
  return typeof id === "string" && S.nodes.has(id);
}
