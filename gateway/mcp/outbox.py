"""Messages on their way to one stream of a client."""

from collections import deque
from collections.abc import Callable

import trio
from mcp_types import JSONRPCMessage, JSONRPCNotification

from gateway.mcp.limits import MAX_WAITING_MESSAGES


class Outbox:
    """Never blocks who writes. A notification that already waits is not put in again: all that
    matters of "this has changed" is that it is read after the change.
    """

    def __init__(self) -> None:
        self._waiting: deque[JSONRPCMessage] = deque()
        self._changed = trio.Event()
        self._is_over = False

    def put(self, message: JSONRPCMessage) -> None:
        if isinstance(message, JSONRPCNotification) and (
            len(self._waiting) >= MAX_WAITING_MESSAGES or message in self._waiting
        ):
            return
        self._waiting.append(message)
        self._wake()

    def end(self) -> None:
        """Nothing more comes; what waits can still be taken."""
        self._is_over = True
        self._wake()

    async def take(self, until: Callable[[], bool] = lambda: False) -> JSONRPCMessage | None:
        """The next message; ``None`` at the end, or once ``until`` holds after a :meth:`wake`."""
        while not until():
            if self._waiting:
                return self._waiting.popleft()
            if self._is_over:
                return None
            await self._changed.wait()
        return None

    def wake(self) -> None:
        """Lets who takes look at its ``until`` again."""
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()
