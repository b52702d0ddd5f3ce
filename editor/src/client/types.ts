/** What users of the client see. */
import type { Diagram, Json, Operation } from "../ot/index.ts";
import type { WebSocketLike } from "./socket.ts";
import type { PendingStore } from "./store.ts";

export interface Author {
  readonly kind: "user" | "agent" | "system";
  readonly id: string;
  readonly name: string;
}

export interface ConnectOptions {
  /** http(s):// or ws(s):// address of the server; `/ws/diagrams` is appended where the path is `/`. */
  url: string | URL;
  /** An agent's key. Outside browsers only: a browser sends its cookie. */
  key?: string;
  /**
   * A token of the host application, asked for with each connection; the server is told it in the
   * first message. For pages that have no cookie of the server.
   */
  token?(): string | Promise<string>;
  /** Where unsent edits survive. Default: IndexedDB where Web Locks exist, else memory. */
  store?: PendingStore;
  /** Opens the socket; the default is the platform's WebSocket. */
  openSocket?: (url: URL) => WebSocketLike;
  /** Asks whether we are signed in, where the socket does not open; the default is the platform's. */
  fetch?: typeof fetch;
  /** For jitter and ids; 0 to 1, 1 excluded. */
  random?: () => number;
}

/**
 * - `connecting`: the first attempt is under way
 * - `online`: welcomed
 * - `reconnecting`: the connection was lost; attempts go on
 * - `offline`: the browser says that there is no network
 * - `signed_out`: the server wants a sign-in first; no attempt until `reconnectNow`
 * - `closed`: by `close`, for good
 */
export type ConnectionState =
  | "connecting"
  | "online"
  | "reconnecting"
  | "offline"
  | "signed_out"
  | "closed";

/** Edits of an earlier page that could not be stored. Shown to the person; nothing is dropped silently. */
export interface RecoveryProblem {
  readonly id: number;
  readonly diagramId: string;
  readonly title: string;
  readonly code: string;
  readonly message: string;
  /** What was not stored, as it would have been sent. */
  readonly operation: Operation;
}

/** One socket, many diagrams; reconnects by itself. */
export interface Connection {
  readonly state: ConnectionState;
  /** Who I am, once welcomed. */
  readonly participant: Author | null;
  /** This connection, as others see it in presence; a new one after each reconnect. */
  readonly sessionId: string | null;
  /** When the next attempt is made, epoch milliseconds. */
  readonly nextAttemptAt: number | null;
  /** Whether edits of an earlier page are being sent. */
  readonly recovering: boolean;
  /** What of an earlier page could not be stored, oldest first. */
  readonly problems: readonly RecoveryProblem[];
  dismissProblem(id: number): void;
  /** Tells of changes of anything above. Returns how to stop listening. */
  subscribe(listener: () => void): () => void;
  reconnectNow(): void;
  /** Counted: opened twice it is the same object, to be closed as often. */
  open(diagramId: string): LiveDiagram;
  /** Unsent edits stay in the store, for the next connection to send. */
  close(): Promise<void>;
}

export type UndoMode = "new" | "join" | "none";
/** An edit whose places a program has chosen: what it moves counts not as placed by a person. */
export type EditLabel = "layout" | "mend";

export interface EditOptions {
  readonly undo?: UndoMode;
  readonly label?: EditLabel;
}

export type Origin = "local" | "remote";
export type OperationListener = (a: Operation, origin: Origin) => void;

/** A diagram that is followed and edited. */
export interface LiveDiagram {
  /** As asked for, then the server's own. */
  readonly id: string;
  subscribe(listener: () => void): () => void;
  /** The same object until something has changed. */
  getSnapshot(): DiagramView;
  /**
   * Shown at once, sent, merged. `undo`: a step of its own (`new`, the default), part of the last
   * step (`join`: typing), or not undoable (`none`). `label` is kept where nothing else waits to be
   * saved. Throws OperationError, nothing changed, where
   * it does not fit, or with the code `read_only`, `closed` or `too_large`.
   */
  edit(operation: Operation, options?: EditOptions): void;
  /**
   * Takes back the newest step of my own that is left. Where that is too much for one message it is
   * not done, and `problem` says so.
   */
  undo(): void;
  redo(): void;
  /** Replaces what I showed before; sent at most 20 times a second, the last one wins. */
  showPresence(state: PresenceState): void;
  dismissConflict(id: number): void;
  /** Writes my dropped value again, as an undoable edit; recreates what was deleted. */
  restoreMine(id: number): void;
  dismissProblem(): void;
  /** Every operation as applied to the shown diagram, in order, after it was applied. */
  on(event: "operation", listener: OperationListener): () => void;
  /** Resolves once no edit of mine waits; rejects when the connection is closed before. */
  whenSaved(): Promise<void>;
  close(): void;
}

export type DiagramStatus =
  | "loading"
  | "ready"
  | "not_found"
  | "deleted"
  | "unavailable"
  | "forbidden";

/** An immutable value; there is a new one after each change. */
export interface DiagramView {
  readonly status: DiagramStatus;
  /** What I see: the durable state and my edits. Unchanged elements and Maps keep their identity. */
  readonly diagram: Diagram;
  readonly revision: number;
  /** Some edit of mine is not durable yet. */
  readonly saving: boolean;
  /** Edits of an earlier page of mine are being sent; they arrive as changes. */
  readonly recovering: boolean;
  /** Elements touched by edits of an earlier page that were sent since this one opened. */
  readonly recovered: number;
  /** Every edit that is not durable yet is in the store, where a closed or crashed page leaves it. */
  readonly stored: boolean;
  /** Elements touched by edits that are not durable yet. */
  readonly unsentCount: number;
  readonly readOnly: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Everybody else who is here, in a stable order. */
  readonly peers: readonly Peer[];
  /** Newest last, only where mine gave way; bounded. */
  readonly conflicts: readonly ConflictNotice[];
  /** Newest last; who did what; bounded. */
  readonly activity: readonly ActivityEntry[];
  /** My edit was refused and taken back. */
  readonly problem: Problem | null;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
}

export interface Peer {
  readonly sessionId: string;
  readonly participant: Author;
  readonly state: PresenceState;
  /** `#rrggbb`, by the participant's id; readable on light and dark. */
  readonly colour: string;
}

export interface PreviewBox {
  x: number;
  y: number;
  width?: number;
  height?: number;
}

/** Typing in a text. `from` and `to` count code points. */
export interface Caret {
  target: TargetKind;
  id: string;
  path: string;
  from: number;
  to: number;
}

export interface PresenceState {
  /** Flow coordinates. */
  cursor?: { x: number; y: number };
  selection?: { nodes: string[]; edges: string[] };
  /** A drag or resize under way, by node id. */
  preview?: Record<string, PreviewBox>;
  caret?: Caret;
  /** A few words: "Moving 3 nodes". */
  activity?: string;
}

export type TargetKind = "node" | "edge" | "diagram";

export interface ConflictNotice {
  readonly id: number;
  readonly kind: string;
  readonly target: TargetKind;
  readonly targetId: string;
  readonly path: string;
  readonly by: Author;
  /** What stands now; undefined where it is gone. */
  readonly kept: Json | undefined;
  /** What I wrote; undefined where I deleted. */
  readonly dropped: Json | undefined;
  /** ISO 8601. */
  readonly at: string;
  readonly canRestore: boolean;
  /** The element's label, for a sentence; empty where it has none. */
  readonly name: string;
}

export interface Touched {
  readonly nodes: string[];
  readonly edges: string[];
}

export interface ActivityEntry {
  readonly id: number;
  readonly author: Author;
  readonly mine: boolean;
  /** ISO 8601, of the newest edit folded in. */
  readonly at: string;
  /** What was done: "moved 3 nodes". */
  readonly summary: string;
  readonly touched: Touched;
  /** Consecutive edits folded in. */
  readonly count: number;
}
