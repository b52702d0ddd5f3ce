/** A diagram that is followed and edited: what the server says, my edits, who else is here. */
import {
  type Client,
  checkOperation,
  isEmpty,
  type Operation,
  OperationError,
  ProtocolViolation,
} from "../ot/index.ts";
import type { Link } from "./link.ts";
import { Listeners } from "./listeners.ts";
import type { GaveWay } from "./losses.ts";
import {
  type CommittedChange,
  type ConflictDetected,
  type DiagramClosed,
  type DiagramMessage,
  type ErrorMessage,
  type Rejected,
  type Snapshot,
  type Subscribed,
  submit,
} from "./messages.ts";
import { Patience } from "./patience.ts";
import { OwnPresence } from "./presence.ts";
import type { Recovered } from "./recovery.ts";
import { type Check, Replica, type ReplicaEvents } from "./replica.ts";
import { Saver } from "./saver.ts";
import { SizeBound } from "./size.ts";
import { Standing } from "./standing.ts";
import { recordOf } from "./store.ts";
import { Surroundings } from "./surroundings.ts";
import type {
  DiagramStatus,
  DiagramView,
  EditOptions,
  LiveDiagram,
  OperationListener,
  Origin,
  PresenceState,
  Problem,
} from "./types.ts";
import { Picture, viewOf } from "./view.ts";
import { Waiters } from "./waiters.ts";

const NOT_YOURS: Problem = {
  code: "signed_in_as_other",
  message: "Somebody else is signed in now: edits made before are not sent in their name.",
};

export class OpenDiagram implements LiveDiagram {
  readonly askedId: string;
  readonly #link: Link<OpenDiagram>;
  #saver: Saver;
  readonly #presence: OwnPresence;
  readonly #around = new Surroundings();
  /** What earlier pages' edits gave way to, still to be told. */
  readonly #gaveWay: GaveWay[] = [];
  readonly #standing = new Standing();
  readonly #size = new SizeBound();
  readonly #picture = new Picture();
  readonly #changed = new Listeners<[]>();
  readonly #operations = new Listeners<[Operation, Origin]>();
  readonly #patience: Patience;
  readonly #saved = new Waiters();
  #replica: Replica | null = null;
  #id: string;
  #isResolved = false;
  #openings = 0;
  #hasEnded = false;
  /** Why what waits cannot be saved any more. */
  #failure: Error | null = null;
  #view: DiagramView | null = null;

  constructor(askedId: string, link: Link<OpenDiagram>) {
    this.askedId = askedId;
    this.#id = askedId;
    this.#link = link;
    this.#patience = new Patience(
      () => link.resubscribe(this),
      () => this.#replica?.resend(),
    );
    this.#saver = new Saver(link.store, () => this.#tell());
    this.#presence = new OwnPresence((state) => {
      const phase = this.#replica?.phase;
      if (phase !== "live" && phase !== "catching_up") return;
      link.send({ type: "presence", diagram_id: this.#id, state });
    });
  }

  get id(): string {
    return this.#id;
  }

  /** Whether `id` is the server's own. */
  get isResolved(): boolean {
    return this.#isResolved;
  }

  // What people see -------------------------------------------------------------------------

  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  on(_event: "operation", listener: OperationListener): () => void {
    return this.#operations.add(listener);
  }

  getSnapshot(): DiagramView {
    this.#view ??= viewOf({
      client: this.#client,
      stacks: this.#replica?.undoStacks,
      standing: this.#standing,
      around: this.#around,
      picture: this.#picture,
      isStored: this.#saver.isStored,
    });
    return this.#view;
  }

  /** Once for each message or call, however much it changed. */
  #tell(): void {
    this.#view = null;
    if (this.#isSaved) this.#saved.resolve();
    this.#changed.tell();
  }

  get #client(): Client | null {
    return this.#replica?.client ?? null;
  }

  get #isSaved(): boolean {
    return this.#replica?.isSaved ?? true;
  }

  // My edits --------------------------------------------------------------------------------

  edit(operation: Operation, options: EditOptions = {}): void {
    const replica = this.#editable();
    if (isEmpty(operation)) return;
    checkOperation(operation);
    this.#checkSize(operation);
    replica.edit(operation, options.undo ?? "new", options.label);
    this.#edited();
  }

  undo(): void {
    this.#step((replica, check) => replica.undo(check));
  }

  redo(): void {
    this.#step((replica, check) => replica.redo(check));
  }

  /** What is too large to be taken back in one message stays to be taken back; it is told. */
  #step(take: (replica: Replica, check: Check) => boolean): void {
    const replica = this.#editable();
    try {
      if (take(replica, (a) => this.#checkSize(a))) this.#edited();
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      this.#standing.problem = { code: error.code, message: error.message };
      this.#tell();
    }
  }

  #checkSize(a: Operation): void {
    this.#size.check(a, this.#client?.buffer ?? null, this.#link.maxMessageBytes);
  }

  #editable(): Replica {
    if (this.#openings === 0 || this.#hasEnded) {
      throw new OperationError("closed", "The diagram was closed.");
    }
    this.#standing.checkEditable(this.#client);
    if (this.#replica === null) throw new Error("a diagram that is there has a replica");
    return this.#replica;
  }

  #edited(): void {
    this.#keep();
    this.#watch();
    this.#tell();
  }

  whenSaved(): Promise<void> {
    if (this.#isSaved) return Promise.resolve();
    return this.#failure === null ? this.#saved.wait() : Promise.reject(this.#failure);
  }

  dismissProblem(): void {
    this.#standing.problem = null;
    this.#tell();
  }

  dismissConflict(id: number): void {
    this.#around.dismiss(id);
    this.#tell();
  }

  restoreMine(id: number): void {
    const client = this.#client;
    if (client === null) return;
    const operation = this.#around.restoring(id, client.diagram);
    if (operation === null) {
      this.#standing.problem = { code: "not_restorable", message: "It can no longer be restored." };
    } else {
      this.edit(operation);
      this.#around.dismiss(id);
    }
    this.#tell();
  }

  showPresence(state: PresenceState): void {
    this.#presence.show(state);
  }

  // The connection --------------------------------------------------------------------------

  opened(times = 1): void {
    this.#openings += times;
  }

  close(): void {
    if (this.#openings === 0) return;
    this.#openings -= 1;
    this.#releaseIfDone();
  }

  /** Whether the answer to a subscription is to come. */
  get isAsking(): boolean {
    return this.#replica?.phase === "asking";
  }

  /**
   * Unsent edits keep it with the connection until they are durable, and so does a question: the
   * answer to it must not be taken for another diagram's.
   */
  #releaseIfDone(): void {
    if (this.#openings > 0 || this.#hasEnded || !this.#isSaved || this.isAsking) return;
    this.#hasEnded = true;
    if (this.#replica !== null) this.#link.send({ type: "unsubscribe", diagram_id: this.#id });
    this.#stop();
    this.#link.release(this);
  }

  #stop(): void {
    this.#patience.stop();
    this.#presence.stop();
    this.#replica?.leave();
  }

  /** The connection is closed for good; edits that wait are in the store. */
  async shutDown(): Promise<void> {
    this.#hasEnded = true;
    this.#stop();
    this.#fail("The connection was closed.");
    await this.#saver.flush();
  }

  #fail(why: string): void {
    this.#failure = new Error(why);
    this.#saved.reject(this.#failure);
  }

  /** It is another one that is open already; `openings` go over to that. Nothing was edited here. */
  abandon(): number {
    const openings = this.#openings;
    this.#openings = 0;
    this.#hasEnded = true;
    this.#stop();
    return openings;
  }

  /**
   * Somebody else is signed in now: what waits is left to whom it belongs. Resolves once it is in
   * the store.
   */
  async disown(): Promise<void> {
    if (this.#replica === null) return;
    const before = this.#saver;
    this.#stop();
    if (!this.#isSaved) this.#standing.problem = NOT_YOURS;
    this.#saved.reject(new Error(NOT_YOURS.message));
    this.#saver = new Saver(this.#link.store, () => this.#tell());
    this.#replica = null;
    this.#standing.status = "loading";
    this.#picture.forget();
    this.#tell();
    this.#releaseIfDone();
    await before.flush();
  }

  /** Subscribes, on the connection there is now. */
  ask(isNewSocket: boolean): void {
    const { submitter } = this.#link;
    if (submitter === null) return;
    this.#replica ??= new Replica(submitter, this.#events());
    const known = this.#replica.ask(isNewSocket, submitter);
    this.#link.send({ type: "subscribe", diagram_id: this.#id, ...known });
    this.#watch(true);
  }

  /** The connection is gone. */
  lost(): void {
    this.#patience.stop();
    this.#replica?.leave();
    this.#around.peers.clear();
    this.#tell();
    this.#releaseIfDone();
  }

  /** Edits of an earlier page are being sent, or have been. */
  recovery(isUnderWay: boolean, { count, gaveWay }: Recovered): void {
    this.#standing.recovering += isUnderWay ? 1 : -1;
    this.#standing.recovered += count;
    this.#gaveWay.push(...gaveWay);
    this.#tellGivenWay();
    this.#tell();
  }

  /** Notices name elements, so they wait until the diagram is there. */
  #tellGivenWay(): void {
    if (this.#client === null) return;
    for (const { loss, by } of this.#gaveWay.splice(0)) {
      this.#around.lost(loss, by, this.#client.diagram);
    }
  }

  #events(): ReplicaEvents {
    return {
      submit: (...made) => this.#link.send(submit(this.#id, ...made)),
      arriving: (b, change, isMine) => this.#arriving(b, change, isMine),
      lost: (loss, by) => {
        if (this.#client !== null) this.#around.lost(loss, by, this.#client.diagram);
      },
      applied: (a, origin) => {
        this.#picture.touch(a);
        this.#view = null;
        this.#operations.tell(a, origin);
      },
      missed: () => this.#link.resubscribe(this),
      refused: (problem) => {
        this.#standing.problem = problem;
      },
    };
  }

  /** Where an answer is due, its absence makes us ask again where the diagram stands. */
  #watch(isAnew = false): void {
    const phase = this.#replica?.phase ?? "away";
    this.#patience.watch(phase !== "away" && (phase !== "live" || !this.#isSaved), isAnew);
  }

  /** What is to survive this page, were it to end now. */
  #keep(): void {
    const { server, submitter } = this.#link;
    const client = this.#client;
    const isPending = client !== null && client.sent !== null && submitter !== null;
    this.#saver.keep(isPending ? recordOf(client, submitter, server, this.#id) : null);
  }

  // What the server says --------------------------------------------------------------------

  receive(message: DiagramMessage): void {
    if (this.#hasEnded || this.#replica === null) return;
    const before = this.#client?.revision;
    const wasSaved = this.#isSaved;
    try {
      this.#take(this.#replica, message);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.#replica.distrust();
      this.#link.restart();
    }
    if (this.#client?.revision !== before || !wasSaved || !this.#isSaved) this.#keep();
    this.#tell();
    this.#releaseIfDone();
  }

  #take(replica: Replica, message: DiagramMessage): void {
    switch (message.type) {
      case "subscribed":
        replica.subscribed(message);
        this.#joined(message);
        break;
      case "snapshot":
        if (replica.snapshot(message)) this.#joined(message);
        else this.#presence.showAgain();
        break;
      case "diagram_updated":
        replica.updated(message.changes);
        this.#watch();
        break;
      case "rejected":
        this.#rejected(replica, message);
        break;
      case "presence":
        this.#around.peers.shown(message);
        break;
      case "conflict_detected":
        this.#conflict(message);
        break;
      case "error":
        this.#failed(replica, message);
        break;
      case "diagram_closed":
        this.#closed(replica, message);
        break;
      case "permission_changed":
        this.#standing.mayEdit = message.may_edit;
        break;
      case "acknowledged":
        // Followers are told by diagram_updated.
        break;
    }
  }

  #conflict(message: ConflictDetected): void {
    const me = this.#link.submitter?.participant;
    if (this.#client === null || me === undefined) return;
    this.#around.conflict(message, this.#client.diagram, me);
  }

  #joined(message: Subscribed | Snapshot): void {
    this.#id = message.diagram_id;
    this.#isResolved = true;
    this.#standing.joined(message);
    this.#patience.subscribed();
    this.#around.peers.clear();
    this.#presence.showAgain();
    this.#watch(true);
    this.#tellGivenWay();
  }

  #arriving(b: Operation, change: CommittedChange, isMine: boolean): void {
    const client = this.#client;
    const me = this.#link.submitter?.participant;
    if (client === null || me === undefined) return;
    if (isMine) {
      this.#patience.edited();
      this.#watch(true);
    }
    this.#around.arriving(b, change, isMine, client, me);
  }

  #rejected(replica: Replica, message: Rejected): void {
    if (message.sequence !== replica.client?.sequence) return;
    if (message.retry) {
      this.#patience.resendLater();
      return;
    }
    if (message.code === "future_revision") {
      throw new ProtocolViolation("The server knows less than it has said.");
    }
    if (message.code === "not_found" && message.at === "diagram_id") {
      // The diagram went before this edit came: the edit is kept, to be told of, not taken back.
      replica.leave();
      this.#end("deleted");
      return;
    }
    if (message.code === "forbidden") this.#standing.mayEdit = false;
    replica.refused(message);
    this.#watch(true);
  }

  /** The subscription was refused; errors about anything else change nothing. */
  #failed(replica: Replica, { code }: ErrorMessage): void {
    if (replica.phase !== "asking") return;
    replica.leave();
    if (code === "not_found") this.#end(this.#isResolved ? "deleted" : "not_found");
    else if (code === "forbidden") this.#end("forbidden");
    else this.#comeBack();
  }

  #closed(replica: Replica, { reason }: DiagramClosed): void {
    replica.leave();
    this.#around.peers.clear();
    if (reason === "deleted" || reason === "forbidden") this.#end(reason);
    else this.#comeBack();
  }

  #comeBack(): void {
    this.#standing.status = "unavailable";
    this.#patience.askLater();
  }

  /** It will not come back by itself. What waits stays in the store and is told of later. */
  #end(status: DiagramStatus): void {
    this.#patience.stop();
    this.#standing.status = status;
    if (this.#isSaved) return;
    this.#standing.problem = { code: "lost_edits", message: "Your last edits could not be saved." };
    this.#fail("The diagram is gone.");
  }
}
