/** What I show of myself, put together from several places: the canvas and each text field. */
import type { LiveDiagram, PresenceState } from "@diagramai/client";

/** Ids of one list, and nodes of one preview, that are shown to others. */
export const MAX_SHOWN = 100;
/** JSON characters of a whole state; the server takes 16 KiB with its envelope. */
export const MAX_STATE_CHARS = 12_000;

/** Where my presence is shown. */
export type PresenceTarget = Pick<LiveDiagram, "showPresence">;

/** Gathers the parts of my presence on one diagram and shows the whole. */
export class MyPresence {
  private readonly live: PresenceTarget;
  private state: PresenceState = {};

  constructor(live: PresenceTarget) {
    this.live = live;
  }

  /** Replaces one part; `undefined` removes it. */
  set<K extends keyof PresenceState>(part: K, value: PresenceState[K] | undefined): void {
    const before = this.state[part];
    if (before === value || JSON.stringify(before) === JSON.stringify(value)) return;
    const next = { ...this.state };
    if (value === undefined) delete next[part];
    else next[part] = value;
    this.state = next;
    this.live.showPresence(bounded(next));
  }
}

/** The state with long lists cut, and without them where it would still be too long to send. */
export function bounded(state: PresenceState): PresenceState {
  const out: PresenceState = { ...state };
  if (state.selection !== undefined) {
    const { nodes, edges } = state.selection;
    out.selection = { nodes: nodes.slice(0, MAX_SHOWN), edges: edges.slice(0, MAX_SHOWN) };
  }
  if (state.preview !== undefined) {
    out.preview = Object.fromEntries(Object.entries(state.preview).slice(0, MAX_SHOWN));
  }
  if (JSON.stringify(out).length <= MAX_STATE_CHARS) return out;
  const { selection: _selection, preview: _preview, ...rest } = out;
  return rest;
}

const known = new WeakMap<PresenceTarget, MyPresence>();

/** My presence on this diagram, one for everybody who adds to it. */
export function presenceOn(live: PresenceTarget): MyPresence {
  const found = known.get(live);
  if (found !== undefined) return found;
  const made = new MyPresence(live);
  known.set(live, made);
  return made;
}
