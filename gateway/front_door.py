"""One port, two engines: WebSockets under ``/ws/`` go one way, all other HTTP to hypercorn.

The first bytes of a connection are peeked at, not read, so either engine finds it untouched. Where
a connection that has served HTTP asks for a WebSocket, it changes over with what was read of that.
"""

import ipaddress
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from enum import Enum
from functools import partial
from typing import Final

import msgspec
import trio
from hypercorn.typing import ASGIFramework

from gateway.answer_headers import ANSWER_HEADER_LINES
from gateway.http1 import MAX_HEAD_BYTES, WEBSOCKET_PATH
from gateway.http_engine import KEEP_ALIVE_SECONDS, HttpEngine, open_http_engine
from gateway.proxies import plain_address
from gateway.rate_limits.networks import network_of

logger = logging.getLogger(__name__)

#: Connections at a time, of both kinds; further ones are told 503.
MAX_CONNECTIONS: Final = 2_000
#: The same of one address, or one /64 of IPv6, that is neither this machine's nor a named proxy's:
#: nobody alone takes the room of all others.
MAX_CONNECTIONS_OF_ADDRESS: Final = 1_000
#: Connections being told 503 at a time; further ones are closed without a word.
MAX_REFUSALS: Final = 64
REFUSAL_TIMEOUT_SECONDS: Final = 1.0
#: From the accepted connection to a request line that can be told apart.
PEEK_TIMEOUT_SECONDS: Final = 10.0
#: Between two looks at a request line that comes in crumbs.
PEEK_INTERVAL_SECONDS: Final = 0.02
#: HTTP requests under way at a shutdown get this long.
GRACEFUL_TIMEOUT_SECONDS: Final = 5.0
#: The kernel, where it can, cuts off a peer that takes no bytes and sends none while some wait.
STALLED_WRITE_SECONDS: Final = 30.0

_MAX_METHOD_LENGTH: Final = 16
_PEEK_BYTES: Final = _MAX_METHOD_LENGTH + 1 + len(WEBSOCKET_PATH)
_OVERLOADED_BODY: Final = (
    b'{"error":{"code":"overloaded","message":"Too many connections; try again in a few seconds."}}'
)
_OVERLOADED: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n%b\r\n%b"
    % (len(_OVERLOADED_BODY), ANSWER_HEADER_LINES, _OVERLOADED_BODY)
)

#: Serves a WebSocket; the bytes are what was read of its handshake, mostly none.
HandleStream = Callable[[trio.SocketStream, bytes], Awaitable[None]]


def is_this_machine(address: str) -> bool:
    """Whether a connection from there was made by a program on this machine."""
    return ipaddress.ip_address(address).is_loopback


class Engine(Enum):
    """Who serves a connection."""

    WEBSOCKET = "websocket"
    HTTP = "http"


class FrontDoorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of the door."""

    max_connections: int = MAX_CONNECTIONS
    max_connections_of_address: int = MAX_CONNECTIONS_OF_ADDRESS
    #: Whether many come by this address, each with a right to the room that there is.
    is_shared: Callable[[str], bool] = is_this_machine
    max_refusals: int = MAX_REFUSALS
    peek_timeout_seconds: float = PEEK_TIMEOUT_SECONDS
    stalled_write_seconds: float = STALLED_WRITE_SECONDS
    keep_alive_seconds: float = KEEP_ALIVE_SECONDS
    graceful_timeout_seconds: float = GRACEFUL_TIMEOUT_SECONDS
    max_head_bytes: int = MAX_HEAD_BYTES


def choose_engine(head: bytes) -> Engine | None:
    """Who serves a request that begins with these bytes; ``None`` while they do not tell."""
    method, space, path = head.partition(b" ")
    if len(method) > _MAX_METHOD_LENGTH:
        return Engine.HTTP
    if not space:
        return None
    if path.startswith(WEBSOCKET_PATH):
        return Engine.WEBSOCKET
    return None if WEBSOCKET_PATH.startswith(path) else Engine.HTTP


async def serve_front_door(
    listeners: Sequence[trio.SocketListener],
    handle_websocket: HandleStream,
    http_app: ASGIFramework,
    *,
    settings: FrontDoorSettings | None = None,
    shutdown: trio.Event | None = None,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serves until ``shutdown`` is set, then ends in good order, or until cancelled.

    Starts the application's lifespan first and ends it last. At a shutdown WebSocket handlers are
    cancelled at once, HTTP requests get ``graceful_timeout_seconds``. The listeners are closed in
    any case. Raises what the lifespan raises; no connection's failure is raised.
    """
    settings = settings or FrontDoorSettings()
    async with AsyncExitStack() as stack:
        for listener in listeners:
            stack.push_async_callback(trio.aclose_forcefully, listener)
        engine = open_http_engine(
            http_app,
            keep_alive_seconds=settings.keep_alive_seconds,
            max_head_bytes=settings.max_head_bytes,
        )
        http = await stack.enter_async_context(engine)
        door = _FrontDoor(handle_websocket, http, settings)
        await door.serve(listeners, trio.Event() if shutdown is None else shutdown, task_status)


class _FrontDoor:
    """The connections of one server."""

    def __init__(
        self, handle_websocket: HandleStream, http: HttpEngine, settings: FrontDoorSettings
    ) -> None:
        self._handle_websocket = handle_websocket
        self._http = http
        self._settings = settings
        self._connections = 0
        #: Of each network that is not shared.
        self._of_network: Counter[str] = Counter()
        self._refusals = 0
        self._all_gone = trio.Event()
        #: Of the connections that a shutdown cuts short: all but those hypercorn has.
        self._cut_short: set[trio.CancelScope] = set()
        self._takes_no_more = False

    async def serve(
        self,
        listeners: Sequence[trio.SocketListener],
        shutdown: trio.Event,
        task_status: trio.TaskStatus[None],
    ) -> None:
        async with trio.open_nursery() as connections:
            try:
                async with trio.open_nursery() as acceptors:
                    await acceptors.start(
                        partial(
                            trio.serve_listeners,
                            self._serve_connection,
                            list(listeners),
                            handler_nursery=connections,
                        )
                    )
                    task_status.started()
                    await shutdown.wait()
                    acceptors.cancel_scope.cancel()
                await self._wait_all_gone()
            finally:
                self._http.close_all()
                connections.cancel_scope.cancel()

    async def _wait_all_gone(self) -> None:
        """Until every connection has ended in good order, or the time for that is over."""
        self._takes_no_more = True
        for scope in self._cut_short:
            scope.cancel()
        await self._http.take_no_more()
        with trio.move_on_after(self._settings.graceful_timeout_seconds):
            while self._connections:
                self._all_gone = trio.Event()
                await self._all_gone.wait()

    async def _serve_connection(self, stream: trio.SocketStream) -> None:
        """One connection from accept to close; whatever goes wrong in it stays in it."""
        network = self._network_of(stream)
        if not self._has_room(network):
            await self._refuse(stream)
            return
        self._connections += 1
        self._of_network[network] += 1
        try:
            await self._dispatch(stream)
        except* trio.Cancelled:
            raise
        except* Exception:
            logger.exception("a connection failed and was closed")
        finally:
            self._connections -= 1
            self._of_network[network] -= 1
            if not self._of_network[network]:
                del self._of_network[network]
            if not self._connections:
                self._all_gone.set()

    def _network_of(self, stream: trio.SocketStream) -> str:
        """What is counted together; empty for those of whom each is counted alone."""
        try:
            address = plain_address(str(stream.socket.getpeername()[0]))
            return "" if self._settings.is_shared(address) else network_of(address)
        except (OSError, ValueError):
            # It has left already.
            return ""

    def _has_room(self, network: str) -> bool:
        if self._connections >= self._settings.max_connections:
            return False
        most = self._settings.max_connections_of_address
        return not network or self._of_network[network] < most

    async def _dispatch(self, stream: trio.SocketStream) -> None:
        # A SocketStream comes with TCP_NODELAY set: small frames leave at once.
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = int(self._settings.stalled_write_seconds * 1_000)
            with suppress(OSError):
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        engine: Engine | None = None
        with self._until_shutdown():
            engine = await self._peek(stream)
            if engine is Engine.WEBSOCKET:
                await self._handle_websocket(stream, b"")
        if engine is Engine.HTTP and (handshake := await self._http.serve(stream)):
            with self._until_shutdown():
                await self._handle_websocket(stream, handshake)

    @contextmanager
    def _until_shutdown(self) -> Iterator[None]:
        """What is done in the body is cut short at a shutdown."""
        with trio.CancelScope() as scope:
            if self._takes_no_more:
                scope.cancel()
            self._cut_short.add(scope)
            try:
                yield
            finally:
                self._cut_short.discard(scope)

    async def _peek(self, stream: trio.SocketStream) -> Engine | None:
        """The engine the request asks for; ``None`` if the peer left, or took too long to say."""
        with suppress(OSError), trio.move_on_after(self._settings.peek_timeout_seconds):
            while True:
                head = await stream.socket.recv(_PEEK_BYTES, socket.MSG_PEEK)
                engine = choose_engine(head)
                if engine is not None or not head:
                    return engine
                # The socket stays readable while the crumbs are in it, so time must pass.
                await trio.sleep(PEEK_INTERVAL_SECONDS)
        return None

    async def _refuse(self, stream: trio.SocketStream) -> None:
        if self._refusals >= self._settings.max_refusals:
            return
        self._refusals += 1
        try:
            with trio.move_on_after(REFUSAL_TIMEOUT_SECONDS):
                await _say_overloaded(stream)
        finally:
            self._refusals -= 1


async def _say_overloaded(stream: trio.SocketStream) -> None:
    """Answers without reading the request, then waits for the peer to hang up.

    Closing first, with the request unread, would reset the connection and could lose the answer.
    """
    with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        await stream.send_all(_OVERLOADED)
        await stream.send_eof()
        while await stream.receive_some():
            pass
