import type { JSX } from "react";
import { navigate } from "../../app/routes.ts";
import { Icon } from "../../app/ui/Icon.tsx";
import { Popover } from "../../app/ui/Popover.tsx";
import { count } from "../../app/words/count.ts";
import { exact } from "../../app/words/time.ts";
import { type AdminAgent, changeAgent, PERMISSIONS, type Permission } from "../api.ts";
import { placePath } from "../place.ts";
import { Trouble } from "../Shown.tsx";
import { Sparkline } from "../Sparkline.tsx";
import { useWork } from "../useWork.ts";
import { keyWords, lastUsedWords, PERMISSION_WORDS, switched, until } from "../words.ts";

export type Wanted = "edit" | "rotate" | "revoke";

interface AgentTableProps {
  agents: readonly AdminAgent[];
  now: number;
  onChanged: () => void;
  onWant: (what: Wanted, agent: AdminAgent) => void;
}

export function AgentTable({ agents, now, onChanged, onWant }: AgentTableProps): JSX.Element {
  return (
    <div className="ad-box">
      <table className="ad-table ad-agents">
        <thead>
          <tr>
            <th scope="col">Agent</th>
            {PERMISSIONS.map((each) => (
              <th scope="col" key={each} className="ad-narrow">
                {PERMISSION_WORDS[each]}
              </th>
            ))}
            <th scope="col">Limit</th>
            <th scope="col">Activity</th>
            <th scope="col">
              <span className="app-unseen">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <Row key={agent.id} agent={agent} now={now} onChanged={onChanged} onWant={onWant} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Omit<AgentTableProps, "agents"> {
  agent: AdminAgent;
}

function Row({ agent, now, onChanged, onWant }: RowProps): JSX.Element {
  const work = useWork();
  const change = (one: Permission, on: boolean): void =>
    work.run(async () => {
      await changeAgent(agent.id, { permissions: switched(agent.permissions, one, on) });
      onChanged();
    });
  return (
    <tr className={agent.state === "active" ? "" : "ad-off"}>
      <th scope="row">
        <span className="ad-name">{agent.name}</span>
        {agent.state !== "active" && <span className="ad-badge">{agent.state}</span>}
        <small>{keyWords(agent, now)}</small>
        <About agent={agent} now={now} />
        <Trouble error={work.error} />
      </th>
      {PERMISSIONS.map((each) => (
        <td key={each} className="ad-narrow" data-label={PERMISSION_WORDS[each]}>
          <PermissionBox agent={agent} one={each} busy={work.busy} onChange={change} />
        </td>
      ))}
      <td data-label="Limit" className="ad-nowrap">
        {agent.rateLimit.toLocaleString("en-GB")} / min
      </td>
      <td data-label="Activity">
        <Sparkline activity={agent.activity} />
        <small title={agent.lastUsed === null ? undefined : exact(agent.lastUsed)}>
          {lastUsedWords(agent, now)}
        </small>
      </td>
      <td className="ad-more">
        <Menu agent={agent} onWant={onWant} />
      </td>
    </tr>
  );
}

function About({ agent, now }: { agent: AdminAgent; now: number }): JSX.Element | null {
  const words = [
    agent.allDiagrams ? "" : `only where granted (${count(agent.grants, "diagram")})`,
    agent.owner === null ? "" : `for ${agent.owner.name}`,
    agent.expiresAt === null || agent.state !== "active" ? "" : until(agent.expiresAt, now),
  ].filter((each) => each !== "");
  return words.length === 0 ? null : <small>{words.join(" · ")}</small>;
}

interface PermissionBoxProps {
  agent: AdminAgent;
  one: Permission;
  busy: boolean;
  onChange: (one: Permission, on: boolean) => void;
}

/** "Everything" has all others in it; the last one stays: an agent that may nothing is revoked. */
function PermissionBox({ agent, one, busy, onChange }: PermissionBoxProps): JSX.Element {
  const isImplied = one !== "full_access" && agent.permissions.includes("full_access");
  const isOn = agent.permissions.includes(one);
  const isLast = isOn && agent.permissions.length === 1;
  const isFixed = isLast && one !== "full_access";
  return (
    <input
      type="checkbox"
      aria-label={`${agent.name}: ${PERMISSION_WORDS[one]}`}
      title={isFixed ? "The last one stays; revoke the agent instead" : undefined}
      checked={isOn || isImplied}
      disabled={busy || isImplied || isFixed || agent.state === "revoked"}
      onChange={(event) => onChange(one, event.target.checked)}
    />
  );
}

interface MenuProps {
  agent: AdminAgent;
  onWant: (what: Wanted, agent: AdminAgent) => void;
}

function Menu({ agent, onWant }: MenuProps): JSX.Element {
  const alive = agent.state !== "revoked";
  return (
    <Popover
      label={`More for ${agent.name}`}
      buttonClass="app-icon-button"
      button={<Icon name="more" />}
    >
      {(close) => {
        const item = (words: string, act: () => void, danger = false): JSX.Element => (
          <li>
            <button
              type="button"
              className={danger ? "app-menu-danger" : ""}
              onClick={() => {
                close();
                act();
              }}
            >
              {words}
            </button>
          </li>
        );
        const { id } = agent;
        return (
          <ul className="app-menu">
            {alive && item("Change…", () => onWant("edit", agent))}
            {alive && agent.keyPrefix !== null && item("New key…", () => onWant("rotate", agent))}
            {item("Its grants", () => navigate(placePath({ tab: "grants", agent: id })))}
            {item("Its audit", () => navigate(placePath({ tab: "audit", agent: id })))}
            {alive && item("Revoke…", () => onWant("revoke", agent), true)}
          </ul>
        );
      }}
    </Popover>
  );
}
