/** Where edits that are not durable yet survive a reload, a crash, a closed tab. */
import { type Client, type Json, operationToJson } from "../ot/index.ts";
import type { Policy } from "./messages.ts";
import type { Submitter } from "./replica.ts";

/** The edits of one client on one diagram that the server has not acknowledged. Plain JSON. */
export interface PendingRecord {
  readonly clientId: string;
  /** The diagram's own id. */
  readonly diagramId: string;
  /** The socket's address: edits go to the server they were meant for. */
  readonly server: string;
  readonly participant: { readonly kind: string; readonly id: string };
  /** The revision on which `sent`, then `buffer`, are valid. */
  readonly revision: number;
  readonly policy: Policy;
  /** The number of `sent`, or of the last submission where nothing is sent. */
  readonly sequence: number;
  readonly sent: Json | null;
  readonly buffer: Json | null;
  /** The diagram's title, to speak of it. */
  readonly title: string;
}

/** The record of a client with something under way. */
export function recordOf(
  client: Client,
  { clientId, participant }: Submitter,
  server: string,
  diagramId: string,
): PendingRecord {
  const { revision, policy, sequence, sent, buffer } = client;
  return {
    clientId,
    diagramId,
    server,
    participant: { kind: participant.kind, id: participant.id },
    revision,
    policy,
    sequence,
    sent: sent === null ? null : operationToJson(sent),
    buffer: buffer === null ? null : operationToJson(buffer),
    title: client.diagram.title,
  };
}

/** Which records an opening page may take over. */
export type IsMine = (record: PendingRecord) => boolean;

export interface PendingStore {
  /** Whether what is put here outlives the page. */
  readonly isLasting: boolean;
  /** Marks the client as alive until the page is gone or the returned function is called. */
  claim(clientId: string): Promise<() => void>;
  /** Replaces the record of this client and diagram. */
  put(record: PendingRecord): Promise<void>;
  remove(clientId: string, diagramId: string): Promise<void>;
  /**
   * Calls `use` with the records of each client that is gone, one client after another; nobody else
   * takes them meanwhile. `use` removes what it has dealt with.
   */
  takeOrphans(isMine: IsMine, use: (records: PendingRecord[]) => Promise<void>): Promise<void>;
}

/** Records by client, in the order in which the clients were met. */
export function byClient(records: Iterable<PendingRecord>): Map<string, PendingRecord[]> {
  const clients = new Map<string, PendingRecord[]>();
  for (const record of records) {
    const others = clients.get(record.clientId);
    if (others === undefined) clients.set(record.clientId, [record]);
    else others.push(record);
  }
  return clients;
}

/** Keeps records as long as the process lives; connections that share it can follow each other. */
export class MemoryStore implements PendingStore {
  readonly isLasting: boolean = false;
  readonly #records = new Map<string, PendingRecord>();
  readonly #alive = new Set<string>();

  async claim(clientId: string): Promise<() => void> {
    this.#alive.add(clientId);
    return () => this.#alive.delete(clientId);
  }

  async put(record: PendingRecord): Promise<void> {
    this.#records.set(keyOf(record.clientId, record.diagramId), record);
  }

  async remove(clientId: string, diagramId: string): Promise<void> {
    this.#records.delete(keyOf(clientId, diagramId));
  }

  async takeOrphans(
    isMine: IsMine,
    use: (records: PendingRecord[]) => Promise<void>,
  ): Promise<void> {
    for (const [clientId, records] of byClient([...this.#records.values()].filter(isMine))) {
      if (this.#alive.has(clientId)) continue;
      this.#alive.add(clientId);
      try {
        await use(records);
      } finally {
        this.#alive.delete(clientId);
      }
    }
  }
}

function keyOf(clientId: string, diagramId: string): string {
  return JSON.stringify([clientId, diagramId]);
}
