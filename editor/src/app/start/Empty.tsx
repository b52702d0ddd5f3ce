import type { JSX } from "react";
import { navigate, startPath } from "../routes.ts";
import { Button } from "../ui/Button.tsx";
import { CopyBlock } from "../ui/CopyBlock.tsx";
import { Icon } from "../ui/Icon.tsx";
import { shorten } from "../words/count.ts";

export function NothingYet({
  command,
  onNew,
}: {
  command: string;
  onNew: () => void;
}): JSX.Element {
  return (
    <div className="app-box app-empty">
      <Icon name="flowchart" />
      <h2>There is no diagram yet</h2>
      <p>Start one yourself, ask an agent for one, or bring those of an earlier DiagramAI along:</p>
      <CopyBlock text={`${command} import FILE`} name="Command for an import" />
      <Button look="primary" icon="plus" onClick={onNew}>
        New diagram
      </Button>
    </div>
  );
}

export function NothingFound({ filter }: { filter: string }): JSX.Element {
  return (
    <div className="app-box app-empty">
      <h2>No title has “{shorten(filter, 40)}” in it</h2>
      <Button onClick={() => navigate(startPath(), { replace: true })}>Show all diagrams</Button>
    </div>
  );
}
