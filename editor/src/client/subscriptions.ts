/**
 * The order in which diagrams are subscribed to.
 *
 * The server answers with a diagram's own id, also where another name was asked for. So of those
 * whose own id is not known yet only one is asked for at a time: the new id is that one's.
 */
import type { OpenDiagram } from "./live_diagram.ts";
import type { DiagramMessage } from "./messages.ts";

export class Subscriptions {
  readonly #queue: { diagram: OpenDiagram; isNewSocket: boolean }[] = [];
  #unresolved: OpenDiagram | null = null;

  /** The one that is asked for by a name that may not be its own. */
  get unresolved(): OpenDiagram | null {
    return this.#unresolved;
  }

  add(diagram: OpenDiagram, isNewSocket: boolean): void {
    if (diagram.isResolved || diagram === this.#unresolved) {
      diagram.ask(isNewSocket);
      return;
    }
    this.#queue.push({ diagram, isNewSocket });
    this.#next();
  }

  answered(diagram: OpenDiagram | undefined, { type }: DiagramMessage): void {
    if (diagram === undefined || diagram !== this.#unresolved) return;
    if (type !== "snapshot" && type !== "subscribed" && type !== "error") return;
    this.#unresolved = null;
    // After this message: it is what tells the diagram its own id.
    queueMicrotask(() => this.#next());
  }

  remove(diagram: OpenDiagram): void {
    const at = this.#queue.findIndex((each) => each.diagram === diagram);
    if (at >= 0) this.#queue.splice(at, 1);
    if (this.#unresolved === diagram) this.#unresolved = null;
    this.#next();
  }

  /** The socket is gone, and all that was asked with it. */
  clear(): void {
    this.#queue.length = 0;
    this.#unresolved = null;
  }

  #next(): void {
    if (this.#unresolved !== null) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#unresolved = next.diagram;
    next.diagram.ask(next.isNewSocket);
  }
}
