"""Who counts as alive: peers that are silent, that do not read, that read slowly."""

from functools import partial

import msgspec
import pytest
import trio
from wsproto.events import Ping

from gateway.frames import encode_text
from gateway.websocket_connection import (
    ConnectionClosed,
    ConnectionSettings,
    WebSocketConnection,
)
from tests.support.raw_websocket import RawClient, echo, frame, message, serving, text
from tests.support.waiting import keep_pace

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


async def test_a_peer_that_reads_on_a_slow_line_gets_all_before_its_first_pong() -> None:
    size = 8_000_000
    settings = ConnectionSettings(ping_interval_seconds=0.5, pong_timeout_seconds=0.25)

    async def handle(connection: WebSocketConnection, admission: str) -> None:
        connection.send_nowait(encode_text(bytes(size)))
        await echo(connection, admission)

    async with serving(handle, settings=settings) as server:
        client = await server.open_raw(receive_buffer_bytes=32 * 1024)
        begun = trio.current_time()
        left = len(encode_text(bytes(size)))
        while left:
            left -= len(await client.stream.receive_some(min(left, 32 * 1024)))
            await keep_pace(0.005)
        assert trio.current_time() - begun > 2 * settings.ping_interval_seconds
        await client.send(text("all here"))
        while (event := await client.read_event()) == Ping(payload=b""):
            pass
        assert event == message("all here")


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
