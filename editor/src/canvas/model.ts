/**
 * The canvas's own state, apart from the document: what is selected, being dragged, being edited.
 * It turns gestures into operations; React draws what it holds.
 */
import {
  type DiagramView,
  deleteElements,
  isEmpty,
  type LiveDiagram,
  type Operation,
} from "@diagramai/client";
import type { Connection, EdgeChange, NodeChange } from "@xyflow/react";
import { elementOf, presenceOn, type TextPlace } from "../text/index.ts";
import { type Clip, clipOf, extentOf, pasteOperation } from "./clipboard.ts";
import { deletedSentence } from "./deleted.ts";
import { countOf, endsOf, newEdge, newNode, placeNodes, reconnectEdge } from "./edits.ts";
import { briefly, edgeLabelOf, labelOf, positionOf, stringAt } from "./fields.ts";
import { type Box, FlowBuilder, type FlowEdge, type FlowNode } from "./flow.ts";
import { Gesture, type Taken } from "./gesture.ts";
import { nearby } from "./nearby.ts";
import { sameSet, toggle } from "./sets.ts";
import type { Point } from "./shapes.ts";
import { kindOf } from "./shapeTable.ts";

export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

export interface CanvasState {
  readonly selection: Selection;
  /** My drag or resize under way. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** The label being edited here. */
  readonly editing: TextPlace | null;
  /** An edge is being drawn or led elsewhere. */
  readonly connecting: boolean;
  /** What has just been made here, and is to get the keyboard's focus. */
  readonly made: Made | null;
  /** A sentence for the person, until it is replaced or dismissed. */
  readonly notice: string | null;
}

export interface Made {
  readonly target: "node" | "edge";
  readonly id: string;
}

/** Moving again within this time is the same step of undo: a held arrow key. */
const NUDGE_RUN_MS = 1_000;
/** Characters of a label in what I am shown to do. */
const MAX_ACTIVITY_NAME = 24;
/** Flow units between a copy and its original. */
const COPY_SHIFT = 24;

const NOTHING_SELECTED: Selection = { nodes: new Set(), edges: new Set() };

export class CanvasModel {
  readonly live: LiveDiagram;
  readonly builder = new FlowBuilder();
  private current: CanvasState = {
    selection: NOTHING_SELECTED,
    boxes: new Map(),
    editing: null,
    connecting: false,
    made: null,
    notice: null,
  };
  private readonly listeners = new Set<() => void>();
  private readonly gesture: Gesture;
  /** The label that is being edited, as it was at the beginning. */
  private editingName = "";
  private lastNudgeAt = Number.NEGATIVE_INFINITY;

  constructor(live: LiveDiagram) {
    this.live = live;
    this.gesture = new Gesture(live, {
      shown: (boxes) => this.update({ boxes }),
      taken: (gone, left) => this.taken(gone, left),
    });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getState = (): CanvasState => this.current;

  get view(): DiagramView {
    return this.live.getSnapshot();
  }

  private update(change: Partial<CanvasState>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }

  /** Makes an edit; one that does not fit is told. Returns whether it was made. */
  edit(operation: Operation, undo: "new" | "join" = "new"): boolean {
    if (isEmpty(operation) || this.view.readOnly) return false;
    const done = this.attempt(() => this.live.edit(operation, { undo }));
    if (done) this.dismissNotice();
    return done;
  }

  undo(): void {
    this.attempt(() => this.live.undo());
  }

  redo(): void {
    this.attempt(() => this.live.redo());
  }

  private attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.update({ notice: error.message });
      return false;
    }
  }

  dismissNotice(): void {
    if (this.current.notice !== null) this.update({ notice: null });
  }

  tell(notice: string): void {
    this.update({ notice });
  }

  // Selection

  select(nodes: Iterable<string>, edges: Iterable<string>): void {
    this.setSelection({ nodes: new Set(nodes), edges: new Set(edges) });
  }

  selectAll(): void {
    this.select(this.view.diagram.nodes.keys(), this.view.diagram.edges.keys());
  }

  private setSelection(selection: Selection): void {
    const { nodes, edges } = this.current.selection;
    if (sameSet(nodes, selection.nodes) && sameSet(edges, selection.edges)) return;
    this.update({ selection });
    const shown = { nodes: [...selection.nodes], edges: [...selection.edges] };
    const empty = shown.nodes.length === 0 && shown.edges.length === 0;
    presenceOn(this.live).set("selection", empty ? undefined : shown);
  }

  /** Forgets what is no longer there. */
  prune(view: DiagramView): void {
    const { editing } = this.current;
    if (editing !== null && elementOf(view.diagram, editing) === undefined)
      this.endEditing(editing);
    const { selection } = this.current;
    const nodes = [...selection.nodes].filter((id) => view.diagram.nodes.has(id));
    const edges = [...selection.edges].filter((id) => view.diagram.edges.has(id));
    if (nodes.length === selection.nodes.size && edges.length === selection.edges.size) return;
    this.select(nodes, edges);
  }

  // What React Flow reports

  nodesChanged(changes: readonly NodeChange<FlowNode>[]): void {
    const nodes = new Set(this.current.selection.nodes);
    for (const change of changes) if (change.type === "select") toggle(nodes, change);
    this.setSelection({ ...this.current.selection, nodes });
    if (this.view.readOnly) return;
    const done = this.gesture.take(changes, this.view.diagram);
    if (done !== null) this.edit(placeNodes(this.view.diagram, done));
    this.gesture.finish(done);
  }

  edgesChanged(changes: readonly EdgeChange<FlowEdge>[]): void {
    const edges = new Set(this.current.selection.edges);
    for (const change of changes) if (change.type === "select") toggle(edges, change);
    this.setSelection({ ...this.current.selection, edges });
  }

  /** Others deleted what I was dragging: React Flow does not say that such a drag has ended. */
  private taken(gone: readonly Taken[], left: number): void {
    if (left === 0) this.showMoving(null);
    this.tellDeleted(gone, "moving");
  }

  private tellDeleted(gone: readonly Taken[], doing: string): void {
    const sentence = deletedSentence(gone, this.view.activity, doing);
    if (sentence !== null) this.tell(sentence);
  }

  setConnecting(connecting: boolean): void {
    this.update({ connecting });
  }

  connect(connection: Connection): void {
    if (connection.source === connection.target || !this.areThere(connection)) return;
    const { id, operation } = newEdge(endsOf(connection));
    if (!this.edit(operation)) return;
    this.select([], [id]);
    this.update({ made: { target: "edge", id } });
  }

  /** The two selected nodes, the one selected first before the other; `null` where it is not just two. */
  selectedPair(): readonly [string, string] | null {
    const [first, second, ...more] = this.current.selection.nodes;
    const lines = this.current.selection.edges.size;
    if (first === undefined || second === undefined || more.length + lines > 0) return null;
    return [first, second];
  }

  /** Draws an edge between two selected nodes. Returns whether there were two. */
  connectSelected(): boolean {
    const pair = this.selectedPair();
    if (pair === null) return false;
    this.connect({ source: pair[0], target: pair[1], sourceHandle: null, targetHandle: null });
    return true;
  }

  /** Whether both ends are there still; tells if somebody deleted one meanwhile. */
  private areThere({ source, target }: Connection): boolean {
    const gone = [source, target].filter((id) => !this.view.diagram.nodes.has(id));
    this.tellDeleted(
      gone.map((id) => ({ target: "node" as const, id, name: "" })),
      "connecting",
    );
    return gone.length === 0;
  }

  /** Leads an edge elsewhere. An end that stays keeps the handle that is stored for it. */
  reconnect(edge: FlowEdge, connection: Connection): void {
    const element = this.view.diagram.edges.get(edge.id);
    if (element === undefined || connection.source === connection.target) return;
    if (!this.areThere(connection)) return;
    const ends = endsOf(connection);
    const keptSource = edge.source === ends.source && edge.sourceHandle === ends.sourceHandle;
    const keptTarget = edge.target === ends.target && edge.targetHandle === ends.targetHandle;
    const kept = {
      ...(keptSource ? { sourceHandle: stringAt(element, "sourceHandle") ?? null } : {}),
      ...(keptTarget ? { targetHandle: stringAt(element, "targetHandle") ?? null } : {}),
    };
    this.edit(reconnectEdge(edge.id, element, { ...ends, ...kept }));
  }

  /** The topmost node at this point of the plane, other than one. */
  nodeAt(point: Point, except: string): string | undefined {
    return this.builder.nodesAt(point.x, point.y).find((id) => id !== except);
  }

  // Commands

  addNode(type: string, centre: Point, label: string): string | null {
    const { id, operation } = newNode(type, centre, label);
    if (!this.edit(operation)) return null;
    this.select([id], []);
    this.update({ made: { target: "node", id } });
    return id;
  }

  deleteSelection(): void {
    const { nodes, edges } = this.current.selection;
    if (this.edit(deleteElements(this.view.diagram, nodes, edges))) this.select([], []);
  }

  /** Moves the selected nodes; those inside a selected one move with it. Returns whether any did. */
  nudge(x: number, y: number): boolean {
    const { nodes: elements } = this.view.diagram;
    const boxes = new Map<string, Box>();
    for (const id of this.current.selection.nodes) {
      const element = elements.get(id);
      if (element === undefined || this.isInsideSelected(id)) continue;
      const at = positionOf(element);
      boxes.set(id, { x: at.x + x, y: at.y + y });
    }
    if (boxes.size === 0) return false;
    const now = performance.now();
    const undo = now - this.lastNudgeAt < NUDGE_RUN_MS ? "join" : "new";
    this.lastNudgeAt = now;
    return this.edit(placeNodes(this.view.diagram, boxes), undo);
  }

  private isInsideSelected(id: string): boolean {
    const { nodes: elements } = this.view.diagram;
    const seen = new Set<string>();
    let parent = elements.get(id)?.parentId;
    while (typeof parent === "string" && !seen.has(parent)) {
      if (this.current.selection.nodes.has(parent)) return true;
      seen.add(parent);
      parent = elements.get(parent)?.parentId;
    }
    return false;
  }

  /** The selected nodes with the edges between them; `null` where no node is selected. */
  clip(): Clip | null {
    const clip = clipOf(this.view.diagram, this.current.selection.nodes);
    return clip.nodes.size === 0 ? null : clip;
  }

  duplicate(): void {
    const clip = this.clip();
    if (clip !== null) this.paste(clip, { x: COPY_SHIFT, y: COPY_SHIFT });
  }

  /** Pastes with the middle of the clip at this point of the plane. */
  pasteAt(clip: Clip, centre: Point): void {
    const extent = extentOf(clip);
    const x = centre.x - (extent.x + extent.width / 2);
    this.paste(clip, { x, y: centre.y - (extent.y + extent.height / 2) });
  }

  private paste(clip: Clip, shift: Point): void {
    const pasted = pasteOperation(clip, shift);
    if (!this.edit(pasted.operation)) return;
    this.select(pasted.nodes, pasted.edges);
    const [id] = pasted.nodes;
    if (id !== undefined) this.update({ made: { target: "node", id } });
  }

  // Editing labels

  /** Begins editing the label of a node or an edge. Returns whether there is one to edit. */
  startEditing(target: "node" | "edge", id: string): boolean {
    if (this.view.readOnly) return false;
    const { nodes, edges } = this.view.diagram;
    const element = (target === "node" ? nodes : edges).get(id);
    if (element === undefined) return false;
    const path = target === "node" ? "/data/label" : edgeLabelOf(element).path;
    if (target === "node") this.select([id], []);
    else this.select([], [id]);
    this.update({ editing: { target, id, path }, made: null });
    const name = target === "node" ? labelOf(element) : edgeLabelOf(element).text;
    this.editingName = name;
    presenceOn(this.live).set(
      "activity",
      name === "" ? "Typing" : `Typing in “${briefly(name, MAX_ACTIVITY_NAME)}”`,
    );
    return true;
  }

  endEditing(place: TextPlace): void {
    if (this.current.editing?.id !== place.id || this.current.editing.target !== place.target)
      return;
    this.update({ editing: null });
    presenceOn(this.live).set("activity", undefined);
    if (elementOf(this.view.diagram, place) === undefined) this.tellLabelGone(place);
  }

  /** Where something had been typed, the client tells of a conflict. */
  private tellLabelGone({ target, id }: TextPlace): void {
    if (this.view.conflicts.some(({ targetId }) => targetId === id)) return;
    const gone = {
      target: target === "edge" ? "edge" : "node",
      id,
      name: this.editingName,
    } as const;
    this.tellDeleted([gone], "editing");
  }

  isEditing(target: "node" | "edge", id: string): boolean {
    const { editing } = this.current;
    return editing !== null && editing.id === id && editing.target === target;
  }

  /** The one selected node or edge; `null` where there are none or several. */
  onlySelected(): { target: "node" | "edge"; id: string } | null {
    const { nodes, edges } = this.current.selection;
    const [node] = nodes;
    const [edge] = edges;
    if (node !== undefined && nodes.size === 1) return { target: "node", id: node };
    if (edge !== undefined && edges.size === 1 && nodes.size === 0)
      return { target: "edge", id: edge };
    return null;
  }

  /** The nearest place around this point where a node of this type covers no other; else the point. */
  freePlaceNear(centre: Point, type: string): Point {
    const { width, height } = kindOf(type);
    const free = nearby(centre).find(({ x, y }) => {
      const rect = { x: x - width / 2, y: y - height / 2, width, height };
      return !this.builder.isCovered(rect);
    });
    return free ?? centre;
  }

  /** Says what I am doing when the pointer takes hold of nodes; `null` when it lets go. */
  showMoving(count: number | null): void {
    const activity = count === null ? undefined : `Moving ${countOf(count, "node")}`;
    presenceOn(this.live).set("activity", activity);
  }
}
