/**
 * A link between client and server that is as bad as wished, and the same for the same seed.
 *
 * It stands where the client opens its socket. A message may be late, come twice, or be withheld
 * until the next cut loses it, and the connection may be cut in between; messages of one direction
 * keep their order, as they do on any TCP connection.
 */
import type { WebSocketLike } from "@diagramai/client";

export interface Weather {
  /** Chance that a message is followed by a cut. */
  cut: number;
  /** Chance that a message is delivered twice. */
  twice: number;
  /** Chance that a message is withheld, and with it all that follow in its direction, until a cut. */
  withheld: number;
  /** Most milliseconds that a message is late. */
  delayMs: number;
}

export const CALM: Weather = { cut: 0, twice: 0, withheld: 0, delayMs: 0 };

/** How long a withheld direction stays silent before the connection is cut. */
const SILENCE_MS = 200;

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Who signs in: a browser's cookie or an agent's key, as headers of the handshake. */
export function headersOf({ cookie, key }: { cookie?: string; key?: string }) {
  return {
    ...(cookie === undefined ? {} : { Cookie: cookie }),
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
  };
}

/** Node's socket with these headers. */
export function openWith(url: URL, headers: Record<string, string>): WebSocketLike {
  return Reflect.construct(WebSocket, [url, { protocols: ["diagramai.v1"], headers }]);
}

export class BadLink {
  weather: Weather;
  /** Messages that went over the link, in both directions. */
  passed = 0;
  cuts = 0;
  readonly #random: () => number;
  readonly #headers: Record<string, string>;
  readonly #sockets = new Set<LinkedSocket>();
  #isDown = false;

  constructor(seed: number, headers: Record<string, string>, weather: Weather = CALM) {
    this.weather = weather;
    this.#random = randomFrom(seed);
    this.#headers = headers;
  }

  /** For `connect({ openSocket: link.open })`. */
  readonly open = (url: URL): WebSocketLike => {
    const socket = new LinkedSocket(this, this.#isDown ? null : openWith(url, this.#headers));
    this.#sockets.add(socket);
    return socket;
  };

  /** Cuts what is open now. */
  cut(): void {
    for (const socket of [...this.#sockets]) socket.cut();
  }

  /** Cuts, and lets nothing through until `mend`. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  mend(): void {
    this.#isDown = false;
  }

  forget(socket: LinkedSocket): void {
    this.#sockets.delete(socket);
  }

  happens(chance: number): boolean {
    return chance > 0 && this.#random() < chance;
  }

  delay(): number {
    return this.weather.delayMs * this.#random();
  }
}

class LinkedSocket implements WebSocketLike {
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;
  readonly #link: BadLink;
  readonly #inner: WebSocketLike | null;
  readonly #inbound: Direction;
  readonly #outbound: Direction;
  #isCut = false;

  constructor(link: BadLink, inner: WebSocketLike | null) {
    this.#link = link;
    this.#inner = inner;
    const cut = () => this.cut();
    this.#inbound = new Direction(link, cut, (data) => this.onmessage?.({ data }));
    this.#outbound = new Direction(link, cut, (data) => inner?.send(String(data)));
    if (inner === null) {
      queueMicrotask(cut);
      return;
    }
    inner.onopen = (event) => this.onopen?.(event);
    inner.onmessage = ({ data }) => this.#inbound.pass(data);
    inner.onclose = cut;
    inner.onerror = cut;
  }

  send(data: string): void {
    this.#outbound.pass(data);
  }

  close(code?: number, reason?: string): void {
    this.#end();
    this.#inner?.close(code, reason);
  }

  /** The connection breaks: what is on its way is lost. */
  cut(): void {
    if (this.#isCut) return;
    this.#end();
    this.#link.cuts += 1;
    this.#inner?.close();
    this.onclose?.({});
  }

  #end(): void {
    this.#isCut = true;
    this.#link.forget(this);
    this.#inbound.end();
    this.#outbound.end();
  }
}

/** Messages one way, in their order. */
class Direction {
  readonly #link: BadLink;
  readonly #cut: () => void;
  readonly #deliver: (data: unknown) => void;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isWithheld = false;
  #hasEnded = false;
  #freeAt = 0;

  constructor(link: BadLink, cut: () => void, deliver: (data: unknown) => void) {
    this.#link = link;
    this.#cut = cut;
    this.#deliver = deliver;
  }

  pass(data: unknown): void {
    if (this.#hasEnded || this.#isWithheld) return;
    const { weather } = this.#link;
    if (this.#link.happens(weather.withheld)) {
      this.#isWithheld = true;
      this.#later(SILENCE_MS, this.#cut);
      return;
    }
    const times = this.#link.happens(weather.twice) ? 2 : 1;
    const isLast = this.#link.happens(weather.cut);
    this.#inTurn(() => {
      for (let time = 0; time < times && !this.#hasEnded; time++) {
        this.#link.passed += 1;
        this.#deliver(data);
      }
      if (isLast) this.#cut();
    });
  }

  /** After everything before it, and not before its own delay. */
  #inTurn(work: () => void): void {
    const now = Date.now();
    this.#freeAt = Math.max(this.#freeAt, now + this.#link.delay());
    if (this.#link.weather.delayMs === 0 && this.#timers.size === 0) work();
    else this.#later(this.#freeAt - now, work);
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#hasEnded) work();
    }, ms);
    this.#timers.add(timer);
  }

  end(): void {
    this.#hasEnded = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
