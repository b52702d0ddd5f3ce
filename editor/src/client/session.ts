/** One socket from opening to closing: hello, welcome, pings. It never reconnects. */
import { PING_INTERVAL_MS, PONG_TIMEOUT_MS, WELCOME_TIMEOUT_MS } from "./limits.ts";
import { type Inbound, type Outbound, readMessage, type Welcome } from "./messages.ts";
import { isLarger } from "./size.ts";
import type { WebSocketLike } from "./socket.ts";

export interface SessionHandlers {
  welcomed(welcome: Welcome): void;
  received(message: Inbound): void;
  /** The end, whatever the reason; told once, and nothing after it. */
  ended(wasWelcomed: boolean, isSignedOut: boolean): void;
}

/** Who says hello: by the token, where nothing else tells the server. */
export interface Introduction {
  readonly clientId: string;
  token?(): string | Promise<string>;
}

/** How the client of that id introduces itself. */
export type Introduce = (clientId: string) => Introduction;

const NORMAL_CLOSURE = 1000;
/** The server closes with it what belongs to nobody any more. */
const SIGNED_OUT = 4401;

export class Session {
  readonly #socket: WebSocketLike;
  readonly #handlers: SessionHandlers;
  readonly #introduction: Introduction;
  #welcome: Welcome | null = null;
  #hasEnded = false;
  #pings = 0;
  #lastReceivedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: WebSocketLike, introduction: Introduction, handlers: SessionHandlers) {
    this.#socket = socket;
    this.#introduction = introduction;
    this.#handlers = handlers;
    socket.onopen = () => this.#sayHello();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#end("code" in event && event.code === SIGNED_OUT);
    socket.onerror = () => this.#end();
    this.#timer = setTimeout(() => this.#end(), WELCOME_TIMEOUT_MS);
  }

  #sayHello(): void {
    const { clientId, token } = this.#introduction;
    if (token === undefined) {
      this.send({ type: "hello", client_id: clientId });
      return;
    }
    Promise.resolve()
      .then(token)
      .then(
        (said) => this.send({ type: "hello", client_id: clientId, token: said }),
        () => this.#end(),
      );
  }

  /** What is sent after the end is lost, as it is on a socket that has just broken. */
  send(message: Outbound): void {
    const text = JSON.stringify(message);
    if (message.type === "submit" && this.#isTooLarge(text)) this.#refuse(message);
    else this.#sendText(text);
  }

  #isTooLarge(text: string): boolean {
    return this.#welcome !== null && isLarger(text, this.#welcome.max_message_bytes);
  }

  /** The server would end the connection over it, and over each time it came again. */
  #refuse({ diagram_id, sequence }: Extract<Outbound, { type: "submit" }>): void {
    const message = "These edits are too large to be sent at once.";
    const refusal = { type: "rejected", diagram_id, sequence, code: "too_large", message } as const;
    queueMicrotask(() => {
      if (!this.#hasEnded) this.#handlers.received({ ...refusal, at: "operation", retry: false });
    });
  }

  #sendText(text: string): void {
    if (this.#hasEnded) return;
    try {
      this.#socket.send(text);
    } catch {
      this.#end();
    }
  }

  /** Ends it; nothing more is told, not even `ended`. */
  close(): void {
    if (this.#hasEnded) return;
    this.#leave();
  }

  /** Asks for a sign of life now, as after a laptop's sleep. */
  check(): void {
    if (this.#welcome !== null && !this.#hasEnded) this.#ping();
  }

  #receive(data: unknown): void {
    if (this.#hasEnded) return;
    this.#lastReceivedAt = Date.now();
    const message = readMessage(data);
    if (message === null) return;
    if (message.type === "welcome" && this.#welcome === null) {
      this.#welcome = message;
      this.#pingLater();
      this.#handlers.welcomed(message);
    } else if (message.type !== "welcome" && message.type !== "pong") {
      this.#handlers.received(message);
    }
  }

  #pingLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ping(), PING_INTERVAL_MS);
  }

  #ping(): void {
    clearTimeout(this.#timer);
    const sentAt = Date.now();
    this.#pings += 1;
    this.send({ type: "ping", id: this.#pings });
    if (this.#hasEnded) return;
    this.#timer = setTimeout(() => {
      if (this.#lastReceivedAt < sentAt) this.#end();
      else this.#pingLater();
    }, PONG_TIMEOUT_MS);
  }

  #end(isSignedOut = false): void {
    if (this.#hasEnded) return;
    const wasWelcomed = this.#welcome !== null;
    this.#leave();
    this.#handlers.ended(wasWelcomed, isSignedOut);
  }

  #leave(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    // Node's socket reports a failure after it was closed; a handler keeps that from being thrown.
    socket.onerror = () => {};
    try {
      socket.close(NORMAL_CLOSURE);
    } catch {
      // A socket that cannot be closed any more is closed.
    }
  }
}
