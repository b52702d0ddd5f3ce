/**
 * How large a node is: a pure function of its element, so that every reader of a diagram (this
 * editor, the server's pictures, its layout) agrees without a browser.
 *
 * 1. Width: `element.width`, else `element.style.width`, else the type's own.
 * 2. Height: `element.height`, else `element.style.height`, else the type's own, made higher where
 *    the label needs it: (lines * lineHeight + 2 * padding.y) / (1 - inset top - inset bottom).
 * 3. Lines: the label in (width * (1 - inset left - inset right) - 2 * padding.x) pixels, less the
 *    icon's width if there is one (`wrap.ts`). A group does not grow.
 * 4. Both rounded to whole pixels (halves up) and held between MIN_SIDE and MAX_SIDE.
 */
import type { Element } from "@diagramai/client";
import { iconOf, labelOf, lengthAt, objectAt, typeOf } from "./fields.ts";
import table from "./shape-table.json" with { type: "json" };
import { kindOf } from "./shapeTable.ts";
import { countLines } from "./wrap.ts";

/** Pixels. */
export const MIN_SIDE = 10;
export const MAX_SIDE = 10_000;
/** A label is broken as if it had at least this much room, in pixels. */
const MIN_LABEL_WIDTH = table.fontSize;

export interface Size {
  readonly width: number;
  readonly height: number;
}

const known = new WeakMap<Element, Size>();

/** The node's size in whole pixels. */
export function nodeSize(element: Element): Size {
  const found = known.get(element);
  if (found !== undefined) return found;
  const size = computeSize(element);
  known.set(element, size);
  return size;
}

function computeSize(element: Element): Size {
  const kind = kindOf(typeOf(element));
  const style = objectAt(element, "style");
  const width = side(
    positive(lengthAt(element, "width")) ?? positive(lengthAt(style, "width")) ?? kind.width,
  );
  const stored = positive(lengthAt(element, "height")) ?? positive(lengthAt(style, "height"));
  return { width, height: side(stored ?? Math.max(kind.height, neededHeight(element, width))) };
}

/** The height in pixels that the label needs at this width. */
function neededHeight(element: Element, width: number): number {
  const type = typeOf(element);
  if (type === "group") return 0;
  const { inset } = kindOf(type);
  const icon = iconOf(element) === undefined ? 0 : table.iconWidth;
  const room = width * (1 - inset.left - inset.right) - 2 * table.padding.x - icon;
  const ems = (Math.max(room, MIN_LABEL_WIDTH) * 1_000) / table.fontSize;
  const lines = countLines(labelOf(element), Math.floor(ems));
  return (lines * table.lineHeight + 2 * table.padding.y) / (1 - inset.top - inset.bottom);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

export function side(value: number): number {
  return Math.min(MAX_SIDE, Math.max(MIN_SIDE, Math.floor(value + 0.5)));
}
