"""Bounds of ``diagramai mcp``, between an agent's program and the server."""

from typing import Final

#: How long a request waits for a server that cannot be reached, such as one that restarts.
PATIENCE_SECONDS: Final = 10.0
#: Between two attempts to reach it: at first, and at most after doubling.
FIRST_RETRY_SECONDS: Final = 0.1
MAX_RETRY_SECONDS: Final = 2.0
CONNECT_TIMEOUT_SECONDS: Final = 5.0
#: Silence of the server before or inside an answer.
READ_TIMEOUT_SECONDS: Final = 120.0
#: Requests under way at a time; what comes after them waits.
MAX_REQUESTS: Final = 64
#: Requests that listen, at a time.
MAX_LISTENING: Final = 32
#: Resources that are subscribed to anew after a restart.
MAX_REMEMBERED: Final = 100
#: Bytes of one event of a streamed answer.
MAX_EVENT_BYTES: Final = 64 * 1024 * 1024
#: For ending the session when the client has left.
FAREWELL_SECONDS: Final = 1.0
