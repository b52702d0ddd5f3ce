"""The door of ``/mcp`` alone on a real socket, with whatever tools a test brings."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import msgspec
import trio
from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated, ServerEvent
from mcp_types import ResourceListChangedNotification, ResourceUpdatedNotification

from actors.ports import Author
from gateway.errors import ServiceError
from gateway.front_door import serve_front_door
from gateway.identity import FULL_ACCESS, Principal
from gateway.mcp.door import Authenticate, McpApp
from gateway.mcp.server import DiagramServer
from tests.support.mcp import LEGACY, stdio_command


class Door(msgspec.Struct):
    """A door that is open."""

    app: McpApp
    base_url: str

    @property
    def url(self) -> str:
        return f"{self.base_url}/mcp"


async def key_is_name(headers: Mapping[str, str]) -> Principal | None:
    """Whoever says a name is believed."""
    name = headers.get("authorization", "").removeprefix("Bearer ")
    if name == "broken":
        raise ServiceError("unavailable", "The database is away; try again.", retry=True)
    return Principal(Author("agent", name, name), frozenset({FULL_ACCESS})) if name else None


@asynccontextmanager
async def open_door(
    server: DiagramServer, authenticate: Authenticate = key_is_name, **options: Any
) -> AsyncIterator[Door]:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    hosts = [f"127.0.0.1:{port}", f"localhost:{port}"]
    origins = [f"http://{host}" for host in hosts]
    app = McpApp(server, authenticate, allowed_hosts=hosts, allowed_origins=origins, **options)

    async def serve(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http":
            await app(dict(scope), receive, send)  # type: ignore[arg-type]
        else:
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})

    async def no_websocket(stream: trio.SocketStream, _already_read: bytes) -> None:
        await stream.aclose()

    async with app.run(), trio.open_nursery() as nursery:
        await nursery.start(partial(serve_front_door, listeners, no_websocket, serve))
        yield Door(app, f"http://127.0.0.1:{port}")
        app.end_streams()
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def connect_raw(
    base_url: str, key: str, mode: str, *, stdio: bool, **options: Any
) -> AsyncIterator[Client]:
    """The SDK's client, over HTTP or through ``diagramai mcp``, with its callbacks."""
    if stdio:
        async with Client(stdio_command(base_url, key), mode=mode, **options) as client:
            yield client
        return
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http,
        Client(
            streamable_http_client(f"{base_url}/mcp", http_client=http), mode=mode, **options
        ) as client,
    ):
        yield client


#: Stands among the addresses that were told for the list of resources.
LISTING = "the list"


class Heard:
    """What a subscriber has been told."""

    def __init__(self) -> None:
        self.uris: list[str] = []
        self._changed = trio.Event()

    def put(self, uri: str) -> None:
        self.uris.append(uri)
        self._changed.set()
        self._changed = trio.Event()

    async def wait(self, uris: Iterable[str], after: int = 0) -> None:
        """Until each of them has been told of, not counting the first ``after``."""
        with trio.fail_after(20):
            while not set(uris) <= set(self.uris[after:]):
                await self._changed.wait()


@asynccontextmanager
async def subscribed(
    base_url: str, key: str, mode: str, uris: list[str], *, stdio: bool
) -> AsyncIterator[Heard]:
    """Subscribed in the way of the client's protocol era."""
    heard = Heard()

    async def take(message: object) -> None:
        if mode == LEGACY and isinstance(message, ResourceUpdatedNotification):
            heard.put(str(message.params.uri))
        elif mode == LEGACY and isinstance(message, ResourceListChangedNotification):
            heard.put(LISTING)

    async with connect_raw(base_url, key, mode, stdio=stdio, message_handler=take) as client:
        if mode == LEGACY:
            for uri in uris:
                await client.subscribe_resource(uri)
            yield heard
            return
        async with (
            client.listen(resource_subscriptions=uris, resources_list_changed=True) as events,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(_hear, events, heard)
            yield heard
            nursery.cancel_scope.cancel()


async def _hear(events: AsyncIterable[ServerEvent], heard: Heard) -> None:
    async for event in events:
        if isinstance(event, ResourceUpdated):
            heard.put(event.uri)
        elif isinstance(event, ResourcesListChanged):
            heard.put(LISTING)
