/** What others do at an element: who has it selected, whose edit it just was, who types in it. */
import type { ActivityEntry, DiagramView, Operation, PresenceState } from "@diagramai/client";
import type { PeerCaret } from "../text/index.ts";

/** How long an element glows after an agent changed it. */
export const GLOW_MS = 2_000;
/** Elements that glow at once; more would only be noise. */
export const MAX_GLOWING = 500;

export interface PeerMark {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  readonly agent: boolean;
  /** What an agent is doing, at the first of the elements that it does it to. */
  readonly activity?: string;
}

export interface Glow {
  readonly colour: string;
  /** Another one each time, so that the animation begins anew. */
  readonly turn: number;
}

/** Everything shown at one element; the same object while nothing of it changed. */
export interface Marks {
  readonly peers: readonly PeerMark[];
  readonly carets: readonly PeerCaret[];
  readonly glow: Glow | null;
}

/** What of a view says who is here and what was done. */
export type SeenView = Pick<DiagramView, "peers" | "activity">;

export const NO_MARKS: Marks = { peers: [], carets: [], glow: null };

export type MarkTarget = "node" | "edge";

function keyOf(target: MarkTarget, id: string): string {
  return `${target} ${id}`;
}

/** Marks by element, for components that each follow one. */
export class MarksStore {
  private marks: ReadonlyMap<string, Marks> = new Map();
  private readonly glows = new Map<string, Glow & { readonly until: number }>();
  private readonly listeners = new Set<() => void>();
  private touched = new Set<string>();
  private readonly known = new WeakSet<ActivityEntry>();
  private turn = 0;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  of(target: MarkTarget, id: string): Marks {
    return this.marks.get(keyOf(target, id)) ?? NO_MARKS;
  }

  /** When the next glow ends, in the clock's milliseconds; `null` for never. */
  get nextExpiry(): number | null {
    const times = [...this.glows.values()].map(({ until }) => until);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** An operation of somebody else has been applied. */
  applied(a: Operation): void {
    for (const id of a.nodes.keys()) this.touched.add(keyOf("node", id));
    for (const id of a.edges.keys()) this.touched.add(keyOf("edge", id));
  }

  /** Takes in who is here and what they did. `agentColour`: of an agent that has left already. */
  update(view: SeenView, now: number, agentColour: string): void {
    this.glow(view, now, agentColour);
    for (const [key, { until }] of this.glows) if (until <= now) this.glows.delete(key);
    this.replace(marksIn(view, this.glows));
  }

  private glow(view: SeenView, now: number, agentColour: string): void {
    const touched = this.touched;
    this.touched = new Set();
    for (const entry of view.activity) {
      if (this.known.has(entry)) continue;
      this.known.add(entry);
      if (entry.mine || entry.author.kind !== "agent") continue;
      const peer = view.peers.find(({ participant }) => participant.id === entry.author.id);
      this.turn += 1;
      const glow = { colour: peer?.colour ?? agentColour, turn: this.turn, until: now + GLOW_MS };
      for (const key of keysOf(entry, touched)) this.glows.set(key, glow);
    }
  }

  private replace(next: Map<string, Marks>): void {
    let changed = next.size !== this.marks.size;
    for (const [key, marks] of next) {
      const old = this.marks.get(key);
      if (old !== undefined && JSON.stringify(old) === JSON.stringify(marks)) next.set(key, old);
      else changed = true;
    }
    if (!changed) return;
    this.marks = next;
    for (const listener of this.listeners) listener();
  }
}

/** The elements of the entry that were touched just now: it may have older ones folded in. */
function keysOf(entry: ActivityEntry, touched: ReadonlySet<string>): string[] {
  const { nodes, edges } = entry.touched;
  const keys = [...nodes.map((id) => keyOf("node", id)), ...edges.map((id) => keyOf("edge", id))];
  return keys.filter((key) => touched.has(key)).slice(0, MAX_GLOWING);
}

function selectedKeys(selection: PresenceState["selection"]): string[] {
  const { nodes = [], edges = [] } = selection ?? {};
  return [...nodes.map((id) => keyOf("node", id)), ...edges.map((id) => keyOf("edge", id))];
}

function marksIn(view: SeenView, glows: ReadonlyMap<string, Glow>): Map<string, Marks> {
  const found = new Map<string, { peers: PeerMark[]; carets: PeerCaret[]; glow: Glow | null }>();
  const at = (key: string) => {
    const known = found.get(key) ?? { peers: [], carets: [], glow: null };
    found.set(key, known);
    return known;
  };
  for (const peer of view.peers) {
    const { selection, caret, activity } = peer.state;
    const { sessionId: key, colour } = peer;
    const { name, kind } = peer.participant;
    const agent = kind === "agent";
    const mark = { key, name, colour, agent };
    const first = agent && activity !== undefined ? { ...mark, activity } : mark;
    selectedKeys(selection).forEach((target, place) => {
      at(target).peers.push(place === 0 ? first : mark);
    });
    if (caret !== undefined && caret.target !== "diagram") {
      const { from, to } = caret;
      at(keyOf(caret.target, caret.id)).carets.push({ key, name, colour, from, to });
    }
  }
  for (const [key, { colour, turn }] of glows) at(key).glow = { colour, turn };
  return found;
}
