/** Positions in a text: the browser counts UTF-16 units, operations and presence code points. */
import { advance, codePointLength } from "@diagramai/client";

/** UTF-16 units before the code point with this number; past the end: the length. */
export function unitsAt(text: string, codePoints: number): number {
  return advance(text, 0, Math.max(0, codePoints));
}

/** Code points before this UTF-16 position. */
export function codePointsAt(text: string, units: number): number {
  return codePointLength(text.slice(0, Math.max(0, units)));
}
