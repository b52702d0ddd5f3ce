"""A stream over real TCP sockets whose reader is as slow as the test wants."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import wait_all_tasks_blocked

from gateway.direct_stream import DirectStream

BOUND_SECONDS = 10.0
#: More than the sockets below hold between them, so that a reader who does not read blocks.
MORE_THAN_SOCKETS_HOLD = 2 * 1024 * 1024


class Pair:
    """A direct stream, the client's end, and the nursery that runs the writer."""

    def __init__(
        self, direct: DirectStream, client: trio.SocketStream, nursery: trio.Nursery
    ) -> None:
        self.direct = direct
        self.client = client
        self.nursery = nursery

    async def read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            chunk = await self.client.receive_some(size - len(data))
            assert chunk, f"the stream ended after {len(data)} of {size} bytes"
            data += chunk
        return bytes(data)

    async def read_to_end(self) -> bytes:
        return b"".join([chunk async for chunk in self.client])

    def block(self) -> bytes:
        """Fills the sockets and leaves a rest in the backlog; returns what was sent."""
        data = bytes(range(256)) * (MORE_THAN_SOCKETS_HOLD // 256)
        self.direct.send_nowait(data)
        assert self.direct.statistics().backlog_frames == 1
        return data


@asynccontextmanager
async def connected(**limits: int) -> AsyncIterator[Pair]:
    """A connected pair with small kernel buffers, bounded in time."""
    with trio.fail_after(BOUND_SECONDS):
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        listener.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
        client_socket = trio.socket.socket()
        client_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        await client_socket.connect(listener.socket.getsockname())
        accepted = await listener.accept()
        async with listener, trio.SocketStream(client_socket) as client, trio.open_nursery() as n:
            direct = DirectStream(accepted, n, **limits)
            try:
                yield Pair(direct, client, n)
            finally:
                direct.close_nowait()


async def test_what_the_socket_takes_leaves_at_once_without_a_backlog() -> None:
    async with connected() as pair:
        pair.direct.send_nowait(b"hello ")
        pair.direct.send_nowait(b"world")
        assert pair.direct.statistics().peak_backlog_bytes == 0
        assert await pair.read(11) == b"hello world"


async def test_what_would_block_arrives_whole_and_in_order() -> None:
    async with connected() as pair:
        first = pair.block()
        pair.direct.send_nowait(b"second")
        assert await pair.read(len(first) + 6) == first + b"second"
        await pair.direct.wait_flushed()
        statistics = pair.direct.statistics()
        assert (statistics.backlog_bytes, statistics.backlog_frames) == (0, 0)
        assert statistics.flushed_bytes == statistics.peak_backlog_bytes > 0
        pair.direct.send_nowait(b"straight again")
        assert await pair.read(14) == b"straight again"


sends = st.lists(
    st.tuples(st.booleans(), st.sampled_from([1, 100, 10_000, 300_000])), min_size=1, max_size=25
)


@settings(max_examples=40, deadline=None)
@given(sends, st.integers(1_000, 100_000))
def test_the_byte_stream_is_the_concatenation_in_call_order(
    plan: list[tuple[bool, int]], read_size: int
) -> None:
    trio.run(check_order, plan, read_size)


async def check_order(plan: list[tuple[bool, int]], read_size: int) -> None:
    expected = bytearray()
    received = bytearray()

    async def read_slowly() -> None:
        while chunk := await pair.client.receive_some(read_size):
            received.extend(chunk)
            await trio.lowlevel.checkpoint()

    async def send_all(data: bytes) -> None:
        expected.extend(data)
        await pair.direct.send_all(data)

    async with connected() as pair, trio.open_nursery() as nursery:
        for i, (waits, size) in enumerate(plan):
            data = bytes((i,)) * size
            if waits:
                nursery.start_soon(send_all, data)
            else:
                expected.extend(data)
                pair.direct.send_nowait(data)
            if i == len(plan) // 2:
                nursery.start_soon(read_slowly)
            if size == 100:
                await trio.lowlevel.checkpoint()
        await wait_all_tasks_blocked()
        await pair.direct.wait_flushed()
        await pair.direct.aclose()
    assert received == expected


async def test_a_reader_over_the_limit_is_dropped_with_a_reset() -> None:
    async with connected(max_backlog_bytes=10_000) as pair:
        pair.block()
        for _ in range(11):
            pair.direct.send_nowait(b"x" * 1_000)
        statistics = pair.direct.statistics()
        assert statistics.aborted
        assert statistics.backlog_bytes == 0
        with pytest.raises(trio.BrokenResourceError):
            await pair.read_to_end()
        pair.direct.send_nowait(b"nothing happens")
        with pytest.raises(trio.BrokenResourceError):
            await pair.direct.send_all(b"too late")
        with pytest.raises(trio.ClosedResourceError):
            await pair.direct.receive_some()


async def test_up_to_the_limit_a_slow_reader_is_waited_for() -> None:
    async with connected(max_backlog_bytes=10_000) as pair:
        first = pair.block()
        for _ in range(10):
            pair.direct.send_nowait(b"x" * 1_000)
        assert await pair.read(len(first) + 10_000) == first + b"x" * 10_000


async def test_one_snapshot_over_the_limit_passes_and_so_do_the_edits_behind_it() -> None:
    async with connected(max_backlog_bytes=1_000) as pair:
        pair.direct.send_nowait(b"welcome")
        snapshot = pair.block()
        pair.direct.send_nowait(b"edit" * 250)
        expected = b"welcome" + snapshot + b"edit" * 250
        assert await pair.read(len(expected)) == expected


async def test_a_second_snapshot_over_the_limit_does_not_pass() -> None:
    async with connected(max_backlog_bytes=1_000) as pair:
        pair.block()
        pair.direct.send_nowait(bytes(MORE_THAN_SOCKETS_HOLD))
        assert pair.direct.statistics().aborted


async def test_once_a_snapshot_has_gone_the_limit_is_as_before() -> None:
    async with connected(max_backlog_bytes=1_000) as pair:
        await pair.read(len(pair.block()))
        await pair.direct.wait_flushed()
        most = 0
        while not pair.direct.statistics().aborted:
            pair.direct.send_nowait(bytes(10_000))
            most = max(most, pair.direct.statistics().backlog_bytes)
        assert 0 < most <= 11_000


async def test_nothing_follows_the_last_bytes() -> None:
    async with connected() as pair:
        first = pair.block()
        pair.direct.send_last_nowait(b"last")
        pair.direct.send_nowait(b"after")
        with pytest.raises(trio.ClosedResourceError):
            await pair.direct.send_all(b"after")
        pair.nursery.start_soon(pair.direct.wait_hung_up)
        assert await pair.read_to_end() == first + b"last"


async def test_after_the_backlog_has_gone_a_sealed_stream_stays_sealed() -> None:
    async with connected() as pair:
        pair.block()
        pair.direct.seal()
        await pair.read(MORE_THAN_SOCKETS_HOLD)
        await pair.direct.wait_flushed()
        pair.direct.send_nowait(b"after")
        await pair.direct.aclose()
        assert await pair.read_to_end() == b""


async def test_bytes_of_a_cancelled_send_all_keep_their_place() -> None:
    async with connected() as pair:
        first = pair.block()
        with trio.move_on_after(0):
            await pair.direct.send_all(b"cancelled")
        pair.direct.send_nowait(b"next")
        assert await pair.read(len(first) + 13) == first + b"cancelled" + b"next"


async def test_send_all_fails_when_the_stream_is_aborted_under_it() -> None:
    async with connected() as pair:
        pair.block()
        with pytest.RaisesGroup(trio.BrokenResourceError):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(pair.direct.send_all, b"never flushed")
                await wait_all_tasks_blocked()
                pair.direct.abort()


async def test_send_all_waits_for_its_own_bytes_and_not_for_later_ones() -> None:
    async with connected() as pair, trio.open_nursery() as nursery:
        await nursery.start(sent, pair, bytes(MORE_THAN_SOCKETS_HOLD))
        pair.direct.send_nowait(bytes(MORE_THAN_SOCKETS_HOLD))
        await pair.read(MORE_THAN_SOCKETS_HOLD)
        while nursery.child_tasks:
            await trio.testing.wait_all_tasks_blocked()
        assert pair.direct.statistics().backlog_frames == 1


async def sent(pair: Pair, data: bytes, task_status: trio.TaskStatus[None]) -> None:
    task_status.started()
    await pair.direct.send_all(data)


async def test_sending_to_a_peer_that_is_gone_never_raises() -> None:
    async with connected() as pair:
        await pair.client.aclose()
        while not pair.direct.statistics().aborted:
            pair.direct.send_nowait(b"x")
            await trio.lowlevel.checkpoint()
        pair.direct.send_nowait(b"x")
        assert pair.direct.peer == "gone"


async def test_the_writer_ends_quietly_when_the_stream_is_closed_under_it() -> None:
    async with connected() as pair:
        pair.block()
        await wait_all_tasks_blocked()
        await pair.direct.aclose()
        await wait_all_tasks_blocked()
        assert not pair.nursery.child_tasks


async def test_receiving_gives_the_bytes_and_then_the_end() -> None:
    async with connected() as pair:
        await pair.client.send_all(b"hello")
        assert await pair.direct.receive_some() == b"hello"
        await pair.client.send_eof()
        assert await pair.direct.receive_some() == b""


async def test_bytes_given_back_are_read_first() -> None:
    async with connected() as pair:
        await pair.client.send_all(b"hello world")
        assert await pair.direct.receive_some(6) == b"hello "
        pair.direct.unread(b"hello ")
        assert pair.direct.has_unread_input()
        assert await pair.direct.receive_some(4) == b"hell"
        assert await pair.direct.receive_some() == b"o "
        assert await pair.direct.receive_some() == b"world"
        assert not pair.direct.has_unread_input()


async def test_a_peer_that_never_stops_sending_starves_nobody_and_can_be_left() -> None:
    reads = 0
    turns_of_others = 0

    async def send_forever() -> None:
        while True:
            await pair.client.send_all(bytes(100_000))

    async def take_turns() -> None:
        nonlocal turns_of_others
        while True:
            await trio.lowlevel.checkpoint()
            turns_of_others += 1

    async with connected() as pair, trio.open_nursery() as nursery:
        nursery.start_soon(send_forever)
        nursery.start_soon(take_turns)
        while reads < 1_000:
            await pair.direct.receive_some(100)
            reads += 1
        assert turns_of_others >= reads - 1
        nursery.cancel_scope.cancel()
        with trio.CancelScope() as scope:
            scope.cancel()
            await pair.direct.receive_some(100)
        assert scope.cancelled_caught


async def test_a_reset_by_the_peer_breaks_the_stream() -> None:
    async with connected() as pair:
        linger = (1).to_bytes(4, "little") + bytes(4)
        pair.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        await pair.client.aclose()
        with pytest.raises(trio.BrokenResourceError):
            await pair.direct.receive_some()


async def test_the_last_bytes_arrive_although_the_peer_s_were_never_read() -> None:
    async with connected() as pair:
        await pair.client.send_all(b"x" * 10_000)
        pair.direct.send_last_nowait(b"goodbye")

        async def hang_up() -> None:
            await pair.direct.wait_hung_up()
            await pair.direct.aclose()

        pair.nursery.start_soon(hang_up)
        assert await pair.read_to_end() == b"goodbye"


async def test_closing_twice_or_after_an_abort_is_fine() -> None:
    async with connected() as pair:
        pair.direct.abort()
        await pair.direct.aclose()
        await pair.direct.aclose()
        assert pair.direct.statistics().closed
        await pair.direct.wait_flushed()
