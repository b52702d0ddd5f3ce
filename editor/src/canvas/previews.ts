/** Where others are dragging nodes to, from their presence, until their operation says so for good. */
import type { Change, Operation, Peer } from "@diagramai/client";
import type { Box } from "./flow.ts";

/** How long a node stays where its preview ended, if no operation moves it there. */
export const PREVIEW_HOLD_MS = 1_000;

interface Held {
  readonly box: Box;
  /** When it goes, in the clock's milliseconds; `null` while it is still shown. */
  readonly until: number | null;
}

const NONE: ReadonlyMap<string, Box> = new Map();

/** Follows the previews of all peers. No clock of its own: it is told the time. */
export class PeerPreviews {
  private held = new Map<string, Held>();
  /** Previews that an operation has overtaken, until their owner shows something else. */
  private readonly overtaken = new Map<string, Box>();
  private shown: ReadonlyMap<string, Box> = NONE;

  /** Boxes by node id; the same object while nothing changed. */
  get boxes(): ReadonlyMap<string, Box> {
    return this.shown;
  }

  /** When `expire` has something to do next; `null` for never. */
  get nextExpiry(): number | null {
    const times = [...this.held.values()].flatMap(({ until }) => (until === null ? [] : [until]));
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Takes in what the peers show now. */
  update(peers: readonly Peer[], now: number): void {
    const next = new Map<string, Held>();
    const seen = new Set<string>();
    for (const peer of peers) {
      for (const [id, box] of Object.entries(peer.state.preview ?? {})) {
        seen.add(id);
        if (sameBox(this.overtaken.get(id), box)) continue;
        this.overtaken.delete(id);
        next.set(id, { box, until: null });
      }
    }
    for (const id of this.overtaken.keys()) if (!seen.has(id)) this.overtaken.delete(id);
    for (const [id, old] of this.held) {
      if (!next.has(id)) next.set(id, { ...old, until: old.until ?? now + PREVIEW_HOLD_MS });
    }
    this.held = next;
    this.expire(now);
  }

  /** An operation of somebody else has been applied: where it places nodes, it counts. */
  applied(a: Operation): void {
    for (const [id, change] of a.nodes) {
      const old = this.held.get(id);
      if (old === undefined || !places(change)) continue;
      this.held.delete(id);
      this.overtaken.set(id, old.box);
    }
    this.refresh();
  }

  /** Drops what was held long enough. */
  expire(now: number): void {
    for (const [id, { until }] of this.held) {
      if (until !== null && until <= now) this.held.delete(id);
    }
    this.refresh();
  }

  private refresh(): void {
    const unchanged =
      this.shown.size === this.held.size &&
      [...this.held].every(([id, { box }]) => sameBox(this.shown.get(id), box));
    if (unchanged) return;
    this.shown = new Map([...this.held].map(([id, { box }]) => [id, box]));
  }
}

function places(change: Change): boolean {
  if (change.type !== "update") return true;
  const paths = [...change.writes.keys()];
  return paths.some((path) => /^\/(position|width|height|parentId)(\/|$)/.test(path));
}

function sameBox(a: Box | undefined, b: Box): boolean {
  return a?.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
