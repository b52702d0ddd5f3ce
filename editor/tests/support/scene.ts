/** A server, and clients that come and go: what the scenes in `tests/server` have in common. */
import {
  type Connection,
  connect,
  type Diagram,
  diagramToJson,
  type LiveDiagram,
  newDiagram,
  type PendingStore,
} from "@diagramai/client";
import { expect } from "vitest";
import { Api, type Credentials } from "./api.ts";
import { BadLink, headersOf } from "./link.ts";
import { TestServer } from "./server.ts";
import { waitUntil } from "./wait.ts";

export interface ClientOptions {
  link?: BadLink;
  credentials?: Credentials;
  store?: PendingStore;
  random?: () => number;
}

export class Scene {
  readonly connections: Connection[] = [];
  readonly nothing: Diagram = newDiagram();
  readonly #opened = new Map<LiveDiagram, { connection: Connection; link: BadLink }>();

  readonly server: TestServer;
  readonly cookie: string;
  /** As the person who signed in. */
  readonly api: Api;

  private constructor(server: TestServer, cookie: string) {
    this.server = server;
    this.cookie = cookie;
    this.api = new Api(server.baseUrl, { cookie });
  }

  static async start(): Promise<Scene> {
    const server = await TestServer.start();
    return new Scene(server, await server.signIn());
  }

  /** A connection of its own for a person's page, or whoever the credentials say. */
  connect(options: ClientOptions = {}): Connection {
    return this.#connect(options).connection;
  }

  #connect(options: ClientOptions): { connection: Connection; link: BadLink } {
    const headers = headersOf(options.credentials ?? { cookie: this.cookie });
    const link = options.link ?? new BadLink(1, headers);
    const connection = connect({
      url: this.server.baseUrl,
      openSocket: link.open,
      fetch: (url, init) => fetch(url, { ...init, headers }),
      ...(options.store === undefined ? {} : { store: options.store }),
      ...(options.random === undefined ? {} : { random: options.random }),
    });
    this.connections.push(connection);
    return { connection, link };
  }

  /** The diagram on a connection of its own, once it is there. */
  async open(
    id: string,
    { key, ...options }: ClientOptions & { key?: string } = {},
  ): Promise<LiveDiagram> {
    const credentials = key === undefined ? {} : { credentials: { key } };
    const { connection, link } = this.#connect({ ...options, ...credentials });
    const diagram = connection.open(id);
    this.#opened.set(diagram, { connection, link });
    return await this.ready(diagram);
  }

  async ready(diagram: LiveDiagram): Promise<LiveDiagram> {
    await waitUntil("the diagram is there", () => diagram.getSnapshot().status === "ready");
    return diagram;
  }

  /** The link and the connection over which `open` has opened it. */
  link(diagram: LiveDiagram): BadLink {
    return this.#of(diagram).link;
  }

  connection(diagram: LiveDiagram): Connection {
    return this.#of(diagram).connection;
  }

  #of(diagram: LiveDiagram) {
    const opened = this.#opened.get(diagram);
    if (opened === undefined) throw new Error("It was not opened here.");
    return opened;
  }

  /** Everybody, somebody who comes only now, and the HTTP API show exactly the same. */
  async expectAllEqual(
    id: string,
    diagrams: readonly LiveDiagram[],
    withinMs = 30_000,
  ): Promise<void> {
    await Promise.all(diagrams.map((diagram) => diagram.whenSaved()));
    const { diagram: stored, revision } = await this.api.read(id);
    const all = [...diagrams, await this.open(id)];
    await waitUntil(
      "all have the newest revision",
      () => all.every((each) => each.getSnapshot().revision === revision),
      withinMs,
    );
    const fresh = diagramToJson(all.at(-1)?.getSnapshot().diagram ?? this.nothing);
    for (const each of diagrams) expect(diagramToJson(each.getSnapshot().diagram)).toEqual(fresh);
    expect({ ...fresh, data: {} }).toEqual({ ...diagramToJson(stored), data: {} });
  }

  async closeClients(): Promise<void> {
    await Promise.all(this.connections.splice(0).map((connection) => connection.close()));
    this.#opened.clear();
  }

  async end(): Promise<void> {
    await this.closeClients();
    await this.server.stop();
  }
}
