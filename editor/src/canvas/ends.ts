/** What stands at the ends of edges: arrowheads, which React Flow draws, and circles and crosses. */
import { isObject, type Json, valueAt } from "@diagramai/client";
import { type EdgeMarker, MarkerType } from "@xyflow/react";
import { numberAt } from "./fields.ts";
import { safeColour } from "./looks.ts";

export type SignName = "circle" | "cross";

/** How a sign is drawn, in a box from -10 to 10; the line ends at the origin, from the left. */
export interface SignDrawing {
  readonly d: string;
  /** Of what is not filled. */
  readonly strokeWidth?: number;
}

/** As the server's pictures have them. */
export const SIGNS: Readonly<Record<SignName, SignDrawing>> = {
  circle: { d: "M0 0 A4 4 0 1 1 -8 0 A4 4 0 1 1 0 0 Z" },
  cross: { d: "M-9 -4 L-1 4 M-1 -4 L-9 4", strokeWidth: 1.5 },
};

/** A sign at an end; its size is in widths of the line. */
export interface Sign {
  readonly name: SignName;
  readonly colour: string;
  readonly width: number;
  readonly height: number;
}

/** One end: at most one of these is there. */
export interface End {
  readonly marker?: EdgeMarker;
  readonly sign?: Sign;
}

/** The line that a sign is at. */
export interface MarkedLine {
  readonly colour: string;
  readonly selected: boolean;
  /** Pixels. */
  readonly width: number;
}

/** Pixels of the box that a sign is in; of thick lines it is at least so many widths. */
const MARKER_PIXELS = 27;
const MIN_MARKER_WIDTHS = 9;
const MAX_MARKER_SIZE = 60;

/** An end as it is stored: a name, or an object with a type; others are not drawn. */
export function endFrom(value: Json | undefined, line: MarkedLine): End {
  const stored = isObject(value) ? value : {};
  const name = isObject(value) ? valueAt(value, "type") : value;
  const usual = Math.max(MIN_MARKER_WIDTHS, MARKER_PIXELS / Math.max(line.width, 0.5));
  const side = (key: string) =>
    Math.min(MAX_MARKER_SIZE, Math.max(1, numberAt(stored, key) ?? usual));
  const own = line.selected ? undefined : safeColour(valueAt(stored, "color"));
  const colour = own ?? line.colour;
  const size = { width: side("width"), height: side("height") };
  if (name === "circle" || name === "cross") return { sign: { name, colour, ...size } };
  if (name !== MarkerType.Arrow && name !== MarkerType.ArrowClosed) return {};
  return { marker: { type: name, color: colour, ...size } };
}
