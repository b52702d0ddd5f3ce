/** A drag or resize of mine: previewed to others while it lasts, one operation when it ends. */
import type { Diagram, LiveDiagram } from "@diagramai/client";
import type { NodeChange } from "@xyflow/react";
import { presenceOn } from "../text/index.ts";
import { positionOf } from "./fields.ts";
import type { Box, FlowNode } from "./flow.ts";

type Boxes = ReadonlyMap<string, Box>;

const NO_BOXES: Boxes = new Map();

/** Gathers React Flow's changes of positions and sizes until the pointer lets go. */
export class Gesture {
  private boxes: Boxes = NO_BOXES;
  /** Counts gestures, so that the end of an old one does not clear the preview of a new one. */
  private turn = 0;
  private readonly live: LiveDiagram;
  private readonly shown: (boxes: Boxes) => void;

  constructor(live: LiveDiagram, shown: (boxes: Boxes) => void) {
    this.live = live;
    this.shown = shown;
  }

  /** Takes in changes. Returns the final boxes if these ended the gesture, else `null`. */
  take(changes: readonly NodeChange<FlowNode>[], diagram: Diagram): Boxes | null {
    const boxes = new Map(this.boxes);
    let [touched, ended] = [false, false];
    for (const change of changes) {
      const box = boxAfter(change, boxes, diagram);
      if (box === null) continue;
      boxes.set(box.id, box.box);
      touched = true;
      ended ||= box.ends;
    }
    if (!touched) return null;
    for (const id of boxes.keys()) if (!diagram.nodes.has(id)) boxes.delete(id);
    this.boxes = boxes;
    if (ended) return boxes;
    this.turn += 1;
    this.shown(boxes);
    presenceOn(this.live).set("preview", Object.fromEntries(boxes));
    return null;
  }

  /**
   * Ends the gesture once its operation was made. The preview is shown to others until the operation
   * is durable, so that on their screens the nodes do not jump back in between.
   */
  finish(done: Boxes | null): void {
    if (done === null) return;
    this.boxes = NO_BOXES;
    this.turn += 1;
    const turn = this.turn;
    this.shown(NO_BOXES);
    const clear = () => {
      if (turn === this.turn) presenceOn(this.live).set("preview", undefined);
    };
    // Where it is not saved, the connection is closed and so is what it showed.
    this.live.whenSaved().then(clear, clear);
  }
}

function boxAfter(
  change: NodeChange<FlowNode>,
  boxes: Boxes,
  diagram: Diagram,
): { id: string; box: Box; ends: boolean } | null {
  if (change.type === "position") {
    const old = boxes.get(change.id) ?? startOf(change.id, diagram);
    if (old === null) return null;
    const { x, y } = change.position ?? old;
    const box = { ...old, x: Math.round(x), y: Math.round(y) };
    return { id: change.id, box, ends: change.dragging === false };
  }
  // Sizes that React Flow measures come without `resizing`: ours are computed, not measured.
  if (change.type !== "dimensions" || change.resizing === undefined) return null;
  const old = boxes.get(change.id) ?? startOf(change.id, diagram);
  if (old === null || change.dimensions === undefined) return null;
  const { width, height } = change.dimensions;
  const box = { ...old, width: Math.round(width), height: Math.round(height) };
  return { id: change.id, box, ends: !change.resizing };
}

function startOf(id: string, diagram: Diagram): Box | null {
  const element = diagram.nodes.get(id);
  return element === undefined ? null : positionOf(element);
}
