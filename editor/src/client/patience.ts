/** How long one diagram waits for an answer, before a resend, and before it is asked for again. */
import { Backoff } from "./backoff.ts";
import * as limits from "./limits.ts";

export class Patience {
  readonly #askAgain: () => void;
  readonly #resend: () => void;
  readonly #resends = new Backoff(limits.FIRST_RESEND_MS, limits.LONGEST_RESEND_MS);
  readonly #returns = new Backoff(limits.FIRST_RESUBSCRIBE_MS, limits.LONGEST_RESUBSCRIBE_MS);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resendTimer: ReturnType<typeof setTimeout> | undefined;

  /** `askAgain`: where the diagram stands. */
  constructor(askAgain: () => void, resend: () => void) {
    this.#askAgain = askAgain;
    this.#resend = resend;
  }

  /** Something came or was sent; `isDue`: an answer to something is still to come. */
  watch(isDue: boolean): void {
    clearTimeout(this.#timer);
    if (isDue) this.#timer = setTimeout(this.#askAgain, limits.ANSWER_TIMEOUT_MS);
  }

  /** What was refused for now is sent again. */
  resendLater(): void {
    clearTimeout(this.#resendTimer);
    this.#resendTimer = setTimeout(this.#resend, this.#resends.next());
  }

  /** The diagram cannot be served now. */
  askLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#askAgain, this.#returns.next());
  }

  /** An edit became durable: the next pause is a short one again. */
  edited(): void {
    this.#resends.reset();
  }

  /** As `edited`, for subscribing. */
  subscribed(): void {
    this.#returns.reset();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#resendTimer);
  }
}
