/** From a text field to a text edit and back: carets in UTF-16 units, edits in code points. */
import { isPairAt } from "../ot/codePoints.ts";
import {
  advance,
  codePointLength,
  lengthOf,
  normalise,
  type TextComponent,
  type TextEdit,
} from "../ot/index.ts";

/**
 * The edit that a person made of `before` into `after`.
 *
 * Where several edits would do the same ("aa" to "aaa"), the caret says which: what was typed or
 * pasted ends at `caretAfterUtf16`, in `after`.
 */
export function textChange(before: string, after: string, caretAfterUtf16: number): TextEdit {
  const caret = Math.max(0, Math.min(caretAfterUtf16, after.length));
  // Behind the caret nothing was typed: as much as possible of that is kept from the end.
  let tail = commonTail(before, after, after.length - caret);
  let head = commonHead(before, after, Math.min(before.length, after.length) - tail);
  tail += commonTail(
    before.slice(0, before.length - tail),
    after.slice(0, after.length - tail),
    Math.min(before.length, after.length) - tail - head,
  );
  [head, tail] = [wholeHead(before, after, head), wholeTail(before, after, tail)];
  const parts: TextComponent[] = [
    codePointLength(before.slice(0, head)),
    { d: codePointLength(before.slice(head, before.length - tail)) },
    after.slice(head, after.length - tail),
  ];
  return normalise(parts.filter((part) => lengthOf(part) > 0));
}

function commonHead(x: string, y: string, most: number): number {
  let length = 0;
  while (length < most && x[length] === y[length]) length += 1;
  return length;
}

function commonTail(x: string, y: string, most: number): number {
  let length = 0;
  while (
    length < most &&
    length < x.length &&
    x[x.length - 1 - length] === y[y.length - 1 - length]
  ) {
    length += 1;
  }
  return length;
}

/** Not between the two halves of one character. */
function wholeHead(x: string, y: string, head: number): number {
  return isPairAt(x, head - 1) || isPairAt(y, head - 1) ? head - 1 : head;
}

function wholeTail(x: string, y: string, tail: number): number {
  return isPairAt(x, x.length - tail - 1) || isPairAt(y, y.length - tail - 1) ? tail - 1 : tail;
}

/**
 * Where a caret at `positionUtf16` of `text` stands once `edit` was applied, in UTF-16 units.
 *
 * Text inserted exactly at the caret goes behind it (`left`, the default: the caret stays with what
 * is on its left) or before it (`right`).
 */
export function movePosition(
  positionUtf16: number,
  text: string,
  edit: TextEdit,
  stick: "left" | "right" = "left",
): number {
  let from = 0;
  let position = positionUtf16;
  let moved = positionUtf16;
  for (const part of edit) {
    if (from > position || (from === position && stick === "left")) break;
    if (typeof part === "string") {
      moved += part.length;
      continue;
    }
    const to = advance(text, from, lengthOf(part));
    if (typeof part !== "number") {
      moved -= Math.min(to, position) - from;
      // What replaces the text around the caret is inserted at the caret.
      position = Math.max(position, to);
    }
    from = to;
  }
  return moved;
}
