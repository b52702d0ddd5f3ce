/** Who did what, in plain words. */
import {
  type Change,
  type Changes,
  type Diagram,
  isEmpty,
  type Operation,
  type Update,
} from "../ot/index.ts";
import { FOLD_WITHIN_MS, MAX_ACTIVITY, MAX_TOUCHED } from "./limits.ts";
import { nameOf } from "./naming.ts";
import type { ActivityEntry, Author, Touched } from "./types.ts";

/** What was done to how many; the names are those of the first few. */
type Verb =
  | "added"
  | "deleted"
  | "moved"
  | "resized"
  | "renamed"
  | "changed"
  | "connected"
  | "disconnected"
  | "reconnected"
  | "changed the connection"
  | "renamed the diagram"
  | "changed the diagram";

interface Deed {
  readonly verb: Verb;
  readonly target: "node" | "edge" | "diagram";
  readonly id: string;
}

/** Verbs whose object is in them already. */
const WHOLE: ReadonlySet<Verb> = new Set(["renamed the diagram", "changed the diagram"]);

/** What was done, and where, before it is put into words. */
interface Entry {
  readonly id: number;
  readonly author: Author;
  readonly mine: boolean;
  at: string;
  count: number;
  /** By verb and target, so that moving one node twice is moving one node. */
  readonly deeds: Map<string, Deed>;
  /** Names of what is spoken of, as they were when it was done. */
  readonly names: Map<string, string>;
}

/** The list of what happened while the diagram was open; bounded. */
export class Activity {
  #last: Entry | null = null;
  #list: readonly ActivityEntry[] = [];
  #ids = 0;

  get list(): readonly ActivityEntry[] {
    return this.#list;
  }

  /** `S` is the diagram without `b`. */
  add(b: Operation, author: Author, mine: boolean, at: string, S: Diagram): void {
    if (isEmpty(b)) return;
    const deeds = [...deedsOf(b)];
    const last = this.#last;
    const goesOn = last !== null && belongsTo(last, author, at, deeds);
    const entry = goesOn ? last : this.#begin(author, mine, at);
    this.#last = entry;
    entry.at = at;
    entry.count += 1;
    for (const deed of deeds) note(entry, deed, b, S);
    const told = describeEntry(entry);
    this.#list = (goesOn ? this.#list.slice(0, -1) : this.#list).concat(told).slice(-MAX_ACTIVITY);
  }

  #begin(author: Author, mine: boolean, at: string): Entry {
    this.#ids += 1;
    return { id: this.#ids, author, mine, at, count: 0, deeds: new Map(), names: new Map() };
  }
}

/** Whether the edit goes on with what its author did last. */
function belongsTo(last: Entry, author: Author, at: string, deeds: readonly Deed[]): boolean {
  if (last.author.kind !== author.kind || last.author.id !== author.id) return false;
  if (Date.parse(at) - Date.parse(last.at) > FOLD_WITHIN_MS) return false;
  const verbs = new Set([...last.deeds.values()].map(({ verb }) => verb));
  return deeds.every(({ verb }) => verbs.has(verb));
}

function note(entry: Entry, deed: Deed, b: Operation, S: Diagram): void {
  const key = JSON.stringify([deed.verb, deed.target, deed.id]);
  if (entry.deeds.size >= MAX_TOUCHED && !entry.deeds.has(key)) return;
  entry.deeds.set(key, deed);
  const place = `${deed.target} ${deed.id}`;
  if (!entry.names.has(place)) entry.names.set(place, nameFor(deed, b, S));
}

/** An edge without a label is called by its ends. */
function nameFor(deed: Deed, b: Operation, S: Diagram): string {
  if (deed.target === "diagram") return "";
  const isNode = deed.target === "node";
  const change = (isNode ? b.nodes : b.edges).get(deed.id);
  const element =
    change?.type === "create" ? change.element : (isNode ? S.nodes : S.edges).get(deed.id);
  if (isNode || element === undefined) return quoted(nameOf(element));
  const [source, target] = [element.source, element.target].map((id) => {
    if (typeof id !== "string") return "";
    const created = b.nodes.get(id);
    return quoted(nameOf(created?.type === "create" ? created.element : S.nodes.get(id)));
  });
  return source && target ? `${source} to ${target}` : "";
}

function quoted(name: string): string {
  return name === "" ? "" : `“${name}”`;
}

function* deedsOf(a: Operation): Generator<Deed> {
  if (a.diagram !== null) {
    const isTitle =
      a.diagram.type === "update" &&
      [...a.diagram.writes.keys()].every((path) => path === "/title");
    yield {
      verb: isTitle ? "renamed the diagram" : "changed the diagram",
      target: "diagram",
      id: "",
    };
  }
  yield* deedsTo(a.nodes, "node", nodeVerb);
  yield* deedsTo(a.edges, "edge", edgeVerb);
}

function* deedsTo(
  changes: Changes,
  target: "node" | "edge",
  verbOf: (change: Change) => Verb,
): Generator<Deed> {
  for (const [id, change] of changes) yield { verb: verbOf(change), target, id };
}

const SIZE = /^\/(width|height|style\/(width|height))$/;
const RESIZE = /^\/(position.*|width|height|style\/(width|height))$/;

function nodeVerb(change: Change): Verb {
  if (change.type === "create") return "added";
  if (change.type === "delete") return "deleted";
  if (change.type === "replace") return "changed";
  if (all(change, (path) => path.startsWith("/position"))) return "moved";
  if (all(change, (path) => RESIZE.test(path)) && some(change, (path) => SIZE.test(path)))
    return "resized";
  return all(change, (path) => path === "/data/label") ? "renamed" : "changed";
}

function edgeVerb(change: Change): Verb {
  if (change.type === "create") return "connected";
  if (change.type === "delete") return "disconnected";
  if (
    change.type === "update" &&
    some(change, (path) => path === "/source" || path === "/target")
  ) {
    return "reconnected";
  }
  return "changed the connection";
}

function all({ writes }: Update, is: (path: string) => boolean): boolean {
  return [...writes.keys()].every(is);
}

function some({ writes }: Update, is: (path: string) => boolean): boolean {
  return [...writes.keys()].some(is);
}

function describeEntry(entry: Entry): ActivityEntry {
  const touched: Touched = { nodes: [], edges: [] };
  for (const { target, id } of entry.deeds.values()) {
    if (target === "node" && !touched.nodes.includes(id)) touched.nodes.push(id);
    if (target === "edge" && !touched.edges.includes(id)) touched.edges.push(id);
  }
  const { id, author, mine, at, count } = entry;
  return { id, author, mine, at, count, touched, summary: summaryOf(entry) };
}

/** The two kinds of deeds that most was done of; deleting a node deletes its edges without a word. */
function summaryOf(entry: Entry): string {
  const byVerb = new Map<Verb, Deed[]>();
  for (const deed of entry.deeds.values()) {
    byVerb.set(deed.verb, [...(byVerb.get(deed.verb) ?? []), deed]);
  }
  if (byVerb.has("deleted")) byVerb.delete("disconnected");
  const phrases = [...byVerb].slice(0, 2).map(([verb, deeds]) => phrase(verb, deeds, entry.names));
  return phrases.join(" and ") + (byVerb.size > 2 ? " and more" : "");
}

function phrase(verb: Verb, deeds: readonly Deed[], names: ReadonlyMap<string, string>): string {
  const [first] = deeds;
  if (first === undefined || WHOLE.has(verb)) return verb;
  const name = names.get(`${first.target} ${first.id}`) ?? "";
  if (deeds.length === 1 && name !== "") return `${verb} ${name}`;
  const isConnection = first.target === "edge";
  if (isConnection) return connectionPhrase(verb, deeds.length);
  return `${verb} ${deeds.length === 1 ? "a node" : `${deeds.length} nodes`}`;
}

function connectionPhrase(verb: Verb, count: number): string {
  const what = count === 1 ? "a connection" : `${count} connections`;
  if (verb === "connected") return `added ${what}`;
  if (verb === "disconnected") return `deleted ${what}`;
  return `${verb === "reconnected" ? "moved" : "changed"} ${what}`;
}
