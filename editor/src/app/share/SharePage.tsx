import { type JSX, useEffect, useRef, useState } from "react";
import { ApiError } from "../api/http.ts";
import { redeemLink } from "../api/sharing.ts";
import { Message } from "../Message.tsx";
import { diagramPath, navigate, startPath } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Link } from "../ui/Link.tsx";
import { Mark } from "../ui/Mark.tsx";
import { sentenceOf } from "../words/failure.ts";

/** The longest name of a guest, in characters. */
const MAX_NAME_LENGTH = 100;

const TITLES: ReadonlyMap<string, string> = new Map([
  ["link_expired", "This link has expired"],
  ["link_revoked", "This link was taken back"],
  ["link_not_found", "This link leads nowhere"],
]);

interface SharePageProps {
  signedIn: boolean;
  /** Asks anew who is signed in. */
  onEntered: () => void;
}

/** Where a share link leads: in, or to why not. The secret goes out of the address at once. */
export function SharePage({ signedIn, onEntered }: SharePageProps): JSX.Element {
  const [token] = useState(takeToken);
  const [error, setError] = useState<unknown>(null);
  const [running, setRunning] = useState(false);
  const enter = async (name: string | null): Promise<void> => {
    setRunning(true);
    setError(null);
    try {
      const id = await redeemLink(token, name);
      navigate(diagramPath(id), { replace: true });
      onEntered();
    } catch (reason) {
      setError(reason);
      setRunning(false);
    }
  };
  useAtOnce(signedIn && token !== "", () => void enter(null));
  useEffect(() => {
    document.title = "A shared diagram · DiagramAI";
  }, []);
  if (token === "") {
    return <NoWay title="This link is not complete" text="Ask who sent it for the whole link." />;
  }
  if (error !== null) {
    const title = (error instanceof ApiError && TITLES.get(error.code)) || null;
    if (title !== null) return <NoWay title={title} text={wordsOf(error)} />;
  }
  if (signedIn) {
    return error === null ? (
      <div className="app-waiting" aria-busy="true" />
    ) : (
      <Message title="The diagram cannot be opened" text={wordsOf(error)}>
        <Button look="primary" onClick={() => void enter(null)}>
          Try again
        </Button>
      </Message>
    );
  }
  return (
    <Stranger running={running} error={error === null ? null : wordsOf(error)} onEnter={enter} />
  );
}

/** What stands after the #, which the browser has sent to nobody; it is not kept in the history. */
function takeToken(): string {
  const token = location.hash.slice(1);
  if (token !== "") history.replaceState(null, "", location.pathname);
  return token;
}

/** Once, however often the page is rendered. */
function useAtOnce(wanted: boolean, work: () => void): void {
  const done = useRef(false);
  useEffect(() => {
    if (!wanted || done.current) return;
    done.current = true;
    work();
  });
}

/** A link's own trouble has its sentence; there is no field to name. */
function wordsOf(error: unknown): string {
  return error instanceof ApiError && error.at === "token" ? error.message : sentenceOf(error);
}

function NoWay({ title, text }: { title: string; text: string }): JSX.Element {
  return (
    <Message title={title} text={text}>
      <Link className="app-button app-button-primary" to={startPath()}>
        To your diagrams
      </Link>
    </Message>
  );
}

interface StrangerProps {
  running: boolean;
  error: string | null;
  onEnter: (name: string | null) => Promise<void>;
}

function Stranger({ running, error, onEnter }: StrangerProps): JSX.Element {
  const [name, setName] = useState("");
  return (
    <main className="app-message">
      <Mark />
      <h1>Somebody shares a diagram with you</h1>
      <p>You come in as a guest, for as long as the link lasts.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = name.trim();
          void onEnter(wanted === "" ? null : wanted);
        }}
      >
        <label className="app-field">
          <span>Your name, as others will see it</span>
          <input
            type="text"
            autoComplete="name"
            placeholder="Guest"
            maxLength={MAX_NAME_LENGTH}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        {error !== null && (
          <p className="app-field-error" role="alert">
            {error}
          </p>
        )}
        <div className="app-message-actions">
          <Button look="primary" type="submit" disabled={running}>
            {running ? "Opening…" : "Open the diagram"}
          </Button>
        </div>
      </form>
    </main>
  );
}
