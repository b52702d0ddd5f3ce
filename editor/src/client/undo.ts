/**
 * Undo and redo of my own edits: a stack of inverses.
 *
 *     S0 --edit 1--> S1 --edit 2--> S2 (shown)
 *     S0 <-inverse1- S1 <-inverse2- S2
 *
 * The newest inverse is valid on what is shown, the one below it on what that leaves, and so on.
 * What others do is carried down the stack: each inverse is transformed over it and gives way to it.
 */
import { compose, type Diagram, invert, isEmpty, type Operation, transform } from "../ot/index.ts";
import { reveal, writesIn } from "./hidden.ts";
import { MAX_UNDO_STEPS } from "./limits.ts";
import type { UndoMode } from "./types.ts";
import { Claims } from "./yielding.ts";

/** One step: what takes it back, and the numbers of the edits that it consists of. */
interface Step {
  readonly inverse: Operation;
  readonly first: number;
  readonly last: number;
}

/** Edits are numbered by the caller, each higher than the one before. */
export class UndoStacks {
  #undo: Step[] = [];
  #redo: Step[] = [];
  /** Whether the newest step may grow: it is an edit, not something undone or redone. */
  #isOpen = false;
  /** The newest edit that did not put a step on the stack: undone, redone, or not undoable. */
  #lastAside = 0;

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** The inverse to apply for an undo; null where there is nothing to take back. */
  peekUndo(): Operation | null {
    return this.#undo.at(-1)?.inverse ?? null;
  }

  peekRedo(): Operation | null {
    return this.#redo.at(-1)?.inverse ?? null;
  }

  /** An edit was made; `logged` is its log form, `shown` the diagram after it. */
  edited(logged: Operation, number: number, mode: UndoMode, shown: Diagram): void {
    if (mode === "none") {
      this.#lastAside = number;
      this.passed(logged, shown);
      return;
    }
    const step = stepOf(logged, number);
    const open = this.#isOpen && mode === "join" ? this.#undo.pop() : undefined;
    const whole = open === undefined ? step : join(open, step);
    // Typing that was taken away again is no step, but the next letter starts none of its own.
    if (!isEmpty(whole.inverse)) push(this.#undo, whole);
    this.#redo = [];
    this.#isOpen = !isEmpty(whole.inverse);
  }

  /** The newest inverse of `undo` was applied as an edit. */
  undone(logged: Operation, number: number): void {
    this.#lastAside = number;
    this.#undo.pop();
    push(this.#redo, stepOf(logged, number));
    this.#isOpen = false;
  }

  redone(logged: Operation, number: number): void {
    this.#lastAside = number;
    this.#redo.pop();
    push(this.#undo, stepOf(logged, number));
    this.#isOpen = false;
  }

  /** Somebody else's `b` was applied to what is shown; `shown` is the diagram then. */
  passed(b: Operation, shown: Diagram): void {
    if (isEmpty(b)) return;
    const isEmptyStack = this.#undo.length === 0;
    this.#undo = carry(this.#undo, b, shown);
    this.#redo = carry(this.#redo, b, shown);
    if (this.#undo.length === 0 && !isEmptyStack) this.#isOpen = false;
  }

  /**
   * What others wrote and my edits after number `durable` hide: undoing those leads to it, and what
   * is below gives way to it. `shown` is the diagram then.
   */
  hid(hidden: Operation, durable: number, shown: Diagram): void {
    if (isEmpty(hidden)) return;
    const older = this.#undo.filter((step) => step.last <= durable);
    const newer = this.#undo.slice(older.length);
    const writes = writesIn(hidden);
    this.#undo = [
      ...carry(older, hidden, shown),
      ...newer.map((step) => ({ ...step, inverse: reveal(step.inverse, writes) })),
    ];
  }

  /**
   * The edits after number `durable` were taken back, of which `rest` was then done again.
   *
   * They leave the stack; `rest`, in log form, is one step from now on. Where that does not lead back
   * to what the older steps stand on, there is nothing to undo any more.
   */
  refused(durable: number, newest: number, rest: Operation): void {
    const isSplit = this.#undo.some((step) => step.first <= durable && step.last > durable);
    if (isSplit || this.#lastAside > durable) {
      this.clear();
      return;
    }
    this.#undo = this.#undo.filter((step) => step.last <= durable);
    if (!isEmpty(rest)) push(this.#undo, stepOf(rest, newest));
    this.#redo = [];
    this.#isOpen = false;
  }

  clear(): void {
    this.#undo = [];
    this.#redo = [];
    this.#isOpen = false;
  }
}

function stepOf(logged: Operation, number: number): Step {
  return { inverse: invert(logged), first: number, last: number };
}

/** The newer step is taken back first. */
function join(older: Step, newer: Step): Step {
  const inverse = compose(newer.inverse, older.inverse);
  return { inverse, first: older.first, last: newer.last };
}

function push(stack: Step[], step: Step): void {
  stack.push(step);
  if (stack.length > MAX_UNDO_STEPS) stack.shift();
}

/**
 *     . <--inverse-- S
 *     |              |
 *     b'             b      others win against the inverse
 *     |              |
 *     . <--inverse'- .
 */
function carry(stack: readonly Step[], b: Operation, shown: Diagram): Step[] {
  const claims = new Claims(b, shown);
  const out: Step[] = [];
  for (const step of [...stack].reverse()) {
    const kept = claims.keep(step.inverse, b);
    const inverse = transform(kept, b, false);
    b = transform(b, kept, true);
    if (!isEmpty(inverse)) out.push(inverse === step.inverse ? step : { ...step, inverse });
  }
  return out.reverse();
}
