import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { LiveTextField } from "../../text/index.ts";
import { tell } from "../telling.ts";

/** The longest text of a diagram, in characters. */
const MAX_TEXT_LENGTH = 500_000;

/** A Mermaid text: written by several people at once, as any text here. */
export function MermaidText({ live, view }: { live: LiveDiagram; view: DiagramView }): JSX.Element {
  const { text } = view.diagram.data;
  return (
    <div className="app-mermaid">
      <pre className="app-mermaid-lines" aria-hidden="true">
        {lineNumbers(typeof text === "string" ? text : "")}
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
