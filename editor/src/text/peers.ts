/** Where others type. */
import type { DiagramView, PresenceState } from "@diagramai/client";
import type { TextPlace } from "./place.ts";

/** Somebody's caret or selection in a text, in code points. */
export interface PeerCaret {
  readonly key: string;
  readonly name: string;
  readonly colour: string;
  readonly from: number;
  readonly to: number;
}

const NO_CARETS: readonly PeerCaret[] = [];

/** Everybody else's carets in this text. */
export function caretsAt(view: Pick<DiagramView, "peers">, place: TextPlace): readonly PeerCaret[] {
  const carets = view.peers.flatMap((peer) => {
    const caret = peer.state.caret;
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
