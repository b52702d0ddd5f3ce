/** What the panel can say of nodes: reading a value, and the wishes that write it. */
import { type Element, valueAtPath } from "@diagramai/client";
import { positionOf } from "../../../canvas/fields.ts";
import type { Wish } from "./writes.ts";

/** A colour's place, and older places that say the same and give way to it. */
export interface ColourPlace {
  readonly label: string;
  readonly path: string;
  readonly older: readonly string[];
}

/** One colour for border and, tinted, for the fill; what the finer ones below do not say. */
export const NODE_COLOUR: ColourPlace = { label: "Colour", path: "/data/color", older: [] };
export const NODE_COLOURS: readonly ColourPlace[] = [
  {
    label: "Fill",
    path: "/style/backgroundColor",
    older: ["/style/background", "/style/fill"],
  },
  { label: "Border", path: "/style/borderColor", older: ["/style/stroke"] },
  { label: "Text", path: "/style/color", older: [] },
];
export const EDGE_COLOUR: ColourPlace = { label: "Line", path: "/style/stroke", older: [] };

/** The colour at the place, or at an older one; undefined where the type's own holds. */
export function colourAt(element: Element, place: ColourPlace): string | undefined {
  for (const path of [place.path, ...place.older]) {
    const value = valueAtPath(element, path);
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** Removing a colour removes it from the older places too, or they would show again. */
export function colourWishes(place: ColourPlace, colour: string | undefined): readonly Wish[] {
  if (colour !== undefined) return [[place.path, colour]];
  return [place.path, ...place.older].map((path): Wish => [path, undefined]);
}

/** One coordinate of the position; the other stays each node's own. The pair is written as one value. */
export function positionWishes(element: Element, axis: "x" | "y", value: number): readonly Wish[] {
  return [["/position", { ...positionOf(element), [axis]: value }]];
}

/** A side's length; undefined leaves it to the type and the label. */
export function sizeWishes(side: "width" | "height", value: number | undefined): readonly Wish[] {
  return [
    [`/${side}`, value],
    [`/style/${side}`, undefined],
  ];
}
