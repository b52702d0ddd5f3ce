/** Growing pauses between attempts. */

export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(firstMs: number, longestMs: number, random: () => number = () => 1) {
    this.#first = firstMs;
    this.#longest = longestMs;
    this.#random = random;
  }

  /** The next pause: twice the last one, of which `random` takes away up to a half. */
  next(): number {
    const pause = Math.min(this.#longest, this.#first * 2 ** this.#failures);
    this.#failures += 1;
    return pause * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
