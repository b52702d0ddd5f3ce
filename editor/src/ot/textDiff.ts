/** A small text edit between two texts: words and lines that both have are left alone. */
import { codePointLength, isPairAt } from "./codePoints.ts";
import { differingRuns, type Run } from "./matching.ts";
import type { TextComponent, TextEdit } from "./operation.ts";
import { normalise } from "./text.ts";

/** Words compared by `diffText`; beyond it lines are, and beyond that only both ends. */
export const MAX_DIFF_TOKENS = 2_000;

const WORDS = /[\p{L}\p{N}_]+|[^\p{L}\p{N}_]/gu;
const LINES = /[^\n]*\n|[^\n]+/gu;

/** A small edit from `before` to `after` that leaves common words and lines alone. */
export function diffText(before: string, after: string): TextEdit {
  const head = commonStart(before, after);
  const tail = commonEnd(before, after, head);
  const old = before.slice(head, before.length - tail);
  const out: TextComponent[] = [codePointLength(before.slice(0, head))];
  for (const part of runsOf(old, after.slice(head, after.length - tail))) {
    const length = codePointLength(part.before);
    if (part.before === part.after) out.push(length);
    else out.push({ d: length }, part.after);
  }
  return normalise(out);
}

/** Units that both texts start with; a surrogate pair counts whole or not at all. */
function commonStart(x: string, y: string): number {
  const most = Math.min(x.length, y.length);
  let length = 0;
  while (length < most && x.charCodeAt(length) === y.charCodeAt(length)) length += 1;
  return cutsPair(x, length) || cutsPair(y, length) ? length - 1 : length;
}

/** Units that both texts end with, behind the `head` units that they start with. */
function commonEnd(x: string, y: string, head: number): number {
  const most = Math.min(x.length, y.length) - head;
  let length = 0;
  while (
    length < most &&
    x.charCodeAt(x.length - 1 - length) === y.charCodeAt(y.length - 1 - length)
  ) {
    length += 1;
  }
  return cutsPair(x, x.length - length) || cutsPair(y, y.length - length) ? length - 1 : length;
}

function cutsPair(text: string, at: number): boolean {
  return at > 0 && isPairAt(text, at - 1);
}

function runsOf(old: string, next: string): Run[] {
  for (const pattern of [WORDS, LINES]) {
    const olds = old.match(pattern) ?? [];
    const news = next.match(pattern) ?? [];
    if (olds.length <= MAX_DIFF_TOKENS && news.length <= MAX_DIFF_TOKENS) {
      return differingRuns(olds, news);
    }
  }
  return [{ before: old, after: next }];
}
