import type { ReactNode } from "react";
import { colourStyle } from "../text/index.ts";
import type { PeerMark } from "./marks.ts";

/** Names shown at one element; the rest is a number. */
const MAX_TAGS = 3;

/** The names of those who have something selected. */
export function PeerTags({ peers }: { peers: readonly PeerMark[] }): ReactNode {
  if (peers.length === 0) return null;
  const more = peers.length - MAX_TAGS;
  return (
    <span className="cv-tags" aria-hidden="true">
      {peers.slice(0, MAX_TAGS).map((peer) => (
        <span key={peer.key} className="cv-tag" style={colourStyle(peer.colour)}>
          {peer.agent && <RobotMark />}
          {peer.name}
          {peer.activity !== undefined && (
            <>
              {" "}
              <span className="cv-tag-activity">{peer.activity}</span>
            </>
          )}
        </span>
      ))}
      {more > 0 && <span className="cv-tag cv-tag-more">+{more}</span>}
    </span>
  );
}

/** The sign of an agent: a small robot's head. */
export function RobotMark(): ReactNode {
  return (
    <svg className="cv-robot" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d="M6 1v2M2.5 3.5h7a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1z" />
      <path d="M4.2 5.6v1.2M7.8 5.6v1.2" />
    </svg>
  );
}
