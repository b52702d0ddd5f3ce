"""Conversations with real clients over real sockets, and with clients that misbehave."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NoReturn

import msgspec
import pytest
import trio
import trio_websocket
import websockets.exceptions
import websockets.sync.client
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, Pong, TextMessage

from gateway.frames import encode_text, unmask
from gateway.handshake import SUBPROTOCOL, Handshake, Refusal
from gateway.websocket_connection import (
    ConnectionClosed,
    ConnectionSettings,
    WebSocketConnection,
    serve_websocket,
)
from tests.support.waiting import keep_pace

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

    async def open_raw(self, early: bytes = b"") -> "RawClient":
        client = RawClient(await self.connect())
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
            await serve_websocket(stream, admit, handle, settings)
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


# Two clients that other people wrote.


async def test_trio_websocket_s_client_talks_and_closes_in_good_order() -> None:
    async with serving() as server:
        client = await trio_websocket.connect_websocket_url(
            server.nursery, server.address, subprotocols=[SUBPROTOCOL]
        )
        assert client.subprotocol == SUBPROTOCOL
        for sent in ("", "hello", "häß ✓", "x" * 200, "y" * 100_000):
            await client.send_message(sent)
            assert await client.get_message() == sent
        await client.ping()
        await client.aclose(1000, "bye")
        assert await server.outcomes.receive() is None


async def test_the_websockets_client_talks_and_closes_in_good_order() -> None:
    def converse(address: str) -> None:
        with websockets.sync.client.connect(address, subprotocols=None) as client:
            assert client.subprotocol is None
            for sent in ("", "hello", "häß ✓", "x" * 200, "y" * 100_000):
                client.send(sent)
                assert client.recv() == sent
            client.send(["in ", "three ", "pieces"])
            assert client.recv() == "in three pieces"
            assert client.ping().wait(5)
            client.close(1001, "bye")

    async with serving() as server:
        await trio.to_thread.run_sync(converse, server.address)
        assert await server.outcomes.receive() is None


async def test_a_client_sending_50_megabytes_is_told_1009() -> None:
    def send(address: str) -> None:
        with (
            websockets.sync.client.connect(address, compression=None) as client,
            pytest.raises(websockets.exceptions.ConnectionClosed) as closed,
        ):
            client.send("x" * 50_000_000)
            client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009

    async with serving() as server:
        await trio.to_thread.run_sync(send, server.address)


# The handshake.


async def test_the_hook_sees_what_the_client_asked_for() -> None:
    seen: list[Handshake] = []

    async def admit(handshake: Handshake) -> str | Refusal:
        seen.append(handshake)
        return "admitted"

    async def handle(connection: WebSocketConnection, admission: str) -> None:
        connection.send_nowait(encode_text(admission.encode()))

    async with serving(handle, admit) as server:
        client = await server.open_raw()
        assert await client.read_event() == message("admitted")
        (handshake,) = seen
        assert (handshake.path, handshake.host) == (PATH, "localhost")
        assert handshake.header(b"origin") == "http://localhost"
        assert handshake.header(b"cookie") is None
        assert handshake.peer.startswith("127.0.0.1:")


async def test_a_refused_client_gets_the_status_and_a_coded_reason() -> None:
    async def admit(handshake: Handshake) -> str | Refusal:
        return Refusal(401, "unauthorised", "Sign in first.", ((b"www-authenticate", b"Bearer"),))

    async with serving(admit=admit) as server:
        answer = await server.request(UPGRADE + "\r\n")
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert b"www-authenticate: Bearer\r\n" in answer
        assert answer.endswith(b'{"error":{"code":"unauthorised","message":"Sign in first."}}')
        assert await server.outcomes.receive() is None


async def test_a_client_of_another_subprotocol_is_refused_with_the_right_one_named() -> None:
    async with serving() as server:
        answer = await server.request(UPGRADE + "Sec-WebSocket-Protocol: chat, v2\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert SUBPROTOCOL.encode() in answer


@pytest.mark.parametrize(
    "request_text",
    [
        f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        UPGRADE.replace("GET", "POST") + "\r\n",
        UPGRADE.replace("Host: localhost\r\n", "") + "\r\n",
        UPGRADE.replace("Host: localhost", "Host: b\xfcro..example") + "\r\n",
        UPGRADE + "Host: another\r\n\r\n",
        UPGRADE + "Content-Length: 3\r\n\r\nabc",
        UPGRADE.replace("HTTP/1.1", "HTTP/x") + "\r\n",
        "GET /ws/\xe9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        UPGRADE + "Filler: " + "x" * 100_000 + "\r\n\r\n",
        "GET /ws/ \x00\r\n\r\n",
    ],
    ids=["no upgrade", "post", "no host", "bad host", "two hosts", "body", "version", "path",
         "huge head", "no http"],
)  # fmt: skip
async def test_a_malformed_handshake_is_answered_400_and_closed(request_text: str) -> None:
    async with serving() as server:
        answer = await server.request(request_text)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert await server.outcomes.receive() is None


async def test_an_old_websocket_version_is_answered_426() -> None:
    async with serving() as server:
        answer = await server.request(UPGRADE.replace("Version: 13", "Version: 8") + "\r\n")
        assert answer.startswith(b"HTTP/1.1 426 ")


async def test_an_error_of_the_hook_is_answered_500_and_raised() -> None:
    async def admit(handshake: Handshake) -> NoReturn:
        raise LookupError("no database")

    async with serving(admit=admit) as server:
        answer = await server.request(UPGRADE + "\r\n")
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert pytest.RaisesGroup(LookupError, flatten_subgroups=True).matches(
            await server.outcomes.receive()
        )


@pytest.mark.parametrize("sent", ["", "GET /ws/", UPGRADE])
async def test_a_client_that_leaves_during_the_handshake_is_forgotten(sent: str) -> None:
    async with serving() as server:
        stream = await server.connect()
        await stream.send_all(sent.encode())
        await stream.aclose()
        assert await server.outcomes.receive() is None


async def test_a_client_that_never_finishes_the_handshake_is_dropped() -> None:
    async with serving(settings=ConnectionSettings(handshake_timeout_seconds=0.05)) as server:
        assert await server.request(UPGRADE) == b""
        assert await server.outcomes.receive() is None


async def test_frames_sent_along_with_the_handshake_are_read() -> None:
    async with serving() as server:
        client = await server.open_raw(early=text("early") + text("bird")[:3])
        assert await client.read_event() == message("early")
        await client.send(text("bird")[3:])
        assert await client.read_event() == message("bird")


# Messages.


async def test_messages_that_arrive_together_come_in_one_batch() -> None:
    batches: list[list[bytes]] = []

    async def handle(connection: WebSocketConnection, _admission: str) -> None:
        while True:
            batches.append(await connection.receive_batch())

    async with serving(handle) as server:
        client = await server.open_raw()
        await client.send(text("a"), frame(9, b"?"), text("b"), text("c"), frame(8))
        assert await client.read_events() == [
            Pong(payload=b"?"),
            CloseConnection(code=1005, reason=""),
        ]
        assert batches == [[b"a", b"b", b"c"]]


async def test_a_ping_inside_a_fragmented_message_is_answered_before_the_message() -> None:
    async with serving() as server:
        client = await server.open_raw()
        await client.send(frame(1, b"caf\xc3", fin=False), frame(9, b"?"))
        assert await client.read_event() == Pong(payload=b"?")
        await client.send(frame(0, b"\xa9"))
        assert await client.read_event() == message("café")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (frame(2, b"binary"), 1003),
        (frame(1, b"\xff"), 1007),
        (b"\x81\x02hi", 1002),
        (b"\xc1\x80" + MASK, 1002),
        (b"\x81\xff" + (50_000_000).to_bytes(8, "big") + MASK, 1009),
        (frame(9) * 30, 1008),
    ],
)
async def test_a_mistake_is_answered_with_its_code_after_what_was_right(
    wrong: bytes, code: int
) -> None:
    closed: list[ConnectionClosed] = []

    async def handle(connection: WebSocketConnection, admission: str) -> None:
        try:
            await echo(connection, admission)
        except ConnectionClosed as error:
            closed.append(error)
            connection.send_nowait(encode_text(b"too late"))
            raise

    async with serving(handle, settings=ConnectionSettings(max_control_frames=20)) as server:
        client = await server.open_raw()
        await client.send(text("right"))
        assert await client.read_event() == message("right")
        await client.send(wrong, text("ignored"))
        events = [event for event in await client.read_events() if not isinstance(event, Pong)]
        assert [type(event) for event in events] == [CloseConnection]
        assert isinstance(events[0], CloseConnection)
        assert events[0].code == code
        assert [error.code for error in closed] == [code]


# Closing.


async def test_a_handler_that_returns_closes_with_1000_and_nothing_follows() -> None:
    async def handle(connection: WebSocketConnection, _admission: str) -> None:
        await connection.receive_batch()
        connection.send_nowait(encode_text(b"bye"))
        connection.close_nowait()
        connection.send_nowait(encode_text(b"unheard"))

    async with serving(handle) as server:
        client = await server.open_raw()
        await client.send(text("hi"))
        assert await client.read_event() == message("bye")
        assert await client.read_event() == CloseConnection(code=1000, reason="")
        await client.send(frame(8, b"\x03\xe8"))
        assert await client.stream.receive_some() == b""
        assert await server.outcomes.receive() is None


async def test_a_peer_that_does_not_answer_a_close_is_left_after_a_while() -> None:
    async def handle(connection: WebSocketConnection, _admission: str) -> None:
        await connection.aclose(4001, "enough")
        with pytest.raises(ConnectionClosed, match="4001 enough"):
            await connection.receive_batch()

    async with serving(handle, settings=ConnectionSettings(close_timeout_seconds=0.05)) as server:
        client = await server.open_raw()
        assert await client.read_events() == [CloseConnection(code=4001, reason="enough")]
        assert await server.outcomes.receive() is None


async def test_another_task_can_close_a_connection_that_is_being_read() -> None:
    connections_in, connections = trio.open_memory_channel[WebSocketConnection](1)
    closed_in, closed = trio.open_memory_channel[int](1)

    async def handle(connection: WebSocketConnection, _admission: str) -> None:
        connections_in.send_nowait(connection)
        try:
            await connection.receive_batch()
        except ConnectionClosed as error:
            closed_in.send_nowait(error.code)

    async with serving(handle) as server:
        client = await server.open_raw()
        (await connections.receive()).close_nowait(4003, "revoked")
        assert await client.read_event() == CloseConnection(code=4003, reason="revoked")
        await client.send(frame(8, b"\x0f\xa3"))
        assert await closed.receive() == 4003
        assert await server.outcomes.receive() is None


async def test_a_handler_that_ignores_the_end_is_cancelled() -> None:
    async def handle(connection: WebSocketConnection, _admission: str) -> None:
        connection.close_nowait()
        await trio.sleep_forever()

    async with serving(handle, settings=ConnectionSettings(close_timeout_seconds=0.05)) as server:
        await server.open_raw()
        assert await server.outcomes.receive() is None


async def test_a_handler_that_fails_closes_with_1011_and_its_error_is_raised() -> None:
    async def handle(connection: WebSocketConnection, _admission: str) -> None:
        await connection.receive_batch()
        raise LookupError("a secret")

    async with serving(handle) as server:
        client = await server.open_raw()
        await client.send(text("hi"))
        event = await client.read_event()
        assert isinstance(event, CloseConnection)
        assert event.code == 1011
        assert "secret" not in str(event.reason)
        await client.stream.aclose()
        assert pytest.RaisesGroup(LookupError, flatten_subgroups=True).matches(
            await server.outcomes.receive()
        )


async def test_a_cancelled_server_says_1001() -> None:
    async with serving() as server:
        client = await server.open_raw()
        await client.send(text("hi"))
        assert await client.read_event() == message("hi")
        server.nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            (event,) = await client.read_events()
        assert isinstance(event, CloseConnection)
        assert event.code == 1001


async def test_an_end_from_inside_the_handler_s_nursery_is_no_error() -> None:
    async def handle(connection: WebSocketConnection, admission: str) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(echo, connection, admission)
            nursery.start_soon(trio.sleep_forever)

    async with serving(handle) as server:
        client = await server.open_raw()
        await client.send(frame(8, b"\x03\xe8"))
        assert await client.read_events() == [CloseConnection(code=1000, reason="")]
        assert await server.outcomes.receive() is None


@pytest.mark.parametrize("reset", [False, True])
async def test_a_broken_connection_ends_with_1006(reset: bool) -> None:
    codes_in, codes = trio.open_memory_channel[int](1)

    async def handle(connection: WebSocketConnection, admission: str) -> None:
        with pytest.raises(ConnectionClosed) as closed:
            await echo(connection, admission)
        codes_in.send_nowait(closed.value.code)

    async with serving(handle) as server:
        client = await server.open_raw()
        if reset:
            linger = (1).to_bytes(4, "little") + bytes(4)
            client.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        await client.stream.aclose()
        assert await codes.receive() == 1006


# Keeping alive.

QUICK = ConnectionSettings(ping_interval_seconds=0.2, pong_timeout_seconds=0.1)


async def expect_end(
    codes_in: trio.MemorySendChannel[ConnectionClosed],
    connection: WebSocketConnection,
    admission: str,
) -> None:
    with pytest.raises(ConnectionClosed) as closed:
        await echo(connection, admission)
    codes_in.send_nowait(closed.value)


async def test_a_silent_peer_is_pinged_and_then_dropped() -> None:
    ends_in, ends = trio.open_memory_channel[ConnectionClosed](1)
    async with serving(partial(expect_end, ends_in), settings=QUICK) as server:
        client = await server.open_raw()
        assert await client.read_event() == Ping(payload=b"")
        end = await ends.receive()
        assert end.code == 1006
        assert "no sign of life" in end.reason


async def test_a_peer_that_sends_anything_at_all_stays() -> None:
    async with serving(settings=QUICK) as server:
        client = await server.open_raw()
        for _ in range(4):
            assert await client.read_event() == Ping(payload=b"")
            await client.send(frame(1, b"half a message", fin=False)[:9])
            await client.send(frame(1, b"half a message", fin=False)[9:], frame(0))
            assert await client.read_event() == message("half a message")


async def test_answers_to_pings_are_counted_per_interval_only() -> None:
    settings = msgspec.structs.replace(QUICK, max_control_frames=2)
    async with serving(settings=settings) as server:
        client = await server.open_raw()
        for _ in range(4):
            assert await client.read_event() == Ping(payload=b"")
            await client.send(frame(10))
        await client.send(text("still here"))
        assert await client.read_event() == message("still here")


async def test_a_peer_whose_messages_wait_for_a_slow_handler_is_not_silent() -> None:
    pings = trio.Event()

    async def handle(connection: WebSocketConnection, admission: str) -> None:
        await pings.wait()
        await echo(connection, admission)

    async with serving(handle, settings=QUICK) as server:
        client = await server.open_raw()
        await client.send(text("waiting"))
        for _ in range(3):
            assert await client.read_event() == Ping(payload=b"")
        pings.set()
        while (event := await client.read_event()) == Ping(payload=b""):
            pass
        assert event == message("waiting")


async def test_a_peer_that_sends_but_does_not_read_is_dropped() -> None:
    ends_in, ends = trio.open_memory_channel[ConnectionClosed](1)

    async def handle(connection: WebSocketConnection, admission: str) -> None:
        connection.send_nowait(encode_text(bytes(20_000_000)))
        assert connection.statistics().backlog_bytes > 0
        await expect_end(ends_in, connection, admission)

    async def send_pongs(client: RawClient) -> None:
        try:
            while True:
                await client.send(frame(10))
                await keep_pace(0.02)
        except trio.BrokenResourceError:
            return

    async with serving(handle, settings=QUICK) as server:
        client = await server.open_raw()
        server.nursery.start_soon(send_pongs, client)
        end = await ends.receive()
        assert (end.code, end.reason) == (1006, "read nothing for 0.1 s")


async def test_a_reader_over_its_backlog_is_dropped() -> None:
    ends_in, ends = trio.open_memory_channel[ConnectionClosed](1)

    async def handle(connection: WebSocketConnection, admission: str) -> None:
        for _ in range(4):
            connection.send_nowait(encode_text(bytes(10_000_000)))
        await expect_end(ends_in, connection, admission)

    async with serving(handle) as server:
        await server.open_raw()
        end = await ends.receive()
        assert end.code == 1006
        assert "too slowly" in end.reason
