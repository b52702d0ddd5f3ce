import { apply, type Diagram, type Element, operationToJson } from "@diagramai/client";
import { describe, expect, test } from "vitest";
import {
  arrowAt,
  arrowWishes,
  dashWishes,
  isDashed,
} from "../../../src/app/editor/panel/edgeWishes.ts";
import { readNumber } from "../../../src/app/editor/panel/fields/NumberField.tsx";
import {
  colourAt,
  colourWishes,
  NODE_COLOURS,
  positionWishes,
  sizeWishes,
} from "../../../src/app/editor/panel/nodeWishes.ts";
import {
  MIXED,
  shared,
  type Wish,
  writeAll,
  writeProperty,
} from "../../../src/app/editor/panel/writes.ts";

const PACK: Element = {
  type: "process",
  position: { x: 10, y: 20 },
  style: { background: "#ff0000" },
  data: { label: "Pack" },
};
const SHIP: Element = { type: "process", position: { x: 50, y: 60 }, data: { label: "Ship" } };

function diagram(): Diagram {
  return {
    title: "Orders",
    description: null,
    kind: "flowchart",
    data: {},
    nodes: new Map([
      ["pack", PACK],
      ["ship", SHIP],
    ]),
    edges: new Map([["e", { source: "pack", target: "ship" }]]),
  };
}

/** The diagram after the wishes; the operation has to fit. */
function diagramAfter(
  ids: readonly string[],
  wishesFor: (element: Element) => readonly Wish[],
): Diagram {
  const operation = writeAll(diagram(), "nodes", ids, wishesFor);
  if (operation === null) throw new Error("nothing was written");
  return apply(diagram(), operation).diagram;
}

const [FILL] = NODE_COLOURS;
if (FILL === undefined) throw new Error("there is a colour for the fill");

describe("one operation for all that is selected", () => {
  test("a shared value goes to each, and only where it differs", () => {
    const operation = writeAll(diagram(), "nodes", ["pack", "ship"], () => [["/type", "start"]]);
    expect(operation?.nodes.size).toBe(2);
    expect(operation?.edges.size).toBe(0);
    expect(writeAll(diagram(), "nodes", ["pack", "ship"], () => [["/type", "process"]])).toBeNull();
  });

  test("what others deleted meanwhile is left out", () => {
    const operation = writeAll(diagram(), "nodes", ["pack", "gone"], () => [["/type", "start"]]);
    expect([...(operation?.nodes.keys() ?? [])]).toEqual(["pack"]);
    expect(writeAll(diagram(), "nodes", ["gone"], () => [["/type", "start"]])).toBeNull();
  });

  test("what holds the value is made where it is missing", () => {
    const made = diagramAfter(["pack", "ship"], () => colourWishes(FILL, "#00ff00"));
    expect(made.nodes.get("pack")?.style).toEqual({
      background: "#ff0000",
      backgroundColor: "#00ff00",
    });
    expect(made.nodes.get("ship")?.style).toEqual({ backgroundColor: "#00ff00" });
  });

  test("where something else stands in the way it is replaced", () => {
    const odd: Diagram = { ...diagram(), nodes: new Map([["pack", { ...PACK, style: null }]]) };
    const operation = writeAll(odd, "nodes", ["pack"], () => colourWishes(FILL, "#00ff00"));
    if (operation === null) throw new Error("nothing was written");
    expect(apply(odd, operation).diagram.nodes.get("pack")?.style).toEqual({
      backgroundColor: "#00ff00",
    });
  });

  test("the default removes a colour wherever it is written", () => {
    expect(colourAt(PACK, FILL)).toBe("#ff0000");
    const made = diagramAfter(["pack"], () => colourWishes(FILL, undefined));
    expect(colourAt(made.nodes.get("pack") ?? {}, FILL)).toBeUndefined();
    expect(writeAll(diagram(), "nodes", ["ship"], () => colourWishes(FILL, undefined))).toBeNull();
  });

  test("one coordinate for all leaves each its other", () => {
    const made = diagramAfter(["pack", "ship"], (element) => positionWishes(element, "x", 7));
    expect(made.nodes.get("pack")?.position).toEqual({ x: 7, y: 20 });
    expect(made.nodes.get("ship")?.position).toEqual({ x: 7, y: 60 });
  });

  test("a size is written, and taken away again", () => {
    const wide = diagramAfter(["pack"], () => sizeWishes("width", 300));
    expect(wide.nodes.get("pack")?.width).toBe(300);
    const back = writeAll(wide, "nodes", ["pack"], () => sizeWishes("width", undefined));
    if (back === null) throw new Error("nothing was written");
    expect(apply(wide, back).diagram.nodes.get("pack")).not.toHaveProperty("width");
  });

  test("keys of any name", () => {
    const made = diagramAfter(["ship"], () => [["/__proto__/a~1b", 1]]);
    const ship = made.nodes.get("ship") ?? {};
    expect(Object.hasOwn(ship, "__proto__")).toBe(true);
    expect(JSON.stringify(ship)).toContain('"__proto__":{"a/b":1}');
  });

  test("the diagram's kind", () => {
    expect(writeProperty(diagram(), "/kind", "flowchart")).toBeNull();
    const operation = writeProperty(diagram(), "/kind", "mindmap");
    expect(operation && operationToJson(operation)).toEqual({
      diagram: { type: "update", writes: { "/kind": { type: "set", value: "mindmap" } } },
    });
  });
});

describe("shared values", () => {
  const typeOf = (element: Element) => element.type;

  test("the same, different, none", () => {
    expect(shared([PACK, SHIP], typeOf)).toBe("process");
    expect(shared([PACK, { ...SHIP, type: "end" }], typeOf)).toBe(MIXED);
    expect(shared([PACK, {}], typeOf)).toBe(MIXED);
    expect(shared([], typeOf)).toBeUndefined();
  });

  test("objects are compared by what they hold", () => {
    const position = (element: Element) => element.position;
    expect(shared([PACK, { position: { y: 20, x: 10 } }], position)).toEqual({ x: 10, y: 20 });
  });
});

describe("edges", () => {
  test("an arrowhead keeps its size and colour", () => {
    const edge: Element = { markerEnd: { type: "arrow", width: 30 } };
    expect(arrowWishes(edge, "markerEnd", "arrowclosed")).toEqual([
      ["/markerEnd", { type: "arrowclosed", width: 30 }],
    ]);
    expect(arrowWishes(edge, "markerEnd", "arrow")).toEqual([]);
    expect(arrowWishes(edge, "markerEnd", "none")).toEqual([["/markerEnd", null]]);
    expect(arrowAt({}, "markerEnd")).toBe("arrowclosed");
    expect(arrowAt({ markerEnd: null }, "markerEnd")).toBe("none");
    expect(arrowAt({}, "markerStart")).toBe("none");
    expect(arrowAt({ markerStart: "arrow" }, "markerStart")).toBe("arrow");
    expect(arrowAt({ markerStart: "url(#x)" }, "markerStart")).toBe("none");
  });

  test("a circle and a cross can be read and chosen as arrowheads are", () => {
    const edge: Element = { markerStart: "cross", markerEnd: { type: "circle", color: "#ff0000" } };
    expect([arrowAt(edge, "markerStart"), arrowAt(edge, "markerEnd")]).toEqual(["cross", "circle"]);
    expect(arrowWishes(edge, "markerEnd", "cross")).toEqual([
      ["/markerEnd", { type: "cross", color: "#ff0000" }],
    ]);
    expect(arrowWishes(edge, "markerStart", "circle")).toEqual([
      ["/markerStart", { type: "circle" }],
    ]);
    expect(arrowWishes(edge, "markerStart", "cross")).toEqual([]);
    expect(arrowWishes(edge, "markerStart", "none")).toEqual([["/markerStart", null]]);
  });

  test("dashes of another make are left as they are", () => {
    const dotted: Element = { style: { strokeDasharray: "1 3" } };
    expect(isDashed(dotted)).toBe(true);
    expect(dashWishes(dotted, true)).toEqual([]);
    expect(dashWishes(dotted, false)).toEqual([["/style/strokeDasharray", undefined]]);
    expect(isDashed({})).toBe(false);
  });
});

describe("numbers that are typed", () => {
  test.each([
    ["12", 12],
    [" -3,5 ", -3.5],
    ["−4", -4],
    ["1e9", 100],
    ["-1e9", -100],
    ["", undefined],
    ["abc", null],
    ["Infinity", null],
  ])("%j", (text, number) => {
    expect(readNumber(text, -100, 100)).toBe(number);
  });
});
