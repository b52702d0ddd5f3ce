import { describe, expect, test } from "vitest";
import {
  checkTextLengths,
  type Diagram,
  MAX_KIND_LENGTH,
  MAX_STRING_LENGTH,
  MAX_TITLE_LENGTH,
  NOTHING,
  newDiagram,
  type Operation,
  type PropertiesChange,
  type Write,
} from "../../../src/ot/index.ts";
import { refusal } from "./proof.ts";

const label = "😀".repeat(MAX_STRING_LENGTH - 1);
const S: Diagram = newDiagram({
  title: "😀".repeat(MAX_TITLE_LENGTH),
  nodes: new Map([["n1", { data: { label } }]]),
});

const onNode = (write: Write): Operation => ({
  ...NOTHING,
  nodes: new Map([["n1", { type: "update", writes: new Map([["/data/label", write]]) }]]),
});
const onDiagram = (path: string, write: Write): PropertiesChange => {
  return { type: "update", writes: new Map([[path, write]]) };
};

describe("how long texts become", () => {
  test("counts code points, what is inserted and what is deleted", () => {
    expect(refusal(() => checkTextLengths(S, onNode({ type: "text", edit: ["😀"] })))).toBeNull();
    const kept = onNode({ type: "text", edit: ["😀😀", { d: 1 }] });
    expect(refusal(() => checkTextLengths(S, kept))).toBeNull();
    const longer = refusal(() => checkTextLengths(S, onNode({ type: "text", edit: ["ab"] })));
    expect(longer).toEqual({ code: "string_too_long", at: "nodes/n1/data/label" });
  });

  test.each<[string, PropertiesChange, string]>([
    ["an edited title", onDiagram("/title", { type: "text", edit: ["a"] }), "diagram/title"],
    [
      "a kind that is set",
      onDiagram("/kind", { type: "set", value: "k".repeat(MAX_KIND_LENGTH + 1) }),
      "diagram/kind",
    ],
    [
      "a whole new title",
      { type: "replace", element: { title: "t".repeat(MAX_TITLE_LENGTH + 1) } },
      "diagram/title",
    ],
  ])("has its own bound for %s", (_, diagram, at) => {
    const found = refusal(() => checkTextLengths(S, { ...NOTHING, diagram }));
    expect(found).toEqual({ code: "string_too_long", at });
  });

  test("lets a title of the longest kind stand", () => {
    const diagram = onDiagram("/title", { type: "text", edit: [{ d: 1 }, "b"] });
    expect(refusal(() => checkTextLengths(S, { ...NOTHING, diagram }))).toBeNull();
  });
});
