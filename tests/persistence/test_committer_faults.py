"""The committer when Postgres is not well: every outcome it tells is true all the same."""

import os
import random
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.ports import CommitOutcome
from persistence import committer as committer_module
from persistence.bridge import Bridge, open_bridge, run_blocking
from persistence.catalogue import Catalogue, NewDiagram
from persistence.embedded import start_embedded
from persistence.migrate import migrate
from persistence.pool import Connection, connect
from persistence.postgres import PostgresStorage
from persistence.writer import Backend, open_writer
from tests.support.commits import Answers, batch, commit, empty_diagram
from tests.support.postgres import hold_row, read_sql
from tests.support.proxy import Link, Proxy, open_proxy
from tests.support.waiting import wait_until

COMMITTED, FAILED, FENCED = CommitOutcome.COMMITTED, CommitOutcome.FAILED, CommitOutcome.FENCED

COMMITTER = "application_name = 'diagramai committer' AND datname = current_database()"


async def create_diagrams(bridge: Bridge, count: int) -> None:
    catalogue = Catalogue(bridge)
    for n in range(count):
        assert await catalogue.insert(NewDiagram(diagram=empty_diagram(), id=f"d{n}")) is not None


@pytest.fixture
async def storage(bridge: Bridge) -> PostgresStorage:
    """A storage with the diagrams d0 to d3, connected."""
    await create_diagrams(bridge, 4)
    storage = PostgresStorage(bridge)
    assert await commit(storage, batch("d3", 1)) == [COMMITTED]
    return storage


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with open_proxy(database_url) as opened:
        yield opened


@pytest.fixture
async def proxied(proxy: Proxy) -> AsyncIterator[PostgresStorage]:
    """A storage that reaches Postgres through the proxy, connected, with d0 to d3."""
    async with open_bridge(proxy.url) as bridge:
        await create_diagrams(bridge, 4)
        storage = PostgresStorage(bridge)
        assert await commit(storage, batch("d3", 1)) == [COMMITTED]
        yield storage


async def stored_revisions(url: str, diagram_id: str) -> list[int]:
    rows = await read_sql(
        url, "SELECT revision FROM journal WHERE diagram_id = $1 ORDER BY revision", diagram_id
    )
    return [row["revision"] for row in rows]


async def is_waiting_for_a_lock(url: str) -> bool:
    query = f"SELECT FROM pg_stat_activity WHERE {COMMITTER} AND wait_event_type = 'Lock'"
    return bool(await read_sql(url, query))


async def terminate_committer(url: str) -> int:
    """Ends the committer's server process, as an administrator would; how many there were."""
    query = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {COMMITTER}"
    return len(await read_sql(url, query))


async def test_a_commit_whose_server_process_is_ended_midway_fails_and_stores_nothing(
    database_url: str, storage: PostgresStorage
) -> None:
    async with hold_row(database_url, "d1"):
        answers = Answers(storage, [batch("d0", 1), batch("d1", 1)])
        await wait_until(lambda: is_waiting_for_a_lock(database_url))
        assert await terminate_committer(database_url) == 1
        # It is answered while the row is still held: looking up needs no lock.
        assert await answers.wait_all() == [FAILED, FAILED]
    assert await stored_revisions(database_url, "d0") == []
    assert storage.statistics().looked_up == 1
    assert await commit(storage, batch("d0", 1), batch("d1", 1)) == [COMMITTED] * 2


async def test_a_connection_ended_between_two_commits_costs_no_batch_its_life(
    database_url: str, storage: PostgresStorage
) -> None:
    await terminate_committer(database_url)
    outcome = (await commit(storage, batch("d0", 1)))[0]
    assert outcome is not FENCED
    assert (outcome is COMMITTED) == (await stored_revisions(database_url, "d0") == [1])
    if outcome is FAILED:
        assert await commit(storage, batch("d0", 1)) == [COMMITTED]


async def test_a_commit_that_was_stored_before_its_answer_was_lost_is_committed(
    database_url: str, proxy: Proxy, proxied: PostgresStorage
) -> None:
    link = proxy.links[-1]
    link.answers.hold()
    answers = Answers(proxied, [batch("d0", 1, 3), batch("d1", 5)])
    with trio.fail_after(10):
        await link.answers.wait_held()
    assert await stored_revisions(database_url, "d0") == [1, 2, 3]
    assert answers.answered == 0
    await link.cut_client()
    # What was fenced off is not there either; not being stored is all that can be read back.
    assert await answers.wait_all() == [COMMITTED, FAILED]
    assert await commit(proxied, batch("d0", 4)) == [COMMITTED]


async def test_a_commit_that_never_arrived_fails_and_cannot_arrive_later(
    database_url: str, proxy: Proxy, proxied: PostgresStorage
) -> None:
    """The request is still on its way when the program gives the connection up: the server
    process at the other end is ended before the answer, so it cannot be carried out any more."""
    link = proxy.links[-1]
    link.requests.hold()
    answers = Answers(proxied, [batch("d0", 1)])
    with trio.fail_after(10):
        await link.requests.wait_held()
    await link.cut_client()
    assert await answers.wait_all() == [FAILED]
    link.requests.release()
    assert await commit(proxied, batch("d1", 1)) == [COMMITTED]
    assert await stored_revisions(database_url, "d0") == []


async def test_a_server_that_does_not_answer_is_given_up_after_a_while(
    database_url: str,
    proxy: Proxy,
    proxied: PostgresStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("persistence.writer.COMMIT_TIMEOUT_SECONDS", 0.2)
    link = proxy.links[-1]
    link.answers.hold()
    answers = Answers(proxied, [batch("d0", 1)])
    assert await answers.wait_all() == [COMMITTED]
    assert await stored_revisions(database_url, "d0") == [1]


async def test_a_new_connection_that_falls_silent_before_its_first_commit_is_given_up(
    database_url: str,
    proxy: Proxy,
    proxied: PostgresStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As behind a firewall that forgets a connection: nothing comes back, and no end either."""
    monkeypatch.setattr("persistence.writer.COMMIT_TIMEOUT_SECONDS", 0.3)
    silent: list[Link] = []

    async def connect_and_fall_silent(*args: Any, **options: Any) -> Connection:
        connection = await connect(*args, **options)
        if not silent:
            silent.append(proxy.links[-1])
            silent[0].answers.hold()
        return connection

    monkeypatch.setattr("persistence.writer.connect", connect_and_fall_silent)
    assert await terminate_committer(database_url) == 1
    outcome = (await commit(proxied, batch("d0", 1)))[0]
    if outcome is FAILED:
        # It left before the end of the old connection was heard of.
        outcome = (await commit(proxied, batch("d0", 1)))[0]
    assert outcome is COMMITTED
    assert silent[0].answers.held_bytes > 0


async def test_an_outcome_stays_open_while_the_database_cannot_be_reached(
    database_url: str, proxy: Proxy, proxied: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent waits for the truth; what was not sent fails after the bound."""
    monkeypatch.setattr(committer_module, "UNSENT_TIMEOUT_SECONDS", 0.2)
    link = proxy.links[-1]
    link.answers.hold()
    sent = Answers(proxied, [batch("d0", 1)])
    with trio.fail_after(10):
        await link.answers.wait_held()
    proxy.refuse_connections()
    await link.cut_client()
    unsent = Answers(proxied, [batch("d1", 1), batch("d2", 1)])
    assert await unsent.wait_all() == [FAILED, FAILED]
    assert sent.answered == 0
    proxy.accept_connections()
    assert await sent.wait_all() == [COMMITTED]
    assert await stored_revisions(database_url, "d1") == []


async def test_another_process_with_the_same_number_is_not_ended(
    database_url: str, storage: PostgresStorage
) -> None:
    """A server process is known by its number and its start, since numbers are used again."""
    rows = await read_sql(
        database_url, f"SELECT pid, backend_start FROM pg_stat_activity WHERE {COMMITTER}"
    )
    impostor = Backend(rows[0]["pid"], datetime(2020, 1, 1, tzinfo=UTC))

    async def wait_gone() -> None:
        writer = await open_writer(database_url)
        try:
            await writer.wait_backend_gone(impostor)
        finally:
            writer.abandon()

    await trio.to_thread.run_sync(run_blocking, wait_gone)
    assert await commit(storage, batch("d0", 1)) == [COMMITTED]
    assert (storage.statistics().looked_up, storage.statistics().connections) == (0, 1)


class Editor:
    """Commits revision after revision, as an actor does: back to the last durable one on failure,
    reloading from the journal when fenced off."""

    def __init__(self, storage: PostgresStorage, diagram_id: str, seed: int) -> None:
        self._storage = storage
        self._diagram_id = diagram_id
        self._random = random.Random(seed)
        self.durable = 0
        self.outcomes: list[CommitOutcome] = []

    async def commit_next(self) -> None:
        count = self._random.randint(1, 4)
        (outcome,) = await commit(self._storage, batch(self._diagram_id, self.durable + 1, count))
        self.outcomes.append(outcome)
        if outcome is COMMITTED:
            self.durable += count

    async def run_until(self, stop: trio.Event) -> None:
        while not stop.is_set():
            await self.commit_next()


async def check_editors(url: str, editors: dict[str, Editor]) -> None:
    """The journal holds what was told to be committed, and nothing else."""
    for diagram_id, editor in editors.items():
        assert await stored_revisions(url, diagram_id) == list(range(1, editor.durable + 1))
        rows = await read_sql(url, "SELECT revision FROM diagrams WHERE id = $1", diagram_id)
        assert rows[0]["revision"] == editor.durable
        # One writer alone is never fenced off: that would mean a lie was told before.
        assert FENCED not in editor.outcomes


async def has_advanced(editors: dict[str, Editor], before: int) -> bool:
    return sum(editor.durable for editor in editors.values()) > before


async def test_outcomes_stay_true_while_server_processes_are_ended_at_random(
    bridge: Bridge, database_url: str
) -> None:
    await create_diagrams(bridge, 8)
    storage = PostgresStorage(bridge)
    editors = {f"d{n}": Editor(storage, f"d{n}", seed=n) for n in range(8)}
    stop = trio.Event()
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            for editor in editors.values():
                nursery.start_soon(editor.run_until, stop)
            for _ in range(25):
                before = sum(editor.durable for editor in editors.values())
                await terminate_committer(database_url)
                await wait_until(partial(has_advanced, editors, before))
            stop.set()
    await check_editors(database_url, editors)
    assert storage.statistics().looked_up > 0


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_outcomes_stay_true_while_the_server_goes_down_and_comes_back(
    own_data_dir: Path, how: str
) -> None:
    servers = [await trio.to_thread.run_sync(start_embedded, own_data_dir)]
    try:
        async with open_bridge(servers[0].url) as bridge:
            await migrate(bridge)
            await create_diagrams(bridge, 6)
            storage = PostgresStorage(bridge)
            editors = {f"d{n}": Editor(storage, f"d{n}", seed=n) for n in range(6)}
            stop = trio.Event()
            async with trio.open_nursery() as nursery:
                for editor in editors.values():
                    nursery.start_soon(editor.run_until, stop)
                for _ in range(2):
                    await wait_progress(editors)
                    await take_down(own_data_dir, how)
                    servers.append(await trio.to_thread.run_sync(start_embedded, own_data_dir))
                    await wait_progress(editors)
                stop.set()
            await check_editors(servers[0].url, editors)
            assert storage.statistics().connections >= 3
    finally:
        for server in servers:
            await trio.to_thread.run_sync(server.stop)


async def wait_progress(editors: dict[str, Editor]) -> None:
    """Returns once every editor has committed something more."""
    before = {diagram_id: editor.durable for diagram_id, editor in editors.items()}

    async def all_have_advanced() -> bool:
        return all(editors[each].durable > durable for each, durable in before.items())

    await wait_until(all_have_advanced, timeout_seconds=60)


async def take_down(data_dir: Path, how: str) -> None:
    """Ends the whole server: the fast shutdown, or as if the power went."""
    pid = int((data_dir / "postgres" / "postmaster.pid").read_text("utf-8").splitlines()[0])
    os.kill(pid, signal.SIGINT if how == "stopped" else signal.SIGKILL)

    async def is_gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    await wait_until(is_gone)
