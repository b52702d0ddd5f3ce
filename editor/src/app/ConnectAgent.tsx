import { type JSX, useState } from "react";
import { keyCommand, mcpAddress, type ServerFacts, snippets } from "./agents.ts";
import { CopyBlock } from "./ui/CopyBlock.tsx";
import { Tabs } from "./ui/Tabs.tsx";

/** How an agent gets at the diagrams of this server: a key, then a snippet for its program. */
export function ConnectAgent({ server }: { server: ServerFacts }): JSX.Element {
  const all = snippets(server);
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
      <p>Make a key for it. The key is shown once:</p>
      <CopyBlock text={keyCommand(server)} name="Command for a key" />
      <p>
        Then add this server to the agent, with the key in the place of <code>KEY</code>:
      </p>
      <Tabs label="Agent programs" tabs={tabs} chosen={chosen} onChoose={setChosen} />
      <p className="app-dim">
        Any other MCP client takes the same: streamable HTTP at <code>{mcpAddress(server)}</code>{" "}
        with the header <code>Authorization: Bearer KEY</code>.
      </p>
    </div>
  );
}
