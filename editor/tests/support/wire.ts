/** A TCP link between one browser and the server that a test can cut, silence and mend. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How the request that opens a WebSocket begins. */
const SOCKET_REQUEST = "GET /ws";

/** `open`: passes all. `cut`: resets all. `silent`: holds all bytes. `no_sockets`: resets WebSockets. */
type Mode = "open" | "cut" | "silent" | "no_sockets";

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  isWebSocket: boolean;
}

export class Wire {
  readonly #listener: Server;
  readonly #links = new Set<Link>();
  #mode: Mode = "open";
  #targetPort = 0;
  #key: string | null = null;

  private constructor(listener: Server) {
    this.#listener = listener;
    listener.on("connection", (client) => this.#accept(client));
  }

  /** Listens on a free port of 127.0.0.1; `target` must be called before it passes anything. */
  static async listen(): Promise<Wire> {
    const listener = createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    return new Wire(listener);
  }

  /** `127.0.0.1:port`, as it stands in `Host`. */
  get host(): string {
    return `127.0.0.1:${addressOf(this.#listener).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** How many WebSockets pass at this moment. */
  get socketCount(): number {
    return [...this.#links].filter((link) => link.isWebSocket).length;
  }

  /** Sends everything on to that port of 127.0.0.1. */
  target(port: number): void {
    this.#targetPort = port;
  }

  /** Resets every connection, and each new one at once. */
  cut(): void {
    this.#mode = "cut";
    for (const link of this.#links) reset(link);
  }

  /** Holds what comes from now on, both ways; nobody is told. */
  silence(): void {
    this.#mode = "silent";
    for (const link of this.#links) pause(link);
  }

  /** Resets WebSockets only: pages still load. */
  blockSockets(): void {
    this.#mode = "no_sockets";
    for (const link of this.#links) if (link.isWebSocket) reset(link);
  }

  /** WebSockets opened from now on show that key, as behind a gateway that adds it. */
  showKey(key: string): void {
    this.#key = key;
  }

  /** Lets everything pass again as it is, what was held first. */
  restore(): void {
    this.#mode = "open";
    this.#key = null;
    for (const link of this.#links) resume(link);
  }

  async close(): Promise<void> {
    for (const link of this.#links) reset(link);
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #accept(client: Socket): void {
    client.on("error", () => client.destroy());
    if (this.#mode === "cut") {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.#targetPort, "127.0.0.1");
    const link = { client, server, isWebSocket: false };
    this.#links.add(link);
    client.once("data", (head) => this.#begin(link, head));
    for (const socket of [client, server]) {
      socket.on("error", () => reset(link));
      socket.on("close", () => this.#end(link));
    }
    client.setNoDelay();
    server.setNoDelay();
  }

  #begin(link: Link, head: string | Buffer): void {
    link.isWebSocket = String(head).startsWith(SOCKET_REQUEST);
    if (link.isWebSocket && this.#mode === "no_sockets") {
      reset(link);
      return;
    }
    link.server.write(link.isWebSocket ? withKey(String(head), this.#key) : head);
    link.client.pipe(link.server);
    link.server.pipe(link.client);
    if (this.#mode === "silent") pause(link);
  }

  #end(link: Link): void {
    this.#links.delete(link);
    reset(link);
  }
}

function addressOf(listener: Server): AddressInfo {
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("The wire does not listen");
  return address;
}

function withKey(head: string, key: string | null): string {
  return key === null ? head : head.replace("\r\n", `\r\nAuthorization: Bearer ${key}\r\n`);
}

function reset({ client, server }: Link): void {
  for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy();
}

function pause({ client, server }: Link): void {
  client.unpipe(server).pause();
  server.unpipe(client).pause();
}

function resume({ client, server }: Link): void {
  if (!client.isPaused()) return;
  client.pipe(server);
  server.pipe(client);
}
