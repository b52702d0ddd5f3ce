"""One real server for all tests of the client, a diagram for each, and both event loops."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from queue import SimpleQueue
from secrets import token_hex
from typing import TypeVar
from uuid import uuid4

import msgspec
import pytest
import trio

from gateway.templates import make_template
from tests.client.running import BACKENDS, Backend
from tests.support.postgres import database_named, run_sql
from tests.support.serving import PERSON, Site, open_site

T = TypeVar("T")
_DATABASE = "test_client"


class Server(msgspec.Struct):
    """A server in a thread with a loop of its own, as a program elsewhere would be."""

    site: Site
    database_url: str
    token: trio.lowlevel.TrioToken
    stop: trio.Event

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Runs something on the server's loop, and waits for it on the test's."""
        return await trio.to_thread.run_sync(
            lambda: trio.from_thread.run(work, trio_token=self.token)
        )


async def _serve(database_url: str, ready: SimpleQueue[Server]) -> None:
    async with open_site(database_url) as site:
        server = Server(site, database_url, trio.lowlevel.current_trio_token(), trio.Event())
        ready.put(server)
        await server.stop.wait()


@pytest.fixture(scope="session")
def server(postgres_url: str, _migrated_template: str) -> Iterator[Server]:
    run_sql(postgres_url, f"CREATE DATABASE {_DATABASE} TEMPLATE {_migrated_template}")
    ready: SimpleQueue[Server] = SimpleQueue()
    url = database_named(postgres_url, _DATABASE)
    thread = threading.Thread(target=trio.run, args=(_serve, url, ready))
    thread.start()
    running = ready.get(timeout=60)
    yield running
    running.token.run_sync_soon(running.stop.set)
    thread.join()
    run_sql(postgres_url, f"DROP DATABASE {_DATABASE} WITH (FORCE)")


@pytest.fixture
async def site(server: Server) -> Site:
    """The server with a new flowchart."""
    service, chart = server.site.serving.service, make_template("flowchart", "Chart", "A chart")
    make = partial(service.create, PERSON, diagram=chart, id=token_hex(8), uuid=str(uuid4()))
    record = await server.call(make)
    return msgspec.structs.replace(server.site, diagram_id=record.id, diagram_uuid=record.uuid)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """The event loop that the client runs on."""
    found: Backend = request.param
    return found
