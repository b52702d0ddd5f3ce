"""One of each kind of participant on one real server, and the diagrams they meet there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
import msgspec
import pytest
from quart_trio import QuartTrio

from gateway import main
from gateway.access import Role
from gateway.authentication import SESSION_COOKIE
from gateway.identity import CREATE, DELETE, EDIT, FULL_ACCESS, READ, person_principal
from gateway.local_access import create_agent
from gateway.main import Serving, open_server
from gateway.mcp_server import DiagramServer
from gateway.settings import Settings
from gateway.templates import make_template
from persistence.sign_in import Person

LOCAL: Final = person_principal("local", "You", "local")
OWNER: Final = person_principal("jwt:owner", "Olga", "jwt")
#: Operations a minute: what is tried here is not to be refused for being tried often.
_UNLIMITED: Final = 1_000_000
NOTHING: Final[frozenset[str]] = frozenset()
LOOK: Final = frozenset({READ})
CHANGE: Final = frozenset({READ, EDIT})
AGENT_ALL: Final = frozenset({READ, EDIT, DELETE})
SHARE: Final = "share"
OWN: Final = frozenset({READ, EDIT, DELETE, SHARE})


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what the rule grants them on the diagram, written down by hand."""

    name: str
    allowed: frozenset[str]
    may_create: bool = True
    is_agent: bool = False
    #: A key that reads nothing is told so, whichever diagram it asks for.
    is_blind: bool = False
    #: Of the diagram that is closed to agents.
    on_closed: bool = False


def _agent(name: str, allowed: frozenset[str], **more: Any) -> Kind:
    return Kind(name=name, allowed=allowed, is_agent=True, **more)


KINDS: Final = (
    Kind(name="local", allowed=OWN),
    Kind(name="guest of the machine", allowed=CHANGE),
    Kind(name="owner", allowed=OWN),
    Kind(name="editor", allowed=CHANGE),
    Kind(name="viewer", allowed=LOOK),
    Kind(name="stranger", allowed=NOTHING),
    Kind(name="link viewer", allowed=LOOK, may_create=False),
    Kind(name="link editor", allowed=CHANGE, may_create=False),
    Kind(name="owner on closed", allowed=OWN, on_closed=True),
    _agent("reads", LOOK, may_create=False),
    _agent("creates", NOTHING, is_blind=True),
    _agent("edits", NOTHING, may_create=False, is_blind=True),
    _agent("deletes", NOTHING, may_create=False, is_blind=True),
    _agent("reads and edits", CHANGE, may_create=False),
    _agent("reads and deletes", frozenset({READ, DELETE}), may_create=False),
    _agent("full", AGENT_ALL),
    _agent("full, granted read", LOOK),
    _agent("full, granted full", AGENT_ALL),
    _agent("full, granted nothing", NOTHING),
    _agent("reads, granted full", LOOK, may_create=False),
    _agent("confined, granted edit", CHANGE),
    _agent("confined, granted elsewhere", NOTHING),
    _agent("of the owner", AGENT_ALL),
    _agent("of the viewer", LOOK),
    _agent("of the stranger", NOTHING),
    _agent("of the stranger, granted full", NOTHING),
    _agent("full on closed", NOTHING, on_closed=True),
    _agent("confined, granted closed", NOTHING, on_closed=True),
)

_PEOPLE: Final = {
    "local": "local",
    "guest of the machine": "local:Ann",
    "owner": "jwt:owner",
    "owner on closed": "jwt:owner",
    "editor": "jwt:editor",
    "viewer": "jwt:viewer",
    "stranger": "jwt:stranger",
}
_ROLES: Final[dict[str, Role]] = {"jwt:editor": "editor", "jwt:viewer": "viewer"}
_LINK_ROLES: Final[dict[str, Role]] = {"link viewer": "viewer", "link editor": "editor"}
_KEYS: Final = {
    "reads": {READ},
    "creates": {CREATE},
    "edits": {EDIT},
    "deletes": {DELETE},
    "reads and edits": {READ, EDIT},
    "reads and deletes": {READ, DELETE},
    "reads, granted full": {READ},
}
#: What each agent's key says besides its permissions.
_BOUNDS: Final[dict[str, dict[str, Any]]] = {
    "confined, granted edit": {"all_diagrams": False},
    "confined, granted elsewhere": {"all_diagrams": False},
    "confined, granted closed": {"all_diagrams": False},
    "of the owner": {"owner_id": "jwt:owner"},
    "of the viewer": {"owner_id": "jwt:viewer"},
    "of the stranger": {"owner_id": "jwt:stranger"},
    "of the stranger, granted full": {"owner_id": "jwt:stranger"},
}
_GRANTS: Final = {
    "full, granted read": ("shared", [READ]),
    "full, granted full": ("shared", [FULL_ACCESS]),
    "full, granted nothing": ("shared", []),
    "reads, granted full": ("shared", [FULL_ACCESS]),
    "confined, granted edit": ("shared", [READ, EDIT]),
    "confined, granted elsewhere": ("other", [FULL_ACCESS]),
    "confined, granted closed": ("closed", [FULL_ACCESS]),
    "of the stranger, granted full": ("shared", [FULL_ACCESS]),
}


class Company(msgspec.Struct):
    """Everybody, with the headers that prove it; ``{}`` are nobody's."""

    serving: Serving
    app: QuartTrio
    mcp: DiagramServer
    #: Ids of "shared", "closed", "other", and "trashed" of the owner.
    diagrams: dict[str, str]
    headers: dict[str, dict[str, str]]

    def http(self, headers: Mapping[str, str]) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.serving.base_url, headers=dict(headers), trust_env=False, timeout=30
        )

    def target(self, kind: Kind) -> str:
        return self.diagrams["closed" if kind.on_closed else "shared"]


@asynccontextmanager
async def open_company(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Company]:
    """Serves for the time of the body."""
    made: dict[str, Any] = {}
    for name in ("make_app", "build_server"):
        monkeypatch.setattr(main, name, _keeping(made, name, getattr(main, name)))
    async with open_server(Settings(port=0, database_url=database_url)) as serving:
        company = Company(serving, made["make_app"], made["build_server"], {}, {})
        await _draw(company)
        await _sign_in_people(company)
        await _send_links(company)
        await _make_agents(company)
        yield company


def _keeping(made: dict[str, Any], name: str, make: Any) -> Any:
    def kept(*arguments: Any) -> Any:
        made[name] = make(*arguments)
        return made[name]

    return kept


async def _draw(company: Company) -> None:
    service = company.serving.service
    for name in ("shared", "closed", "other", "trashed"):
        record = await service.create(
            OWNER,
            diagram=make_template("flowchart", name, None),
            agent_accessible=name != "closed",
        )
        company.diagrams[name] = record.id
    await service.delete(OWNER, company.diagrams["trashed"])


async def _sign_in_people(company: Company) -> None:
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    for name, person_id in _PEOPLE.items():
        token = f"session-of-{name.replace(' ', '-')}"
        await company.serving.sign_in.start_session(token, Person(person_id, name), expires_at)
        company.headers[name] = {"cookie": f"{SESSION_COOKIE}={token}"}
    async with company.http(company.headers["owner"]) as owner:
        for person_id, role in _ROLES.items():
            for diagram in ("shared", "closed"):
                path = f"/api/diagrams/{company.diagrams[diagram]}/members/{person_id}"
                assert (await owner.put(path, json={"role": role})).status_code == 200


async def _send_links(company: Company) -> None:
    for name, role in _LINK_ROLES.items():
        async with company.http(company.headers["owner"]) as owner:
            path = f"/api/diagrams/{company.diagrams['shared']}/share-links"
            url: str = (await owner.post(path, json={"role": role})).json()["data"]["url"]
        async with company.http({}) as stranger:
            body = {"token": url.partition("#")[2], "name": name}
            answer = await stranger.post("/api/share-links/redeem", json=body)
        assert answer.json()["data"]["isGuest"], answer.text
        company.headers[name] = {"cookie": answer.headers["set-cookie"].partition(";")[0]}


async def _make_agents(company: Company) -> None:
    for kind in KINDS:
        if not kind.is_agent:
            continue
        permissions = _KEYS.get(kind.name, {FULL_ACCESS})
        agent = await create_agent(
            company.serving.credentials,
            kind.name,
            permissions,
            rate_limit=_UNLIMITED,
            **_BOUNDS.get(kind.name, {}),
        )
        company.headers[kind.name] = {"authorization": f"Bearer {agent.key}"}
    async with company.http(company.headers["owner"]) as owner:
        for name, (diagram, granted) in _GRANTS.items():
            path = f"/api/diagrams/{company.diagrams[diagram]}/agents/{name}"
            answer = await owner.put(path, json={"permissions": granted})
            assert answer.status_code == 200, answer.text
