/**
 * Which of an element's fields React Flow can take. Elements hold whatever others wrote: a field of
 * the wrong type would end React's drawing with an error, or be more than a value to draw.
 */
import { type Element, isObject, type Json, RESERVED_ELEMENT_KEYS, valueAt } from "../ot/index.ts";

type Check = (value: Json) => boolean;

/**
 * Fields that are not part of the document, and those that must not come from it: `domAttributes`
 * can hold HTML that React Flow would put into the page as it is.
 */
export const LOCAL_KEYS: ReadonlySet<string> = new Set([
  ...RESERVED_ELEMENT_KEYS,
  "resizing",
  "domAttributes",
  "__proto__",
]);

const SIDES: ReadonlySet<Json> = new Set(["top", "right", "bottom", "left"]);

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isFlag: Check = (value) => typeof value === "boolean";
const isMap: Check = (value) => isObject(value);
const isSide: Check = (value) => SIDES.has(value);
const isTextOrNull: Check = (value) => value === null || isText(value);
const isPair: Check = (value) =>
  Array.isArray(value) && value.length === 2 && value.every((each) => isNumber(each));
const isExtent: Check = (value) =>
  value === null ||
  value === "parent" ||
  (Array.isArray(value) && value.length === 2 && value.every(isPair));
const isMarker: Check = (value) =>
  isText(value) || (isObject(value) && isText(valueAt(value, "type") ?? null));
const isHandle: Check = (value) =>
  isObject(value) &&
  isText(valueAt(value, "type") ?? null) &&
  isSide(valueAt(value, "position") ?? null) &&
  ["x", "y"].every((key) => isNumber(valueAt(value, key) ?? null));

function fields(check: Check, names: string): [string, Check][] {
  return names.split(" ").map((name) => [name, check]);
}

const BOTH = [
  ...fields(isText, "type className ariaLabel ariaRole"),
  ...fields(isFlag, "hidden selectable deletable focusable"),
  ...fields(isNumber, "zIndex"),
  ...fields(isMap, "style data"),
];

export const NODE_FIELDS: ReadonlyMap<string, Check> = new Map([
  ...BOTH,
  ...fields(isText, "parentId dragHandle"),
  ...fields(isFlag, "draggable connectable expandParent"),
  ...fields(isNumber, "width height initialWidth initialHeight"),
  ...fields(isSide, "sourcePosition targetPosition"),
  ...fields(isPair, "origin"),
  ...fields(isExtent, "extent"),
  ...fields((value) => Array.isArray(value) && value.every(isHandle), "handles"),
  ...fields(() => false, "position"),
]);

export const EDGE_FIELDS: ReadonlyMap<string, Check> = new Map([
  ...BOTH,
  ...fields(isTextOrNull, "sourceHandle targetHandle"),
  ...fields((value) => isText(value) || isNumber(value), "label"),
  ...fields(isFlag, "animated labelShowBg"),
  ...fields((value) => isFlag(value) || value === "source" || value === "target", "reconnectable"),
  ...fields(isNumber, "interactionWidth labelBgBorderRadius"),
  ...fields(isMap, "labelStyle labelBgStyle pathOptions"),
  ...fields(isPair, "labelBgPadding"),
  ...fields(isMarker, "markerStart markerEnd"),
]);

/** The fields that can be drawn, and those that React Flow does not know; a node's position apart. */
export function drawable(element: Element, known: ReadonlyMap<string, Check>): Element {
  const entries = Object.entries(element).filter(
    ([key, value]) => !LOCAL_KEYS.has(key) && (known.get(key)?.(value) ?? true),
  );
  return Object.fromEntries(entries);
}
