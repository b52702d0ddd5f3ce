/** What others show of themselves, checked: presence is whatever their programs chose to send. */
import type { DiagramView, Peer, PresenceState } from "@diagramai/client";
import type { TextPlace } from "./place.ts";

/** Ids, or previewed nodes, that are taken from one peer. */
export const MAX_FROM_PEER = 500;
/** Characters of a peer's activity that are shown. */
export const MAX_ACTIVITY_CHARS = 80;

/** Somebody's caret or selection in a text, in code points. */
export interface PeerCaret {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  readonly from: number;
  readonly to: number;
}

const checked = new WeakMap<object, PresenceState>();
const NONE: PresenceState = {};

/** The peer's state with every part that is malformed left out. */
export function stateOf(peer: Peer): PresenceState {
  const raw: unknown = peer.state;
  if (!isRecord(raw)) return NONE;
  const found = checked.get(raw);
  if (found !== undefined) return found;
  const clean = cleanState(raw);
  checked.set(raw, clean);
  return clean;
}

function cleanState(raw: Record<string, unknown>): PresenceState {
  const out: PresenceState = {};
  const cursor = pointIn(raw.cursor);
  if (cursor !== null) out.cursor = cursor;
  if (isRecord(raw.selection)) {
    out.selection = { nodes: idsIn(raw.selection.nodes), edges: idsIn(raw.selection.edges) };
  }
  if (isRecord(raw.preview)) out.preview = previewIn(raw.preview);
  const caret = caretIn(raw.caret);
  if (caret !== undefined) out.caret = caret;
  if (typeof raw.activity === "string" && raw.activity !== "") {
    out.activity = [...raw.activity.slice(0, MAX_ACTIVITY_CHARS * 2)]
      .slice(0, MAX_ACTIVITY_CHARS)
      .join("");
  }
  return out;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function pointIn(value: unknown): { x: number; y: number } | null {
  if (!isRecord(value) || !isFiniteNumber(value.x) || !isFiniteNumber(value.y)) return null;
  return { x: value.x, y: value.y };
}

function idsIn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_FROM_PEER).filter((id) => typeof id === "string");
}

function previewIn(value: Record<string, unknown>): NonNullable<PresenceState["preview"]> {
  const entries = Object.entries(value).slice(0, MAX_FROM_PEER);
  return Object.fromEntries(
    entries.flatMap(([id, at]) => {
      const point = pointIn(at);
      if (point === null || !isRecord(at)) return [];
      const { width, height } = at;
      const sized = isFiniteNumber(width) && isFiniteNumber(height) && width > 0 && height > 0;
      return [[id, sized ? { ...point, width, height } : point]];
    }),
  );
}

function caretIn(value: unknown): PresenceState["caret"] {
  if (!isRecord(value)) return undefined;
  const { target, id, path, from, to } = value;
  if (target !== "node" && target !== "edge" && target !== "diagram") return undefined;
  if (typeof id !== "string" || typeof path !== "string") return undefined;
  if (!isFiniteNumber(from) || !isFiniteNumber(to)) return undefined;
  return { target, id, path, from, to };
}

const NO_CARETS: readonly PeerCaret[] = [];

/** Everybody else's carets in this text. */
export function caretsAt(view: Pick<DiagramView, "peers">, place: TextPlace): readonly PeerCaret[] {
  const carets = view.peers.flatMap((peer) => {
    const caret = stateOf(peer).caret;
    if (caret === undefined || !isAt(caret, place)) return [];
    const { from, to } = caret;
    return [{ key: peer.sessionId, name: peer.participant.name, colour: peer.colour, from, to }];
  });
  return carets.length === 0 ? NO_CARETS : carets;
}

function isAt(caret: NonNullable<PresenceState["caret"]>, place: TextPlace): boolean {
  if (caret.target !== place.target || caret.path !== place.path) return false;
  return place.target === "diagram" || caret.id === place.id;
}
