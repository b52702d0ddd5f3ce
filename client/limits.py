"""Every bound and pause of the client, in one place."""

from typing import Final

#: From the first look-up of the host to the end of the handshake.
CONNECT_TIMEOUT_SECONDS: Final = 10.0
#: From `hello` to `welcome`.
WELCOME_TIMEOUT_SECONDS: Final = 10.0
#: How long `connect` tries before it gives up; once it is there, it comes back for ever.
PATIENCE_SECONDS: Final = 30.0
#: The pause before a reconnect; doubled after each failure.
FIRST_RECONNECT_SECONDS: Final = 0.25
LAST_RECONNECT_SECONDS: Final = 8.0
#: The longest pause that a server may ask for by `Retry-After`.
MAX_RETRY_AFTER_SECONDS: Final = 60.0
#: A connection that lived this long was a good one: the next reconnect is at once.
STEADY_AFTER_SECONDS: Final = 5.0
PING_INTERVAL_SECONDS: Final = 15.0
#: How long nothing at all may come after a ping.
PONG_TIMEOUT_SECONDS: Final = 10.0
#: For the close frame to go out and its answer to come.
CLOSE_TIMEOUT_SECONDS: Final = 1.0
#: The pause before a submission is sent again; doubled each time.
FIRST_RESEND_SECONDS: Final = 0.1
LAST_RESEND_SECONDS: Final = 5.0
#: The pause before a diagram that cannot be served is asked for again; doubled each time.
FIRST_RESUBSCRIBE_SECONDS: Final = 1.0
LAST_RESUBSCRIBE_SECONDS: Final = 15.0
#: What is not answered for so long makes the client ask where the diagram stands.
ANSWER_TIMEOUT_SECONDS: Final = 10.0
#: How long the end of an `open` block waits for the last edits to be saved.
SAVE_TIMEOUT_SECONDS: Final = 30.0
#: Between two presence messages.
PRESENCE_INTERVAL_SECONDS: Final = 0.05
#: A message of presence; the server takes no more.
MAX_PRESENCE_BYTES: Final = 16 * 1024
#: One message to the server, until its `welcome` says otherwise.
MAX_SENT_BYTES: Final = 4 * 1024 * 1024
#: What a submission has beside its operation, at most.
SUBMISSION_OVERHEAD_BYTES: Final = 1024
#: One message of the server: the largest diagram twice over.
MAX_RECEIVED_BYTES: Final = 64 * 1024 * 1024
#: The body of a refused handshake; the rest of a longer one is not read.
MAX_REFUSAL_BYTES: Final = 64 * 1024
#: One read of the socket.
READ_BYTES: Final = 64 * 1024
#: Messages that wait for the socket to take them.
MAX_OUTGOING: Final = 2000
#: Diagrams open at a time on one connection, which is what the server lets one follow.
MAX_OPEN: Final = 500
#: Changes that wait for one reader of `changes`.
MAX_WAITING_CHANGES: Final = 1000
#: The newest conflicts, refusals and revisions of one's own that are remembered.
MAX_CONFLICTS: Final = 50
MAX_PROBLEMS: Final = 50
MAX_OWN_REVISIONS: Final = 500
MAX_UNDO_STEPS: Final = 200
#: Others on one diagram that are shown.
MAX_PEERS: Final = 1000
#: Characters of an agent's key.
MAX_KEY_LENGTH: Final = 1024
