import { Fragment, type JSX, useState } from "react";
import { diagramPath } from "../../app/routes.ts";
import { Button } from "../../app/ui/Button.tsx";
import { Icon } from "../../app/ui/Icon.tsx";
import { Link } from "../../app/ui/Link.tsx";
import { exact } from "../../app/words/time.ts";
import { useNow } from "../../app/words/useNow.ts";
import type { AuditRow } from "../api.ts";
import { changedBy, clock, durationWords } from "../words.ts";

/** The day may change while the page is open. */
const CLOCK_MS = 60_000;
const COLUMNS = 6;

interface AuditTableProps {
  rows: readonly AuditRow[];
  onDiagram: (diagramId: string) => void;
}

export function AuditTable({ rows, onDiagram }: AuditTableProps): JSX.Element {
  const now = useNow(CLOCK_MS);
  const [open, setOpen] = useState<number | null>(null);
  return (
    <div className="ad-box">
      <table className="ad-table ad-audit">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Agent</th>
            <th scope="col">Operation</th>
            <th scope="col">Diagram</th>
            <th scope="col">Result</th>
            <th scope="col">
              <span className="app-unseen">Details</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Fragment key={row.id}>
              <Row
                row={row}
                now={now}
                isOpen={open === row.id}
                onToggle={() => setOpen(open === row.id ? null : row.id)}
              />
              {open === row.id && (
                <tr className="ad-details" id={`ad-row-${row.id}`}>
                  <td colSpan={COLUMNS}>
                    <Details row={row} onDiagram={onDiagram} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  row: AuditRow;
  now: number;
  isOpen: boolean;
  onToggle: () => void;
}

function Row({ row, now, isOpen, onToggle }: RowProps): JSX.Element {
  const person = changedBy(row);
  return (
    <tr>
      <td data-label="When" className="ad-nowrap">
        <time dateTime={new Date(row.at).toISOString()} title={exact(row.at)}>
          {clock(row.at, now)}
        </time>
      </td>
      <td data-label="Agent">{row.agentName}</td>
      <td data-label="Operation">
        <code>{row.operation}</code>
        {person !== null && <span className="app-dim"> by {person}</span>}
      </td>
      <td data-label="Diagram">
        {row.diagramId === null ? (
          <span className="app-dim">none</span>
        ) : (
          <Link to={diagramPath(row.diagramId)}>{titleOf(row)}</Link>
        )}
      </td>
      <td data-label="Result">
        {row.success ? (
          <span className="ad-good">done</span>
        ) : (
          <span className="ad-bad">{row.error ?? "failed"}</span>
        )}
        {row.durationMs !== null && (
          <span className="app-dim ad-nowrap"> {durationWords(row.durationMs)}</span>
        )}
      </td>
      <td className="ad-more">
        <button
          type="button"
          className="app-icon-button"
          aria-expanded={isOpen}
          aria-controls={isOpen ? `ad-row-${row.id}` : undefined}
          aria-label={`Details of ${row.operation} by ${row.agentName}, ${exact(row.at)}`}
          title="Details"
          onClick={onToggle}
        >
          <Icon name={isOpen ? "close" : "info"} />
        </button>
      </td>
    </tr>
  );
}

function titleOf({ title }: AuditRow): string {
  return title === null || title.trim() === "" ? "Untitled" : title;
}

interface DetailsProps {
  row: AuditRow;
  onDiagram: (diagramId: string) => void;
}

function Details({ row, onDiagram }: DetailsProps): JSX.Element {
  const { diagramId } = row;
  const facts: readonly (readonly [string, string | null])[] = [
    ["Time", new Date(row.at).toISOString()],
    ["Took", row.durationMs === null ? null : durationWords(row.durationMs)],
    ["Revision", row.revision === null ? null : String(row.revision)],
    ["From", row.address],
    ["With", row.credential],
    ["Agent’s id", row.agentId],
    ["Diagram’s id", row.diagramId],
    ["In chain", `${row.chain} at ${row.position}`],
  ];
  return (
    <>
      <dl className="ad-facts">
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {row.data !== null && <pre className="ad-data">{JSON.stringify(row.data, null, 2)}</pre>}
      {diagramId !== null && (
        <Button look="quiet" onClick={() => onDiagram(diagramId)}>
          Only this diagram
        </Button>
      )}
    </>
  );
}
