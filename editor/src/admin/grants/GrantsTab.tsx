import { type JSX, useState } from "react";
import { diagramPath, navigate } from "../../app/routes.ts";
import { Button } from "../../app/ui/Button.tsx";
import { Link } from "../../app/ui/Link.tsx";
import { usePolled } from "../../app/usePolled.ts";
import { useNow } from "../../app/words/useNow.ts";
import { AgentSelect } from "../AgentSelect.tsx";
import { adminQuery, type Grant, readGrants, removeGrant } from "../api.ts";
import { Confirm } from "../Confirm.tsx";
import { DiagramFilter } from "../DiagramFilter.tsx";
import { Pager, usePages } from "../Pager.tsx";
import { type Place, placePath } from "../place.ts";
import { Empty, LIVE_MS, Shown } from "../Shown.tsx";
import { Time } from "../Time.tsx";
import { PERMISSION_WORDS } from "../words.ts";
import { SetGrant } from "./SetGrant.tsx";

const CLOCK_MS = 30_000;

type Open =
  | { readonly what: "new" }
  | { readonly what: "change"; readonly grant: Grant }
  | { readonly what: "remove"; readonly grant: Grant };

/** What agents are granted on single diagrams: of one agent, on one diagram, or all. */
export function GrantsTab({ place }: { place: Place }): JSX.Element {
  const { agent, diagram } = place;
  const pages = usePages();
  const [open, setOpen] = useState<Open | null>(null);
  const path = adminQuery("grants", { agent, diagram, before: pages.before });
  const polled = usePolled(path, readGrants, LIVE_MS);
  const go = (part: Partial<Place>): void => {
    pages.restart();
    navigate(placePath({ ...place, ...part }), { replace: true });
  };
  const close = (): void => {
    setOpen(null);
    polled.reload();
  };
  return (
    <section aria-label="Grants">
      <div className="ad-bar ad-filters">
        <AgentSelect value={agent} none="All agents" onChange={(id) => go({ agent: id })} />
        <DiagramFilter value={diagram} onChange={(id) => go({ diagram: id })} />
        <Button look="primary" icon="plus" onClick={() => setOpen({ what: "new" })}>
          New grant
        </Button>
      </div>
      <Shown
        polled={polled}
        isEmpty={({ rows }) => rows.length === 0}
        empty={<NoGrants isFiltered={agent !== "" || diagram !== ""} />}
      >
        {({ rows, next }) => (
          <>
            <GrantTable grants={rows} onOpen={setOpen} />
            <Pager pages={pages} next={next} />
          </>
        )}
      </Shown>
      {open?.what === "remove" && <RemoveGrant grant={open.grant} onClose={close} />}
      {(open?.what === "new" || open?.what === "change") && (
        <SetGrant
          agentId={agent}
          diagramId={diagram}
          grant={open.what === "change" ? open.grant : null}
          onClose={close}
        />
      )}
    </section>
  );
}

interface GrantTableProps {
  grants: readonly Grant[];
  onOpen: (open: Open) => void;
}

function GrantTable({ grants, onOpen }: GrantTableProps): JSX.Element {
  const now = useNow(CLOCK_MS);
  return (
    <div className="ad-box">
      <table className="ad-table">
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">Diagram</th>
            <th scope="col">May there</th>
            <th scope="col">Granted</th>
            <th scope="col">
              <span className="app-unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {grants.map((grant) => (
            <tr key={`${grant.agentId} ${grant.diagramId}`}>
              <th scope="row">
                <span className="ad-name">{grant.agentName}</span>
              </th>
              <td data-label="Diagram">
                <DiagramName grant={grant} />
              </td>
              <td data-label="May there">{grantWords(grant)}</td>
              <td data-label="Granted">
                <span>
                  <Time at={grant.grantedAt} now={now} />
                  {grant.grantedBy !== null && ` by ${grant.grantedBy}`}
                </span>
              </td>
              <td className="ad-actions">
                <Button
                  aria-label={`Change what ${grant.agentName} may do with ${grant.title}`}
                  onClick={() => onOpen({ what: "change", grant })}
                >
                  Change
                </Button>
                <Button
                  aria-label={`Remove the grant of ${grant.agentName} on ${grant.title}`}
                  onClick={() => onOpen({ what: "remove", grant })}
                >
                  Remove
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DiagramName({ grant }: { grant: Grant }): JSX.Element {
  const title = grant.title.trim() === "" ? "Untitled" : grant.title;
  if (grant.inTrash) {
    return (
      <span>
        {title} <span className="ad-badge">in the trash</span>
      </span>
    );
  }
  return (
    <span>
      <Link to={diagramPath(grant.diagramId)}>{title}</Link>
      {!grant.openToAgents && <span className="ad-badge">closed to agents</span>}
    </span>
  );
}

function grantWords({ permissions }: Grant): string {
  if (permissions.length === 0) return "Nothing: shut out";
  return permissions.map((each) => PERMISSION_WORDS[each]).join(", ");
}

function RemoveGrant({ grant, onClose }: { grant: Grant; onClose: () => void }): JSX.Element {
  return (
    <Confirm
      title="Remove this grant?"
      keep="Keep it"
      act="Remove"
      onClose={onClose}
      work={() => removeGrant(grant.diagramId, grant.agentId)}
    >
      {grant.agentName} then may do with “{grant.title}” what it may do with any diagram: what its
      permissions say, or nothing where it needs grants.
    </Confirm>
  );
}

function NoGrants({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  return (
    <Empty icon="link" title={isFiltered ? "There is no such grant" : "There is no grant yet"}>
      <p>
        A grant says what one agent may do with one diagram, within its permissions. Without one, an
        agent may do the same with every diagram, or nothing where it is confined to its grants.
      </p>
    </Empty>
  );
}
