import type { JSX } from "react";
import type { Activity } from "./api.ts";
import { BAR_WIDTH, bars, chartWidth } from "./sparkline.ts";
import { activityWords } from "./words.ts";

const HEIGHT = 22;
const HOURS = 24;

/** What an agent did in each of the last hours; said in words too. */
export function Sparkline({ activity }: { activity: Activity | null }): JSX.Element {
  const words = activityWords(activity);
  const width = chartWidth(HOURS);
  const drawn = activity === null ? [] : bars(activity, HEIGHT);
  return (
    <svg
      className="ad-spark"
      role="img"
      aria-label={words}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
    >
      <title>{words}</title>
      <path className="ad-spark-ground" d={`M0 ${HEIGHT - 0.5}H${width}`} />
      {drawn.map(({ x, y, height, failedHeight }) => (
        <g key={x}>
          <rect x={x} y={y} width={BAR_WIDTH} height={height} />
          <rect
            className="ad-spark-failed"
            x={x}
            y={HEIGHT - failedHeight}
            width={BAR_WIDTH}
            height={failedHeight}
          />
        </g>
      ))}
    </svg>
  );
}
