"""Alerts that were raised, for whoever looks after this server."""

from datetime import datetime
from typing import Any

import msgspec

from persistence.bridge import Bridge
from persistence.limits import MAX_ALERT_MESSAGE, MAX_ALERTS, MAX_PAGE
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, encode_jsonb_leniently, storable


class StoredAlert(msgspec.Struct, frozen=True):
    """One alert; it is open until somebody acknowledges it."""

    id: int
    rule: str
    subject: str
    message: str
    details: dict[str, Any]
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class AlertTable:
    """The table ``alerts``, of which the newest are kept. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def add(
        self, rule: str, subject: str, message: str, details: dict[str, Any]
    ) -> StoredAlert:
        row = await self._bridge.write_row(
            sql("raise_alert"),
            rule,
            storable(subject),
            storable(message)[:MAX_ALERT_MESSAGE],
            encode_jsonb_leniently(details),
        )
        assert row is not None, "an insertion without a condition returns its row"
        await self._bridge.write(sql("drop_old_alerts"), MAX_ALERTS)
        return _alert(row)

    async def list(
        self, *, before_id: int | None = None, only_open: bool = False, limit: int = 100
    ) -> list[StoredAlert]:
        """Newest first; ``before_id`` continues after the last one of the page before."""
        rows = await self._bridge.fetch(
            sql("list_alerts"), before_id, only_open, min(limit, MAX_PAGE)
        )
        return [_alert(row) for row in rows]

    async def acknowledge(self, alert_id: int, person_id: str) -> StoredAlert | None:
        """Says that a person has seen it; the first one stays. ``None`` where there is none."""
        if not 0 < alert_id < 2**63:
            return None
        row = await self._bridge.write_row(sql("acknowledge_alert"), alert_id, storable(person_id))
        return None if row is None else _alert(row)


def _alert(row: Row) -> StoredAlert:
    values = {name: row[name] for name in StoredAlert.__struct_fields__}
    return StoredAlert(**values | {"details": decode_jsonb(row["details"])})
