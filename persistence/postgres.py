"""The storage that actors ask for, in Postgres."""

import logging
from collections.abc import Callable, Sequence

import msgspec

from actors.ports import (
    Author,
    CommitBatch,
    CommitOutcome,
    JournalEntry,
    LastSubmission,
    StoredDiagram,
)
from ot.diagram import Diagram
from persistence.bridge import Bridge, Mailbox
from persistence.committer import CommitStatistics, Committer
from persistence.errors import Corrupt, PersistenceError
from persistence.limits import ENTRIES_PAGE, KEPT_SNAPSHOTS, MAX_WAITING_SNAPSHOTS
from persistence.pool import Row
from persistence.queries import sql
from persistence.rows import decode_diagram, decode_entry, encode_diagram, is_storable

logger = logging.getLogger(__name__)


class _Snapshot(msgspec.Struct, frozen=True):
    diagram_id: str
    revision: int
    document: Diagram


class PostgresStorage:
    """``actors.ports.Storage``. One per process; it starts its committer on the bridge.

    The reading methods raise PersistenceError, ``unavailable`` while Postgres is away.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._committer = Committer(bridge)
        self._snapshots: Mailbox[_Snapshot] = bridge.open_mailbox(MAX_WAITING_SNAPSHOTS)
        bridge.start_service(self._store_snapshots)

    def commit_nowait(self, batch: CommitBatch, done: Callable[[CommitOutcome], None]) -> None:
        """Hands a batch to the committer; ``done`` is called on the trio thread, exactly once."""
        self._committer.commit_nowait(batch, done)

    def statistics(self) -> CommitStatistics:
        """What was committed so far."""
        return self._committer.statistics()

    async def load_diagram(self, diagram_id: str) -> StoredDiagram | None:
        """The newest snapshot that can be read, and what was committed after it.

        Raises PersistenceError ``corrupt`` where no snapshot can be read, or the journal after it
        has a gap or ends before the diagram's revision.
        """
        if not is_storable(diagram_id):
            return None
        return await self._bridge.run(self._load, diagram_id)

    async def _load(self, diagram_id: str) -> StoredDiagram | None:
        # Two statements are consistent enough: the journal only grows, and a snapshot that is
        # dropped in between has been read already.
        damage: Corrupt | None = None
        before = _MAX_REVISION
        while rows := await self._bridge.database.fetch(sql("load_diagram"), diagram_id, before):
            row = rows[0]
            if row["document"] is None:
                raise damage or Corrupt("The diagram has no snapshot.", f"snapshots/{diagram_id}")
            before = row["revision"]
            try:
                snapshot = decode_diagram(row["document"], f"snapshots/{diagram_id}/{before}")
            except Corrupt as error:
                # An older snapshot and a longer piece of the journal come to the same.
                logger.error("a snapshot is passed over: %s", error)
                damage = damage or error
            else:
                return await self._complete(diagram_id, row, snapshot)
        return None

    async def _complete(self, diagram_id: str, row: Row, snapshot: Diagram) -> StoredDiagram:
        """The diagram from this snapshot on, which is the row's."""
        revision: int = row["revision"]
        tail = await self._read(diagram_id, revision, _MAX_REVISION)
        last = tail[-1].revision if tail else revision
        if last < row["head"]:
            raise _missing(diagram_id, last + 1)
        return StoredDiagram(
            diagram_id=diagram_id,
            policy=row["policy"],
            snapshot_revision=revision,
            snapshot=snapshot,
            tail=tail,
        )

    async def read_entries(self, diagram_id: str, after: int, up_to: int) -> list[JournalEntry]:
        """Entries with ``after < revision <= up_to``, in order and without a gap.

        Raises PersistenceError ``corrupt`` where one is missing before the last one found.
        """
        return await self._bridge.run(self._read, diagram_id, after, up_to)

    async def _read(self, diagram_id: str, after: int, up_to: int) -> list[JournalEntry]:
        entries: list[JournalEntry] = []
        while after < up_to:
            page_end = min(after + ENTRIES_PAGE, up_to)
            rows = await self._bridge.database.fetch(
                sql("read_entries"), diagram_id, after, page_end
            )
            # One page at a time, so that commits on this thread need not wait for a long history.
            entries += [decode_entry(row) for row in rows]
            _check_gapless(diagram_id, after, rows)
            if len(rows) < page_end - after:
                break
            after = page_end
        return entries

    async def find_last_submission(
        self, diagram_id: str, author: Author, client_id: str
    ) -> LastSubmission | None:
        """The client's newest committed submission on this diagram."""
        if not is_storable(client_id):
            return None
        row = await self._bridge.fetch_row(
            sql("find_last_submission"), diagram_id, author.kind, author.id, client_id
        )
        return None if row is None else LastSubmission(row["sequence"], row["revision"])

    async def find_submission(
        self, diagram_id: str, author: Author, client_id: str, sequence: int
    ) -> int | None:
        """The revision that this very submission was committed as, if it was."""
        row = await self._bridge.fetch_row(
            sql("find_submission"), diagram_id, author.kind, author.id, client_id, sequence
        )
        return None if row is None else int(row["revision"])

    def save_snapshot_nowait(self, diagram_id: str, revision: int, snapshot: Diagram) -> None:
        """Stores a snapshot of a committed revision in the background; failing only logs."""
        if not self._snapshots.put_nowait(_Snapshot(diagram_id, revision, snapshot)):
            logger.warning("a snapshot of %s was skipped: too many wait", diagram_id)

    async def _store_snapshots(self) -> None:
        while await self._snapshots.wait_items():
            await self._store_snapshot(self._snapshots.take_nowait())

    async def _store_snapshot(self, snapshot: _Snapshot) -> None:
        try:
            stored = await self._bridge.database.write(
                sql("save_snapshot"),
                snapshot.diagram_id,
                snapshot.revision,
                encode_diagram(snapshot.document),
                KEPT_SNAPSHOTS,
            )
        except (PersistenceError, TypeError, ValueError, msgspec.MsgspecError) as error:
            logger.error("a snapshot of %s was not stored: %s", snapshot.diagram_id, error)
        else:
            if not stored:
                logger.error(
                    "a snapshot of %s was not stored: revision %d is not committed",
                    snapshot.diagram_id,
                    snapshot.revision,
                )


def _check_gapless(diagram_id: str, after: int, rows: Sequence[Row]) -> None:
    """Raises Corrupt where the rows are not the journal's next ones after that revision."""
    for revision, row in enumerate(rows, after + 1):
        if row["revision"] != revision:
            raise _missing(diagram_id, revision)


def _missing(diagram_id: str, revision: int) -> Corrupt:
    message = "The journal lacks this revision, and has or had later ones."
    return Corrupt(message, f"journal/{diagram_id}/{revision}")


#: The largest bigint: no upper bound.
_MAX_REVISION = 2**63 - 1
