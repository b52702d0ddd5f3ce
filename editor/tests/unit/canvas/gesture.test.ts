import {
  apply,
  type Diagram,
  deleteElements,
  type Element,
  newDiagram,
  type Operation,
  type PresenceState,
  updateNode,
} from "@diagramai/client";
import type { NodeChange } from "@xyflow/react";
import { describe, expect, test } from "vitest";
import { placeNodes } from "../../../src/canvas/edits.ts";
import type { Box, FlowNode } from "../../../src/canvas/flow.ts";
import { Gesture, type GestureSource, type Taken } from "../../../src/canvas/gesture.ts";
import { absolutePosition } from "../../../src/canvas/order.ts";

function node(x: number, y: number, more: Element = {}): Element {
  return { type: "process", position: { x, y }, data: { label: "" }, ...more };
}

/** A diagram in memory, with a gesture on it. */
class Hand implements GestureSource {
  diagram: Diagram = newDiagram({
    nodes: new Map([
      ["group", node(400, 10, { type: "group" })],
      ["child", node(50, 50, { parentId: "group", data: { label: "Pack" } })],
      ["other", node(-100, 0, { type: "group" })],
    ]),
  });
  readOnly = false;
  presence: PresenceState = {};
  boxes: ReadonlyMap<string, Box> = new Map();
  private readonly told = new Set<() => void>();
  taken: [readonly Taken[], number][] = [];
  private readonly gesture = new Gesture(this, {
    shown: (boxes) => {
      this.boxes = boxes;
    },
    taken: (gone, left) => {
      this.taken.push([gone, left]);
    },
  });

  getSnapshot() {
    return { diagram: this.diagram, readOnly: this.readOnly };
  }

  subscribe(listener: () => void): () => void {
    this.told.add(listener);
    return () => this.told.delete(listener);
  }

  get followers(): number {
    return this.told.size;
  }

  showPresence(state: PresenceState): void {
    this.presence = state;
  }

  whenSaved(): Promise<void> {
    return Promise.resolve();
  }

  edit(operation: Operation): void {
    this.diagram = apply(this.diagram, operation).diagram;
    this.tell();
  }

  tell(): void {
    for (const listener of this.told) listener();
  }

  /** As the canvas does with what React Flow reports. */
  report(change: NodeChange<FlowNode>): void {
    const done = this.gesture.take([change], this.diagram);
    if (done !== null) this.edit(placeNodes(this.diagram, done));
    this.gesture.finish(done);
  }

  drag(x: number, y: number, dragging: boolean): void {
    this.report({ type: "position", id: "child", position: { x, y }, dragging });
  }
}

const UNGROUP = (diagram: Diagram) => deleteElements(diagram, ["group"], []);

describe("a node in hand", () => {
  test("is put where it is let go", () => {
    const hand = new Hand();
    hand.drag(74.4, 74, true);
    expect(hand.boxes.get("child")).toEqual({ x: 74, y: 74 });
    hand.drag(74.4, 74, false);
    expect(hand.diagram.nodes.get("child")?.position).toEqual({ x: 74, y: 74 });
    expect([hand.boxes.size, hand.followers]).toEqual([0, 0]);
  });

  test("stays where it is held when its group is deleted, and is put there", () => {
    const hand = new Hand();
    hand.drag(74, 74, true);
    hand.edit(UNGROUP(hand.diagram));
    expect(hand.boxes.get("child")).toEqual({ x: 474, y: 84 });
    expect(hand.presence.preview).toEqual({ child: { x: 474, y: 84 } });
    hand.drag(74, 74, false);
    expect(hand.diagram.nodes.get("child")?.position).toEqual({ x: 474, y: 84 });
  });

  test("counts from its new parent once it is moved on", () => {
    const hand = new Hand();
    hand.drag(74, 74, true);
    hand.edit(UNGROUP(hand.diagram));
    hand.drag(480, 90, true);
    hand.drag(480, 90, false);
    expect(hand.diagram.nodes.get("child")?.position).toEqual({ x: 480, y: 90 });
  });

  test("goes from group to group without moving on the plane", () => {
    const hand = new Hand();
    hand.drag(74, 74, true);
    hand.edit(updateNode("group", { "/position": { type: "set", value: { x: 500, y: 10 } } }));
    expect(hand.boxes.get("child")).toEqual({ x: 74, y: 74 });
    hand.edit(updateNode("child", { "/parentId": { type: "set", value: "other" } }));
    hand.drag(74, 74, false);
    expect(absolutePosition(hand.diagram.nodes, "child")).toEqual({ x: 574, y: 84 });
  });

  test("is resized from where it stands although React Flow counts from the old parent", () => {
    const hand = new Hand();
    const resize = (x: number, width: number, resizing: boolean) => {
      hand.report({ type: "position", id: "child", position: { x, y: 50 } });
      const dimensions = { width, height: 50 };
      hand.report({ type: "dimensions", id: "child", resizing, dimensions });
    };
    resize(40, 160, true);
    hand.edit(UNGROUP(hand.diagram));
    expect(hand.boxes.get("child")).toEqual({ x: 440, y: 60, width: 160, height: 50 });
    resize(30, 170, false);
    expect(hand.diagram.nodes.get("child")).toMatchObject({
      position: { x: 430, y: 60 },
      width: 170,
    });
  });

  test("is let go where it is deleted, or the diagram may no longer be changed", () => {
    const hand = new Hand();
    hand.drag(74, 74, true);
    hand.edit(deleteElements(hand.diagram, ["child"], []));
    expect([hand.boxes.size, hand.followers, hand.presence.preview]).toEqual([0, 0, undefined]);
    expect(hand.taken).toEqual([[[{ target: "node", id: "child", name: "Pack" }], 0]]);
    const other = new Hand();
    other.drag(74, 74, true);
    other.readOnly = true;
    other.tell();
    expect(other.taken).toEqual([[[], 0]]);
    expect([other.boxes.size, other.followers, other.presence.preview]).toEqual([0, 0, undefined]);
  });
});
