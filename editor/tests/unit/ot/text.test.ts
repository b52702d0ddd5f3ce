/** The laws of text edits, and where JavaScript's own counting would go wrong. */
import { describe, expect, test } from "vitest";
import {
  advance,
  applyText,
  codePointLength,
  composeText,
  diffText,
  invertText,
  logText,
  normalise,
  transformText,
} from "../../../src/ot/index.ts";
import { law } from "./law.ts";
import { refusal } from "./proof.ts";
import { drawEdit, drawText } from "./textWorld.ts";

describe("the laws", () => {
  law("XA: apply agrees with one code point at a time", (pick) => {
    const text = drawText(pick, 6);
    const { edit, after } = drawEdit(pick, text);
    expect(applyText(text, Object.freeze(edit))).toBe(after);
  });

  law("XD: both roads round the diamond meet", (pick) => {
    const text = drawText(pick, 6);
    const a = Object.freeze(drawEdit(pick, text).edit);
    const b = Object.freeze(drawEdit(pick, text).edit);
    for (const aFirst of [true, false]) {
      const left = applyText(applyText(text, a), transformText(b, a, !aFirst));
      expect(applyText(applyText(text, b), transformText(a, b, aFirst))).toBe(left);
    }
  });

  law("XC: the composed edit does what both do", (pick) => {
    const text = drawText(pick, 6);
    const a = drawEdit(pick, text);
    const b = drawEdit(pick, a.after);
    const ab = composeText(Object.freeze(a.edit), Object.freeze(b.edit));
    expect(applyText(text, ab)).toBe(b.after);
    expect(normalise(ab)).toEqual(ab);
  });

  law("XI: the inverse takes it back", (pick) => {
    const text = drawText(pick, 6);
    const { edit, after } = drawEdit(pick, text);
    const logged = logText(text, edit);
    expect(applyText(after, invertText(logged))).toBe(text);
    expect(invertText(invertText(logged))).toEqual(logged);
  });

  law("XF: the difference leads from one to the other", (pick) => {
    const [before, after] = [drawText(pick, 12), drawText(pick, 12)];
    const edit = diffText(before, after);
    expect(applyText(before, edit)).toBe(after);
    expect(normalise(edit)).toEqual(edit);
    expect(diffText(before, before)).toEqual([]);
  });
});

describe("code points", () => {
  test("are counted, not units", () => {
    expect(codePointLength("a😀b")).toBe(3);
    expect(advance("a😀b", 0, 2)).toBe(3);
    expect(advance("a😀b", 0, 99)).toBe(4);
    expect(applyText("a😀b", [2, "-"])).toBe("a😀-b");
    expect(logText("a😀b", [1, { d: 1 }])).toEqual([1, { d: "😀" }]);
  });

  test("half a pair counts as one and stays", () => {
    expect(codePointLength("\ud83d!\ude00")).toBe(3);
    expect(applyText("\ud83d!\ude00", [1, { d: 1 }])).toBe("\ud83d\ude00");
  });

  test("a difference never cuts a pair that shares half with another", () => {
    const edit = diffText("x\u{1f600}y", "x\u{1f601}y");
    expect(edit).toEqual([1, { d: 1 }, "\u{1f601}"]);
    const low = diffText("\u{1f600}", "\u{1fa00}");
    expect(applyText("\u{1f600}", low)).toBe("\u{1fa00}");
    expect(low).toEqual([{ d: 1 }, "\u{1fa00}"]);
  });
});

describe("differences", () => {
  test("leave common words alone", () => {
    expect(diffText("Pack the green box", "Pack the small red box")).toEqual([
      9,
      { d: 5 },
      "small red",
    ]);
    expect(diffText("one two three", "one 2 three four")).toEqual([4, { d: 3 }, "2", 6, " four"]);
  });

  test("of long texts go by lines, of longer ones by both ends", () => {
    const lines = (count: number, changed: number[]) =>
      Array.from({ length: count }, (_, i) => (changed.includes(i) ? `new ${i}\n` : `${i} a b\n`));
    const edit = diffText(lines(900, []).join(""), lines(900, [3, 800]).join(""));
    expect(edit.filter((part) => typeof part === "string")).toEqual(["new 3\n", "new 800"]);
    const whole = diffText(lines(3_000, []).join(""), lines(3_000, [3, 2_990]).join(""));
    expect(whole.filter((part) => typeof part === "object")).toHaveLength(1);
  });
});

test("an edit in wire form cannot be inverted", () => {
  expect(refusal(() => invertText([{ d: 2 }]))).toEqual({ code: "not_invertible", at: "" });
});
