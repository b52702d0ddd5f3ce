"""What can go wrong in storage: a stable code first, a sentence second, the place third."""

from actors.ports import StorageUnavailable, StorageUnreadable


class PersistenceError(Exception):
    """Something that storage did not do, told without any stored value or secret.

    ``code`` is stable and meant for programs:

    - ``unavailable``: Postgres cannot be reached; nothing was sent.
    - ``outcome_unknown``: the connection was lost while a write was under way.
    - ``refused``: Postgres refused the statement; ``at`` names the constraint or the SQL state.
    - ``invalid``: a value that no row can hold; ``at`` names the field.
    - ``corrupt``: a stored row that cannot be read; ``at`` names it.
    - ``migration_changed``, ``schema_newer``: the schema is not the one this program knows.
    - ``legacy_unreadable``: the old app's database has no table that can be imported.
    - ``embedded_failed``: the embedded server did not start or stop.
    """

    def __init__(self, code: str, message: str, at: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at

    def __str__(self) -> str:
        where = f" (at {self.at})" if self.at else ""
        return f"{self.code}: {self.message}{where}"


class Unavailable(PersistenceError, StorageUnavailable):
    """Postgres cannot be reached; nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__("unavailable", message)


class Corrupt(PersistenceError, StorageUnreadable):
    """Stored rows that cannot be read, or that are missing; ``at`` names the place."""

    def __init__(self, message: str, at: str) -> None:
        super().__init__(code="corrupt", message=message, at=at)
