"""One real port: the front door before a small HTTP application and an echo, and clients for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

import trio
import trio_websocket
from hypercorn.typing import ASGIFramework
from quart import request
from quart_trio import QuartTrio

from gateway.frames import encode_text
from gateway.front_door import FrontDoorSettings, HandleStream, serve_front_door
from gateway.handshake import Handshake
from gateway.websocket_connection import WebSocketConnection, serve_websocket

BOUND_SECONDS = 15.0
UPGRADE = (
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


class App:
    """A small HTTP application that tells what happened to it."""

    def __init__(self) -> None:
        self.started = trio.Event()
        self.stopped = trio.Event()
        self.slow_request_began = trio.Event()
        self.slow_request_may_end = trio.Event()
        self.asgi = QuartTrio(__name__)
        self.asgi.before_serving(self._start)
        self.asgi.after_serving(self._stop)
        self.asgi.add_url_rule("/client", view_func=self.client)
        self.asgi.add_url_rule("/echo", view_func=self.echo, methods=["POST"])
        self.asgi.add_url_rule("/slow", view_func=self.slow)
        self.asgi.add_url_rule("/big", view_func=self.big)
        self.asgi.add_url_rule("/crash", view_func=self.crash)

    async def _start(self) -> None:
        self.started.set()

    async def _stop(self) -> None:
        self.stopped.set()

    async def client(self) -> str:
        client = request.scope["client"]
        assert client is not None
        return f"{client[0]}:{client[1]}"

    async def echo(self) -> bytes:
        body = await request.get_data()
        assert isinstance(body, bytes)
        return body

    async def slow(self) -> str:
        self.slow_request_began.set()
        await self.slow_request_may_end.wait()
        return "slow but sure"

    async def big(self) -> bytes:
        return bytes(20_000_000)

    async def crash(self) -> NoReturn:
        raise LookupError("crashed on request")


async def echo_websocket(stream: trio.SocketStream, already_read: bytes) -> None:
    async def admit(_handshake: Handshake) -> str:
        return ""

    async def handle(connection: WebSocketConnection, _admission: str) -> None:
        while True:
            for message in await connection.receive_batch():
                connection.send_nowait(encode_text(message))

    await serve_websocket(stream, already_read, admit, handle)


class Door:
    """The door under test, and clients for it."""

    def __init__(self, port: int, app: App, nursery: trio.Nursery) -> None:
        self.port = port
        self.app = app
        self.nursery = nursery
        self.shutdown = trio.Event()
        self.closed = trio.Event()
        self.websocket_streams: list[trio.SocketStream] = []

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def open_websocket(self) -> trio_websocket.WebSocketConnection:
        stream = await self.connect()
        self.websocket_streams.append(stream)
        return await trio_websocket.wrap_client_stream(
            self.nursery, stream, "localhost", "/ws/diagrams"
        )

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        async with await self.connect() as stream:
            await stream.send_all(http_request(path, "Connection: close\r\n"))
            return parse_answer(await read_to_end(stream))

    async def has_room(self) -> bool:
        status, _ = await self.get("/client")
        return status == 200


def http_request(path: str, headers: str = "", body: str = "", method: str = "GET") -> bytes:
    if body:
        headers += f"Content-Length: {len(body)}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}".encode()


def parse_answer(answer: bytes) -> tuple[int, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


async def read_to_end(stream: trio.SocketStream) -> bytes:
    return b"".join([bytes(chunk) async for chunk in stream])


async def read_to_end_or_reset(stream: trio.SocketStream) -> bytes:
    try:
        return await read_to_end(stream)
    except trio.BrokenResourceError:
        return b""


async def read_until(stream: trio.SocketStream, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        chunk = await stream.receive_some()
        assert chunk, data
        data += chunk
    return data


@asynccontextmanager
async def open_door(
    settings: FrontDoorSettings | None = None, handle_websocket: HandleStream = echo_websocket
) -> AsyncIterator[Door]:
    """A door on a free port, bounded in time; shut down in good order unless the test did it."""
    with trio.fail_after(BOUND_SECONDS):
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            door = Door(listeners[0].socket.getsockname()[1], App(), nursery)

            async def serve(task_status: trio.TaskStatus[None]) -> None:
                await serve_front_door(
                    listeners,
                    handle_websocket,
                    as_asgi(door.app),
                    settings=settings,
                    shutdown=door.shutdown,
                    task_status=task_status,
                )
                door.closed.set()

            await nursery.start(serve)
            try:
                yield door
            finally:
                for stream in door.websocket_streams:
                    stream.socket.close()
            door.app.slow_request_may_end.set()
            door.shutdown.set()
            await door.closed.wait()
            nursery.cancel_scope.cancel()


def as_asgi(app: App) -> ASGIFramework:
    return app.asgi
