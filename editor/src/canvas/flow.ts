/**
 * A diagram as React Flow's nodes and edges. An element that is unchanged gives the same object as
 * before, and a diagram in which nothing changed the same arrays, so that little is drawn again.
 */
import { type Diagram, type Element, valueAt } from "@diagramai/client";
import { type Edge, type Node, Position } from "@xyflow/react";
import { endFrom, type Sign } from "./ends.ts";
import {
  briefly,
  edgeLabelOf,
  endMarkerOf,
  labelOf,
  numberAt,
  onPlane,
  positionOf,
  stringAt,
  typeOf,
} from "./fields.ts";
import { type Joint, type Rect, sidesFor, turnsOf } from "./floating.ts";
import { edgeLookOf } from "./looks.ts";
import { type PaintOrder, paintOrder, parentOf } from "./order.ts";
import { drawingOf, SIDES, type Side } from "./shapes.ts";
import { kindOf } from "./shapeTable.ts";
import { nodeSize, type Size, side } from "./sizes.ts";

/** Where a node is shown while somebody drags or resizes it: relative to its parent, in flow units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width?: number;
  readonly height?: number;
}

export type FlowNode = Node<{ readonly element: Element }, "shape">;
export type FlowEdge = Edge<EdgeData, "line">;

interface EdgeData extends Record<string, unknown> {
  readonly element: Element;
  readonly name: string;
  /** Circles and crosses; React Flow knows of arrowheads only. */
  readonly signs: { readonly start: Sign | undefined; readonly end: Sign | undefined };
}

export interface FlowInput {
  readonly diagram: Diagram;
  /** Drags and resizes under way, by node id. */
  readonly boxes: ReadonlyMap<string, Box>;
  readonly selectedNodes: ReadonlySet<string>;
  readonly selectedEdges: ReadonlySet<string>;
}

export interface Flow {
  readonly nodes: FlowNode[];
  readonly edges: FlowEdge[];
}

interface NodeEntry {
  readonly element: Element;
  readonly box: Box | undefined;
  readonly parent: string | undefined;
  readonly node: FlowNode;
  /** On the whole plane; the same object while it stays where it is. */
  rect: Rect;
}

interface EdgeEntry {
  readonly element: Element;
  readonly source: Rect;
  readonly target: Rect;
  readonly name: string;
  readonly turn: number;
  readonly edge: FlowEdge;
}

const POSITIONS: Readonly<Record<Side, Position>> = {
  top: Position.Top,
  right: Position.Right,
  bottom: Position.Bottom,
  left: Position.Left,
};

/** Turns diagrams into flows; remembers the last one. */
export class FlowBuilder {
  private nodeEntries = new Map<string, NodeEntry>();
  private edgeEntries = new Map<string, EdgeEntry>();
  private order: PaintOrder = { ids: [], parents: new Map() };
  private flow: Flow = { nodes: [], edges: [] };
  private turns = new Map<string, number>();
  private turnsCounted: ReadonlyMap<string, Element> | null = null;

  /** The flow of this input. */
  build(input: FlowInput): Flow {
    const { nodes: elements, edges } = input.diagram;
    if (!this.orderHolds(elements)) this.order = paintOrder(elements);
    const entries = new Map<string, NodeEntry>();
    const nodes = this.order.ids.flatMap((id) => {
      const element = elements.get(id);
      if (element === undefined) return [];
      const entry = this.nodeEntry(id, element, input, entries);
      entries.set(id, entry);
      return [entry.node];
    });
    this.nodeEntries = entries;
    this.flow = {
      nodes: same(this.flow.nodes, nodes) ? this.flow.nodes : nodes,
      edges: this.buildEdges(edges, input.selectedEdges),
    };
    return this.flow;
  }

  /** The node's rectangle on the whole plane, as it was last built. */
  rectOf(id: string): Rect | undefined {
    return this.nodeEntries.get(id)?.rect;
  }

  /** Every node's rectangle on the whole plane. */
  rects(): ReadonlyMap<string, Rect> {
    return new Map([...this.nodeEntries].map(([id, { rect }]) => [id, rect]));
  }

  /** Nodes whose rectangle holds the point, the topmost first. */
  nodesAt(x: number, y: number): string[] {
    const hits = this.order.ids.filter((id) => {
      const rect = this.nodeEntries.get(id)?.rect;
      return rect !== undefined && holds(rect, x, y);
    });
    return hits.reverse();
  }

  /** Whether a node, other than one that only frames others, is anywhere in this rectangle. */
  isCovered(rect: Rect): boolean {
    const frames = new Set(this.order.parents.values());
    return [...this.nodeEntries].some(
      ([id, entry]) =>
        !frames.has(id) && typeOf(entry.element) !== "group" && overlap(entry.rect, rect),
    );
  }

  private orderHolds(elements: ReadonlyMap<string, Element>): boolean {
    const { ids, parents } = this.order;
    if (ids.length !== elements.size) return false;
    return ids.every((id) => {
      const element = elements.get(id);
      if (element === undefined) return false;
      if (element === this.nodeEntries.get(id)?.element) return true;
      return parentOf(elements, id, element) === parents.get(id);
    });
  }

  private nodeEntry(
    id: string,
    element: Element,
    input: FlowInput,
    above: ReadonlyMap<string, NodeEntry>,
  ): NodeEntry {
    const old = this.nodeEntries.get(id);
    const box = input.boxes.get(id);
    const selected = input.selectedNodes.has(id);
    const parent = this.order.parents.get(id);
    const origin = parent === undefined ? undefined : above.get(parent)?.rect;
    const holds =
      old?.element === element &&
      sameBox(old.box, box) &&
      old.node.selected === selected &&
      old.parent === parent;
    const node = holds ? old.node : flowNode(id, element, box, selected, parent);
    const rect = rectFrom(node, origin);
    if (holds && sameRect(old.rect, rect)) return old;
    return { element, box, parent, node, rect: old && sameRect(old.rect, rect) ? old.rect : rect };
  }

  private buildEdges(
    elements: ReadonlyMap<string, Element>,
    selectedEdges: ReadonlySet<string>,
  ): FlowEdge[] {
    if (this.turnsCounted !== elements) {
      this.turns = turnsOf([...elements].map(([id, element]) => [id, jointOf(element)] as const));
      this.turnsCounted = elements;
    }
    const entries = new Map<string, EdgeEntry>();
    for (const [id, element] of elements) {
      const entry = this.edgeEntry(id, element, selectedEdges.has(id));
      if (entry !== undefined) entries.set(id, entry);
    }
    this.edgeEntries = entries;
    const edges = [...entries.values()].map((entry) => entry.edge);
    return same(this.flow.edges, edges) ? this.flow.edges : edges;
  }

  private edgeEntry(id: string, element: Element, selected: boolean): EdgeEntry | undefined {
    const source = this.nodeEntries.get(stringAt(element, "source") ?? "");
    const target = this.nodeEntries.get(stringAt(element, "target") ?? "");
    if (source === undefined || target === undefined) return undefined;
    const old = this.edgeEntries.get(id);
    const name = `Edge from ${nameOf(source.element)} to ${nameOf(target.element)}`;
    const turn = this.turns.get(id) ?? 0;
    const unchanged =
      old?.element === element &&
      old.edge.selected === selected &&
      old.name === name &&
      old.turn === turn;
    if (unchanged && old.source === source.rect && old.target === target.rect) return old;
    const sides = sidesFor(jointOf(element), source.rect, target.rect, turn);
    const kept =
      unchanged && old.edge.sourceHandle === sides[0] && old.edge.targetHandle === sides[1];
    const ends = { source: source.node.id, target: target.node.id, sides };
    const edge = kept ? old.edge : flowEdge(id, element, ends, selected, name);
    return { element, source: source.rect, target: target.rect, name, turn, edge };
  }
}

function jointOf(element: Element): Joint {
  return {
    ends: [stringAt(element, "source") ?? "", stringAt(element, "target") ?? ""],
    source: valueAt(element, "sourceHandle"),
    target: valueAt(element, "targetHandle"),
  };
}

function flowNode(
  id: string,
  element: Element,
  box: Box | undefined,
  selected: boolean,
  parent: string | undefined,
): FlowNode {
  const own = nodeSize(element);
  // Another person's drag is whatever their program says.
  const size = { width: side(box?.width ?? own.width), height: side(box?.height ?? own.height) };
  const type = typeOf(element);
  const label = briefly(labelOf(element));
  const zIndex = numberAt(element, "zIndex");
  return {
    id,
    type: "shape",
    position: box === undefined ? positionOf(element) : onPlane(box),
    data: { element },
    ...size,
    measured: size,
    handles: handlesOf(type, size),
    selected,
    ariaLabel: label === "" ? kindOf(type).label.toLowerCase() : `${spoken(type)}: ${label}`,
    ...(parent === undefined ? {} : { parentId: parent }),
    ...(valueAt(element, "extent") === "parent" && parent !== undefined
      ? { extent: "parent" as const }
      : {}),
    ...(zIndex === undefined ? {} : { zIndex }),
    ...(valueAt(element, "hidden") === true ? { hidden: true } : {}),
  };
}

function spoken(type: string): string {
  return type.replaceAll("-", " ");
}

function handlesOf(type: string, size: Size) {
  const { ports } = drawingOf(type, size.width, size.height);
  return SIDES.map((side) => ({
    id: side,
    type: "source" as const,
    position: POSITIONS[side],
    x: ports[side].x,
    y: ports[side].y,
    width: 0,
    height: 0,
  }));
}

function flowEdge(
  id: string,
  element: Element,
  ends: { source: string; target: string; sides: readonly [Side, Side] },
  selected: boolean,
  name: string,
): FlowEdge {
  const zIndex = numberAt(element, "zIndex");
  const label = edgeLabelOf(element).text;
  const look = edgeLookOf(element);
  const colour = selected ? "var(--accent)" : (look.stroke ?? "var(--cv-edge)");
  const line = { colour, selected, width: look.strokeWidth ?? LINE_WIDTH };
  const start = endFrom(valueAt(element, "markerStart"), line);
  const end = endFrom(endMarkerOf(element), line);
  return {
    id,
    type: "line",
    source: ends.source,
    target: ends.target,
    sourceHandle: ends.sides[0],
    targetHandle: ends.sides[1],
    data: { element, name, signs: { start: start.sign, end: end.sign } },
    selected,
    animated: valueAt(element, "animated") === true,
    ariaLabel: label === "" ? name : `${name}: ${label}`,
    ...(start.marker === undefined ? {} : { markerStart: start.marker }),
    ...(end.marker === undefined ? {} : { markerEnd: end.marker }),
    ...(zIndex === undefined ? {} : { zIndex }),
    ...(valueAt(element, "hidden") === true ? { hidden: true } : {}),
  };
}

/** Pixels, where the edge says nothing. */
const LINE_WIDTH = 1.5;
function nameOf(element: Element): string {
  const label = briefly(labelOf(element));
  return label === "" ? `a ${kindOf(typeOf(element)).label.toLowerCase()}` : label;
}

function rectFrom(node: FlowNode, origin: Rect | undefined): Rect {
  const { width = 0, height = 0 } = node;
  const { x, y } = node.position;
  return { x: x + (origin?.x ?? 0), y: y + (origin?.y ?? 0), width, height };
}

function sameRect(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

function sameBox(a: Box | undefined, b: Box | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function holds(rect: Rect, x: number, y: number): boolean {
  return x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;
}

function same<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
