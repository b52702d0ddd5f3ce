"""People who were here, by the ids that roles are given to."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from persistence.bridge import Bridge
from persistence.catalogue import pattern_of
from persistence.queries import sql
from persistence.rows import is_storable, storable


class KnownPerson(msgspec.Struct, frozen=True):
    """Somebody who signed in at least once."""

    id: str
    name: str
    last_seen: datetime


class People:
    """Notes and finds people. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def seen(self, person_id: str, name: str) -> None:
        """This person is here, under this name."""
        await self._bridge.write(sql("note_person"), person_id, storable(name))

    async def find(self, text: str, limit: int) -> list[KnownPerson]:
        """Those with this id or with this text in their names, last seen first."""
        rows = await self._bridge.fetch(
            sql("find_people"), text if is_storable(text) else "", pattern_of(text), limit
        )
        return [KnownPerson(row["id"], row["name"], row["last_seen"]) for row in rows]

    async def names(self, person_ids: Iterable[str]) -> dict[str, str]:
        """The names by id, of those that are known."""
        rows = await self._bridge.fetch(sql("name_people"), list(person_ids))
        return {row["id"]: row["name"] for row in rows}
