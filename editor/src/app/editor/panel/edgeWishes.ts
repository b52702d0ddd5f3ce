/** What the panel can say of edges beside their colour. */
import { type Element, isObject, type Json, valueAt, valueAtPath } from "@diagramai/client";
import { endMarkerOf } from "../../../canvas/fields.ts";
import type { Wish } from "./writes.ts";

export type Arrow = "none" | "arrow" | "arrowclosed" | "circle" | "cross";
export type End = "markerStart" | "markerEnd";

export const EDGE_TYPES: readonly (readonly [value: string, words: string])[] = [
  ["default", "Curved"],
  ["smoothstep", "Rounded steps"],
  ["step", "Steps"],
  ["straight", "Straight"],
];
export const ARROWS: readonly (readonly [value: Arrow, words: string])[] = [
  ["none", "None"],
  ["arrow", "Open arrow"],
  ["arrowclosed", "Filled arrow"],
  ["circle", "Circle"],
  ["cross", "Cross"],
];

/** Dashes and gaps in pixels, as SVG has them. */
const DASHES = "6 4";

export function arrowAt(element: Element, end: End): Arrow {
  const value = end === "markerEnd" ? endMarkerOf(element) : valueAt(element, end);
  const name = isObject(value) ? valueAt(value, "type") : value;
  return ARROWS.find(([arrow]) => arrow === name)?.[0] ?? "none";
}

/** Size and colour of what stands there stay. */
export function arrowWishes(element: Element, end: End, arrow: Arrow): readonly Wish[] {
  if (arrow === arrowAt(element, end)) return [];
  if (arrow === "none") return [[`/${end}`, null]];
  const before = valueAt(element, end);
  const marker: Json = isObject(before) ? { ...before, type: arrow } : { type: arrow };
  return [[`/${end}`, marker]];
}

export function isDashed(element: Element): boolean {
  const value = valueAtPath(element, "/style/strokeDasharray");
  return value !== undefined && value !== null && value !== "" && value !== "none" && value !== 0;
}

export function dashWishes(element: Element, dashed: boolean): readonly Wish[] {
  if (dashed === isDashed(element)) return [];
  return [["/style/strokeDasharray", dashed ? DASHES : undefined]];
}
