import type { DiagramView, LiveDiagram } from "@diagramai/client";
import { type JSX, useRef } from "react";
import { theConnection } from "../connection.ts";
import { Mark } from "../ui/Mark.tsx";
import { Editor } from "./Editor.tsx";
import { Gone } from "./Gone.tsx";
import { useLiveDiagram, useView } from "./useLiveDiagram.ts";

/** One diagram: the editor, or why it cannot be shown. */
export function EditorPage({ id }: { id: string }): JSX.Element {
  const live = useLiveDiagram(id);
  return live === null ? <Waiting /> : <Opened live={live} />;
}

function Opened({ live }: { live: LiveDiagram }): JSX.Element {
  const view = useView(live);
  const shown = useStaysOpen(view);
  if (view.status === "ready" || view.status === "loading" || shown) {
    return <Editor live={live} view={view} connection={theConnection()} />;
  }
  return <Gone status={view.status} live={live} view={view} />;
}

/** A diagram that was open stays so while the server cannot reach it: it comes back by itself. */
function useStaysOpen(view: DiagramView): boolean {
  const opened = useRef(false);
  if (view.status === "ready") opened.current = true;
  return opened.current && view.status === "unavailable";
}

function Waiting(): JSX.Element {
  return (
    <div className="app-editor" aria-busy="true">
      <header className="app-editor-header">
        <Mark />
      </header>
    </div>
  );
}
