/** How a diagram stands with the server, and what of it concerns the person. */
import { type Client, OperationError } from "../ot/index.ts";
import type { Snapshot, Subscribed } from "./messages.ts";
import type { DiagramStatus, Problem } from "./types.ts";

const READ_ONLY = "You may look at this diagram, not change it.";
const NOT_THERE = "The diagram is not there to edit.";

export class Standing {
  status: DiagramStatus = "loading";
  mayEdit = true;
  problem: Problem | null = null;
  /** Records of earlier pages that are being sent. */
  recovering = 0;
  /** Elements touched by those that were. */
  recovered = 0;

  joined(message: Subscribed | Snapshot): void {
    this.status = "ready";
    this.mayEdit = message.may_edit !== false;
  }

  /** A diagram that cannot be served just now is edited on, as without a connection. */
  isReadOnly(client: Client | null): boolean {
    const isThere = this.status === "ready" || this.status === "unavailable";
    return client === null || !this.mayEdit || !isThere;
  }

  /** Throws OperationError `read_only`. */
  checkEditable(client: Client | null): void {
    if (!this.isReadOnly(client)) return;
    throw new OperationError("read_only", this.mayEdit ? NOT_THERE : READ_ONLY);
  }
}
