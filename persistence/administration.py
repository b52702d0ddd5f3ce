"""What the admin page asks the database, across agents and diagrams."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from ot.diagram import Json
from persistence.bridge import Bridge
from persistence.catalogue import pattern_of
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, is_storable


class ListedAgent(msgspec.Struct, frozen=True):
    """An agent with what belongs to it. ``key_prefix`` is ``None`` of one without a key, which
    ``is_connected`` by the address; ``old_key_until`` says how long a replaced key still works."""

    agent_id: str
    name: str
    key_prefix: str | None
    permissions: frozenset[str]
    rate_limit: int
    created_at: datetime
    last_used: datetime | None
    active: bool
    in_force: bool
    owner_id: str | None
    owner_name: str | None
    all_diagrams: bool
    expires_at: datetime | None
    old_key_until: datetime | None
    grants: int
    is_connected: bool


class HourOfAgent(msgspec.Struct, frozen=True):
    """What an agent did in one hour by the clock, which begins at ``hour``."""

    agent_id: str
    hour: datetime
    calls: int
    failed: int


class ListedGrant(msgspec.Struct, frozen=True):
    """What an agent is granted on one diagram."""

    id: int
    agent_id: str
    name: str
    diagram_id: str
    title: str
    permissions: frozenset[str]
    granted_at: datetime
    granted_by: str | None
    granted_by_name: str | None
    in_trash: bool
    agent_accessible: bool


class ListedOperation(msgspec.Struct, frozen=True):
    """A row of the audit, with the names that go with its ids where they are known."""

    id: int
    agent_id: str
    agent_name: str | None
    diagram_id: str | None
    title: str | None
    operation_type: str
    operation_data: Json
    timestamp: datetime
    user_session_id: str | None
    success: bool
    error_message: str | None
    revision: int | None
    duration_ms: int | None
    address: str | None
    chain: str
    position: int


class AuditQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows; ``operation`` is a part of its name. What is ``None`` does not matter."""

    diagram: str | None = None
    agent_id: str | None = None
    operation: str | None = None
    success: bool | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def can_match(self) -> bool:
        return _can_match(self.diagram, self.agent_id, self.operation)


class AdminTables:
    """Reads for the admin page. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def agents(
        self, *, text: str | None, with_revoked: bool, agent_id: str | None = None, limit: int
    ) -> list[ListedAgent]:
        """Newest first; ``text`` is a part of the name or id."""
        if not _can_match(text, agent_id):
            return []
        pattern = None if text is None else pattern_of(text)
        rows = await self._bridge.fetch(sql("admin_agents"), with_revoked, pattern, agent_id, limit)
        return [_agent(row) for row in rows]

    async def activity(self, since: datetime) -> list[HourOfAgent]:
        """Hours in which an agent did something."""
        rows = await self._bridge.fetch(sql("admin_activity"), since)
        return [
            HourOfAgent(row["agent_id"], row["hour"], row["calls"], row["failed"]) for row in rows
        ]

    async def grants(
        self, *, agent_id: str | None, diagram: str | None, before_id: int | None, limit: int
    ) -> list[ListedGrant]:
        """Newest first; ``diagram`` is an id or a uuid."""
        if not _can_match(agent_id, diagram):
            return []
        rows = await self._bridge.fetch(sql("admin_grants"), agent_id, diagram, before_id, limit)
        return [msgspec.convert(_with_permissions(row, ListedGrant), ListedGrant) for row in rows]

    async def audit(
        self, wanted: AuditQuestion, *, before_id: int | None, limit: int
    ) -> list[ListedOperation]:
        """Newest first; ``before_id`` continues after the last row of the page before."""
        if not wanted.can_match:
            return []
        rows = await self._bridge.fetch(
            sql("admin_audit"),
            wanted.diagram,
            wanted.agent_id,
            None if wanted.operation is None else pattern_of(wanted.operation),
            wanted.success,
            wanted.since,
            wanted.until,
            before_id,
            limit,
        )
        return [_operation(row) for row in rows]

    async def titles(self, diagram_ids: Iterable[str]) -> dict[str, str]:
        """By the ids."""
        rows = await self._bridge.fetch(sql("admin_titles"), list(diagram_ids))
        return {row["id"]: row["title"] for row in rows}

    async def count_open_alerts(self) -> int:
        row = await self._bridge.fetch_row(sql("admin_open_alerts"))
        assert row is not None, "a count has a row"
        return int(row["alerts"])

    async def end_person_session(self, session_id: str) -> bool:
        """``False`` where there is none any more."""
        return bool(await self._bridge.write(sql("end_person_session_by_id"), session_id))


def _can_match(*texts: str | None) -> bool:
    return all(is_storable(text) for text in texts if text is not None)


def _with_permissions(row: Row, kind: type[msgspec.Struct]) -> dict[str, object]:
    # A column that a query gives anew stands behind the one of the table.
    values = dict(row.items())
    fields = {name: values[name] for name in kind.__struct_fields__}
    return fields | {"permissions": frozenset(decode_jsonb(values["permissions"]))}


def _agent(row: Row) -> ListedAgent:
    return msgspec.convert(_with_permissions(row, ListedAgent), ListedAgent)


def _operation(row: Row) -> ListedOperation:
    values = {name: row[name] for name in ListedOperation.__struct_fields__}
    return ListedOperation(**values | {"operation_data": decode_jsonb(row["operation_data"])})
