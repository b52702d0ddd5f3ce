import { type JSX, useState } from "react";
import {
  CONNECTIONS_PATH,
  keyCommand,
  mcpAddress,
  openAddress,
  type ServerFacts,
  snippets,
} from "./agents.ts";
import { CopyBlock } from "./ui/CopyBlock.tsx";
import { Tabs } from "./ui/Tabs.tsx";

interface ConnectAgentProps {
  server: ServerFacts;
  /** A key that was just made; without it, how to get in is told first. */
  agentKey?: string;
}

/** How an agent gets at the diagrams of this server: a key, then a snippet for its program. */
export function ConnectAgent({ server, agentKey }: ConnectAgentProps): JSX.Element {
  const all = snippets(server, agentKey);
  const [chosen, setChosen] = useState(all[0]?.client ?? "");
  const tabs = all.map((snippet) => ({
    name: snippet.client,
    title: snippet.client,
    content: () => (
      <>
        <p>{snippet.where}</p>
        <CopyBlock text={snippet.text} name={`Setup for ${snippet.client}`} />
      </>
    ),
  }));
  return (
    <div className="app-connect">
      {agentKey === undefined ? (
        <HowToGetIn server={server} />
      ) : (
        <p>Add this server to the agent; the key is in it already:</p>
      )}
      <Tabs label="Agent programs" tabs={tabs} chosen={chosen} onChoose={setChosen} />
      <p className="app-dim">
        Any other MCP client takes the same: streamable HTTP at <code>{mcpAddress(server)}</code>{" "}
        with the header <code>Authorization: Bearer KEY</code>.
      </p>
    </div>
  );
}

function HowToGetIn({ server }: { server: ServerFacts }): JSX.Element {
  return (
    <>
      <p>If it takes the address of a server, give it this one, and approve it in this browser:</p>
      <CopyBlock text={openAddress(server)} name="Address for agents" />
      <p>
        You see and end such agents under <a href={CONNECTIONS_PATH}>Connected agents</a>.
      </p>
      <p>Otherwise make a key for it. The key is shown once:</p>
      <CopyBlock text={keyCommand(server)} name="Command for a key" />
      <p>
        Then add this server to the agent, with the key in the place of <code>KEY</code>:
      </p>
    </>
  );
}
