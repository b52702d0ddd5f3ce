/** Promises that wait for one thing. */

export class Waiters {
  readonly #waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>();

  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.add({ resolve, reject });
    });
  }

  resolve(): void {
    for (const each of this.#take()) each.resolve();
  }

  reject(error: Error): void {
    for (const each of this.#take()) each.reject(error);
  }

  #take() {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }
}
