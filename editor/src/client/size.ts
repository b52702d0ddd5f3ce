/** A message over the server's bound would close the socket, so it is refused here. */
import { compose, type Operation, OperationError, operationToJson } from "../ot/index.ts";
import { SUBMISSION_OVERHEAD_BYTES } from "./limits.ts";

const MOST_BYTES_A_UNIT = 3;

/** Whether the text has more than `most` bytes in UTF-8, counted only where that is not plain. */
export function isLarger(text: string, most: number): boolean {
  if (text.length * MOST_BYTES_A_UNIT <= most) return false;
  return text.length > most || new TextEncoder().encode(text).length > most;
}

function textOf(a: Operation): string {
  return JSON.stringify(operationToJson(a));
}

/** Watches that what gathers for the next submission stays within one message. */
export class SizeBound {
  /** At least the length of what has gathered, in UTF-16 units. */
  #gathered = 0;

  /**
   * Throws OperationError `too_large` where `a`, after what waits already (`buffer`), does not go
   * into a message of `maxMessageBytes`.
   */
  check(a: Operation, buffer: Operation | null, maxMessageBytes: number): void {
    const most = maxMessageBytes - SUBMISSION_OVERHEAD_BYTES;
    const length = textOf(a).length;
    const gathered = (buffer === null ? 0 : this.#gathered) + length;
    if (gathered * MOST_BYTES_A_UNIT > most) {
      const text = textOf(buffer === null ? a : compose(buffer, a));
      if (isLarger(text, most)) throw tooLarge(buffer !== null);
      this.#gathered = text.length;
    } else {
      this.#gathered = gathered;
    }
  }
}

function tooLarge(hasMore: boolean): OperationError {
  const what = hasMore ? "wait until what you did before is saved" : "do it in smaller parts";
  return new OperationError("too_large", `This is too much at once; ${what}.`);
}
