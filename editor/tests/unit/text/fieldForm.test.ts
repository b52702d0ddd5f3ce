import { applyText, codePointLength, type TextEdit, textChange } from "@diagramai/client";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type FieldKind,
  fieldForm,
  fieldPoint,
  storedPoint,
  toStored,
} from "../../../src/text/fieldForm.ts";

const kinds = fc.constantFrom<FieldKind>("line", "lines");
const words = (...letters: string[]) =>
  fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((parts) => parts.join(""));
const storedTexts = words("a", "b", "\r\n", "\n", "\r", "😀");

/** What a field may hold after typing: nothing that it does not keep. */
const typed = (kind: FieldKind) =>
  kind === "line" ? words("a", "c", "😀") : words("a", "c", "\n", "😀");

describe("a text in a field", () => {
  test("is stored so that the field shows again what was typed", () => {
    const cases = kinds.chain((kind) => fc.tuple(fc.constant(kind), storedTexts, typed(kind)));
    fc.assert(
      fc.property(cases, fc.nat(12), ([kind, text, after], caret) => {
        const edit = textChange(fieldForm(kind, text), after, Math.min(caret, after.length));
        const stored = applyText(text, toStored(kind, text, edit));
        // A line end typed behind a lone carriage return becomes one with it.
        if (!/\r(?!\n)/.test(text)) expect(fieldForm(kind, stored)).toBe(after);
      }),
      { numRuns: 2_000 },
    );
  });

  test("keeps what is hidden where nothing was typed", () => {
    const edit: TextEdit = [3, "x"];
    expect(applyText("a\r\nb\r\nc", toStored("lines", "a\r\nb\r\nc", edit))).toBe("a\r\nbx\r\nc");
    expect(toStored("lines", "a\r\nb", [1, { d: 1 }])).toEqual([1, { d: 2 }]);
    expect(toStored("line", "plain", edit)).toBe(edit);
  });

  test("has points that lead there and back", () => {
    fc.assert(
      fc.property(kinds, storedTexts, (kind, text) => {
        const shown = fieldForm(kind, text);
        for (let point = 0; point <= codePointLength(shown); point++) {
          expect(fieldPoint(kind, text, storedPoint(kind, text, point))).toBe(point);
        }
      }),
    );
  });
});
