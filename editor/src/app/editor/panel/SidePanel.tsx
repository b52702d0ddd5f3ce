import type { DiagramView, LiveDiagram } from "@diagramai/client";
import { type JSX, useState } from "react";
import { useSession } from "../../api/useSession.ts";
import { ConnectAgent } from "../../ConnectAgent.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { type Tab, Tabs } from "../../ui/Tabs.tsx";
import type { Selection } from "../selection.ts";
import { Activity } from "./Activity.tsx";
import { Check } from "./check/Check.tsx";
import { Properties } from "./Properties.tsx";

type TabName = "properties" | "check" | "activity" | "agents";

interface SidePanelProps {
  live: LiveDiagram;
  view: DiagramView;
  selection: Selection;
  onLookAt: (selection: Selection) => void;
  onClose: () => void;
}

/** Beside the canvas; a sheet from below on narrow screens. */
export function SidePanel(props: SidePanelProps): JSX.Element {
  const { live, view, selection, onLookAt, onClose } = props;
  const session = useSession();
  const [chosen, setChosen] = useState<TabName>("properties");
  const check: Tab<TabName> = {
    name: "check",
    title: "Check",
    content: () => <Check live={live} view={view} onLookAt={onLookAt} />,
  };
  const tabs: readonly Tab<TabName>[] = [
    {
      name: "properties",
      title: "Properties",
      content: () => <Properties live={live} view={view} selection={selection} />,
    },
    // A text has no elements that could be wrong.
    ...(view.diagram.kind === "mermaid" ? [] : [check]),
    {
      name: "activity",
      title: "Activity",
      content: () => <Activity view={view} onLookAt={onLookAt} />,
    },
    {
      name: "agents",
      title: "Agents",
      content: () => (
        <>
          <h2>Let an agent draw with you</h2>
          <ConnectAgent server={session} />
        </>
      ),
    },
  ];
  return (
    <aside className="app-panel" aria-label="Side panel">
      <IconButton
        icon="close"
        label="Close the side panel"
        className="app-panel-close"
        onClick={onClose}
      />
      <Tabs label="Side panel" tabs={tabs} chosen={chosen} onChoose={setChosen} />
    </aside>
  );
}
