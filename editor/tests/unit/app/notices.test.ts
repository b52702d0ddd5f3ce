import { NOTHING, operationFromJson, updateNode } from "@diagramai/client";
import { afterEach, describe, expect, test } from "vitest";
import { attempt, dismissTold, MAX_TOLD, readTold, tell } from "../../../src/app/telling.ts";
import { lostFile, lostSentence } from "../../../src/app/words/lost.ts";

const RENAMED = updateNode("a", { "/data/label": { type: "set", value: "Pack" } });
const LOST = {
  diagramId: "d",
  title: "Orders",
  code: "not_found",
  message: "The diagram is no longer there.",
  operation: RENAMED,
};

describe("edits that could not be saved", () => {
  test("in a sentence", () => {
    expect(lostSentence(LOST)).toBe("1 change to “Orders” could not be saved.");
    const writes = new Map([["/title", { type: "set" as const, value: "x" }]]);
    const both = { ...RENAMED, diagram: { type: "update" as const, writes } };
    expect(lostSentence({ ...LOST, title: " ", operation: both })).toBe(
      "2 changes to an untitled diagram could not be saved.",
    );
  });

  test("as a file that can be read again", () => {
    const { name, text } = lostFile(LOST);
    expect(name).toBe("unsaved-orders.json");
    const content = JSON.parse(text);
    expect(content).toMatchObject({ diagramId: "d", title: "Orders", code: "not_found" });
    expect(operationFromJson(content.operation)).toEqual({ ...NOTHING, nodes: RENAMED.nodes });
  });
});

describe("what is told", () => {
  afterEach(() => {
    for (const { id } of readTold()) dismissTold(id);
  });
  const texts = () => readTold().map(({ text }) => text);

  test("stays until it is dismissed, once each, and no more than a few", () => {
    for (const text of ["a", "b", "a", "c", "d"]) tell(text);
    expect(texts()).toEqual(["a", "c", "d"].slice(-MAX_TOLD));
    dismissTold(readTold()[0]?.id ?? 0);
    expect(texts()).toEqual(["c", "d"]);
  });

  test("is why something was refused", () => {
    expect(attempt(() => {})).toBe(true);
    expect(texts()).toEqual([]);
    const refused = () => {
      throw new Error("That is too large.");
    };
    expect(attempt(refused)).toBe(false);
    expect(texts()).toEqual(["That is too large."]);
  });
});
