import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { Icon } from "../../ui/Icon.tsx";
import { textOf, usePicture } from "./usePicture.ts";

interface MermaidPictureProps {
  live: LiveDiagram;
  view: DiagramView;
}

/** What the text means, drawn. While it cannot be, the last picture stays, and why it is old is told. */
export function MermaidPicture({ live, view }: MermaidPictureProps): JSX.Element {
  const { address, error, undrawn, waiting } = usePicture(live, view);
  const isEmpty = textOf(view).trim() === "";
  const isOld = isEmpty || waiting || error !== null;
  return (
    <section className="app-mermaid-picture" aria-label="Picture" aria-busy={waiting && !isEmpty}>
      {address !== null && !isEmpty && (
        <img className={isOld ? "app-mermaid-old" : ""} src={address} alt="What the text means" />
      )}
      {address === null && !isEmpty && error === null && <p className="app-dim">Drawing…</p>}
      {isEmpty && <p className="app-dim">Write a flowchart or a mind map: it is drawn here.</p>}
      <div role="status">
        {error !== null && !isEmpty && (
          <p className={`app-mermaid-why ${undrawn ? "" : "app-mermaid-error"}`}>
            <Icon name={undrawn ? "info" : "warning"} />
            <span>{error}</span>
          </p>
        )}
      </div>
    </section>
  );
}
