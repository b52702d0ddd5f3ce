/** Which nodes an element points at: an edge at its two ends, a node at its parent. */
import type { Diagram, Element, Json } from "./diagram.ts";
import { valueAt } from "./objects.ts";

/** Paths that name a node. They are written whole, never as text and never below. */
export const EDGE_REFERENCES: readonly string[] = ["/source", "/target"];
export const PARENT_REFERENCE = "/parentId";
export const REFERENCES: ReadonlySet<string> = new Set([...EDGE_REFERENCES, PARENT_REFERENCE]);

/** What an element points at; `undefined` where an end is missing. */
export type References = readonly (Json | undefined)[];
const NONE: References = [];

export function edgeReferences(edge: Element | null | undefined): References {
  if (edge === null || edge === undefined) return NONE;
  return [valueAt(edge, "source"), valueAt(edge, "target")];
}

export function nodeReferences(node: Element | null | undefined): References {
  if (node === null || node === undefined) return NONE;
  const parent = valueAt(node, "parentId");
  return parent === undefined || parent === null ? NONE : [parent];
}

/** How often each node is pointed at. */
export type ReferenceCounts = Map<string, number>;

const kept = new WeakMap<Diagram, ReferenceCounts>();

/** How often each node is pointed at; built when first asked for, then kept up to date. */
export function referenceCounts(S: Diagram): ReferenceCounts {
  const known = kept.get(S);
  if (known !== undefined) return known;
  const counts: ReferenceCounts = new Map();
  for (const edge of S.edges.values()) addReferences(counts, edgeReferences(edge), 1);
  for (const node of S.nodes.values()) addReferences(counts, nodeReferences(node), 1);
  kept.set(S, counts);
  return counts;
}

export function hasReferenceCounts(S: Diagram): boolean {
  return kept.has(S);
}

/** Adds `step` to the count of each node pointed at. */
export function addReferences(counts: ReferenceCounts, references: References, step: number): void {
  for (const node of references) {
    if (typeof node === "string") counts.set(node, (counts.get(node) ?? 0) + step);
  }
}
