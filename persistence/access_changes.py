"""What was taken from somebody lately, by this process or another one."""

import msgspec

from persistence.bridge import Bridge
from persistence.limits import CHANGES_KEPT_SECONDS, CHANGES_WINDOW_SECONDS, MAX_RECENT_CHANGES
from persistence.queries import sql


class AccessChange(msgspec.Struct, frozen=True):
    """``subject`` is "agent:<id>", "person:<id>", "session:<id>", "token:<id>", "diagram:<id>"
    or what others have agreed upon."""

    id: int
    subject: str


class AccessChanges:
    """Reads the table ``access_changes``. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def recent(self) -> list[AccessChange] | None:
        """Those of the last CHANGES_WINDOW_SECONDS. ``None``: more than can be told one by one."""
        rows = await self._bridge.fetch(
            sql("recent_access_changes"), CHANGES_WINDOW_SECONDS, MAX_RECENT_CHANGES
        )
        if len(rows) >= MAX_RECENT_CHANGES:
            return None
        return [AccessChange(row["id"], row["subject"]) for row in rows]

    async def prune(self) -> None:
        """Forgets what every process has read long since."""
        await self._bridge.write(sql("prune_access_changes"), CHANGES_KEPT_SECONDS)
