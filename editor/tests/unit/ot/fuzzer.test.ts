/** The public fuzzer of operational transformation types, run against this one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FuzzedType } from "ot-fuzzer";
import { type as publicText } from "ot-text-unicode";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  apply,
  applyText,
  compose,
  composeText,
  type Diagram,
  diagramFromJson,
  diagramToJson,
  diff,
  diffText,
  invertText,
  isObject,
  type Json,
  logText,
  newDiagram,
  type Operation,
  type TextEdit,
  transform,
  transformText,
} from "../../../src/ot/index.ts";
import { drawEdit } from "./textWorld.ts";
import { drawOperation } from "./world.ts";

/** Rounds of ten operations each, on three replicas. */
const TEXT_ROUNDS = 2_000;
const DIAGRAM_ROUNDS = 600;

let fuzzer: typeof import("ot-fuzzer").default;
const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "ot-fuzzer-"));

beforeAll(async () => {
  // It keeps its place in a file in the working directory, and reports on the console.
  process.chdir(folder);
  for (const name of ["log", "error", "time", "timeEnd"] as const) {
    vi.spyOn(console, name).mockImplementation(() => undefined);
  }
  fuzzer = (await import("ot-fuzzer")).default;
});

afterAll(() => {
  vi.restoreAllMocks();
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** The answer, which the public type must give too. */
function agreed<T>(found: T, answer: unknown): T {
  expect(found).toStrictEqual(answer);
  return found;
}

/** A copy that the public type's signatures take. */
const copied = (edit: TextEdit) => [...edit];

const textType: FuzzedType<string, TextEdit> = {
  name: "text",
  create: (initial = "") => initial,
  apply: (text, edit) => agreed(applyText(text, edit), publicText.apply(text, copied(edit))),
  transform: (a, b, side) =>
    agreed(transformText(a, b, side === "left"), publicText.transform(copied(a), copied(b), side)),
  compose: (a, b) => agreed(composeText(a, b), publicText.compose(copied(a), copied(b))),
  invert: (edit) => agreed(invertText(edit), publicText.invert?.(copied(edit))),
  makeInvertible: (edit, text) => logText(text, edit),
  diff: diffText,
};

test("text keeps the laws and agrees with ot-text-unicode", () => {
  let drawn = 0;
  fuzzer(
    textType,
    (text) => {
      drawn += 1;
      const { edit, after } = drawEdit(fuzzer.randomInt, text);
      return [edit, after];
    },
    TEXT_ROUNDS,
  );
  expect(drawn).toBeGreaterThanOrEqual(10 * TEXT_ROUNDS);
}, 60_000);

/** One text for one diagram, whatever the order of its keys and elements. */
function written(S: Diagram): string {
  return JSON.stringify(sorted(diagramToJson(S)));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([x], [y]) => (x < y ? -1 : 1)));
}

const read = (text: string): Diagram => diagramFromJson(JSON.parse(text));

/**
 * Diagrams are handed over as texts: the fuzzer's own copying knows neither Maps nor `__proto__`.
 * Without `invert`: it inverts transformed operations, whose `was` says nothing here.
 */
const diagramType: FuzzedType<string, Operation> = {
  name: "diagram",
  create: (initial = written(newDiagram())) => initial,
  apply: (text, a) => written(apply(read(text), a).diagram),
  transform: (a, b, side) => transform(a, b, side === "left"),
  compose,
  diff: (x, y) => diff(read(x), read(y)),
};

test("whole diagrams keep the laws", () => {
  let drawn = 0;
  fuzzer(
    diagramType,
    (text) => {
      drawn += 1;
      const { a, after } = drawOperation(fuzzer.randomInt, read(text));
      return [a, written(after)];
    },
    DIAGRAM_ROUNDS,
  );
  expect(drawn).toBeGreaterThanOrEqual(10 * DIAGRAM_ROUNDS);
}, 60_000);
