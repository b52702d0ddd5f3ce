"""HTTP on accepted connections, by hypercorn; what its own server does around them is done here."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.events import Event, Updated
from hypercorn.protocol import ProtocolWrapper
from hypercorn.trio.lifespan import Lifespan
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    ConnectionState,
    LifespanState,
    Scope,
)

from gateway.http1 import MAX_HEAD_BYTES, Http1Protocol, WebSocketAsked, read_off

#: An HTTP connection may be idle between requests, or take over a request's head, this long.
KEEP_ALIVE_SECONDS: Final = 15.0


class _Connection(TCPServer):
    """hypercorn's connection, but one that speaks HTTP/1 only and ends when its client has gone.

    Where a WebSocket is asked for it ends too, leaving the stream open; ``handshake`` has what was
    read of that, and is empty otherwise.

    hypercorn waits for its own idle clock even then, which would keep the place of every client
    that has left taken for ``keep_alive_seconds``. Its HTTP/2 has no clock at all: a client that
    says nothing more would keep its place for good.
    """

    _reads_no_more = False
    handshake = b""

    async def _read_data(self) -> None:
        self.protocol.protocol = _http1_in_place_of(self.protocol, self.stream)
        try:
            await super()._read_data()
        except WebSocketAsked as asked:
            self.handshake = asked.data
        self._reads_no_more = True
        await self.idle_task.stop()

    async def protocol_send(self, event: Event) -> None:
        if self._reads_no_more and isinstance(event, Updated) and event.idle:
            return
        await super().protocol_send(event)

    async def _close(self) -> None:
        if not self.handshake:
            await super()._close()


def _http1_in_place_of(wrapper: ProtocolWrapper, stream: trio.abc.Stream) -> Http1Protocol:
    """For a connection on which nothing has been read yet."""

    async def linger() -> None:
        await read_off(stream)

    return Http1Protocol(
        wrapper.app,
        wrapper.config,
        wrapper.context,
        wrapper.task_group,
        wrapper.state,
        wrapper.ssl,
        wrapper.client,
        wrapper.server,
        wrapper.send,
        linger=linger,
    )


class HttpEngine:
    """Serves connections with one ASGI application."""

    def __init__(self, app: ASGIWrapper, config: Config, state: LifespanState) -> None:
        self._app = app
        self._config = config
        self._state = state
        self._context = WorkerContext(None)
        self._streams: set[trio.SocketStream] = set()

    async def serve(self, stream: trio.SocketStream) -> bytes:
        """All requests of one connection. Errors of the application are logged and answered.

        Where one asks for a WebSocket the stream is left open, and the bytes read from there on
        are returned; otherwise it is closed, and there are none.
        """
        state = ConnectionState(self._state.copy())
        self._streams.add(stream)
        try:
            # hypercorn serves plain streams too, but its annotation names only those with TLS.
            connection = _Connection(self._app, self._config, self._context, state, stream)  # type: ignore[arg-type]
            await connection
        finally:
            self._streams.discard(stream)
        # The idle clock may have run out in the very moment.
        return b"" if stream.socket.fileno() < 0 else connection.handshake

    async def take_no_more(self) -> None:
        """Ends idle connections now, and busy ones after their response."""
        await self._context.terminated.set()

    def close_all(self) -> None:
        """Ends every connection at once.

        hypercorn shields its writes from cancellation, so a client that does not read its
        response can hold a connection; only closing the socket ends that.
        """
        for stream in self._streams:
            stream.socket.close()


@asynccontextmanager
async def open_http_engine(
    app: ASGIFramework,
    *,
    keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
    max_head_bytes: int = MAX_HEAD_BYTES,
) -> AsyncIterator[HttpEngine]:
    """An engine whose application has started; it is stopped at the end of the body."""
    config = Config()
    config.accesslog = None
    config.errorlog = logging.getLogger("gateway.http")
    config.include_server_header = False
    config.keep_alive_timeout = keep_alive_seconds
    config.h11_max_incomplete_size = max_head_bytes
    wrapped = ASGIWrapper(_finishing_responses(app))
    state: LifespanState = {}
    lifespan = Lifespan(wrapped, config, state)
    async with trio.open_nursery() as nursery:
        await nursery.start(lifespan.handle_lifespan)
        await lifespan.wait_for_startup()
        yield HttpEngine(wrapped, config, state)
        await lifespan.wait_for_shutdown()
        nursery.cancel_scope.cancel()


def _finishing_responses(app: ASGIFramework) -> ASGIFramework:
    """Lets hypercorn finish with a response before the application's task is cancelled.

    While it sends a response's last part, hypercorn tells the application that the client is
    gone; quart-trio thereupon cancels the task that sends. Unshielded, hypercorn would neither
    close the connection nor start the clock of an idle one, and it would stay open for good.
    """

    async def finishing(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def send_whole(event: ASGISendEvent) -> None:
            last = event["type"] == "http.response.body" and not event.get("more_body", False)
            with trio.CancelScope(shield=last):
                await send(event)

        await app(scope, receive, send_whole)

    return finishing
