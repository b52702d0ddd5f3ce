import type { JSX } from "react";
import { usePolled } from "../app/usePolled.ts";
import { adminQuery, readAgents } from "./api.ts";
import { CHOICES_MS } from "./Shown.tsx";

interface AgentSelectProps {
  value: string;
  /** What stands for none. */
  none: string;
  /** Also those that are no more. */
  withRevoked?: boolean;
  onChange: (agentId: string) => void;
}

export function AgentSelect(props: AgentSelectProps): JSX.Element {
  const { value, none, withRevoked = false, onChange } = props;
  const path = adminQuery("agents", { revoked: withRevoked });
  const { data } = usePolled(path, readAgents, CHOICES_MS);
  const agents = data?.agents ?? [];
  const isKnown = value === "" || agents.some((agent) => agent.id === value);
  return (
    <label className="app-field">
      <span>Agent</span>
      <select value={value} required onChange={(event) => onChange(event.target.value)}>
        <option value="">{none}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {agents.map((agent) => (
          <option key={agent.id} value={agent.id}>
            {agent.name}
            {agent.state === "active" ? "" : ` (${agent.state})`}
          </option>
        ))}
      </select>
    </label>
  );
}
