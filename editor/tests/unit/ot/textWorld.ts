/** Draws texts and text edits, with what they make worked out one code point at a time. */
import type { TextComponent, TextEdit } from "../../../src/ot/index.ts";

/** A whole number from 0 to below `n`. */
export type Pick = (n: number) => number;

const PIECES = ["a", "b ", "Pack", "é", "😀", "👩‍👩", "\u{10000}", "e\u0301", "\n"];

export function pickOf<T>(pick: Pick, items: readonly T[]): T {
  const item = items[pick(items.length)];
  if (item === undefined) throw new Error("Nothing to pick from.");
  return item;
}

/** A text of up to `pieces` pieces, some of them beyond the basic plane. */
export function drawText(pick: Pick, pieces: number): string {
  let text = "";
  for (let left = pick(pieces + 1); left > 0; left -= 1) text += pickOf(pick, PIECES);
  return text;
}

/** An edit of `text` in normal form, never an empty one, and the text after it. */
export function drawEdit(pick: Pick, text: string): { edit: TextEdit; after: string } {
  const points = [...text];
  const edit: TextComponent[] = [];
  const after: string[] = [];
  let at = 0;
  for (let left = 1 + pick(3); left > 0; left -= 1) {
    const skipped = Math.min(pick(4), points.length - at);
    if (skipped > 0) edit.push(skipped);
    after.push(...points.slice(at, at + skipped));
    at += skipped;
    const removed = Math.min(pick(3) + (text.length > 40 ? 4 : 0), points.length - at);
    const inserted = skipped > 0 || edit.length === 0 ? drawText(pick, 2) : "";
    if (inserted !== "") edit.push(inserted);
    after.push(inserted);
    // A deletion right behind the one before would not be in normal form.
    if (removed > 0 && typeof edit.at(-1) !== "object") {
      edit.push({ d: removed });
      at += removed;
    }
  }
  while (typeof edit.at(-1) === "number") edit.pop();
  if (edit.length === 0) return { edit: ["+"], after: `+${text}` };
  return { edit, after: after.join("") + points.slice(at).join("") };
}
