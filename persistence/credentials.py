"""Agents, their keys and session tokens. Each is stored as its hash; a key's prefix, which is no
secret, finds it."""

import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from persistence.bridge import Bridge
from persistence.limits import LAST_USED_RESOLUTION_SECONDS, MAX_AGENT_SESSIONS, MAX_OLD_KEYS
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, is_storable
from persistence.secrets import hash_secret

#: Of an agent without a key; no hash looks like it.
_NO_KEY = ""


class AgentCredential(msgspec.Struct, frozen=True):
    """One agent. ``api_key`` is the hash of its key, ``rate_limit`` counts requests a minute.

    Found by a key that was replaced, ``key_prefix`` and ``api_key`` are of that. ``in_force`` is
    whether the key, or the token, and the agent are good just now, ``ends_at`` until when.
    """

    agent_id: str
    name: str
    key_prefix: str | None
    api_key: str
    permissions: frozenset[str]
    rate_limit: int
    created_at: datetime
    last_used: datetime | None
    active: bool
    owner_id: str | None = None
    all_diagrams: bool = True
    #: Of the agent itself; ``None``: none.
    expires_at: datetime | None = None
    in_force: bool = True
    ends_at: datetime | None = None

    def matches(self, key: str) -> bool:
        """Whether ``key`` is this agent's and still good; takes the same time either way."""
        return hmac.compare_digest(self.api_key, hash_secret(key)) and self.in_force


class AgentSession(msgspec.Struct, frozen=True):
    """A session token that was made. ``id`` names it and is no secret."""

    id: str
    expires_at: datetime


#: Inside the class the method of that name hides the builtin.
_Credentials: TypeAlias = list[AgentCredential]


class Credentials:
    """Creates, finds, lists, changes and revokes agents. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def create(
        self,
        *,
        agent_id: str,
        name: str,
        key: str | None,
        key_prefix: str | None,
        permissions: Iterable[str],
        rate_limit: int = 100,
        owner_id: str | None = None,
        all_diagrams: bool = True,
        expires_at: datetime | None = None,
    ) -> AgentCredential | None:
        """Stores a new agent. ``None`` where the id or the prefix is taken: a revoked one too."""
        row = await self._bridge.write_row(
            sql("create_credential"),
            agent_id,
            name,
            key_prefix,
            None if key is None else hash_secret(key),
            msgspec.json.encode(sorted(permissions)),
            rate_limit,
            owner_id,
            all_diagrams,
            expires_at,
        )
        return _optional_credential(row)

    async def find(self, key_prefix: str) -> AgentCredential | None:
        """The agent whose key begins so, in force or not; ask :meth:`AgentCredential.matches`."""
        if not is_storable(key_prefix):
            return None
        return _optional_credential(
            await self._bridge.fetch_row(sql("find_credential"), key_prefix)
        )

    async def list(self) -> _Credentials:
        """Every agent, revoked ones included, in the order of their creation."""
        return [_credential(row) for row in await self._bridge.fetch(sql("list_credentials"))]

    async def update(
        self,
        agent_id: str,
        *,
        name: str | None = None,
        permissions: Iterable[str] | None = None,
        rate_limit: int | None = None,
        all_diagrams: bool | None = None,
        owner_id: str | UnsetType | None = UNSET,
        expires_at: datetime | UnsetType | None = UNSET,
    ) -> AgentCredential | None:
        """Changes what is given; the live connections of the agent are looked at again. ``None``
        where there is no such agent."""
        row = await self._bridge.write_row(
            sql("update_credential"),
            agent_id,
            None if permissions is None else msgspec.json.encode(sorted(permissions)),
            rate_limit,
            all_diagrams,
            owner_id is not UNSET,
            None if owner_id is UNSET else owner_id,
            expires_at is not UNSET,
            None if expires_at is UNSET else expires_at,
            name,
        )
        return _optional_credential(row)

    async def rotate(
        self, agent_id: str, *, key: str, key_prefix: str, overlap_seconds: float
    ) -> AgentCredential | None:
        """Replaces the key; the one before works for ``overlap_seconds`` longer, with 0 no more.
        ``None`` where there is no such agent in force that has a key."""
        row = await self._bridge.write_row(
            sql("rotate_credential"),
            agent_id,
            key_prefix,
            hash_secret(key),
            overlap_seconds,
            MAX_OLD_KEYS - 1,
        )
        return _optional_credential(row)

    async def revoke(self, agent_id: str) -> bool:
        """Ends an agent for good, its keys and its tokens. ``False`` where there is none."""
        return bool(await self._bridge.write(sql("revoke_credential"), agent_id))

    async def touch(self, agent_id: str) -> None:
        """Notes that the agent is at work, to the minute."""
        await self._bridge.write(sql("touch_credential"), agent_id, LAST_USED_RESOLUTION_SECONDS)

    # Session tokens --------------------------------------------------------------------------

    async def start_session(
        self, session_id: str, token: str, key_prefix: str, seconds: float
    ) -> AgentSession | None:
        """A token in the place of the key for a while. ``None`` where the key is none any more, or
        the agent has MAX_AGENT_SESSIONS already."""
        row = await self._bridge.write_row(
            sql("start_agent_session"),
            session_id,
            hash_secret(token),
            key_prefix,
            seconds,
            MAX_AGENT_SESSIONS,
        )
        return None if row is None else AgentSession(row["id"], row["expires_at"])

    async def find_session(self, token: str) -> tuple[str, AgentCredential] | None:
        """The id of a token in force, and whose it is."""
        row = await self._bridge.fetch_row(sql("find_agent_session"), hash_secret(token), None)
        return None if row is None else (row["session_id"], _credential(row))

    async def find_session_by_id(self, session_id: str) -> AgentCredential | None:
        """Whose it is, for a token that was found before."""
        row = await self._bridge.fetch_row(sql("find_agent_session"), None, session_id)
        return _optional_credential(row)

    async def end_session(self, token: str) -> bool:
        """Ends a token. ``False`` where there is none."""
        return bool(await self._bridge.write(sql("end_agent_session"), hash_secret(token)))


def _optional_credential(row: Row | None) -> AgentCredential | None:
    return None if row is None else _credential(row)


def _credential(row: Row) -> AgentCredential:
    # A column that a query gives anew stands behind the one of the table.
    values = dict(row.items())
    return AgentCredential(
        agent_id=values["agent_id"],
        name=values["name"],
        key_prefix=values["key_prefix"],
        api_key=values["api_key"] or _NO_KEY,
        permissions=frozenset(decode_jsonb(values["permissions"])),
        rate_limit=values["rate_limit"],
        created_at=values["created_at"],
        last_used=values["last_used"],
        active=values["active"],
        owner_id=values["owner_id"],
        all_diagrams=values["all_diagrams"],
        expires_at=values["expires_at"],
        in_force=values["in_force"],
        ends_at=values["ends_at"],
    )
