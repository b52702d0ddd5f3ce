/** Every bound and pause of the client, in one place. Times are milliseconds. */

/** The first pause before a reconnect; doubled after each failure up to the longest. */
export const FIRST_RECONNECT_MS = 250;
export const LONGEST_RECONNECT_MS = 8_000;
/** A connection that lived this long is taken for a good one: the next reconnect is at once. */
export const STEADY_AFTER_MS = 5_000;
/** From opening the socket to `welcome`. */
export const WELCOME_TIMEOUT_MS = 10_000;
export const PING_INTERVAL_MS = 15_000;
/** How long nothing at all may come after a ping. */
export const PONG_TIMEOUT_MS = 10_000;
/** How long asking whether we are signed in may take. */
export const SESSION_TIMEOUT_MS = 3_000;
/** The first pause before a submission is sent again; doubled up to the longest. */
export const FIRST_RESEND_MS = 100;
export const LONGEST_RESEND_MS = 5_000;
/** An unanswered submission makes us ask where the diagram stands. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** Before a diagram that cannot be served is asked for again; doubled up to the longest. */
export const FIRST_RESUBSCRIBE_MS = 1_000;
export const LONGEST_RESUBSCRIBE_MS = 15_000;
/** Between two presence messages. */
export const PRESENCE_INTERVAL_MS = 50;
/** Bytes of a presence message that the server takes. */
export const MAX_PRESENCE_BYTES = 16 * 1024;
/** Ids, or previewed nodes, that are taken from one peer. */
export const MAX_FROM_PEER = 500;
/** Code points of a peer's activity that are taken. */
export const MAX_ACTIVITY_LENGTH = 80;
/** Until `welcome` says otherwise. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Bytes of a submission beside its operation, at most. */
export const SUBMISSION_OVERHEAD_BYTES = 1_024;
export const MAX_UNDO_STEPS = 200;
export const MAX_CONFLICTS = 50;
export const MAX_ACTIVITY = 200;
/** Edits of one author that follow each other this closely are told as one. */
export const FOLD_WITHIN_MS = 60_000;
/** Elements deleted by others that are remembered, to restore what was mine. */
export const MAX_REMEMBERED = 500;
/** Problems of earlier pages that are kept for showing. */
export const MAX_RECOVERY_PROBLEMS = 50;
/** How long one try to send the edits of an earlier page may take. */
export const RECOVERY_TIMEOUT_MS = 30_000;
/** Between two looks for edits that pages have left: after the first one, and later. */
export const FIRST_LOOK_AGAIN_MS = 1_000;
export const LOOK_AGAIN_MS = 20_000;
/** Deeds that an entry of the activity names. */
export const MAX_TOUCHED = 200;
