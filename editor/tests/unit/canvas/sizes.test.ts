import type { Element } from "@diagramai/client";
import { describe, expect, test } from "vitest";
import { MAX_SIDE, nodeSize } from "../../../src/canvas/sizes.ts";
import { charWidth, countLines, MAX_LINES } from "../../../src/canvas/wrap.ts";

function process(label: unknown, more: Element = {}): Element {
  return { type: "process", data: { label: String(label) }, ...more };
}

describe("the size of a node", () => {
  test("is its type's own where nothing else is said", () => {
    expect(nodeSize({ type: "decision" })).toEqual({ width: 150, height: 80 });
    expect(nodeSize({})).toEqual({ width: 150, height: 50 });
    expect(nodeSize({ type: "mystery" })).toEqual({ width: 150, height: 50 });
  });

  test("is what the element says before what its style says", () => {
    const style = { width: 300, height: "120px" };
    expect(nodeSize(process("Pack", { style }))).toEqual({ width: 300, height: 120 });
    expect(nodeSize(process("Pack", { style, width: 200 }))).toEqual({ width: 200, height: 120 });
    expect(nodeSize(process("Pack", { style, height: 60 }))).toEqual({ width: 300, height: 60 });
  });

  test("leaves out what is no length", () => {
    const style = { width: "50%", height: "calc(1px)" };
    expect(nodeSize(process("Pack", { style, width: -4, height: Number.NaN }))).toEqual({
      width: 150,
      height: 50,
    });
  });

  test("is in whole pixels and bounded", () => {
    expect(nodeSize(process("Pack", { width: 150.5, height: 49.4 }))).toEqual({
      width: 151,
      height: 49,
    });
    expect(nodeSize(process("Pack", { width: 1e9, height: 2 }))).toEqual({
      width: MAX_SIDE,
      height: 10,
    });
  });

  test("grows in height with the lines of its label", () => {
    // 134 pixels for the label; a line is 20 high, 12 are around it.
    expect(nodeSize(process("Check payment and stock levels in the warehouse")).height).toBe(72);
    expect(nodeSize(process("one\ntwo\nthree\nfour")).height).toBe(92);
    expect(nodeSize(process("one\ntwo\nthree\nfour", { width: 400 })).height).toBe(92);
  });

  test("grows by more where the shape leaves less room", () => {
    // Two lines need 52 pixels, which are 66 % of a diamond's height.
    const label = "It was\npaid";
    expect(nodeSize({ type: "decision", data: { label } }).height).toBe(80);
    expect(nodeSize({ type: "decision", data: { label: `${label}\ntoday` } }).height).toBe(109);
  });

  test("makes room for an icon", () => {
    const label = "Check the payment";
    expect(nodeSize(process(label)).height).toBe(50);
    expect(nodeSize({ type: "process", data: { label, icon: "🛒" } }).height).toBe(52);
    expect(nodeSize({ type: "process", data: { label, icon: "cart" } }).height).toBe(50);
  });

  test("does not grow for a group", () => {
    const label = "one\n".repeat(30);
    expect(nodeSize({ type: "group", data: { label } })).toEqual({ width: 320, height: 220 });
  });
});

describe("the lines of a label", () => {
  const em = 1_000;

  test("widths are those of the font", () => {
    expect(charWidth("A".charCodeAt(0))).toBe(690);
    expect(charWidth(" ".charCodeAt(0))).toBe(281);
    expect(charWidth("日".codePointAt(0) ?? 0)).toBe(1_000);
    expect(charWidth("🛒".codePointAt(0) ?? 0)).toBe(1_000);
    expect(charWidth(0x0301)).toBe(0);
    expect(charWidth("я".codePointAt(0) ?? 0)).toBe(600);
  });

  test("break after spaces, which hang over", () => {
    // "aaaa" is 2,248 wide.
    expect(countLines("aaaa aaaa", 2_248)).toBe(2);
    expect(countLines("aaaa      ", 2_248)).toBe(1);
    expect(countLines("aaaa aaaa", 2 * 2_248 + 281)).toBe(1);
    expect(countLines("aaaa aaaa", 2 * 2_248 + 280)).toBe(2);
  });

  test("take the word that did not fit along to the next line", () => {
    // Five letters to a line: "a", "aaaa", "aa".
    expect(countLines("a aaaa aa", 5 * 562)).toBe(3);
  });

  test("break anywhere in a word that is too long, and between wide characters", () => {
    expect(countLines("a".repeat(10), 5 * 562)).toBe(2);
    expect(countLines("a".repeat(11), 5 * 562)).toBe(3);
    expect(countLines("日本語のラベル", 3 * em)).toBe(3);
    expect(countLines("ab日本", 3 * em)).toBe(2);
  });

  test("break at new lines, also the last one", () => {
    expect(countLines("", em)).toBe(1);
    expect(countLines("\n", em)).toBe(2);
    expect(countLines("a\n\nb", em)).toBe(3);
  });

  test("are bounded for any text", () => {
    expect(countLines("x\n".repeat(100_000), em)).toBe(MAX_LINES);
    expect(countLines("x".repeat(500_000), 1)).toBe(MAX_LINES);
  });
});
