/** The connection, as far as a diagram needs it. */
import type { Outbound } from "./messages.ts";
import type { Submitter } from "./replica.ts";
import type { PendingStore } from "./store.ts";

/** `D` is what follows a diagram. */
export interface Link<D> {
  /** The socket's address. */
  readonly server: string;
  readonly store: PendingStore;
  /** Who submits; null until the first welcome. */
  readonly submitter: Submitter | null;
  readonly maxMessageBytes: number;
  /** Lost where there is no connection. */
  send(message: Outbound): void;
  /** Calls `ask` of the diagram in its turn, if there is a connection. */
  resubscribe(diagram: D): void;
  /** Begins anew with another socket. */
  restart(): void;
  /** Nobody has it open any more, and nothing of it waits. */
  release(diagram: D): void;
}
