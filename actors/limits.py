"""Every bound of the system below the gateway, in one place. Documented in docs/limits.md."""

#: Nodes plus edges of one diagram.
MAX_ELEMENTS = 20_000
#: Commands waiting for one diagram's actor; beyond it a submission is refused as ``overloaded``.
MAX_INBOX = 10_000
#: Commands of one connection, or of one call, waiting for one diagram's actor.
MAX_WAITING_PER_RECEIVER = 64
#: Seconds an actor works before the commit goes out and other diagrams get their turn.
MAX_ROUND_SECONDS = 0.02
#: Components of text edits, and other changes, that one submission may have to be merged with.
MAX_MERGE_WORK = 50_000
#: Ids whose newest change is remembered per open diagram, to see that an edit meets none.
MAX_FOOTPRINT_IDS = 100_000
#: Operations kept in memory for transformation; older ones are read from the journal.
HISTORY_LENGTH = 1_000
#: How far behind the head a base revision may be.
MAX_BASE_AGE = 20_000
#: Operations between two snapshots.
SNAPSHOT_INTERVAL = 500
#: Clients whose last sequence is remembered per open diagram; others are looked up in the journal.
MAX_REMEMBERED_CLIENTS = 1_024
#: Seconds without a subscriber or a command before a diagram is passivated.
PASSIVATE_AFTER_SECONDS = 60.0
#: Restarts of one diagram's actor within RESTART_WINDOW_SECONDS before it is given up.
MAX_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0
#: Before the first restart; doubled before each further one.
FIRST_RESTART_DELAY_SECONDS = 0.02
#: Subscribers of one diagram.
MAX_SUBSCRIBERS = 1_000
#: Characters of a client id.
MAX_CLIENT_ID_LENGTH = 64
#: Bytes of one diagram's JSON, estimated between snapshots and measured before refusing.
MAX_DIAGRAM_BYTES = 32 * 1024 * 1024
#: Bytes of one presence message (cursor, selection, preview, activity).
MAX_PRESENCE_BYTES = 16 * 1024
#: Operations applied in memory and not durable yet; beyond it submissions are ``overloaded``.
MAX_UNCOMMITTED = 5_000
#: Operations in one commit, and in one message to a subscriber.
MAX_BATCH_OPERATIONS = 500
#: Diagrams open at once in one process.
MAX_OPEN_DIAGRAMS = 10_000
