/**
 * Texts counted in Unicode code points, where JavaScript counts UTF-16 units.
 *
 * The two differ only in texts with surrogate pairs, so the others are told apart first. Half a pair
 * that stands alone counts as one.
 */

const SURROGATE = /[\ud800-\udfff]/;

/** Whether units and code points are the same in this text. */
export function isBasic(text: string): boolean {
  return !SURROGATE.test(text);
}

/** Whether a pair stands at the units `at` and `at + 1`. */
export function isPairAt(text: string, at: number): boolean {
  if ((text.charCodeAt(at) & 0xfc00) !== 0xd800) return false;
  return (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

/** Code points of the text. */
export function codePointLength(text: string): number {
  if (isBasic(text)) return text.length;
  let count = 0;
  for (let at = 0; at < text.length; at += isPairAt(text, at) ? 2 : 1) count += 1;
  return count;
}

/** Whether the text has more code points than this, without counting where that is plain. */
export function isLongerThan(text: string, codePoints: number): boolean {
  return text.length > codePoints && codePointLength(text) > codePoints;
}

/**
 * The unit that lies `codePoints` after the unit `at`, at most the end of the text.
 * `basic` is `isBasic(text)`, for callers that go through one text in steps.
 */
export function advance(
  text: string,
  at: number,
  codePoints: number,
  basic = isBasic(text),
): number {
  if (basic) return Math.min(at + codePoints, text.length);
  let unit = at;
  for (let left = codePoints; left > 0 && unit < text.length; left -= 1) {
    unit += isPairAt(text, unit) ? 2 : 1;
  }
  return unit;
}
