"""How people come in: a one-time code, then a session. Both are stored as hashes only."""

from datetime import datetime

import msgspec

from persistence.bridge import Bridge
from persistence.pool import Row
from persistence.queries import sql
from persistence.secrets import hash_secret


class Person(msgspec.Struct, frozen=True):
    """Whose code it was."""

    id: str
    name: str


class PersonSession(msgspec.Struct, frozen=True):
    """A signed-in browser. ``id`` names the session and is no secret."""

    person: Person
    created_at: datetime
    expires_at: datetime
    id: str


class SignIn:
    """Codes and sessions. Times are aware; the database's clock decides. Raises
    PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def issue_code(self, code: str, person: Person, expires_at: datetime) -> None:
        """Makes ``code`` good for one sign-in."""
        await self._bridge.write(
            sql("issue_sign_in_code"), hash_secret(code), person.id, person.name, expires_at
        )

    async def consume_code(self, code: str) -> Person | None:
        """Whose code it is, the first time it is asked within its time, and never again."""
        row = await self._bridge.write_row(sql("consume_sign_in_code"), hash_secret(code))
        if row is None or not row["is_good"]:
            return None
        return Person(row["person_id"], row["person_name"])

    async def start_session(
        self, token: str, person: Person, expires_at: datetime
    ) -> PersonSession:
        """Makes ``token`` the cookie of a session."""
        rows = await self._bridge.write(
            sql("start_person_session"), hash_secret(token), person.id, person.name, expires_at
        )
        return _session(rows[0])

    async def find_session(self, token: str) -> PersonSession | None:
        """The session of this cookie, within its time."""
        row = await self._bridge.fetch_row(sql("find_person_session"), hash_secret(token), None)
        return None if row is None else _session(row)

    async def find_session_by_id(self, session_id: str) -> PersonSession | None:
        """The same by the session's id, for one that was found before."""
        row = await self._bridge.fetch_row(sql("find_person_session"), None, session_id)
        return None if row is None else _session(row)

    async def end_session(self, token: str) -> bool:
        """Signs out. ``False`` where there was no session."""
        return bool(await self._bridge.write(sql("end_person_session"), hash_secret(token)))


def _session(row: Row) -> PersonSession:
    person = Person(row["person_id"], row["person_name"])
    return PersonSession(person, row["created_at"], row["expires_at"], row["id"])
