import type { JSX } from "react";
import { type Entry, pathOf } from "../api/diagrams.ts";
import { diagramPath } from "../routes.ts";
import { Icon } from "../ui/Icon.tsx";
import { Link } from "../ui/Link.tsx";
import { Popover } from "../ui/Popover.tsx";
import { useCopy } from "../ui/useCopy.ts";
import { ago, exact } from "../words/time.ts";
import type { Opened } from "./StartPage.tsx";
import { Thumbnail } from "./Thumbnail.tsx";
import { agentWords, changedByAgent, contentWords, titleOf } from "./words.ts";

interface DiagramCardProps {
  entry: Entry;
  now: number;
  onOpen: (opened: Opened) => void;
}

/** One diagram in the list. The whole card leads to it; the link is its title. */
export function DiagramCard({ entry, now, onOpen }: DiagramCardProps): JSX.Element {
  const agents = agentWords(entry);
  return (
    <li className="app-card">
      <Thumbnail entry={entry} />
      <div className="app-card-text">
        <h2>
          <Link to={diagramPath(entry.id)}>{titleOf(entry)}</Link>
        </h2>
        {entry.description !== null && entry.description !== "" && (
          <p className="app-card-description">{entry.description}</p>
        )}
        <p>
          {contentWords(entry)}
          <span className="app-card-dot"> · </span>
          <Changed entry={entry} now={now} />
        </p>
        {entry.role === "viewer" && (
          <p className="app-card-viewed">
            <Icon name="locked" /> you can view it
          </p>
        )}
        {agents !== "" && (
          <p className="app-card-agents">
            <Icon name="robot" /> {agents}
          </p>
        )}
        <p className="app-card-id">
          id <code>{entry.id}</code> ·{" "}
          <a href={pathOf(entry.uuid)} aria-label={`${titleOf(entry)} as JSON`}>
            JSON
          </a>
        </p>
      </div>
      <CardMenu entry={entry} onOpen={onOpen} />
    </li>
  );
}

function Changed({ entry, now }: { entry: Entry; now: number }): JSX.Element {
  return (
    <span className="app-card-changed">
      changed{" "}
      <time dateTime={new Date(entry.updatedAt).toISOString()} title={exact(entry.updatedAt)}>
        {ago(entry.updatedAt, now)}
      </time>
      {changedByAgent(entry) && " by an agent"}
    </span>
  );
}

function CardMenu({
  entry,
  onOpen,
}: {
  entry: Entry;
  onOpen: (opened: Opened) => void;
}): JSX.Element {
  const title = titleOf(entry);
  return (
    <Popover
      label={`More for ${title}`}
      title="More"
      buttonClass="app-icon-button"
      button={<Icon name="more" />}
    >
      {(close) => (
        <ul className="app-menu">
          {entry.role !== "viewer" && (
            <li>
              <button
                type="button"
                onClick={() => {
                  close();
                  onOpen({ name: "rename", entry });
                }}
              >
                <Icon name="pencil" /> Rename
              </button>
            </li>
          )}
          <CopyId id={entry.id} />
          {(entry.role === "owner" || entry.role === null) && (
            <li>
              <button
                type="button"
                className="app-menu-danger"
                onClick={() => {
                  close();
                  onOpen({ name: "delete", entry });
                }}
              >
                <Icon name="trash" /> Delete
              </button>
            </li>
          )}
        </ul>
      )}
    </Popover>
  );
}

function CopyId({ id }: { id: string }): JSX.Element {
  const { state, copy } = useCopy();
  const words = { idle: "Copy the id", copied: "Copied", failed: "Select it in the list" }[state];
  return (
    <li>
      <button type="button" onClick={() => copy(id)}>
        <Icon name={state === "copied" ? "check" : "copy"} /> {words}
      </button>
    </li>
  );
}
