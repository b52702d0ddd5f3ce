import { describe, expect, test } from "vitest";
import {
  type Conflict,
  conflictSentence,
  conflictValues,
  possessive,
} from "../../../src/app/words/conflict.ts";
import { placeName, showValue } from "../../../src/app/words/values.ts";

const ROBO = { kind: "agent", id: "robo", name: "Robo" } as const;

function conflict(changed: Partial<Conflict> = {}): Conflict {
  return {
    kind: "simultaneous_edit",
    target: "node",
    path: "/data/label",
    by: ROBO,
    kept: "Pack the parcel",
    dropped: "Packing",
    name: "Pack",
    ...changed,
  };
}

describe("sentences", () => {
  test("a name that was replaced", () => {
    expect(conflictSentence(conflict())).toBe("Your name for “Pack” was replaced by Robo’s.");
  });

  test("other values are values of the thing", () => {
    const colour = conflict({ path: "/style/backgroundColor" });
    expect(conflictSentence(colour)).toBe("Your colour of “Pack” was replaced by Robo’s.");
    const title = conflict({ target: "diagram", path: "/title", name: "Orders" });
    expect(conflictSentence(title)).toBe("Your title of the diagram was replaced by Robo’s.");
  });

  test("a place", () => {
    const moved = conflict({ kind: "position_conflict", path: "/position" });
    expect(conflictSentence(moved)).toBe("“Pack” was moved by Robo as well, and stands there now.");
  });

  test("theirs deleted what I edited", () => {
    const gone = conflict({ kind: "delete_while_editing", path: "", kept: undefined });
    expect(conflictSentence(gone)).toBe("Robo deleted “Pack” while you were editing it.");
  });

  test("mine deleted what theirs edited, and that stays", () => {
    const back = conflict({
      kind: "delete_while_editing",
      path: "",
      kept: { data: { label: "Pack" } },
      dropped: undefined,
    });
    expect(conflictSentence(back)).toBe("“Pack” is back: Robo edited it when you deleted it.");
  });

  test("an edge that lost its end", () => {
    const gone = conflict({
      kind: "connection_conflict",
      target: "edge",
      name: "",
      kept: undefined,
    });
    expect(conflictSentence(gone)).toBe("Your connection is gone: Robo deleted what it led to.");
  });

  test("things without a name, names that are long, kinds that are new", () => {
    expect(conflictSentence(conflict({ name: "" }))).toContain("a node without a name");
    expect(conflictSentence(conflict({ name: "x".repeat(99) })).length).toBeLessThan(99);
    expect(conflictSentence(conflict({ kind: "of_tomorrow", path: "/a~1b" }))).toBe(
      "Your a/b of “Pack” was replaced by Robo’s.",
    );
  });

  test("another window of mine is no stranger", () => {
    expect(conflictSentence(conflict(), ROBO)).toBe(
      "Your name for “Pack” was replaced by the one from another window of yours.",
    );
    const gone = conflict({ kind: "delete_while_editing", kept: undefined });
    expect(conflictSentence(gone, ROBO)).toBe(
      "You, in another window, deleted “Pack” while you were editing it.",
    );
    expect(conflictSentence(gone, { ...ROBO, kind: "user" })).toMatch(/^Robo deleted/u);
  });

  test("people's names keep their case", () => {
    const by = { kind: "user", id: "bob", name: "bob" } as const;
    const gone = conflict({ kind: "delete_while_editing", by, kept: undefined });
    expect(conflictSentence(gone)).toBe("bob deleted “Pack” while you were editing it.");
  });

  test("names that end in s", () => {
    expect(possessive("Iris")).toBe("Iris’");
    expect(possessive("Ada")).toBe("Ada’s");
  });
});

describe("values", () => {
  test("both are shown where they say something", () => {
    expect(conflictValues(conflict())).toEqual({ yours: "“Packing”", theirs: "“Pack the parcel”" });
    expect(conflictValues(conflict({ kind: "delete_while_editing" }))).toBeNull();
  });

  test("as people read them", () => {
    expect(showValue({ x: 10.04, y: -3 })).toBe("10, -3");
    expect(showValue(undefined)).toBe("nothing");
    expect(showValue(true)).toBe("on");
    expect(showValue(["a", "b"])).toBe("2 values");
    expect(showValue({ data: { label: "Pack" } })).toBe("“Pack”");
    expect(showValue("a\n  b")).toBe("“a b”");
    expect([...showValue("𝄞".repeat(500))].length).toBeLessThanOrEqual(62);
  });

  test("places without a word are called by their key", () => {
    expect(placeName("/data/label")).toBe("name");
    expect(placeName("/data/priority")).toBe("priority");
  });
});
