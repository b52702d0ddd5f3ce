import { type JSX, useState } from "react";
import { diagramPath } from "../../app/routes.ts";
import { Button } from "../../app/ui/Button.tsx";
import { Icon } from "../../app/ui/Icon.tsx";
import { Link } from "../../app/ui/Link.tsx";
import { usePolled } from "../../app/usePolled.ts";
import { count } from "../../app/words/count.ts";
import { useNow } from "../../app/words/useNow.ts";
import { adminQuery, disconnect, type LiveSession, readSessions } from "../api.ts";
import { Confirm } from "../Confirm.tsx";
import { Empty, LIVE_MS, Shown } from "../Shown.tsx";
import { Time } from "../Time.tsx";
import { doorWords } from "../words.ts";

const CLOCK_MS = 5_000;
const MAX_DIAGRAMS_SHOWN = 3;

/** Who is connected to this server now, with what. */
export function SessionsTab(): JSX.Element {
  const polled = usePolled(adminQuery("sessions"), readSessions, LIVE_MS);
  const [ending, setEnding] = useState<LiveSession | null>(null);
  const close = (): void => {
    setEnding(null);
    polled.reload();
  };
  return (
    <section aria-label="Sessions">
      <Shown
        polled={polled}
        isEmpty={(sessions) => sessions.length === 0}
        empty={
          <Empty icon="person" title="Nobody is connected">
            <p>Editors that have a diagram open, and agents with a session, appear here at once.</p>
          </Empty>
        }
      >
        {(sessions) => (
          <>
            <p className="ad-said">{count(sessions.length, "connection")} open now</p>
            <SessionTable sessions={sessions} onEnd={setEnding} />
          </>
        )}
      </Shown>
      {ending !== null && <Disconnect session={ending} onClose={close} />}
    </section>
  );
}

interface SessionTableProps {
  sessions: readonly LiveSession[];
  onEnd: (session: LiveSession) => void;
}

function SessionTable({ sessions, onEnd }: SessionTableProps): JSX.Element {
  const now = useNow(CLOCK_MS);
  return (
    <div className="ad-box">
      <table className="ad-table">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">By</th>
            <th scope="col">From</th>
            <th scope="col">Since</th>
            <th scope="col">Diagrams</th>
            <th scope="col">
              <span className="app-unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <th scope="row">
                <span className="ad-who">
                  <Icon
                    name={session.isAgent ? "robot" : "person"}
                    className={session.isAgent ? "ad-agent" : ""}
                  />
                  <span className="ad-name">{session.name}</span>
                  {session.isYours && <span className="ad-badge">you</span>}
                </span>
              </th>
              <td data-label="By">{doorWords(session)}</td>
              <td data-label="From">{session.address ?? "unknown"}</td>
              <td data-label="Since">
                <Time at={session.since} now={now} />
              </td>
              <td data-label="Diagrams">
                <Diagrams session={session} />
              </td>
              <td className="ad-actions">
                <Button
                  aria-label={`Disconnect ${session.name} (${doorWords(session)})`}
                  onClick={() => onEnd(session)}
                >
                  Disconnect
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Diagrams({ session }: { session: LiveSession }): JSX.Element {
  const { diagrams } = session;
  if (diagrams.length === 0) {
    return <span className="app-dim">{session.door === "socket" ? "none" : "call by call"}</span>;
  }
  const others = diagrams.length - MAX_DIAGRAMS_SHOWN;
  return (
    <ul className="ad-list">
      {diagrams.slice(0, MAX_DIAGRAMS_SHOWN).map((each) => (
        <li key={each.id}>
          <Link to={diagramPath(each.id)}>
            {each.title.trim() === "" ? "Untitled" : each.title}
          </Link>
        </li>
      ))}
      {others > 0 && <li className="app-dim">and {others} more</li>}
    </ul>
  );
}

function Disconnect(props: { session: LiveSession; onClose: () => void }): JSX.Element {
  const { session, onClose } = props;
  return (
    <Confirm
      title={`Disconnect ${session.isYours ? "yourself" : session.name}?`}
      keep="Leave it"
      act="Disconnect"
      onClose={onClose}
      work={() => disconnect(session.id)}
    >
      {session.isAgent
        ? "The connection ends at once. The agent may come back with its key; revoke it to keep it out."
        : "The connection ends at once, and this sign-in with it: all tabs of that browser ask to sign in again. Edits that were not sent stay in the browser."}
    </Confirm>
  );
}
