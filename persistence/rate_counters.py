"""How much of rate limits is used up, so that a restart is no way around them."""

from collections.abc import Sequence

import msgspec

from persistence.bridge import Bridge
from persistence.queries import sql
from persistence.rows import storable


class Counter(msgspec.Struct, frozen=True):
    """A bucket that will be full in ``seconds``."""

    subject: str
    kind: str
    seconds: float


class RateCounters:
    """The table ``rate_counters``. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def save(self, counters: Sequence[Counter]) -> None:
        """Stores these, and drops what is full by now."""
        # Two ids may differ only in what Postgres cannot hold; the emptier bucket is kept.
        ordered = sorted(counters, key=lambda each: each.seconds)
        unique = {(storable(each.subject), each.kind): each.seconds for each in ordered}
        subjects, kinds = [key[0] for key in unique], [key[1] for key in unique]
        await self._bridge.write(sql("save_rate_counters"), subjects, kinds, list(unique.values()))

    async def load(self, most: int) -> list[Counter]:
        """Those that are not full, the emptiest first."""
        rows = await self._bridge.fetch(sql("load_rate_counters"), most)
        return [Counter(row["subject"], row["kind"], row["seconds"]) for row in rows]
