"""A WebSocket asked for on a connection that has served HTTP: browsers and proxies keep those."""

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import msgspec
import pytest
import trio
import trio_websocket
from wsproto.events import CloseConnection, Event

from gateway.front_door import FrontDoorSettings
from tests.support.front_door import (
    UPGRADE,
    Door,
    http_request,
    open_door,
    parse_answer,
    read_to_end,
    read_to_end_or_reset,
    read_until,
)
from tests.support.raw_websocket import RawClient, frame, message, text
from tests.support.serving import Site, open_site
from tests.support.socket_client import SUBPROTOCOL, Socket
from tests.support.waiting import keep_pace, wait_until

CLOSE = "Connection: close\r\n"
HANDSHAKE = http_request("/ws/diagrams", UPGRADE)


async def serve_http_on(stream: trio.SocketStream) -> None:
    await stream.send_all(http_request("/client"))
    await read_until(stream, b"127.0.0.1:%d" % stream.socket.getsockname()[1])


@asynccontextmanager
async def used_connection(door: Door) -> AsyncIterator[RawClient]:
    async with await door.connect() as stream:
        await serve_http_on(stream)
        yield RawClient(stream)


async def talk(client: RawClient, said: Sequence[bytes], answers: int = 1) -> list[Event]:
    """Sends each by itself; what comes after the handshake's answer."""
    for part in said:
        await client.send(part)
        await trio.lowlevel.checkpoint()
    await client.read_head()
    return [await client.read_event() for _ in range(answers)]


@pytest.mark.parametrize(
    "said",
    [
        [HANDSHAKE, text("hi")],
        [HANDSHAKE + text("hi")],
        [HANDSHAKE + text("hi")[:3], text("hi")[3:]],
        [bytes((byte,)) for byte in HANDSHAKE + text("hi")],
    ],
    ids=["apart", "together", "torn", "crumbs"],
)
async def test_the_websocket_is_served_there(
    said: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    async with open_door() as door, used_connection(door) as client:
        assert await talk(client, said) == [message("hi")]
        await client.send(text("and on"))
        assert await client.read_event() == message("and on")
    assert caplog.records == []


async def test_it_waits_for_the_answer_to_the_request_before_it() -> None:
    async with open_door() as door, await door.connect() as stream:
        await stream.send_all(http_request("/slow") + HANDSHAKE + text("hi"))
        await door.app.slow_request_began.wait()
        door.app.slow_request_may_end.set()
        await read_until(stream, b"slow but sure")
        client = RawClient(stream)
        await client.read_head()
        assert await client.read_event() == message("hi")


async def test_many_at_once_each_right_behind_an_answer() -> None:
    async def one(door: Door) -> None:
        async with used_connection(door) as client:
            assert await talk(client, [HANDSHAKE + text("hi")]) == [message("hi")]

    async with open_door() as door, trio.open_nursery() as nursery:
        for _ in range(40):
            nursery.start_soon(one, door)


@pytest.mark.parametrize("behind", [b"GET / HTTP/1.1\r\n\r\n", frame(3, b"?"), b"\xff" * 20])
async def test_what_is_no_websocket_s_behind_the_handshake_is_refused(behind: bytes) -> None:
    async with open_door() as door, used_connection(door) as client:
        (event,) = await talk(client, [HANDSHAKE + behind])
        assert isinstance(event, CloseConnection)
        assert event.code == 1002
        assert await read_to_end_or_reset(client.stream) == b""


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (http_request("/ws/diagrams", UPGRADE, body="body"), 400),
        (http_request("/ws/diagrams", UPGRADE.replace("13", "8")), 426),
        (http_request("/client", UPGRADE), 404),
        (http_request("/ws/diagrams", CLOSE), 404),
        (http_request("/ws/diagrams", UPGRADE + CLOSE, method="POST"), 404),
    ],
    ids=["a body", "an old version", "another path", "no upgrade", "another method"],
)
async def test_what_is_refused_is_refused_there_too(
    request_: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_door() as door, used_connection(door) as client:
        await client.stream.send_all(request_)
        assert parse_answer(await read_to_end(client.stream))[0] == status
    assert caplog.records == []


async def test_no_http_clock_ends_the_websocket() -> None:
    async with (
        open_door(FrontDoorSettings(keep_alive_seconds=0.1)) as door,
        used_connection(door) as client,
    ):
        assert await talk(client, [HANDSHAKE + text("hi")]) == [message("hi")]
        await keep_pace(0.3)
        await client.send(text("still here"))
        assert await client.read_event() == message("still here")


async def test_a_handshake_that_is_never_whole_is_cut_off() -> None:
    async with (
        open_door(FrontDoorSettings(keep_alive_seconds=0.05)) as door,
        used_connection(door) as client,
    ):
        await client.send(HANDSHAKE[:-1])
        assert await read_to_end_or_reset(client.stream) == b""


async def test_it_counts_as_one_connection_until_it_ends() -> None:
    async with open_door(FrontDoorSettings(max_connections=1)) as door:
        async with used_connection(door) as client:
            assert await talk(client, [HANDSHAKE + text("hi")]) == [message("hi")]
            assert (await door.get("/client"))[0] == 503
        await wait_until(door.has_room)


async def test_a_shutdown_ends_it_at_once() -> None:
    async with open_door() as door, used_connection(door) as client:
        await talk(client, [HANDSHAKE], answers=0)
        door.shutdown.set()
        event = await client.read_event()
        assert isinstance(event, CloseConnection)
        assert event.code == 1001


@pytest.mark.parametrize("reset", [False, True])
async def test_a_client_that_leaves_at_the_handshake_disturbs_nobody(
    reset: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_door() as door:
        for _ in range(5):
            async with used_connection(door) as client:
                await client.send(HANDSHAKE)
                if reset:
                    linger = (1).to_bytes(4, "little") + bytes(4)
                    client.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        assert (await door.get("/client"))[0] == 200
    assert caplog.records == []


# The whole server.


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with open_site(database_url) as opened:
        yield opened


@asynccontextmanager
async def socket_after_http(site: Site, cookie: str) -> AsyncIterator[Socket]:
    """A WebSocket on a connection on which the server was asked how it is."""
    address = urlsplit(site.serving.base_url)
    async with (
        await trio.open_tcp_stream("127.0.0.1", site.serving.port) as stream,
        trio.open_nursery() as nursery,
    ):
        head = f"GET /api/health HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
        await stream.send_all(head.encode())
        assert (await read_until(stream, b"}")).startswith(b"HTTP/1.1 200 ")
        connection = await trio_websocket.wrap_client_stream(
            nursery,
            stream,
            address.netloc,
            "/ws/diagrams",
            subprotocols=[SUBPROTOCOL],
            extra_headers=[(b"cookie", cookie.encode())],
        )
        async with connection:
            yield Socket(connection)


async def test_edits_are_made_there(site: Site) -> None:
    write = {"type": "set", "value": "Hello"}
    operation = {"nodes": {"step": {"type": "update", "writes": {"/data/label": write}}}}
    async with socket_after_http(site, site.cookie) as socket:
        await socket.send({"type": "subscribe", "diagram_id": site.diagram_id})
        await socket.receive_kind("snapshot")
        await socket.send(
            {
                "type": "submit",
                "diagram_id": site.diagram_id,
                "base_revision": 0,
                "sequence": 1,
                "operation": operation,
            }
        )
        (change,) = (await socket.receive_kind("diagram_updated"))["changes"]
        assert (change["revision"], change["sequence"]) == (1, 1)


async def test_whoever_is_not_signed_in_is_turned_away_there_too(site: Site) -> None:
    with pytest.RaisesGroup(
        trio_websocket.ConnectionRejected, allow_unwrapped=True, flatten_subgroups=True
    ) as raised:
        async with socket_after_http(site, "diagramai_session=wrong"):
            raise AssertionError("it was let in")
    rejected = raised.value.exceptions[0]
    assert isinstance(rejected, trio_websocket.ConnectionRejected)
    assert rejected.body is not None
    assert rejected.status_code == 401
    assert msgspec.json.decode(rejected.body)["error"]["code"] == "unauthenticated"
