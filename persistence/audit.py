"""What agents did, or tried to do: every call is a row of ``agent_operations``.

A committed edit's row is written by the commit itself, in the same transaction. The others are
written in the background, in batches: whoever notes one waits only while too many wait already.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import trio

from ot.diagram import Json
from persistence.bridge import Bridge
from persistence.errors import PersistenceError
from persistence.limits import (
    AUDIT_FLUSH_SECONDS,
    FIRST_RETRY_DELAY_SECONDS,
    LAST_RETRY_DELAY_SECONDS,
    MAX_AUDIT_BYTES,
    MAX_AUDIT_GROUP,
    MAX_AUDIT_MESSAGE,
    MAX_PAGE,
    MAX_PRUNED_ROWS,
    MAX_WAITING_NOTES,
)
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_jsonb, encode_jsonb_leniently, is_storable, storable

logger = logging.getLogger(__name__)


class AgentOperation(msgspec.Struct, frozen=True):
    """One row. ``diagram_uuid`` is ``None`` where the operation named no diagram there is.

    ``duration_ms`` lasts from the call to its end, of a committed edit until it was sent to be
    stored. ``chain`` and ``position`` say after which row it comes in the chain of hashes.
    """

    id: int
    diagram_uuid: str | None
    agent_id: str
    operation_type: str
    operation_data: Json
    timestamp: datetime
    user_session_id: str | None
    success: bool
    error_message: str | None
    revision: int | None
    duration_ms: int | None = None
    address: str | None = None
    chain: str = ""
    position: int = 0


class Note(msgspec.Struct, kw_only=True):
    """A row to be. ``diagram`` is an id or a uuid, ``error`` says why it failed."""

    agent_id: str
    operation_type: str
    diagram: str | None = None
    error: str | None = None
    data: Json = None
    session_id: str | None = None
    revision: int | None = None
    duration_ms: int | None = None
    address: str | None = None
    at: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: of a diagram (id or uuid), of an agent, from ``since`` on, before ``until``."""

    diagram: str | None = None
    agent_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def can_match(self) -> bool:
        texts = (self.diagram, self.agent_id)
        return all(is_storable(text) for text in texts if text is not None)


class Audit:
    """Writes and reads the table ``agent_operations``. Raises PersistenceError."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._put, self._take = trio.open_memory_channel[Note](MAX_WAITING_NOTES)
        self._is_running = False
        self._noted = 0
        self._written = 0
        self._progress = trio.Event()

    # Writing ------------------------------------------------------------------------------------

    async def record(
        self,
        agent_id: str,
        operation_type: str,
        diagram: str | None,
        **more: Any,
    ) -> None:
        """Stores a row and returns once it is there; ``more`` as in :class:`Note`.

        Nothing that an agent sends is too odd to be noted: it is cut to size, and characters that
        Postgres cannot hold are replaced.
        """
        note = Note(agent_id=agent_id, operation_type=operation_type, diagram=diagram, **more)
        await self._write([note])

    async def note(self, note: Note) -> None:
        """Has a row stored soon, and in any case before :meth:`running` ends.

        Waits while ``MAX_WAITING_NOTES`` wait already: no note is dropped, the agent slows down.
        """
        if not self._is_running:
            await self._write([note])
            return
        self._noted += 1
        await self._put.send(note)

    def note_nowait(self, note: Note) -> bool:
        """The same from where nothing can wait; ``False`` where there is no room."""
        try:
            self._put.send_nowait(note)
        except trio.WouldBlock:
            return False
        self._noted += 1
        return True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Writes what is noted during the body, and the rest of it at the end."""
        async with trio.open_nursery() as nursery:
            # Of its own, so that a cancellation from outside does not end the last writes.
            scope = trio.CancelScope(shield=True)
            nursery.start_soon(self._write_notes, scope)
            self._is_running = True
            try:
                yield
            finally:
                self._is_running = False
                with trio.CancelScope(shield=True), trio.move_on_after(AUDIT_FLUSH_SECONDS):
                    await self.wait_written()
                scope.cancel()

    async def wait_written(self) -> None:
        """Returns once everything that was noted until now is stored."""
        target = self._noted
        while self._written < target:
            await self._progress.wait()

    async def _write_notes(self, scope: trio.CancelScope) -> None:
        with scope:
            while True:
                notes = [await self._take.receive()]
                while len(notes) < MAX_AUDIT_GROUP:
                    try:
                        notes.append(self._take.receive_nowait())
                    except trio.WouldBlock:
                        break
                await self._write_surely(notes)
                self._written += len(notes)
                self._progress.set()
                self._progress = trio.Event()

    async def _write_surely(self, notes: list[Note]) -> None:
        """Tries until Postgres is there again. What it refuses for good is logged instead."""
        delay = FIRST_RETRY_DELAY_SECONDS
        while True:
            try:
                await self._write(notes)
            except PersistenceError as error:
                if error.code not in {"unavailable", "outcome_unknown"}:
                    logger.exception("%d notes of what agents did are not on record", len(notes))
                    return
            else:
                return
            await trio.sleep(delay)
            delay = min(2 * delay, LAST_RETRY_DELAY_SECONDS)

    async def _write(self, notes: list[Note]) -> None:
        columns = zip(*(_columns(note) for note in notes), strict=True)
        await self._bridge.write(sql("record_agent_operations"), *columns)

    # Reading ------------------------------------------------------------------------------------

    async def list(
        self,
        *,
        diagram: str | None = None,
        agent_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[AgentOperation]:
        """Rows of a diagram (id or uuid) or an agent or both, newest first.

        ``before_id`` continues after the last row of the page before. What this process has noted
        before it asks is in it.
        """
        wanted = Filter(diagram=diagram, agent_id=agent_id, since=since, until=until)
        if self._is_running:
            with trio.move_on_after(AUDIT_FLUSH_SECONDS):
                await self.wait_written()
        return await self._page(
            sql("list_agent_operations"), wanted, before_id, min(limit, MAX_PAGE)
        )

    async def export(self, wanted: Filter) -> AsyncGenerator[AgentOperation, None]:
        """The rows, oldest first, read a page at a time."""
        last = 0
        while page := await self._page(sql("export_agent_operations"), wanted, last, MAX_PAGE):
            for row in page:
                yield row
            last = page[-1].id

    async def _page(
        self, query: str, wanted: Filter, place: int | None, limit: int
    ) -> "list_[AgentOperation]":
        if not wanted.can_match:
            return []
        rows = await self._bridge.fetch(
            query,
            wanted.diagram,
            wanted.agent_id,
            place,
            limit,
            wanted.since,
            wanted.until,
        )
        return [_operation(row) for row in rows]

    # Retention ----------------------------------------------------------------------------------

    async def prune(self, older_than: datetime) -> int:
        """Drops rows from before a moment, and returns how many.

        Each chain keeps all rows from its first younger one on, so that it stays whole, and its
        head remembers where it begins now.
        """
        dropped = 0
        while chains := await self._bridge.fetch(sql("find_prunable_chains"), older_than, MAX_PAGE):
            for chain in chains:
                (row,) = await self._bridge.write(
                    sql("prune_audit_chain"), chain["chain"], older_than, MAX_PRUNED_ROWS
                )
                dropped += row["dropped"]
        return dropped


#: Inside the class a method hides the builtin.
list_ = list


def _columns(note: Note) -> tuple[Any, ...]:
    return (
        storable(note.agent_id)[:255],
        storable(note.operation_type)[:50],
        None if note.diagram is None else storable(note.diagram),
        None if note.data is None else _keep(note.data),
        None if note.session_id is None else storable(note.session_id)[:255],
        None if note.error is None else storable(note.error)[:MAX_AUDIT_MESSAGE],
        note.revision,
        note.duration_ms,
        None if note.address is None else storable(note.address)[:255],
        note.at,
    )


def _keep(data: Json) -> bytes:
    """The data as JSON, or how long it would have been."""
    try:
        text = encode_jsonb_leniently(data)
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        return msgspec.json.encode({"not_kept": type(error).__name__})
    if len(text) > MAX_AUDIT_BYTES:
        return msgspec.json.encode({"not_kept": "too long", "bytes": len(text)})
    return text


def _operation(row: Row) -> AgentOperation:
    values = {name: row[name] for name in AgentOperation.__struct_fields__}
    return AgentOperation(**values | {"operation_data": decode_jsonb(row["operation_data"])})
