"""Every bound of the storage below the actors, in one place."""

#: Connections of the pool for reads and catalogue writes; the committer has one more of its own.
MAX_POOL_CONNECTIONS = 8
#: Seconds for opening one connection.
CONNECT_TIMEOUT_SECONDS = 5.0
#: Seconds for one statement of the pool, waiting for a connection included.
STATEMENT_TIMEOUT_SECONDS = 30.0
#: Seconds a statement that is given up gets to end; then its connection is dropped.
CANCEL_GRACE_SECONDS = 1.0
#: Seconds for the answer to a ping.
PING_TIMEOUT_SECONDS = 1.5
#: Seconds a migration may take, waiting for another process's migration included.
MIGRATE_TIMEOUT_SECONDS = 600.0

#: Batches handed to the committer and not yet taken up; beyond it a commit fails at once.
MAX_WAITING_BATCHES = 10_000
#: Batches, one a diagram, that share one transaction.
MAX_GROUP_BATCHES = 256
#: Encoded bytes after which a group takes no further batch.
MAX_GROUP_BYTES = 8 * 1024 * 1024
#: Milliseconds a commit waits for a row that another connection holds.
COMMIT_LOCK_TIMEOUT_MS = 2_000
#: Milliseconds after which the server gives a commit up by itself.
COMMIT_SERVER_TIMEOUT_MS = 8_000
#: Seconds without an answer after which a commit's outcome counts as unknown and is looked up.
COMMIT_TIMEOUT_SECONDS = 10.0
#: Seconds a batch that was never sent may wait for Postgres to come back before it fails.
#: Looked at between two attempts to connect, and before a group is sent.
UNSENT_TIMEOUT_SECONDS = 10.0
#: Seconds between two attempts to reach Postgres: doubled from the first up to the last.
FIRST_RETRY_DELAY_SECONDS = 0.05
LAST_RETRY_DELAY_SECONDS = 1.0
#: Seconds the commits under way are given when the bridge closes.
CLOSE_GRACE_SECONDS = 10.0

#: Journal entries read and decoded at a time.
ENTRIES_PAGE = 500
#: Snapshots waiting to be stored; beyond it one is skipped, and the journal serves instead.
MAX_WAITING_SNAPSHOTS = 256
#: Newest snapshots kept of one diagram, beside the first.
KEPT_SNAPSHOTS = 2
#: Rows of one page of a listing.
MAX_PAGE = 1_000
#: Characters of a listing's filter.
MAX_FILTER_LENGTH = 200
#: Bytes of a refused operation that are kept for the audit.
MAX_AUDIT_BYTES = 16 * 1024
#: Characters of an audit row's error message.
MAX_AUDIT_MESSAGE = 2_000
#: Seconds between two writes of when a credential was last used.
LAST_USED_RESOLUTION_SECONDS = 60

#: Seconds for the embedded server to start, a recovery after a crash included, and to stop.
EMBEDDED_START_TIMEOUT_SECONDS = 60.0
EMBEDDED_STOP_TIMEOUT_SECONDS = 30
#: Seconds for which a start that fails is tried again.
EMBEDDED_RETRY_SECONDS = 10.0
#: Seconds between two looks at whether the embedded server is still there.
EMBEDDED_CHECK_INTERVAL_SECONDS = 1.0
