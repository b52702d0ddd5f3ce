import {
  applyText,
  codePointLength,
  movePosition,
  type TextEdit,
  textChange,
} from "@diagramai/client";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

/** Few different characters, so that there are many ways to read a change; one is a pair in UTF-16. */
const text = fc
  .array(fc.constantFrom("a", "b", " ", "\u{1F600}", "\u{1F601}"), { maxLength: 12 })
  .map((parts) => parts.join(""));

describe("textChange", () => {
  test("makes the one text of the other, wherever the caret stands", () => {
    fc.assert(
      fc.property(text, text, fc.nat(30), (before, after, caret) => {
        expect(applyText(before, textChange(before, after, caret))).toBe(after);
      }),
      { numRuns: 3_000 },
    );
  });

  test("what was typed is what stands before the caret", () => {
    fc.assert(
      fc.property(text, text, fc.nat(12), (before, typed, at) => {
        const characters = Array.from(before);
        const left = characters.slice(0, at).join("");
        const after = left + typed + characters.slice(at).join("");
        const edit = textChange(before, after, left.length + typed.length);
        const skipped = codePointLength(left);
        const expected: TextEdit = typed === "" ? [] : [...(skipped > 0 ? [skipped] : []), typed];
        expect(edit).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  test("a smiley that became another is replaced as a whole", () => {
    expect(textChange("x\u{1F600}", "x\u{1F601}", 3)).toEqual([1, { d: 1 }, "\u{1F601}"]);
  });
});

describe("movePosition", () => {
  test.each([
    ["behind the caret", 2, [3, "xy"], 2, 2],
    ["before the caret", 2, [1, "xy"], 4, 4],
    ["at the caret", 2, [2, "xy"], 2, 4],
    ["deleted before it", 3, [1, { d: 1 }], 2, 2],
    ["deleted around it", 2, [1, { d: 3 }], 1, 1],
    ["replaced around it", 2, [1, { d: 2 }, "new"], 1, 4],
    ["at the very start", 0, ["xy"], 0, 2],
  ] satisfies [string, number, TextEdit, number, number][])(
    "an edit %s",
    (_name, position, edit, left, right) => {
      expect(movePosition(position, "abcd", edit)).toBe(left);
      expect(movePosition(position, "abcd", edit, "right")).toBe(right);
    },
  );

  test("counts in UTF-16 units, edits in code points", () => {
    expect(movePosition(3, "\u{1F600}ab", [1, "\u{1F601}"])).toBe(5);
    expect(movePosition(3, "\u{1F600}ab", [{ d: 1 }])).toBe(1);
  });

  test("a caret stays between the characters it stood between, where they stay", () => {
    const edit = fc.tuple(fc.nat(8), fc.nat(3), text);
    fc.assert(
      fc.property(text, edit, fc.nat(12), (before, [from, deleted, typed], at) => {
        const characters = Array.from(before);
        const start = Math.min(from, characters.length);
        const end = Math.min(start + deleted, characters.length);
        const caret = Math.min(at, characters.length);
        const made: TextEdit = [start, { d: end - start }, typed].filter((part) =>
          typeof part === "object" ? part.d > 0 : part !== 0 && part !== "",
        );
        const after = applyText(before, made);
        const moved = movePosition(characters.slice(0, caret).join("").length, before, made);
        if (caret <= start) expect(after.slice(0, moved)).toBe(characters.slice(0, caret).join(""));
        else if (caret > end) expect(after.slice(moved)).toBe(characters.slice(caret).join(""));
      }),
      { numRuns: 3_000 },
    );
  });
});
