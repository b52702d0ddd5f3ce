/** A drag or resize of mine: previewed to others while it lasts, one operation when it ends. */
import type { Diagram, DiagramView, LiveDiagram } from "@diagramai/client";
import type { NodeChange } from "@xyflow/react";
import { presenceOn } from "../text/index.ts";
import { labelOf, positionOf } from "./fields.ts";
import type { Box, FlowNode } from "./flow.ts";
import { absolutePosition, parentOf } from "./order.ts";
import type { Point } from "./shapes.ts";

type Boxes = ReadonlyMap<string, Box>;

const NO_BOXES: Boxes = new Map();
const ORIGIN: Point = { x: 0, y: 0 };

/** What of a live diagram a gesture needs. */
export interface GestureSource
  extends Pick<LiveDiagram, "subscribe" | "showPresence" | "whenSaved"> {
  getSnapshot(): Pick<DiagramView, "diagram" | "readOnly">;
}

/** What somebody deleted while it was in hand. */
export interface Taken {
  readonly target: "node" | "edge";
  readonly id: string;
  /** Its label. */
  readonly name: string;
}

export interface GestureHooks {
  readonly shown: (boxes: Boxes) => void;
  /** `left`: how many nodes are still in hand. */
  readonly taken: (gone: readonly Taken[], left: number) => void;
}

/** A node in hand. */
interface Held {
  readonly name: string;
  /** Where it is held, relative to its present parent. */
  readonly box: Box;
  readonly frame: Frame;
  /** What its position was moved by since it was taken, because it got another parent. */
  readonly shift: Point;
}

/** What a node's position is relative to. */
interface Frame {
  readonly parent: string | undefined;
  /** Where the parent stands on the whole plane. */
  readonly origin: Point;
}

/** Gathers React Flow's changes of positions and sizes until the pointer lets go. */
export class Gesture {
  private held: ReadonlyMap<string, Held> = new Map();
  /** Counts gestures, so that the end of an old one does not clear the preview of a new one. */
  private turn = 0;
  private seen: Diagram["nodes"] | null = null;
  private stop: () => void = () => {};
  private readonly live: GestureSource;
  private readonly hooks: GestureHooks;

  constructor(live: GestureSource, hooks: GestureHooks) {
    this.live = live;
    this.hooks = hooks;
  }

  /** Takes in changes. Returns the final boxes if these ended the gesture, else `null`. */
  take(changes: readonly NodeChange<FlowNode>[], diagram: Diagram): Boxes | null {
    const held = new Map(this.held);
    let [touched, ended] = [false, false];
    for (const change of changes) {
      const after = heldAfter(change, held, diagram);
      if (after === null) continue;
      held.set(after.id, after.held);
      touched = true;
      ended ||= after.ends;
    }
    if (!touched) return null;
    for (const id of held.keys()) if (!diagram.nodes.has(id)) held.delete(id);
    this.follow();
    this.held = held;
    if (ended) return boxesOf(held);
    this.show();
    return null;
  }

  /**
   * Ends the gesture once its operation was made. The preview is shown to others until the operation
   * is durable, so that on their screens the nodes do not jump back in between.
   */
  finish(done: Boxes | null): void {
    if (done === null) return;
    this.letGo();
    const turn = this.turn;
    const clear = () => {
      if (turn === this.turn) presenceOn(this.live).set("preview", undefined);
    };
    // Where it is not saved, the connection is closed and so is what it showed.
    this.live.whenSaved().then(clear, clear);
  }

  private show(): void {
    this.turn += 1;
    const boxes = boxesOf(this.held);
    this.hooks.shown(boxes);
    presenceOn(this.live).set("preview", Object.fromEntries(boxes));
  }

  private letGo(): void {
    this.stop();
    this.stop = () => {};
    this.seen = null;
    this.held = new Map();
    this.turn += 1;
    this.hooks.shown(NO_BOXES);
  }

  /** Until the end: what others do to the nodes in hand. */
  private follow(): void {
    if (this.seen !== null) return;
    this.seen = this.live.getSnapshot().diagram.nodes;
    this.stop = this.live.subscribe(() => this.changed());
  }

  private changed(): void {
    const { diagram, readOnly } = this.live.getSnapshot();
    if (readOnly) {
      this.drop();
      this.hooks.taken([], 0);
      return;
    }
    if (diagram.nodes === this.seen) return;
    this.seen = diagram.nodes;
    const held = new Map<string, Held>();
    const gone: Taken[] = [];
    let moved = false;
    for (const [id, old] of this.held) {
      const now = rebased(id, old, diagram);
      if (now === null) gone.push({ target: "node", id, name: old.name });
      else held.set(id, now);
      moved ||= now?.box !== old.box;
    }
    this.held = held;
    if (held.size === 0) this.drop();
    else if (moved) this.show();
    if (gone.length > 0) this.hooks.taken(gone, held.size);
  }

  /** Ends it without an operation. */
  private drop(): void {
    this.letGo();
    presenceOn(this.live).set("preview", undefined);
  }
}

function boxesOf(held: ReadonlyMap<string, Held>): Map<string, Box> {
  return new Map([...held].map(([id, { box }]) => [id, box]));
}

/**
 * The node in hand after others' edits: with another parent it stays where it is held on the plane,
 * with the same one it goes along. `null` where it is gone.
 */
function rebased(id: string, old: Held, diagram: Diagram): Held | null {
  const frame = frameOf(id, diagram);
  if (frame === null) return null;
  if (frame.parent === old.frame.parent) return { ...old, frame };
  const by = { x: old.frame.origin.x - frame.origin.x, y: old.frame.origin.y - frame.origin.y };
  return { ...old, box: shifted(old.box, by), frame, shift: shifted(old.shift, by) };
}

function shifted<T extends Point>(place: T, by: Point): T {
  return { ...place, x: Math.round(place.x + by.x), y: Math.round(place.y + by.y) };
}

function frameOf(id: string, { nodes }: Diagram): Frame | null {
  const element = nodes.get(id);
  if (element === undefined) return null;
  const parent = parentOf(nodes, id, element);
  return { parent, origin: parent === undefined ? ORIGIN : absolutePosition(nodes, parent) };
}

function heldAfter(
  change: NodeChange<FlowNode>,
  held: ReadonlyMap<string, Held>,
  diagram: Diagram,
): { id: string; held: Held; ends: boolean } | null {
  if (change.type === "position") {
    const { id } = change;
    const old = held.get(id) ?? startOf(id, diagram);
    if (old === null) return null;
    const at = placeAfter(change, old, held.has(id));
    return { id, held: { ...old, box: { ...old.box, ...at } }, ends: change.dragging === false };
  }
  // Sizes that React Flow measures come without `resizing`: ours are computed, not measured.
  if (change.type !== "dimensions" || change.resizing === undefined) return null;
  const { id } = change;
  const old = held.get(id) ?? startOf(id, diagram);
  if (old === null || change.dimensions === undefined) return null;
  const size = {
    width: Math.round(change.dimensions.width),
    height: Math.round(change.dimensions.height),
  };
  return { id, held: { ...old, box: { ...old.box, ...size } }, ends: !change.resizing };
}

/**
 * React Flow counts a drag from the present parent, and a resize from the parent at its beginning.
 * At the end of a drag it says again what it said last, which by now may be from another parent.
 */
function placeAfter(
  { position, dragging }: { position?: Point; dragging?: boolean },
  { box, shift }: Held,
  wasHeld: boolean,
): Point {
  if (position === undefined || (dragging === false && wasHeld)) return { x: box.x, y: box.y };
  const place = { x: Math.round(position.x), y: Math.round(position.y) };
  return dragging === undefined ? shifted(place, shift) : place;
}

function startOf(id: string, diagram: Diagram): Held | null {
  const element = diagram.nodes.get(id);
  const frame = frameOf(id, diagram);
  if (element === undefined || frame === null) return null;
  return { name: labelOf(element), box: positionOf(element), frame, shift: ORIGIN };
}
