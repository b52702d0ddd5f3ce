import { type Element, newDiagram } from "@diagramai/client";
import { describe, expect, test } from "vitest";
import { endFrom } from "../../../src/canvas/ends.ts";
import { FlowBuilder } from "../../../src/canvas/flow.ts";

const LINE = { colour: "green", selected: false, width: 1.5 };

describe("what stands at the end of an edge", () => {
  test("is an arrowhead of React Flow's, or a sign of ours, of the same size and colour", () => {
    const size = { width: 18, height: 18 };
    expect(endFrom("arrow", LINE)).toEqual({ marker: { type: "arrow", color: "green", ...size } });
    expect(endFrom("circle", LINE)).toEqual({ sign: { name: "circle", colour: "green", ...size } });
    expect(endFrom({ type: "cross", color: "#ff0000", width: 30, height: 900 }, LINE)).toEqual({
      sign: { name: "cross", colour: "#ff0000", width: 30, height: 60 },
    });
  });

  test("has the colour of the selection while the edge is selected", () => {
    const line = { ...LINE, colour: "var(--accent)", selected: true };
    const { sign } = endFrom({ type: "circle", color: "#ff0000" }, line);
    expect(sign?.colour).toBe("var(--accent)");
  });

  test("is nothing where what is stored has no picture", () => {
    for (const stored of [undefined, null, "constructor", "url(#x)", {}, { type: 1 }, []]) {
      expect(endFrom(stored, LINE)).toEqual({});
    }
    const { sign } = endFrom({ type: "cross", color: "url(https://x)" }, LINE);
    expect(sign?.colour).toBe("green");
  });

  test("goes to the edge's view where React Flow cannot draw it", () => {
    const nodes = new Map<string, Element>([
      ["a", { position: { x: 0, y: 0 } }],
      ["b", { position: { x: 0, y: 200 } }],
    ]);
    const edges = new Map<string, Element>([
      ["e", { source: "a", target: "b", markerStart: "circle", markerEnd: { type: "cross" } }],
      ["f", { source: "a", target: "b", markerStart: "arrow" }],
    ]);
    const diagram = newDiagram({ nodes, edges });
    const flow = new FlowBuilder().build({
      diagram,
      boxes: new Map(),
      selectedNodes: new Set(),
      selectedEdges: new Set(["e"]),
    });
    const [signs, arrows] = flow.edges;
    expect(signs).not.toHaveProperty("markerStart");
    expect(signs).not.toHaveProperty("markerEnd");
    expect(signs?.data?.signs).toMatchObject({
      start: { name: "circle", colour: "var(--accent)" },
      end: { name: "cross", colour: "var(--accent)" },
    });
    expect(arrows).toMatchObject({ markerStart: { type: "arrow" }, markerEnd: expect.anything() });
    expect(arrows?.data?.signs).toEqual({ start: undefined, end: undefined });
  });
});
