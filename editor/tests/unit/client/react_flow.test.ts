import {
  apply,
  type Diagram,
  type Element,
  flowEdges,
  flowNodes,
  newDiagram,
  type Operation,
  operationOfChanges,
  operationOfConnection,
  operationToJson,
  updateNode,
} from "@diagramai/client";
import {
  applyEdgeChanges,
  applyNodeChanges,
  type Edge,
  type EdgeChange,
  type Node,
  type NodeChange,
} from "@xyflow/react";
import { expect, test } from "vitest";

function node(x: number, more: Element = {}): Element {
  return { type: "process", position: { x, y: x }, data: { label: `It stands at ${x}` }, ...more };
}

const S = newDiagram({
  nodes: new Map([
    ["a-child", node(1, { parentId: "group", extent: "parent" })],
    ["far", node(300, { mine: { kept: true } })],
    ["group", node(100, { width: 200, height: 100 })],
  ]),
  edges: new Map<string, Element>([
    ["e1", { source: "a-child", target: "far", label: "yes" }],
    ["e2", { source: "group", target: "far", sourceHandle: "right" }],
  ]),
});

function after(T: Diagram, a: Operation | null): Diagram {
  if (a === null) throw new Error("These changes are no operation");
  return apply(T, a).diagram;
}

function find<T extends { id: string }>(items: readonly T[], id: string): T {
  const found = items.find((item) => item.id === id);
  if (found === undefined) throw new Error(`There is no ${id}`);
  return found;
}

test("nodes come with their ids and all their fields, parents first", () => {
  const nodes: Node[] = flowNodes(S);
  expect(nodes.map(({ id }) => id)).toEqual(["far", "group", "a-child"]);
  expect(nodes[0]).toEqual({ id: "far", ...node(300, { mine: { kept: true } }) });
  const edges: Edge[] = flowEdges(S);
  expect(edges[0]).toEqual({ id: "e1", source: "a-child", target: "far", label: "yes" });
});

test("what one page is doing is kept, and what is unchanged is the same object", () => {
  const changes: NodeChange[] = [
    { type: "select", id: "far", selected: true },
    { type: "dimensions", id: "far", dimensions: { width: 80, height: 40 } },
  ];
  const before: Node[] = applyNodeChanges(changes, flowNodes(S));
  const selects: EdgeChange[] = [{ type: "select", id: "e2", selected: true }];
  const beforeEdges: Edge[] = applyEdgeChanges(selects, flowEdges(S));
  const T = after(S, updateNode("group", { "/data/label": { type: "set", value: "Renamed" } }));
  const nodes = flowNodes(T, before);
  expect(find(nodes, "far")).toBe(find(before, "far"));
  expect(find(nodes, "a-child")).toBe(find(before, "a-child"));
  expect(find(nodes, "group").data).toEqual({ label: "Renamed" });
  const edges = flowEdges(T, beforeEdges);
  expect(edges.map((edge, i) => edge === beforeEdges[i])).toEqual([true, true]);
});

test("a node under the pointer stays there, whatever others do to it, until it is dropped", () => {
  const drag: NodeChange[] = [
    { type: "position", id: "far", position: { x: 7, y: 8 }, dragging: true },
  ];
  const held: Node[] = applyNodeChanges(drag, flowNodes(S));
  expect(operationOfChanges(S, drag)).toBeNull();
  const moved = updateNode("far", { "/position": { type: "set", value: { x: 0, y: 0 } } });
  const T = after(S, moved);
  expect(find(flowNodes(T, held), "far").position).toEqual({ x: 7, y: 8 });
  const drop: NodeChange[] = [
    { type: "position", id: "far", position: { x: 9, y: 9 }, dragging: false },
    { type: "position", id: "group", position: { x: 5, y: 5 }, dragging: false },
    { type: "position", id: "a-child", position: { x: 1, y: 1 }, dragging: false },
  ];
  const dropped = operationOfChanges(T, drop);
  expect([...(dropped?.nodes.keys() ?? [])]).toEqual(["far", "group"]);
  const shown = flowNodes(after(T, dropped), applyNodeChanges(drop, held));
  expect(find(shown, "far")).toMatchObject({ position: { x: 9, y: 9 }, dragging: false });
});

test("selecting, measuring and changes of what is gone are no operation", () => {
  const changes: NodeChange[] = [
    { type: "select", id: "far", selected: true },
    { type: "dimensions", id: "far", dimensions: { width: 80, height: 40 } },
    { type: "position", id: "gone", position: { x: 1, y: 1 }, dragging: false },
    { type: "remove", id: "gone" },
    { type: "replace", id: "gone", item: { id: "gone", position: { x: 0, y: 0 }, data: {} } },
  ];
  expect(operationOfChanges(S, changes, [{ type: "remove", id: "gone" }])).toBeNull();
});

test("a resize is one operation at its end, with where it moved the node and its children", () => {
  const step: NodeChange[] = [
    { type: "position", id: "group", position: { x: 90, y: 100 } },
    {
      type: "dimensions",
      id: "group",
      dimensions: { width: 210, height: 100 },
      resizing: true,
      setAttributes: true,
    },
    { type: "position", id: "a-child", position: { x: 11, y: 1 } },
  ];
  expect(operationOfChanges(S, step)).toBeNull();
  const shown = flowNodes(S, applyNodeChanges(step, flowNodes(S)));
  expect(find(shown, "a-child").position).toEqual({ x: 11, y: 1 });
  const end: NodeChange[] = [
    { type: "dimensions", id: "group", dimensions: { width: 210, height: 100 }, resizing: false },
  ];
  const T = after(S, operationOfChanges(S, end, [], shown));
  expect(T.nodes.get("group")).toMatchObject({ position: { x: 90, y: 100 }, width: 210 });
  expect(T.nodes.get("a-child")?.position).toEqual({ x: 11, y: 1 });
});

test("a node grown by its child is an operation at once", () => {
  const changes: NodeChange[] = [
    {
      type: "dimensions",
      id: "group",
      dimensions: { width: 250, height: 140 },
      setAttributes: "width",
    },
  ];
  const T = after(S, operationOfChanges(S, changes));
  expect(T.nodes.get("group")).toMatchObject({ width: 250, height: 100 });
});

test("with a node go its edges, and its children stay where they are", () => {
  const changes: NodeChange[] = [
    { type: "remove", id: "group" },
    // In the group that goes.
    { type: "position", id: "a-child", position: { x: 2, y: 2 }, dragging: false },
  ];
  const T = after(S, operationOfChanges(S, changes));
  expect([...T.edges.keys()]).toEqual(["e1"]);
  expect(T.nodes.get("a-child")).toEqual(node(101, { data: { label: "It stands at 1" } }));
});

test("items that are added or replaced are written without what is only of this page", () => {
  const label = "It stands at 300 and more";
  const item: Node = {
    ...find<Node>(flowNodes(S), "far"),
    selected: true,
    measured: { width: 1, height: 1 },
    data: { label, onClick: () => {} },
  };
  const changes: NodeChange[] = [
    { type: "replace", id: "far", item },
    { type: "add", item: { ...item, id: "new", hidden: false, dragging: true } },
  ];
  const edge: Edge = { id: "e3", source: "new", target: "far", selected: true };
  const a = operationOfChanges(S, changes, [{ type: "add", item: edge }]);
  const T = after(S, a);
  expect(T.nodes.get("far")).toEqual(node(300, { mine: { kept: true }, data: { label } }));
  expect(JSON.stringify(a && operationToJson(a))).toContain(`"edit":[16," and more"]`);
  expect(Object.keys(T.nodes.get("new") ?? {}).sort()).toEqual([
    "data",
    "hidden",
    "mine",
    "position",
    "type",
  ]);
  expect(T.edges.get("e3")).toEqual({ source: "new", target: "far" });
});

test("replacing a node while it is dragged does not drop it", () => {
  const drag: NodeChange[] = [
    { type: "position", id: "far", position: { x: 7, y: 8 }, dragging: true },
  ];
  const shown = flowNodes(S, applyNodeChanges(drag, flowNodes(S)));
  const item = { ...find(shown, "far"), data: { label: "New" } };
  const T = after(S, operationOfChanges(S, [{ type: "replace", id: "far", item }], [], shown));
  expect(T.nodes.get("far")).toEqual(node(300, { mine: { kept: true }, data: { label: "New" } }));
});

test("a connection is a new edge, unless it is there or an end is gone", () => {
  const connection = { source: "far", target: "group", sourceHandle: null, targetHandle: "left" };
  const T = after(S, operationOfConnection(S, connection, { type: "smoothstep" }));
  const [id] = [...T.edges.keys()].slice(-1);
  expect(T.edges.get(id ?? "")).toEqual({
    type: "smoothstep",
    source: "far",
    target: "group",
    targetHandle: "left",
  });
  expect(operationOfConnection(T, connection)).toBeNull();
  expect(operationOfConnection(T, { ...connection, source: "gone" })).toBeNull();
});

test("what React Flow could not draw, or would put into the page as HTML, is left out and kept", () => {
  const html = { dangerouslySetInnerHTML: { __html: "<img src=x onerror=alert(1)>" } };
  const hostile: Element = {
    position: "here",
    domAttributes: html,
    style: "color: red",
    width: "wide",
    sourcePosition: "inside",
    selected: true,
    ...JSON.parse('{"__proto__": {"hidden": true}}'),
  };
  const T = newDiagram({
    nodes: new Map([["n", hostile]]),
    edges: new Map<string, Element>([
      ["e", { source: "n", target: "n", label: { a: 1 }, markerEnd: {}, domAttributes: html }],
    ]),
  });
  const [shown] = flowNodes(T);
  expect(shown).toEqual({ id: "n", position: { x: 0, y: 0 }, data: {} });
  expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
  expect(flowEdges(T)).toEqual([{ id: "e", source: "n", target: "n" }]);
  const item = { id: "n", position: { x: 5, y: 5 }, data: { label: "Mended" } };
  const U = after(T, operationOfChanges(T, [{ type: "replace", id: "n", item }]));
  expect(U.nodes.get("n")).toEqual({
    ...hostile,
    position: { x: 5, y: 5 },
    data: { label: "Mended" },
  });
});

test("nodes inside themselves are shown beside each other", () => {
  const T = newDiagram({
    nodes: new Map([
      ["a", node(0, { parentId: "b" })],
      ["b", node(0, { parentId: "a" })],
      ["c", node(0, { parentId: "c" })],
      ["__proto__", node(0, { parentId: "a" })],
    ]),
  });
  const parents = flowNodes(T).map(({ id, parentId }) => [id, parentId]);
  expect(parents).toEqual([
    ["b", undefined],
    ["c", undefined],
    ["a", "b"],
    ["__proto__", "a"],
  ]);
});
