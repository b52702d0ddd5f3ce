import { apply, type Element, newDiagram } from "@diagramai/client";
import { describe, expect, test } from "vitest";
import { caretsAt } from "../../../src/text/peers.ts";
import { type TextPlace, textAt, writeAt, writeText } from "../../../src/text/place.ts";
import { codePointsAt, unitsAt } from "../../../src/text/positions.ts";
import { bounded, MAX_SHOWN, MAX_STATE_CHARS } from "../../../src/text/presence.ts";

const LABEL: TextPlace = { target: "node", id: "a", path: "/data/label" };

function holding(element: Element) {
  return newDiagram({ nodes: new Map([["a", element]]), description: null });
}

function written(element: Element, after: string) {
  const diagram = holding(element);
  return apply(diagram, writeText(diagram, LABEL, [after], after)).diagram.nodes.get("a");
}

describe("writing a text", () => {
  test("edits the string that is there", () => {
    const diagram = holding({ data: { label: "Pack", kept: 1 } });
    const operation = writeText(diagram, LABEL, [4, " it"], "Pack it");
    expect(writeAt(operation, LABEL)).toEqual({ type: "text", edit: [4, " it"] });
    expect(apply(diagram, operation).diagram.nodes.get("a")).toEqual({
      data: { label: "Pack it", kept: 1 },
    });
  });

  test("sets it where there is none, and keeps what is beside it", () => {
    expect(written({ data: { kept: 1 } }, "Pack")).toEqual({ data: { kept: 1, label: "Pack" } });
    expect(written({ data: { label: 7 } }, "8")).toEqual({ data: { label: "8" } });
  });

  test("makes the objects on the way to it", () => {
    expect(written({ type: "end" }, "Pack")).toEqual({ type: "end", data: { label: "Pack" } });
    expect(written({ data: null }, "Pack")).toEqual({ data: { label: "Pack" } });
  });

  test("reaches the diagram's own texts", () => {
    const place: TextPlace = { target: "diagram", id: "", path: "/description" };
    const diagram = holding({});
    expect(textAt(diagram, place)).toBe("");
    const after = apply(diagram, writeText(diagram, place, ["x"], "x")).diagram;
    expect(after.description).toBe("x");
  });

  test("shows numbers, and nothing for what is no text or is gone", () => {
    expect(textAt(holding({ data: { label: 7 } }), LABEL)).toBe("7");
    expect(textAt(holding({ data: { label: ["x"] } }), LABEL)).toBe("");
    expect(textAt(newDiagram(), LABEL)).toBe("");
  });
});

test("positions count code points outside and units inside", () => {
  expect(unitsAt("a😀b", 2)).toBe(3);
  expect(unitsAt("a😀b", 99)).toBe(4);
  expect(unitsAt("ab", -5)).toBe(0);
  expect(codePointsAt("a😀b", 3)).toBe(2);
});

describe("presence", () => {
  test("is cut to what is sent", () => {
    const many = Array.from({ length: 500 }, (_, i) => `node-${i}`);
    const preview = Object.fromEntries(many.map((id) => [id, { x: 1, y: 2 }]));
    const shown = bounded({ selection: { nodes: many, edges: many }, preview, activity: "x" });
    expect(shown.selection?.nodes.length).toBe(MAX_SHOWN);
    expect(Object.keys(shown.preview ?? {}).length).toBe(MAX_SHOWN);
    const long = many.map((id) => id.repeat(40));
    const cut = bounded({ selection: { nodes: long, edges: [] }, activity: "x" });
    expect(cut).toEqual({ activity: "x" });
    expect(JSON.stringify(shown).length).toBeLessThanOrEqual(MAX_STATE_CHARS);
  });

  test("of others says where they type", () => {
    const peer = {
      sessionId: "s",
      participant: { kind: "agent", id: "r", name: "Robo" } as const,
      colour: "#123456",
      state: { caret: { target: "node", id: "a", path: "/data/label", from: 1, to: 2 } as const },
    };
    const view = { peers: [peer] };
    expect(caretsAt(view, LABEL)).toEqual([
      { key: "s", name: "Robo", colour: "#123456", from: 1, to: 2 },
    ]);
    expect(caretsAt(view, { ...LABEL, id: "b" })).toEqual([]);
    expect(caretsAt({ peers: [{ ...peer, state: {} }] }, LABEL)).toEqual([]);
  });
});
