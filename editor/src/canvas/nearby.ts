/** Places around a point, for what is to cover nothing. */
import type { Point } from "./shapes.ts";

/** Flow units between the places that are tried, and how many rings of them. */
const RING = 60;
const MAX_RINGS = 8;

/** The point, and points around it, the nearest first. */
export function nearby({ x, y }: Point): Point[] {
  const rings = Array.from({ length: MAX_RINGS }, (_, i) => (i + 1) * RING);
  const around = rings.flatMap((r) =>
    [
      [0, r],
      [r, 0],
      [0, -r],
      [-r, 0],
      [r, r],
      [-r, r],
      [r, -r],
      [-r, -r],
    ].map(([dx = 0, dy = 0]) => ({ x: x + dx, y: y + dy })),
  );
  return [{ x, y }, ...around];
}
