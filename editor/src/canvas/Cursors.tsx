import type { Author, Peer } from "@diagramai/client";
import { useStore, ViewportPortal } from "@xyflow/react";
import { memo, type ReactNode } from "react";
import { colourStyle } from "../text/index.ts";
import { RobotMark } from "./PeerTags.tsx";

/** Cursors drawn at once. */
const MAX_CURSORS = 100;

/** Everybody else's pointers, as large as mine at any zoom. */
export const Cursors = memo(function Cursors(props: {
  peers: readonly Peer[];
  self: Author | null;
}): ReactNode {
  const { peers, self } = props;
  const zoom = useStore((state) => state.transform[2]);
  const here = peers.filter(hasPointer).slice(0, MAX_CURSORS);
  return (
    <ViewportPortal>
      {here.map((peer) => (
        <Cursor
          key={peer.sessionId}
          peer={peer}
          zoom={zoom}
          mine={isSame(peer.participant, self)}
        />
      ))}
    </ViewportPortal>
  );
});

/** An agent that touches elements is told of at them instead: its pointer would cover them. */
function hasPointer(peer: Peer): boolean {
  const { cursor, selection } = peer.state;
  if (cursor === undefined) return false;
  if (peer.participant.kind !== "agent") return true;
  return (selection?.nodes.length ?? 0) + (selection?.edges.length ?? 0) === 0;
}

/** Whether it is me, in another window. */
function isSame(a: Author, b: Author | null): boolean {
  return a.id === b?.id && a.kind === b.kind;
}

function Cursor(props: { peer: Peer; zoom: number; mine: boolean }): ReactNode {
  const { peer, zoom, mine } = props;
  const { cursor, activity } = peer.state;
  const agent = peer.participant.kind === "agent";
  const { x, y } = cursor ?? { x: 0, y: 0 };
  return (
    <div
      className={`cv-cursor ${agent ? "cv-cursor-agent" : ""}`}
      style={{
        ...colourStyle(peer.colour),
        transform: `translate(${x}px, ${y}px) scale(${1 / zoom})`,
      }}
      aria-hidden="true"
    >
      <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
        {agent ? (
          <path d="M11 2 20 11 11 20 2 11Z" />
        ) : (
          <path d="M3 2.5 18.5 9.2 11.4 11.6 8.6 18.6Z" />
        )}
      </svg>
      <span className="cv-cursor-name">
        {agent && <RobotMark />}
        {mine ? `${peer.participant.name} (you)` : peer.participant.name}
        {activity !== undefined && <span className="cv-cursor-activity">{activity}</span>}
      </span>
    </div>
  );
}
