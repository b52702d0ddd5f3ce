"""A WebSocket server on a real socket, and a client for it that writes what it likes."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import trio
from wsproto.connection import Connection, ConnectionType
from wsproto.events import Event, TextMessage

from gateway.frames import encode_text, unmask
from gateway.handshake import Handshake, Refusal
from gateway.websocket_connection import (
    ConnectionSettings,
    WebSocketConnection,
    serve_websocket,
)

BOUND_SECONDS = 15.0
PATH = "/ws/diagrams?x=1"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = (
    f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nUpgrade: websocket\r\n"
    f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
)
MASK = b"\x01\x02\x03\x04"

Handle = Callable[[WebSocketConnection, str], Awaitable[None]]
Admit = Callable[[Handshake], Awaitable[str | Refusal]]


async def admit_all(handshake: Handshake) -> str | Refusal:
    return "welcome"


async def echo(connection: WebSocketConnection, _admission: str) -> None:
    while True:
        for message in await connection.receive_batch():
            connection.send_nowait(encode_text(message))


class Server:
    """A listening server, its address, and how each connection's serving ended."""

    def __init__(self, port: int, nursery: trio.Nursery) -> None:
        self.port = port
        self.nursery = nursery
        self.address = f"ws://127.0.0.1:{port}{PATH}"
        self.outcomes_in, self.outcomes = trio.open_memory_channel[BaseException | None](100)
        self.clients: list[trio.SocketStream] = []

    async def connect(self) -> trio.SocketStream:
        self.clients.append(await trio.open_tcp_stream("127.0.0.1", self.port))
        return self.clients[-1]

    async def open_raw(
        self, early: bytes = b"", receive_buffer_bytes: int | None = None
    ) -> "RawClient":
        client = RawClient(await self.connect())
        if receive_buffer_bytes is not None:
            client.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        await client.stream.send_all(UPGRADE.encode() + b"\r\n" + early)
        await client.read_head()
        return client

    async def request(self, text: str | bytes) -> bytes:
        """The whole answer to a request that is refused."""
        stream = await self.connect()
        await stream.send_all(text if isinstance(text, bytes) else text.encode("latin-1"))
        async with stream:
            return b"".join([chunk async for chunk in stream])


class RawClient:
    """A client that writes what it likes and reads frames with wsproto."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.protocol = Connection(ConnectionType.CLIENT)

    async def read_head(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += await self.stream.receive_some(1)
        assert head.startswith(b"HTTP/1.1 101 "), head

    async def send(self, *frames: bytes) -> None:
        await self.stream.send_all(b"".join(frames))

    async def read_events(self) -> list[Event]:
        """Everything up to the server's end of the stream; then hangs up as well."""
        async with self.stream:
            async for data in self.stream:
                self.protocol.receive_data(bytes(data))
        return list(self.protocol.events())

    async def read_event(self) -> Event:
        while True:
            for event in self.protocol.events():
                return event
            data = await self.stream.receive_some()
            assert data, "the server hung up"
            self.protocol.receive_data(data)


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    first = opcode | (0x80 if fin else 0)
    length = len(payload)
    size = bytes((0x80 | length,)) if length < 126 else b"\xfe" + length.to_bytes(2, "big")
    return bytes((first,)) + size + MASK + unmask(payload, MASK)


def text(payload: str) -> bytes:
    return frame(1, payload.encode())


def message(data: str) -> TextMessage:
    return TextMessage(data=data)


@asynccontextmanager
async def serving(
    handle: Handle = echo,
    admit: Admit = admit_all,
    settings: ConnectionSettings | None = None,
) -> AsyncIterator[Server]:
    """A server on a free port, bounded in time."""

    async def serve(stream: trio.SocketStream) -> None:
        outcome: BaseException | None = None
        try:
            await serve_websocket(stream, b"", admit, handle, settings)
        except Exception as error:
            outcome = error
        server.outcomes_in.send_nowait(outcome)

    with trio.fail_after(BOUND_SECONDS):
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            port = listeners[0].socket.getsockname()[1]
            server = Server(port, nursery)
            await nursery.start(trio.serve_listeners, serve, listeners)
            try:
                yield server
            finally:
                for client in server.clients:
                    await trio.aclose_forcefully(client)
            nursery.cancel_scope.cancel()
