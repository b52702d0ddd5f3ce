"""The committer's own connection, which knows its server process so that doubt can be settled."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from persistence.bridge import pause
from persistence.limits import (
    COMMIT_LOCK_TIMEOUT_MS,
    COMMIT_SERVER_TIMEOUT_MS,
    COMMIT_TIMEOUT_SECONDS,
    FIRST_RETRY_DELAY_SECONDS,
    LAST_RETRY_DELAY_SECONDS,
)
from persistence.pool import Connection, Statement, connect
from persistence.queries import sql
from persistence.rows import EncodedBatch, commit_arguments

logger = logging.getLogger(__name__)

WRITER_SETTINGS = {
    "application_name": "diagramai committer",
    # Durable is what a commit promises, whatever the server's default says.
    "synchronous_commit": "on",
    "lock_timeout": f"{COMMIT_LOCK_TIMEOUT_MS}ms",
    "statement_timeout": f"{COMMIT_SERVER_TIMEOUT_MS}ms",
    # One plan for groups of any size: rows found by index, joined by hash. The planner cannot know
    # how long the arrays are, and its guess of ten would make large groups quadratic.
    "plan_cache_mode": "force_generic_plan",
    "enable_nestloop": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "jit": "off",
}


class Backend(msgspec.Struct, frozen=True):
    """A server process. Process ids are used again; together with the start they are not."""

    pid: int
    started: datetime


class Writer:
    """One connection with the prepared commit statement. Errors are the driver's."""

    def __init__(self, connection: Connection, backend: Backend, commit: Statement) -> None:
        self._connection = connection
        self._commit = commit
        self.backend = backend

    @property
    def is_closed(self) -> bool:
        return self._connection.is_closed()

    async def commit(self, group: Sequence[EncodedBatch]) -> set[str]:
        """One transaction in one round trip; the ids of the diagrams that it advanced."""
        rows = await self._commit.fetch(*commit_arguments(group), timeout=COMMIT_TIMEOUT_SECONDS)
        return {row["id"] for row in rows}

    async def read_back(self, group: Sequence[EncodedBatch]) -> set[UUID]:
        """Which attempts are stored."""
        rows = await self._connection.fetch(
            sql("read_back"),
            [encoded.diagram_id for encoded in group],
            [encoded.first_revision for encoded in group],
            [encoded.commit_id for encoded in group],
        )
        return {row["commit_id"] for row in rows}

    async def wait_backend_gone(self, backend: Backend) -> None:
        """Ends another connection's server process; from then on nothing of it can still commit.

        A process leaves ``pg_stat_activity`` only after its transaction is over.
        """
        delay = FIRST_RETRY_DELAY_SECONDS
        while await self._connection.fetch(sql("terminate_backend"), backend.pid, backend.started):
            await pause(delay)
            delay = min(2 * delay, LAST_RETRY_DELAY_SECONDS)

    def abandon(self) -> None:
        """Drops the connection without waiting for anything."""
        self._connection.terminate()


async def open_writer(url: str) -> Writer:
    """Connects, and prepares the commit. Errors are the driver's."""
    # Every statement on it has an end, so that a wire that falls silent keeps nobody waiting.
    connection = await connect(url, WRITER_SETTINGS, statement_seconds=COMMIT_TIMEOUT_SECONDS)
    try:
        row = (await connection.fetch(sql("describe_backend")))[0]
        if row["fsync"] != "on":
            logger.warning("Postgres runs with fsync off: a power cut can lose committed edits")
        backend = Backend(row["pid"], row["backend_start"])
        return Writer(connection, backend, await connection.prepare(sql("commit_group")))
    except BaseException:
        connection.terminate()
        raise
