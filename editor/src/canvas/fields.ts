/** Reading elements, which may hold anything: every value is checked before it is used. */
import { type Element, isObject, type Json, type JsonObject, valueAt } from "@diagramai/client";
import { isKnownType, kindOf } from "./shapeTable.ts";

const EMPTY: JsonObject = {};

/** The object under `key`; an empty one where there is none. Not to be written to. */
export function objectAt(object: JsonObject, key: string): JsonObject {
  const value = valueAt(object, key);
  return isObject(value) ? value : EMPTY;
}

/** The string under `key`; `undefined` where there is none or it is empty. */
export function stringAt(object: JsonObject, key: string): string | undefined {
  const value = valueAt(object, key);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The finite number under `key`. */
export function numberAt(object: JsonObject, key: string): number | undefined {
  return finite(valueAt(object, key));
}

/** The length in pixels under `key`: a number, or a string such as "150" or "150px". */
export function lengthAt(object: JsonObject, key: string): number | undefined {
  const value = valueAt(object, key);
  if (typeof value === "string" && PIXELS.test(value)) return Number.parseFloat(value);
  return finite(value);
}

const PIXELS = /^\d{1,6}(\.\d{1,6})?(px)?$/;

function finite(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Flow units; nothing is drawn further out. */
const MAX_COORDINATE = 1e7;

/** Where the node stands, relative to its parent; a missing or malformed position is the origin. */
export function positionOf(element: Element): { x: number; y: number } {
  const position = objectAt(element, "position");
  return onPlane({ x: numberAt(position, "x") ?? 0, y: numberAt(position, "y") ?? 0 });
}

/** The place, or the nearest one that can be drawn. */
export function onPlane({ x, y }: { readonly x: number; readonly y: number }): {
  x: number;
  y: number;
} {
  return { x: clamped(x), y: clamped(y) };
}

function clamped(value: number): number {
  return Math.min(MAX_COORDINATE, Math.max(-MAX_COORDINATE, value));
}

/** The node's type as it is stored; "default" where none is. */
export function typeOf(element: Element): string {
  return stringAt(element, "type") ?? "default";
}

/** The text in a node. */
export function labelOf(element: Element): string {
  return spelled(valueAt(objectAt(element, "data"), "label"));
}

/** Whether nobody has named the node yet: it is called after its shape, as it came out of the palette. */
export function isUnnamed(element: Element | undefined): boolean {
  if (element === undefined) return false;
  const type = typeOf(element);
  return isKnownType(type) && labelOf(element) === kindOf(type).label;
}

/** The text at an edge, and the path it is stored under. */
export function edgeLabelOf(element: Element): { text: string; path: string } {
  const inData = valueAt(objectAt(element, "data"), "label");
  const own = valueAt(element, "label");
  if (own === undefined && typeof inData === "string") return { text: inData, path: "/data/label" };
  return { text: spelled(own), path: "/label" };
}

/** Characters of a name: of an element, as it is read out or spoken of. */
const MAX_NAME_CHARS = 100;

/** The text on one line, cut where it is long. */
export function briefly(text: string, limit = MAX_NAME_CHARS): string {
  // Enough for the limit in characters of two units each, and to tell that there is more.
  const line = text
    .slice(0, limit * 2 + 1)
    .replace(/\s+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join("")}…`;
}

/** An edge points at its target unless it says otherwise: `null`, or anything that is no arrowhead. */
const IMPLIED_END: Json = "arrowclosed";

/** What the edge stores of the arrowhead at its target; a filled one where it stores nothing. */
export function endMarkerOf(element: Element): Json {
  const stored = valueAt(element, "markerEnd");
  return stored === undefined ? IMPLIED_END : stored;
}

function spelled(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

/** An icon is a sign or two; names of icon sets are not shown as text. */
const ICON = /^[^\p{ASCII}]{1,8}$/u;

/** The emoji of a node, if it has one. */
export function iconOf(element: Element): string | undefined {
  const icon = stringAt(objectAt(element, "data"), "icon");
  return icon !== undefined && ICON.test(icon) ? icon : undefined;
}
