"""One port, two engines: WebSockets under ``/ws/`` go one way, all other HTTP to hypercorn.

The first bytes of a connection are peeked at, not read, so either engine finds it untouched.
"""

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from enum import Enum
from functools import partial
from typing import Final

import msgspec
import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.lifespan import Lifespan
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import AppWrapper, ASGIFramework, ConnectionState, LifespanState

logger = logging.getLogger(__name__)

#: Connections at a time, of both kinds; further ones are told 503.
MAX_CONNECTIONS: Final = 2_000
#: Connections being told 503 at a time; further ones are closed without a word.
MAX_REFUSALS: Final = 64
REFUSAL_TIMEOUT_SECONDS: Final = 1.0
#: From the accepted connection to a request line that can be told apart.
PEEK_TIMEOUT_SECONDS: Final = 10.0
#: Between two looks at a request line that comes in crumbs.
PEEK_INTERVAL_SECONDS: Final = 0.02
#: An HTTP connection may be idle between requests, or take over a request's head, this long.
KEEP_ALIVE_SECONDS: Final = 15.0
#: HTTP requests under way at a shutdown get this long.
GRACEFUL_TIMEOUT_SECONDS: Final = 5.0
#: Bytes of one HTTP request's head.
MAX_HEAD_BYTES: Final = 32 * 1024

_WEBSOCKET_PATH: Final = b"/ws/"
_MAX_METHOD_LENGTH: Final = 16
_PEEK_BYTES: Final = _MAX_METHOD_LENGTH + 1 + len(_WEBSOCKET_PATH)
_OVERLOADED_BODY: Final = (
    b'{"error":{"code":"overloaded","message":"Too many connections; try again in a few seconds."}}'
)
_OVERLOADED: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
    % (len(_OVERLOADED_BODY), _OVERLOADED_BODY)
)

HandleStream = Callable[[trio.SocketStream], Awaitable[None]]


class Engine(Enum):
    """Who serves a connection."""

    WEBSOCKET = "websocket"
    HTTP = "http"


class FrontDoorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of the door."""

    max_connections: int = MAX_CONNECTIONS
    max_refusals: int = MAX_REFUSALS
    peek_timeout_seconds: float = PEEK_TIMEOUT_SECONDS
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
    if path.startswith(_WEBSOCKET_PATH):
        return Engine.WEBSOCKET
    return None if _WEBSOCKET_PATH.startswith(path) else Engine.HTTP


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
    config = _hypercorn_config(settings)
    app = ASGIWrapper(http_app)
    async with AsyncExitStack() as stack:
        for listener in listeners:
            stack.push_async_callback(trio.aclose_forcefully, listener)
        state = await stack.enter_async_context(_lifespan(app, config))
        door = _FrontDoor(handle_websocket, app, config, state, settings)
        await door.serve(listeners, trio.Event() if shutdown is None else shutdown, task_status)


class _FrontDoor:
    """The connections of one server."""

    def __init__(
        self,
        handle_websocket: HandleStream,
        app: AppWrapper,
        config: Config,
        state: LifespanState,
        settings: FrontDoorSettings,
    ) -> None:
        self._handle_websocket = handle_websocket
        self._app = app
        self._config = config
        self._state = state
        self._settings = settings
        self._context = WorkerContext(None)
        self._connections = 0
        self._refusals = 0
        #: Of the connections that a shutdown cuts short: all but those hypercorn has.
        self._cut_short: set[trio.CancelScope] = set()

    async def serve(
        self,
        listeners: Sequence[trio.SocketListener],
        shutdown: trio.Event,
        task_status: trio.TaskStatus[None],
    ) -> None:
        async with trio.open_nursery() as connections:
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
            await self._end(connections.cancel_scope)

    async def _end(self, scope: trio.CancelScope) -> None:
        for cut_short in self._cut_short:
            cut_short.cancel()
        await self._context.terminated.set()
        scope.deadline = trio.current_time() + self._settings.graceful_timeout_seconds

    async def _serve_connection(self, stream: trio.SocketStream) -> None:
        """One connection from accept to close; whatever goes wrong in it stays in it."""
        if self._connections >= self._settings.max_connections:
            await self._refuse(stream)
            return
        self._connections += 1
        try:
            await self._dispatch(stream)
        except* trio.Cancelled:
            raise
        except* Exception:
            logger.exception("a connection failed and was closed")
        finally:
            self._connections -= 1

    async def _dispatch(self, stream: trio.SocketStream) -> None:
        # A SocketStream comes with TCP_NODELAY set: small frames leave at once.
        engine: Engine | None = None
        with trio.CancelScope() as scope:
            self._cut_short.add(scope)
            try:
                engine = await self._peek(stream)
                if engine is Engine.WEBSOCKET:
                    await self._handle_websocket(stream)
            finally:
                self._cut_short.discard(scope)
        if engine is Engine.HTTP:
            state = ConnectionState(self._state.copy())
            # hypercorn serves plain streams too, but its annotation names only those with TLS.
            await TCPServer(self._app, self._config, self._context, state, stream)  # type: ignore[arg-type]

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


def _hypercorn_config(settings: FrontDoorSettings) -> Config:
    config = Config()
    config.accesslog = None
    config.errorlog = logging.getLogger("gateway.http")
    config.include_server_header = False
    config.keep_alive_timeout = settings.keep_alive_seconds
    config.graceful_timeout = settings.graceful_timeout_seconds
    config.h11_max_incomplete_size = settings.max_head_bytes
    return config


@asynccontextmanager
async def _lifespan(app: AppWrapper, config: Config) -> AsyncIterator[LifespanState]:
    """The application's startup and shutdown around the body, as hypercorn's own server does it."""
    state: LifespanState = {}
    lifespan = Lifespan(app, config, state)
    async with trio.open_nursery() as nursery:
        await nursery.start(lifespan.handle_lifespan)
        await lifespan.wait_for_startup()
        yield state
        await lifespan.wait_for_shutdown()
        nursery.cancel_scope.cancel()
