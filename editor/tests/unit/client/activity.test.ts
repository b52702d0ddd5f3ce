import {
  type Change,
  createEdge,
  createNode,
  deleteElements,
  moveNodes,
  NOTHING,
  newDiagram,
  type Operation,
  updateNode,
  type Write,
} from "@diagramai/client";
import { expect, test } from "vitest";
import { Activity } from "../../../src/client/activity.ts";
import type { Author } from "../../../src/client/types.ts";

const ADA: Author = { kind: "user", id: "ada", name: "Ada" };
const BOT: Author = { kind: "agent", id: "bot", name: "Bot" };
const S = newDiagram({
  title: "Flow",
  nodes: new Map([
    ["a", { position: { x: 0, y: 0 }, data: { label: "Pack  it\nup" } }],
    ["b", { position: { x: 0, y: 0 }, data: { label: "Ship" } }],
    ["c", { position: { x: 0, y: 0 } }],
  ]),
  edges: new Map([["e", { source: "a", target: "b" }]]),
});
const at = { x: 1, y: 1 };

function set(value: number): Write {
  return { type: "set", value };
}

function title(change: Change): Operation {
  if (change.type === "create" || change.type === "delete") throw new Error("it always exists");
  return { ...NOTHING, diagram: change };
}

function told(...operations: Operation[]): string[] {
  const activity = new Activity();
  for (const operation of operations) activity.add(operation, ADA, true, "2026-01-01T00:00:00Z", S);
  return activity.list.map(({ summary }) => summary);
}

test.each([
  ["added “New”", createNode("n", { data: { label: "New" } })],
  ["added a node", createNode("n", {})],
  ["moved “Pack it up”", moveNodes(new Map([["a", at]]))],
  [
    "moved 2 nodes",
    moveNodes(
      new Map([
        ["a", at],
        ["b", at],
      ]),
    ),
  ],
  ["deleted “Pack it up”", deleteElements(S, ["a"])],
  ["connected “Ship” to “Pack it up”", createEdge("n", { source: "b", target: "a" })],
  ["disconnected “Pack it up” to “Ship”", deleteElements(S, [], ["e"])],
  ["renamed “Ship”", updateNode("b", { "/data/label": { type: "text", edit: ["x"] } })],
  ["resized “Ship”", updateNode("b", { "/width": set(1), "/position": set(1) })],
  ["changed a node", updateNode("c", { "/style/color": set(1) })],
  [
    "renamed the diagram",
    title({ type: "update", writes: new Map([["/title", { type: "text", edit: ["x"] }]]) }),
  ],
] satisfies [string, Operation][])("%s", (summary, operation) => {
  expect(told(operation)).toEqual([summary]);
});

test("what one does on and on is one entry, what another does a new one", () => {
  const activity = new Activity();
  const add = (author: Author, second: number, id: string) =>
    activity.add(moveNodes(new Map([[id, at]])), author, false, `2026-01-01T00:00:${second}Z`, S);
  for (const second of [10, 11, 12]) add(ADA, second, "a");
  add(ADA, 13, "b");
  add(BOT, 14, "b");
  add(ADA, 15, "b");
  expect(activity.list).toMatchObject([
    { summary: "moved 2 nodes", count: 4, touched: { nodes: ["a", "b"] }, author: ADA },
    { summary: "moved “Ship”", count: 1, author: BOT },
    { summary: "moved “Ship”", count: 1, author: ADA },
  ]);
  expect(new Set(activity.list.map(({ id }) => id)).size).toBe(3);
});

test("the list is bounded, and an empty change is none", () => {
  const activity = new Activity();
  for (let count = 0; count < 300; count++) {
    const author = count % 2 === 0 ? ADA : BOT;
    activity.add(moveNodes(new Map([["a", at]])), author, false, "2026-01-01T00:00:00Z", S);
  }
  activity.add(NOTHING, ADA, false, "2026-01-01T00:00:00Z", S);
  expect(activity.list.length).toBe(200);
});
