/** The socket, as far as the client needs it; a browser's and Node's WebSocket both are one. */

/** Written as methods, so that a WebSocket, whose events say more, is one. */
interface Handlers {
  open(event: object): void;
  message(event: { data: unknown }): void;
  close(event: object): void;
}

export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: Handlers["open"] | null;
  onmessage: Handlers["message"] | null;
  onclose: Handlers["close"] | null;
  onerror: Handlers["open"] | null;
}

export const PROTOCOL = "diagramai.v1";
const PATH = "/ws/diagrams";
const SCHEMES: Readonly<Record<string, string>> = { "http:": "ws:", "https:": "wss:" };

/** Where the socket is opened, from any address of the server. */
export function socketUrl(server: string | URL): URL {
  const url = new URL(server);
  url.protocol = SCHEMES[url.protocol] ?? url.protocol;
  if (url.pathname === "/") url.pathname = PATH;
  url.hash = "";
  return url;
}

/** Where it is asked whether we are signed in. */
export function sessionUrl(socket: URL): URL {
  const url = new URL("/api/session", socket);
  url.protocol = socket.protocol === "wss:" ? "https:" : "http:";
  return url;
}

/** The platform's socket. A key goes into a header, which only Node's WebSocket takes. */
export function openWebSocket(url: URL, key: string | undefined): WebSocketLike {
  if (key === undefined) return new WebSocket(url, PROTOCOL);
  const headers = { Authorization: `Bearer ${key}` };
  return Reflect.construct(WebSocket, [url, { protocols: [PROTOCOL], headers }]);
}
