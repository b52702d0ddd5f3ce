/** How long one diagram waits for an answer, before a resend, and before it is asked for again. */
import { Backoff } from "./backoff.ts";
import * as limits from "./limits.ts";

export class Patience {
  readonly #askAgain: () => void;
  readonly #resend: () => void;
  readonly #resends = new Backoff(limits.FIRST_RESEND_MS, limits.LONGEST_RESEND_MS);
  readonly #returns = new Backoff(limits.FIRST_RESUBSCRIBE_MS, limits.LONGEST_RESUBSCRIBE_MS);
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  #returnTimer: ReturnType<typeof setTimeout> | undefined;
  #resendTimer: ReturnType<typeof setTimeout> | undefined;

  /** `askAgain`: where the diagram stands. */
  constructor(askAgain: () => void, resend: () => void) {
    this.#askAgain = askAgain;
    this.#resend = resend;
  }

  /**
   * `isDue`: an answer to something is still to come. It is waited for from the first call on, or
   * anew where `isAnew`: an answer has come, or something was asked. What else happens meanwhile,
   * edits and changes of others, makes nobody wait longer.
   */
  watch(isDue: boolean, isAnew = false): void {
    if (!isDue || isAnew) {
      clearTimeout(this.#answerTimer);
      this.#answerTimer = undefined;
    }
    if (!isDue) return;
    this.#answerTimer ??= setTimeout(() => {
      this.#answerTimer = undefined;
      this.#askAgain();
    }, limits.ANSWER_TIMEOUT_MS);
  }

  /** What was refused for now is sent again. */
  resendLater(): void {
    clearTimeout(this.#resendTimer);
    this.#resendTimer = setTimeout(this.#resend, this.#resends.next());
  }

  /** The diagram cannot be served now. */
  askLater(): void {
    clearTimeout(this.#returnTimer);
    this.#returnTimer = setTimeout(this.#askAgain, this.#returns.next());
  }

  /** An edit became durable: the next pause is a short one again. */
  edited(): void {
    this.#resends.reset();
  }

  /** As `edited`, for subscribing. */
  subscribed(): void {
    clearTimeout(this.#returnTimer);
    this.#returns.reset();
  }

  stop(): void {
    this.watch(false);
    clearTimeout(this.#returnTimer);
    clearTimeout(this.#resendTimer);
  }
}
