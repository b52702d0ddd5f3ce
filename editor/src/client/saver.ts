/** Keeps the store's record of one diagram's pending edits up to date, one write at a time. */
import type { PendingRecord, PendingStore } from "./store.ts";

export class Saver {
  readonly #store: PendingStore;
  readonly #written: () => void;
  #wanted: PendingRecord | null = null;
  #hasRecord: { clientId: string; diagramId: string } | null = null;
  #isDirty = false;
  #hasFailed = false;
  #running: Promise<void> | null = null;

  /** `written`: told after each write, as `isStored` may have changed. */
  constructor(store: PendingStore, written: () => void) {
    this.#store = store;
    this.#written = written;
  }

  /** Whether all that is to be kept is in a store that outlives the page. */
  get isStored(): boolean {
    if (this.#wanted === null) return true;
    return this.#store.isLasting && !this.#isDirty && !this.#hasFailed;
  }

  /** What is pending now; null: nothing. While a write is under way only the newest waits. */
  keep(record: PendingRecord | null): void {
    if (record === null && this.#wanted === null && this.#hasRecord === null) return;
    this.#wanted = record;
    this.#isDirty = true;
    this.#running ??= this.#run();
  }

  /** Resolves once nothing is being written. */
  async flush(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      try {
        await this.#write(this.#wanted);
        this.#hasFailed = false;
      } catch {
        // A full or forbidden store: editing goes on, and `isStored` says that closing loses edits.
        this.#hasFailed = true;
      }
      this.#written();
    }
    this.#running = null;
  }

  async #write(record: PendingRecord | null): Promise<void> {
    if (record !== null) {
      this.#hasRecord = record;
      await this.#store.put(record);
    } else if (this.#hasRecord !== null) {
      await this.#store.remove(this.#hasRecord.clientId, this.#hasRecord.diagramId);
      this.#hasRecord = null;
    }
  }
}
