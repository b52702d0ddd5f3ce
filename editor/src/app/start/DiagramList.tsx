import type { JSX } from "react";
import type { Page } from "../api/diagrams.ts";
import { type StartRoute, startPath } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { Link } from "../ui/Link.tsx";
import { count } from "../words/count.ts";
import { useNow } from "../words/useNow.ts";
import { DiagramCard } from "./DiagramCard.tsx";
import { NothingFound, NothingYet } from "./Empty.tsx";
import type { Opened } from "./StartPage.tsx";
import type { DiagramList as List } from "./useDiagrams.ts";

/** Relative times are renewed this often, in ms. */
const CLOCK_MS = 30_000;
const SKELETONS = [1, 2, 3, 4] as const;

interface DiagramListProps {
  route: StartRoute;
  list: List;
  command: string;
  onOpen: (opened: Opened) => void;
}

export function DiagramList({ route, list, command, onOpen }: DiagramListProps): JSX.Element {
  const now = useNow(CLOCK_MS);
  const { page, loading, error } = list;
  return (
    <>
      {error !== null && <Failed message={error} onRetry={list.reload} />}
      {page === null && loading && <Skeleton />}
      {page !== null && page.entries.length === 0 && (
        <Empty route={route} page={page} command={command} onOpen={onOpen} />
      )}
      {page !== null && page.entries.length > 0 && (
        <>
          <ul className="app-cards" aria-busy={loading}>
            {page.entries.map((entry) => (
              <DiagramCard key={entry.id} entry={entry} now={now} onOpen={onOpen} />
            ))}
          </ul>
          <Pager route={route} page={page} />
        </>
      )}
    </>
  );
}

function Failed({ message, onRetry }: { message: string; onRetry: () => void }): JSX.Element {
  return (
    <div className="app-box app-box-bad" role="alert">
      <p>{message}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}

function Skeleton(): JSX.Element {
  return (
    <ul className="app-cards" aria-busy="true" aria-label="Loading your diagrams">
      {SKELETONS.map((number) => (
        <li key={number} className="app-card app-card-skeleton" aria-hidden="true">
          <span />
          <span />
          <span />
        </li>
      ))}
    </ul>
  );
}

interface EmptyProps {
  route: StartRoute;
  page: Page;
  command: string;
  onOpen: (opened: Opened) => void;
}

function Empty({ route, page, command, onOpen }: EmptyProps): JSX.Element {
  if (route.filter !== "") return <NothingFound filter={route.filter} />;
  if (page.total > 0) {
    return (
      <div className="app-box">
        <p>This page of the list is empty.</p>
        <Link to={startPath()}>To the first page</Link>
      </div>
    );
  }
  return <NothingYet command={command} onNew={() => onOpen({ name: "new" })} />;
}

function Pager({ route, page }: { route: StartRoute; page: Page }): JSX.Element {
  return (
    <nav className="app-pager" aria-label="Pages of the list">
      <p>
        {count(page.total, "diagram")}, newest change first
        {page.pages > 1 && ` · page ${page.page} of ${page.pages}`}
      </p>
      {page.page > 1 && (
        <Link className="app-button app-button-plain" to={startPath(page.page - 1, route.filter)}>
          Newer
        </Link>
      )}
      {page.page < page.pages && (
        <Link className="app-button app-button-plain" to={startPath(page.page + 1, route.filter)}>
          Older
        </Link>
      )}
    </nav>
  );
}
