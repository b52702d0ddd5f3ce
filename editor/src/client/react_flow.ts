/**
 * Between a diagram and an app that draws it with React Flow 12. Nothing of React Flow is imported:
 * its objects are described by what is used of them.
 */
import { type Diagram, type Element, isObject, valueAt } from "../ot/index.ts";
import { drawable, EDGE_FIELDS, NODE_FIELDS } from "./flow_fields.ts";

export interface FlowPoint {
  x: number;
  y: number;
}

/** A node as React Flow takes it. All other fields of the element are there as well. */
export interface FlowNode {
  id: string;
  position: FlowPoint;
  data: Record<string, unknown>;
  type?: string | undefined;
  parentId?: string;
  width?: number;
  height?: number;
  selected?: boolean;
  dragging?: boolean;
  resizing?: boolean;
  measured?: { width?: number; height?: number };
}

/** An edge as React Flow takes it. All other fields of the element are there as well. */
export interface FlowEdge {
  id: string;
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
  selected?: boolean;
}

/**
 * The diagram's nodes, parents before their children, else by id, so that all pages paint alike.
 *
 * `before` is what is shown now: whether a node is selected, dragged, resized, and its measured size
 * come from there, and so does the place of a node under the pointer. A node in which nothing is
 * different is the same object. What React Flow could not draw is left out.
 */
export function flowNodes(diagram: Diagram, before: readonly FlowNode[] = []): FlowNode[] {
  const old = byId(before);
  const { ids, parents } = paintOrder(diagram.nodes);
  return ids.map((id) => {
    const element = diagram.nodes.get(id) ?? {};
    return keepIfSame(flowNode(id, element, parents.get(id), old), old.get(id));
  });
}

/** The diagram's edges; of `before` is kept what is selected, and objects that are not different. */
export function flowEdges(diagram: Diagram, before: readonly FlowEdge[] = []): FlowEdge[] {
  const old = byId(before);
  return Array.from(diagram.edges, ([id, element]) => {
    const selected = old.get(id)?.selected;
    const edge = { ...flowEdge(id, element), ...(selected === undefined ? {} : { selected }) };
    return keepIfSame(edge, old.get(id));
  });
}

function byId<T extends { id: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

function flowEdge(id: string, element: Element): FlowEdge {
  const [source, target] = [valueAt(element, "source"), valueAt(element, "target")];
  // Object.assign says nothing of the fields that are not in the type; they were checked.
  return Object.assign({}, drawable(element, EDGE_FIELDS), {
    id,
    source: String(source),
    target: String(target),
  });
}

function flowNode(
  id: string,
  element: Element,
  parentId: string | undefined,
  old: ReadonlyMap<string, FlowNode>,
): FlowNode {
  const { parentId: _cut, data = {}, ...fields } = drawable(element, NODE_FIELDS);
  const before = old.get(id);
  const known = { id, position: pointOf(element), data: isObject(data) ? data : {} };
  const node: FlowNode = Object.assign({}, fields, known);
  if (parentId !== undefined) node.parentId = parentId;
  if (before === undefined) return node;
  for (const key of ["selected", "dragging", "resizing"] as const) {
    if (before[key] !== undefined) node[key] = before[key];
  }
  if (before.measured !== undefined) node.measured = before.measured;
  const isHeld = before.dragging === true || before.resizing === true;
  const isShifted = parentId !== undefined && old.get(parentId)?.resizing === true;
  if (isHeld || isShifted) node.position = before.position;
  if (before.resizing === true) {
    if (before.width !== undefined) node.width = before.width;
    if (before.height !== undefined) node.height = before.height;
  }
  return node;
}

/** Where the element says it is; what is no number is 0. */
export function pointOf(element: Element): FlowPoint {
  const position = valueAt(element, "position");
  if (!isObject(position)) return { x: 0, y: 0 };
  const read = (key: "x" | "y") => {
    const value = valueAt(position, key);
    return typeof value === "number" ? value : 0;
  };
  return { x: read("x"), y: read("y") };
}

/** Elements and what React Flow copies of them share their values, so a look at each is enough. */
function keepIfSame<T extends object>(made: T, before: T | undefined): T {
  if (before === undefined) return made;
  const old = new Map<string, unknown>(Object.entries(before));
  const entries = Object.entries(made);
  const isSame =
    entries.length === old.size &&
    entries.every(([key, value]) => old.has(key) && isSameValue(value, old.get(key)));
  return isSame ? before : made;
}

function isSameValue(x: unknown, y: unknown): boolean {
  return Object.is(x, y) || (isPoint(x) && isPoint(y) && x.x === y.x && x.y === y.y);
}

function isPoint(value: unknown): value is FlowPoint {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 2 &&
    "x" in value &&
    "y" in value
  );
}

interface PaintOrder {
  readonly ids: readonly string[];
  /** The parent of each node that has one. */
  readonly parents: ReadonlyMap<string, string>;
}

/** React Flow wants parents first, and would never come to an end with a node inside itself. */
function paintOrder(nodes: ReadonlyMap<string, Element>): PaintOrder {
  const parents = new Map<string, string>();
  for (const [id, element] of nodes) {
    const parent = valueAt(element, "parentId");
    if (typeof parent === "string" && nodes.has(parent)) parents.set(id, parent);
  }
  const depths = new Map<string, number>();
  const ids = [...nodes.keys()].sort();
  if (parents.size === 0) return { ids, parents };
  for (const id of ids) measureDepth(id, parents, depths);
  const depthOf = (id: string) => depths.get(id) ?? 0;
  return { ids: ids.sort((a, b) => depthOf(a) - depthOf(b)), parents };
}

/** Fills in depths up the chain of parents; a chain that leads back to itself is cut there. */
function measureDepth(id: string, parents: Map<string, string>, depths: Map<string, number>): void {
  const chain = new Set<string>();
  let at: string | undefined = id;
  while (at !== undefined && !depths.has(at)) {
    chain.add(at);
    const parent = parents.get(at);
    const closes = parent !== undefined && chain.has(parent);
    if (closes) parents.delete(at);
    at = closes ? undefined : parent;
  }
  let depth = at === undefined ? 0 : (depths.get(at) ?? 0) + 1;
  for (const node of [...chain].reverse()) depths.set(node, depth++);
}
