import type { ActivityEntry, DiagramView } from "@diagramai/client";
import type { JSX } from "react";
import { Icon } from "../../ui/Icon.tsx";
import { kindWord } from "../../words/people.ts";
import { ago, exact } from "../../words/time.ts";
import { useNow } from "../../words/useNow.ts";
import { present, type Selection } from "../selection.ts";

/** Relative times are renewed this often, in ms. */
const CLOCK_MS = 15_000;

interface ActivityProps {
  view: DiagramView;
  onLookAt: (selection: Selection) => void;
}

/** Who did what since the page was opened, newest first. */
export function Activity({ view, onLookAt }: ActivityProps): JSX.Element {
  const now = useNow(CLOCK_MS);
  if (view.activity.length === 0) {
    return <p className="app-dim">What you, others and agents do is listed here.</p>;
  }
  return (
    <ol className="app-activity">
      {view.activity.toReversed().map((entry) => (
        <li key={entry.id}>
          <Entry entry={entry} now={now} view={view} onLookAt={onLookAt} />
        </li>
      ))}
    </ol>
  );
}

function Entry({
  entry,
  now,
  view,
  onLookAt,
}: ActivityProps & { entry: ActivityEntry; now: number }): JSX.Element {
  const left = present(view.diagram, entry.touched);
  const gone = left.nodes.length + left.edges.length === 0;
  const then = Date.parse(entry.at);
  const kind = kindWord(entry.author);
  return (
    <button
      type="button"
      className={`app-activity-entry app-activity-${kind}`}
      disabled={gone}
      title={gone ? exact(then) : `${exact(then)}: show it`}
      onClick={() => onLookAt(left)}
    >
      <Icon name={kind === "agent" ? "robot" : kind} />
      <span>
        <strong>{entry.mine ? "You" : entry.author.name}</strong>
        {kind !== "person" && <em>{kind}</em>} {entry.summary}
        <small>
          <time dateTime={entry.at}>{ago(then, Math.max(now, then))}</time>
          {entry.count > 1 && ` · ${entry.count} edits`}
        </small>
      </span>
    </button>
  );
}
