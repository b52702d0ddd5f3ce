/** The other end of a connection, which says what a test tells it to: for what the server rarely does. */
import {
  type Connection,
  connect,
  type Json,
  MemoryStore,
  type PendingStore,
  type WebSocketLike,
} from "@diagramai/client";

export const ANN = { kind: "user", id: "local:Ann", name: "Ann" };
export const BOB = { kind: "user", id: "local:Bob", name: "Bob" };

type Said = Readonly<Record<string, Json | undefined>>;

/** One socket, as the server has it. */
export class Line implements WebSocketLike {
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;
  readonly heard: Said[] = [];
  isClosed = false;

  send(data: string): void {
    this.heard.push(JSON.parse(data));
  }

  close(): void {
    this.isClosed = true;
  }

  /** What the client has sent of that type. */
  all(type: string): Said[] {
    return this.heard.filter((message) => message.type === type);
  }

  last(type: string): Said {
    return this.all(type).at(-1) ?? {};
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  welcome(participant = ANN, max_message_bytes = 4_194_304): void {
    this.onopen?.({});
    const session_id = "session";
    this.say({ type: "welcome", session_id, client_id: "c", participant, max_message_bytes });
  }

  /** The connection breaks, or the server closes it with a code. */
  cut(code = 1006): void {
    this.isClosed = true;
    this.onclose?.({ code });
  }

  snapshot(id: string, revision: number, nodes: object = {}, last_sequence = 0): void {
    const diagram = { title: id, description: null, kind: "blank", data: {}, nodes, edges: {} };
    this.say({ ...joined(id, revision, last_sequence), type: "snapshot", diagram });
  }

  subscribed(id: string, revision: number, last_sequence = 0): void {
    this.say({ ...joined(id, revision, last_sequence), type: "subscribed" });
  }

  /** The submission it heard last becomes durable. */
  commit(id: string, revision: number): void {
    const { client_id } = this.last("hello");
    const { operation, sequence } = this.last("submit");
    this.change(id, revision, operation ?? {}, { author: ANN, client_id, sequence });
  }

  change(id: string, revision: number, operation: Json, more: object = {}): void {
    const timestamp = "2026-11-24T07:23:00Z";
    const by = { author: BOB, client_id: null, sequence: null, timestamp, ...more };
    const changes = [{ revision, operation, updated_by: "user", ...by }];
    this.say({ type: "diagram_updated", diagram_id: id, changes });
  }
}

function joined(diagram_id: string, revision: number, last_sequence: number) {
  return { diagram_id, revision, policy: "later_wins", last_sequence, may_edit: true };
}

export class Scripted {
  readonly lines: Line[] = [];
  readonly connection: Connection;
  /** What the server answers where it is asked whether we are signed in. */
  sessionStatus = 200;

  constructor({
    url = "http://diagrams.test/",
    store,
    token,
  }: { url?: string; store?: PendingStore; token?: () => string | Promise<string> } = {}) {
    this.connection = connect({
      url,
      store: store ?? new MemoryStore(),
      ...(token === undefined ? {} : { token }),
      openSocket: () => {
        const line = new Line();
        this.lines.push(line);
        return line;
      },
      fetch: async () => new Response(null, { status: this.sessionStatus }),
    });
  }

  /** The newest socket. */
  get line(): Line {
    const line = this.lines.at(-1);
    if (line === undefined) throw new Error("No socket was opened.");
    return line;
  }
}
