/**
 * Sending the edits of pages that are gone: reloaded, closed, crashed.
 *
 * Each earlier client gets a short connection of its own, under its own client id, so that the server
 * recognises what it has already. Recoveries run one after another, and again after each reconnect
 * while something is left.
 */
import {
  diagramFromJson,
  isEmpty,
  NOTHING,
  type Operation,
  OperationError,
  ProtocolViolation,
} from "../ot/index.ts";
import { Leftover } from "./leftover.ts";
import * as limits from "./limits.ts";
import type { GaveWay } from "./losses.ts";
import {
  type DiagramMessage,
  type Inbound,
  type Rejected,
  type Snapshot,
  submit,
} from "./messages.ts";
import { isSame } from "./own_edits.ts";
import { type Introduce, Session } from "./session.ts";
import type { WebSocketLike } from "./socket.ts";
import type { PendingRecord, PendingStore } from "./store.ts";
import type { Author, RecoveryProblem } from "./types.ts";
import { countTargets } from "./view.ts";

export interface RecoveryOptions {
  readonly store: PendingStore;
  readonly server: string;
  openSocket(): WebSocketLike;
  introduce: Introduce;
  /** `isUnderWay` or `problems` have changed. */
  changed(): void;
  /** A diagram's recovery has begun, or ended after `count` elements were sent. */
  recovering(diagramId: string, isUnderWay: boolean, outcome: Recovered): void;
}

export class Recovery {
  readonly #options: RecoveryOptions;
  /** Records of which nothing was stored, by the problem that tells of them. */
  readonly #told = new Map<number, PendingRecord>();
  #problems: readonly RecoveryProblem[] = [];
  #problemIds = 0;
  #running: Promise<void> | null = null;
  #atWork = 0;
  #current: OneClient | null = null;
  #isStopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  get isUnderWay(): boolean {
    return this.#atWork > 0;
  }

  get problems(): readonly RecoveryProblem[] {
    return this.#problems;
  }

  /** Until then the record stays: the next page tells of it too. */
  dismiss(id: number): void {
    this.#problems = this.#problems.filter((problem) => problem.id !== id);
    const record = this.#told.get(id);
    this.#told.delete(id);
    // A record that cannot be removed is told of once more.
    if (record !== undefined) void this.#remove(record).catch(() => {});
    this.#options.changed();
  }

  #remove({ clientId, diagramId }: PendingRecord): Promise<void> {
    return this.#options.store.remove(clientId, diagramId);
  }

  #isTold({ clientId, diagramId }: PendingRecord): boolean {
    return [...this.#told.values()].some(
      (told) => told.clientId === clientId && told.diagramId === diagramId,
    );
  }

  /** Looks for what is left of this participant on this server, now and again until `pause`. */
  start(participant: Author): void {
    this.pause();
    this.#look(participant, limits.FIRST_LOOK_AGAIN_MS);
  }

  /** There is no connection: what is under way ends by itself. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** A page that is just being closed may still hold what it leaves: looked for again, soon. */
  #look(participant: Author, againMs: number): void {
    if (this.#isStopped) return;
    this.#running ??= this.#run(participant)
      // A store that cannot be read: what is in it stays there.
      .catch(() => {})
      .finally(() => {
        this.#running = null;
      });
    this.#timer = setTimeout(() => this.#look(participant, limits.LOOK_AGAIN_MS), againMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.pause();
    this.#current?.stop();
    await this.#running;
  }

  async #run(participant: Author): Promise<void> {
    const { store, server } = this.#options;
    const isMine = (record: PendingRecord) =>
      record.server === server &&
      !this.#isTold(record) &&
      record.participant.kind === participant.kind &&
      record.participant.id === participant.id;
    await store.takeOrphans(isMine, (records) => this.#recover(records, participant));
  }

  async #recover(records: readonly PendingRecord[], participant: Author): Promise<void> {
    for (const record of records) {
      if (this.#isStopped) return;
      await this.#recoverOne(record, participant);
    }
  }

  async #recoverOne(record: PendingRecord, participant: Author): Promise<void> {
    const { changed, recovering } = this.#options;
    this.#atWork += 1;
    recovering(record.diagramId, true, NOTHING_YET);
    changed();
    let recovered = NOTHING_YET;
    try {
      const outcome = await this.#attempt(record, participant);
      if (outcome === null) return;
      if (!isEmpty(outcome.lost)) this.#tell(record, outcome);
      if (!this.#isTold(record)) await this.#remove(record);
      recovered = outcome;
    } finally {
      this.#atWork -= 1;
      recovering(record.diagramId, false, recovered);
      changed();
    }
  }

  /** Null where it can be tried again later. */
  async #attempt(record: PendingRecord, participant: Author): Promise<Outcome | null> {
    let leftover: Leftover;
    try {
      leftover = new Leftover(record, participant);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      return { ...NOTHING_YET, lost: NOTHING, code: error.code, message: error.message };
    }
    const { openSocket, introduce } = this.#options;
    const client = new OneClient(openSocket(), record, leftover, participant, introduce);
    this.#current = client;
    const outcome = await client.done;
    this.#current = null;
    return outcome;
  }

  /** What was sent in part is not sent again by anybody, so only what was not at all is kept. */
  #tell(record: PendingRecord, { count, lost, code, message }: Outcome): void {
    this.#problemIds += 1;
    if (count === 0) this.#told.set(this.#problemIds, record);
    const { diagramId, title } = record;
    const problem = { id: this.#problemIds, diagramId, title, code, message, operation: lost };
    this.#problems = [...this.#problems, problem].slice(-limits.MAX_RECOVERY_PROBLEMS);
  }
}

/** What an open page of the diagram is told. */
export interface Recovered {
  /** Elements touched by what is durable now. */
  readonly count: number;
  /** What gave way to others, in the order in which it did. */
  readonly gaveWay: readonly GaveWay[];
}

const NOTHING_YET: Recovered = { count: 0, gaveWay: [] };

/** What became of one record. */
interface Outcome extends Recovered {
  /** What could not be stored, and why; empty where all was. */
  readonly lost: Operation;
  readonly code: string;
  readonly message: string;
}

const GONE = "The diagram is no longer there; what you did last could not be saved.";
const UNFIT = "The diagram changed too much meanwhile: some of your edits no longer fit it.";

/** One connection that sends what one record has left. */
class OneClient {
  /** Null: try again later. */
  readonly done: Promise<Outcome | null>;
  readonly #record: PendingRecord;
  readonly #leftover: Leftover;
  readonly #session: Session;
  readonly #timer: ReturnType<typeof setTimeout>;
  #resolve: (outcome: Outcome | null) => void = () => {};
  #target: number | null = null;
  #lost: Operation = NOTHING;
  #sentSequence: number | null = null;
  #resends = 0;
  #resendTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    socket: WebSocketLike,
    record: PendingRecord,
    leftover: Leftover,
    author: Author,
    introduce: Introduce,
  ) {
    this.#record = record;
    this.#leftover = leftover;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.#finish(null), limits.RECOVERY_TIMEOUT_MS);
    this.#session = new Session(socket, introduce(record.clientId), {
      welcomed: ({ participant }) => {
        if (isSame(participant, author)) this.#subscribe();
        else this.#finish(null);
      },
      received: (message) => this.#receive(message),
      ended: () => this.#finish(null),
    });
  }

  stop(): void {
    this.#finish(null);
  }

  #finish(outcome: Outcome | null): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#resendTimer);
    this.#session.close();
    this.#resolve(outcome);
  }

  #subscribe(): void {
    const { diagramId } = this.#record;
    const revision = this.#leftover.revision;
    this.#session.send({ type: "subscribe", diagram_id: diagramId, revision, pending: true });
  }

  #receive(message: Inbound): void {
    if (!("diagram_id" in message)) return;
    try {
      this.#take(message);
    } catch (error) {
      const isExpected = error instanceof ProtocolViolation || error instanceof OperationError;
      if (!isExpected) {
        this.#finish(null);
        throw error;
      }
      this.#fail("lost_edits", error.message);
    }
  }

  #take(message: DiagramMessage): void {
    switch (message.type) {
      case "subscribed":
        this.#leftover.policy = message.policy;
        this.#target = message.revision;
        // Unasked: what was sent before may be lost.
        this.#sentSequence = null;
        this.#goOn();
        break;
      case "snapshot":
        this.#startOver(message);
        break;
      case "diagram_updated":
        for (const change of message.changes) this.#leftover.take(change);
        this.#goOn();
        break;
      case "rejected":
        this.#rejected(message);
        break;
      case "error":
        this.#refused(message.code, message.message);
        break;
      case "diagram_closed":
        if (message.reason === "deleted") this.#fail("not_found", GONE);
        else this.#finish(null);
        break;
      default:
        break;
    }
  }

  #startOver(message: Snapshot): void {
    if (this.#target !== null) return;
    this.#lost = this.#leftover.restart(diagramFromJson(message.diagram), {
      ...message,
      type: "subscribed",
    });
    this.#target = message.revision;
    this.#goOn();
  }

  /** Once up to date: sends what was not sent on this connection, or is done. */
  #goOn(): void {
    if (this.#target === null || this.#leftover.revision < this.#target) return;
    const { durable, gaveWay } = this.#leftover;
    if (!this.#leftover.isDone) {
      if (this.#sentSequence !== this.#leftover.sequence) this.#send();
      return;
    }
    const isLost = !isEmpty(this.#lost);
    const [code, message] = isLost ? ["lost_edits", UNFIT] : ["", ""];
    this.#finish({ count: countTargets(durable), gaveWay, lost: this.#lost, code, message });
  }

  #send(): void {
    const { revision, sequence, sent } = this.#leftover;
    if (sent === null) return;
    this.#sentSequence = sequence;
    const submission = { baseRevision: revision, sequence, operation: sent };
    this.#session.send(submit(this.#record.diagramId, submission, this.#record.revision));
  }

  #rejected({ sequence, retry, code, message }: Rejected): void {
    if (sequence !== this.#leftover.sequence) return;
    if (!retry) {
      this.#fail(code, message);
      return;
    }
    const pause = limits.FIRST_RESEND_MS * 2 ** this.#resends;
    this.#resends += 1;
    clearTimeout(this.#resendTimer);
    this.#resendTimer = setTimeout(() => this.#send(), Math.min(pause, limits.LONGEST_RESEND_MS));
  }

  /** The subscription was refused: for good, or for now. */
  #refused(code: string, message: string): void {
    if (code === "not_found") this.#fail(code, GONE);
    else if (code === "forbidden") this.#fail(code, message);
    else this.#finish(null);
  }

  #fail(code: string, message: string): void {
    this.#finish({ ...NOTHING_YET, lost: this.#leftover.rest, code, message });
  }
}
