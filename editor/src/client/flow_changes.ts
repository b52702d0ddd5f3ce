/** The operations of what a person does in React Flow: its changes and connections, as it tells them. */
import {
  type Change,
  type Diagram,
  diffElement,
  type Element,
  isEmpty,
  isObject,
  type Operation,
  valueAt,
  type Write,
} from "../ot/index.ts";
import { createEdge, deleteElements, newId } from "./building.ts";
import { drawable, EDGE_FIELDS, LOCAL_KEYS, NODE_FIELDS } from "./flow_fields.ts";
import { type FlowEdge, type FlowNode, type FlowPoint, pointOf } from "./react_flow.ts";

/** What happens to nodes and edges alike. */
export type FlowElementChange<T> =
  | { type: "select"; id: string; selected: boolean }
  | { type: "remove"; id: string }
  | { type: "add"; item: T }
  | { type: "replace"; id: string; item: T };

/** React Flow's `NodeChange`. */
export type FlowNodeChange =
  | FlowElementChange<FlowNode>
  | {
      type: "position";
      id: string;
      position?: FlowPoint | undefined;
      dragging?: boolean | undefined;
    }
  | {
      type: "dimensions";
      id: string;
      dimensions?: { width: number; height: number } | undefined;
      resizing?: boolean | undefined;
      setAttributes?: boolean | "width" | "height" | undefined;
    };

/** React Flow's `EdgeChange`. */
export type FlowEdgeChange = FlowElementChange<FlowEdge>;

/** React Flow's `Connection`. */
export interface FlowConnection {
  source: string;
  target: string;
  sourceHandle: string | null;
  targetHandle: string | null;
}

/** Where a node ends up; in flow units, relative to its parent. */
interface Place {
  position?: FlowPoint;
  width?: number;
  height?: number;
}

/**
 * The one operation that these changes are; null where they change nothing in the diagram: selecting,
 * measuring, and each step of a drag or a resize but the last.
 *
 * With a node go its edges, and its children are led out of it. An item that is `replace`d is written
 * where it differs, its texts letter by letter. `shown` are the nodes as they are shown; from there
 * come the place of a resized node and of its children.
 */
export function operationOfChanges(
  diagram: Diagram,
  nodeChanges: readonly FlowNodeChange[],
  edgeChanges: readonly FlowEdgeChange[] = [],
  shown: readonly FlowNode[] = [],
): Operation | null {
  const gone = deleteElements(diagram, removedBy(nodeChanges), removedBy(edgeChanges));
  const nodes = new Map(gone.nodes);
  const edges = new Map(gone.edges);
  const shownById = new Map(shown.map((node) => [node.id, node]));
  for (const [id, item] of itemsOf(nodeChanges)) {
    const stored = diagram.nodes.get(id);
    // Fields that are not drawn are in neither, and stay as they are.
    const base = stored && {
      ...drawable(stored, NODE_FIELDS),
      ...placeOf(stored, shownById.get(id)),
    };
    put(nodes, id, item, base);
  }
  for (const [id, item] of itemsOf(edgeChanges)) {
    const stored = diagram.edges.get(id);
    put(edges, id, item, stored && drawable(stored, EDGE_FIELDS));
  }
  for (const [id, place] of placesOf(nodeChanges, shownById)) {
    const element = diagram.nodes.get(id);
    const writes = element && !nodes.has(id) ? placingWrites(element, place) : new Map();
    if (writes.size > 0) nodes.set(id, { type: "update", writes });
  }
  const operation = { diagram: null, nodes, edges };
  return isEmpty(operation) ? null : operation;
}

/**
 * A new edge with these ends, and what `more` says: `{ type: "smoothstep" }`. Null where an end is
 * gone, or the same edge is there already.
 */
export function operationOfConnection(
  diagram: Diagram,
  connection: FlowConnection,
  more: Element = {},
): Operation | null {
  const { source, target } = connection;
  if (!diagram.nodes.has(source) || !diagram.nodes.has(target)) return null;
  const isThere = diagram.edges
    .values()
    .some((edge) =>
      (["source", "target", "sourceHandle", "targetHandle"] as const).every(
        (key) => (valueAt(edge, key) ?? null) === connection[key],
      ),
    );
  if (isThere) return null;
  const element: Element = { ...more, source, target };
  for (const key of ["sourceHandle", "targetHandle"] as const) {
    if (connection[key] !== null) element[key] = connection[key];
  }
  return createEdge(newId("edge"), element);
}

/** What `onBeforeDelete` is asked about, as one operation; answer it with false then. Null: all is gone. */
export function operationOfDeletion(
  diagram: Diagram,
  { nodes, edges }: { nodes: readonly FlowNode[]; edges: readonly FlowEdge[] },
): Operation | null {
  const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);
  const operation = deleteElements(diagram, ids(nodes), ids(edges));
  return isEmpty(operation) ? null : operation;
}

function removedBy(changes: readonly FlowNodeChange[] | readonly FlowEdgeChange[]): string[] {
  return changes.flatMap((change) => (change.type === "remove" ? [change.id] : []));
}

/** What is added or replaced, by id; an item that is replaced has to be there still. */
function* itemsOf(
  changes: readonly FlowNodeChange[] | readonly FlowEdgeChange[],
): Generator<[string, { item: FlowNode | FlowEdge; isNew: boolean }], void> {
  for (const change of changes) {
    if (change.type === "add") yield [change.item.id, { item: change.item, isNew: true }];
    if (change.type === "replace") yield [change.id, { item: change.item, isNew: false }];
  }
}

function put(
  changes: Map<string, Change>,
  id: string,
  { item, isNew }: { item: FlowNode | FlowEdge; isNew: boolean },
  base: Element | undefined,
): void {
  const element = elementOf(item);
  if (base !== undefined) {
    const writes = diffElement(base, element);
    if (writes.size > 0) changes.set(id, { type: "update", writes });
  } else if (isNew) {
    changes.set(id, { type: "create", element });
  }
}

/** Where the node is in the item, as far as nobody has moved it: a drag under way is no change. */
function placeOf(stored: Element, shown: FlowNode | undefined): Element {
  const { x, y } = shown?.position ?? pointOf(stored);
  return {
    position: { x, y },
    ...(shown?.width === undefined ? {} : { width: shown.width }),
    ...(shown?.height === undefined ? {} : { height: shown.height }),
  };
}

/** The item as JSON, without what is only of this page. */
function elementOf(item: FlowNode | FlowEdge): Element {
  const entries = Object.entries(item).filter(([key]) => !LOCAL_KEYS.has(key));
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)));
}

function placesOf(
  changes: readonly FlowNodeChange[],
  shown: ReadonlyMap<string, FlowNode>,
): Map<string, Place> {
  const places = new Map<string, Place>();
  const place = (id: string, more: Place) => places.set(id, { ...places.get(id), ...more });
  const isResizing = changes.some((each) => each.type === "dimensions" && each.resizing === true);
  for (const change of changes) {
    if (change.type === "position" && change.position !== undefined) {
      // A resize at the upper left moves the node and its children, step by step and unmarked.
      const isStep = change.dragging === true || (change.dragging === undefined && isResizing);
      if (!isStep) place(change.id, { position: change.position });
    } else if (change.type === "dimensions" && change.dimensions !== undefined) {
      const { width, height } = change.dimensions;
      const sides = sidesSet(change.resizing, change.setAttributes, shown.get(change.id));
      if (sides.width) place(change.id, { width });
      if (sides.height) place(change.id, { height });
      if (change.resizing === false) placeResized(change.id, shown, place);
    }
  }
  return places;
}

/** Which sides are meant to stay: a measured size is no change of the diagram. */
function sidesSet(
  resizing: boolean | undefined,
  setAttributes: boolean | "width" | "height" | undefined,
  shown: FlowNode | undefined,
): { width: boolean; height: boolean } {
  if (resizing === true) return { width: false, height: false };
  if (resizing === undefined) {
    const isBoth = setAttributes === true;
    return {
      width: isBoth || setAttributes === "width",
      height: isBoth || setAttributes === "height",
    };
  }
  // At its end React Flow does not say again which sides the resize was about.
  return {
    width: shown === undefined || shown.width !== undefined,
    height: shown === undefined || shown.height !== undefined,
  };
}

function placeResized(
  id: string,
  shown: ReadonlyMap<string, FlowNode>,
  place: (id: string, more: Place) => void,
): void {
  const node = shown.get(id);
  if (node === undefined) return;
  place(id, { position: node.position });
  for (const child of shown.values()) {
    if (child.parentId === id) place(child.id, { position: child.position });
  }
}

function placingWrites(element: Element, place: Place): Map<string, Write> {
  const writes = new Map<string, Write>();
  if (place.position !== undefined) {
    const { x, y } = place.position;
    const old = valueAt(element, "position");
    const isThere = isObject(old) && old.x === x && old.y === y;
    if (!isThere) writes.set("/position", { type: "set", value: { x, y } });
  }
  for (const key of ["width", "height"] as const) {
    const value = place[key];
    if (value !== undefined && valueAt(element, key) !== value) {
      writes.set(`/${key}`, { type: "set", value });
    }
  }
  return writes;
}
