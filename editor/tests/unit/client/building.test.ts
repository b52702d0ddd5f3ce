import {
  applyInPlace,
  copyDiagram,
  deleteElements,
  type Element,
  newDiagram,
  newId,
} from "@diagramai/client";
import { expect, test } from "vitest";

function node(x: number, parentId?: string): Element {
  const position = { x, y: x };
  return parentId === undefined ? { position } : { position, parentId, extent: "parent" };
}

const S = newDiagram({
  nodes: new Map([
    ["group", node(100)],
    ["inner", node(10, "group")],
    ["child", node(1, "inner")],
    ["far", node(0)],
    ["__proto__", node(0)],
  ]),
  edges: new Map([
    ["e1", { source: "child", target: "far" }],
    ["e2", { source: "inner", target: "far" }],
    ["__proto__", { source: "__proto__", target: "far" }],
  ]),
});

function after(nodes: string[], edges: string[] = []) {
  const T = copyDiagram(S);
  applyInPlace(T, deleteElements(T, nodes, edges));
  return T;
}

test("with a node go its edges, and its children stay where they are, one level up", () => {
  const T = after(["inner"]);
  expect(T.nodes.get("child")).toEqual({
    position: { x: 11, y: 11 },
    parentId: "group",
    extent: "parent",
  });
  expect([...T.edges.keys()]).toEqual(["e1", "__proto__"]);
});

test("children of all that goes become roots, at their place on the canvas", () => {
  const T = after(["inner", "group"]);
  expect(T.nodes.get("child")).toEqual({ position: { x: 111, y: 111 } });
});

test("what is not there, or goes with its node anyway, is no matter", () => {
  const T = after(["far", "gone"], ["e1", "e1", "gone"]);
  expect(T.edges.size).toBe(0);
  expect(T.nodes.size).toBe(4);
});

test("ids may be any text", () => {
  const T = after(["__proto__"]);
  expect([...T.nodes.keys()]).toEqual(["group", "inner", "child", "far"]);
  expect([...T.edges.keys()]).toEqual(["e1", "e2"]);
});

test("ids are new, and those made later come later", () => {
  const ids = Array.from({ length: 2_000 }, () => newId("node"));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  expect(ids[0]).toMatch(/^node-[0-9a-z]{16}$/);
});
