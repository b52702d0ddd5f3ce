/** Reading an element by path. */
import { type Element, isObject, type Json, split, valueAt } from "../ot/index.ts";

/** The value at a JSON Pointer; `undefined` where nothing stands there. */
export function valueAtPath(element: Element, path: string): Json | undefined {
  let value: Json | undefined = element;
  for (const key of split(path)) {
    if (!isObject(value)) return undefined;
    value = valueAt(value, key);
  }
  return value;
}
