/** The order in which nodes are painted, and where they stand on the whole plane. */
import type { Element } from "@diagramai/client";
import { positionOf, stringAt } from "./fields.ts";
import type { Point } from "./shapes.ts";

type Nodes = ReadonlyMap<string, Element>;

export interface PaintOrder {
  /** Parents before their children, else by id (UTF-16 units). */
  readonly ids: readonly string[];
  /** The parent of each node that has one. Nodes that contain themselves count as having none. */
  readonly parents: ReadonlyMap<string, string>;
}

/** The parent named by the element, if it is another node of the diagram. */
export function parentOf(nodes: Nodes, id: string, element: Element): string | undefined {
  const parent = stringAt(element, "parentId");
  return parent !== undefined && parent !== id && nodes.has(parent) ? parent : undefined;
}

/** Orders the nodes for painting. */
export function paintOrder(nodes: Nodes): PaintOrder {
  const parents = new Map<string, string>();
  for (const [id, element] of nodes) {
    const parent = parentOf(nodes, id, element);
    if (parent !== undefined) parents.set(id, parent);
  }
  const depths = new Map<string, number>();
  for (const id of nodes.keys()) measureDepth(id, parents, depths);
  const ids = [...nodes.keys()].sort((a, b) => {
    const byDepth = (depths.get(a) ?? 0) - (depths.get(b) ?? 0);
    if (byDepth !== 0) return byDepth;
    return a < b ? -1 : 1;
  });
  return { ids, parents };
}

/** Fills in depths up the chain of parents; a chain that leads back to itself is cut where it closes. */
function measureDepth(id: string, parents: Map<string, string>, depths: Map<string, number>): void {
  const chain: string[] = [];
  const onChain = new Set<string>();
  let at: string | undefined = id;
  while (at !== undefined && !depths.has(at)) {
    chain.push(at);
    onChain.add(at);
    const parent: string | undefined = parents.get(at);
    if (parent !== undefined && onChain.has(parent)) {
      parents.delete(at);
      at = undefined;
    } else {
      at = parent;
    }
  }
  let depth = at === undefined ? 0 : (depths.get(at) ?? 0) + 1;
  for (const node of chain.reverse()) {
    depths.set(node, depth);
    depth += 1;
  }
}

/** The node's place on the whole plane: the positions of its parents added up. */
export function absolutePosition(nodes: Nodes, id: string): Point {
  let [x, y] = [0, 0];
  const seen = new Set<string>();
  let at: string | undefined = id;
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    const element = nodes.get(at);
    if (element === undefined) break;
    const position = positionOf(element);
    [x, y] = [x + position.x, y + position.y];
    at = parentOf(nodes, at, element);
  }
  return { x, y };
}
