import type { DiagramView, LiveDiagram, Operation } from "@diagramai/client";

/** What the properties of any kind are given. */
export interface PartProps {
  live: LiveDiagram;
  view: DiagramView;
  /** Sends it, if there is one. */
  edit: (operation: Operation | null) => void;
}
