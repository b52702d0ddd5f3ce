"""Reads the old app's own database: its table ``diagrams``, as plain rows for the importer."""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from ot.diagram import Json
from persistence.bridge import run_blocking
from persistence.errors import PersistenceError
from persistence.pool import Connection, coded_errors, connect
from persistence.queries import sql

#: Without these a table of that name is somebody else's.
_REQUIRED = frozenset({"id", "title", "content"})


def read_legacy_diagrams(url: str) -> list[dict[str, Json]]:
    """Every row, with the keys and values that the old app's API shows.

    Opens one read-only connection and closes it. Blocks: under trio, call it by
    ``trio.to_thread.run_sync``. Raises PersistenceError ``unavailable`` where nobody answers,
    ``legacy_unreadable`` where there is no such table.
    """
    return run_blocking(_read, url)


async def _read(url: str) -> list[dict[str, Json]]:
    settings = {
        "application_name": "diagramai import",
        "default_transaction_read_only": "on",
        "TimeZone": "UTC",
    }
    with coded_errors():
        connection = await connect(url, settings)
        try:
            rows = await _read_rows(connection)
        finally:
            await connection.close(timeout=1)
    return rows


async def _read_rows(connection: Connection) -> list[dict[str, Json]]:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        columns = {row["name"] for row in await connection.fetch(sql("find_legacy_columns"))}
        if not columns >= _REQUIRED:
            raise PersistenceError(
                "legacy_unreadable",
                "This database has no table diagrams with id, title and content: "
                "give the URL of the old app's database, with ?schema= if it is not public.",
                "diagrams",
            )
        rows = await connection.fetch(sql("read_legacy_diagrams"))
    return [_plain_row(dict(row)) for row in rows]


def _plain_row(row: dict[str, Any]) -> dict[str, Json]:
    """Keys in camelCase, values as JSON has them."""
    plain = {_camel_case(key): _plain_value(value) for key, value in row.items()}
    plain["content"] = _content(row["content"])
    return plain


def _camel_case(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _content(value: Any) -> Json:
    """The document, also where the column is of type text; Mermaid text is no JSON."""
    if isinstance(value, str):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return _plain_value(value)


def _plain_value(value: Any) -> Json:
    """A column's value as JSON has it; json and jsonb come as bytes."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return msgspec.json.decode(value)
    if isinstance(value, datetime):
        return _javascript_time(value)
    if isinstance(value, list):
        return [_plain_value(item) for item in value]
    return str(value)


def _javascript_time(time: datetime) -> str:
    """As JavaScript writes it, in UTC; the old app's columns without a zone hold UTC as well."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    exact = "milliseconds" if aware.microsecond % 1000 == 0 else "microseconds"
    return aware.astimezone(UTC).isoformat(timespec=exact).replace("+00:00", "Z")
