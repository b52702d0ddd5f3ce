"""Connections to Postgres: how they are opened, and what their errors mean.

The only file that knows asyncpg. Everything here runs on the database's thread.
"""

import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]

from persistence.errors import PersistenceError, Unavailable
from persistence.limits import (
    CANCEL_GRACE_SECONDS,
    CONNECT_TIMEOUT_SECONDS,
    MAX_POOL_CONNECTIONS,
    PING_TIMEOUT_SECONDS,
    STATEMENT_TIMEOUT_SECONDS,
)
from persistence.queries import sql

logger = logging.getLogger(__name__)

Row: TypeAlias = Mapping[str, Any]

#: What the old app's client library adds to a URL and Postgres does not know.
_FOREIGN_PARAMETERS = frozenset(
    {"connection_limit", "pool_timeout", "pgbouncer", "sslaccept", "socket_timeout"}
)


#: Later than the program's own, so that it is the program that gives up.
_SERVER_TIMEOUT_MS = round(1000 * (STATEMENT_TIMEOUT_SECONDS + CANCEL_GRACE_SECONDS))


class Statement(Protocol):
    """A prepared statement."""

    async def fetch(self, *args: Any, timeout: float | None = None) -> list[Row]: ...


class Connection(Protocol):
    """The part of a connection that is used here."""

    async def fetch(self, query: str, *args: Any, timeout: float | None = None) -> list[Row]: ...

    async def fetchrow(
        self, query: str, *args: Any, timeout: float | None = None
    ) -> Row | None: ...

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str: ...

    async def prepare(self, query: str) -> Statement: ...

    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False
    ) -> AbstractAsyncContextManager[Any]: ...

    def is_closed(self) -> bool: ...

    def terminate(self) -> None: ...

    async def close(self, *, timeout: float | None = None) -> None: ...


#: Raised by a connection that is gone, by one that cannot be made, and by a server that is not up.
CONNECTION_LOST: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)


def is_invalid_argument(error: BaseException) -> bool:
    """Whether the driver could not encode an argument; nothing was sent then.

    The server raises the same class, but then with its severity.
    """
    return isinstance(error, asyncpg.DataError) and error.severity_en is None


def is_definite(error: BaseException) -> bool:
    """Whether ``error`` proves that the statement it ended has stored nothing.

    Of what the server reports only an ERROR does: it has rolled the transaction back. FATAL and
    PANIC end the backend, perhaps after the commit; anything else says nothing about it.
    """
    if is_invalid_argument(error):
        return True
    return isinstance(error, asyncpg.PostgresError) and error.severity_en == "ERROR"


def is_for_good(error: BaseException) -> bool:
    """Whether the same statement with the same values would be refused again.

    SQLSTATE classes 22 (data) and 23 (constraints) are about the values; the rest are about the
    moment: locks, time limits, space, a server that stops.
    """
    state = getattr(error, "sqlstate", None) or ""
    return is_invalid_argument(error) or state[:2] in ("22", "23")


def violated_constraint(error: BaseException) -> str | None:
    """The unique constraint that ``error`` reports as violated."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return str(error.constraint_name)
    return None


def describe(error: BaseException) -> str:
    """The error without any stored value: its class, and what Postgres calls it."""
    state = getattr(error, "sqlstate", None)
    constraint = getattr(error, "constraint_name", None)
    return " ".join(str(part) for part in (type(error).__name__, state, constraint) if part)


@contextmanager
def coded_errors(*, sent_write: bool = False) -> Iterator[None]:
    """Turns the driver's errors into PersistenceError.

    With ``sent_write`` a lost connection leaves the outcome open, and the error says so.
    """
    try:
        yield
    except CONNECTION_LOST as error:
        raise _lost(error, sent_write=sent_write) from error
    except asyncpg.PostgresError as error:
        if is_invalid_argument(error):
            raise PersistenceError("invalid", "No row can hold this value.") from error
        raise PersistenceError(
            "refused",
            f"Postgres refused the statement ({describe(error)}).",
            getattr(error, "constraint_name", None) or error.sqlstate or "",
        ) from error


def _lost(error: BaseException, *, sent_write: bool) -> PersistenceError:
    if sent_write:
        return PersistenceError(
            "outcome_unknown",
            "The connection to Postgres was lost during a write: read it back before trying again "
            f"({describe(error)}).",
        )
    return Unavailable(f"Postgres cannot be reached: try again soon ({describe(error)}).")


class Database:
    """The pool, for reads and for writes that stand alone. Errors are PersistenceError."""

    def __init__(self, url: str, pool: Any) -> None:
        self.url = url
        self._pool = pool

    async def fetch(self, query: str, *args: Any) -> list[Row]:
        """The rows of a statement that only reads."""
        with coded_errors():
            connection, seconds_left = await self._acquire(STATEMENT_TIMEOUT_SECONDS)
            try:
                rows: list[Row] = await connection.fetch(query, *args, timeout=seconds_left)
                return rows
            finally:
                await self._give_back(connection)

    async def ping(self) -> None:
        """Returns once the database has answered; ``unavailable`` where it does not at once."""
        with coded_errors():
            connection, seconds_left = await self._acquire(PING_TIMEOUT_SECONDS)
            try:
                await connection.fetch(sql("ping"), timeout=seconds_left)
            except BaseException:
                # Whoever asks is in a hurry, and the statement leaves nothing to be ended.
                connection.terminate()
                raise
            finally:
                await self._give_back(connection)

    async def write(self, query: str, *args: Any) -> list[Row]:
        """The rows of a statement that writes; it is a transaction of its own."""
        with coded_errors():
            connection, seconds_left = await self._acquire(STATEMENT_TIMEOUT_SECONDS)
        try:
            with coded_errors(sent_write=True):
                rows: list[Row] = await connection.fetch(query, *args, timeout=seconds_left)
                return rows
        finally:
            await self._give_back(connection)

    async def write_each(self, query: str, arguments: Sequence[Sequence[Any]]) -> list[Row] | int:
        """One row for each set of arguments, all in one transaction.

        The index of the first one that gave no row; then nothing of it was written.
        """
        with coded_errors():
            connection, _ = await self._acquire(STATEMENT_TIMEOUT_SECONDS)
        try:
            with coded_errors(sent_write=True):
                return await _write_each(connection, query, arguments)
        finally:
            await self._give_back(connection)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for several statements; its errors are the driver's."""
        connection, _ = await self._acquire(STATEMENT_TIMEOUT_SECONDS)
        try:
            yield connection
        finally:
            await self._give_back(connection)

    async def _acquire(self, limit_seconds: float) -> tuple[Any, float]:
        """A connection, and the seconds of the limit that are left for its statement."""
        begun = time.monotonic()
        connection = await self._pool.acquire(timeout=limit_seconds)
        return connection, limit_seconds - (time.monotonic() - begun)

    async def _give_back(self, connection: Any) -> None:
        """Gives it back, or drops it where a statement that was given up does not end in time."""
        try:
            await self._pool.release(connection, timeout=CANCEL_GRACE_SECONDS)
        except CONNECTION_LOST as error:
            logger.warning("a connection to Postgres was dropped: %s", describe(error))

    async def close(self) -> None:
        """Closes every connection, once it is given back."""
        await self._pool.close()

    def terminate(self) -> None:
        """Drops every connection, whatever it is doing."""
        self._pool.terminate()


async def _write_each(
    connection: Any, query: str, arguments: Sequence[Sequence[Any]]
) -> list[Row] | int:
    rows: list[Row] = []
    await connection.execute("BEGIN", timeout=STATEMENT_TIMEOUT_SECONDS)
    try:
        for index, each in enumerate(arguments):
            found: list[Row] = await connection.fetch(
                query, *each, timeout=STATEMENT_TIMEOUT_SECONDS
            )
            if not found:
                await _roll_back(connection)
                return index
            rows += found
    except BaseException:
        await _roll_back(connection)
        raise
    await connection.execute("COMMIT", timeout=STATEMENT_TIMEOUT_SECONDS)
    return rows


async def _roll_back(connection: Any) -> None:
    """Ends the transaction, if need be by dropping the connection."""
    try:
        await connection.execute("ROLLBACK", timeout=CANCEL_GRACE_SECONDS)
    except CONNECTION_LOST:
        connection.terminate()


async def open_database(url: str) -> Database:
    """Opens the pool. Raises PersistenceError ``unavailable`` where nobody answers."""
    address, settings = split_url(url)
    with coded_errors():
        pool = await asyncpg.create_pool(
            address,
            min_size=0,
            max_size=MAX_POOL_CONNECTIONS,
            timeout=CONNECT_TIMEOUT_SECONDS,
            command_timeout=STATEMENT_TIMEOUT_SECONDS,
            init=_prepare,
            reset=_keep_session,
            server_settings={
                "application_name": "diagramai",
                "synchronous_commit": "on",
                "jit": "off",
                # For a statement whose connection was dropped, or whose cancellation came too
                # early and was overlooked: it must not go on for ever.
                "statement_timeout": f"{_SERVER_TIMEOUT_MS}ms",
            }
            | settings,
        )
        await pool.fetch(sql("describe_backend"))
    return Database(url, pool)


async def connect(
    url: str, server_settings: Mapping[str, str], *, statement_seconds: float | None = None
) -> Connection:
    """A connection of its own, outside the pool. Errors are the driver's.

    A statement on it that says nothing else is given up after ``statement_seconds``.
    """
    address, settings = split_url(url)
    connection: Connection = await asyncpg.connect(
        address,
        timeout=CONNECT_TIMEOUT_SECONDS,
        command_timeout=statement_seconds,
        server_settings=dict(server_settings) | settings,
    )
    await _prepare(connection)
    return connection


def split_url(url: str) -> tuple[str, dict[str, str]]:
    """The address for the driver, and the settings hidden in it.

    ``schema=x``, as the old app's URLs have it, becomes the search path; parameters that only its
    client library knows are dropped. Raises PersistenceError ``invalid``.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        message = "Give the database as postgresql://user:password@host:port/name."
        raise PersistenceError("invalid", message, "url")
    settings: dict[str, str] = {}
    kept: list[tuple[str, str]] = []
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if key == "schema":
            settings["search_path"] = '"' + value.replace('"', '""') + '"'
        elif key not in _FOREIGN_PARAMETERS:
            kept.append((key, value))
    return urlunsplit(parts._replace(query=urlencode(kept))), settings


async def _prepare(connection: Any) -> None:
    """What a new connection needs; it is dropped where that fails, for the driver would wait."""
    try:
        await _pass_json_as_bytes(connection)
    except BaseException:
        connection.terminate()
        raise


async def _pass_json_as_bytes(connection: Any) -> None:
    """json and jsonb cross as UTF-8 bytes, so that msgspec reads and writes them directly."""
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_mark_jsonb, decoder=_unmark_jsonb
    )


#: The binary form of jsonb begins with the number of its format.
_JSONB_FORMAT = b"\x01"


def _mark_jsonb(text: bytes) -> bytes:
    return _JSONB_FORMAT + text


def _unmark_jsonb(data: bytes) -> bytes:
    return data.removeprefix(_JSONB_FORMAT)


async def _keep_session(connection: Any) -> None:
    """Nothing to undo: no statement here leaves session state, and transactions end themselves.

    The driver's own reset would cost every statement a second round trip.
    """
