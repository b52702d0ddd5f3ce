"""One real port: WebSockets and HTTP through it, clients that dawdle, crash and crowd it."""

import logging
import socket
from typing import NoReturn

import msgspec
import pytest
import trio
import trio_websocket
from hypothesis import given
from hypothesis import strategies as st

from gateway.front_door import (
    Engine,
    FrontDoorSettings,
    choose_engine,
    serve_front_door,
)
from gateway.http1 import MAX_HEAD_BYTES
from tests.support.front_door import (
    BOUND_SECONDS,
    UPGRADE,
    App,
    as_asgi,
    echo_websocket,
    http_request,
    open_door,
    parse_answer,
    read_to_end,
    read_to_end_or_reset,
    read_until,
)
from tests.support.waiting import wait_until

RESET_ON_CLOSE = (1).to_bytes(4, "little") + bytes(4)

# Who serves what.


@pytest.mark.parametrize(
    ("head", "engine"),
    [
        (b"GET /ws/diagrams HTTP/1.1\r\n", Engine.WEBSOCKET),
        (b"GET /ws/", Engine.WEBSOCKET),
        (b"POST /ws/x HTTP/1.1", Engine.WEBSOCKET),
        (b"GET /ws HTTP/1.1", Engine.HTTP),
        (b"GET /wsx/ HTTP/1.1", Engine.HTTP),
        (b"GET / HTTP/1.1", Engine.HTTP),
        (b"GET /api/ws/ HTTP/1.1", Engine.HTTP),
        (b"PROPFINDPROPFINDPROPFIND", Engine.HTTP),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdefgh", Engine.HTTP),
        (b"", None),
        (b"GET", None),
        (b"GET /w", None),
        (b"GET /ws", None),
    ],
)
def test_the_request_line_tells_the_engine(head: bytes, engine: Engine | None) -> None:
    assert choose_engine(head) is engine


@given(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda method, path: method + b" " + path,
            st.sampled_from([b"GET", b"POST", b"OPTIONS"]),
            st.sampled_from([b"/ws/a", b"/ws", b"/wsa", b"/", b"/api", b"*"]),
        ),
    )
)
def test_once_told_the_engine_stays_the_same_whatever_follows(head: bytes) -> None:
    told = [engine for n in range(len(head) + 1) if (engine := choose_engine(head[:n]))]
    assert len(set(told)) <= 1
    assert choose_engine(head + b" " * 20) is not None


async def test_one_port_serves_websockets_and_http() -> None:
    async with open_door() as door:
        client = await door.open_websocket()
        await client.send_message("through the door")
        assert await client.get_message() == "through the door"
        assert (await door.get("/client"))[0] == 200
        assert (await door.get("/nowhere"))[0] == 404
        await client.aclose()


async def test_the_application_sees_the_peer_s_address() -> None:
    async with open_door() as door, await door.connect() as stream:
        host, port = stream.socket.getsockname()
        await stream.send_all(http_request("/client", "Connection: close\r\n"))
        assert parse_answer(await read_to_end(stream)) == (200, f"{host}:{port}".encode())


async def test_an_http_connection_is_kept_for_further_requests() -> None:
    async with open_door() as door, await door.connect() as stream:
        for body in ("first", "second"):
            await stream.send_all(http_request("/echo", body=body, method="POST"))
            assert (await read_until(stream, body.encode())).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["/client", "/ws/diagrams"])
async def test_a_request_line_in_crumbs_is_put_together(path: str) -> None:
    async with open_door() as door, await door.connect() as stream:
        for byte in http_request(path, "Connection: close\r\n"):
            await stream.send_all(bytes((byte,)))
            await trio.lowlevel.checkpoint()
        status, _ = parse_answer(await read_to_end(stream))
        assert status == (200 if path == "/client" else 400)


async def test_accepted_connections_send_small_frames_at_once() -> None:
    no_delay: list[int] = []

    async def handle(stream: trio.SocketStream, _already_read: bytes) -> None:
        no_delay.append(int(stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))

    async with open_door(handle_websocket=handle) as door, await door.connect() as stream:
        await stream.send_all(b"GET /ws/ HTTP/1.1\r\n\r\n")
        await read_to_end_or_reset(stream)
        assert no_delay == [1]


async def test_a_kept_http_connection_is_closed_once_it_has_been_idle() -> None:
    async with (
        open_door(FrontDoorSettings(keep_alive_seconds=0.05)) as door,
        await door.connect() as stream,
    ):
        await stream.send_all(http_request("/client"))
        assert (await read_to_end(stream)).startswith(b"HTTP/1.1 200 ")


# Clients that misbehave.


@pytest.mark.parametrize("crumbs", [b"", b"GET", b"GET /w"])
async def test_a_client_that_never_says_what_it_wants_is_closed(crumbs: bytes) -> None:
    async with (
        open_door(FrontDoorSettings(peek_timeout_seconds=0.05)) as door,
        await door.connect() as stream,
    ):
        await stream.send_all(crumbs)
        assert await read_to_end_or_reset(stream) == b""


async def test_a_client_that_never_finishes_its_http_head_is_closed() -> None:
    async with (
        open_door(FrontDoorSettings(keep_alive_seconds=0.1)) as door,
        await door.connect() as stream,
    ):
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: local")
        assert await read_to_end_or_reset(stream) == b""


async def test_an_http_head_over_the_limit_is_refused() -> None:
    async with open_door(FrontDoorSettings(max_head_bytes=1_000)) as door:
        async with await door.connect() as stream:
            await stream.send_all(b"GET / HTTP/1.1\r\nFiller: " + b"x" * 5_000)
            assert parse_answer(await read_to_end(stream))[0] == 431
        assert (await door.get("/client"))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", f"Filler: {'x' * MAX_HEAD_BYTES}\r\n"),
        ("HEAD", "/", f"Filler: {'x' * MAX_HEAD_BYTES}\r\n"),
        ("GET", f"/{'x' * MAX_HEAD_BYTES}", ""),
    ],
)
async def test_a_head_over_the_limit_is_refused_even_in_one_piece(
    method: str, path: str, headers: str
) -> None:
    async with open_door() as door, await door.connect() as stream:
        await stream.send_all(http_request(path, headers, method=method))
        await expect_refusal(stream, 431, "head_too_large")


async def test_a_head_up_to_the_limit_is_served() -> None:
    bare = len(http_request("/client", "Filler: \r\n"))
    async with open_door() as door, await door.connect() as stream:
        filler = "x" * (MAX_HEAD_BYTES - bare)
        await stream.send_all(http_request("/client", f"Filler: {filler}\r\n"))
        assert (await stream.receive_some()).startswith(b"HTTP/1.1 200 ")


async def expect_refusal(stream: trio.SocketStream, status: int, code: str) -> None:
    """A refusal with a code is all that comes, and then the end."""
    await stream.send_eof()
    found, body = parse_answer(await read_to_end(stream))
    assert (found, msgspec.json.decode(body)["error"]["code"]) == (status, code)


@pytest.mark.parametrize("after", [b"", b"\0\0\0\4\0\0\0\0\0", b"\xff" * 200])
async def test_http_2_is_refused_and_its_client_not_waited_for(after: bytes) -> None:
    async with (
        open_door(FrontDoorSettings(max_connections=1)) as door,
        await door.connect() as stream,
    ):
        await stream.send_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + after)
        status, body = parse_answer(await read_to_end(stream))
        assert status == 505
        assert msgspec.json.decode(body)["error"]["code"] == "unsupported_http_version"
        # The client stays, silent, and its place is free all the same.
        await wait_until(door.has_room)


async def test_an_offer_of_http_2_is_answered_in_http_1() -> None:
    offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    async with open_door() as door, await door.connect() as stream:
        for _ in range(2):
            await stream.send_all(http_request("/client", offer))
            answer = await read_until(stream, b"127.0.0.1:%d" % stream.socket.getsockname()[1])
            assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("early", [b"", b"\x81\x82\1\2\3\4hi"])
@pytest.mark.parametrize("path", ["/", "/mcp", "/client", "//ws/diagrams", "/WS/diagrams"])
async def test_a_websocket_anywhere_else_is_told_where_it_is(
    path: str, early: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_door() as door, await door.connect() as stream:
        await stream.send_all(http_request(path, UPGRADE) + early)
        status, body = parse_answer(await read_to_end(stream))
        error = msgspec.json.decode(body)["error"]
        assert (status, error["code"]) == (404, "not_found")
        assert "/ws/diagrams" in error["message"]
    assert caplog.records == []


@pytest.mark.parametrize("said", [b"", b"GET /w", b"GET /ws/ HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n"])
@pytest.mark.parametrize("reset", [False, True])
async def test_a_client_that_leaves_at_any_moment_disturbs_nobody(
    said: bytes, reset: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_door() as door:
        for _ in range(5):
            stream = await door.connect()
            await stream.send_all(said)
            if reset:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            await stream.aclose()
        assert (await door.get("/client"))[0] == 200
    assert caplog.records == []


async def test_a_crash_in_one_websocket_is_logged_once_and_ends_only_that_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handle(stream: trio.SocketStream, already_read: bytes) -> None:
        if b"crash" in await stream.socket.recv(100, socket.MSG_PEEK):
            raise LookupError("crashed on purpose")
        await echo_websocket(stream, already_read)

    async with open_door(handle_websocket=handle) as door:
        client = await door.open_websocket()
        async with await door.connect() as stream:
            await stream.send_all(b"GET /ws/crash HTTP/1.1\r\n\r\n")
            assert await read_to_end_or_reset(stream) == b""
        await client.send_message("still here")
        assert await client.get_message() == "still here"
        assert (await door.get("/client"))[0] == 200
        await client.aclose()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "crashed on purpose" in caplog.text


async def test_a_crash_in_an_http_handler_is_answered_500_and_ends_only_that_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_door() as door:
        assert (await door.get("/crash"))[0] == 500
        assert (await door.get("/client"))[0] == 200
    assert len(caplog.records) == 1


async def test_requests_leave_no_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with open_door() as door:
            assert (await door.get("/client?token=secret"))[0] == 200
    assert "secret" not in caplog.text


async def test_a_client_that_does_not_read_its_response_gives_way_to_others() -> None:
    async with (
        open_door(FrontDoorSettings(stalled_write_seconds=0.2, max_connections=1)) as door,
        await door.connect() as stream,
    ):
        await stream.send_all(http_request("/big"))
        await stream.socket.recv(1, socket.MSG_PEEK)
        assert (await door.get("/client"))[0] == 503
        await wait_until(door.has_room)


# Crowds.


async def test_over_the_limit_a_client_is_told_503_until_somebody_leaves() -> None:
    async with open_door(FrontDoorSettings(max_connections=1)) as door:
        client = await door.open_websocket()
        status, body = await door.get("/client")
        assert status == 503
        assert msgspec.json.decode(body)["error"]["code"] == "overloaded"
        await client.aclose()
        await wait_until(door.has_room)


async def test_one_address_alone_does_not_take_all_the_room() -> None:
    bounds = FrontDoorSettings(max_connections=3, max_connections_of_address=2)
    theirs = msgspec.structs.replace(bounds, is_shared=lambda address: address != "127.0.0.1")
    async with open_door(theirs) as door:
        clients = [await door.open_websocket() for _ in range(2)]
        assert (await door.get("/client"))[0] == 503
        await clients.pop().aclose()
        await wait_until(door.has_room)
    # Of a proxy's address, and of this machine's, many come.
    async with open_door(bounds) as door:
        clients = [await door.open_websocket() for _ in range(2)]
        assert (await door.get("/client"))[0] == 200


async def test_over_both_limits_a_client_is_closed_without_a_word() -> None:
    async with (
        open_door(FrontDoorSettings(max_connections=0, max_refusals=0)) as door,
        await door.connect() as stream,
    ):
        assert await read_to_end_or_reset(stream) == b""


@pytest.mark.parametrize("said", ["", "GET / HTTP/1.1\r\n", http_request("/client").decode()])
async def test_a_client_that_has_left_makes_room_at_once(said: str) -> None:
    settings = FrontDoorSettings(max_connections=1, keep_alive_seconds=2 * BOUND_SECONDS)
    async with open_door(settings) as door:
        stream = await door.connect()
        await stream.send_all(said.encode())
        if said.endswith("\r\n\r\n"):
            await read_until(stream, b"127.0.0.1:%d" % stream.socket.getsockname()[1])
        await stream.aclose()
        await wait_until(door.has_room)


# Ending.


async def test_a_shutdown_ends_websockets_at_once_and_lets_http_requests_finish() -> None:
    async with open_door() as door, await door.connect() as slow, await door.connect() as idle:
        assert door.app.started.is_set()
        client = await door.open_websocket()
        await idle.send_all(http_request("/client"))
        await idle.receive_some()
        await slow.send_all(http_request("/slow"))
        await door.app.slow_request_began.wait()

        door.shutdown.set()
        with pytest.raises(trio_websocket.ConnectionClosed) as closed:
            await client.get_message()
        assert closed.value.reason is not None
        assert closed.value.reason.code == 1001
        await read_to_end(idle)
        assert not door.app.stopped.is_set()

        door.app.slow_request_may_end.set()
        status, body = parse_answer(await read_to_end(slow))
        assert (status, body) == (200, b"slow but sure")
        await door.closed.wait()
        assert door.app.stopped.is_set()
        with pytest.raises(OSError, match="connect"):
            await door.connect()


async def test_a_shutdown_waits_for_http_only_so_long() -> None:
    async with (
        open_door(FrontDoorSettings(graceful_timeout_seconds=0.05)) as door,
        await door.connect() as stream,
    ):
        await stream.send_all(http_request("/slow"))
        await door.app.slow_request_began.wait()
        door.shutdown.set()
        await door.closed.wait()
        assert door.app.stopped.is_set()


@pytest.mark.parametrize("in_good_order", [True, False])
async def test_a_client_that_does_not_read_does_not_hold_up_the_end(in_good_order: bool) -> None:
    async with (
        open_door(FrontDoorSettings(graceful_timeout_seconds=0.05)) as door,
        await door.connect() as stream,
    ):
        await stream.send_all(http_request("/big"))
        await stream.socket.recv(1, socket.MSG_PEEK)
        if in_good_order:
            door.shutdown.set()
            await door.closed.wait()
        else:
            door.nursery.cancel_scope.cancel()


async def test_a_shutdown_does_not_wait_for_clients_that_have_not_spoken() -> None:
    async with open_door() as door, await door.connect():
        door.shutdown.set()
        await door.closed.wait()


async def test_cancelling_closes_everything_at_once() -> None:
    async with open_door() as door:
        await door.open_websocket()
        port = door.port
        door.nursery.cancel_scope.cancel()
    with pytest.raises(OSError, match="connect"):
        await trio.open_tcp_stream("127.0.0.1", port)


async def test_an_application_that_fails_to_start_is_an_error_and_frees_the_port() -> None:
    app = App()

    async def fail() -> NoReturn:
        raise LookupError("no database")

    app.asgi.before_serving(fail)
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    with trio.fail_after(BOUND_SECONDS), pytest.raises(ExceptionGroup):
        await serve_front_door(listeners, echo_websocket, as_asgi(app))
    with pytest.raises(OSError, match="connect"):
        await trio.open_tcp_stream("127.0.0.1", port)
