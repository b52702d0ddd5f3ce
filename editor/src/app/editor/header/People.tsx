import type { Author, DiagramView, Peer } from "@diagramai/client";
import type { JSX } from "react";
import { useSession } from "../../api/useSession.ts";
import { Popover } from "../../ui/Popover.tsx";
import { hereSentence, kindWord } from "../../words/people.ts";
import { Avatar } from "./Avatar.tsx";

/** Avatars in the header; the list has everybody. */
const MAX_AVATARS = 4;

/** Who is here: avatars, and on a click the list with what each is doing. */
export function People({ view }: { view: DiagramView }): JSX.Element {
  const { participant: self } = useSession();
  const { peers } = view;
  const shown = peers.slice(0, MAX_AVATARS);
  const more = peers.length - shown.length;
  return (
    <Popover
      label={hereSentence(peers.map((peer) => peer.participant.name))}
      buttonClass="app-people"
      button={
        <>
          {shown.map((peer) => (
            <Avatar key={peer.sessionId} who={peer.participant} colour={peer.colour} />
          ))}
          {more > 0 && (
            <span
              className="app-avatar app-avatar-more"
              data-initials={`+${more}`}
              aria-hidden="true"
            />
          )}
          <Avatar who={self} colour="var(--ink-dim)" />
        </>
      }
    >
      {() => (
        <ul className="app-people-list">
          <li>
            <Avatar who={self} colour="var(--ink-dim)" />
            <span>
              <strong>{self.name}</strong>
              <small>you</small>
            </span>
          </li>
          {peers.map((peer) => (
            <Somebody key={peer.sessionId} peer={peer} self={self} />
          ))}
        </ul>
      )}
    </Popover>
  );
}

function Somebody({ peer, self }: { peer: Peer; self: Author }): JSX.Element {
  const { participant } = peer;
  const { activity } = peer.state;
  const mine = participant.kind === self.kind && participant.id === self.id;
  const who = mine ? "the same sign-in, another window" : kindWord(participant);
  return (
    <li>
      <Avatar who={participant} colour={peer.colour} />
      <span>
        <strong>{participant.name}</strong>
        <small>{activity === undefined ? who : `${who} · ${activity}`}</small>
      </span>
    </li>
  );
}
