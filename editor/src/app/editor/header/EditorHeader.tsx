import type { Connection, DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { LiveTextField } from "../../../text/index.ts";
import { startPath } from "../../routes.ts";
import { MAX_TITLE_LENGTH } from "../../start/TitleField.tsx";
import { attempt, tell } from "../../telling.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { ThemeSwitch } from "../../ui/ThemeSwitch.tsx";
import type { ConnectionFacts } from "../../useConnection.ts";
import { COMMAND } from "../keys.ts";
import type { Selection } from "../selection.ts";
import { ExportMenu } from "./ExportMenu.tsx";
import { HelpButton } from "./HelpButton.tsx";
import { People } from "./People.tsx";
import { SaveState } from "./SaveState.tsx";
import { ShareButton } from "./ShareButton.tsx";
import { TidyMenu } from "./TidyMenu.tsx";

interface EditorHeaderProps {
  live: LiveDiagram;
  view: DiagramView;
  connection: Connection;
  facts: ConnectionFacts;
  selection: Selection;
  panelOpen: boolean;
  onPanel: () => void;
}

/** What is open, how it stands, who is here, and what can be done with the whole. */
export function EditorHeader(props: EditorHeaderProps): JSX.Element {
  const { live, view, connection, facts, selection, panelOpen, onPanel } = props;
  const online = facts.state === "online" && view.status === "ready";
  return (
    <header className="app-editor-header">
      <Link
        className="app-icon-button app-back"
        to={startPath()}
        aria-label="Your diagrams"
        title="Your diagrams"
      >
        <Icon name="back" />
      </Link>
      <h1 className="app-editor-title">
        {view.status !== "loading" ? (
          <LiveTextField
            live={live}
            view={view}
            target="diagram"
            id=""
            path="/title"
            label="Title"
            placeholder="Untitled"
            maxLength={MAX_TITLE_LENGTH}
            className="app-title-field"
            onRefused={tell}
          />
        ) : (
          <span className="app-title-waiting">Opening…</span>
        )}
      </h1>
      <SaveState view={view} connection={connection} facts={facts} />
      <div className="app-editor-tools">
        <UndoButtons live={live} view={view} />
        {view.diagram.kind !== "mermaid" && (
          <TidyMenu live={live} view={view} selection={selection} online={online} />
        )}
        <ExportMenu live={live} view={view} online={online} />
        <ThemeSwitch />
        <HelpButton />
      </div>
      <People view={view} />
      <ShareButton id={live.id} />
      <IconButton
        icon="panel"
        label="Side panel"
        className="app-panel-toggle"
        aria-pressed={panelOpen}
        onClick={onPanel}
      />
    </header>
  );
}

function UndoButtons({ live, view }: { live: LiveDiagram; view: DiagramView }): JSX.Element {
  return (
    <>
      <IconButton
        icon="undo"
        label="Undo"
        keys={`${COMMAND}+Z`}
        disabled={!view.canUndo || view.readOnly}
        onClick={() => attempt(() => live.undo())}
      />
      <IconButton
        icon="redo"
        label="Redo"
        keys={`${COMMAND}+Shift+Z`}
        disabled={!view.canRedo || view.readOnly}
        onClick={() => attempt(() => live.redo())}
      />
    </>
  );
}
