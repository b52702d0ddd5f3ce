"""Wires everything together and serves it; the only file that knows all parts."""

import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import trio

from actors.registry import Registry
from gateway.agents_at_work import AgentsAtWork
from gateway.api.app import make_app
from gateway.api.doors import Doors
from gateway.asgi import combine
from gateway.authentication import Authenticator
from gateway.editor_files import load_editor
from gateway.engine.engine import Engine
from gateway.front_door import MAX_CONNECTIONS, serve_front_door
from gateway.local_access import issue_link
from gateway.mcp.watching import Watching
from gateway.mcp_server import McpApp, build_server
from gateway.service import DiagramService
from gateway.settings import (
    VERSION,
    Settings,
    allowed_hosts,
    allowed_origins,
    own_command,
    url_host,
)
from gateway.socket_door import SocketDoor
from gateway.storage_access import keep_database_up, open_database
from gateway.websocket_connection import serve_websocket
from persistence.audit import Audit
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue
from persistence.credentials import Credentials
from persistence.postgres import PostgresStorage
from persistence.sign_in import SignIn

log = logging.getLogger("diagramai")

#: Seconds that open diagrams get at the end to make their last edits durable.
SHUTDOWN_GRACE_SECONDS = 10.0


class Serving(msgspec.Struct):
    """A server that answers: where, and the parts that its starter may need."""

    base_url: str
    port: int
    registry: Registry
    service: DiagramService
    sign_in: SignIn
    credentials: Credentials
    storage: PostgresStorage


async def run_server(settings: Settings) -> None:
    """Serves until interrupted or terminated; then every diagram is made durable first."""
    _allow_connections()
    async with open_server(settings) as serving:
        print(await greeting(settings, serving), flush=True)
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                log.info("stopping")
                return


def _allow_connections() -> None:
    """Lets this process have as many sockets as the door admits, where the system allows it."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_CONNECTIONS
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


@asynccontextmanager
async def open_server(settings: Settings) -> AsyncIterator[Serving]:
    """A running server for the time of the body.

    Raises ServiceError ``not_loopback``, PersistenceError, or OSError where the port is taken.
    """
    settings.check()
    async with open_database(settings) as bridge, trio.open_nursery() as nursery:
        nursery.start_soon(keep_database_up, settings)
        storage = PostgresStorage(bridge)
        registry = Registry(storage, nursery)
        at_work = AgentsAtWork(registry)
        nursery.start_soon(at_work.run)
        service = DiagramService(Catalogue(bridge), registry, storage, Audit(bridge), at_work)
        async with _open_doors(settings, bridge, storage, registry, service) as serving:
            yield serving
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def _open_doors(
    settings: Settings,
    bridge: Bridge,
    storage: PostgresStorage,
    registry: Registry,
    service: DiagramService,
) -> AsyncIterator[Serving]:
    """Opens the port, with WebSocket, HTTP API and MCP behind it, and closes it at the end."""
    sign_in, credentials = SignIn(bridge), Credentials(bridge)
    engine = Engine()
    authenticator = Authenticator(sign_in, credentials)
    listeners = await trio.open_tcp_listeners(settings.port, host=settings.host)
    port: int = listeners[0].socket.getsockname()[1]
    hosts = allowed_hosts(settings, port)
    origins = allowed_origins(hosts)
    door = SocketDoor(authenticator, service, registry, hosts, origins)
    mcp = McpApp(
        build_server(service, engine, Watching(registry, service)),
        authenticator.identify,
        allowed_hosts=hosts,
        allowed_origins=origins,
    )
    http = make_app(
        Doors(
            service=service,
            engine=engine,
            editor=load_editor(),
            authenticator=authenticator,
            check_database=bridge.ping,
            version=VERSION,
            hosts=hosts,
            origins=origins,
        )
    )
    shutdown = trio.Event()
    async with mcp.run(), trio.open_nursery() as nursery:
        await nursery.start(
            partial(
                serve_front_door,
                listeners,
                partial(serve_websocket, admit=door.admit, handle=door.serve),
                combine(http, mcp),
                shutdown=shutdown,
            )
        )
        nursery.start_soon(engine.warm)
        base_url = f"http://{url_host(settings.host)}:{port}"
        try:
            yield Serving(base_url, port, registry, service, sign_in, credentials, storage)
        finally:
            # First every diagram is made durable and its followers are told, then they go.
            mcp.end_streams()
            with trio.CancelScope(shield=True), trio.move_on_after(SHUTDOWN_GRACE_SECONDS):
                await registry.wait_all_closed()
            shutdown.set()


async def greeting(settings: Settings, serving: Serving) -> str:
    """What to open, and how an agent connects."""
    link = await issue_link(serving.sign_in, serving.base_url)
    command = own_command()
    data = "the server of DATABASE_URL" if settings.database_url else settings.data_dir.resolve()
    return f"""
DiagramAI {VERSION}

  Open         {link}
               (works once; `{command} sign-in` prints another)
  Agents       {command} agents create my-agent        makes a key
               MCP at {serving.base_url}/mcp with the header  Authorization: Bearer KEY
  Data         {data}

Ctrl-C stops it; nothing is lost."""
