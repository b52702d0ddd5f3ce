"""Conversations with real clients over real sockets, and with clients that misbehave."""

import socket
from typing import NoReturn

import pytest
import trio
import trio_websocket
import websockets.exceptions
import websockets.sync.client
from wsproto.events import CloseConnection, Pong

from gateway.frames import encode_text
from gateway.handshake import SUBPROTOCOL, Handshake, Refusal
from gateway.websocket_connection import (
    ConnectionClosed,
    ConnectionSettings,
    WebSocketConnection,
)
from tests.support.raw_websocket import (
    MASK,
    PATH,
    UPGRADE,
    echo,
    frame,
    message,
    serving,
    text,
)

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
