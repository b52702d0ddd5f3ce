import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { LiveTextField } from "../../../text/index.ts";
import { tell } from "../../telling.ts";
import { MermaidPicture } from "./MermaidPicture.tsx";
import { textOf } from "./usePicture.ts";

/** The longest text of a diagram, in characters. */
const MAX_TEXT_LENGTH = 500_000;

interface MermaidProps {
  live: LiveDiagram;
  view: DiagramView;
}

/** A diagram that is a Mermaid text: the text, and what it means. */
export function MermaidStage(props: MermaidProps): JSX.Element {
  return (
    <div className="app-mermaid-stage">
      <MermaidText {...props} />
      <MermaidPicture {...props} />
    </div>
  );
}

/** Written by several people at once, as any text here. */
function MermaidText({ live, view }: MermaidProps): JSX.Element {
  return (
    <div className="app-mermaid">
      <pre className="app-mermaid-lines" aria-hidden="true">
        {lineNumbers(textOf(view))}
      </pre>
      <LiveTextField
        live={live}
        view={view}
        target="diagram"
        id=""
        path="/data/text"
        label="Mermaid text"
        multiline
        autoSize
        code
        maxLength={MAX_TEXT_LENGTH}
        placeholder="flowchart TD"
        wrapClassName="app-mermaid-text"
        onRefused={tell}
      />
    </div>
  );
}

/** "1\n2\n3", one number for each line of the text. */
export function lineNumbers(text: string): string {
  const lines = text.split("\n").length;
  return Array.from({ length: lines }, (_, i) => i + 1).join("\n");
}
