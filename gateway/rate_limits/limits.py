"""How much members and agents may do and have. People of the machine are not counted."""

#: Seconds in which a bucket refills; what fits in is what may be done at once.
RATE_WINDOW_SECONDS = 60.0
#: Of each kind in a minute, for people who are members only: who came with a token of a host
#: application, or through a share link. An agent's own limit counts for each kind.
MEMBER_READS = 1_200
MEMBER_WRITES = 6_000
MEMBER_DELETES = 120
MEMBER_ENGINE_RUNS = 600
#: Wrong codes, keys, tokens and share links in a minute from one address (of IPv6: one /64).
MAX_FAILURES = 30
#: Strangers in a minute from one address (of IPv6: one /64) who come through share links. Each has
#: a limit of their own afterwards, so whoever makes many of themselves would have none.
MAX_NEW_GUESTS = 60
#: Buckets in memory that are not full; beyond it the fullest are forgotten.
MAX_BUCKETS = 50_000
#: Seconds between two writes of what is used up, so of what a crash forgives.
RATE_FLUSH_INTERVAL = 3.0
#: Buckets written in one statement.
MAX_FLUSHED_BUCKETS = 5_000

#: WebSockets of one member or agent at a time.
MAX_PRINCIPAL_CONNECTIONS = 100
#: Diagrams that one member or agent follows, over all its WebSockets.
MAX_PRINCIPAL_SUBSCRIPTIONS = 2_000
#: Diagrams that count as made by one member, or by an agent that acts for nobody.
MAX_PRINCIPAL_DIAGRAMS = 10_000
#: Bytes of them, as they are stored; looked at when another one is made.
MAX_PRINCIPAL_BYTES = 4 * 1024 * 1024 * 1024
