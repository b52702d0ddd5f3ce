import type { DiagramView, LiveDiagram } from "@diagramai/client";
import type { JSX } from "react";
import { count } from "../../words/count.ts";
import type { Selection } from "../selection.ts";
import { DiagramProperties } from "./DiagramProperties.tsx";
import { EdgeProperties } from "./EdgeProperties.tsx";
import { NodeProperties } from "./NodeProperties.tsx";
import { useEdit } from "./useEdit.ts";

interface PropertiesProps {
  live: LiveDiagram;
  view: DiagramView;
  selection: Selection;
}

/** What is selected, to be looked at and changed; the diagram itself where nothing is. */
export function Properties({ live, view, selection }: PropertiesProps): JSX.Element {
  const { edit, refused } = useEdit(live);
  const { nodes, edges } = selection;
  const shared = { live, view, edit };
  if (view.status === "loading") return <p className="app-dim">Opening…</p>;
  const nothing = nodes.length + edges.length === 0;
  return (
    <div className="app-properties">
      <h2>{nothing ? "Diagram" : selectionWords(selection)}</h2>
      {refused !== null && (
        <p className="app-field-error" role="alert">
          {refused}
        </p>
      )}
      {nothing && <DiagramProperties {...shared} />}
      {nodes.length > 0 && <NodeProperties {...shared} ids={nodes} />}
      {edges.length > 0 && <EdgeProperties {...shared} ids={edges} />}
    </div>
  );
}

/** "1 node", "2 nodes and 1 edge". */
export function selectionWords({ nodes, edges }: Selection): string {
  const parts: string[] = [];
  if (nodes.length > 0) parts.push(count(nodes.length, "node"));
  if (edges.length > 0) parts.push(count(edges.length, "edge"));
  return parts.join(" and ");
}
