/** What becomes of one element when a change is applied to it. */
import { codePointLength } from "./codePoints.ts";
import type { Element, Json } from "./diagram.ts";
import { OperationError } from "./errors.ts";
import { isObject, putValue, valueAt } from "./objects.ts";
import type { Change, Set_, Unset, Update, Write, Writes } from "./operation.ts";
import { pathAbove, split } from "./pointer.ts";
import { REFERENCES } from "./references.ts";
import { checkText, runEdit } from "./text.ts";

/** An element after a change (`null`: it is not there), and the log form of the change. */
export interface Changed<E extends Element | null, C extends Change> {
  readonly element: E;
  readonly logged: C;
}

/** What becomes of one element, and the log form of the change. Throws OperationError. */
export function changeElement(
  old: Element | undefined,
  change: Change,
): Changed<Element | null, Change> {
  if (change.type === "create") {
    if (old === undefined) return { element: change.element, logged: change };
    throw new OperationError("already_exists", "The id is taken; choose another.");
  }
  if (old === undefined) {
    throw new OperationError("not_found", "There is no element with this id.");
  }
  if (change.type === "update") return writeElement(old, change.writes);
  if (change.type === "delete") return { element: null, logged: { type: "delete", was: old } };
  const { element } = change;
  return { element, logged: { type: "replace", element, was: old } };
}

/**
 * The element after the writes, and the log form of the update. Throws OperationError.
 *
 * `base` is the path at which `old` itself stands, `""` for a whole element.
 */
export function writeElement(old: Element, writes: Writes, base = ""): Changed<Element, Update> {
  if (writes.size === 0) {
    throw new OperationError("empty_update", "An update writes to at least one path.");
  }
  if (writes.size > 1) checkPrefixFree(writes);
  const logged = new Map<string, Write>();
  let element = old;
  for (const [path, write] of writes) {
    const opened = openPath(element, path);
    logged.set(path, writeKey(opened.inside, opened.key, write, base + path));
    element = opened.top;
  }
  return { element, logged: { type: "update", writes: logged } };
}

/** Throws OperationError `overlapping_paths` where one write stands inside another. */
export function checkPrefixFree(writes: Writes): void {
  for (const path of writes.keys()) {
    const above = pathAbove(path, writes);
    if (above === null) continue;
    const message = `It also writes to '${above}', which contains it.`;
    throw new OperationError("overlapping_paths", message, path);
  }
}

/** A new element in which the map that holds `path` can be written; maps off the way are shared. */
function openPath(element: Element, path: string): { top: Element; inside: Element; key: string } {
  const keys = split(path);
  const top = { ...element };
  let inside = top;
  for (const key of keys.slice(0, -1)) {
    const old = valueAt(inside, key);
    if (!isObject(old)) {
      const message = `'${key}' is not an object here; write it whole instead.`;
      throw new OperationError("parent_not_an_object", message, path);
    }
    const copy = { ...old };
    putValue(inside, key, copy);
    inside = copy;
  }
  return { top, inside, key: keys.at(-1) ?? "" };
}

/** Writes one key of an object that may be changed; returns the log form. */
function writeKey(inside: Element, key: string, write: Write, path: string): Write {
  const was = valueAt(inside, key);
  if (write.type === "set") {
    putValue(inside, key, write.value);
    return setFrom(was, write.value);
  }
  if (write.type === "unset") {
    delete inside[key];
    return unsetFrom(was);
  }
  if (typeof was !== "string" || REFERENCES.has(path)) {
    const message = "A text edit needs text here, and no reference; set the value instead.";
    throw new OperationError("not_a_text", message, path);
  }
  checkText(write.edit, codePointLength(was), path);
  const { after, logged } = runEdit(was, write.edit);
  putValue(inside, key, after);
  return { type: "text", edit: logged };
}

/** The log form of a set; `was` is `undefined` where nothing stood. */
export function setFrom(was: Json | undefined, value: Json): Set_ {
  return was === undefined ? { type: "set", value } : { type: "set", value, was };
}

/** The log form of an unset; `was` is `undefined` where nothing stood. */
export function unsetFrom(was: Json | undefined): Unset {
  return was === undefined ? { type: "unset" } : { type: "unset", was };
}
