import {
  createNode,
  MemoryStore,
  type Operation,
  operationToJson,
  type PendingRecord,
  updateNode,
} from "@diagramai/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ANN, BOB, Scripted } from "../../support/scripted.ts";

const PACK = { type: "process", position: { x: 0, y: 0 }, data: { label: "Pack" } };
const RENAME = updateNode("a", { "/data/label": { type: "set", value: "mine" } });
const SERVER = "ws://diagrams.test/ws/diagrams";

let scripted: Scripted;
let store: MemoryStore;

beforeEach(() => {
  vi.useFakeTimers();
  store = new MemoryStore();
});
afterEach(async () => {
  await scripted.connection.close();
  vi.useRealTimers();
});

/** A page that finds what an earlier one has left, and the socket over which it is sent. */
async function find(sent: Operation, buffer: Operation | null = null, as = ANN) {
  await store.put({
    clientId: "earlier",
    diagramId: "d",
    server: SERVER,
    participant: { kind: ANN.kind, id: ANN.id },
    revision: 5,
    policy: "later_wins",
    sequence: 3,
    sent: operationToJson(sent),
    buffer: buffer === null ? null : operationToJson(buffer),
    title: "D",
  });
  scripted = new Scripted({ store });
  scripted.line.welcome();
  await vi.advanceTimersByTimeAsync(0);
  const { line } = scripted;
  line.welcome(as);
  return line;
}

async function records(): Promise<PendingRecord[]> {
  const found: PendingRecord[] = [];
  await store.takeOrphans(
    () => true,
    async (each) => {
      found.push(...each);
    },
  );
  return found;
}

const settled = () => vi.advanceTimersByTimeAsync(0);

test("too far behind for operations, what the server lacks is put on its snapshot", async () => {
  const line = await find(RENAME, createNode("b", PACK));
  expect(line.last("hello")).toMatchObject({ client_id: "earlier" });
  expect(line.last("subscribe")).toMatchObject({ revision: 5, pending: true });
  line.snapshot("d", 900, { a: { ...PACK, data: { label: "mine" } } }, 3);
  const { operation } = line.last("submit");
  expect(line.last("submit")).toMatchObject({ base_revision: 900, sequence: 4 });
  expect(operation).toMatchObject({ nodes: { b: { type: "create" } } });
  expect(operation).not.toHaveProperty(["nodes", "a"]);
  line.commit("d", 901);
  await settled();
  expect(await records()).toEqual([]);
  expect(scripted.connection.problems).toEqual([]);
});

test("what the server has all of is sent to nobody", async () => {
  const line = await find(RENAME, createNode("b", PACK));
  line.snapshot("d", 900, { a: PACK, b: PACK }, 4);
  await settled();
  expect(line.all("submit")).toEqual([]);
  expect(await records()).toEqual([]);
});

test("what does not fit the snapshot is told, the rest is sent", async () => {
  const line = await find(RENAME, createNode("b", PACK));
  line.snapshot("d", 900, {});
  line.commit("d", 901);
  await settled();
  const [problem] = scripted.connection.problems;
  expect(problem).toMatchObject({ code: "lost_edits", title: "D" });
  expect([...(problem?.operation.nodes.keys() ?? [])]).toEqual(["a"]);
  expect(await records()).toEqual([]);
});

test("what could not be stored at all is kept until somebody has seen it", async () => {
  const line = await find(RENAME);
  line.snapshot("d", 900, {});
  await settled();
  const { connection } = scripted;
  expect(connection.problems).toHaveLength(1);
  scripted.lines[0]?.say({ type: "pong" });
  await vi.advanceTimersByTimeAsync(22_000);
  expect(scripted.lines).toHaveLength(2);
  expect(connection.problems).toHaveLength(1);
  expect(await records()).toHaveLength(1);
  connection.dismissProblem(connection.problems[0]?.id ?? -1);
  await settled();
  expect(connection.problems).toEqual([]);
  expect(await records()).toEqual([]);
});

test("after an unasked subscribed it is sent again, and after a refusal for now too", async () => {
  const line = await find(RENAME);
  line.subscribed("d", 5);
  expect(line.all("submit")).toHaveLength(1);
  line.subscribed("d", 5);
  expect(line.all("submit")).toHaveLength(2);
  const refusal = { type: "rejected", diagram_id: "d", code: "overloaded", message: "", at: "" };
  line.say({ ...refusal, sequence: 3, retry: true });
  await vi.advanceTimersByTimeAsync(100);
  expect(line.all("submit").map(({ sequence }) => sequence)).toEqual([3, 3, 3]);
  line.commit("d", 6);
  await settled();
  expect(await records()).toEqual([]);
});

test("what gave way to others is told on the diagram's own page, and not counted", async () => {
  const line = await find(RENAME, createNode("b", PACK));
  const live = scripted.connection.open("d");
  line.subscribed("d", 6);
  line.change("d", 6, { nodes: { a: { type: "delete" } } });
  line.commit("d", 7);
  await settled();
  line.commit("d", 8);
  await settled();
  expect(live.getSnapshot()).toMatchObject({ status: "loading", recovered: 1, conflicts: [] });
  scripted.lines[0]?.snapshot("d", 8, { b: PACK });
  expect(live.getSnapshot().conflicts).toMatchObject([
    { kind: "delete_while_editing", targetId: "a", by: BOB, dropped: { "/data/label": "mine" } },
  ]);
});

test("nothing is sent in the name of somebody else", async () => {
  const line = await find(RENAME, null, BOB);
  await settled();
  expect(line.isClosed).toBe(true);
  expect(line.all("subscribe")).toEqual([]);
  expect(await records()).toHaveLength(1);
});
