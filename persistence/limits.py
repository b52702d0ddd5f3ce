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
#: Notes of what agents did that wait to be written; beyond it whoever notes one waits.
MAX_WAITING_NOTES = 10_000
#: Notes written at a time.
MAX_AUDIT_GROUP = 500
#: Seconds for which the notes that still wait are written when the server stops, and for which a
#: listing waits for them.
AUDIT_FLUSH_SECONDS = 5.0
#: Rows of one chain that the policy of retention drops in one transaction.
MAX_PRUNED_ROWS = 10_000
#: Faults of the audit after which checking it ends.
MAX_FINDINGS = 1_000
#: How far from its place a row of the audit is looked for.
MAX_SWAP_DISTANCE = 1_000
#: Times that a chain of the audit is read again, where its beginning was dropped meanwhile.
MAX_VERIFY_ATTEMPTS = 3
#: Alerts kept; the oldest go first.
MAX_ALERTS = 10_000
#: Characters of an alert's sentence.
MAX_ALERT_MESSAGE = 1_000
#: Seconds between two writes of when a credential was last used.
LAST_USED_RESOLUTION_SECONDS = 60

#: Seconds for the embedded server to start, a recovery after a crash included, and to stop.
EMBEDDED_START_TIMEOUT_SECONDS = 60.0
EMBEDDED_STOP_TIMEOUT_SECONDS = 30
#: Seconds for which a start that fails is tried again.
EMBEDDED_RETRY_SECONDS = 10.0
#: Seconds between two looks at whether the embedded server is still there.
EMBEDDED_CHECK_INTERVAL_SECONDS = 1.0

#: Members of a diagram whom its owners have named, and as many who came through links.
MAX_MEMBERS = 500
#: Share links of a diagram that are in force.
MAX_SHARE_LINKS = 50
#: Agents that have a grant of their own on a diagram.
MAX_GRANTS = 500

#: Keys of an agent that were replaced and still work.
MAX_OLD_KEYS = 5
#: Session tokens of an agent that are in force.
MAX_AGENT_SESSIONS = 1_000
#: Seconds in which every process looks at what was taken from somebody. Longer than a statement
#: takes, for a row is seen only once its statement is done.
CHANGES_WINDOW_SECONDS = 60.0
#: Such rows read at a time; from then on everything is looked at again.
MAX_RECENT_CHANGES = 5_000
#: Seconds after which they are dropped.
CHANGES_KEPT_SECONDS = 3_600.0

#: OAuth clients in all, and of those that nobody approved from one address.
MAX_OAUTH_CLIENTS = 10_000
MAX_UNAPPROVED_CLIENTS = 100
#: Seconds after which a client that nobody approves is forgotten.
OAUTH_CLIENT_KEPT_SECONDS = 604_800.0
#: Seconds for which an authorization code is known after its time, to notice that it is used again.
OAUTH_CODE_KEPT_SECONDS = 86_400.0
#: Agents that one person connected by the address and that are in force.
MAX_CONNECTIONS_PER_PERSON = 50
#: Access tokens of an agent that go on working after a newer one was given.
MAX_OLD_ACCESS_TOKENS = 3
