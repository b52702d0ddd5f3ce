/** Values of a diagram as people read them, and names for the places they stand in. */
import type { Json } from "@diagramai/client";
import { count, shorten } from "./count.ts";

/** Characters of a value in a notice. */
export const MAX_VALUE_LENGTH = 60;

const PLACES: ReadonlyMap<string, string> = new Map([
  ["/data/label", "name"],
  ["/label", "label"],
  ["/title", "title"],
  ["/description", "description"],
  ["/data/description", "description"],
  ["/position", "place"],
  ["/position/x", "place"],
  ["/position/y", "place"],
  ["/type", "type"],
  ["/kind", "kind"],
  ["/width", "width"],
  ["/height", "height"],
  ["/style", "look"],
  ["/style/backgroundColor", "colour"],
  ["/style/borderColor", "border colour"],
  ["/style/color", "text colour"],
  ["/style/stroke", "colour"],
  ["/data/color", "colour"],
  ["/animated", "animation"],
  ["/markerStart", "start arrow"],
  ["/markerEnd", "end arrow"],
  ["/source", "start"],
  ["/target", "end"],
  ["/parentId", "group"],
  ["/data/text", "text"],
]);

/** A word for a path: `name` for `/data/label`; the last key where there is no better one. */
export function placeName(path: string): string {
  const known = PLACES.get(path);
  if (known !== undefined) return known;
  const last = path.split("/").at(-1) ?? "";
  return last.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** A value on one line and shortened: texts in quotes, positions as numbers; "nothing" where there is none. */
export function showValue(value: Json | undefined): string {
  if (value === undefined || value === null || value === "") return "nothing";
  if (typeof value === "string") return `“${shorten(value, MAX_VALUE_LENGTH)}”`;
  if (typeof value === "number") return round(value);
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return count(value.length, "value");
  const { x, y } = value;
  if (typeof x === "number" && typeof y === "number") return `${round(x)}, ${round(y)}`;
  const label = labelOf(value);
  return label === null ? shorten(JSON.stringify(value), MAX_VALUE_LENGTH) : showValue(label);
}

function labelOf(value: { [key: string]: Json }): string | null {
  const { data, label } = value;
  if (typeof label === "string") return label;
  if (typeof data !== "object" || data === null || Array.isArray(data)) return null;
  return typeof data.label === "string" ? data.label : null;
}

function round(number: number): string {
  return String(Math.round(number * 10) / 10);
}
