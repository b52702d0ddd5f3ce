import { expect, test } from "vitest";
import type { Rect } from "../../../src/canvas/floating.ts";
import { withinReach } from "../../../src/canvas/reach.ts";

function at(x: number, y: number): Rect {
  return { x, y, width: 150, height: 50 };
}

test("all of a diagram that can be seen at once", () => {
  const rects = new Map([
    ["a", at(0, 0)],
    ["b", at(5_000, 900)],
  ]);
  expect(withinReach(rects, 10_000, 1_000)).toEqual(["a", "b"]);
  expect(withinReach(new Map(), 10, 10)).toEqual([]);
});

test("the bulk of one with nodes far out", () => {
  const rects = new Map([
    ["far", at(1e7, 0)],
    ["a", at(0, 0)],
    ["b", at(300, 400)],
    ["c", at(-200, 100)],
    ["deep", at(0, -1e7)],
  ]);
  expect(withinReach(rects, 28_000, 16_000)).toEqual(["a", "b", "c"]);
});

test("something, where nothing lies near anything else", () => {
  const rects = new Map([
    ["a", at(0, 0)],
    ["b", at(1e7, 1e7)],
  ]);
  expect(withinReach(rects, 1_000, 1_000)).toEqual(["a"]);
});
