"""The embedded server: shared, and never left behind or in the way, whoever is killed when."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from persistence.embedded import EmbeddedPostgres, revive_embedded, start_embedded
from persistence.errors import PersistenceError
from tests.support.postgres import read_sql, run_sql, server_process

#: Another process that starts the server, says so, and stays until its input ends.
OTHER = """
import sys
from persistence.embedded import start_embedded
server = start_embedded(sys.argv[1])
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""


class Other:
    """Another process that uses the server of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def leave(self) -> None:
        """Ends as it should."""
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def test_it_starts_keeps_what_is_stored_and_stops(own_data_dir: Path) -> None:
    server = start_embedded(own_data_dir)
    run_sql(server.url, "CREATE TABLE t (x int)")
    server.stop()
    assert server_process(own_data_dir) is None
    server.stop()
    again = start_embedded(str(own_data_dir))
    try:
        run_sql(again.url, "INSERT INTO t VALUES (1)")
    finally:
        again.stop()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """One that is short enough for a socket; longer ones have theirs elsewhere."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def test_its_folder_may_have_any_name(short_folder: Path) -> None:
    """pg_ctl hands the folder to a shell."""
    folder = short_folder / "Ann's (own) files; 1%"
    server = start_embedded(folder)
    try:
        run_sql(server.url, "SELECT 1")
        killed = server_process(folder)
        assert killed is not None
        killed.kill()
        killed.wait(10)
        assert revive_embedded(folder)
        run_sql(server.url, "SELECT 1")
    finally:
        server.stop()
    assert server_process(folder) is None


def test_a_second_handle_shares_it_and_the_last_one_stops_it(own_data_dir: Path) -> None:
    first, second = start_embedded(own_data_dir), start_embedded(own_data_dir)
    assert first.url == second.url
    first.stop()
    first.stop()
    assert server_process(own_data_dir) is not None
    second.stop()
    assert server_process(own_data_dir) is None


def test_another_process_may_come_and_go_while_it_serves(own_data_dir: Path) -> None:
    server = start_embedded(own_data_dir)
    other = Other(own_data_dir)
    assert other.url == server.url
    other.leave()
    run_sql(server.url, "SELECT 1")
    server.stop()
    assert server_process(own_data_dir) is None


def test_who_started_it_may_leave_before_the_others(own_data_dir: Path) -> None:
    other = Other(own_data_dir)
    server = start_embedded(own_data_dir)
    other.leave()
    run_sql(server.url, "SELECT 1")
    server.stop()
    assert server_process(own_data_dir) is None


def test_after_a_kill_the_same_server_is_found_and_stopped_by_the_next(
    own_data_dir: Path,
) -> None:
    other = Other(own_data_dir)
    other.kill()
    running = server_process(own_data_dir)
    assert running is not None
    server = start_embedded(own_data_dir)
    assert server_process(own_data_dir) == running
    server.stop()
    assert server_process(own_data_dir) is None


async def test_a_killed_server_recovers_with_everything_committed(own_data_dir: Path) -> None:
    server = await trio.to_thread.run_sync(start_embedded, own_data_dir)
    await trio.to_thread.run_sync(
        run_sql, server.url, "CREATE TABLE t (x int)", "INSERT INTO t VALUES (7)"
    )
    running = server_process(own_data_dir)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    again = await trio.to_thread.run_sync(start_embedded, own_data_dir)
    try:
        assert [row["x"] for row in await read_sql(again.url, "SELECT x FROM t")] == [7]
    finally:
        await trio.to_thread.run_sync(again.stop)
        await trio.to_thread.run_sync(server.stop)
    assert server_process(own_data_dir) is None


def test_it_is_revived_where_it_has_died_and_only_while_it_is_used(own_data_dir: Path) -> None:
    server = start_embedded(own_data_dir)
    url = server.url
    assert not revive_embedded(own_data_dir)
    running = server_process(own_data_dir)
    assert running is not None
    running.kill()
    running.wait(10)
    assert revive_embedded(own_data_dir)
    run_sql(url, "SELECT 1")
    server.stop()
    assert server_process(own_data_dir) is None
    assert not revive_embedded(own_data_dir)
    assert server_process(own_data_dir) is None


def test_files_that_name_another_process_do_not_mislead_it(own_data_dir: Path) -> None:
    """After a crash of the machine the old server's number may be anyone's: here, our own."""
    server = start_embedded(own_data_dir)
    cluster = own_data_dir / "postgres"
    stale = (cluster / "postmaster.pid").read_text("utf-8").splitlines()
    server.stop()
    stale[0] = str(os.getpid())
    (cluster / "postmaster.pid").write_text("\n".join(stale), "utf-8")
    (cluster / ".s.PGSQL.5432.lock").write_text("\n".join(stale), "utf-8")
    again = start_embedded(own_data_dir)
    try:
        run_sql(again.url, "SELECT 1")
    finally:
        again.stop()


def test_a_folder_whose_setting_up_was_interrupted_is_set_up_anew(own_data_dir: Path) -> None:
    unfinished = own_data_dir / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n", "utf-8")
    server = start_embedded(own_data_dir)
    try:
        run_sql(server.url, "SELECT 1")
        assert not unfinished.exists()
    finally:
        server.stop()


def test_a_server_that_cannot_start_says_where_to_look(
    own_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.embedded.EMBEDDED_RETRY_SECONDS", 0.5)
    start_embedded(own_data_dir).stop()
    (own_data_dir / "postgres" / "postgresql.conf").write_text("nonsense = here\n", "utf-8")
    with pytest.raises(PersistenceError) as caught:
        start_embedded(own_data_dir)
    assert caught.value.code == "embedded_failed"
    assert str(own_data_dir / "postgres" / "log") in caught.value.message


async def test_commits_reach_the_disk(postgres_url: str) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        rows = await read_sql(postgres_url, f"SHOW {setting}")
        assert rows[0][setting] == "on"


def test_many_threads_may_start_it_at_once(own_data_dir: Path) -> None:
    servers: list[EmbeddedPostgres] = []

    async def start_one() -> None:
        servers.append(await trio.to_thread.run_sync(start_embedded, own_data_dir))

    async def start_all() -> None:
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(start_one)

    trio.run(start_all)
    assert len({server.url for server in servers}) == 1
    for server in servers:
        server.stop()
    assert server_process(own_data_dir) is None
