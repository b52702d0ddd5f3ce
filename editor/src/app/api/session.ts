/** Who is signed in here, and how this server is reached by agents. */
import type { Author } from "@diagramai/client";
import { isObject, request } from "./http.ts";
import { text, unexpected } from "./values.ts";

export interface Session {
  readonly participant: Author;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** How `diagramai` is run on the server's machine. */
  readonly command: string;
  readonly version: string;
  /** Looks after the server. */
  readonly isAdmin: boolean;
}

/** Throws ApiError: `unauthenticated` where nobody is signed in. */
export async function readSession(signal: AbortSignal): Promise<Session> {
  return sessionFrom((await request("/api/session", { signal })).data);
}

/** Came through a share link, and has nothing but what it led to. */
export function isLinkGuest({ participant }: Session): boolean {
  return participant.id.startsWith("guest:");
}

export async function signOut(): Promise<void> {
  await request("/api/sign-out", { method: "POST" });
}

/** Throws ApiError `unexpected_answer` where the value tells of no session. */
export function sessionFrom(data: unknown): Session {
  const participant = isObject(data) ? authorFrom(data.participant) : null;
  if (!isObject(data) || participant === null) throw unexpected();
  return {
    participant,
    baseUrl: text(data.baseUrl),
    command: text(data.command),
    version: text(data.version),
    isAdmin: data.isAdmin === true,
  };
}

function authorFrom(value: unknown): Author | null {
  if (!isObject(value)) return null;
  const { kind, id, name } = value;
  if (kind !== "user" && kind !== "agent" && kind !== "system") return null;
  return typeof id === "string" && typeof name === "string" ? { kind, id, name } : null;
}
