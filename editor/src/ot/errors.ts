/** What can be wrong with an operation: a stable code first, a sentence second, the place third. */

/**
 * An operation that cannot be applied. Nothing was changed.
 *
 * `code` is stable and meant for programs, `message` says what to do, `at` names the place inside
 * the operation, for example `nodes/n1/data/label`.
 */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly code: string;
  readonly at: string;

  constructor(code: string, message: string, at = "") {
    super(message);
    this.code = code;
    this.at = at;
  }

  /** The same error, one level further out: `prefix` goes before the place. */
  within(prefix: string): OperationError {
    return new OperationError(this.code, this.message, prefix + this.at);
  }

  override toString(): string {
    const where = this.at === "" ? "" : ` (at ${this.at})`;
    return `${this.code}: ${this.message}${where}`;
  }
}
