/**
 * What I had seen when I made the edits that are on their way: the server tells those whose newer
 * values they override, though they are brought up to date before they arrive.
 */
export class Seen {
  #sent: number | null = null;
  #buffer: number | null = null;

  /** The revision seen when the oldest edit in what is sent was made; null where nothing is sent. */
  get revision(): number | null {
    return this.#sent;
  }

  /** An edit was made at `revision`, where something was on its way already or nothing was. */
  edited(revision: number, wasAwaiting: boolean): void {
    if (wasAwaiting) this.#buffer ??= revision;
    else this.#sent = revision;
  }

  /** What was sent is answered; the buffer, if there is one, is sent next. */
  settled(): void {
    this.#sent = this.#buffer;
    this.#buffer = null;
  }

  /** Both go as one now. */
  joined(): void {
    this.#sent ??= this.#buffer;
    this.#buffer = null;
  }
}
