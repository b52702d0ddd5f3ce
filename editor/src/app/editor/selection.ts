/** Which elements are chosen, and which a list wants to be looked at. */
import type { Diagram } from "@diagramai/client";

export interface Selection {
  readonly nodes: string[];
  readonly edges: string[];
}

export interface Focus extends Selection {
  /** A new number for each wish. */
  readonly request: number;
}

export const NOTHING_SELECTED: Selection = { nodes: [], edges: [] };

/** Only what is still there: others may delete what I have chosen. */
export function present(diagram: Diagram, selection: Selection): Selection {
  const nodes = selection.nodes.filter((id) => diagram.nodes.has(id));
  const edges = selection.edges.filter((id) => diagram.edges.has(id));
  const all = nodes.length === selection.nodes.length && edges.length === selection.edges.length;
  return all ? selection : { nodes, edges };
}

export function sameSelection(a: Selection, b: Selection): boolean {
  return sameIds(a.nodes, b.nodes) && sameIds(a.edges, b.edges);
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
