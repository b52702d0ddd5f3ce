/**
 * What an app holds of an open diagram. What is behind it may turn out to be a diagram that is open
 * already, asked for by its other name.
 */
import type { Operation } from "../ot/index.ts";
import { Listeners } from "./listeners.ts";
import type { OpenDiagram } from "./live_diagram.ts";
import type {
  DiagramView,
  EditOptions,
  LiveDiagram,
  OperationListener,
  Origin,
  PresenceState,
} from "./types.ts";

export class Handle implements LiveDiagram {
  readonly askedId: string;
  readonly #changed = new Listeners<[]>();
  readonly #operations = new Listeners<[Operation, Origin]>();
  #diagram: OpenDiagram;
  #openings = 0;

  constructor(diagram: OpenDiagram) {
    this.askedId = diagram.askedId;
    this.#diagram = diagram;
    this.#listen();
  }

  #listen(): void {
    this.#diagram.subscribe(() => this.#changed.tell());
    this.#diagram.on("operation", (a, origin) => this.#operations.tell(a, origin));
  }

  get diagram(): OpenDiagram {
    return this.#diagram;
  }

  get id(): string {
    return this.#diagram.id;
  }

  /** Counts; returns itself. */
  opened(): this {
    this.#openings += 1;
    this.#diagram.opened();
    return this;
  }

  /** The diagram that it had is none: it was opened as often, and nothing was edited in it. */
  moveTo(diagram: OpenDiagram): void {
    this.#diagram = diagram;
    this.#listen();
    this.#changed.tell();
  }

  // Both can be handed on as they are, to `useSyncExternalStore`.

  readonly subscribe = (listener: () => void): (() => void) => this.#changed.add(listener);

  readonly getSnapshot = (): DiagramView => this.#diagram.getSnapshot();

  on(_event: "operation", listener: OperationListener): () => void {
    return this.#operations.add(listener);
  }

  edit(operation: Operation, options?: EditOptions): void {
    this.#diagram.edit(operation, options);
  }

  undo(): void {
    this.#diagram.undo();
  }

  redo(): void {
    this.#diagram.redo();
  }

  showPresence(state: PresenceState): void {
    this.#diagram.showPresence(state);
  }

  dismissConflict(id: number): void {
    this.#diagram.dismissConflict(id);
  }

  restoreMine(id: number): void {
    this.#diagram.restoreMine(id);
  }

  dismissProblem(): void {
    this.#diagram.dismissProblem();
  }

  whenSaved(): Promise<void> {
    return this.#diagram.whenSaved();
  }

  close(): void {
    if (this.#openings === 0) return;
    this.#openings -= 1;
    this.#diagram.close();
  }
}
