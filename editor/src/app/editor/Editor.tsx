import type { Connection, DiagramView, LiveDiagram } from "@diagramai/client";
import { type JSX, useCallback, useEffect, useState } from "react";
import { Canvas } from "../../canvas/index.ts";
import { useFileDrop } from "../start/importing/useFileDrop.ts";
import { tell } from "../telling.ts";
import { useConnection } from "../useConnection.ts";
import { EditorHeader } from "./header/EditorHeader.tsx";
import { useUndoKeys } from "./keys.ts";
import { MermaidStage } from "./mermaid/MermaidText.tsx";
import { Notices } from "./notices/Notices.tsx";
import { SidePanel } from "./panel/SidePanel.tsx";
import {
  type Focus,
  NOTHING_SELECTED,
  present,
  type Selection,
  sameSelection,
} from "./selection.ts";
import { useLeaveWarning } from "./useLeaveWarning.ts";
import { useNarrow } from "./useMedia.ts";

interface EditorProps {
  live: LiveDiagram;
  view: DiagramView;
  connection: Connection;
}

/** The open diagram: header, canvas or text, panel, notices. */
export function Editor({ live, view, connection }: EditorProps): JSX.Element {
  const facts = useConnection(connection);
  const { selection, select, focus, lookAt } = useSelection(view);
  const [panelOpen, setPanelOpen] = usePanel();
  useUndoKeys(live);
  useLeaveWarning(view);
  useFileDrop(tellWhereFilesGo);
  useDocumentTitle(view);
  const shared = { live, view };
  const opening = view.status === "loading";
  const isText = view.diagram.kind === "mermaid";
  return (
    <div className="app-editor">
      <EditorHeader
        {...shared}
        connection={connection}
        facts={facts}
        selection={selection}
        panelOpen={panelOpen}
        onPanel={() => setPanelOpen(!panelOpen)}
      />
      <div className="app-editor-body">
        <main className="app-stage" aria-label="Diagram" aria-busy={opening}>
          {opening && <p className="app-opening">Opening the diagram…</p>}
          {view.status === "ready" && view.diagram.kind === "mermaid" && (
            <MermaidStage {...shared} />
          )}
          {!opening && !isText && (
            <Canvas {...shared} self={facts.participant} onSelectionChange={select} focus={focus} />
          )}
          <Notices {...shared} connection={connection} problems={facts.problems} />
        </main>
        {panelOpen && (
          <SidePanel
            {...shared}
            selection={selection}
            onLookAt={lookAt}
            onClose={() => {
              setPanelOpen(false);
              // What was pressed is gone with the panel.
              document.querySelector<HTMLElement>(".app-panel-toggle")?.focus();
            }}
          />
        )}
      </div>
    </div>
  );
}

function tellWhereFilesGo(): void {
  tell("Files are not added to an open diagram. Drop them on the page of your diagrams to import.");
}

function useSelection(view: DiagramView) {
  const [chosen, setChosen] = useState<Selection>(NOTHING_SELECTED);
  const [focus, setFocus] = useState<Focus | null>(null);
  const select = useCallback((next: Selection) => {
    setChosen((before) => (sameSelection(before, next) ? before : next));
  }, []);
  const lookAt = useCallback((wanted: Selection) => {
    setFocus((before) => ({ ...wanted, request: (before?.request ?? 0) + 1 }));
  }, []);
  return { selection: present(view.diagram, chosen), select, focus, lookAt };
}

/** Open from the start where there is room beside the canvas. */
function usePanel() {
  const narrow = useNarrow();
  const [open, setOpen] = useState(!narrow);
  useEffect(() => {
    if (narrow) setOpen(false);
  }, [narrow]);
  return [open, setOpen] as const;
}

function useDocumentTitle(view: DiagramView): void {
  const { title } = view.diagram;
  useEffect(() => {
    document.title = `${title.trim() === "" ? "Untitled" : title} · DiagramAI`;
  }, [title]);
}
