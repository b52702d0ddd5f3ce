"""What agents did beside committed edits: refused or failed operations, creations, deletions.

A committed edit's row is written by the commit itself, in the same transaction.
"""

from datetime import datetime

import msgspec

from ot.diagram import Json
from persistence.bridge import Bridge
from persistence.limits import MAX_AUDIT_BYTES, MAX_AUDIT_MESSAGE, MAX_PAGE
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, encode_jsonb_leniently, is_storable, storable


class AgentOperation(msgspec.Struct, frozen=True):
    """One row. ``diagram_uuid`` is ``None`` where the operation named no diagram there is."""

    id: int
    diagram_uuid: str | None
    agent_id: str
    operation_type: str
    operation_data: Json
    timestamp: datetime
    user_session_id: str | None
    success: bool
    error_message: str | None
    revision: int | None


class Audit:
    """Writes and reads the table ``agent_operations``. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def record(
        self,
        agent_id: str,
        operation_type: str,
        diagram: str | None,
        *,
        error: str | None = None,
        data: Json = None,
        session_id: str | None = None,
        revision: int | None = None,
    ) -> None:
        """Notes what an agent did, or with ``error`` what was refused.

        ``diagram`` is an id or a uuid. Nothing that an agent sends is too odd to be noted: it is
        cut to size, and characters that Postgres cannot hold are replaced.
        """
        await self._bridge.write(
            sql("record_agent_operation"),
            storable(agent_id)[:255],
            storable(operation_type)[:50],
            None if diagram is None else storable(diagram),
            None if data is None else _keep(data),
            None if session_id is None else storable(session_id)[:255],
            None if error is None else storable(error)[:MAX_AUDIT_MESSAGE],
            revision,
        )

    async def list(
        self,
        *,
        diagram: str | None = None,
        agent_id: str | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[AgentOperation]:
        """Rows of a diagram (id or uuid) or an agent or both, newest first.

        ``before_id`` continues after the last row of the page before.
        """
        if not all(is_storable(text) for text in (diagram, agent_id) if text is not None):
            return []
        rows = await self._bridge.fetch(
            sql("list_agent_operations"), diagram, agent_id, before_id, min(limit, MAX_PAGE)
        )
        return [_operation(row) for row in rows]


def _keep(data: Json) -> bytes:
    """The data as JSON, or how long it would have been."""
    try:
        text = encode_jsonb_leniently(data)
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        return msgspec.json.encode({"not_kept": type(error).__name__})
    if len(text) > MAX_AUDIT_BYTES:
        return msgspec.json.encode({"not_kept": "too long", "bytes": len(text)})
    return text


def _operation(row: Row) -> AgentOperation:
    values = dict(row) | {"operation_data": decode_jsonb(row["operation_data"])}
    return AgentOperation(**values)
