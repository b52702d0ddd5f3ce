/** The operations that the canvas makes. Writes go by path, so that all else in an element stays. */
import {
  type Change,
  type Diagram,
  type Element,
  type JsonObject,
  NOTHING,
  newId,
  type Operation,
  valueAt,
  type Write,
} from "@diagramai/client";
import type { Connection } from "@xyflow/react";
import type { Box } from "./flow.ts";
import type { Point } from "./shapes.ts";
import { kindOf } from "./shapeTable.ts";

/** Where an edge begins and ends; a handle is a side's name, or null for whichever is nearest. */
export interface Ends {
  readonly source: string;
  readonly target: string;
  readonly sourceHandle: string | null;
  readonly targetHandle: string | null;
}

/** The ends of a connection; React Flow's empty handle is none. */
export function endsOf(connection: Connection): Ends {
  const { source, target, sourceHandle, targetHandle } = connection;
  return { source, target, sourceHandle: sourceHandle || null, targetHandle: targetHandle || null };
}

function set(value: JsonObject | string | number): Write {
  return { type: "set", value };
}

/** A new node of this type with its middle at `centre` (flow units), and the id it gets. */
export function newNode(
  type: string,
  centre: Point,
  label: string,
): { id: string; operation: Operation } {
  const { width, height } = kindOf(type);
  const position = { x: Math.round(centre.x - width / 2), y: Math.round(centre.y - height / 2) };
  const id = newId("node");
  const sized = type === "group" ? { width, height } : {};
  const element: Element = { type, position, data: { label }, ...sized };
  return { id, operation: { ...NOTHING, nodes: new Map([[id, { type: "create", element }]]) } };
}

/** A new edge: with steps, and an arrowhead at its end. */
export function newEdge(ends: Ends): { id: string; operation: Operation } {
  const id = newId("edge");
  const element: Element = {
    source: ends.source,
    target: ends.target,
    ...(ends.sourceHandle === null ? {} : { sourceHandle: ends.sourceHandle }),
    ...(ends.targetHandle === null ? {} : { targetHandle: ends.targetHandle }),
    type: "smoothstep",
    markerEnd: { type: "arrowclosed" },
  };
  return { id, operation: { ...NOTHING, edges: new Map([[id, { type: "create", element }]]) } };
}

/** Leads an edge elsewhere: only what is different is written. */
export function reconnectEdge(id: string, element: Element, ends: Ends): Operation {
  const writes = new Map<string, Write>();
  for (const key of ["source", "target"] as const) {
    if (valueAt(element, key) !== ends[key]) writes.set(`/${key}`, set(ends[key]));
  }
  for (const key of ["sourceHandle", "targetHandle"] as const) {
    const [old, next] = [valueAt(element, key) ?? null, ends[key]];
    if (old !== next) writes.set(`/${key}`, next === null ? { type: "unset" } : set(next));
  }
  if (writes.size === 0) return NOTHING;
  return { ...NOTHING, edges: new Map([[id, { type: "update", writes }]]) };
}

/** Places nodes, and sizes those whose box has a size. Nodes that are gone, or there already, are left out. */
export function placeNodes(diagram: Diagram, boxes: ReadonlyMap<string, Box>): Operation {
  const nodes = new Map<string, Change>();
  for (const [id, box] of boxes) {
    const element = diagram.nodes.get(id);
    if (element === undefined) continue;
    const writes = placingWrites(element, box);
    if (writes.size > 0) nodes.set(id, { type: "update", writes });
  }
  return { ...NOTHING, nodes };
}

function placingWrites(element: Element, box: Box): Map<string, Write> {
  const writes = new Map<string, Write>();
  const old = valueAt(element, "position");
  const moved =
    typeof old !== "object" ||
    old === null ||
    Array.isArray(old) ||
    old.x !== box.x ||
    old.y !== box.y;
  if (moved) writes.set("/position", set({ x: box.x, y: box.y }));
  for (const key of ["width", "height"] as const) {
    const value = box[key];
    if (value !== undefined && valueAt(element, key) !== value) writes.set(`/${key}`, set(value));
  }
  return writes;
}

/** "1 node", "3 nodes". */
export function countOf(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
