"""Bounds of MCP's sessions, streams and subscriptions. Documented in docs/limits.md."""

#: Sessions at a time, and those of one person or agent; a new one ends the longest idle one.
MAX_SESSIONS = 1_000
MAX_SESSIONS_OF_ONE = 100
#: A session without a request or an open stream ends after this long.
SESSION_IDLE_SECONDS = 1_800.0
#: Between two looks for sessions that are over.
SESSION_SWEEP_SECONDS = 30.0
#: Sessions remembered that their client has ended; what still names one is refused.
MAX_ENDED_SESSIONS = 1_000
#: Messages waiting for one stream; further notifications are dropped until some are read.
MAX_WAITING_MESSAGES = 256
#: A stream that is silent for so long carries a comment, so that nobody takes it for dead.
PING_SECONDS = 15.0
#: Resources that one session, or one listening request, is subscribed to.
MAX_SUBSCRIPTIONS = 100
#: Listening requests at a time, and those of one person or agent.
MAX_LISTENERS = 500
MAX_LISTENERS_OF_ONE = 100
#: Diagrams that are watched at a time for all subscribers.
MAX_WATCHED_DIAGRAMS = 2_000
#: From a change of a diagram to telling its subscribers, so that many changes are one message.
DEBOUNCE_SECONDS = 0.2
#: A subscriber's access is asked for again when something is to be told after so long.
ACCESS_SECONDS = 0.5
#: Between two looks whether the key behind a request that lasts, such as a stream, is still good.
KEY_CHECK_SECONDS = 30.0
#: Before a diagram whose actor has failed is followed again.
REFOLLOW_SECONDS = 1.0
