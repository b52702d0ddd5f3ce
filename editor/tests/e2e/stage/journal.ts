/** The journal's own word: a process that replays it from the start with nothing but `ot`. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../../..", import.meta.url));
const PYTHON = process.env.PYTHON ?? "python";
const REPLAY_TIMEOUT_MS = 30_000;

export class Journal {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: Interface;
  #log = "";

  /** On the embedded database of that data folder. */
  constructor(dataFolder: string) {
    this.#process = spawn(PYTHON, ["-m", "tests.support.replay", dataFolder], {
      cwd: PROJECT,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#lines = createInterface(this.#process.stdout);
    this.#process.stderr.on("data", (data) => {
      this.#log += String(data);
    });
  }

  /** `{id, revision, diagram}` as JSON, one call at a time. */
  async replay(diagramId: string): Promise<unknown> {
    const signal = AbortSignal.timeout(REPLAY_TIMEOUT_MS);
    const answer = Promise.race([
      once(this.#lines, "line", { signal }),
      once(this.#process, "exit", { signal }),
    ]);
    this.#process.stdin.write(`${diagramId}\n`);
    const [line] = await answer;
    if (typeof line !== "string") throw new Error(`The journal cannot be replayed: ${this.#log}`);
    return JSON.parse(line);
  }

  /** Ends the process; before the server is stopped, so that the server is the last to leave. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.stdin.end();
    await gone;
  }
}
