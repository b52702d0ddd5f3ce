import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Backoff } from "../../../src/client/backoff.ts";
import { Session } from "../../../src/client/session.ts";
import { sessionUrl, socketUrl, type WebSocketLike } from "../../../src/client/socket.ts";

/** The other end of a line that can fall silent. */
class Line implements WebSocketLike {
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;
  readonly sent: string[] = [];
  isClosed = false;

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    this.isClosed = true;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const WELCOME = {
  type: "welcome",
  session_id: "s",
  client_id: "c",
  participant: { kind: "user", id: "u", name: "U" },
  max_message_bytes: 1_000,
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const line = new Line();
  const ends: boolean[] = [];
  const received: string[] = [];
  const session = new Session(
    line,
    { clientId: "c" },
    {
      welcomed: () => received.push("welcome"),
      received: ({ type }) => received.push(type),
      ended: (wasWelcomed) => ends.push(wasWelcomed),
    },
  );
  line.onopen?.({});
  return { line, ends, received, session };
}

test("it says hello, and gives up where no welcome comes", () => {
  const { line, ends } = start();
  expect(JSON.parse(line.sent[0] ?? "")).toEqual({ type: "hello", client_id: "c" });
  vi.advanceTimersByTime(9_999);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ends).toEqual([false]);
  expect(line.isClosed).toBe(true);
});

test("it pings every 15 s, and ends once nothing came for 10 s after a ping", () => {
  const { line, ends } = start();
  line.say(WELCOME);
  vi.advanceTimersByTime(15_000);
  expect(line.sent.at(-1)).toContain("ping");
  line.say({ type: "pong", id: 1 });
  vi.advanceTimersByTime(25_000);
  expect(ends).toEqual([]);
  expect(line.sent.filter((text) => text.includes("ping")).length).toBe(2);
  vi.advanceTimersByTime(9_999);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ends).toEqual([true]);
});

test("any message is a sign of life", () => {
  const { line, ends } = start();
  line.say(WELCOME);
  vi.advanceTimersByTime(16_000);
  line.say({ type: "presence", diagram_id: "d" });
  vi.advanceTimersByTime(9_000);
  expect(ends).toEqual([]);
});

test("what comes after the end, and what is no message of ours, is ignored", () => {
  const { line, received, ends, session } = start();
  line.say(WELCOME);
  line.say(WELCOME);
  line.say({ type: "something new" });
  line.onmessage?.({ data: "{" });
  line.onmessage?.({ data: new ArrayBuffer(1) });
  const { onmessage, onclose } = line;
  session.close();
  onmessage?.({ data: JSON.stringify({ type: "presence", diagram_id: "d" }) });
  onclose?.({});
  session.send({ type: "ping", id: 9 });
  expect(received).toEqual(["welcome"]);
  expect(ends).toEqual([]);
  expect(line.sent.length).toBe(1);
});

test("pauses double up to the longest, less a jitter of at most a half", () => {
  const most = new Backoff(250, 8_000, () => 1);
  expect(Array.from({ length: 7 }, () => most.next())).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 8_000,
  ]);
  expect(new Backoff(250, 8_000, () => 0).next()).toBe(125);
  most.reset();
  expect(most.next()).toBe(250);
});

test("the addresses follow from the server's", () => {
  expect(socketUrl("https://x.org").href).toBe("wss://x.org/ws/diagrams");
  expect(socketUrl("http://127.0.0.1:8080/").href).toBe("ws://127.0.0.1:8080/ws/diagrams");
  expect(socketUrl("ws://x.org/elsewhere#part").href).toBe("ws://x.org/elsewhere");
  expect(sessionUrl(socketUrl("https://x.org")).href).toBe("https://x.org/api/session");
});
