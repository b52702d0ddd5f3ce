/** The messages of the protocol `diagramai.v1`, and how what the server sends is read. */
import { type Json, operationToJson, type Submission } from "../ot/index.ts";
import type { Author, EditLabel, TargetKind } from "./types.ts";

export type Policy = "later_wins" | "humans_first" | "agents_first";

// From the client

export type Outbound =
  | { type: "hello"; client_id: string; token?: string }
  | { type: "subscribe"; diagram_id: string; revision?: number; pending?: boolean }
  | { type: "unsubscribe"; diagram_id: string }
  | {
      type: "submit";
      diagram_id: string;
      base_revision: number;
      sequence: number;
      operation: Json;
      seen_revision?: number;
      label?: EditLabel;
    }
  | { type: "presence"; diagram_id: string; state: object }
  | { type: "ping"; id: number };

/** `seen`: the revision that its author had seen when making it. */
export function submit(
  diagramId: string,
  submission: Submission,
  seen: number | null,
  label?: EditLabel,
): Outbound {
  const isLate = seen !== null && seen < submission.baseRevision;
  return {
    type: "submit",
    diagram_id: diagramId,
    base_revision: submission.baseRevision,
    sequence: submission.sequence,
    operation: operationToJson(submission.operation),
    ...(isLate ? { seen_revision: seen } : {}),
    ...(label === undefined ? {} : { label }),
  };
}

// From the server

export interface Welcome {
  type: "welcome";
  session_id: string;
  client_id: string;
  participant: Author;
  max_message_bytes: number;
}

export interface Subscribed {
  type: "subscribed";
  diagram_id: string;
  revision: number;
  policy: Policy;
  last_sequence: number;
  /** Absent: yes. */
  may_edit?: boolean;
}

export interface Snapshot extends Omit<Subscribed, "type"> {
  type: "snapshot";
  diagram: Json;
}

export interface CommittedChange {
  revision: number;
  operation: Json;
  author: Author;
  timestamp: string;
  client_id: string | null;
  sequence: number | null;
}

export interface DiagramUpdated {
  type: "diagram_updated";
  diagram_id: string;
  changes: CommittedChange[];
}

export interface ConflictDetected {
  type: "conflict_detected";
  diagram_id: string;
  kind: string;
  target: TargetKind;
  id: string;
  path: string;
  revision: number;
  kept_author: Author;
  dropped_author: Author;
  kept?: Json;
  dropped?: Json;
}

export interface PresenceShown {
  type: "presence";
  diagram_id: string;
  session_id: string;
  participant: Author;
  state: Json;
}

export interface Acknowledged {
  type: "acknowledged";
  diagram_id: string;
  sequence: number | null;
  revision: number | null;
}

export interface Rejected {
  type: "rejected";
  diagram_id: string;
  sequence: number | null;
  code: string;
  message: string;
  at: string;
  retry: boolean;
}

export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
  at: string;
  diagram_id: string | null;
}

export interface DiagramClosed {
  type: "diagram_closed";
  diagram_id: string;
  reason: "deleted" | "unavailable" | "shutdown" | "forbidden";
}

export interface PermissionChanged {
  type: "permission_changed";
  diagram_id: string;
  may_edit: boolean;
}

export interface Pong {
  type: "pong";
}

/** What is about one diagram. */
export type DiagramMessage =
  | Subscribed
  | Snapshot
  | DiagramUpdated
  | ConflictDetected
  | PresenceShown
  | Acknowledged
  | Rejected
  | ErrorMessage
  | DiagramClosed
  | PermissionChanged;

export type Inbound = Welcome | Pong | DiagramMessage;

const KNOWN: ReadonlySet<unknown> = new Set([
  "welcome",
  "subscribed",
  "snapshot",
  "diagram_updated",
  "conflict_detected",
  "presence",
  "acknowledged",
  "rejected",
  "error",
  "diagram_closed",
  "permission_changed",
  "pong",
]);

/**
 * A message of the server, or null for what this client does not know.
 *
 * The server is trusted to keep to its protocol: operations and diagrams are checked where they are
 * used, the frame around them only for being one of ours.
 */
export function readMessage(data: unknown): Inbound | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    return isKnown(message) ? message : null;
  } catch {
    return null;
  }
}

function isKnown(message: unknown): message is Inbound {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  return KNOWN.has(message.type);
}
