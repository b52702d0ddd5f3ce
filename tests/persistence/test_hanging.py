"""A Postgres that hangs: it takes everything and answers nothing. Nobody waits for it for long."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from persistence.bridge import Bridge, open_bridge
from persistence.embedded import start_embedded
from persistence.errors import PersistenceError
from persistence.limits import (
    CANCEL_GRACE_SECONDS,
    MAX_POOL_CONNECTIONS,
    PING_TIMEOUT_SECONDS,
    STATEMENT_TIMEOUT_SECONDS,
)
from tests.support.postgres import hang_server

#: Seconds that a busy machine may add to any wait.
SLACK_SECONDS = 3


@pytest.fixture
async def hangable(own_data_dir: Path) -> AsyncIterator[Bridge]:
    """A bridge to the server of ``own_data_dir``, with every connection of its pool open."""
    server = await trio.to_thread.run_sync(start_embedded, own_data_dir)
    async with open_bridge(server.url) as bridge:
        await use_every_connection(bridge)
        yield bridge
    await trio.to_thread.run_sync(server.stop)


async def use_every_connection(bridge: Bridge) -> None:
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            for _ in range(2 * MAX_POOL_CONNECTIONS):
                nursery.start_soon(bridge.fetch, "SELECT pg_sleep(0.05)")


async def test_a_ping_says_soon_that_nobody_answers(hangable: Bridge, own_data_dir: Path) -> None:
    with hang_server(own_data_dir):
        for _ in range(2):
            with trio.fail_after(PING_TIMEOUT_SECONDS + SLACK_SECONDS):
                with pytest.raises(PersistenceError) as caught:
                    await hangable.ping()
            assert caught.value.code == "unavailable"
    await hangable.ping()


async def test_a_cancelled_read_is_let_go_and_its_connection_comes_back(
    hangable: Bridge, own_data_dir: Path
) -> None:
    begun = trio.current_time()
    with hang_server(own_data_dir), trio.move_on_after(0.1):
        async with trio.open_nursery() as nursery:
            for _ in range(2 * MAX_POOL_CONNECTIONS):
                nursery.start_soon(hangable.fetch, "SELECT 1")
    assert trio.current_time() - begun < CANCEL_GRACE_SECONDS + SLACK_SECONDS
    await use_every_connection(hangable)


async def test_what_was_given_up_does_not_go_on_for_ever_on_the_server(bridge: Bridge) -> None:
    row = await bridge.fetch_row("SHOW statement_timeout")
    assert row is not None
    assert row["statement_timeout"] == f"{STATEMENT_TIMEOUT_SECONDS + CANCEL_GRACE_SECONDS:.0f}s"


async def test_writes_that_run_out_of_time_end_with_their_connections_given_back(
    hangable: Bridge, own_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[str] = []

    async def write(each: bool) -> None:
        with pytest.raises(PersistenceError) as caught:
            if each:
                await hangable.run(hangable.database.write_each, "SELECT $1::int", [[1], [2]])
            else:
                await hangable.write("SELECT 1")
        codes.append(caught.value.code)

    monkeypatch.setattr("persistence.pool.STATEMENT_TIMEOUT_SECONDS", 0.2)
    begun = trio.current_time()
    with hang_server(own_data_dir):
        async with trio.open_nursery() as nursery:
            for n in range(MAX_POOL_CONNECTIONS):
                nursery.start_soon(write, n % 2 == 0)
    assert trio.current_time() - begun < 2 * CANCEL_GRACE_SECONDS + SLACK_SECONDS
    assert codes == ["outcome_unknown"] * MAX_POOL_CONNECTIONS
    monkeypatch.undo()
    await use_every_connection(hangable)
