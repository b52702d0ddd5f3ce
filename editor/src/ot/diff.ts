/**
 * diff(S, T): the operation that leads from one diagram to another, touching as little as it can.
 *
 * Whole-document writers go through it against the revision they read, so that they overwrite only
 * what they changed.
 */
import { codePointLength, isLongerThan } from "./codePoints.ts";
import { type Diagram, type Element, type Json, jsonEqual, propertiesOf } from "./diagram.ts";
import { isObject, valueAt } from "./objects.ts";
import type { Change, Changes, Operation, Write, Writes } from "./operation.ts";
import { join, MAX_PATH_LENGTH, MAX_PATH_STEPS } from "./pointer.ts";
import { diffText } from "./textDiff.ts";

/** Shorter strings are set whole: merging "Yes" and "No" letter by letter helps nobody. */
const MIN_TEXT_LENGTH = 8;
/** Other strings are treated as prose from this length on, if they hold white space. */
const MIN_PROSE_LENGTH = 24;
/** Keys whose strings are prose; `type`, `color` and the like are values, not text. */
const TEXT_KEYS: ReadonlySet<string> = new Set([
  "label",
  "title",
  "description",
  "text",
  "notes",
  "content",
]);
/** Values that only make sense whole, though they are objects. */
const WHOLE_PATHS: ReadonlySet<string> = new Set(["/position", "/source", "/target", "/parentId"]);

/** Valid on `S` wherever both diagrams are; applied to `S`, it makes `T`. */
export function diff(S: Diagram, T: Diagram): Operation {
  const writes = diffElement(propertiesOf(S), propertiesOf(T));
  return {
    diagram: writes.size === 0 ? null : { type: "update", writes },
    nodes: diffElements(S.nodes, T.nodes),
    edges: diffElements(S.edges, T.edges),
  };
}

function diffElements(
  before: ReadonlyMap<string, Element>,
  after: ReadonlyMap<string, Element>,
): Changes {
  const out = new Map<string, Change>();
  for (const id of before.keys()) if (!after.has(id)) out.set(id, { type: "delete" });
  for (const [id, element] of after) {
    const old = before.get(id);
    const change = old === undefined ? createOf(element) : updateOf(old, element);
    if (change !== null) out.set(id, change);
  }
  return out;
}

function createOf(element: Element): Change {
  return { type: "create", element };
}

function updateOf(before: Element, after: Element): Change | null {
  if (before === after) return null;
  const writes = diffElement(before, after);
  return writes.size === 0 ? null : { type: "update", writes };
}

/** The writes that lead from one element to the other. */
export function diffElement(before: Element, after: Element): Writes {
  return diffMaps(before, after, "");
}

function diffMaps(before: Element, after: Element, at: string): Map<string, Write> {
  const out = new Map<string, Write>();
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) out.set(join(at, key), { type: "unset" });
  }
  for (const [key, value] of Object.entries(after)) {
    const old = valueAt(before, key);
    const path = join(at, key);
    if (old === undefined) out.set(path, { type: "set", value });
    else if (!jsonEqual(old, value)) diffValues(old, value, path, out);
  }
  return out;
}

/** Adds to `out` how the changed value at `path` is written: from inside where that can be. */
function diffValues(before: Json, after: Json, path: string, out: Map<string, Write>): void {
  if (isObject(before) && isObject(after) && mayGoInside(path)) {
    const inside = diffMaps(before, after, path);
    if (![...inside.keys()].some((deeper) => isLongerThan(deeper, MAX_PATH_LENGTH))) {
      for (const [deeper, write] of inside) out.set(deeper, write);
      return;
    }
  }
  out.set(path, writeFor(before, after, path));
}

function mayGoInside(path: string): boolean {
  return !WHOLE_PATHS.has(path) && path.split("/").length <= MAX_PATH_STEPS;
}

/** How a changed value at `path` is written: prose as a text edit, all else whole. */
export function writeFor(before: Json, after: Json, path: string): Write {
  if (typeof before === "string" && typeof after === "string" && isProse(before, path)) {
    return { type: "text", edit: diffText(before, after) };
  }
  return { type: "set", value: after };
}

/** Whether two people's changes of this string should be merged as text. */
export function isProse(text: string, path: string): boolean {
  const length = codePointLength(text);
  if (WHOLE_PATHS.has(path) || length < MIN_TEXT_LENGTH) return false;
  if (TEXT_KEYS.has(path.slice(path.lastIndexOf("/") + 1))) return true;
  return length >= MIN_PROSE_LENGTH && /\s/.test(text);
}
