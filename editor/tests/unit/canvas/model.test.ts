import {
  type ActivityEntry,
  apply,
  type Diagram,
  type DiagramView,
  deleteElements,
  type Element,
  type LiveDiagram,
  newDiagram,
  type Operation,
  OperationError,
  type PresenceState,
} from "@diagramai/client";
import { describe, expect, test } from "vitest";
import { CanvasModel } from "../../../src/canvas/model.ts";

function node(x: number, label: string): Element {
  return { type: "process", position: { x, y: 0 }, data: { label } };
}

/** A diagram in memory, as the client shows one. */
class Document implements LiveDiagram {
  readonly id = "d";
  presence: PresenceState = {};
  refusal: OperationError | null = null;
  private diagram: Diagram = newDiagram({
    nodes: new Map([
      ["a", node(0, "Pack")],
      ["b", node(300, "Ship")],
    ]),
  });
  private activity: readonly ActivityEntry[] = [];
  private readonly told = new Set<() => void>();

  getSnapshot(): DiagramView {
    return {
      status: "ready",
      diagram: this.diagram,
      revision: 0,
      saving: false,
      recovering: false,
      recovered: 0,
      stored: true,
      unsentCount: 0,
      readOnly: false,
      canUndo: false,
      canRedo: false,
      peers: [],
      conflicts: [],
      activity: this.activity,
      problem: null,
    };
  }

  subscribe(listener: () => void): () => void {
    this.told.add(listener);
    return () => this.told.delete(listener);
  }

  edit(operation: Operation): void {
    if (this.refusal !== null) throw this.refusal;
    this.diagram = apply(this.diagram, operation).diagram;
    for (const listener of this.told) listener();
  }

  /** Somebody else deletes a node. */
  loses(id: string): void {
    const author = { kind: "user", id: "local:Bob", name: "Bob" } as const;
    const at = "2026-05-12T10:00:00Z";
    const touched = { nodes: [id], edges: [] };
    const entry = { id: 1, author, mine: false, at, summary: "deleted a node", touched, count: 1 };
    this.activity = [entry];
    this.edit(deleteElements(this.diagram, [id]));
  }

  undo(): void {
    throw new OperationError("too_large", "That is too large to be undone.");
  }

  redo(): void {}

  showPresence(state: PresenceState): void {
    this.presence = state;
  }

  whenSaved(): Promise<void> {
    return Promise.resolve();
  }

  on(): () => void {
    return () => {};
  }

  dismissConflict(): void {}
  restoreMine(): void {}
  dismissProblem(): void {}
  close(): void {}
}

function opened() {
  const live = new Document();
  return { live, model: new CanvasModel(live) };
}

describe("connecting without a pointer", () => {
  test("leads from the node selected first to the second", () => {
    const { live, model } = opened();
    model.select(["b", "a"], []);
    expect(model.selectedPair()).toEqual(["b", "a"]);
    expect(model.connectSelected()).toBe(true);
    const [[id, edge] = ["", {}]] = live.getSnapshot().diagram.edges;
    expect(edge).toMatchObject({ source: "b", target: "a" });
    expect([...model.getState().selection.edges]).toEqual([id]);
  });

  test("takes two nodes and nothing else", () => {
    const { live, model } = opened();
    model.select(["a"], []);
    expect(model.connectSelected()).toBe(false);
    model.select(["a", "b"], ["e"]);
    expect(model.connectSelected()).toBe(false);
    expect(live.getSnapshot().diagram.edges.size).toBe(0);
  });
});

describe("what others delete", () => {
  test("while I drag it is told, and I am no longer shown as moving it", () => {
    const { live, model } = opened();
    model.showMoving(1);
    const position = { x: 9, y: 9 };
    model.nodesChanged([{ type: "position", id: "a", position, dragging: true }]);
    expect(live.presence).toMatchObject({ activity: "Moving 1 node", preview: { a: position } });
    live.loses("a");
    expect(model.getState().notice).toBe("Bob deleted “Pack” while you were moving it.");
    expect(live.presence).toEqual({});
  });

  test("while I edit its label is told, and I am no longer shown as typing", () => {
    const { live, model } = opened();
    model.startEditing("node", "b");
    live.loses("b");
    model.prune(live.getSnapshot());
    expect(model.getState()).toMatchObject({
      editing: null,
      notice: "Bob deleted “Ship” while you were editing it.",
    });
    expect(live.presence).toEqual({});
  });

  test("while I draw an edge from it is told", () => {
    const { live, model } = opened();
    live.loses("a");
    model.connect({ source: "a", target: "b", sourceHandle: null, targetHandle: null });
    expect(model.getState().notice).toBe("Bob deleted a node while you were connecting it.");
  });
});

describe("a refusal", () => {
  test("is told until something succeeds", () => {
    const { live, model } = opened();
    live.refusal = new OperationError("too_large", "That is too large.");
    expect(model.addNode("process", { x: 0, y: 0 }, "")).toBeNull();
    expect(model.getState().notice).toBe("That is too large.");
    live.refusal = null;
    expect(model.addNode("process", { x: 0, y: 0 }, "")).not.toBeNull();
    expect(model.getState().notice).toBeNull();
  });

  test("of an undo is told as well", () => {
    const { model } = opened();
    model.undo();
    expect(model.getState().notice).toBe("That is too large to be undone.");
  });
});
