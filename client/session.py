"""One socket from `hello` to its end: what is sent, what is read, pings. It never reconnects."""

from collections import deque
from collections.abc import Callable

import anyio
import msgspec

from client import limits
from client.errors import SessionEnded
from client.messages import Hello, Inbound, Outbound, Ping, Pong, Welcome, decode, encode
from client.websocket import WebSocket


class Session:
    """``run`` serves the socket; ``send`` may be called at any time by anybody."""

    def __init__(
        self,
        socket: WebSocket,
        client_id: str,
        *,
        welcomed: Callable[[Welcome], None],
        received: Callable[[Inbound], None],
    ) -> None:
        self._socket = socket
        self._client_id = client_id
        self._welcomed = welcomed
        self._received = received
        self._welcome: Welcome | None = None
        self._outgoing: deque[bytes] = deque()
        self._has_outgoing = anyio.Event()
        self._scope: anyio.CancelScope | None = None
        self._end: Exception | None = None
        self._pings = 0

    def send(self, message: Outbound) -> None:
        """Never waits. What is sent after the end is lost, as on a socket that has just broken."""
        self.send_encoded(encode(message))

    def send_encoded(self, message: bytes) -> None:
        if len(self._outgoing) >= limits.MAX_OUTGOING:
            self.end(SessionEnded("the server takes nothing any more"))
            return
        self._outgoing.append(message)
        self._has_outgoing.set()

    def end(self, reason: Exception) -> None:
        """``run`` ends with this error; the first one counts."""
        self._end = self._end or reason
        if self._scope is not None:
            self._scope.cancel()

    async def run(self) -> None:
        """Serves until the socket ends. Raises SessionEnded or ConnectionFailed, always."""
        self.send(Hello(self._client_id))
        async with anyio.create_task_group() as tasks:
            self._scope = tasks.cancel_scope
            if self._end is not None:
                self._scope.cancel()
            for job in (self._read, self._write, self._watch):
                tasks.start_soon(self._guard, job)
        raise self._end or SessionEnded("the session was ended")

    async def _guard(self, job: Callable[[], object]) -> None:
        """An end that one of the tasks meets is that of all, and no group of errors."""
        try:
            await job()  # type: ignore[misc]
        except Exception as error:
            self.end(error)

    async def _read(self) -> None:
        while True:
            for text in await self._socket.receive():
                self._take(text)

    def _take(self, text: str) -> None:
        try:
            message = decode(text)
        except msgspec.DecodeError as error:
            raise SessionEnded(f"the server breaks the protocol: {error}") from error
        if isinstance(message, Welcome):
            if self._welcome is None:
                self._welcome = message
                self._welcomed(message)
        elif message is not None and not isinstance(message, Pong):
            self._received(message)

    async def _write(self) -> None:
        while True:
            while self._outgoing:
                await self._socket.send(self._outgoing.popleft())
            self._has_outgoing = anyio.Event()
            await self._has_outgoing.wait()

    async def _watch(self) -> None:
        await anyio.sleep(limits.WELCOME_TIMEOUT_SECONDS)
        if self._welcome is None:
            raise SessionEnded("the server does not say welcome")
        while True:
            asked_at = anyio.current_time()
            self._pings += 1
            self.send(Ping(self._pings))
            await anyio.sleep(limits.PONG_TIMEOUT_SECONDS)
            if self._socket.heard_at < asked_at:
                raise SessionEnded("the server does not answer a ping")
            await anyio.sleep(limits.PING_INTERVAL_SECONDS - limits.PONG_TIMEOUT_SECONDS)
