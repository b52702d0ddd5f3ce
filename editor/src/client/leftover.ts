/**
 * Edits of an earlier page, brought up to date without the diagram: transforming needs none.
 *
 * The three states of a client, without a document: `sent` (under `sequence`), and `buffer`.
 */
import {
  compose,
  type Diagram,
  isEmpty,
  laterWinsOver,
  NOTHING,
  type Operation,
  operationFromJson,
  ProtocolViolation,
  transform,
} from "../ot/index.ts";
import { fitAll } from "./fitting.ts";
import { MAX_CONFLICTS } from "./limits.ts";
import { type GaveWay, lossesOf } from "./losses.ts";
import type { CommittedChange, Policy, Subscribed } from "./messages.ts";
import type { PendingRecord } from "./store.ts";
import type { Author } from "./types.ts";

export class Leftover {
  readonly #participant: Author;
  readonly #clientId: string;
  revision: number;
  sequence: number;
  sent: Operation | null;
  buffer: Operation | null;
  policy: Policy;
  /** What of it is durable, as it read then: what was sent, and what waited behind it. */
  readonly durable: Operation[] = [];
  /** What of it gave way to what others did meanwhile. */
  readonly gaveWay: GaveWay[] = [];

  constructor(record: PendingRecord, participant: Author) {
    this.#participant = participant;
    this.#clientId = record.clientId;
    this.revision = record.revision;
    this.sequence = record.sequence;
    this.policy = record.policy;
    this.sent = record.sent === null ? null : operationFromJson(record.sent);
    this.buffer = record.buffer === null ? null : operationFromJson(record.buffer);
  }

  get isDone(): boolean {
    return this.sent === null;
  }

  /** Everything that is not durable yet, as one operation. */
  get rest(): Operation {
    return compose(this.sent ?? NOTHING, this.buffer ?? NOTHING);
  }

  /** Takes in what became durable. Throws ProtocolViolation where something is missing. */
  take(change: CommittedChange): void {
    if (change.revision <= this.revision) return;
    if (change.revision !== this.revision + 1) throw new ProtocolViolation("A change is missing.");
    this.revision += 1;
    if (this.#isOwn(change)) this.acknowledge();
    else this.#receive(operationFromJson(change.operation), change.author);
  }

  #isOwn({ client_id, sequence, author }: CommittedChange): boolean {
    const me = this.#participant;
    if (client_id !== this.#clientId || author.kind !== me.kind || author.id !== me.id)
      return false;
    return this.sent !== null && sequence === this.sequence;
  }

  #receive(b: Operation, author: Author): void {
    const mineWins = laterWinsOver(this.policy, this.#participant.kind, author.kind);
    if (this.sent === null) return;
    const sent = transform(this.sent, b, mineWins);
    const between = transform(b, this.sent, !mineWins);
    this.#note(this.sent, b, mineWins, author);
    this.sent = sent;
    if (this.buffer === null) return;
    this.#note(this.buffer, between, mineWins, author);
    this.buffer = transform(this.buffer, between, mineWins);
  }

  #note(mine: Operation, b: Operation, mineWins: boolean, by: Author): void {
    for (const loss of lossesOf(mine, b, mineWins)) {
      if (this.gaveWay.length < MAX_CONFLICTS) this.gaveWay.push({ loss, by });
    }
  }

  /** `sent` is durable: the buffer is sent next. */
  acknowledge(): void {
    if (this.sent !== null) this.durable.push(this.sent);
    this.#sendNext(this.buffer);
  }

  #sendNext(a: Operation | null): void {
    this.buffer = null;
    this.sent = a === null || isEmpty(a) ? null : a;
    if (this.sent !== null) this.sequence += 1;
  }

  /**
   * The server is too far ahead for operations. What the snapshot has not is put on it as far as it
   * fits; returns what does not.
   */
  restart(S: Diagram, answer: Subscribed): Operation {
    const { last_sequence: last } = answer;
    const left: Operation[] = [];
    if (this.sent !== null && this.sequence > last) left.push(this.sent);
    // The buffer may have been sent already, by a recovery that was itself cut off.
    if (this.buffer !== null && this.sequence + 1 > last) left.push(this.buffer);
    const { fits, lost } = fitAll(S, left);
    this.revision = answer.revision;
    this.policy = answer.policy;
    this.sequence = Math.max(this.sequence, last);
    this.#sendNext(fits);
    return lost;
  }
}
