/** What others deleted or overwrote, kept for a while so that what was mine can be restored. */
import type { Diagram, Element, Json, Operation } from "../ot/index.ts";
import { MAX_REMEMBERED } from "./limits.ts";
import { valueAtPath } from "./paths.ts";

/** A map that forgets what was put there longest ago. */
class Recent<V> {
  readonly #values = new Map<string, V>();

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  put(key: string, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= MAX_REMEMBERED) return;
      this.#values.delete(oldest);
    }
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries();
  }
}

export class Remembered {
  readonly #nodes = new Recent<Element>();
  readonly #edges = new Recent<Element>();
  readonly #texts = new Recent<string>();

  /** Before `b` is taken in: `S` is what is shown, with my own edits. */
  note(b: Operation, S: Diagram): void {
    let deletesNodes = false;
    for (const [id, change] of b.nodes) {
      const node = S.nodes.get(id);
      if (node === undefined) continue;
      if (change.type === "delete") {
        deletesNodes = true;
        this.#nodes.put(id, node);
      } else if (change.type === "update") {
        this.#noteTexts("node", id, node, change.writes.keys());
      }
    }
    for (const [id, change] of b.edges) {
      const edge = S.edges.get(id);
      if (edge === undefined) continue;
      if (change.type === "delete") this.#edges.put(id, edge);
      else if (change.type === "update") this.#noteTexts("edge", id, edge, change.writes.keys());
    }
    if (deletesNodes) this.#noteEdges(b, S);
  }

  /** Edges of mine that go with a node, though the one who deleted it did not know them. */
  #noteEdges(b: Operation, S: Diagram): void {
    const isGone = (id: Json | undefined) =>
      typeof id === "string" && b.nodes.get(id)?.type === "delete";
    for (const [id, edge] of S.edges) {
      if (isGone(edge.source) || isGone(edge.target)) this.#edges.put(id, edge);
    }
  }

  #noteTexts(target: string, id: string, element: Element, paths: Iterable<string>): void {
    for (const path of paths) {
      const text = valueAtPath(element, path);
      if (typeof text === "string") this.#texts.put(keyOf(target, id, path), text);
    }
  }

  node(id: string): Element | undefined {
    return this.#nodes.get(id);
  }

  edge(id: string): Element | undefined {
    return this.#edges.get(id);
  }

  /** The text that stood there before somebody else wrote to it. */
  text(target: string, id: string, path: string): string | undefined {
    return this.#texts.get(keyOf(target, id, path));
  }

  /** Deleted edges that ended at the node. */
  *edgesOf(nodeId: string): Generator<[string, Element]> {
    for (const [id, edge] of this.#edges.entries()) {
      if (edge.source === nodeId || edge.target === nodeId) yield [id, edge];
    }
  }
}

function keyOf(target: string, id: string, path: string): string {
  return JSON.stringify([target, id, path]);
}
