import type { ActivityEntry } from "@diagramai/client";
import { expect, test } from "vitest";
import { deletedSentence } from "../../../src/canvas/deleted.ts";
import { briefly } from "../../../src/canvas/fields.ts";
import type { Taken } from "../../../src/canvas/gesture.ts";
import { MAX_MEASURED, measured } from "../../../src/canvas/wrap.ts";

function entry(name: string, nodes: string[], mine = false): ActivityEntry {
  const author = { kind: "user", id: `local:${name}`, name } as const;
  const touched = { nodes, edges: [] };
  const at = "2026-05-12T10:00:00Z";
  return { id: 1, author, mine, at, summary: "deleted a node", touched, count: 1 };
}

const PACK: Taken = { target: "node", id: "a", name: "Pack" };
const SHIP: Taken = { target: "node", id: "b", name: "Ship" };

test("says what was deleted under my hands, and by whom", () => {
  const activity = [entry("Eve", ["a"]), entry("Bob", ["a", "b"]), entry("Eve", ["c"])];
  expect(deletedSentence([PACK], activity, "moving")).toBe(
    "Bob deleted “Pack” while you were moving it.",
  );
  expect(deletedSentence([PACK, SHIP], activity, "moving")).toBe(
    "Bob deleted 2 nodes while you were moving them.",
  );
  expect(deletedSentence([{ target: "edge", id: "a", name: "" }], activity, "editing")).toBe(
    "Somebody deleted an edge while you were editing it.",
  );
});

test("says nothing of what I deleted myself", () => {
  expect(deletedSentence([PACK], [entry("Bob", ["a"]), entry("Ann", ["a"], true)], "moving")).toBe(
    null,
  );
  expect(deletedSentence([], [], "moving")).toBe(null);
});

test("names are brief, and whole where they can be", () => {
  const smile = "\u{1f600}";
  expect(briefly(" Pack\n the  parcel ")).toBe("Pack the parcel");
  expect(briefly(smile.repeat(24), 24)).toBe(smile.repeat(24));
  expect(briefly(smile.repeat(25), 24)).toBe(`${smile.repeat(23)}…`);
});

test("a label is drawn no further than it makes its node higher", () => {
  const text = `${"x".repeat(MAX_MEASURED - 1)}\u{1f600}`;
  expect(measured("x".repeat(MAX_MEASURED))).toBe("x".repeat(MAX_MEASURED));
  expect(measured(text)).toBe(`${"x".repeat(MAX_MEASURED - 1)}…`);
});
