"""OAuth clients, what people approved for them, and tokens; secrets are stored as hashes only."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from persistence.bridge import Bridge
from persistence.limits import (
    MAX_CONNECTIONS_PER_PERSON,
    MAX_OAUTH_CLIENTS,
    MAX_OLD_ACCESS_TOKENS,
    MAX_UNAPPROVED_CLIENTS,
    OAUTH_CLIENT_KEPT_SECONDS,
    OAUTH_CODE_KEPT_SECONDS,
)
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, is_storable
from persistence.secrets import hash_secret


class OAuthClientRow(msgspec.Struct, frozen=True):
    """A program that may ask a person for access. ``secret_hash`` only where it has a secret."""

    id: str
    name: str
    redirect_uris: list[str]
    auth_method: str
    secret_hash: str | None


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What a person approved, and for which request of which program."""

    client_id: str
    redirect_uri: str
    #: Whether the program named it; a program with only one may leave it out.
    names_redirect_uri: bool
    challenge: str
    resource: str
    person_id: str
    permissions: frozenset[str]
    all_diagrams: bool
    diagram_uuids: Sequence[str]
    ends_at: datetime


class CodeRow(msgspec.Struct, frozen=True):
    """A stored code. ``agent_id`` is whom it was spent for, while that agent is on record."""

    approval: Approval
    expires_at: datetime
    is_spent: bool
    agent_id: str | None


class NewTokens(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets of a pair of tokens. A refresh token is made of ``family`` and ``refresh``."""

    access: str
    family: str
    refresh: str


class Issued(msgspec.Struct, frozen=True):
    """What an access token is good for, and for how many seconds."""

    permissions: frozenset[str]
    seconds: float


class OAuthGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A grant in force and its agent. ``scopes`` are those of the token that it was found by."""

    grant_id: str
    client_id: str
    resource: str
    refresh_hash: str
    scopes: frozenset[str]
    agent_id: str
    name: str
    permissions: frozenset[str]
    owner_id: str | None
    all_diagrams: bool
    rate_limit: int
    last_used: datetime | None
    ends_at: datetime | None


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """An agent that a person approved. ``diagrams`` counts those it was given one by one."""

    agent_id: str
    name: str
    permissions: frozenset[str]
    all_diagrams: bool
    diagrams: int
    client_id: str
    redirect_uri: str
    created_at: datetime
    last_used: datetime | None
    expires_at: datetime | None


#: Inside the class the method of that name hides the builtin.
_Connections: TypeAlias = list[Connection]


class OAuthTables:
    """Reads and writes them. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def register(
        self,
        client: OAuthClientRow,
        registered_from: str,
    ) -> bool:
        """Stores a new client. ``False`` where there are too many, in all or from this network.

        Where there is no room, those go that were never approved, the oldest first: whoever
        registers many keeps nobody out.
        """
        await self._make_room()
        row = await self._bridge.write_row(
            sql("register_oauth_client"),
            client.id,
            client.name,
            client.redirect_uris,
            client.auth_method,
            client.secret_hash,
            registered_from,
            MAX_OAUTH_CLIENTS,
            MAX_UNAPPROVED_CLIENTS,
        )
        return row is not None

    async def remember(self, client_id: str, name: str, redirect_uris: Sequence[str]) -> bool:
        """Stores what a client's own document says. ``False`` where there are too many."""
        await self._make_room()
        row = await self._bridge.write_row(
            sql("remember_oauth_client"), client_id, name, list(redirect_uris), MAX_OAUTH_CLIENTS
        )
        return row is not None

    async def _make_room(self) -> None:
        await self._bridge.write(
            sql("drop_unused_oauth_clients"), OAUTH_CLIENT_KEPT_SECONDS, MAX_OAUTH_CLIENTS
        )

    async def find_client(self, client_id: str) -> OAuthClientRow | None:
        if not is_storable(client_id):
            return None
        row = await self._bridge.fetch_row(sql("find_oauth_client"), client_id)
        if row is None:
            return None
        return OAuthClientRow(
            row["id"], row["name"], row["redirect_uris"], row["auth_method"], row["secret_hash"]
        )

    async def issue_code(self, code: str, approval: Approval, seconds: float) -> bool:
        """Makes ``code`` good for one exchange. ``False`` where the person has
        MAX_CONNECTIONS_PER_PERSON already."""
        row = await self._bridge.write_row(
            sql("issue_oauth_code"),
            hash_secret(code),
            approval.client_id,
            approval.redirect_uri,
            approval.names_redirect_uri,
            approval.challenge,
            approval.resource,
            approval.person_id,
            _encode(approval.permissions),
            approval.all_diagrams,
            list(approval.diagram_uuids),
            approval.ends_at,
            seconds,
            OAUTH_CODE_KEPT_SECONDS,
            MAX_CONNECTIONS_PER_PERSON,
        )
        return row is not None

    async def find_code(self, code: str) -> CodeRow | None:
        """The code, spent or not, too old or not."""
        row = await self._bridge.fetch_row(sql("find_oauth_code"), hash_secret(code))
        if row is None:
            return None
        approval = Approval(
            client_id=row["client_id"],
            redirect_uri=row["redirect_uri"],
            names_redirect_uri=row["names_redirect_uri"],
            challenge=row["challenge"],
            resource=row["resource"],
            person_id=row["person_id"],
            permissions=_decode(row["permissions"]),
            all_diagrams=row["all_diagrams"],
            diagram_uuids=row["diagram_uuids"],
            ends_at=row["ends_at"],
        )
        return CodeRow(approval, row["expires_at"], row["grant_id"] is not None, row["agent_id"])

    async def spend_code(
        self, code: str, grant_id: str, agent_id: str, tokens: NewTokens, seconds: float
    ) -> Issued | None:
        """Makes the approved agent, and its first tokens. ``None`` where somebody was first, or the
        code is too old by now."""
        row = await self._bridge.write_row(
            sql("spend_oauth_code"),
            hash_secret(code),
            grant_id,
            agent_id,
            hash_secret(tokens.family),
            hash_secret(tokens.refresh),
            hash_secret(tokens.access),
            seconds,
        )
        return _issued(row)

    async def find_family(self, family: str) -> OAuthGrant | None:
        """The grant in force whose refresh tokens begin so; ask for ``refresh_hash`` as well."""
        row = await self._bridge.fetch_row(sql("find_oauth_grant"), hash_secret(family), None)
        return _grant(row)

    async def find_grant(self, grant_id: str) -> OAuthGrant | None:
        """The grant in force of this id."""
        return _grant(await self._bridge.fetch_row(sql("find_oauth_grant"), None, grant_id))

    async def rotate(
        self,
        grant_id: str,
        refresh_hash: str,
        tokens: NewTokens,
        permissions: Iterable[str],
        seconds: float,
    ) -> Issued | None:
        """Replaces a refresh token, and gives an access token with it. ``None`` where somebody
        came first with the same one, or the agent has ended."""
        row = await self._bridge.write_row(
            sql("rotate_oauth_tokens"),
            grant_id,
            refresh_hash,
            hash_secret(tokens.refresh),
            hash_secret(tokens.access),
            _encode(permissions),
            seconds,
            MAX_OLD_ACCESS_TOKENS,
        )
        return _issued(row)

    async def find_token(self, token: str) -> OAuthGrant | None:
        """The grant of an access token in force."""
        return _grant(await self._bridge.fetch_row(sql("find_oauth_token"), hash_secret(token)))

    async def list(self, person_id: str) -> _Connections:
        """The agents that a person approved and that are in force, newest first."""
        rows = await self._bridge.fetch(
            sql("list_connections"), person_id, MAX_CONNECTIONS_PER_PERSON
        )
        return [_connection(row) for row in rows]

    async def find_owner(self, agent_id: str) -> str | None:
        """Who approved this agent; ``None`` where nobody did, or it has ended."""
        if not is_storable(agent_id):
            return None
        row = await self._bridge.fetch_row(sql("find_connection_owner"), agent_id)
        return None if row is None else str(row["owner_id"])


def _encode(permissions: Iterable[str]) -> bytes:
    return msgspec.json.encode(sorted(permissions))


def _decode(value: bytes) -> frozenset[str]:
    return frozenset(decode_jsonb(value))


def _issued(row: Row | None) -> Issued | None:
    return None if row is None else Issued(_decode(row["permissions"]), row["seconds"])


def _grant(row: Row | None) -> OAuthGrant | None:
    if row is None:
        return None
    return OAuthGrant(
        grant_id=row["grant_id"],
        client_id=row["client_id"],
        resource=row["resource"],
        refresh_hash=row["refresh_hash"],
        scopes=_decode(row["scopes"]),
        agent_id=row["agent_id"],
        name=row["name"],
        permissions=_decode(row["permissions"]),
        owner_id=row["owner_id"],
        all_diagrams=row["all_diagrams"],
        rate_limit=row["rate_limit"],
        last_used=row["last_used"],
        ends_at=row["ends_at"],
    )


def _connection(row: Row) -> Connection:
    return Connection(
        agent_id=row["agent_id"],
        name=row["name"],
        permissions=_decode(row["permissions"]),
        all_diagrams=row["all_diagrams"],
        diagrams=row["diagrams"],
        client_id=row["client_id"],
        redirect_uri=row["redirect_uri"],
        created_at=row["created_at"],
        last_used=row["last_used"],
        expires_at=row["expires_at"],
    )
