"""One server for all tests of a module, in a thread and an event loop of its own.

Every test finds no agents and no diagrams but its own. The parts of the server are called from the
tests' own loops as if they were in them. What is patched runs in the server's loop, so a test whose
patch waits for something of the test's takes the ``world`` of ``tests.support.mcp`` instead.
"""

import inspect
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from typing import Any, Final, TypeVar, cast

import msgspec
import pytest
import trio

from tests.support.mcp import McpWorld, open_world
from tests.support.postgres import new_database

_T = TypeVar("_T")
_START_SECONDS: Final = 60
_CLEAR: Final = """
WITH forgotten AS (DELETE FROM agent_credentials)
UPDATE diagrams SET deleted_at = now() WHERE deleted_at IS NULL
"""


class SharedServer:
    """A running server and the loop that it runs in."""

    def __init__(self, world: McpWorld, database_url: str, nursery: trio.Nursery) -> None:
        self.database_url = database_url
        self._token = trio.lowlevel.current_trio_token()
        self._nursery = nursery
        self._serving = world.serving
        parts = ("registry", "service", "sign_in", "credentials", "storage")
        called = {name: cast(Any, _Part(self, getattr(world.serving, name))) for name in parts}
        self.world = McpWorld(msgspec.structs.replace(world.serving, **called))

    async def run(self, function: Callable[..., Awaitable[_T]], *args: Any, **options: Any) -> _T:
        """Calls an async function in the server's loop; waiting for it can be cancelled."""
        there = partial(function, *args, **options)
        if trio.lowlevel.current_trio_token() is self._token:
            return await there()
        return await trio.to_thread.run_sync(
            lambda: trio.from_thread.run(there, trio_token=self._token), abandon_on_cancel=True
        )

    def call(self, function: Callable[..., Awaitable[_T]], *args: Any, **options: Any) -> _T:
        """The same for fixtures without a loop."""
        there = partial(function, *args, **options)
        return trio.from_thread.run(there, trio_token=self._token)

    @contextmanager
    def hold(self, manager: AbstractAsyncContextManager[_T]) -> Iterator[_T]:
        """Enters something in the server's loop; its async methods can be called from any."""
        left = trio.Event()

        async def enter(task_status: trio.TaskStatus[_T]) -> None:
            async with manager as entered:
                task_status.started(entered)
                await left.wait()

        async def start() -> _T:
            entered: _T = await self._nursery.start(enter)
            return entered

        entered = self.call(start)
        try:
            yield cast(_T, _Part(self, entered))
        finally:
            trio.from_thread.run_sync(left.set, trio_token=self._token)

    async def clear(self) -> None:
        """Hides what earlier tests have made, and frees the names of their agents."""
        await self.run(self._serving.storage._bridge.write_row, _CLEAR)


class _Part:
    """A part of the server, whose async methods are called in the server's loop."""

    def __init__(self, server: SharedServer, part: object) -> None:
        self._server = server
        self._part = part

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._part, name)
        if inspect.iscoroutinefunction(value):
            return partial(self._server.run, value)
        return value


@contextmanager
def serve_in_thread(database_url: str) -> Iterator[SharedServer]:
    """A server for the time of the body."""
    started: list[tuple[SharedServer, trio.Event]] = []
    failed: list[BaseException] = []
    ready = threading.Event()

    async def serve() -> None:
        stop = trio.Event()
        async with open_world(database_url) as world, trio.open_nursery() as nursery:
            started.append((SharedServer(world, database_url, nursery), stop))
            ready.set()
            await stop.wait()

    def run() -> None:
        try:
            trio.run(serve)
        except BaseException as error:
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="shared server")
    thread.start()
    assert ready.wait(_START_SECONDS), "the server starts in time"
    try:
        if started:
            yield started[0][0]
    finally:
        for server, stop in started:
            trio.from_thread.run_sync(stop.set, trio_token=server._token)
        thread.join(_START_SECONDS)
    if failed:
        raise failed[0]


@pytest.fixture(scope="module")
def shared_server(postgres_url: str, _migrated_template: str) -> Iterator[SharedServer]:
    """The server of this module's tests, with a database of its own."""
    with new_database(postgres_url, _migrated_template) as url, serve_in_thread(url) as server:
        yield server


@pytest.fixture
async def world(shared_server: SharedServer) -> McpWorld:
    """The module's server, without anything that other tests have left."""
    await shared_server.clear()
    return shared_server.world
