/**
 * The client's side as a state machine without input or output.
 *
 * Three states: *synchronised* (nothing of mine is on the way), *awaiting* (one operation is sent
 * and not acknowledged), *awaiting with a buffer* (and what was edited since waits, composed into
 * one). The design is that of ot.js. What leaves the machine are `Submission` values to send; what
 * enters are local edits and what the server says.
 */
import { apply, applyInPlace } from "./apply.ts";
import { compose } from "./compose.ts";
import { copyDiagram, type Diagram } from "./diagram.ts";
import { invert } from "./invert.ts";
import { isEmpty, NOTHING, type Operation } from "./operation.ts";
import { type AuthorKind, laterWinsOver, type Policy } from "./policy.ts";
import { transform } from "./transform.ts";

/** What to send: `operation` is valid on `baseRevision`; a resend is sent the same way. */
export interface Submission {
  readonly baseRevision: number;
  readonly sequence: number;
  readonly operation: Operation;
}

/** The server's messages do not fit together; resubscribe and start over from a snapshot. */
export class ProtocolViolation extends Error {
  override readonly name = "ProtocolViolation";
}

export type ClientState = "synchronised" | "awaiting" | "awaiting_with_buffer";

export interface ClientOptions {
  /** What the author of the edits made here is; "user" if missing. */
  readonly kind?: AuthorKind;
  /** The diagram's; "later_wins" if missing. */
  readonly policy?: Policy;
  /** The number of the last submission; 0 if missing. */
  readonly sequence?: number;
}

/**
 * One client of one diagram.
 *
 * `diagram` is what its person sees: the server's state at `revision` plus `sent` plus `buffer`.
 * `confirmed` is the server's state alone. Both are changed in place.
 */
export class Client {
  readonly kind: AuthorKind;
  policy: Policy;
  revision: number;
  sequence: number;
  confirmed: Diagram;
  diagram: Diagram;
  sent: Operation | null = null;
  buffer: Operation | null = null;

  constructor(diagram: Diagram, revision: number, options: ClientOptions = {}) {
    this.kind = options.kind ?? "user";
    this.policy = options.policy ?? "later_wins";
    this.sequence = options.sequence ?? 0;
    this.revision = revision;
    this.confirmed = copyDiagram(diagram);
    this.diagram = copyDiagram(diagram);
  }

  get state(): ClientState {
    if (this.sent === null) return "synchronised";
    return this.buffer === null ? "awaiting" : "awaiting_with_buffer";
  }

  /**
   * A local edit; returns what to send now, if anything.
   *
   * Throws OperationError, changing nothing, where the edit does not fit the diagram.
   */
  edit(a: Operation): Submission | null {
    applyInPlace(this.diagram, a);
    if (this.sent === null) return this.#send(a);
    this.buffer = this.buffer === null ? a : compose(this.buffer, a);
    return null;
  }

  /**
   * The next operation of somebody else; returns what it means for `diagram`:
   *
   *     confirmed --sent--> . --buffer--> diagram
   *         |               |                |
   *         b               b'               b''     (returned)
   *         |               |                |
   *         . ----sent'---> . --buffer'----> .
   */
  receive(b: Operation, authorKind: AuthorKind): Operation {
    const mineWins = laterWinsOver(this.policy, this.kind, authorKind);
    applyInPlace(this.confirmed, b);
    this.revision += 1;
    let shown = b;
    if (this.sent !== null) [this.sent, shown] = cross(this.sent, shown, mineWins);
    if (this.buffer !== null) [this.buffer, shown] = cross(this.buffer, shown, mineWins);
    applyInPlace(this.diagram, shown);
    return shown;
  }

  /**
   * The own operation has come back as the next revision; returns what to send next.
   * Throws ProtocolViolation where it is not on the way.
   */
  acknowledge(sequence: number): Submission | null {
    applyInPlace(this.confirmed, this.#onTheWay(sequence, "Acknowledged"));
    this.revision += 1;
    this.sent = null;
    return this.#sendBuffer();
  }

  /**
   * The server refused the operation on the way: it is rolled back. Throws ProtocolViolation where
   * it is not on the way.
   *
   * Returns what that changes in `diagram` and what to send next: the buffer, less what stood on
   * the refused operation.
   */
  reject(sequence: number): { undo: Operation; submission: Submission | null } {
    const { logged } = apply(this.confirmed, this.#onTheWay(sequence, "Rejected"));
    let undo = invert(logged);
    if (this.buffer !== null) [this.buffer, undo] = cross(this.buffer, undo, false);
    applyInPlace(this.diagram, undo);
    this.sent = null;
    return { undo, submission: this.#sendBuffer() };
  }

  /** What to send after a reconnect: the same submission, which the server recognises. */
  resend(): Submission | null {
    if (this.sent === null) return null;
    return { baseRevision: this.revision, sequence: this.sequence, operation: this.sent };
  }

  /**
   * Starts over from a snapshot, with local operations that are still to be sent.
   *
   * Throws OperationError where one of them does not fit; what came before it has been applied.
   */
  reset(diagram: Diagram, revision: number, unsent: readonly Operation[] = []): Submission | null {
    this.confirmed = copyDiagram(diagram);
    this.diagram = copyDiagram(diagram);
    this.revision = revision;
    this.sent = null;
    this.buffer = null;
    let pending = NOTHING;
    for (const operation of unsent) {
      applyInPlace(this.diagram, operation);
      pending = compose(pending, operation);
    }
    return isEmpty(pending) ? null : this.#send(pending);
  }

  #onTheWay(sequence: number, said: string): Operation {
    if (this.sent === null || sequence !== this.sequence) {
      throw new ProtocolViolation(`${said} ${sequence}, which is not on the way.`);
    }
    return this.sent;
  }

  #send(a: Operation): Submission {
    this.sequence += 1;
    this.sent = a;
    return { baseRevision: this.revision, sequence: this.sequence, operation: a };
  }

  #sendBuffer(): Submission | null {
    const a = this.buffer;
    this.buffer = null;
    return a === null || isEmpty(a) ? null : this.#send(a);
  }
}

/** Both sides of the diamond: `a` after `b` and `b` after `a`. */
function cross(a: Operation, b: Operation, aWins: boolean): [Operation, Operation] {
  return [transform(a, b, aWins), transform(b, a, !aWins)];
}
