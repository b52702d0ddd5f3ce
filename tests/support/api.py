"""The HTTP API as it is really served: a socket, the front door, Postgres; and a client for it."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
import pytest
import trio
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from actors.registry import Registry
from gateway.administration import Administration
from gateway.agents_at_work import AgentsAtWork
from gateway.api.app import make_app
from gateway.api.doors import Doors
from gateway.api.openapi import make_document
from gateway.authentication import SESSION_COOKIE, Authenticator
from gateway.editor_files import EditorFiles, load_editor
from gateway.engine.engine import Engine
from gateway.front_door import FrontDoorSettings, serve_front_door
from gateway.identity import FULL_ACCESS
from gateway.live_sessions import LiveSessions
from gateway.local_access import MAX_RATE_LIMIT, create_agent, issue_link
from gateway.oauth.connections import Connections
from gateway.service import DiagramService
from gateway.sharing import Sharing
from gateway.trail import Trail
from persistence.access_changes import AccessChanges
from persistence.administration import AdminTables
from persistence.alerts import AlertTable
from persistence.audit import Audit
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue
from persistence.credentials import Credentials
from persistence.oauth import OAuthTables
from persistence.people import People
from persistence.postgres import PostgresStorage
from persistence.sharing import SharingTables
from persistence.sign_in import Person, SignIn
from tests.support.editor import write_editor

VERSION: Final = "9.8.7"
PERSON: Final = Person("local", "Ada <b>Lovelace</b>")
DOCUMENT: Final = make_document(VERSION)


class Api(msgspec.Struct, kw_only=True):
    """A server at ``url``. ``check_database`` can be replaced while it runs."""

    url: str
    service: DiagramService
    sharing: Sharing
    engine: Engine
    authenticator: Authenticator
    live: LiveSessions
    sign_in: SignIn
    credentials: Credentials
    check_database: Callable[[], Awaitable[object]]
    doors: Doors | None = None

    async def session_headers(self, token: str = "a-session-of-ada") -> dict[str, str]:
        """The cookie of a signed-in person."""
        expires_at = datetime.now(UTC) + timedelta(days=1)
        await self.sign_in.start_session(token, PERSON, expires_at)
        return {"Cookie": f"{SESSION_COOKIE}={token}"}

    async def key_headers(
        self, name: str = "agent", permissions: frozenset[str] = frozenset({FULL_ACCESS})
    ) -> dict[str, str]:
        """The key of a new agent."""
        agent = await create_agent(self.credentials, name, permissions, rate_limit=MAX_RATE_LIMIT)
        return {"Authorization": f"Bearer {agent.key}"}

    async def link(self, name: str | None = None) -> str:
        """A sign-in link, for a guest of this name if one is given."""
        return await issue_link(self.sign_in, self.url, name)

    def client(self, headers: Mapping[str, str] | None = None) -> httpx2.AsyncClient:
        """A client that holds every answer against the OpenAPI document."""
        return httpx2.AsyncClient(
            base_url=self.url,
            headers=dict(headers or {}),
            event_hooks={"response": [check_against_document]},
            trust_env=False,
            timeout=20,
        )

    @asynccontextmanager
    async def member(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client of a signed-in person."""
        async with self.client(await self.session_headers()) as client:
            yield client


@pytest.fixture
async def api(bridge: Bridge) -> AsyncIterator[Api]:
    """The API on a free port, with a database of its own."""
    async with serve_api(bridge) as served:
        yield served


@asynccontextmanager
async def serve_api(
    bridge: Bridge, settings: FrontDoorSettings | None = None, editor: EditorFiles | None = None
) -> AsyncIterator[Api]:
    """Serves until the end of the block, then ends in good order."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    address = f"127.0.0.1:{listeners[0].socket.getsockname()[1]}"
    async with trio.open_nursery() as nursery:
        storage = PostgresStorage(bridge)
        registry = Registry(storage, nursery)
        at_work = AgentsAtWork(registry)
        nursery.start_soon(at_work.run)
        service = DiagramService(
            Catalogue(bridge), registry, storage, Trail(Audit(bridge)), at_work
        )
        served = _compose(bridge, service, f"http://{address}")
        service.confirm = served.authenticator.confirm
        live = served.live

        async def check_database() -> object:
            return await served.check_database()

        served.doors = Doors(
            service=served.service,
            sharing=served.sharing,
            engine=served.engine,
            editor=editor or _small_editor(),
            authenticator=served.authenticator,
            live=live,
            connections=Connections(
                OAuthTables(bridge), served.credentials, lambda: None, service.trail.note
            ),
            admin=Administration(
                tables=AdminTables(bridge),
                credentials=served.credentials,
                people=People(bridge),
                live=live,
                audit=Audit(bridge),
                note=served.service.trail.note,
                alerts=AlertTable(bridge),
            ),
            check_database=check_database,
            version=VERSION,
            hosts=frozenset({address}),
            origins=frozenset({f"http://{address}"}),
        )
        app = make_app(served.doors)
        shutdown, stopped = trio.Event(), trio.Event()

        async def run(task_status: trio.TaskStatus[None]) -> None:
            await serve_front_door(
                listeners,
                _no_websocket,
                app,
                settings=settings,
                shutdown=shutdown,
                task_status=task_status,
            )
            stopped.set()

        await nursery.start(run)
        yield served
        shutdown.set()
        await registry.wait_all_closed()
        await stopped.wait()
        nursery.cancel_scope.cancel()


def _compose(bridge: Bridge, service: DiagramService, url: str) -> Api:
    sign_in, credentials = SignIn(bridge), Credentials(bridge)
    authenticator = Authenticator(sign_in, credentials)

    async def check_database() -> object:
        return await bridge.fetch("SELECT 1")

    return Api(
        url=url,
        service=service,
        sharing=Sharing(service, SharingTables(bridge), People(bridge), sign_in),
        engine=Engine(),
        authenticator=authenticator,
        live=LiveSessions(AccessChanges(bridge), authenticator),
        sign_in=sign_in,
        credentials=credentials,
        check_database=check_database,
    )


@cache
def _small_editor() -> EditorFiles:
    with tempfile.TemporaryDirectory() as folder:
        return load_editor(write_editor(Path(folder)))


async def _no_websocket(stream: trio.SocketStream, _already_read: bytes) -> None:
    await stream.aclose()


async def check_against_document(response: httpx2.Response) -> None:
    """Fails where the answer is not one that the OpenAPI document tells of."""
    await response.aread()
    method = response.request.method.lower()
    operation = find_operation(response.request.url.path).get(method)
    if operation is None or method == "head":
        return
    described = operation["responses"].get(str(response.status_code))
    assert described is not None, f"{response!r} is not in the document"
    if "content" not in described:
        assert response.content == b""
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in described["content"], f"{media_type} is not in the document"
    if media_type == "application/json":
        schema = described["content"][media_type]["schema"] | {"components": DOCUMENT["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(response.json())


def find_operation(path: str) -> dict[str, Any]:
    """The document's operations at a path, by their methods; none where the path is unknown."""
    paths: dict[str, dict[str, Any]] = DOCUMENT["paths"]
    if path in paths:
        return paths[path]
    steps = path.split("/")
    if not all(steps[1:]):
        return {}
    return next((paths[pattern] for pattern in paths if _fits(pattern.split("/"), steps)), {})


def _fits(pattern: list[str], steps: list[str]) -> bool:
    pairs = zip(pattern, steps, strict=False)
    return len(pattern) == len(steps) and all(
        wanted in (step, "{" + wanted.strip("{}") + "}") for wanted, step in pairs
    )
