import { expect, test } from "vitest";
import { pasteRefusal } from "../../../src/text/pasting.ts";

test("a text is pasted whole or not at all", () => {
  expect(pasteRefusal("x".repeat(10), { length: 90, maxLength: 100 })).toBeNull();
  expect(pasteRefusal("x".repeat(5_000), { length: 0, maxLength: undefined })).toBeNull();
  expect(pasteRefusal("x".repeat(11), { length: 2_490, maxLength: 2_500 })).toBe(
    "At most 2,500 characters fit here; these would be 2,501. Nothing was pasted.",
  );
});
