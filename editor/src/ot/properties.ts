/** The diagram's own four properties, told apart from any other element by their shape. */
import type { Diagram, Element, Json } from "./diagram.ts";
import { OperationError } from "./errors.ts";
import { isObject, valueAt } from "./objects.ts";

export type Properties = Pick<Diagram, "title" | "description" | "kind" | "data">;

const KEYS: readonly string[] = ["title", "description", "kind", "data"];

/** Throws OperationError `invalid_properties` unless these are title, description, kind and data. */
export function toProperties(element: Element): Properties {
  const keys = Object.keys(element);
  if (keys.length !== KEYS.length || !keys.every((key) => KEYS.includes(key))) {
    const message =
      "A diagram has exactly title, description, kind and data; extra goes into data.";
    throw new OperationError("invalid_properties", message);
  }
  const description = valueAt(element, "description");
  const data = valueAt(element, "data");
  const title = textAt(element, "title");
  const kind = textAt(element, "kind");
  if (description !== null && typeof description !== "string") {
    throw refused("It must be text or null.", "description");
  }
  if (!isObject(data)) throw refused("It must be an object.", "data");
  return { title, description, kind, data };
}

function textAt(element: Element, key: string): string {
  const value: Json | undefined = valueAt(element, key);
  if (typeof value !== "string") throw refused("It must be text.", key);
  return value;
}

function refused(message: string, key: string): OperationError {
  return new OperationError("invalid_properties", message, `/${key}`);
}
