"""The crossing between trio and the database's thread."""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing

from persistence.bridge import Bridge, Crossing, Mailbox, open_bridge, pause, run_blocking
from persistence.errors import PersistenceError
from persistence.limits import MAX_POOL_CONNECTIONS
from tests.support.postgres import read_sql
from tests.support.waiting import wait_until


async def _double(value: int) -> int:
    return 2 * value


async def _fail(message: str) -> None:
    raise KeyError(message)


async def _thread_name() -> str:
    return threading.current_thread().name


async def _count_asleep(url: str) -> int:
    """How many statements are asleep on the server."""
    rows = await read_sql(
        url,
        "SELECT count(*) AS n FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event = 'PgSleep'",
    )
    count: int = rows[0]["n"]
    return count


async def test_work_runs_on_the_other_thread_and_its_result_comes_back(bridge: Bridge) -> None:
    assert await bridge.run(_double, 21) == 42
    assert await bridge.run(_thread_name) == "database" != threading.current_thread().name


async def test_an_error_reaches_the_one_who_waits(bridge: Bridge) -> None:
    with pytest.raises(KeyError, match="here"):
        await bridge.run(_fail, "here")
    with pytest.raises(TypeError):
        await bridge.run(_double)


async def test_many_calls_at_once_each_get_their_own_result(bridge: Bridge) -> None:
    results: dict[int, int] = {}

    async def call(value: int) -> None:
        results[value] = await bridge.run(_double, value)

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            for value in range(500):
                nursery.start_soon(call, value)
    assert results == {value: 2 * value for value in range(500)}


async def test_a_cancelled_caller_ends_its_statement_and_gives_the_connection_back(
    bridge: Bridge,
) -> None:
    async def all_connections_are_busy() -> bool:
        return await _count_asleep(bridge.database.url) == MAX_POOL_CONNECTIONS

    for _ in range(2):
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                for _ in range(2 * MAX_POOL_CONNECTIONS):
                    nursery.start_soon(bridge.fetch, "SELECT pg_sleep(3600)")
                await wait_until(all_connections_are_busy)
                scope.cancel()
        assert scope.cancelled_caught
        assert await _count_asleep(bridge.database.url) == 0
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            for _ in range(2 * MAX_POOL_CONNECTIONS):
                nursery.start_soon(bridge.fetch, "SELECT 1")


async def test_a_caller_cancelled_before_it_begins_does_nothing(bridge: Bridge) -> None:
    started: list[int] = []

    async def note() -> None:
        started.append(1)

    with trio.CancelScope() as scope:
        scope.cancel()
        await bridge.run(note)
    assert scope.cancelled_caught
    assert started == []


async def test_work_that_was_done_in_spite_of_a_cancellation_is_told(bridge: Bridge) -> None:
    """The cancellation arrives when the answer is already on its way back."""
    done = threading.Event()
    results: list[int] = []

    async def finish() -> int:
        done.set()
        return 7

    async with trio.open_nursery() as nursery:

        async def call() -> None:
            results.append(await bridge.run(finish))

        nursery.start_soon(call)
        await trio.testing.wait_all_tasks_blocked()
        # The trio loop is held up here, so it cannot take the answer before it cancels.
        assert done.wait(10)
        nursery.cancel_scope.cancel()
    assert results == [7]


async def test_a_closed_bridge_refuses_work_and_says_so(database_url: str) -> None:
    async with open_bridge(database_url) as bridge:
        pass
    with pytest.raises(PersistenceError) as caught:
        await bridge.run(_double, 1)
    assert caught.value.code == "unavailable"


async def test_closing_ends_work_that_somebody_still_waits_for(database_url: str) -> None:
    outcomes: list[str] = []

    async def call(bridge: Bridge) -> None:
        try:
            await bridge.fetch("SELECT pg_sleep(3600)")
        except PersistenceError as error:
            outcomes.append(error.code)

    async def is_asleep() -> bool:
        return await _count_asleep(database_url) == 1

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery, open_bridge(database_url) as bridge:
            nursery.start_soon(call, bridge)
            await wait_until(is_asleep)
    assert outcomes == ["unavailable"]
    assert await _count_asleep(database_url) == 0


async def test_a_bridge_opened_under_cancellation_leaves_no_thread(database_url: str) -> None:
    # Servers that other tests share may have such a thread of their own.
    before = set(threading.enumerate())
    with trio.CancelScope() as scope:
        async with open_bridge(database_url):
            begun = {thread.name for thread in set(threading.enumerate()) - before}
            assert "database" in begun
            scope.cancel()
            await trio.sleep_forever()
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert "database" not in left


async def test_a_server_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(PersistenceError) as caught:
        async with open_bridge(f"postgresql://postgres@/postgres?host={tmp_path}"):
            raise AssertionError("nobody answers there")
    assert caught.value.code == "unavailable"


@pytest.mark.parametrize("url", ["", "mysql://x/y", "/var/lib"])
async def test_a_url_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(PersistenceError) as caught:
        async with open_bridge(url):
            raise AssertionError("there is no such database")
    assert (caught.value.code, caught.value.at) == ("invalid", "url")


async def test_a_statement_that_postgres_refuses_is_coded(bridge: Bridge) -> None:
    with pytest.raises(PersistenceError) as caught:
        await bridge.fetch("SELECT 1 / 0")
    assert (caught.value.code, caught.value.at) == ("refused", "22012")


async def test_a_value_that_cannot_be_sent_is_coded_and_not_shown(bridge: Bridge) -> None:
    with pytest.raises(PersistenceError) as caught:
        await bridge.fetch("SELECT $1::int", "a secret")
    assert caught.value.code == "invalid"
    assert "secret" not in str(caught.value)


async def test_a_read_on_a_lost_connection_is_unavailable_and_the_next_one_works(
    bridge: Bridge,
) -> None:
    with pytest.raises(PersistenceError) as caught:
        await bridge.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    assert caught.value.code == "unavailable"
    assert await bridge.fetch_row("SELECT 1 AS x") is not None


async def test_a_write_on_a_lost_connection_has_an_unknown_outcome(bridge: Bridge) -> None:
    with pytest.raises(PersistenceError) as caught:
        await bridge.write("SELECT pg_terminate_backend(pg_backend_pid())")
    assert caught.value.code == "outcome_unknown"


def test_a_crossing_wakes_once_however_many_wait() -> None:
    wakes: list[Callable[[], object]] = []
    called: list[int] = []
    crossing = Crossing(wakes.append)
    for n in range(100):
        crossing.post(partial(called.append, n))
    assert len(wakes) == 1
    wakes.pop()()
    assert called == list(range(100))
    crossing.post(partial(called.append, 100))
    assert len(wakes) == 1


def test_a_callback_that_fails_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue: deque[Callable[[], object]] = deque()
    called: list[int] = []
    crossing = Crossing(queue.append)

    def fail() -> None:
        raise RuntimeError("a defect")

    crossing.post(fail, partial(called.append, 1))
    queue.pop()()
    assert called == [1]
    assert "a callback failed" in caplog.text


async def test_a_mailbox_takes_no_more_than_its_bound(bridge: Bridge) -> None:
    mailbox: Mailbox[int] = bridge.open_mailbox(3)
    assert [mailbox.put_nowait(n) for n in range(5)] == [True, True, True, False, False]

    async def drain() -> list[int]:
        taken = []
        while len(mailbox) and await mailbox.wait_items():
            taken.append(mailbox.take_nowait())
        return taken

    assert await bridge.run(drain) == [0, 1, 2]
    assert mailbox.put_nowait(9)
    mailbox.close()
    assert not mailbox.put_nowait(10)
    assert await bridge.run(drain) == [9]
    assert not await bridge.run(mailbox.wait_items)


async def test_a_reader_of_a_mailbox_misses_nothing_that_arrives_while_it_goes_to_sleep(
    bridge: Bridge,
) -> None:
    mailbox: Mailbox[int] = bridge.open_mailbox(100_000)
    count = 20_000

    async def read_all() -> list[int]:
        taken: list[int] = []
        while len(taken) < count and await mailbox.wait_items():
            taken.append(mailbox.take_nowait())
        return taken

    def write_all() -> None:
        for n in range(count):
            assert mailbox.put_nowait(n)

    read: list[int] = []
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:

            async def reader() -> None:
                read.extend(await bridge.run(read_all))

            nursery.start_soon(reader)
            nursery.start_soon(trio.to_thread.run_sync, write_all)
    assert read == list(range(count))


async def test_a_service_finishes_what_was_left_for_it_before_the_bridge_closes(
    database_url: str,
) -> None:
    done: list[int] = []
    async with open_bridge(database_url) as bridge:
        mailbox: Mailbox[int] = bridge.open_mailbox(10)

        async def serve() -> None:
            while await mailbox.wait_items():
                await pause(0)
                done.append(mailbox.take_nowait())

        bridge.start_service(serve)
        for n in range(5):
            mailbox.put_nowait(n)
    assert done == [0, 1, 2, 3, 4]


def test_blocking_work_runs_without_a_trio_loop() -> None:
    assert run_blocking(_double, 4) == 8
