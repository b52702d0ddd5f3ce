/**
 * How many lines a label takes, without asking a browser: the widths of the shipped font's
 * characters, added up. The same is computed on the server, so it stays this simple.
 *
 * Widths are integers: thousandths of an em. A line breaks after spaces, which hang over its end,
 * after "-", and on both sides of a wide character; a word longer than the line breaks anywhere.
 */
import table from "./char-widths.json" with { type: "json" };

/** Characters of a label that are measured; what follows no longer makes a node higher. */
export const MAX_MEASURED = 5_000;
/** Lines that make a node higher. */
export const MAX_LINES = 100;

const WIDE_WIDTH = 1_000;
const OTHER_WIDTH = 600;

/** Inclusive ranges of code points that are as wide as they are high: CJK, Hangul, emoji. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2600, 0x27bf],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe4f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f000, 0x3ffff],
];

/** Inclusive ranges without a width of their own: combining marks, joiners, variation selectors. */
const EMPTY: readonly (readonly [number, number])[] = [
  [0x0300, 0x036f],
  [0x200b, 0x200f],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0x1f3fb, 0x1f3ff],
];

function isIn(ranges: readonly (readonly [number, number])[], codePoint: number): boolean {
  return ranges.some(([first, last]) => first <= codePoint && codePoint <= last);
}

/** Thousandths of an em. */
export function charWidth(codePoint: number): number {
  if (codePoint < table.first) return 0;
  const known = table.widths[codePoint - table.first];
  if (known !== undefined) return known;
  if (isIn(EMPTY, codePoint)) return 0;
  return isIn(WIDE, codePoint) ? WIDE_WIDTH : OTHER_WIDTH;
}

/** The part of a text that can make a node higher; nobody sees more of it. */
export function measured(text: string): string {
  if (text.length <= MAX_MEASURED) return text;
  return `${text.slice(0, MAX_MEASURED).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** The lines of `text` in a box of `width` thousandths of an em: at least 1, at most MAX_LINES. */
export function countLines(text: string, width: number): number {
  const characters = [...text.slice(0, MAX_MEASURED * 2)].slice(0, MAX_MEASURED);
  let lines = 1;
  let start = 0;
  for (let i = 0; i <= characters.length && lines < MAX_LINES; i += 1) {
    if (i < characters.length && characters[i] !== "\n") continue;
    lines += breaksIn(characters.slice(start, i), width) + (i < characters.length ? 1 : 0);
    start = i + 1;
  }
  return Math.min(lines, MAX_LINES);
}

/** How often one paragraph is broken. */
function breaksIn(characters: readonly string[], width: number): number {
  let breaks = 0;
  /** Of the present line, and of what in it follows the last place where it may be broken. */
  let used = 0;
  let tail = 0;
  let mayBreak = false;
  for (const character of characters) {
    const codePoint = character.codePointAt(0) ?? 0;
    const own = charWidth(codePoint);
    const wide = own > 0 && isIn(WIDE, codePoint);
    if (character === " ") {
      used += own;
      tail = 0;
      mayBreak = true;
      continue;
    }
    if (wide && used > 0) {
      tail = 0;
      mayBreak = true;
    }
    if (used + own > width && used > 0) {
      breaks += 1;
      used = mayBreak ? tail : 0;
      mayBreak = false;
      if (used + own > width && used > 0) {
        breaks += 1;
        used = 0;
      }
      tail = used;
    }
    used += own;
    tail += own;
    if (wide || character === "-") {
      tail = 0;
      mayBreak = true;
    }
  }
  return breaks;
}
