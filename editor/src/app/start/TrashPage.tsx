import { type JSX, useRef, useState } from "react";
import { type Entry, restoreDiagram } from "../api/diagrams.ts";
import { startPath, type TrashRoute, trashPath } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Link } from "../ui/Link.tsx";
import { count } from "../words/count.ts";
import { sentenceOf } from "../words/failure.ts";
import { ago, exact } from "../words/time.ts";
import { useNow } from "../words/useNow.ts";
import { StartHeader } from "./StartHeader.tsx";
import { useDiagrams } from "./useDiagrams.ts";
import { contentWords, kindIcon, titleOf } from "./words.ts";

const CLOCK_MS = 30_000;

interface TrashPageProps {
  route: TrashRoute;
  onSignedOut: () => void;
}

/** What was deleted of one's own, and how it comes back. */
export function TrashPage({ route, onSignedOut }: TrashPageProps): JSX.Element {
  const { page, loading, error, reload } = useDiagrams(route.page, "", onSignedOut, true);
  const now = useNow(CLOCK_MS);
  const [told, setTold] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const restored = (entry: Entry): void => {
    // The button that was pressed goes with its card.
    heading.current?.focus();
    setTold(`“${titleOf(entry)}” is back among your diagrams.`);
    reload();
  };
  return (
    <div className="app-start">
      <StartHeader onSignedOut={onSignedOut} />
      <main className="app-start-main app-start-one">
        <section aria-labelledby="app-trash">
          <div className="app-start-bar">
            <h1 id="app-trash" ref={heading} tabIndex={-1}>
              Trash
            </h1>
            <Link className="app-button app-button-plain" to={startPath()}>
              <Icon name="back" /> Your diagrams
            </Link>
          </div>
          <p role="status">{told}</p>
          {error !== null && (
            <div className="app-box app-box-bad" role="alert">
              <p>{error}</p>
              <Button onClick={reload}>Try again</Button>
            </div>
          )}
          {page !== null && page.entries.length === 0 && (
            <div className="app-box app-empty">
              <Icon name="trash" />
              <h2>The trash is empty</h2>
              <p>What you delete comes here, and can be restored as it was.</p>
            </div>
          )}
          <ul className="app-cards" aria-busy={loading}>
            {page?.entries.map((entry) => (
              <Trashed key={entry.id} entry={entry} now={now} onRestored={restored} />
            ))}
          </ul>
          {page !== null && page.pages > 1 && (
            <nav className="app-pager" aria-label="Pages of the list">
              <p>
                {count(page.total, "diagram")} · page {page.page} of {page.pages}
              </p>
              {page.page > 1 && <Link to={trashPath(page.page - 1)}>Newer</Link>}
              {page.page < page.pages && <Link to={trashPath(page.page + 1)}>Older</Link>}
            </nav>
          )}
        </section>
      </main>
    </div>
  );
}

interface TrashedProps {
  entry: Entry;
  now: number;
  onRestored: (entry: Entry) => void;
}

function Trashed({ entry, now, onRestored }: TrashedProps): JSX.Element {
  const [state, setState] = useState<"idle" | "running" | string>("idle");
  const restore = async (): Promise<void> => {
    setState("running");
    try {
      await restoreDiagram(entry.id);
      onRestored(entry);
    } catch (error) {
      setState(sentenceOf(error));
    }
  };
  return (
    <li className="app-card app-card-trashed">
      <span className="app-card-picture">
        <Icon name={kindIcon(entry.kind)} />
      </span>
      <div className="app-card-text">
        <h2>{titleOf(entry)}</h2>
        <p>{contentWords(entry)}</p>
        {entry.deletedAt !== null && (
          <p>
            deleted{" "}
            <time dateTime={new Date(entry.deletedAt).toISOString()} title={exact(entry.deletedAt)}>
              {ago(entry.deletedAt, now)}
            </time>
            {entry.deletedBy !== "" && ` by ${entry.deletedBy}`}
          </p>
        )}
        {state !== "idle" && state !== "running" && (
          <p className="app-field-error" role="alert">
            {state}
          </p>
        )}
      </div>
      <Button
        icon="undo"
        aria-label={`Restore ${titleOf(entry)}`}
        disabled={state === "running"}
        onClick={() => void restore()}
      >
        {state === "running" ? "Restoring…" : "Restore"}
      </Button>
    </li>
  );
}
