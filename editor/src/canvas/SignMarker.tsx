import type { ReactNode } from "react";
import { SIGNS, type Sign } from "./ends.ts";

/** Dashes of the line, and that they move, are not for what stands at its end. */
const STILL = { strokeDasharray: "none", animation: "none" };

/** A circle or a cross, for the `marker-start` or `marker-end` of a line. */
export function SignMarker({ id, sign }: { id: string; sign: Sign | undefined }): ReactNode {
  if (sign === undefined) return null;
  const { d, strokeWidth } = SIGNS[sign.name];
  const paint =
    strokeWidth === undefined
      ? { fill: sign.colour }
      : { fill: "none", stroke: sign.colour, strokeWidth };
  return (
    <marker
      id={id}
      viewBox="-10 -10 20 20"
      markerWidth={sign.width}
      markerHeight={sign.height}
      markerUnits="strokeWidth"
      orient="auto-start-reverse"
      refX={0}
      refY={0}
    >
      <path d={d} strokeLinecap="round" style={{ ...STILL, ...paint }} />
    </marker>
  );
}
