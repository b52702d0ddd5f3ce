"""The storage that actors ask for, in memory: for the simulator, under the same contract tests.

Deterministic and without threads. What Postgres may do to a commit, refuse it, keep it waiting,
leave its outcome in doubt, is injected by the one who tests.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import TypeAlias

import msgspec
import trio

from actors.ports import (
    Author,
    CommitBatch,
    CommitOutcome,
    JournalEntry,
    LastSubmission,
    Policy,
    StoredDiagram,
)
from ot.diagram import Diagram
from persistence.limits import KEPT_SNAPSHOTS
from persistence.rows import decode_diagram, decode_operation, encode_diagram, encode_operation

Done: TypeAlias = Callable[[CommitOutcome], None]
CallSoon: TypeAlias = Callable[[Callable[[], object]], object]


class Fault(Enum):
    """What happens to a commit."""

    NONE = "none"
    #: Nothing is stored; answered FAILED.
    FAIL = "fail"
    #: Nothing is stored, and never will be; answered REFUSED.
    REFUSE = "refuse"
    #: Nothing is stored; answered FENCED, as if another process held the diagram.
    FENCE = "fence"
    #: A slow commit: stored and answered only when released.
    DELAY = "delay"
    #: In doubt, and stored: answered COMMITTED only when released.
    DOUBT_STORED = "doubt_stored"
    #: In doubt, and lost: answered FAILED only when released.
    DOUBT_LOST = "doubt_lost"


_HELD = frozenset({Fault.DELAY, Fault.DOUBT_STORED, Fault.DOUBT_LOST})


_Submission: TypeAlias = tuple[str, str, str, int]


class _Entry(msgspec.Struct, frozen=True):
    """A journal entry with its operation as text, so that no value is shared with an actor."""

    entry: JournalEntry
    operation: bytes


class _Stored(msgspec.Struct):
    """One diagram."""

    policy: Policy
    is_in_trash: bool = False
    journal: list[_Entry] = msgspec.field(default_factory=list)
    snapshots: dict[int, bytes] = msgspec.field(default_factory=dict)
    #: Author, client and sequence of everything in the journal that names them.
    submissions: set[_Submission] = msgspec.field(default_factory=set)

    @property
    def revision(self) -> int:
        return len(self.journal)


class _Held(msgspec.Struct, frozen=True):
    batch: CommitBatch
    done: Done
    fault: Fault


class MemoryStorage:
    """``actors.ports.Storage`` without a database.

    ``call_soon`` brings answers back: a simulator gives its own scheduler; by default the trio loop
    that runs when a commit is handed over. ``faults`` is asked once for each commit.
    """

    def __init__(
        self,
        *,
        faults: Callable[[CommitBatch], Fault] = lambda batch: Fault.NONE,
        call_soon: CallSoon | None = None,
    ) -> None:
        self.faults = faults
        self._call_soon = call_soon
        self._diagrams: dict[str, _Stored] = {}
        self._held: deque[_Held] = deque()

    # The catalogue's part, as far as actors notice it -------------------------------------------

    def create(self, diagram_id: str, diagram: Diagram, policy: Policy = "later_wins") -> None:
        """A new diagram at revision 0. Raises ValueError where the id is taken."""
        if diagram_id in self._diagrams:
            raise ValueError(f"there is a diagram {diagram_id}")
        self._diagrams[diagram_id] = _Stored(policy, snapshots={0: encode_diagram(diagram)})

    def trash(self, diagram_id: str) -> None:
        self._diagrams[diagram_id].is_in_trash = True

    def restore(self, diagram_id: str) -> None:
        self._diagrams[diagram_id].is_in_trash = False

    def revision_of(self, diagram_id: str) -> int:
        """The committed revision."""
        return self._diagrams[diagram_id].revision

    # Commits ------------------------------------------------------------------------------------

    def commit_nowait(self, batch: CommitBatch, done: Done) -> None:
        """Stores or not, as ``faults`` has it; ``done`` is called exactly once, later."""
        entries = batch.entries
        if not entries or entries[-1].revision - entries[0].revision != len(entries) - 1:
            raise ValueError("a batch holds one or more consecutive revisions")
        fault = self.faults(batch)
        if fault in _HELD:
            self._hold(_Held(batch, done, fault))
        elif fault is Fault.FAIL:
            self._answer(done, CommitOutcome.FAILED)
        elif fault is Fault.REFUSE:
            self._answer(done, CommitOutcome.REFUSED)
        elif fault is Fault.FENCE:
            self._answer(done, CommitOutcome.FENCED)
        else:
            self._answer(done, self._store(batch))

    @property
    def held_count(self) -> int:
        """Commits without an answer yet."""
        return len(self._held)

    def release_nowait(self, count: int | None = None) -> None:
        """Settles the oldest held commits, all of them by default."""
        for _ in range(len(self._held) if count is None else min(count, len(self._held))):
            held = self._held.popleft()
            if held.fault is Fault.DELAY:
                outcome = self._store(held.batch)
            elif held.fault is Fault.DOUBT_STORED:
                outcome = CommitOutcome.COMMITTED
            else:
                outcome = CommitOutcome.FAILED
            self._answer(held.done, outcome)

    def _hold(self, held: _Held) -> None:
        if held.fault is Fault.DOUBT_STORED:
            outcome = self._store(held.batch)
            if outcome is not CommitOutcome.COMMITTED:
                # A look-up finds nothing of a batch that was fenced off.
                held = _Held(held.batch, held.done, Fault.DOUBT_LOST)
        self._held.append(held)

    def _store(self, batch: CommitBatch) -> CommitOutcome:
        stored = self._diagrams.get(batch.diagram_id)
        if stored is None or stored.is_in_trash or batch.entries[0].revision != stored.revision + 1:
            return CommitOutcome.FENCED
        submissions = [key for entry in batch.entries if (key := _submission(entry)) is not None]
        if len(set(submissions)) < len(submissions) or not stored.submissions.isdisjoint(
            submissions
        ):
            return CommitOutcome.REFUSED
        stored.submissions.update(submissions)
        stored.journal += [
            _Entry(entry, encode_operation(entry.operation)) for entry in batch.entries
        ]
        return CommitOutcome.COMMITTED

    def _answer(self, done: Done, outcome: CommitOutcome) -> None:
        call_soon = self._call_soon or trio.lowlevel.current_trio_token().run_sync_soon
        call_soon(partial(done, outcome))

    # Reading ------------------------------------------------------------------------------------

    async def load_diagram(self, diagram_id: str) -> StoredDiagram | None:
        """The newest snapshot and what was committed after it."""
        await trio.lowlevel.checkpoint()
        return self.load_diagram_nowait(diagram_id)

    def load_diagram_nowait(self, diagram_id: str) -> StoredDiagram | None:
        """The same for a simulator, which does not wait."""
        stored = self._diagrams.get(diagram_id)
        if stored is None or stored.is_in_trash:
            return None
        revision = max(stored.snapshots)
        return StoredDiagram(
            diagram_id=diagram_id,
            policy=stored.policy,
            snapshot_revision=revision,
            snapshot=decode_diagram(stored.snapshots[revision], diagram_id),
            tail=self.read_entries_nowait(diagram_id, revision, stored.revision),
        )

    async def read_entries(self, diagram_id: str, after: int, up_to: int) -> list[JournalEntry]:
        """Entries with ``after < revision <= up_to``, in order."""
        await trio.lowlevel.checkpoint()
        return self.read_entries_nowait(diagram_id, after, up_to)

    def read_entries_nowait(self, diagram_id: str, after: int, up_to: int) -> list[JournalEntry]:
        """The same for a simulator."""
        stored = self._diagrams.get(diagram_id)
        if stored is None:
            return []
        return [_thaw(kept) for kept in stored.journal[max(after, 0) : max(up_to, 0)]]

    async def find_last_submission(
        self, diagram_id: str, author: Author, client_id: str
    ) -> LastSubmission | None:
        """The client's newest committed submission on this diagram."""
        await trio.lowlevel.checkpoint()
        return self.find_last_submission_nowait(diagram_id, author, client_id)

    def find_last_submission_nowait(
        self, diagram_id: str, author: Author, client_id: str
    ) -> LastSubmission | None:
        """The same for a simulator."""
        stored = self._diagrams.get(diagram_id)
        found = [
            LastSubmission(kept.entry.sequence, kept.entry.revision)
            for kept in (stored.journal if stored else ())
            if kept.entry.sequence is not None
            and kept.entry.client_id == client_id
            and (kept.entry.author.kind, kept.entry.author.id) == (author.kind, author.id)
        ]
        return max(found, key=lambda submission: submission.sequence, default=None)

    async def find_submission(
        self, diagram_id: str, author: Author, client_id: str, sequence: int
    ) -> int | None:
        """The revision that this very submission was committed as, if it was."""
        await trio.lowlevel.checkpoint()
        stored = self._diagrams.get(diagram_id)
        for kept in stored.journal if stored else ():
            if _submission(kept.entry) == (author.kind, author.id, client_id, sequence):
                return kept.entry.revision
        return None

    def save_snapshot_nowait(self, diagram_id: str, revision: int, snapshot: Diagram) -> None:
        """Keeps the snapshot if its revision is committed, and drops older ones but the first."""
        stored = self._diagrams.get(diagram_id)
        if stored is None or revision > stored.revision:
            return
        stored.snapshots[revision] = encode_diagram(snapshot)
        for old in sorted(stored.snapshots)[1:-KEPT_SNAPSHOTS]:
            del stored.snapshots[old]


def _thaw(kept: _Entry) -> JournalEntry:
    entry = kept.entry
    operation = decode_operation(kept.operation, f"{entry.diagram_id}/{entry.revision}")
    return msgspec.structs.replace(entry, operation=operation)


def _submission(entry: JournalEntry) -> _Submission | None:
    if entry.client_id is None or entry.sequence is None:
        return None
    return (entry.author.kind, entry.author.id, entry.client_id, entry.sequence)
