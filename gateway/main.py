"""Wires everything together and serves it; the only file that knows all parts."""

import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import partial

import msgspec
import trio

from actors.registry import Registry
from gateway.administration import Administration
from gateway.agents_at_work import AgentsAtWork
from gateway.api.app import make_app
from gateway.api.doors import Doors
from gateway.asgi import combine
from gateway.authentication import Authenticator
from gateway.editor_files import load_editor
from gateway.engine.engine import Engine
from gateway.front_door import MAX_CONNECTIONS, FrontDoorSettings, serve_front_door
from gateway.guarding import Guard, open_guard
from gateway.identity import JWT_PERSON
from gateway.jwt_identity import JwtIdentity
from gateway.live_sessions import LiveSessions
from gateway.local_access import issue_link
from gateway.mcp.watching import Watching
from gateway.mcp_server import McpApp, build_server
from gateway.oauth.app import OAuthApp, OAuthParts
from gateway.oauth.connections import Connections
from gateway.oauth.documents import ClientDocuments
from gateway.oauth.fetching import Fetcher
from gateway.proxies import Proxies, behind_proxies
from gateway.service import DiagramService
from gateway.session import Surroundings
from gateway.settings import (
    DEFAULT_PORT,
    VERSION,
    Settings,
    allowed_hosts,
    allowed_origins,
    own_command,
    url_host,
)
from gateway.sharing import Sharing, watch_expired_links
from gateway.socket_door import SocketDoor
from gateway.storage_access import keep_database_up, open_database
from gateway.trail import charge_engine
from gateway.websocket_connection import serve_websocket
from persistence.access_changes import AccessChanges
from persistence.administration import AdminTables
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue
from persistence.credentials import Credentials
from persistence.oauth import OAuthTables
from persistence.people import People
from persistence.postgres import PostgresStorage
from persistence.sharing import SharingTables
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
    engine: Engine
    live: LiveSessions
    authenticator: Authenticator
    guard: Guard


async def run_server(settings: Settings) -> None:
    """Serves until it is told to end; then every diagram is made durable first."""
    _allow_connections()
    # Left last: who asks a second time does not cut short what the first time has begun.
    with ExitStack() as until_stopped:
        async with open_server(settings) as serving, trio.open_nursery() as nursery:
            print(await greeting(settings, serving), flush=True)
            nursery.start_soon(serving.engine.warm)
            receiver = trio.open_signal_receiver(*_ending_signals())
            async for _ in until_stopped.enter_context(receiver):
                log.info("stopping")
                nursery.cancel_scope.cancel()
                break


def _ending_signals() -> list[signal.Signals]:
    """What ends the server in good order: also that its terminal is closed, but for ``nohup``."""
    ending = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        ending.append(signal.SIGHUP)
    return ending


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
    async with (
        open_database(settings) as bridge,
        open_guard(settings, bridge) as guard,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(keep_database_up, settings)
        storage = PostgresStorage(bridge)
        registry = Registry(storage, nursery)
        at_work = AgentsAtWork(registry)
        nursery.start_soon(at_work.run)
        nursery.start_soon(watch_expired_links, SharingTables(bridge))
        service = DiagramService(Catalogue(bridge), registry, storage, guard.trail, at_work)
        service.quota = guard.quota
        doors = _open_doors(settings, bridge, storage, registry, service, guard=guard)
        async with doors as serving:
            yield serving
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def _open_doors(
    settings: Settings,
    bridge: Bridge,
    storage: PostgresStorage,
    registry: Registry,
    service: DiagramService,
    *,
    guard: Guard,
) -> AsyncIterator[Serving]:
    """Opens the port, with WebSocket, HTTP API and MCP behind it, and closes it at the end."""
    sign_in, credentials = SignIn(bridge), Credentials(bridge)
    engine = Engine()
    engine.on_run = charge_engine
    authenticator = _make_authenticator(settings, bridge, guard)
    service.confirm = authenticator.confirm
    live = LiveSessions(AccessChanges(bridge), authenticator)
    service.access_taken = live.look_now
    proxies = Proxies(settings.trusted_proxies)
    listeners = await _listen(settings)
    port: int = listeners[0].socket.getsockname()[1]
    hosts = allowed_hosts(settings, port)
    origins = allowed_origins(hosts, settings.public_origins)
    door = SocketDoor(Surroundings(authenticator, service, registry, live), hosts, origins, proxies)
    mcp = McpApp(
        build_server(service, engine, Watching(registry, service)),
        authenticator.identify,
        allowed_hosts=hosts,
        allowed_origins=origins,
        live=live,
    )
    doors = Doors(
        service=service,
        sharing=Sharing(service, SharingTables(bridge), People(bridge), sign_in),
        engine=engine,
        editor=load_editor(),
        authenticator=authenticator,
        live=live,
        connections=Connections(OAuthTables(bridge), credentials, live.look_now, guard.trail.note),
        admin=_make_administration(bridge, live, guard),
        check_database=bridge.ping,
        version=VERSION,
        hosts=hosts,
        origins=origins,
    )
    oauth = _make_oauth(settings, bridge, doors, mcp)
    app = behind_proxies(combine(make_app(doors), mcp, oauth), proxies)
    shutdown = trio.Event()
    async with mcp.run(), live.running(), trio.open_nursery() as nursery:
        sockets = partial(serve_websocket, admit=door.admit, handle=door.serve)
        await nursery.start(_front_door(proxies, shutdown), listeners, sockets, app)
        base_url = f"http://{url_host(settings.host)}:{port}"
        try:
            yield Serving(
                base_url=base_url,
                port=port,
                registry=registry,
                service=service,
                sign_in=sign_in,
                credentials=credentials,
                storage=storage,
                engine=engine,
                live=live,
                authenticator=authenticator,
                guard=guard,
            )
        finally:
            # First every diagram is made durable and its followers are told, then they go.
            mcp.end_streams()
            await _close_diagrams(registry)
            shutdown.set()


async def _listen(settings: Settings) -> list[trio.SocketListener]:
    """Raises OSError that says which address and port it is about."""
    try:
        return await trio.open_tcp_listeners(settings.port, host=settings.host)
    except OSError as error:
        reason = error.strerror or error
        message = f"Cannot listen at {settings.host}, port {settings.port}: {reason}."
        raise OSError(message) from error


def _front_door(proxies: Proxies, shutdown: trio.Event) -> Callable[..., Awaitable[None]]:
    """Serves by the port until ``shutdown``; by a named proxy's address many may come."""
    bounds = FrontDoorSettings(is_shared=proxies.is_shared)
    return partial(serve_front_door, settings=bounds, shutdown=shutdown)


async def _close_diagrams(registry: Registry) -> None:
    """Makes what is open durable, for as long as that may take, even where all is cancelled."""
    with trio.CancelScope(shield=True), trio.move_on_after(SHUTDOWN_GRACE_SECONDS):
        await registry.wait_all_closed()


def _make_administration(bridge: Bridge, live: LiveSessions, guard: Guard) -> Administration:
    return Administration(
        tables=AdminTables(bridge),
        credentials=Credentials(bridge),
        people=People(bridge),
        live=live,
        audit=guard.audit,
        note=guard.trail.note,
        alerts=guard.alert_table,
    )


def _make_authenticator(settings: Settings, bridge: Bridge, guard: Guard) -> Authenticator:
    return Authenticator(
        SignIn(bridge),
        Credentials(bridge),
        people=People(bridge),
        attempts=guard.limits,
        jwt=JwtIdentity(settings.jwt, settings.admins) if settings.jwt.is_configured else None,
        admins=frozenset(f"{JWT_PERSON}{subject}" for subject in settings.admins),
    )


def _make_oauth(settings: Settings, bridge: Bridge, doors: Doors, mcp: McpApp) -> OAuthApp:
    """What lets agents in by the address, beside the doors that the HTTP API has."""
    return OAuthApp(
        OAuthParts(
            tables=OAuthTables(bridge),
            credentials=Credentials(bridge),
            authenticator=doors.authenticator,
            service=doors.service,
            connections=doors.connections,
            mcp=mcp,
            documents=ClientDocuments(Fetcher()) if settings.client_documents else None,
            hosts=doors.hosts,
            origins=doors.origins,
        )
    )


async def greeting(settings: Settings, serving: Serving) -> str:
    """What to open, and how an agent connects."""
    link = await issue_link(serving.sign_in, serving.base_url)
    command = own_command()
    data = "the server of DATABASE_URL" if settings.database_url else settings.data_dir.resolve()
    # Where sign-in would not find it by itself.
    port = "" if str(serving.port) == _expected_port() else f" --port {serving.port}"
    return f"""
DiagramAI {VERSION}

  Open         {link}
               (works once; `{command} sign-in{port}` prints another)
  Agents       {command} agents create my-agent        makes a key
               MCP at {serving.base_url}/mcp with the header  Authorization: Bearer KEY
  Data         {data}

Ctrl-C stops it; nothing is lost."""


def _expected_port() -> str:
    return os.environ.get("DIAGRAMAI_PORT") or str(DEFAULT_PORT)
