/** Who else is here and what they do; and showing what I do, at a bounded pace. */
import { advance, isObject, type Json, type JsonObject, valueAt } from "../ot/index.ts";
import { colourOf } from "./colour.ts";
import {
  MAX_ACTIVITY_LENGTH,
  MAX_FROM_PEER,
  MAX_PRESENCE_BYTES,
  PRESENCE_INTERVAL_MS,
} from "./limits.ts";
import type { PresenceShown } from "./messages.ts";
import type { Caret, Peer, PresenceState, PreviewBox } from "./types.ts";

/** Sessions of others, by id. */
export class Peers {
  readonly #peers = new Map<string, Peer>();
  #list: readonly Peer[] = [];

  /** In an order that does not depend on who did something last. */
  get list(): readonly Peer[] {
    return this.#list;
  }

  shown(message: PresenceShown): void {
    const { session_id: sessionId, participant } = message;
    if (!isObject(message.state)) {
      this.#peers.delete(sessionId);
    } else {
      const colour = colourOf(participant.id);
      const state = readState(message.state);
      this.#peers.set(sessionId, { sessionId, participant, state, colour });
    }
    this.#list = [...this.#peers.values()].sort(byName);
  }

  clear(): void {
    this.#peers.clear();
    this.#list = [];
  }
}

function byName(x: Peer, y: Peer): number {
  return (
    x.participant.name.localeCompare(y.participant.name) || (x.sessionId < y.sessionId ? -1 : 1)
  );
}

/** What a peer says it does, as far as it is well formed. */
function readState(json: JsonObject): PresenceState {
  const state: PresenceState = {};
  const cursor = readPoint(json.cursor);
  const selection = readSelection(json.selection);
  const preview = readPreview(json.preview);
  const caret = readCaret(json.caret);
  if (cursor !== null) state.cursor = cursor;
  if (selection !== null) state.selection = selection;
  if (preview !== null) state.preview = preview;
  if (caret !== null) state.caret = caret;
  if (typeof json.activity === "string" && json.activity !== "") {
    state.activity = json.activity.slice(0, advance(json.activity, 0, MAX_ACTIVITY_LENGTH));
  }
  return state;
}

function readPoint(json: Json | undefined): PreviewBox | null {
  if (!isObject(json) || !isFiniteNumber(json.x) || !isFiniteNumber(json.y)) return null;
  return { x: json.x, y: json.y };
}

function readSelection(json: Json | undefined): { nodes: string[]; edges: string[] } | null {
  return isObject(json) ? { nodes: readIds(json.nodes), edges: readIds(json.edges) } : null;
}

function readIds(json: Json | undefined): string[] {
  if (!Array.isArray(json)) return [];
  return json.slice(0, MAX_FROM_PEER).filter((id) => typeof id === "string");
}

function readPreview(json: Json | undefined): Record<string, PreviewBox> | null {
  if (!isObject(json)) return null;
  const boxes = new Map<string, PreviewBox>();
  for (const id of Object.keys(json).slice(0, MAX_FROM_PEER)) {
    const box = readBox(valueAt(json, id));
    if (box !== null) boxes.set(id, box);
  }
  return Object.fromEntries(boxes);
}

function readBox(json: Json | undefined): PreviewBox | null {
  const box = readPoint(json);
  if (box === null || !isObject(json)) return null;
  const { width, height } = json;
  const isSized = isFiniteNumber(width) && isFiniteNumber(height) && width > 0 && height > 0;
  return isSized ? { ...box, width, height } : box;
}

function readCaret(json: Json | undefined): Caret | null {
  if (!isObject(json)) return null;
  const { target, id, path, from, to } = json;
  if (target !== "node" && target !== "edge" && target !== "diagram") return null;
  if (typeof id !== "string" || typeof path !== "string") return null;
  return isFiniteNumber(from) && isFiniteNumber(to) ? { target, id, path, from, to } : null;
}

function isFiniteNumber(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Sends what was shown last, at once after a pause and else at the end of it. */
export class OwnPresence {
  readonly #send: (state: PresenceState) => void;
  #state: PresenceState = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;

  constructor(send: (state: PresenceState) => void) {
    this.#send = send;
  }

  show(state: PresenceState): void {
    this.#state = state;
    if (this.#timer === undefined) this.#sendNow();
    else this.#isDue = true;
  }

  /** After a new subscription, which begins without any; who shows nothing is here all the same. */
  showAgain(): void {
    this.show(this.#state);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
  }

  #sendNow(): void {
    this.#isDue = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isDue) this.#sendNow();
    }, PRESENCE_INTERVAL_MS);
    this.#send(bounded(this.#state));
  }
}

/** Without its previews, and then its selection, where all of it is more than the server takes. */
function bounded(state: PresenceState): PresenceState {
  if (isSmall(state)) return state;
  const { preview: _preview, ...less } = state;
  if (isSmall(less)) return less;
  const { selection: _selection, ...least } = less;
  return least;
}

function isSmall(state: PresenceState): boolean {
  const envelopeBytes = 512;
  return (
    new TextEncoder().encode(JSON.stringify(state)).length < MAX_PRESENCE_BYTES - envelopeBytes
  );
}
