import { describe, expect, test } from "vitest";
import {
  apply,
  diagramFromJson,
  diagramToJson,
  invert,
  type Json,
  jsonEqual,
  newDiagram,
  operationFromJson,
  operationToJson,
  textEditFromJson,
} from "../../../src/ot/index.ts";
import { refusal } from "./proof.ts";

const nodes = (change: Json): Json => ({ nodes: { n1: change } });
const writes = (write: Json): Json => nodes({ type: "update", writes: { "/data/label": write } });

describe("an operation of another shape is refused, and the place is named", () => {
  test.each<[string, Json, string]>([
    ["no object", [], ""],
    ["an unknown key", { node: {} }, "/node"],
    ["changes in an array", { nodes: [] }, "nodes"],
    ["a change that is none", nodes("delete"), "nodes/n1"],
    ["an unknown change", nodes({ type: "move" }), "nodes/n1/type"],
    ["a key too many", nodes({ type: "delete", element: {} }), "nodes/n1/element"],
    ["a create without an element", nodes({ type: "create" }), "nodes/n1/element"],
    ["an element that is null", nodes({ type: "replace", element: null }), "nodes/n1/element"],
    ["a was that is no element", nodes({ type: "delete", was: 1 }), "nodes/n1/was"],
    ["an update without writes", nodes({ type: "update" }), "nodes/n1/writes"],
    ["an unknown write", writes({ type: "increment" }), "nodes/n1/data/label/type"],
    ["a set without a value", writes({ type: "set" }), "nodes/n1/data/label/value"],
    ["an unset with a value", writes({ type: "unset", value: 1 }), "nodes/n1/data/label/value"],
    ["a text without an edit", writes({ type: "text" }), "nodes/n1/data/label/edit"],
    ["half a count", writes({ type: "text", edit: [0.5] }), "nodes/n1/data/label/edit"],
    ["a count that is none", writes({ type: "text", edit: [true] }), "nodes/n1/data/label/edit"],
    ["a created diagram", { diagram: { type: "create", element: {} } }, "diagram/type"],
  ])("%s", (_, json, at) => {
    expect(refusal(() => operationFromJson(json))).toEqual({ code: "invalid_operation", at });
  });

  test.each<Json>([{}, { d: null }, { d: 1, e: 1 }, null])("the component %j", (component) => {
    expect(refusal(() => textEditFromJson([component]))?.code).toBe("invalid_operation");
  });
});

describe("a diagram of another shape is refused", () => {
  test.each<[string, Json, string, string]>([
    ["no object", null, "invalid_diagram", ""],
    ["nodes in an array", { nodes: [] }, "invalid_diagram", "nodes"],
    ["an edge that is none", { edges: { e1: 1 } }, "invalid_diagram", "edges/e1"],
    ["a title that is no text", { title: 1 }, "invalid_properties", "/title"],
    ["data that is no object", { data: [] }, "invalid_properties", "/data"],
  ])("%s", (_, json, code, at) => {
    expect(refusal(() => diagramFromJson(json))).toEqual({ code, at });
  });

  test("and what is missing is empty", () => {
    expect(diagramFromJson({ other: 1 })).toEqual(newDiagram());
  });
});

describe("names that mean something to JavaScript are names as any", () => {
  const text = `{"title":"","description":null,"kind":"flowchart","data":{"__proto__":{"a":1}},
    "nodes":{"__proto__":{"data":{"__proto__":"x","constructor":1}},"10":{}},"edges":{}}`;

  test("in a diagram, there and back", () => {
    const S = diagramFromJson(JSON.parse(text));
    expect([...S.nodes.keys()].sort()).toEqual(["10", "__proto__"]);
    expect(JSON.parse(JSON.stringify(diagramToJson(S)))).toEqual(JSON.parse(text));
    expect(jsonEqual(diagramToJson(S), JSON.parse(text))).toBe(true);
  });

  test("in an operation, there, back and undone", () => {
    const S = diagramFromJson(JSON.parse(text));
    const json = `{"nodes":{"__proto__":{"type":"update","writes":{
      "/data/__proto__":{"type":"set","value":{"polluted":true}},"/data/y":{"type":"set","value":0}}}}}`;
    const { diagram, logged } = apply(S, operationFromJson(JSON.parse(json)));
    expect(JSON.stringify(diagram.nodes.get("__proto__"))).toContain('"__proto__":{"polluted"');
    expect(Object.getPrototypeOf(diagram.nodes.get("__proto__")?.data)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    const undo = operationFromJson(JSON.parse(JSON.stringify(operationToJson(invert(logged)))));
    expect(jsonEqual(diagramToJson(apply(diagram, undo).diagram), JSON.parse(text))).toBe(true);
  });

  test("and inherited ones are not there", () => {
    const S = diagramFromJson({ nodes: { n1: { data: {} } } });
    const json = `{"nodes":{"n1":{"type":"update","writes":{
      "/data/constructor/name":{"type":"set","value":1}}}}}`;
    const found = refusal(() => apply(S, operationFromJson(JSON.parse(json))));
    expect(found).toEqual({ code: "parent_not_an_object", at: "nodes/n1/data/constructor/name" });
  });
});

test("equality keeps true from 1, null from nothing, and arrays in order", () => {
  expect(jsonEqual({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
  const different: [Json, Json][] = [
    [true, 1],
    [null, {}],
    [{ a: null }, {}],
    [{ a: null }, { b: null }],
    [[], {}],
    [
      [1, 2],
      [2, 1],
    ],
    ["1", 1],
  ];
  for (const [x, y] of different) {
    expect(jsonEqual(x, y)).toBe(false);
    expect(jsonEqual(y, x)).toBe(false);
  }
});
