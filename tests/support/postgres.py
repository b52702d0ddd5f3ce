"""One real Postgres for the whole test session, and a fresh database of its own for each test."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil  # type: ignore[import-untyped]
import pytest
import trio

from persistence.bridge import Bridge, open_bridge, run_blocking
from persistence.embedded import start_embedded
from persistence.migrate import migrate_blocking
from persistence.pool import Row, connect

_TEMPLATE = "diagramai_template"
_numbers = itertools.count(1)


def database_named(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def _execute(url: str, *statements: str) -> None:
    connection = await connect(url, {})
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close(timeout=5)


def run_sql(url: str, *statements: str) -> None:
    """Executes statements one by one, each in a transaction of its own, on a short connection."""
    run_blocking(_execute, url, *statements)


async def _fetch(url: str, query: str, *args: Any) -> list[Row]:
    connection = await connect(url, {})
    try:
        return await connection.fetch(query, *args)
    finally:
        await connection.close(timeout=5)


async def read_sql(url: str, query: str, *args: Any) -> list[Row]:
    """The rows of a query, on a short connection beside the bridge's."""
    return await trio.to_thread.run_sync(partial(read_rows, url, query, *args))


def read_rows(url: str, query: str, *args: Any) -> list[Row]:
    """The same, for tests without a loop."""
    return run_blocking(_fetch, url, query, *args)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The session's server; nothing is in it but what the tests put there.

    Not in pytest's own folder, which another run of pytest clears of all but the newest.
    """
    with tempfile.TemporaryDirectory(prefix="diagramai-tests-", ignore_cleanup_errors=True) as data:
        server = start_embedded(data)
        try:
            yield server.url
        finally:
            server.stop()


@pytest.fixture(scope="session")
def _migrated_template(postgres_url: str) -> str:
    """The name of a database with the whole schema, copied for each test."""
    run_sql(postgres_url, f"CREATE DATABASE {_TEMPLATE}")
    migrate_blocking(database_named(postgres_url, _TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database without any table."""
    with new_database(postgres_url, "template0") as url:
        yield url


@pytest.fixture
def database_url(postgres_url: str, _migrated_template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    with new_database(postgres_url, _migrated_template) as url:
        yield url


@contextmanager
def new_database(server_url: str, template: str) -> Iterator[str]:
    """A database for the time of the body."""
    name = f"test_{next(_numbers)}"
    run_sql(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield database_named(server_url, name)
    run_sql(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def bridge(database_url: str) -> AsyncIterator[Bridge]:
    """A bridge to a migrated database of the test's own."""
    async with open_bridge(database_url) as opened:
        yield opened


@pytest.fixture
def own_data_dir(tmp_path: Path) -> Path:
    """A folder for a server that the test itself starts and stops."""
    return tmp_path / "data"


def server_process(data_dir: Path) -> psutil.Process | None:
    """The running server of this folder, found without asking the code under test."""
    cluster = str(data_dir / "postgres")
    for process in psutil.process_iter(["cmdline"]):
        if (process.info["cmdline"] or [])[1:3] == ["-D", cluster]:
            return process
    return None


@contextmanager
def hang_server(data_dir: Path) -> Iterator[None]:
    """The server of this folder neither answers nor ends meanwhile, nor does a process of it."""
    server = server_process(data_dir)
    assert server is not None
    server.suspend()
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(processes):
            process.resume()


@asynccontextmanager
async def hold_row(url: str, diagram_id: str) -> AsyncIterator[None]:
    """Another connection has the diagram's row locked meanwhile."""
    async with open_bridge(url) as bridge:
        held, release = trio.Event(), bridge.open_mailbox(1)

        async def hold() -> None:
            async with bridge.database.connection() as connection, connection.transaction():
                await connection.fetch("SELECT FROM diagrams WHERE id = $1 FOR UPDATE", diagram_id)
                bridge.post_to_trio(held.set)
                await release.wait_items()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(bridge.run, hold)
            with trio.fail_after(10):
                await held.wait()
            yield
            release.put_nowait(None)
