/** What happens around my own edits: who is here, who did what, where mine gave way. */
import type { Client, Diagram, Operation } from "../ot/index.ts";
import { Activity } from "./activity.ts";
import { Conflicts, restore } from "./conflicts.ts";
import type { Loss } from "./losses.ts";
import { Remembered } from "./memory.ts";
import type { CommittedChange, ConflictDetected } from "./messages.ts";
import { isSame, OwnEdits } from "./own_edits.ts";
import { Peers } from "./presence.ts";
import type { ActivityEntry, Author, ConflictNotice } from "./types.ts";

export class Surroundings {
  readonly peers = new Peers();
  readonly #activity = new Activity();
  readonly #conflicts = new Conflicts();
  readonly #remembered = new Remembered();
  readonly #ownEdits = new OwnEdits();

  get activity(): readonly ActivityEntry[] {
    return this.#activity.list;
  }

  /** As they can be restored on `S`. */
  conflictsOn(S: Diagram): readonly ConflictNotice[] {
    this.#conflicts.review(S, this.#remembered);
    return this.#conflicts.list;
  }

  /** `b` is durable, and about to be taken in. */
  arriving(b: Operation, change: CommittedChange, isMine: boolean, client: Client, me: Author) {
    if (isMine) this.#ownEdits.note(change.revision, b);
    else this.#remembered.note(b, client.diagram);
    const { author, timestamp } = change;
    this.#activity.add(b, author, isSame(author, me), timestamp, client.confirmed);
  }

  /** Something of mine that waits gave way to what `by` did. */
  lost(loss: Loss, by: Author, S: Diagram): void {
    this.#conflicts.add(loss, by, S, this.#remembered);
  }

  /** The server has merged two edits; one of them may be mine. */
  conflict(message: ConflictDetected, S: Diagram, me: Author): void {
    if (!this.#ownEdits.isLoser(message, me)) return;
    const { kind, target, id, path, kept, dropped } = message;
    this.lost({ kind, target, id, path, kept, dropped }, message.kept_author, S);
  }

  /** What writes the dropped value again; null where that cannot be done. */
  restoring(id: number, S: Diagram): Operation | null {
    const notice = this.#conflicts.get(id);
    return notice === undefined ? null : restore(notice, S, this.#remembered);
  }

  dismiss(id: number): void {
    this.#conflicts.dismiss(id);
  }
}
