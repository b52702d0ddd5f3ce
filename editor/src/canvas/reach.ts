/** What can be seen at once: a diagram may have nodes so far out that all of it is nothing to see. */
import type { Rect } from "./floating.ts";

/**
 * The ids of the rectangles to be brought into view: all of them where they fit into `width` by
 * `height` flow units, else those within that much around the middle one.
 */
export function withinReach(
  rects: ReadonlyMap<string, Rect>,
  width: number,
  height: number,
): readonly string[] {
  const all = [...rects];
  const x = middle(all.map(([, rect]) => rect.x + rect.width / 2));
  const y = middle(all.map(([, rect]) => rect.y + rect.height / 2));
  if (spanOf(all, "x", "width") <= width && spanOf(all, "y", "height") <= height) {
    return all.map(([id]) => id);
  }
  const near = all.filter(
    ([, rect]) =>
      Math.abs(rect.x + rect.width / 2 - x) <= width / 2 &&
      Math.abs(rect.y + rect.height / 2 - y) <= height / 2,
  );
  return near.map(([id]) => id);
}

function spanOf(
  rects: readonly (readonly [string, Rect])[],
  start: "x" | "y",
  extent: "width" | "height",
): number {
  let [low, high] = [Infinity, -Infinity];
  for (const [, rect] of rects) {
    low = Math.min(low, rect[start]);
    high = Math.max(high, rect[start] + rect[extent]);
  }
  return high - low;
}

/** The middle one of the values; of an even number the lower of the two. */
function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}
