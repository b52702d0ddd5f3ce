/** Building the operations that an editor needs. */
import {
  type Change,
  type Diagram,
  type Element,
  NOTHING,
  type Operation,
  PARENT_REFERENCE,
  valueAt,
  type Write,
  type Writes,
} from "../ot/index.ts";
import { randomText } from "./random.ts";

/** Digits of the time in an id, milliseconds in base 36: enough until the year 5188. */
const TIME_DIGITS = 9;
/** Random characters behind it, five bits each, so that no two made in one millisecond meet. */
const RANDOM_LENGTH = 7;
let lastTime = 0;

/** A fresh id, `node-0mh3…`. Those made later on this page come later in the order of ids. */
export function newId(prefix: string): string {
  lastTime = Math.max(Date.now(), lastTime + 1);
  const time = lastTime.toString(36).padStart(TIME_DIGITS, "0");
  return `${prefix}-${time}${randomText(RANDOM_LENGTH)}`;
}

/** Writes by path, `/data/label`. */
export type WritesByPath = Writes | Readonly<Record<string, Write>>;

function toUpdate(writes: WritesByPath): Change {
  return {
    type: "update",
    writes: writes instanceof Map ? writes : new Map(Object.entries(writes)),
  };
}

export function updateNode(id: string, writes: WritesByPath): Operation {
  return { ...NOTHING, nodes: new Map([[id, toUpdate(writes)]]) };
}

export function updateEdge(id: string, writes: WritesByPath): Operation {
  return { ...NOTHING, edges: new Map([[id, toUpdate(writes)]]) };
}

/** New positions by node id, in flow coordinates (inside a parent: relative to it). */
export function moveNodes(positions: ReadonlyMap<string, { x: number; y: number }>): Operation {
  const nodes = new Map<string, Change>();
  for (const [id, { x, y }] of positions) {
    nodes.set(id, toUpdate({ "/position": { type: "set", value: { x, y } } }));
  }
  return { ...NOTHING, nodes };
}

export function createNode(id: string, element: Element): Operation {
  return { ...NOTHING, nodes: new Map([[id, { type: "create", element }]]) };
}

/** `element` has `source` and `target`. */
export function createEdge(id: string, element: Element): Operation {
  return { ...NOTHING, edges: new Map([[id, { type: "create", element }]]) };
}

/**
 * Deletes what of these is there, every edge of the deleted nodes, and makes roots of the children
 * that stay. Where a child's position was relative to its parent, it keeps its place on the canvas.
 */
export function deleteElements(
  diagram: Diagram,
  nodeIds: Iterable<string>,
  edgeIds: Iterable<string> = [],
): Operation {
  const gone = new Set([...nodeIds].filter((id) => diagram.nodes.has(id)));
  const nodes = new Map<string, Change>();
  const edges = new Map<string, Change>();
  for (const id of gone) nodes.set(id, { type: "delete" });
  for (const id of edgeIds) if (diagram.edges.has(id)) edges.set(id, { type: "delete" });
  if (gone.size === 0) return { ...NOTHING, edges };
  for (const [id, edge] of diagram.edges) {
    if (isIn(edge, "source", gone) || isIn(edge, "target", gone)) edges.set(id, { type: "delete" });
  }
  for (const [id, node] of diagram.nodes) {
    if (!gone.has(id) && isIn(node, "parentId", gone)) nodes.set(id, orphan(diagram, node, gone));
  }
  return { ...NOTHING, nodes, edges };
}

function isIn(element: Element, key: string, ids: ReadonlySet<string>): boolean {
  const id = valueAt(element, key);
  return typeof id === "string" && ids.has(id);
}

/** A child moves up to the nearest ancestor that stays, and keeps its place on the canvas. */
function orphan(diagram: Diagram, node: Element, gone: ReadonlySet<string>): Change {
  const position = pointOf(node);
  let parentId = parentOf(node);
  // Each step leaves one deleted ancestor behind, so a cycle ends too.
  for (let steps = gone.size; steps > 0 && parentId !== null && gone.has(parentId); steps--) {
    const parent = diagram.nodes.get(parentId);
    const { x, y } = pointOf(parent);
    position.x += x;
    position.y += y;
    parentId = parentOf(parent);
  }
  const isRoot = parentId === null || gone.has(parentId);
  return toUpdate({
    [PARENT_REFERENCE]: isRoot ? { type: "unset" } : { type: "set", value: parentId },
    "/position": { type: "set", value: position },
    ...(valueAt(node, "extent") === "parent" && isRoot ? { "/extent": { type: "unset" } } : {}),
  });
}

function parentOf(node: Element | undefined): string | null {
  return typeof node?.parentId === "string" ? node.parentId : null;
}

function pointOf(node: Element | undefined): { x: number; y: number } {
  const position = node?.position;
  const read = (key: "x" | "y") => {
    const isPoint = typeof position === "object" && position !== null && !Array.isArray(position);
    const value = isPoint ? position[key] : undefined;
    return typeof value === "number" ? value : 0;
  };
  return { x: read("x"), y: read("y") };
}
