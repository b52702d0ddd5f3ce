import { type JSX, useState } from "react";
import { Button } from "../../app/ui/Button.tsx";
import { Icon } from "../../app/ui/Icon.tsx";
import { usePolled } from "../../app/usePolled.ts";
import { useNow } from "../../app/words/useNow.ts";
import { type AdminAgent, adminQuery, readAgents } from "../api.ts";
import { Empty, LIVE_MS, Shown } from "../Shown.tsx";
import { AgentTable, type Wanted } from "./AgentTable.tsx";
import { CreateAgent } from "./CreateAgent.tsx";
import { EditAgent } from "./EditAgent.tsx";
import { RevokeAgent } from "./RevokeAgent.tsx";
import { RotateKey } from "./RotateKey.tsx";

const CLOCK_MS = 30_000;

type Open = { readonly what: "create" } | { readonly what: Wanted; readonly agent: AdminAgent };

/** Every agent: what it may do, how much, what it did lately. */
export function AgentsTab(): JSX.Element {
  const [search, setSearch] = useState("");
  const [revoked, setRevoked] = useState(false);
  const [open, setOpen] = useState<Open | null>(null);
  const polled = usePolled(adminQuery("agents", { search, revoked }), readAgents, LIVE_MS);
  const now = useNow(CLOCK_MS);
  const close = (): void => {
    setOpen(null);
    polled.reload();
  };
  return (
    <section aria-label="Agents">
      <div className="ad-bar">
        <label className="app-filter">
          <Icon name="search" />
          <input
            type="search"
            aria-label="Search agents"
            placeholder="Search agents"
            maxLength={200}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
        <label className="ad-check">
          <input
            type="checkbox"
            checked={revoked}
            onChange={(event) => setRevoked(event.target.checked)}
          />
          Show revoked
        </label>
        <Button look="primary" icon="plus" onClick={() => setOpen({ what: "create" })}>
          New agent
        </Button>
      </div>
      <Shown
        polled={polled}
        isEmpty={({ agents }) => agents.length === 0}
        empty={<NoAgents search={search} onNew={() => setOpen({ what: "create" })} />}
      >
        {({ agents, more }) => (
          <>
            <AgentTable
              agents={agents}
              now={now}
              onChanged={polled.reload}
              onWant={(what, agent) => setOpen({ what, agent })}
            />
            {more && <p className="app-dim">There are more; search for the others.</p>}
          </>
        )}
      </Shown>
      {open !== null && <OpenDialog open={open} onClose={close} />}
    </section>
  );
}

function OpenDialog({ open, onClose }: { open: Open; onClose: () => void }): JSX.Element {
  switch (open.what) {
    case "create":
      return <CreateAgent onClose={onClose} />;
    case "edit":
      return <EditAgent agent={open.agent} onClose={onClose} />;
    case "rotate":
      return <RotateKey agent={open.agent} onClose={onClose} />;
    case "revoke":
      return <RevokeAgent agent={open.agent} onClose={onClose} />;
  }
}

function NoAgents({ search, onNew }: { search: string; onNew: () => void }): JSX.Element {
  if (search !== "") {
    return (
      <Empty icon="search" title="No agent is called that">
        <p>The search looks for a part of the name or id. Revoked agents are shown on request.</p>
      </Empty>
    );
  }
  return (
    <Empty icon="robot" title="There is no agent yet">
      <p>Make one: its key is shown once, with what to paste into the agent’s program.</p>
      <Button look="primary" icon="plus" onClick={onNew}>
        New agent
      </Button>
    </Empty>
  );
}
