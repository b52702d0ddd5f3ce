/** What an operation touches: enough to see quickly that two of them cannot change each other. */
import type { Json } from "./diagram.ts";
import { valueAt } from "./objects.ts";
import type { Change, Changes, Operation } from "./operation.ts";
import { EDGE_REFERENCES, PARENT_REFERENCE } from "./references.ts";

const PARENT: readonly string[] = [PARENT_REFERENCE];

/** The nodes that `a` deletes. */
export function* deletedNodes(a: Operation): Generator<string, void> {
  for (const [id, change] of a.nodes) {
    if (change.type === "delete") yield id;
  }
}

/** The nodes that `a` makes something point at: as an edge's end, as a parent. */
export function* referredNodes(a: Operation): Generator<string, void> {
  yield* referred(a.edges, EDGE_REFERENCES);
  yield* referred(a.nodes, PARENT);
}

function* referred(changes: Changes, paths: readonly string[]): Generator<string, void> {
  for (const change of changes.values()) {
    for (const path of paths) {
      const node = written(change, path);
      if (typeof node === "string") yield node;
    }
  }
}

function written(change: Change, path: string): Json | undefined {
  if (change.type === "delete") return undefined;
  if (change.type !== "update") return valueAt(change.element, path.slice(1));
  const write = change.writes.get(path);
  return write?.type === "set" ? write.value : undefined;
}

/**
 * The newest revision at which each target was touched, over many operations.
 *
 * Answers in time by the size of an operation, however many there were, whether any of those since
 * a revision could meet it. It may say yes too often, never no too often.
 */
export class Footprints {
  readonly #nodes = new Map<string, number>();
  readonly #edges = new Map<string, number>();
  readonly #referred = new Map<string, number>();
  readonly #deleted = new Map<string, number>();
  #properties = 0;

  /** Notes that `a` was applied as `revision`. */
  add(a: Operation, revision: number): void {
    for (const id of a.nodes.keys()) this.#nodes.set(id, revision);
    for (const id of a.edges.keys()) this.#edges.set(id, revision);
    for (const id of referredNodes(a)) this.#referred.set(id, revision);
    for (const id of deletedNodes(a)) this.#deleted.set(id, revision);
    if (a.diagram !== null) this.#properties = revision;
  }

  /** Ids that are remembered. */
  get size(): number {
    return this.#nodes.size + this.#edges.size + this.#referred.size + this.#deleted.size;
  }

  /** Whether an operation after revision `since` could change `a`, or be changed by it. */
  mayMeet(a: Operation, since: number): boolean {
    return (
      (a.diagram !== null && this.#properties > since) ||
      isTouched(a.nodes.keys(), this.#nodes, since) ||
      isTouched(a.edges.keys(), this.#edges, since) ||
      isTouched(referredNodes(a), this.#deleted, since) ||
      isTouched(deletedNodes(a), this.#referred, since)
    );
  }
}

function isTouched(
  ids: Iterable<string>,
  table: ReadonlyMap<string, number>,
  since: number,
): boolean {
  for (const id of ids) {
    if ((table.get(id) ?? 0) > since) return true;
  }
  return false;
}
