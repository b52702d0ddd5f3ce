"""Makes batches durable: everything that waits, from all diagrams, in one transaction.

``commit_nowait`` costs the caller an append; encoding and sending happen on the database's thread,
and one wake-up brings the answers of a whole group back. An outcome is never guessed: when the
connection is lost during a commit, its server process is ended first, then the journal is read.
"""

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias
from uuid import UUID

import msgspec

from actors.ports import CommitBatch, CommitOutcome
from persistence.bridge import Bridge, Mailbox, pause
from persistence.limits import (
    FIRST_RETRY_DELAY_SECONDS,
    LAST_RETRY_DELAY_SECONDS,
    MAX_GROUP_BATCHES,
    MAX_GROUP_BYTES,
    MAX_WAITING_BATCHES,
    UNSENT_TIMEOUT_SECONDS,
)
from persistence.pool import describe, is_definite, is_for_good, violated_constraint
from persistence.rows import EncodedBatch, encode_batch
from persistence.writer import Backend, Writer, open_writer

logger = logging.getLogger(__name__)

Done: TypeAlias = Callable[[CommitOutcome], None]

_COMMITTED = CommitOutcome.COMMITTED
_FAILED = CommitOutcome.FAILED
_FENCED = CommitOutcome.FENCED
_REFUSED = CommitOutcome.REFUSED


class CommitStatistics(msgspec.Struct):
    """What the committer has done so far. ``statements`` are commits sent, so transactions."""

    batches: int = 0
    entries: int = 0
    statements: int = 0
    failed: int = 0
    fenced: int = 0
    #: Groups whose outcome had to be read back.
    looked_up: int = 0
    connections: int = 0


class _Waiting:
    """A batch that was handed over and not sent yet."""

    __slots__ = ("batch", "deadline", "done")

    def __init__(self, batch: CommitBatch, done: Done) -> None:
        self.batch = batch
        self.done = done
        self.deadline = time.monotonic() + UNSENT_TIMEOUT_SECONDS


class _Sent:
    """A batch in its rows, and who waits for it."""

    __slots__ = ("done", "rows")

    def __init__(self, rows: EncodedBatch, done: Done) -> None:
        self.rows = rows
        self.done = done


class Committer:
    """The one writer of the journal in this process."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._waiting: Mailbox[_Waiting] = bridge.open_mailbox(MAX_WAITING_BATCHES)
        self._writer: Writer | None = None
        self._retry_delay_seconds = FIRST_RETRY_DELAY_SECONDS
        self._statistics = CommitStatistics()
        bridge.start_service(self._serve)

    def commit_nowait(self, batch: CommitBatch, done: Done) -> None:
        """Takes a batch; ``done`` is called on the trio thread, exactly once, later.

        At most one batch of a diagram may be under way. Raises ValueError where the entries are
        not consecutive revisions.
        """
        entries = batch.entries
        if not entries or entries[-1].revision - entries[0].revision != len(entries) - 1:
            raise ValueError("a batch holds one or more consecutive revisions")
        if not self._waiting.put_nowait(_Waiting(batch, done)):
            logger.warning("a commit was refused: too many wait, or the storage is closed")
            self._bridge.post_to_trio(partial(done, _FAILED))

    def statistics(self) -> CommitStatistics:
        """The counts so far; a copy."""
        return msgspec.structs.replace(self._statistics)

    # On the database's thread -------------------------------------------------------------------

    async def _serve(self) -> None:
        try:
            while await self._waiting.wait_items():
                await self._wait_connected()
                if group := self._take_group():
                    await self._settle(group)
        finally:
            self._waiting.close()
            self._fail_waiting(overdue_at=float("inf"))
            self._drop_writer()

    async def _settle(self, group: Sequence[_Sent]) -> None:
        try:
            outcomes = await self._commit(group)
        except BaseException as error:
            logger.critical(
                "%d commits end without an answer, their outcome unknown: %s",
                len(group),
                describe(error),
            )
            raise
        self._answer(group, outcomes)

    def _take_group(self) -> list[_Sent]:
        """What waits, up to the bounds of a group and at most one batch of a diagram."""
        self._fail_waiting()
        group: dict[str, _Sent] = {}
        size_bytes = 0
        while (
            self._writer is not None
            and (first := self._waiting.first_nowait()) is not None
            and first.batch.diagram_id not in group
            and len(group) < MAX_GROUP_BATCHES
            and size_bytes < MAX_GROUP_BYTES
        ):
            self._waiting.take_nowait()
            if (rows := self._encode(first)) is not None:
                group[first.batch.diagram_id] = _Sent(rows, first.done)
                size_bytes += rows.size_bytes
        return list(group.values())

    def _encode(self, waiting: _Waiting) -> EncodedBatch | None:
        try:
            return encode_batch(waiting.batch)
        except (TypeError, ValueError, msgspec.MsgspecError):
            logger.exception("a batch of %s cannot be encoded", waiting.batch.diagram_id)
            self._fail([waiting], _REFUSED)
            return None

    async def _commit(self, group: Sequence[_Sent]) -> list[CommitOutcome]:
        """The outcome of each, after one transaction for all of them if none of them errs."""
        try:
            return await self._send(group)
        except Exception as error:
            if not is_definite(error):
                return await self._look_up(group, error)
            if len(group) == 1:
                return [self._blame(group[0], error)]
        # One transaction each, so that only the guilty fail.
        return [outcome for sent in group for outcome in await self._commit([sent])]

    async def _send(self, group: Sequence[_Sent]) -> list[CommitOutcome]:
        assert self._writer is not None, "a group is sent only while connected"
        self._statistics.statements += 1
        advanced = await self._writer.commit([sent.rows for sent in group])
        return [_COMMITTED if sent.rows.diagram_id in advanced else _FENCED for sent in group]

    def _blame(self, sent: _Sent, error: Exception) -> CommitOutcome:
        """The outcome of a batch that Postgres refused alone."""
        if violated_constraint(error) == "journal_pkey":
            return _FENCED
        logger.error("a commit of %s was refused: %s", sent.rows.diagram_id, describe(error))
        return _REFUSED if is_for_good(error) else _FAILED

    async def _look_up(self, group: Sequence[_Sent], error: Exception) -> list[CommitOutcome]:
        """The outcomes after the connection was lost; takes as long as Postgres is away."""
        logger.warning("the connection was lost during a commit: %s", describe(error))
        self._statistics.looked_up += 1
        assert self._writer is not None, "the group was sent over a connection"
        lost = self._writer.backend
        self._drop_writer()
        rows = [sent.rows for sent in group]
        while (stored := await self._try_look_up(lost, rows)) is None:
            await self._pause()
        return [_COMMITTED if each.commit_id in stored else _FAILED for each in rows]

    async def _try_look_up(self, lost: Backend, rows: Sequence[EncodedBatch]) -> set[UUID] | None:
        """Which attempts are stored, once ``lost`` can store no more; ``None`` if that failed."""
        try:
            writer = await self._connect()
            await writer.wait_backend_gone(lost)
            stored = await writer.read_back(rows)
        except Exception as error:
            logger.warning("the outcome of commits cannot be read yet: %s", describe(error))
            self._drop_writer()
            return None
        return stored

    async def _wait_connected(self) -> None:
        """Returns once connected, or when everybody who waited has waited too long."""
        if self._writer is not None and self._writer.is_closed:
            self._drop_writer()
        while self._writer is None and self._waiting.first_nowait() is not None:
            try:
                await self._connect()
            except Exception as error:
                logger.warning("the committer cannot connect: %s", describe(error))
                await self._pause()

    async def _connect(self) -> Writer:
        self._writer = await open_writer(self._bridge.database.url)
        self._retry_delay_seconds = FIRST_RETRY_DELAY_SECONDS
        self._statistics.connections += 1
        return self._writer

    async def _pause(self) -> None:
        """Before the next attempt; whoever has waited too long is not kept waiting for it."""
        self._fail_waiting()
        await pause(self._retry_delay_seconds)
        self._retry_delay_seconds = min(2 * self._retry_delay_seconds, LAST_RETRY_DELAY_SECONDS)

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None

    # Answers ------------------------------------------------------------------------------------

    def _answer(self, group: Sequence[_Sent], outcomes: Sequence[CommitOutcome]) -> None:
        statistics = self._statistics
        statistics.batches += len(group)
        statistics.entries += sum(len(sent.rows.entries) for sent in group)
        statistics.failed += outcomes.count(_FAILED) + outcomes.count(_REFUSED)
        statistics.fenced += outcomes.count(_FENCED)
        answers = zip(group, outcomes, strict=True)
        self._bridge.post_to_trio(*(partial(sent.done, outcome) for sent, outcome in answers))

    def _fail_waiting(self, overdue_at: float | None = None) -> None:
        """Fails those at the head of the queue whose time is over; they were never sent."""
        now = time.monotonic() if overdue_at is None else overdue_at
        overdue: list[_Waiting] = []
        while (first := self._waiting.first_nowait()) is not None and first.deadline <= now:
            overdue.append(self._waiting.take_nowait())
        self._fail(overdue)

    def _fail(self, unsent: Sequence[_Waiting], outcome: CommitOutcome = _FAILED) -> None:
        self._statistics.batches += len(unsent)
        self._statistics.failed += len(unsent)
        self._bridge.post_to_trio(*(partial(waiting.done, outcome) for waiting in unsent))
