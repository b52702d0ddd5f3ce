import { MemoryStore, type PendingRecord } from "@diagramai/client";
import { expect, test } from "vitest";
import { Saver } from "../../../src/client/saver.ts";

function record(revision: number, clientId = "c"): PendingRecord {
  return {
    clientId,
    diagramId: "d",
    server: "ws://s/",
    participant: { kind: "user", id: "u" },
    revision,
    policy: "later_wins",
    sequence: 1,
    sent: {},
    buffer: null,
    title: "T",
  };
}

/** A store on a disk, which may be full. */
class Disk extends MemoryStore {
  override readonly isLasting: boolean = true;
  isFull = false;
  readonly puts: number[] = [];

  override async put(each: PendingRecord): Promise<void> {
    if (this.isFull) throw new DOMException("full", "QuotaExceededError");
    this.puts.push(each.revision);
    await super.put(each);
  }
}

async function orphans(store: MemoryStore): Promise<PendingRecord[]> {
  const found: PendingRecord[] = [];
  await store.takeOrphans(
    () => true,
    async (records) => {
      found.push(...records);
    },
  );
  return found;
}

test("while one write is under way only the newest waits", async () => {
  const disk = new Disk();
  const saver = new Saver(disk, () => {});
  for (let revision = 1; revision <= 50; revision++) saver.keep(record(revision));
  expect(saver.isStored).toBe(false);
  await saver.flush();
  expect(saver.isStored).toBe(true);
  expect(disk.puts).toEqual([1, 50]);
  saver.keep(null);
  await saver.flush();
  expect(await orphans(disk)).toEqual([]);
});

test("a full disk is told, and tried again with the next edit", async () => {
  const disk = new Disk();
  let told = 0;
  const saver = new Saver(disk, () => {
    told += 1;
  });
  disk.isFull = true;
  saver.keep(record(1));
  await saver.flush();
  expect(saver.isStored).toBe(false);
  expect(told).toBe(1);
  disk.isFull = false;
  saver.keep(record(2));
  await saver.flush();
  expect(saver.isStored).toBe(true);
  expect(await orphans(disk)).toEqual([record(2)]);
});

test("who is alive keeps its records, and nobody takes what another is dealing with", async () => {
  const store = new MemoryStore();
  await store.put(record(1, "alive"));
  await store.put(record(1, "gone"));
  const release = await store.claim("alive");
  const taken: string[] = [];
  await store.takeOrphans(
    () => true,
    async ([first]) => {
      taken.push(first?.clientId ?? "");
      expect(await orphans(store)).toEqual([]);
    },
  );
  expect(taken).toEqual(["gone"]);
  release();
  expect((await orphans(store)).length).toBe(2);
});
