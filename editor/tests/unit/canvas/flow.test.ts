import { type Diagram, type Element, newDiagram } from "@diagramai/client";
import { describe, expect, test } from "vitest";
import { facingSides, sideOfHandle, sidesFor, turnsOf } from "../../../src/canvas/floating.ts";
import { type Box, FlowBuilder } from "../../../src/canvas/flow.ts";
import { absolutePosition, paintOrder } from "../../../src/canvas/order.ts";

function node(x: number, y: number, more: Element = {}): Element {
  return { type: "process", position: { x, y }, data: { label: "" }, ...more };
}

function build(
  builder: FlowBuilder,
  diagram: Diagram,
  boxes: ReadonlyMap<string, Box> = new Map(),
) {
  return builder.build({ diagram, boxes, selectedNodes: new Set(), selectedEdges: new Set() });
}

const NODES = new Map([
  ["a", node(0, 0)],
  ["b", node(0, 200)],
  ["c", node(400, 0)],
]);
const EDGES = new Map<string, Element>([
  ["ab", { source: "a", target: "b" }],
  ["ac", { source: "a", target: "c", sourceHandle: "bottom", targetHandle: null }],
]);

describe("the flow of a diagram", () => {
  test("is the same object while nothing changed", () => {
    const builder = new FlowBuilder();
    const diagram = newDiagram({ nodes: NODES, edges: EDGES });
    const first = build(builder, diagram);
    const second = build(builder, newDiagram({ nodes: new Map(NODES), edges: new Map(EDGES) }));
    expect(second.nodes).toBe(first.nodes);
    expect(second.edges).toBe(first.edges);
  });

  test("makes only the changed node anew, and no edge whose sides hold", () => {
    const builder = new FlowBuilder();
    const first = build(builder, newDiagram({ nodes: NODES, edges: EDGES }));
    const moved = new Map(NODES).set("b", node(10, 210));
    const second = build(builder, newDiagram({ nodes: moved, edges: EDGES }));
    expect(second.nodes[0]).toBe(first.nodes[0]);
    expect(second.nodes[1]).not.toBe(first.nodes[1]);
    expect(second.nodes[1]?.position).toEqual({ x: 10, y: 210 });
    expect(second.edges).toBe(first.edges);
  });

  test("draws nothing where it cannot be drawn, whatever another program shows of a drag", () => {
    const box = { x: 1e308, y: -1e308, width: 1e308, height: 1e-9 };
    const { nodes } = build(new FlowBuilder(), newDiagram({ nodes: NODES }), new Map([["b", box]]));
    expect(nodes[1]).toMatchObject({ position: { x: 1e7, y: -1e7 }, width: 10_000, height: 10 });
  });

  test("shows a drag in place of the stored position, and takes it back", () => {
    const builder = new FlowBuilder();
    const diagram = newDiagram({ nodes: NODES });
    const dragged = build(
      builder,
      diagram,
      new Map([["b", { x: 7, y: 8, width: 300, height: 90 }]]),
    );
    expect(dragged.nodes[1]).toMatchObject({ position: { x: 7, y: 8 }, width: 300, height: 90 });
    expect(build(builder, diagram).nodes[1]).toMatchObject({
      position: { x: 0, y: 200 },
      width: 150,
    });
  });

  test("names nodes and edges for screen readers", () => {
    const nodes = new Map([
      ["a", node(0, 0, { type: "manual-input", data: { label: "Pack" } })],
      ["b", node(0, 200, { data: {} })],
    ]);
    const edges = new Map([["e", { source: "a", target: "b", label: "Yes" }]]);
    const flow = build(new FlowBuilder(), newDiagram({ nodes, edges }));
    expect(flow.nodes.map((n) => n.ariaLabel)).toEqual(["manual input: Pack", "process"]);
    expect(flow.edges[0]?.ariaLabel).toBe("Edge from Pack to a process: Yes");
  });

  test("leads an edge of a dragged node to the side that faces now", () => {
    const builder = new FlowBuilder();
    const diagram = newDiagram({ nodes: NODES, edges: EDGES });
    expect(build(builder, diagram).edges[0]).toMatchObject({
      sourceHandle: "bottom",
      targetHandle: "top",
    });
    const above = build(builder, diagram, new Map([["b", { x: 0, y: -300 }]]));
    expect(above.edges[0]).toMatchObject({ sourceHandle: "top", targetHandle: "bottom" });
  });

  test("copes with elements that are not as they should be", () => {
    const nodes = new Map<string, Element>([
      ["a", {}],
      [
        "b",
        { type: 7, position: "there", data: null, style: [], parentId: "nowhere", zIndex: "top" },
      ],
      ["__proto__", node(5, 5)],
    ]);
    const edges = new Map<string, Element>([
      [
        "e",
        { source: "a", target: "__proto__", sourceHandle: 5, targetHandle: "x", markerEnd: [] },
      ],
      ["f", { source: "a" }],
    ]);
    const flow = build(new FlowBuilder(), newDiagram({ nodes, edges }));
    expect(flow.nodes.map((n) => n.id)).toEqual(["__proto__", "a", "b"]);
    expect(flow.edges.map((e) => e.id)).toEqual(["e"]);
  });

  test("finds the topmost node under a point, children on the plane of their parents", () => {
    const nodes = new Map([
      ["a-child", node(20, 20, { parentId: "p" })],
      ["p", node(100, 100, { type: "group" })],
    ]);
    const builder = new FlowBuilder();
    build(builder, newDiagram({ nodes }));
    expect(builder.nodesAt(130, 130)).toEqual(["a-child", "p"]);
    expect(builder.nodesAt(105, 105)).toEqual(["p"]);
    expect(builder.isCovered({ x: 105, y: 105, width: 5, height: 5 })).toBe(false);
    expect(builder.isCovered({ x: 105, y: 105, width: 50, height: 50 })).toBe(true);
  });
});

describe("arrowheads", () => {
  test("are drawn for the types React Flow knows, in the line's colour or their own", () => {
    const edges = new Map<string, Element>([
      ["1", { source: "a", target: "b", markerEnd: { type: "arrowclosed", color: "#ff0000" } }],
      ["2", { source: "a", target: "b", markerEnd: "arrow", style: { stroke: "green" } }],
      ["3", { source: "a", target: "b", markerEnd: { type: "arrow", color: "url(https://x)" } }],
      ["4", { source: "a", target: "b", markerEnd: "url(#evil)" }],
    ]);
    const flow = build(new FlowBuilder(), newDiagram({ nodes: NODES, edges }));
    const ends = flow.edges.map((edge) => edge.markerEnd);
    expect(ends[0]).toMatchObject({ type: "arrowclosed", color: "#ff0000" });
    expect(ends[1]).toMatchObject({ type: "arrow", color: "green" });
    expect(ends[2]).toMatchObject({ color: "var(--cv-edge)" });
    expect(ends[3]).toBeUndefined();
  });
});

describe("the order of painting", () => {
  test("has parents before their children, else goes by id", () => {
    const nodes = new Map([
      ["a", node(0, 0, { parentId: "z" })],
      ["m", node(0, 0)],
      ["z", node(0, 0, { parentId: "y" })],
      ["y", node(0, 0)],
    ]);
    expect(paintOrder(nodes).ids).toEqual(["m", "y", "z", "a"]);
  });

  test("cuts a cycle of parents", () => {
    const nodes = new Map([
      ["a", node(1, 1, { parentId: "b" })],
      ["b", node(2, 2, { parentId: "c" })],
      ["c", node(4, 4, { parentId: "a" })],
      ["d", node(0, 0, { parentId: "d" })],
    ]);
    const { ids, parents } = paintOrder(nodes);
    expect([...ids].sort()).toEqual(["a", "b", "c", "d"]);
    expect(parents.size).toBe(2);
    for (const [child, parent] of parents)
      expect(ids.indexOf(parent)).toBeLessThan(ids.indexOf(child));
    expect(absolutePosition(nodes, "a")).toEqual({ x: 7, y: 7 });
  });
});

describe("the sides an edge joins", () => {
  const at = (x: number, y: number) => ({ x, y, width: 100, height: 50 });

  test.each([
    ["below", at(0, 200), ["bottom", "top"]],
    ["above", at(0, -200), ["top", "bottom"]],
    ["right", at(300, 0), ["right", "left"]],
    ["left", at(-300, 10), ["left", "right"]],
    ["further right than down", at(400, 100), ["right", "left"]],
    ["overlapping, lower", at(10, 40), ["bottom", "top"]],
  ])("face each other: %s", (_where, target, sides) => {
    expect(facingSides(at(0, 0), target)).toEqual(sides);
  });

  test("make a loop at a node joined to itself", () => {
    const rect = at(0, 0);
    expect(facingSides(rect, rect)).toEqual(["right", "top"]);
  });

  test("run beside each other where two nodes have several edges", () => {
    const joint = (a: string, b: string, source: unknown = null) => ({
      ends: [a, b] as const,
      source,
      target: null,
    });
    const turns = turnsOf([
      ["e3", joint("a", "b")],
      ["e1", joint("b", "a")],
      ["e2", joint("a", "b")],
      ["e0", joint("a", "b", "left")],
      ["alone", joint("a", "c")],
      ["loop", joint("a", "a")],
      ["loop2", joint("a", "a")],
    ]);
    expect(turns).toEqual(
      new Map([
        ["e2", 1],
        ["e3", 2],
      ]),
    );
    const free = { source: null, target: null };
    const below = [0, 1, 2, 3].map((turn) => sidesFor(free, at(0, 0), at(0, 200), turn));
    expect(below).toEqual([
      ["bottom", "top"],
      ["right", "right"],
      ["left", "left"],
      ["bottom", "top"],
    ]);
    expect(sidesFor(free, at(0, 0), at(300, 0), 1)).toEqual(["bottom", "bottom"]);
    expect(sidesFor(free, at(0, 0), at(300, 0), 2)).toEqual(["top", "top"]);
  });

  test("are the stored ones where those name a side", () => {
    expect(sidesFor({ source: "left", target: null }, at(0, 0), at(0, 200), 0)).toEqual([
      "left",
      "top",
    ]);
    expect(sidesFor({ source: "a", target: "target-bottom" }, at(0, 0), at(0, 200), 0)).toEqual([
      "bottom",
      "bottom",
    ]);
    expect(["r", "source_Right", "right-1"].map(sideOfHandle)).toEqual(["right", "right", "right"]);
    expect(["", "bright", "x", null, 4, undefined].map(sideOfHandle)).toEqual(Array(6).fill(null));
  });
});
