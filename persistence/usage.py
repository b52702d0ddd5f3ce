"""How much somebody has made: diagrams, and the bytes that they take."""

from collections.abc import Sequence

import msgspec

from persistence.bridge import Bridge
from persistence.queries import sql
from persistence.rows import storable


class Usage(msgspec.Struct, frozen=True):
    """Diagrams that are not in the trash, and bytes of all of them as they are stored."""

    diagrams: int
    bytes: int


class UsageTable:
    """Reads and notes who made which diagrams. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def measure(self, maker: str) -> Usage:
        """``maker`` is ``user:<id>`` or ``agent:<id>``."""
        row = await self._bridge.fetch_row(sql("measure_storage"), storable(maker))
        assert row is not None, "a count has a row"
        return Usage(row["diagrams"], row["bytes"])

    async def note_maker(self, maker: str, diagram_ids: Sequence[str]) -> None:
        """These count as made by them."""
        await self._bridge.write(sql("note_makers"), list(diagram_ids), storable(maker))
