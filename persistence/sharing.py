"""Roles of people on diagrams, share links, and what agents are granted on single diagrams."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from persistence.bridge import Bridge
from persistence.catalogue import Role
from persistence.limits import MAX_GRANTS, MAX_MEMBERS, MAX_SHARE_LINKS
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, is_storable
from persistence.secrets import hash_secret


class Member(msgspec.Struct, frozen=True):
    """A person with a role on a diagram; ``link_id`` where it came through a link."""

    person_id: str
    name: str
    role: Role
    link_id: str | None
    added_by: str
    added_at: datetime


class ShareLink(msgspec.Struct, frozen=True):
    """A link in force. Its secret is known to those who have it, and to nobody else."""

    id: str
    diagram_id: str
    role: Role
    created_by: str
    created_at: datetime
    expires_at: datetime
    members: int = 0


class NewShareLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link to be made, with its secret, of which the hash is kept."""

    id: str
    diagram_id: str
    token: str
    role: Role
    created_by: str
    expires_at: datetime


class FoundLink(msgspec.Struct, frozen=True):
    """The link of a secret, in force or not."""

    id: str
    diagram_id: str
    role: Role
    expires_at: datetime
    title: str
    user_id: str | None
    is_revoked: bool
    is_expired: bool
    is_in_trash: bool


class Grant(msgspec.Struct, frozen=True):
    """What an agent may do on one diagram, within what its key may do at all."""

    agent_id: str
    name: str
    permissions: frozenset[str]
    granted_by: str | None
    granted_at: datetime


class SharingTables:
    """Reads and writes. ``diagram_id`` is the id, never the uuid. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def members(self, diagram_id: str) -> list[Member]:
        """In the order in which they came."""
        rows = await self._bridge.fetch(sql("list_members"), diagram_id)
        return [Member(**_fields(row, Member)) for row in rows]

    async def set_member(self, diagram_id: str, person_id: str, role: Role, by: str) -> str | None:
        """The person's name. ``None`` where there is no such person, or no room for a member."""
        if not is_storable(person_id):
            return None
        row = await self._bridge.write_row(
            sql("set_member"), diagram_id, person_id, role, by, MAX_MEMBERS
        )
        return None if row is None else str(row["name"])

    async def remove_member(self, diagram_id: str, person_id: str) -> bool:
        """``False`` where they were none."""
        if not is_storable(person_id):
            return False
        return bool(await self._bridge.write(sql("remove_member"), diagram_id, person_id))

    async def transfer(self, diagram_id: str, person_id: str, owner_id: str | None) -> str | None:
        """The new owner's name. ``None`` where there is no such person, or the owner changed."""
        if not is_storable(person_id):
            return None
        row = await self._bridge.write_row(sql("transfer_diagram"), diagram_id, person_id, owner_id)
        return None if row is None else str(row["name"])

    async def create_link(self, new: NewShareLink) -> ShareLink | None:
        """``None`` where the diagram has as many links as it may."""
        row = await self._bridge.write_row(
            sql("create_share_link"),
            new.id,
            new.diagram_id,
            hash_secret(new.token),
            new.role,
            new.created_by,
            new.expires_at,
            MAX_SHARE_LINKS,
        )
        return None if row is None else ShareLink(**_fields(row, ShareLink))

    async def links(self, diagram_id: str) -> list[ShareLink]:
        """Those in force, newest first."""
        rows = await self._bridge.fetch(sql("list_share_links"), diagram_id)
        return [ShareLink(**_fields(row, ShareLink)) for row in rows]

    async def revoke_link(self, diagram_id: str, link_id: str) -> bool:
        """Ends it and what came through it. ``False`` where there is none in force."""
        if not is_storable(link_id):
            return False
        return bool(await self._bridge.write(sql("revoke_share_link"), diagram_id, link_id))

    async def find_link(self, token: str) -> FoundLink | None:
        """The link whose secret this is."""
        row = await self._bridge.fetch_row(sql("find_share_link"), hash_secret(token))
        return None if row is None else FoundLink(**_fields(row, FoundLink))

    async def join(self, link_id: str, person_id: str) -> Role | None:
        """The role that they have then. ``None`` where it ended meanwhile, or no room is left."""
        row = await self._bridge.write_row(sql("join_by_link"), link_id, person_id, MAX_MEMBERS)
        role: Role | None = None if row is None else row["role"]
        return role

    async def end_expired_links(self) -> None:
        """Has everybody looked at again who came through a link that has expired since."""
        await self._bridge.write(sql("end_expired_links"))

    async def grants(self, diagram_id: str) -> list[Grant]:
        """By the agents' names."""
        rows = await self._bridge.fetch(sql("list_grants"), diagram_id)
        return [_grant(row) for row in rows]

    async def set_grant(
        self, diagram_id: str, agent_id: str, permissions: Iterable[str], by: str
    ) -> str | None:
        """The agent's name. ``None`` where there is no such agent, or no room for a grant."""
        if not is_storable(agent_id):
            return None
        encoded = msgspec.json.encode(sorted(permissions))
        row = await self._bridge.write_row(
            sql("set_grant"), diagram_id, agent_id, encoded, by, MAX_GRANTS
        )
        return None if row is None else str(row["name"])

    async def remove_grant(self, diagram_id: str, agent_id: str) -> bool:
        """``False`` where it had none."""
        if not is_storable(agent_id):
            return False
        return bool(await self._bridge.write(sql("remove_grant"), diagram_id, agent_id))


def _fields(row: Row, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The columns that the struct has."""
    values = dict(row)
    return {name: values[name] for name in kind.__struct_fields__ if name in values}


def _grant(row: Row) -> Grant:
    values = _fields(row, Grant)
    return Grant(**{**values, "permissions": frozenset(decode_jsonb(row["permissions"]))})
