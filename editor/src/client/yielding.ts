/**
 * An inverse gives way to whatever others have done since.
 *
 * Between edits that are made at once a deletion wins over an update, and a value over an edit of the
 * text that it replaces. An inverse is not made at once with what came later: what somebody has since
 * edited, typed into or pointed at must not go because I take back what I did before.
 */
import {
  type Change,
  type Changes,
  type Diagram,
  isBelow,
  type Operation,
  type PropertiesChange,
  referredNodes,
  type Update,
  type Write,
} from "../ot/index.ts";
import { edgeReferences, nodeReferences } from "../ot/references.ts";

/** What must stay because others built on it. Made for one operation, for a whole stack. */
export class Claims {
  readonly #nodes = new Set<string>();
  readonly #edges = new Set<string>();
  /** Paths by target at which older inverses have nothing to do any more; `""` for all of it. */
  readonly #paths = new Map<string, Set<string>>();
  readonly #shown: Diagram;

  /** What `b` claims; `shown` is the diagram on which `b` is valid, or was until it was applied. */
  constructor(b: Operation, shown: Diagram) {
    this.#shown = shown;
    for (const [id, change] of b.nodes) if (change.type !== "delete") this.#nodes.add(id);
    for (const [id, change] of b.edges) if (change.type !== "delete") this.#edges.add(id);
    for (const id of referredNodes(b)) this.#nodes.add(id);
  }

  /**
   * The inverse without the deletions of what is claimed and of what that in turn needs, and without
   * what would write over the other's. `b` is the other's operation where the inverse is valid.
   */
  keep(inverse: Operation, b: Operation): Operation {
    const edges = without(inverse.edges, (id, change) => this.#isKeptEdge(id, change));
    let nodes = inverse.nodes;
    // A child that stays needs its parent, wherever in the operation that stands.
    for (;;) {
      const fewer = without(nodes, (id, change) => this.#isKeptNode(id, change));
      if (fewer === nodes) break;
      nodes = fewer;
    }
    return {
      diagram: this.#yieldProperties(inverse.diagram, b.diagram),
      nodes: this.#yieldChanges("node", nodes, b.nodes),
      edges: this.#yieldChanges("edge", edges, b.edges),
    };
  }

  #isKeptEdge(id: string, change: Change): boolean {
    if (change.type !== "delete" || !this.#edges.has(id)) return false;
    this.#need(edgeReferences(change.was), edgeReferences(this.#shown.edges.get(id)));
    return true;
  }

  #isKeptNode(id: string, change: Change): boolean {
    if (change.type !== "delete" || !this.#nodes.has(id)) return false;
    this.#need(nodeReferences(change.was), nodeReferences(this.#shown.nodes.get(id)));
    return true;
  }

  #need(...references: readonly (readonly unknown[])[]): void {
    for (const id of references.flat()) if (typeof id === "string") this.#nodes.add(id);
  }

  #yieldChanges(target: string, changes: Changes, theirs: Changes): Changes {
    if (theirs.size === 0 && this.#paths.size === 0) return changes;
    let out: Map<string, Change> | null = null;
    for (const [id, change] of changes) {
      const left = this.#yield(`${target} ${id}`, change, theirs.get(id));
      if (left === change) continue;
      out ??= new Map(changes);
      if (left === null) out.delete(id);
      else out.set(id, left);
    }
    return out ?? changes;
  }

  #yieldProperties(
    mine: PropertiesChange | null,
    theirs: PropertiesChange | null,
  ): PropertiesChange | null {
    if (mine === null) return null;
    const left = this.#yield("diagram", mine, theirs ?? undefined);
    return left?.type === "update" || left?.type === "replace" ? left : null;
  }

  /** What is left of a change of mine where theirs has been made since. */
  #yield(place: string, mine: Change, theirs: Change | undefined): Change | null {
    if (mine.type === "replace") {
      const isFree = theirs === undefined && !this.#paths.has(place);
      if (!isFree) this.#claim(place, "");
      return isFree ? mine : null;
    }
    return mine.type === "update" ? this.#yieldWrites(place, mine, theirs) : mine;
  }

  #yieldWrites(place: string, mine: Update, theirs: Change | undefined): Update | null {
    const written = theirs?.type === "update" ? theirs.writes : null;
    const left = new Map<string, Write>();
    for (const [path, write] of mine.writes) {
      const isOver = written !== null && isWrittenOver(path, write, written);
      if (isOver) this.#claim(place, path);
      if (!isOver && !this.#isClaimed(place, path)) left.set(path, write);
    }
    if (left.size === mine.writes.size) return mine;
    return left.size === 0 ? null : { type: "update", writes: left };
  }

  #claim(place: string, path: string): void {
    const paths = this.#paths.get(place);
    if (paths === undefined) this.#paths.set(place, new Set([path]));
    else paths.add(path);
  }

  #isClaimed(place: string, path: string): boolean {
    for (const claimed of this.#paths.get(place) ?? []) {
      if (claimed === path || isBelow(path, claimed) || isBelow(claimed, path)) return true;
    }
    return false;
  }
}

/** Whether my value would replace what they typed, or what they wrote inside it. */
function isWrittenOver(path: string, mine: Write, theirs: ReadonlyMap<string, Write>): boolean {
  if (mine.type === "text") return false;
  for (const [other, write] of theirs) {
    if (isBelow(other, path) || (other === path && write.type === "text")) return true;
  }
  return false;
}

function without(changes: Changes, isOut: (id: string, change: Change) => boolean): Changes {
  let out: Map<string, Change> | null = null;
  for (const [id, change] of changes) {
    if (!isOut(id, change)) continue;
    out ??= new Map(changes);
    out.delete(id);
  }
  return out ?? changes;
}
