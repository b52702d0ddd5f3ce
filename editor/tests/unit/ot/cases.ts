/** Reads the cases that every implementation of the operation type is proved by. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  type Diagram,
  diagramFromJson,
  isObject,
  type Json,
  type JsonObject,
  type Operation,
  operationFromJson,
  type TextEdit,
  textEditFromJson,
  valueAt,
} from "../../../src/ot/index.ts";

const FOLDER = new URL("../../../../property_tests/vectors/v1/", import.meta.url);

/** One line of a file, or an object inside one; each reader throws where the shape is another. */
export class Case {
  readonly json: JsonObject;

  constructor(json: Json | undefined) {
    if (!isObject(json)) throw new Error("Not an object.");
    this.json = json;
  }

  value(key: string): Json {
    const value = valueAt(this.json, key);
    if (value === undefined) throw new Error(`There is no ${key}.`);
    return value;
  }

  /** What stands there; `null` where nothing does. */
  maybe(key: string): Json {
    return valueAt(this.json, key) ?? null;
  }

  text(key: string): string {
    const value = this.value(key);
    if (typeof value !== "string") throw new Error(`${key} is not a string.`);
    return value;
  }

  number(key: string): number {
    const value = this.value(key);
    if (typeof value !== "number") throw new Error(`${key} is not a number.`);
    return value;
  }

  list(key: string): Json[] {
    const value = this.value(key);
    if (!Array.isArray(value)) throw new Error(`${key} is not an array.`);
    return value;
  }

  inside(key: string): Case {
    return new Case(this.value(key));
  }

  diagram(key: string): Diagram {
    return diagramFromJson(this.value(key));
  }

  operation(key: string): Operation {
    return operationFromJson(this.value(key));
  }

  edit(key: string): TextEdit {
    return textEditFromJson(this.value(key));
  }
}

/** The files, with how many cases each of them must hold. */
export function files(): { name: string; cases: number }[] {
  const manifest = new Case(JSON.parse(readFileSync(new URL("manifest.json", FOLDER), "utf8")));
  return manifest.list("files").map((json) => {
    const file = new Case(json);
    return { name: file.text("name"), cases: file.number("cases") };
  });
}

/** The cases of one file. They are frozen: whoever changes what it is given throws. */
export function* casesOf(name: string): Generator<Case, void> {
  const lines = gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, FOLDER))).toString("utf8");
  for (const line of lines.split("\n")) if (line !== "") yield new Case(frozen(JSON.parse(line)));
}

/** The value itself, frozen through and through. */
export function frozen<T extends Json>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}
