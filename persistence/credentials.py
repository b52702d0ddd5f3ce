"""Agents and their keys. A key is stored as its hash; its prefix, which is no secret, finds it."""

import hmac
from collections.abc import Iterable
from datetime import datetime

import msgspec

from persistence.bridge import Bridge
from persistence.limits import LAST_USED_RESOLUTION_SECONDS
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, is_storable
from persistence.secrets import hash_secret


class AgentCredential(msgspec.Struct, frozen=True):
    """One agent. ``api_key`` is the hash of its key, ``rate_limit`` counts requests a minute."""

    agent_id: str
    name: str
    key_prefix: str
    api_key: str
    permissions: frozenset[str]
    rate_limit: int
    created_at: datetime
    last_used: datetime | None
    active: bool

    def matches(self, key: str) -> bool:
        """Whether ``key`` is this agent's and was not revoked; takes the same time either way."""
        return hmac.compare_digest(self.api_key, hash_secret(key)) and self.active


class Credentials:
    """Creates, finds, lists and revokes agents. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def create(
        self,
        *,
        agent_id: str,
        name: str,
        key: str,
        key_prefix: str,
        permissions: Iterable[str],
        rate_limit: int = 100,
    ) -> AgentCredential | None:
        """Stores a new agent. ``None`` where the id or the prefix is taken: a revoked one too."""
        row = await self._bridge.write_row(
            sql("create_credential"),
            agent_id,
            name,
            key_prefix,
            hash_secret(key),
            msgspec.json.encode(sorted(permissions)),
            rate_limit,
        )
        return _optional_credential(row)

    async def find(self, key_prefix: str) -> AgentCredential | None:
        """The agent whose key begins so, revoked or not; ask :meth:`AgentCredential.matches`."""
        if not is_storable(key_prefix):
            return None
        return _optional_credential(
            await self._bridge.fetch_row(sql("find_credential"), key_prefix)
        )

    async def list(self) -> list[AgentCredential]:
        """Every agent, revoked ones included, in the order of their creation."""
        return [_credential(row) for row in await self._bridge.fetch(sql("list_credentials"))]

    async def revoke(self, agent_id: str) -> bool:
        """Ends a key for good. ``False`` where there is none in force."""
        return bool(await self._bridge.write(sql("revoke_credential"), agent_id))

    async def touch(self, agent_id: str) -> None:
        """Notes that the agent is at work, to the minute."""
        await self._bridge.write(sql("touch_credential"), agent_id, LAST_USED_RESOLUTION_SECONDS)


def _optional_credential(row: Row | None) -> AgentCredential | None:
    return None if row is None else _credential(row)


def _credential(row: Row) -> AgentCredential:
    return AgentCredential(
        agent_id=row["agent_id"],
        name=row["name"],
        key_prefix=row["key_prefix"],
        api_key=row["api_key"],
        permissions=frozenset(decode_jsonb(row["permissions"])),
        rate_limit=row["rate_limit"],
        created_at=row["created_at"],
        last_used=row["last_used"],
        active=row["active"],
    )
