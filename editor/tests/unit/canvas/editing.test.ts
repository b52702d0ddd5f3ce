import { apply, type Element, newDiagram, type Peer, type PresenceState } from "@diagramai/client";
import { describe, expect, test } from "vitest";
import {
  clipOf,
  extentOf,
  MAX_CLIPBOARD_CHARS,
  MAX_PASTED,
  MAX_PASTED_LABEL,
  pasteOperation,
  readClip,
  readPaste,
  writeClip,
} from "../../../src/canvas/clipboard.ts";
import { newEdge, newNode, placeNodes, reconnectEdge } from "../../../src/canvas/edits.ts";
import { commandFor, type Keystroke } from "../../../src/canvas/keys.ts";
import { lookOf, readableOn, safeColour } from "../../../src/canvas/looks.ts";
import { PeerPreviews, PREVIEW_HOLD_MS } from "../../../src/canvas/previews.ts";

function node(x: number, y: number, more: Element = {}): Element {
  return { type: "process", position: { x, y }, data: { label: "" }, ...more };
}

const DIAGRAM = newDiagram({
  nodes: new Map([
    ["p", node(100, 100, { type: "group", kept: { deep: [1] } })],
    ["c", node(10, 20, { parentId: "p", extent: "parent" })],
    ["x", node(500, 0)],
  ]),
  edges: new Map<string, Element>([
    ["pc", { source: "p", target: "c", label: "in" }],
    ["cx", { source: "c", target: "x" }],
  ]),
});

describe("copying and pasting", () => {
  test("takes the edges between what is selected, and renews every id", () => {
    const clip = readClip(writeClip(clipOf(DIAGRAM, new Set(["p", "c"]))));
    if (clip === null) throw new Error("nothing was copied");
    const { operation, nodes, edges } = pasteOperation(clip, { x: 24, y: 24 });
    const { diagram } = apply(DIAGRAM, operation);
    expect([nodes.length, edges.length]).toEqual([2, 1]);
    expect(nodes.some((id) => DIAGRAM.nodes.has(id))).toBe(false);
    const [parent = "", child = ""] = nodes;
    expect(diagram.nodes.get(parent)).toMatchObject({
      position: { x: 124, y: 124 },
      kept: { deep: [1] },
    });
    expect(diagram.nodes.get(child)).toMatchObject({
      parentId: parent,
      position: { x: 10, y: 20 },
    });
    expect(diagram.edges.get(edges[0] ?? "")).toEqual({
      source: parent,
      target: child,
      label: "in",
    });
  });

  test("makes a root of a node whose parent stays behind, where it stands", () => {
    const clip = clipOf(DIAGRAM, new Set(["c", "x"]));
    expect(clip.nodes.get("c")).toEqual(node(110, 120));
    expect([...clip.edges.keys()]).toEqual(["cx"]);
    expect(extentOf(clip)).toEqual({ x: 110, y: 0, width: 540, height: 170 });
  });

  test("takes React Flow's JSON with ids that repeat, are missing or are numbers", () => {
    const text = JSON.stringify({
      nodes: [
        {
          id: 1,
          position: { x: 0, y: 0 },
          selected: true,
          measured: { width: 1 },
          dragging: false,
        },
        { id: 1, position: { x: 5, y: 5 } },
        { data: { label: "no id" }, parentId: 1 },
        "no node",
      ],
      edges: [
        { id: "e", source: "1", target: 1 },
        { id: "e", source: "1", target: "gone" },
      ],
      viewport: { x: 0, y: 0, zoom: 1 },
    });
    const clip = readClip(text);
    if (clip === null) throw new Error("nothing was read");
    expect(clip.nodes.size).toBe(3);
    expect(clip.nodes.get("1")).toEqual({ position: { x: 0, y: 0 } });
    expect([...clip.nodes.values()].at(-1)?.parentId).toBe("1");
    expect(clip.edges.size).toBe(1);
    expect(clip.leftOut).toBe(2);
    const pasted = pasteOperation(clip, { x: 0, y: 0 });
    expect(apply(newDiagram(), pasted.operation).diagram.nodes.size).toBe(3);
  });

  test("pastes 500 nodes as one operation", () => {
    const nodes = Array.from({ length: 500 }, (_, i) => ({
      id: `n${i}`,
      position: { x: i, y: 0 },
    }));
    const edges = nodes.slice(1).map((n, i) => ({ id: `e${i}`, source: `n${i}`, target: n.id }));
    const clip = readClip(JSON.stringify({ nodes, edges }));
    if (clip === null) throw new Error("nothing was read");
    const { operation } = pasteOperation(clip, { x: 0, y: 0 });
    const { diagram } = apply(newDiagram(), operation);
    expect([diagram.nodes.size, diagram.edges.size]).toEqual([500, 499]);
  });

  test("leaves other texts alone", () => {
    expect(readClip("Pack")).toBeNull();
    expect(readClip('{"nodes": []}')).toBeNull();
    expect(readClip("{broken")).toBeNull();
    expect(readClip("[1]")).toBeNull();
    expect(readPaste(" Pack ")).toEqual({ what: "label", label: "Pack" });
  });

  test("takes all of it or refuses all of it, and says so", () => {
    const nodes = (count: number) =>
      JSON.stringify({ nodes: Array.from({ length: count }, (_, id) => ({ id })) });
    const most = readPaste(nodes(MAX_PASTED));
    expect(most.what === "elements" && most.clip.nodes.size).toBe(MAX_PASTED);
    expect(readPaste(nodes(MAX_PASTED + 1))).toEqual({
      what: "nothing",
      why: "You copied 20,001 nodes and edges; a diagram holds 20,000. Nothing was pasted.",
    });
    const smile = "\u{1f600}";
    expect(readPaste(smile.repeat(MAX_PASTED_LABEL)).what).toBe("label");
    expect(readPaste(smile.repeat(MAX_PASTED_LABEL + 1))).toEqual({
      what: "nothing",
      why: "You copied 2,001 characters; a pasted label takes 2,000. Nothing was pasted.",
    });
    expect(readPaste(" ".repeat(MAX_CLIPBOARD_CHARS + 1)).what).toBe("nothing");
  });
});

describe("edits", () => {
  test("write by path, only what is different", () => {
    const boxes = new Map([
      ["p", { x: 100, y: 100 }],
      ["c", { x: 11, y: 20, width: 200, height: 60 }],
      ["gone", { x: 0, y: 0 }],
    ]);
    const operation = placeNodes(DIAGRAM, boxes);
    expect([...operation.nodes.keys()]).toEqual(["c"]);
    const after = apply(DIAGRAM, operation).diagram.nodes.get("c");
    expect(after).toEqual({
      ...DIAGRAM.nodes.get("c"),
      position: { x: 11, y: 20 },
      width: 200,
      height: 60,
    });
  });

  test("make nodes around a point, and edges with steps and an arrowhead", () => {
    const made = newNode("decision", { x: 75, y: 40 }, "Why?");
    expect(made.operation.nodes.get(made.id)).toMatchObject({
      element: { type: "decision", position: { x: 0, y: 0 }, data: { label: "Why?" } },
    });
    const ends = { source: "p", target: "x", sourceHandle: "right", targetHandle: null };
    const edge = newEdge(ends);
    expect(apply(DIAGRAM, edge.operation).diagram.edges.get(edge.id)).toEqual({
      source: "p",
      target: "x",
      sourceHandle: "right",
      type: "smoothstep",
      markerEnd: { type: "arrowclosed" },
    });
  });

  test("lead an edge elsewhere and keep the rest of it", () => {
    const element = DIAGRAM.edges.get("pc") ?? {};
    const ends = { source: "p", target: "x", sourceHandle: null, targetHandle: "top" };
    const after = apply(DIAGRAM, reconnectEdge("pc", element, ends)).diagram.edges.get("pc");
    expect(after).toEqual({ source: "p", target: "x", targetHandle: "top", label: "in" });
    const back = { source: "p", target: "x", sourceHandle: null, targetHandle: null };
    const again = apply(DIAGRAM, reconnectEdge("pc", { ...after }, back)).diagram.edges.get("pc");
    expect(again).toEqual({ source: "p", target: "c", label: "in" });
  });
});

describe("previews of others", () => {
  const peer = (state: PresenceState, sessionId = "s1"): Peer => ({
    sessionId,
    participant: { kind: "user", id: sessionId, name: "Ada" },
    colour: "#123456",
    state,
  });
  const dragging = (x: number) => peer({ preview: { a: { x, y: 0 } } });
  const moved = placeNodes(
    newDiagram({ nodes: new Map([["a", node(0, 0)]]) }),
    new Map([["a", { x: 9, y: 0 }]]),
  );

  test("are shown while they last, and held until the operation comes", () => {
    const previews = new PeerPreviews();
    previews.update([dragging(9)], 0);
    expect(previews.boxes.get("a")).toEqual({ x: 9, y: 0 });
    previews.update([peer({})], 10);
    expect(previews.boxes.get("a")).toEqual({ x: 9, y: 0 });
    previews.applied(moved);
    expect(previews.boxes.size).toBe(0);
    expect(previews.nextExpiry).toBeNull();
  });

  test("go after a while where no operation comes", () => {
    const previews = new PeerPreviews();
    previews.update([dragging(9)], 0);
    previews.update([], 10);
    expect(previews.nextExpiry).toBe(10 + PREVIEW_HOLD_MS);
    previews.expire(9 + PREVIEW_HOLD_MS);
    expect(previews.boxes.size).toBe(1);
    previews.expire(10 + PREVIEW_HOLD_MS);
    expect(previews.boxes.size).toBe(0);
  });

  test("do not come back from a preview that the operation has overtaken", () => {
    const previews = new PeerPreviews();
    previews.update([dragging(9)], 0);
    previews.applied(moved);
    previews.update([dragging(9), peer({}, "s2")], 5);
    expect(previews.boxes.size).toBe(0);
    previews.update([dragging(30)], 6);
    expect(previews.boxes.get("a")).toEqual({ x: 30, y: 0 });
  });

  test("stay through an operation that only edits the label", () => {
    const previews = new PeerPreviews();
    previews.update([dragging(9)], 0);
    const write = { type: "set", value: "x" } as const;
    const change = { type: "update", writes: new Map([["/data/label", write]]) } as const;
    previews.applied({ diagram: null, nodes: new Map([["a", change]]), edges: new Map() });
    expect(previews.boxes.size).toBe(1);
  });

  test("are the same object while nothing changed", () => {
    const previews = new PeerPreviews();
    previews.update([dragging(9)], 0);
    const before = previews.boxes;
    previews.update([dragging(9)], 1);
    expect(previews.boxes).toBe(before);
  });
});

describe("keys", () => {
  const stroke = (key: string, more: Partial<Keystroke> = {}): Keystroke => ({
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...more,
  });

  test.each([
    [stroke("Delete"), { do: "delete" }],
    [stroke("Backspace"), { do: "delete" }],
    [stroke("ArrowLeft"), { do: "move", x: -10, y: 0 }],
    [stroke("ArrowDown", { shiftKey: true }), { do: "move", x: 0, y: 1 }],
    [stroke("F2"), { do: "edit" }],
    [stroke("q"), { do: "type" }],
    [stroke("日"), { do: "type" }],
    [stroke("D", { ctrlKey: true, shiftKey: true }), { do: "duplicate" }],
    [stroke("z", { metaKey: true }), { do: "undo" }],
    [stroke("Z", { metaKey: true, shiftKey: true }), { do: "redo" }],
    [stroke("y", { ctrlKey: true }), { do: "redo" }],
    [stroke("c", { ctrlKey: true }), null],
    [stroke("q", { altKey: true }), null],
    [stroke("Enter", { ctrlKey: true }), { do: "connect" }],
    [stroke(" "), { do: "select" }],
    [stroke(" ", { shiftKey: true }), { do: "add" }],
    [stroke("Shift"), null],
    [stroke("F5"), null],
  ])("%o asks for %o", (pressed, command) => {
    expect(commandFor(pressed)).toEqual(command);
  });
});

describe("colours", () => {
  test("are taken only where they load nothing and refer to nothing", () => {
    for (const good of [
      "#fff",
      "#12345678",
      "tomato",
      "rgb(1, 2, 3)",
      "hsl(120deg 50% 50% / 0.5)",
    ]) {
      expect(safeColour(good)).toBe(good);
    }
    const bad = [
      "url(https://x)",
      "var(--ink)",
      "red;background:url(x)",
      "rgb(url(x))",
      "none",
      "",
      5,
    ];
    for (const value of bad) expect(safeColour(value)).toBeUndefined();
  });

  test("come from the style before the data, with ink that can be read", () => {
    const look = lookOf({
      style: { backgroundColor: "#1e3a8a", border: "2px dashed #ff0000", opacity: 3 },
      data: { color: "#00ff00" },
    });
    expect(look).toEqual({
      fill: "#1e3a8a",
      stroke: "#ff0000",
      ink: "#ffffff",
      strokeWidth: 2,
      dash: "6 4",
      opacity: 1,
    });
    expect(readableOn("#fef3c7")).toBe("#1d2433");
    expect(readableOn("rgb(0 0 0)")).toBe("#ffffff");
  });
});
