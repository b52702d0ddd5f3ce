/** One socket, many diagrams; reconnects by itself. */
import { Backoff } from "./backoff.ts";
import { Handle } from "./handle.ts";
import { canStore, IndexedDbStore } from "./indexed_db.ts";
import * as limits from "./limits.ts";
import type { Link } from "./link.ts";
import { Listeners } from "./listeners.ts";
import { OpenDiagram } from "./live_diagram.ts";
import type { DiagramMessage, Inbound, Outbound, Welcome } from "./messages.ts";
import { isLoopback, isOffline, isSignedOut, watchNetwork } from "./network.ts";
import { isSame } from "./own_edits.ts";
import { randomText } from "./random.ts";
import { Recovery } from "./recovery.ts";
import type { Submitter } from "./replica.ts";
import { type Introduction, Session } from "./session.ts";
import { openWebSocket, sessionUrl, socketUrl, type WebSocketLike } from "./socket.ts";
import { MemoryStore, type PendingStore } from "./store.ts";
import { Subscriptions } from "./subscriptions.ts";
import type {
  Author,
  Connection,
  ConnectionState,
  ConnectOptions,
  LiveDiagram,
  RecoveryProblem,
} from "./types.ts";

/** Characters of a client id. */
const CLIENT_ID_LENGTH = 24;

/** Opens a connection; it tries until it is closed. */
export function connect(options: ConnectOptions): Connection {
  return new SocketConnection(options);
}

class SocketConnection implements Connection, Link<OpenDiagram> {
  readonly store: PendingStore;
  readonly #url: URL;
  readonly #key: string | undefined;
  readonly #token: ConnectOptions["token"];
  readonly #fetch: typeof fetch | undefined;
  readonly #openSocket: (url: URL) => WebSocketLike;
  readonly #random: (() => number) | undefined;
  #clientId: string;
  readonly #changed = new Listeners<[]>();
  readonly #diagrams = new Set<OpenDiagram>();
  readonly #handles = new Set<Handle>();
  readonly #subscriptions: Subscriptions;
  readonly #recovery: Recovery;
  readonly #backoff: Backoff;
  readonly #unwatch: () => void;
  #claim: Promise<() => void>;
  readonly #isLocal: boolean;
  #state: ConnectionState = "connecting";
  #session: Session | null = null;
  #isOnline = false;
  #submitter: Submitter | null = null;
  #sessionId: string | null = null;
  #maxMessageBytes = limits.DEFAULT_MAX_MESSAGE_BYTES;
  #nextAttemptAt: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onlineSince = 0;

  constructor(options: ConnectOptions) {
    this.store = options.store ?? (canStore() ? new IndexedDbStore() : new MemoryStore());
    this.#url = socketUrl(options.url);
    this.#isLocal = isLoopback(this.#url);
    this.#key = options.key;
    this.#token = options.token;
    this.#fetch = options.fetch;
    this.#openSocket = options.openSocket ?? ((url) => openWebSocket(url, options.key));
    this.#random = options.random;
    this.#clientId = randomText(CLIENT_ID_LENGTH, this.#random);
    const random = options.random ?? Math.random;
    this.#backoff = new Backoff(limits.FIRST_RECONNECT_MS, limits.LONGEST_RECONNECT_MS, random);
    this.#subscriptions = new Subscriptions();
    this.#recovery = new Recovery({
      store: this.store,
      server: this.server,
      openSocket: () => this.#openSocket(this.#url),
      introduce: (clientId) => this.#introduce(clientId),
      changed: () => this.#changed.tell(),
      recovering: (id, isUnderWay, recovered) => {
        this.#diagramOf(id)?.recovery(isUnderWay, recovered);
      },
    });
    this.#claim = this.#claimed();
    this.#unwatch = watchNetwork({
      online: () => this.#retryNow(),
      offline: () => this.#goOffline(),
      awake: () => this.#awake(),
    });
    if (isOffline() && !this.#isLocal) this.#goOffline();
    else this.#attempt();
  }

  /** A record without a claim would be taken for one of a page that is gone. */
  #claimed(): Promise<() => void> {
    const claim = this.store.claim(this.#clientId);
    claim.catch(() => {});
    return claim;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get participant(): Author | null {
    return this.#submitter?.participant ?? null;
  }

  get sessionId(): string | null {
    return this.#sessionId;
  }

  get nextAttemptAt(): number | null {
    return this.#nextAttemptAt;
  }

  get recovering(): boolean {
    return this.#recovery.isUnderWay;
  }

  get problems(): readonly RecoveryProblem[] {
    return this.#recovery.problems;
  }

  get server(): string {
    return this.#url.href;
  }

  get submitter(): Submitter | null {
    return this.#submitter;
  }

  get maxMessageBytes(): number {
    return this.#maxMessageBytes;
  }

  dismissProblem(id: number): void {
    this.#recovery.dismiss(id);
  }

  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  open(diagramId: string): LiveDiagram {
    if (this.#state === "closed") throw new Error("The connection is closed.");
    const handles = [...this.#handles];
    const known =
      handles.find((each) => each.askedId === diagramId) ??
      handles.find((each) => each.id === diagramId);
    if (known !== undefined) return known.opened();
    const diagram = new OpenDiagram(diagramId, this);
    const handle = new Handle(diagram);
    this.#diagrams.add(diagram);
    this.#handles.add(handle);
    if (this.#isOnline) this.#subscriptions.add(diagram, true);
    return handle.opened();
  }

  #diagramOf(id: string): OpenDiagram | undefined {
    for (const diagram of this.#diagrams) {
      if (diagram.id === id || diagram.askedId === id) return diagram;
    }
    return undefined;
  }

  // For the diagrams ------------------------------------------------------------------------

  send(message: Outbound): void {
    this.#session?.send(message);
  }

  resubscribe(diagram: OpenDiagram): void {
    if (this.#isOnline && this.#diagrams.has(diagram)) this.#subscriptions.add(diagram, false);
  }

  release(diagram: OpenDiagram): void {
    this.#forget(diagram);
    for (const handle of this.#handles) {
      if (handle.diagram === diagram) this.#handles.delete(handle);
    }
  }

  #forget(diagram: OpenDiagram): void {
    this.#diagrams.delete(diagram);
    this.#subscriptions.remove(diagram);
  }

  /** `other` turned out to be `diagram` by another name: whoever has it open has that from now on. */
  #merge(other: OpenDiagram, diagram: OpenDiagram): void {
    diagram.opened(other.abandon());
    this.#forget(other);
    for (const handle of this.#handles) if (handle.diagram === other) handle.moveTo(diagram);
  }

  restart(): void {
    this.#session?.close();
    this.#ended(true);
  }

  // The socket ------------------------------------------------------------------------------

  reconnectNow(): void {
    if (this.#state === "closed" || this.#isOnline) return;
    this.#retryNow();
  }

  #retryNow(): void {
    if (this.#state === "closed" || this.#isOnline) return;
    this.#backoff.reset();
    this.#session?.close();
    this.#session = null;
    this.#attempt();
  }

  /** The way to this machine is another than the one that is gone: it is only looked at. */
  #goOffline(): void {
    if (this.#state === "closed") return;
    if (this.#isLocal) {
      if (this.#isOnline) this.#session?.check();
      else if (this.#state === "reconnecting") this.#setState("offline");
      return;
    }
    const wasOnline = this.#isOnline;
    this.#session?.close();
    this.#session = null;
    this.#wait(null);
    if (wasOnline) this.#left();
    this.#setState("offline");
  }

  /**
   * Whether the connection outlived the sleep is asked at once; a pause ends at once. Who was signed
   * out may have signed in elsewhere.
   */
  #awake(): void {
    if (this.#isOnline) this.#session?.check();
    else if (this.#state === "signed_out") this.#retryNow();
    else if (this.#state === "reconnecting" && this.#nextAttemptAt !== null) this.#retryNow();
  }

  #attempt(): void {
    this.#wait(null);
    if (this.#state !== "connecting") this.#setState(isOffline() ? "offline" : "reconnecting");
    let socket: WebSocketLike;
    try {
      socket = this.#openSocket(this.#url);
    } catch {
      this.#ended(false);
      return;
    }
    this.#session = new Session(socket, this.#introduce(this.#clientId), {
      welcomed: (welcome) => this.#welcomed(welcome),
      received: (message) => this.#received(message),
      ended: (wasWelcomed, isSignedOut) => this.#ended(wasWelcomed, isSignedOut),
    });
  }

  #introduce(clientId: string): Introduction {
    const token = this.#token;
    return token === undefined ? { clientId } : { clientId, token };
  }

  #welcomed(welcome: Welcome): void {
    if (this.#submitter !== null && !isSame(this.#submitter.participant, welcome.participant)) {
      this.#becomeAnother();
      return;
    }
    this.#submitter = { clientId: this.#clientId, participant: welcome.participant };
    this.#sessionId = welcome.session_id;
    this.#maxMessageBytes = welcome.max_message_bytes;
    this.#onlineSince = Date.now();
    this.#isOnline = true;
    this.#setState("online");
    for (const diagram of this.#diagrams) this.#subscriptions.add(diagram, true);
    this.#recovery.start(welcome.participant);
  }

  /**
   * Somebody else has signed in with this browser: nothing of the one before is sent in their name,
   * and their edits are numbered anew.
   */
  #becomeAnother(): void {
    const before = this.#claim;
    this.#submitter = null;
    this.#clientId = randomText(CLIENT_ID_LENGTH, this.#random);
    this.#claim = this.#claimed();
    const left = [...this.#diagrams].map((diagram) => diagram.disown());
    // Only then may a page of the one before take what was left.
    void Promise.all([before, ...left]).then(
      ([release]) => release(),
      () => {},
    );
    this.restart();
  }

  #received(message: Inbound): void {
    if (!("diagram_id" in message)) return;
    const diagram = this.#addressee(message);
    this.#subscriptions.answered(diagram, message);
    diagram?.receive(message);
  }

  /**
   * A snapshot that nobody waits for answers the one diagram of which only another name is known,
   * and so does an error about a name that is none.
   */
  #addressee(message: DiagramMessage): OpenDiagram | undefined {
    const unresolved = this.#subscriptions.unresolved ?? undefined;
    if (message.type === "error" && message.diagram_id === null) {
      return message.at === "diagram_id" ? unresolved : undefined;
    }
    if (message.diagram_id === null) return undefined;
    const known = this.#diagramOf(message.diagram_id);
    if (message.type !== "snapshot" || unresolved === undefined) return known;
    if (known === undefined) return unresolved;
    if (known !== unresolved && !known.isAsking) this.#merge(unresolved, known);
    return known;
  }

  #ended(wasWelcomed: boolean, isSignedOut = false): void {
    this.#session = null;
    // Where there is a token it may have been its time that was over: the next one is asked for.
    if (isSignedOut && !(wasWelcomed && this.#token !== undefined)) {
      if (this.#isOnline) this.#left();
      this.#wait(null);
      this.#setState("signed_out");
      return;
    }
    const wasSteady = wasWelcomed && Date.now() - this.#onlineSince > limits.STEADY_AFTER_MS;
    if (this.#isOnline) this.#left();
    if (wasSteady) this.#backoff.reset();
    this.#setState(isOffline() ? "offline" : "reconnecting");
    if (this.#state === "offline" && !this.#isLocal) return;
    this.#wait(wasSteady ? 0 : this.#backoff.next());
    if (!wasWelcomed && this.#token === undefined) void this.#checkSignedIn();
  }

  #left(): void {
    this.#isOnline = false;
    this.#recovery.pause();
    this.#subscriptions.clear();
    for (const diagram of this.#diagrams) diagram.lost();
  }

  /** A refused handshake looks like any failure to a browser; the session's page tells. */
  async #checkSignedIn(): Promise<void> {
    const url = sessionUrl(this.#url);
    const isOut = await isSignedOut(url, this.#key, limits.SESSION_TIMEOUT_MS, this.#fetch);
    if (!isOut || this.#state !== "reconnecting") return;
    this.#session?.close();
    this.#session = null;
    this.#wait(null);
    this.#setState("signed_out");
  }

  #wait(pauseMs: number | null): void {
    clearTimeout(this.#timer);
    this.#nextAttemptAt = pauseMs === null ? null : Date.now() + pauseMs;
    if (pauseMs !== null) this.#timer = setTimeout(() => this.#attempt(), pauseMs);
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#changed.tell();
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#unwatch();
    this.#wait(null);
    this.#session?.close();
    this.#session = null;
    this.#isOnline = false;
    this.#setState("closed");
    const diagrams = [...this.#diagrams];
    this.#diagrams.clear();
    this.#handles.clear();
    await Promise.all(diagrams.map((diagram) => diagram.shutDown()));
    await this.#recovery.stop();
    const release = await this.#claim.catch(() => () => {});
    release();
  }
}
