/** My newest durable edits: they tell which page of mine a conflict is about. */
import { deletedNodes, type Operation } from "../ot/index.ts";
import type { ConflictDetected } from "./messages.ts";
import type { Author } from "./types.ts";

const MAX_EDITS = 500;

export class OwnEdits {
  readonly #byRevision = new Map<number, Operation>();

  note(revision: number, a: Operation): void {
    this.#byRevision.set(revision, a);
    for (const oldest of this.#byRevision.keys()) {
      if (this.#byRevision.size <= MAX_EDITS) return;
      this.#byRevision.delete(oldest);
    }
  }

  /**
   * Whether what gave way was mine. Both authors are told, and all pages of one person are the same
   * author: where both sides are me, the page that wrote the loser is meant.
   */
  isLoser(message: ConflictDetected, me: Author): boolean {
    if (!isSame(message.dropped_author, me)) return false;
    if (!isSame(message.kept_author, me)) return true;
    const mine = this.#byRevision.get(message.revision);
    return mine === undefined ? this.#hasWritten(message) : isGone(message, mine);
  }

  /** Whether my newest edit of the target is what was dropped: a deletion only for a deletion. */
  #hasWritten({ target, id, dropped }: ConflictDetected): boolean {
    for (const a of [...this.#byRevision.values()].reverse()) {
      const change = target === "diagram" ? a.diagram : changesOf(a, target).get(id);
      if (change !== undefined && change !== null) {
        return (change.type === "delete") === (dropped === undefined);
      }
    }
    return false;
  }
}

/** Whether the later edit, `mine`, lost: it wrote to what had been deleted before. */
function isGone({ kind, target, id, path }: ConflictDetected, mine: Operation): boolean {
  if (target === "diagram") return false;
  if (kind === "delete_while_editing") return changesOf(mine, target).get(id)?.type !== "delete";
  return kind === "connection_conflict" && path === "" && deletedNodes(mine).next().done === true;
}

function changesOf(a: Operation, target: "node" | "edge") {
  return target === "node" ? a.nodes : a.edges;
}

export function isSame(x: Author, y: Author): boolean {
  return x.kind === y.kind && x.id === y.id;
}
