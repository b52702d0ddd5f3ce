import type { JSX } from "react";
import { type AdminAgent, revokeAgent } from "../api.ts";
import { Confirm } from "../Confirm.tsx";

interface RevokeAgentProps {
  agent: AdminAgent;
  onClose: () => void;
}

export function RevokeAgent({ agent, onClose }: RevokeAgentProps): JSX.Element {
  return (
    <Confirm
      title={`Revoke ${agent.name}?`}
      keep="Keep it"
      act="Revoke"
      onClose={onClose}
      work={() => revokeAgent(agent.id)}
    >
      Its keys end for good, and within a second everything that it has open. What it did stays on
      record, and its name stays taken.
    </Confirm>
  );
}
