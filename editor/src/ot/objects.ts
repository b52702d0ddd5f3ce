/**
 * JSON objects whose keys come from data: `__proto__`, `constructor` and the like are keys as any.
 *
 * Copies are made with `{...object}`, which defines properties and so keeps all of them.
 */
import type { Json, JsonObject } from "./diagram.ts";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands under `key` in the object itself; `undefined` where nothing does. */
export function valueAt(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Puts a value into an object that the caller has just made. */
export function putValue(object: JsonObject, key: string, value: Json): void {
  if (key !== "__proto__") {
    object[key] = value;
    return;
  }
  // Assigning to this one key would exchange the object's prototype.
  const property = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(object, key, property);
}

/** The object without one of its keys. */
export function withoutKey(object: JsonObject, key: string): JsonObject {
  const rest = { ...object };
  delete rest[key];
  return rest;
}
