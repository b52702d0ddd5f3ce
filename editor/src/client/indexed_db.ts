/** The store of browsers: records in IndexedDB, and Web Locks to tell which pages live. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { byClient, type IsMine, type PendingRecord, type PendingStore } from "./store.ts";

const DATABASE = "diagramai";
const RECORDS = "pending";
const VERSION = 1;

interface Schema extends DBSchema {
  pending: { key: [string, string]; value: PendingRecord };
}

/** Whether this platform has all that the store needs. */
export function canStore(): boolean {
  return typeof indexedDB !== "undefined" && typeof navigator !== "undefined" && hasLocks();
}

function hasLocks(): boolean {
  // Missing outside secure contexts, whatever the types say.
  return "locks" in navigator && navigator.locks !== undefined;
}

export function lockName(clientId: string): string {
  return `diagramai:client:${clientId}`;
}

export class IndexedDbStore implements PendingStore {
  readonly isLasting = true;
  #database: Promise<IDBPDatabase<Schema>> | null = null;

  /** The lock is freed by the browser when the page ends, however it ends. */
  claim(clientId: string): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const held = () => new Promise<void>((release) => resolve(release));
      navigator.locks.request(lockName(clientId), held).catch(reject);
    });
  }

  async put(record: PendingRecord): Promise<void> {
    const database = await this.#open();
    const transaction = database.transaction(RECORDS, "readwrite");
    const stored = transaction.store.put(record);
    // Without waiting for the request first: a page that is being closed has no time for that.
    transaction.commit();
    await Promise.all([stored, transaction.done]);
  }

  async remove(clientId: string, diagramId: string): Promise<void> {
    const database = await this.#open();
    await database.delete(RECORDS, [clientId, diagramId]);
  }

  async takeOrphans(
    isMine: IsMine,
    use: (records: PendingRecord[]) => Promise<void>,
  ): Promise<void> {
    const records = (await this.#records()).filter(isMine);
    for (const clientId of byClient(records).keys()) {
      await navigator.locks.request(lockName(clientId), { ifAvailable: true }, async (lock) => {
        if (lock === null) return;
        // Read anew: another page may have dealt with them before the lock was ours.
        const left = (await this.#records()).filter((each) => each.clientId === clientId);
        if (left.length > 0) await use(left.filter(isMine));
      });
    }
  }

  async #records(): Promise<PendingRecord[]> {
    return (await this.#open()).getAll(RECORDS);
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#database ??= openDB<Schema>(DATABASE, VERSION, {
      upgrade: (database) => {
        database.createObjectStore(RECORDS, { keyPath: ["clientId", "diagramId"] });
      },
      // Another page wants a newer version: let it, and open again when there is a need.
      blocking: (_current, _blocked, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
        this.#database = null;
      },
      terminated: () => {
        this.#database = null;
      },
    });
    this.#database.catch(() => {
      this.#database = null;
    });
    return this.#database;
  }
}
