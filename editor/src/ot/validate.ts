/** What every JSON value and id in a document must satisfy, whoever sends it. */
import { isLongerThan } from "./codePoints.ts";
import { type Json, type JsonObject, RESERVED_ELEMENT_KEYS } from "./diagram.ts";
import { OperationError } from "./errors.ts";
import { isObject, valueAt } from "./objects.ts";

/** Levels of arrays and objects inside one value. */
export const MAX_DEPTH = 32;
/** Code points of one string: a label, a description, a Mermaid text. */
export const MAX_STRING_LENGTH = 500_000;
/** Code points of a diagram's title, and of its kind. */
export const MAX_TITLE_LENGTH = 1_000;
export const MAX_KIND_LENGTH = 64;
/** Code points of a key inside an element. */
export const MAX_KEY_LENGTH = 256;
/** Values (scalars, arrays and objects) inside one element. */
export const MAX_VALUES = 20_000;
/** Characters (code points) of a node or edge id. */
export const MAX_ID_LENGTH = 128;
/** Components of one text edit. */
export const MAX_COMPONENTS = 10_000;
/** Changes in one operation; replacing the largest diagram whole touches every element twice. */
export const MAX_TARGETS = 40_000;

/** Control characters, half surrogate pairs, unassigned ones, and blanks other than the space. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Throws OperationError `invalid_id` unless it is 1 to MAX_ID_LENGTH printable characters. */
export function checkId(id: string, at: string): void {
  if (id !== "" && !isLongerThan(id, MAX_ID_LENGTH) && !UNPRINTABLE.test(id)) return;
  const message = `An id has 1 to ${MAX_ID_LENGTH} printable characters.`;
  throw new OperationError("invalid_id", message, at);
}

/** Throws OperationError unless `element` is a JSON object without reserved keys. */
export function checkElement(element: Json, at: string): void {
  if (!isObject(element)) {
    throw new OperationError("invalid_element", "An element is a JSON object.", at);
  }
  for (const key of RESERVED_ELEMENT_KEYS) {
    if (Object.hasOwn(element, key)) checkFirstKey(key, `${at}/${key}`);
  }
  checkJson(element, at);
  const position = valueAt(element, "position");
  if (position !== undefined) checkPosition(position, `${at}/position`);
}

/** Throws OperationError `reserved_key` for a write to what is not part of the document. */
export function checkFirstKey(key: string, at: string): void {
  if (!RESERVED_ELEMENT_KEYS.has(key)) return;
  const message =
    key === "id"
      ? "The id is the key of the element; leave it out of the element itself."
      : `'${key}' is a runtime field of one browser; send it as presence or leave it out.`;
  throw new OperationError("reserved_key", message, at);
}

/**
 * Throws OperationError unless `value` can be stored, sent and read back unchanged.
 *
 * `depth` is how many levels of nesting it may have where it stands.
 */
export function checkJson(value: Json, at: string, depth: number = MAX_DEPTH): void {
  if (countValues(value, at, depth) > MAX_VALUES) {
    throw new OperationError("too_many_values", `At most ${MAX_VALUES} values.`, at);
  }
}

/** Checks the value and counts it together with what is inside it. */
function countValues(value: Json, at: string, depth: number): number {
  if (typeof value !== "object" || value === null) {
    checkScalar(value, at);
    return 1;
  }
  if (depth === 0) {
    throw new OperationError("too_deep", `At most ${MAX_DEPTH} levels of nesting.`, at);
  }
  if (Array.isArray(value)) return 1 + countItems(value, at, depth - 1);
  return 1 + countProperties(value, at, depth - 1);
}

function countItems(items: Json[], at: string, depth: number): number {
  let count = 0;
  items.forEach((item, i) => {
    count += countValues(item, `${at}/${i}`, depth);
  });
  return count;
}

function countProperties(object: JsonObject, at: string, depth: number): number {
  let count = 0;
  for (const [key, item] of Object.entries(object)) {
    checkString(key, at, MAX_KEY_LENGTH);
    count += countValues(item, `${at}/${key}`, depth);
  }
  return count;
}

function checkScalar(value: Json, at: string): void {
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "string") {
    checkString(value, at);
  } else if (typeof value !== "number") {
    throw new OperationError("invalid_value", `${typeof value} is not a JSON value.`, at);
  } else if (!Number.isFinite(value)) {
    throw new OperationError("invalid_number", "Numbers are finite; JSON has no others.", at);
  }
}

/** Throws OperationError unless the string can be stored (no NUL, no lone surrogate). */
export function checkString(text: string, at: string, longest: number = MAX_STRING_LENGTH): void {
  if (isLongerThan(text, longest)) {
    throw new OperationError("string_too_long", `At most ${longest} characters.`, at);
  }
  if (text.includes("\0")) {
    throw new OperationError("invalid_string", "Text cannot hold the NUL character.", at);
  }
  if (LONE_SURROGATE.test(text)) {
    const message = "Text holds half a surrogate pair; send whole characters.";
    throw new OperationError("invalid_string", message, at);
  }
}

/** Throws OperationError `invalid_position` unless it is an object with numbers x and y. */
export function checkPosition(position: Json, at: string): void {
  if (
    isObject(position) &&
    typeof valueAt(position, "x") === "number" &&
    typeof valueAt(position, "y") === "number"
  ) {
    return;
  }
  const message = "A position is an object with the numbers x and y.";
  throw new OperationError("invalid_position", message, at);
}
