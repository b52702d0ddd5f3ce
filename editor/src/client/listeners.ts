/** A set of callbacks. */

export class Listeners<A extends unknown[]> {
  readonly #listeners = new Set<{ call: (...args: A) => void }>();

  /** Adds one, also a second time; returns how to take it away again. */
  add(call: (...args: A) => void): () => void {
    const entry = { call };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Calls all that were there at the start. One that throws does not keep the others from it. */
  tell(...args: A): void {
    for (const { call } of [...this.#listeners]) {
      try {
        call(...args);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

/** As an uncaught error, without ending what is under way. */
function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
