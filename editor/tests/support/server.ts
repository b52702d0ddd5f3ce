/** The whole server as its users start it: a process of its own, on a free port, killable. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const PYTHON = process.env.PYTHON ?? "python";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
const COMMAND_TIMEOUT_MS = 60_000;
/** Operations a minute of a test's agent: more than any test makes. */
const UNLIMITED = "1000000";
/** Characters of the server's log that are kept to explain a failure. */
const LOG_LENGTH = 20_000;
const LINK = /(http:\/\/127\.0\.0\.1:(\d+))\/sign-in\?code=\S+/;

export type Permission = "read" | "create" | "edit" | "delete" | "full_access";

/** What a started process answers at. */
interface Running {
  process: ChildProcess;
  baseUrl: string;
  port: number;
  link: string;
}

export interface ServerOptions {
  /** Names (host:port) by which it may be addressed besides its own, as through a proxy. */
  publicHosts?: string[];
}

/** A server on embedded Postgres in a folder of its own, which `stop` removes. */
export class TestServer {
  readonly dataFolder: string;
  readonly #options: ServerOptions;
  #running: Running;

  private constructor(dataFolder: string, options: ServerOptions, running: Running) {
    this.dataFolder = dataFolder;
    this.#options = options;
    this.#running = running;
  }

  /** Starts a server with an empty database; takes some seconds. */
  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const dataFolder = await mkdtemp(join(tmpdir(), "diagramai-test-"));
    return new TestServer(dataFolder, options, await launch(dataFolder, 0, options));
  }

  /** `http://127.0.0.1:port`, without a slash at its end. */
  get baseUrl(): string {
    return this.#running.baseUrl;
  }

  get port(): number {
    return this.#running.port;
  }

  /** The link that was printed at the start; it signs in once. */
  get link(): string {
    return this.#running.link;
  }

  get isRunning(): boolean {
    return isAlive(this.#running.process);
  }

  /** Another one-time link. */
  async newLink(): Promise<string> {
    return (await this.run(["sign-in", "--port", String(this.port)])).trim();
  }

  /** Signs in and returns the value of the `Cookie` header from then on. */
  async signIn(): Promise<string> {
    const answer = await fetch(await this.newLink(), { redirect: "manual" });
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0];
    if (answer.status !== 303 || cookie === undefined) {
      throw new Error(`Not signed in: ${answer.status} ${await answer.text()}`);
    }
    return cookie;
  }

  /** An agent's key; `name` must be new on this server. */
  async createAgentKey(name: string, permissions: Permission[] = ["full_access"]): Promise<string> {
    const options = permissions.flatMap((permission) => ["--permission", permission]);
    return (
      await this.run(["agents", "create", name, "--rate-limit", UNLIMITED, ...options])
    ).trim();
  }

  /** What `diagramai ARGUMENTS` prints. */
  async run(args: string[]): Promise<string> {
    return await runCommand(this.dataFolder, args);
  }

  /** As a power cut would: no warning, no good-bye. Resolves once the process is gone. */
  async kill(): Promise<void> {
    await end(this.#running.process, "SIGKILL");
  }

  /** Starts it again on the same port and data; ends it first where it still runs. */
  async restart(): Promise<void> {
    await end(this.#running.process, "SIGTERM");
    this.#running = await launch(this.dataFolder, this.port, this.#options);
  }

  /** Ends the server and its database, and removes the folder. */
  async stop(): Promise<void> {
    const wasKilled = !this.isRunning;
    await end(this.#running.process, "SIGTERM");
    // The last one to leave the database stops it; a killed server did not leave.
    if (wasKilled) await this.run(["agents", "list"]);
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}

function environment(dataFolder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([key]) => !key.startsWith("DIAGRAMAI_") && key !== "DATABASE_URL",
  );
  const own = { DIAGRAMAI_DATA_DIR: dataFolder, PYTHONUNBUFFERED: "1", PYTHONPATH: PROJECT };
  return { ...Object.fromEntries(kept), ...own };
}

function start(dataFolder: string, args: string[]): ChildProcess {
  return spawn(PYTHON, ["-c", "from gateway.cli import main; main()", ...args], {
    cwd: PROJECT,
    env: environment(dataFolder),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function launch(
  dataFolder: string,
  port: number,
  { publicHosts = [] }: ServerOptions,
): Promise<Running> {
  const hosts = publicHosts.flatMap((host) => ["--public-host", host]);
  const child = start(dataFolder, ["serve", "--port", String(port), ...hosts]);
  const greeting = await readGreeting(child);
  const found = LINK.exec(greeting);
  if (found === null) throw new Error(`There is no link in ${JSON.stringify(greeting)}`);
  return { process: child, link: found[0], baseUrl: found[1] ?? "", port: Number(found[2]) };
}

function readGreeting(child: ChildProcess): Promise<string> {
  let text = "";
  let log = "";
  child.stderr?.on("data", (data) => {
    log = (log + String(data)).slice(-LOG_LENGTH);
  });
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`The server ${why}: ${text}\n${log}`));
    };
    const timer = setTimeout(() => fail("did not start in time"), START_TIMEOUT_MS);
    child.once("error", (error) => fail(`could not be started (${error.message})`));
    child.once("exit", () => fail("ended while starting"));
    child.stdout?.on("data", (data) => {
      text += String(data);
      if (!text.includes("nothing is lost")) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(text);
    });
  });
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isAlive(child)) return;
  const gone = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  child.kill(signal);
  await gone;
  clearTimeout(timer);
}

async function runCommand(dataFolder: string, args: string[]): Promise<string> {
  const child = start(dataFolder, args);
  let out = "";
  let log = "";
  child.stdout?.on("data", (data) => {
    out += String(data);
  });
  child.stderr?.on("data", (data) => {
    log += String(data);
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_TIMEOUT_MS);
  await once(child, "close");
  clearTimeout(timer);
  if (child.exitCode !== 0) throw new Error(`${args.join(" ")} failed: ${log}`);
  return out;
}
