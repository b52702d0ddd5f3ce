/** Bars of a small chart, in its own units. */
import type { Activity } from "./api.ts";

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  /** Of the height, from the bottom: what failed. */
  readonly failedHeight: number;
}

export const BAR_WIDTH = 3;
const BAR_STEP = 4;
/** So that a single call beside very many is still seen. */
const MIN_HEIGHT = 2;

export function chartWidth(hours: number): number {
  return Math.max(0, hours * BAR_STEP - (BAR_STEP - BAR_WIDTH));
}

/** A bar for each hour in which something happened, the highest `height` high. */
export function bars({ calls, failed }: Activity, height: number): readonly Bar[] {
  const most = Math.max(1, ...calls);
  return calls.flatMap((number, hour) => {
    if (number === 0) return [];
    const tall = Math.max(MIN_HEIGHT, Math.round((height * number) / most));
    const failedHeight = Math.round((tall * (failed[hour] ?? 0)) / number);
    return [{ x: hour * BAR_STEP, y: height - tall, height: tall, failedHeight }];
  });
}
