/**
 * One diagram as this client has it: what the server says comes in, submissions go out.
 *
 * No sockets and no timers: when to connect, to resend and to store is the caller's business.
 */
import {
  Client,
  type Diagram,
  diagramFromJson,
  diff,
  isEmpty,
  jsonEqual,
  laterWinsOver,
  NOTHING,
  type Operation,
  OperationError,
  operationFromJson,
  ProtocolViolation,
  type Submission,
  transform,
  wireForm,
} from "../ot/index.ts";
import { fitAll } from "./fitting.ts";
import { hiddenIn } from "./hidden.ts";
import { logOf } from "./log.ts";
import { type Loss, lossesOf } from "./losses.ts";
import type { CommittedChange, Rejected, Snapshot, Subscribed } from "./messages.ts";
import { Seen } from "./seen.ts";
import type { Author, EditLabel, Origin, Problem, UndoMode } from "./types.ts";
import { UndoStacks } from "./undo.ts";

/**
 * - `away`: not subscribed
 * - `asking`: `subscribe` was sent
 * - `catching_up`: `subscribed` came, the missed operations are on their way
 * - `live`: up to date; submissions may be sent
 */
type Phase = "away" | "asking" | "catching_up" | "live";

export interface ReplicaEvents {
  /** To be sent now; its author had seen the revision `seen` when making it. */
  submit(submission: Submission, seen: number | null, label?: EditLabel): void;
  /** About to be taken in: `b` is durable, `diagram` still without it. */
  arriving(b: Operation, change: CommittedChange, isMine: boolean): void;
  /** Something of mine that waits gave way to what `by` did; told before it is applied. */
  lost(loss: Loss, by: Author): void;
  /** The shown diagram was changed by `a`. */
  applied(a: Operation, origin: Origin): void;
  /** Changes are missing: subscribe again. */
  missed(): void;
  /** Edits were taken back, or did not fit any more. */
  refused(problem: Problem): void;
}

/** Throws where an operation must not be made. */
export type Check = (a: Operation) => void;

/** Who submits. */
export interface Submitter {
  readonly clientId: string;
  readonly participant: Author;
}

export class Replica {
  readonly #events: ReplicaEvents;
  readonly undoStacks = new UndoStacks();
  #submitter: Submitter;
  #client: Client | null = null;
  #phase: Phase = "away";
  /** Whether the answer to come is the first about this diagram on its socket. */
  #isFirstAnswer = true;
  /** Whether the state is not to be trusted: a snapshot is asked for and taken whatever it says. */
  #isBroken = false;
  #target: Subscribed | null = null;
  readonly #seen = new Seen();
  /** Numbers of edits: the newest, the newest that was sent, the newest that is durable. */
  #edits = 0;
  #sentEdits = 0;
  /** The last edit that became a submission of its own. */
  #labelled: { sequence: number; label: EditLabel | undefined } = { sequence: 0, label: undefined };
  #durableEdits = 0;

  constructor(submitter: Submitter, events: ReplicaEvents) {
    this.#submitter = submitter;
    this.#events = events;
  }

  /** Null until the first snapshot. */
  get client(): Client | null {
    return this.#client;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isSaved(): boolean {
    return this.#client === null || this.#client.sent === null;
  }

  // The connection --------------------------------------------------------------------------

  /** What to ask with. `isNewSocket`: nothing that was sent before can arrive any more. */
  ask(isNewSocket: boolean, submitter: Submitter): { revision?: number; pending?: boolean } {
    this.#submitter = submitter;
    this.#phase = "asking";
    this.#target = null;
    if (isNewSocket) this.#isFirstAnswer = true;
    if (this.#client === null || this.#isBroken) return {};
    return { revision: this.#client.revision, pending: !this.isSaved };
  }

  leave(): void {
    this.#phase = "away";
    this.#target = null;
  }

  // What the server says --------------------------------------------------------------------

  /** Throws ProtocolViolation where the messages do not fit together; see `distrust`. */
  subscribed(message: Subscribed): void {
    if (this.#phase === "away") return;
    if (this.#client === null) throw new ProtocolViolation("Nothing is known to go on from.");
    this.#isFirstAnswer = false;
    this.#client.policy = message.policy;
    this.#target = message;
    this.#phase = "catching_up";
    this.#arriveIfThere();
  }

  /** Whether it was taken: a late one says what was true once, and is left alone. */
  snapshot(message: Snapshot): boolean {
    if (this.#phase !== "asking") return false;
    const client = this.#client;
    if (client !== null && !this.#isFirstAnswer && message.revision <= client.revision) {
      // It says nothing new, but that the diagram is followed from here on.
      this.subscribed({ ...message, type: "subscribed" });
      return true;
    }
    this.#isFirstAnswer = false;
    this.#isBroken = false;
    this.#phase = "live";
    const diagram = diagramFromJson(message.diagram);
    if (client === null) this.#begin(diagram, message);
    else this.#beginAgain(client, diagram, message);
    return true;
  }

  #begin(diagram: Diagram, message: Snapshot): void {
    this.#client = new Client(diagram, message.revision, {
      kind: this.#submitter.participant.kind,
      policy: message.policy,
      sequence: message.last_sequence,
    });
  }

  /** Edits that the snapshot lacks are put on it as far as they fit, under the next number. */
  #beginAgain(client: Client, diagram: Diagram, message: Snapshot): void {
    const unsent: Operation[] = [];
    if (client.sent !== null && client.sequence > message.last_sequence) unsent.push(client.sent);
    if (client.buffer !== null) unsent.push(client.buffer);
    const { fits, lost } = fitAll(diagram, unsent);
    const before = client.diagram;
    client.policy = message.policy;
    client.sequence = Math.max(client.sequence, message.last_sequence);
    client.reset(diagram, message.revision, [fits]);
    keepIdentities(before, client.diagram);
    this.#seen.joined();
    this.#sentEdits = this.#edits;
    if (client.sent === null) this.#durableEdits = this.#edits;
    this.#applied(diff(before, client.diagram), "remote");
    this.#send(client.resend());
    if (!isEmpty(lost)) this.#events.refused(LOST_EDITS);
  }

  /** Operations that became durable. Throws ProtocolViolation. */
  updated(changes: readonly CommittedChange[]): void {
    const client = this.#client;
    if (client === null || this.#phase === "away" || this.#isBroken) return;
    for (const change of changes) {
      if (change.revision <= client.revision) continue;
      if (change.revision > client.revision + 1) {
        if (this.#phase !== "asking") this.#events.missed();
        return;
      }
      this.#take(client, change);
    }
    this.#arriveIfThere();
  }

  #take(client: Client, change: CommittedChange): void {
    const b = violationIfRefused(() => operationFromJson(change.operation));
    const isMine = this.#isMine(change);
    this.#events.arriving(b, change, isMine);
    if (isMine && client.sent !== null && change.sequence === client.sequence) {
      const next = violationIfRefused(() => client.acknowledge(client.sequence));
      this.#settled(next);
      this.#send(next);
    } else {
      violationIfRefused(() => this.#tellLosses(client, b, change.author));
      const wasSaved = this.isSaved;
      const shown = violationIfRefused(() => client.receive(b, change.author.kind));
      if (!wasSaved) {
        this.undoStacks.hid(hiddenIn(b, shown), this.#durableEdits, client.diagram);
      }
      this.#applied(shown, "remote");
    }
  }

  #tellLosses(client: Client, b: Operation, author: Author): void {
    if (client.sent === null) return;
    const mineWins = laterWinsOver(client.policy, client.kind, author.kind);
    for (const loss of lossesOf(client.sent, b, mineWins)) this.#events.lost(loss, author);
    if (client.buffer === null) return;
    const between = transform(b, client.sent, !mineWins);
    for (const loss of lossesOf(client.buffer, between, mineWins)) this.#events.lost(loss, author);
  }

  /** What was sent has been answered; `next` is sent now. */
  #settled(next: Submission | null): void {
    this.#seen.settled();
    this.#durableEdits = next === null ? this.#edits : this.#sentEdits;
    this.#sentEdits = this.#edits;
  }

  #isMine({ client_id, author }: CommittedChange): boolean {
    const { clientId, participant } = this.#submitter;
    return (
      client_id === clientId && author.kind === participant.kind && author.id === participant.id
    );
  }

  /** Once everything that was missed is there, what was not acknowledged is sent again. */
  #arriveIfThere(): void {
    const [client, target] = [this.#client, this.#target];
    if (this.#phase !== "catching_up" || client === null || target === null) return;
    if (client.revision < target.revision) return;
    this.#target = null;
    this.#phase = "live";
    if (client.sent === null) {
      client.sequence = Math.max(client.sequence, target.last_sequence);
    } else if (client.sequence <= target.last_sequence) {
      throw new ProtocolViolation("An edit is durable, and its change never came.");
    }
    this.#send(client.resend());
  }

  /** A refusal for good: the edit is taken back. Throws ProtocolViolation. */
  refused(message: Rejected): void {
    const client = this.#client;
    if (client === null || client.sent === null || message.sequence !== client.sequence) return;
    const { undo, submission } = violationIfRefused(() => client.reject(client.sequence));
    const rest = client.sent === null ? NOTHING : logOf(client.confirmed, client.sent);
    this.undoStacks.refused(this.#durableEdits, this.#edits, rest);
    this.#settled(submission);
    if (!isEmpty(undo)) this.#events.applied(undo, "remote");
    this.#send(submission);
    this.#events.refused({ code: message.code, message: message.message });
  }

  /** After a ProtocolViolation: only edits of mine are kept, a snapshot must come. */
  distrust(): void {
    this.#isBroken = true;
    this.leave();
  }

  resend(): void {
    if (this.#client !== null) this.#send(this.#client.resend());
  }

  // My edits --------------------------------------------------------------------------------

  /** Throws OperationError where it does not fit; nothing was changed then. */
  edit(a: Operation, mode: UndoMode, label?: EditLabel): void {
    const note = (logged: Operation, number: number, shown: Diagram): void =>
      this.undoStacks.edited(logged, number, mode, shown);
    this.#edit(a, note, label);
  }

  /** Takes back the newest step; whether there was one. `check` may throw: nothing is done then. */
  undo(check: Check = () => {}): boolean {
    const inverse = this.undoStacks.peekUndo();
    if (inverse === null) return false;
    return this.#step(inverse, check, (...made) => this.undoStacks.undone(...made));
  }

  redo(check: Check = () => {}): boolean {
    const inverse = this.undoStacks.peekRedo();
    if (inverse === null) return false;
    return this.#step(inverse, check, (...made) => this.undoStacks.redone(...made));
  }

  #step(
    inverse: Operation,
    check: Check,
    note: (logged: Operation, number: number) => void,
  ): boolean {
    const a = wireForm(inverse);
    check(a);
    try {
      this.#edit(a, note);
      return true;
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      // Steps that do not fit together any more are worth less than a diagram that is right.
      this.undoStacks.clear();
      return false;
    }
  }

  #edit(
    a: Operation,
    note: (logged: Operation, number: number, shown: Diagram) => void,
    label?: EditLabel,
  ): void {
    const client = this.#client;
    if (client === null) throw new OperationError("not_ready", "The diagram is still loading.");
    const logged = logOf(client.diagram, a);
    const wasAwaiting = client.sent !== null;
    const submission = client.edit(a);
    this.#seen.edited(client.revision, wasAwaiting);
    this.#edits += 1;
    if (submission !== null) {
      this.#sentEdits = this.#edits;
      this.#labelled = { sequence: submission.sequence, label };
    }
    note(logged, this.#edits, client.diagram);
    this.#events.applied(a, "local");
    this.#send(submission);
  }

  #applied(a: Operation, origin: Origin): void {
    if (isEmpty(a) || this.#client === null) return;
    this.undoStacks.passed(a, this.#client.diagram);
    this.#events.applied(a, origin);
  }

  #send(submission: Submission | null): void {
    if (submission !== null && this.#phase === "live") {
      const { sequence, label } = this.#labelled;
      const its = submission.sequence === sequence ? label : undefined;
      this.#events.submit(submission, this.#seen.revision, its);
    }
  }
}

const LOST_EDITS: Problem = {
  code: "lost_edits",
  message: "The diagram changed too much meanwhile: some of your edits no longer fit it.",
};

/** What the server committed must fit what it said before. */
function violationIfRefused<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new ProtocolViolation(`What the server sent does not fit: ${error}`);
  }
}

/** Elements that are the same as before stay the same objects. */
function keepIdentities(before: Diagram, after: Diagram): void {
  for (const kind of ["nodes", "edges"] as const) {
    for (const [id, element] of after[kind]) {
      const old = before[kind].get(id);
      if (old !== undefined && jsonEqual(old, element)) after[kind].set(id, old);
    }
  }
}
