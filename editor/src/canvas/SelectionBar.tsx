import type { ReactNode } from "react";
import { countOf } from "./edits.ts";
import type { CanvasModel, Selection } from "./model.ts";

/** What can be done to what is selected; the only way for those without a keyboard. */
export function SelectionBar(props: { model: CanvasModel; selection: Selection }): ReactNode {
  const { model, selection } = props;
  const { nodes, edges } = selection;
  if (nodes.size + edges.size === 0) return null;
  const only = model.onlySelected();
  const hasNodes = nodes.size > 0;
  return (
    <div className="cv-bar nokey" role="toolbar" aria-label="Selection">
      <span className="cv-bar-count">{named(selection)}</span>
      {only !== null && (
        <button type="button" onClick={() => model.startEditing(only.target, only.id)}>
          Edit text
        </button>
      )}
      {model.selectedPair() !== null && (
        <button type="button" onClick={() => model.connectSelected()}>
          Connect
        </button>
      )}
      {hasNodes && (
        <button type="button" onClick={() => model.duplicate()}>
          Duplicate
        </button>
      )}
      <button type="button" className="cv-bar-danger" onClick={() => model.deleteSelection()}>
        Delete
      </button>
    </div>
  );
}

function named({ nodes, edges }: Selection): string {
  const parts = [];
  if (nodes.size > 0) parts.push(countOf(nodes.size, "node"));
  if (edges.size > 0) parts.push(countOf(edges.size, "edge"));
  return parts.join(", ");
}
