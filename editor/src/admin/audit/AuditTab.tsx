import { type JSX, useDeferredValue, useState } from "react";
import { navigate } from "../../app/routes.ts";
import { usePolled } from "../../app/usePolled.ts";
import { useNow } from "../../app/words/useNow.ts";
import { AgentSelect } from "../AgentSelect.tsx";
import { adminQuery, readAudit } from "../api.ts";
import { DiagramFilter } from "../DiagramFilter.tsx";
import { Pager, usePages } from "../Pager.tsx";
import { type Place, placePath } from "../place.ts";
import { Empty, LIVE_MS, Shown } from "../Shown.tsx";
import { SPANS, type Span, sinceOf } from "../words.ts";
import { AuditTable } from "./AuditTable.tsx";

/** How far back is shown moves on by the minute. */
const SPAN_CLOCK_MS = 60_000;

interface Filters {
  readonly operation: string;
  readonly result: "" | "done" | "refused";
  readonly span: Span;
}

/** What agents did and tried, newest first; the first page goes on by itself. */
export function AuditTab({ place }: { place: Place }): JSX.Element {
  const { agent, diagram } = place;
  const pages = usePages();
  const [filters, setFilters] = useState<Filters>({ operation: "", result: "", span: "day" });
  const operation = useDeferredValue(filters.operation.trim());
  const since = sinceOf(filters.span, useNow(SPAN_CLOCK_MS));
  const query = { agent, diagram, operation, result: filters.result, since, before: pages.before };
  const polled = usePolled(adminQuery("audit", query), readAudit, LIVE_MS);
  const go = (part: Partial<Place>): void => {
    pages.restart();
    navigate(placePath({ ...place, ...part }), { replace: true });
  };
  const filter = (part: Partial<Filters>): void => {
    pages.restart();
    setFilters({ ...filters, ...part });
  };
  return (
    <section aria-label="Audit">
      <div className="ad-bar ad-filters">
        <AgentSelect
          value={agent}
          none="All agents"
          withRevoked
          onChange={(id) => go({ agent: id })}
        />
        <DiagramFilter value={diagram} onChange={(id) => go({ diagram: id })} />
        <MoreFilters filters={filters} onChange={filter} />
      </div>
      <Shown
        polled={polled}
        isEmpty={({ rows }) => rows.length === 0}
        empty={
          <Empty icon="activity" title="Nothing is on record here">
            <p>
              Whatever an agent does or tries appears at once. A longer time, or fewer filters, may
              show more.
            </p>
          </Empty>
        }
      >
        {({ rows, next }) => (
          <>
            <AuditTable rows={rows} onDiagram={(id) => go({ diagram: id })} />
            <Pager pages={pages} next={next} />
          </>
        )}
      </Shown>
    </section>
  );
}

interface MoreFiltersProps {
  filters: Filters;
  onChange: (part: Partial<Filters>) => void;
}

function MoreFilters({ filters, onChange }: MoreFiltersProps): JSX.Element {
  return (
    <>
      <label className="app-field">
        <span>Operation</span>
        <input
          type="search"
          placeholder="All; a part of its name"
          maxLength={200}
          value={filters.operation}
          onChange={(event) => onChange({ operation: event.target.value })}
        />
      </label>
      <label className="app-field">
        <span>Result</span>
        <select
          value={filters.result}
          onChange={(event) => {
            const { value } = event.target;
            onChange({ result: value === "done" || value === "refused" ? value : "" });
          }}
        >
          <option value="">All</option>
          <option value="done">Done</option>
          <option value="refused">Refused or failed</option>
        </select>
      </label>
      <label className="app-field">
        <span>Time</span>
        <select
          value={filters.span}
          onChange={(event) => {
            const chosen = SPANS.find((each) => each.name === event.target.value);
            if (chosen !== undefined) onChange({ span: chosen.name });
          }}
        >
          {SPANS.map((each) => (
            <option key={each.name} value={each.name}>
              {each.words}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
