"""The journal, the snapshots, and commits that end well, badly, late or in doubt."""

from collections import deque
from collections.abc import Callable

import msgspec

from actors.commands import Submit
from actors.ports import (
    SYSTEM,
    Author,
    CommitBatch,
    CommitOutcome,
    JournalEntry,
    LastSubmission,
    Policy,
    StoredDiagram,
)
from property_tests.simulation.kinds import Json, State, Type
from property_tests.simulation.laws import Violation

DIAGRAM_ID = "d"


class PendingCommit(msgspec.Struct):
    """A commit without an answer. ``outcome`` is set once it is decided what became of it."""

    batch: CommitBatch
    outcome: CommitOutcome | None = None


class Store:
    """One diagram's journal. ``states[r]`` is its replay up to revision ``r``."""

    def __init__(
        self,
        kind: Type,
        start: State,
        policy: Policy,
        shown: Callable[[State], Json],
        check_whole: Callable[[State], None],
    ) -> None:
        self.type = kind
        self.check_whole = check_whole
        self.policy = policy
        self.shown = shown
        self.journal: list[JournalEntry] = []
        self.states: list[State] = [start]
        self.snapshot_revision = 0
        self.pending: deque[PendingCommit] = deque()
        #: Sent by a process that has died since, and not yet carried out by the database.
        self.late: deque[CommitBatch] = deque()
        #: Revision of every submission, by author, client and sequence.
        self.submissions: dict[tuple[str, str, int], int] = {}
        #: What no batch may hold, as if the database could not take it.
        self.unstorable: dict[tuple[str, str | None, int | None], None] = {}

    @property
    def revision(self) -> int:
        return len(self.journal)

    # Commits ---------------------------------------------------------------------------------

    def carry_out(self, batch: CommitBatch) -> CommitOutcome:
        """Stores the batch, unless another writer was faster. Raises Violation."""
        first = batch.entries[0].revision
        if [entry.revision for entry in batch.entries] != list(
            range(first, first + len(batch.entries))
        ):
            raise Violation("order", "a batch holds consecutive revisions")
        if first != self.revision + 1:
            if first > self.revision + 1:
                raise Violation("order", f"a commit of {first} leaves a gap")
            return CommitOutcome.FENCED
        if any(_key(entry) in self.unstorable for entry in batch.entries):
            return CommitOutcome.REFUSED
        for entry in batch.entries:
            self._append(entry)
        self.check_whole(self.states[-1])
        return CommitOutcome.COMMITTED

    def spoil(self, batch: CommitBatch, at: int) -> None:
        """From now on the entry at ``at``, unless it is a repair, cannot be stored."""
        entry = batch.entries[at]
        if entry.author is not SYSTEM:
            self.unstorable[_key(entry)] = None

    def _append(self, entry: JournalEntry) -> None:
        if entry.client_id is not None and entry.sequence is not None:
            key = (entry.author.id, entry.client_id, entry.sequence)
            if key in self.submissions:
                raise Violation("once", f"committed twice: {key}", self.submissions[key])
            self.submissions[key] = entry.revision
        try:
            state = self.type.apply(self.states[-1], entry.operation)
        except Exception as error:
            message = f"revision {entry.revision} does not apply: {error}"
            raise Violation("validity", message, actual=self.shown(self.states[-1])) from error
        self.states.append(state)
        self.journal.append(entry)

    def save_snapshot(self, revision: int, state: State) -> None:
        """Keeps the newest. Raises Violation where it is not the replay of the journal."""
        self.check_state("journal", "a snapshot to store", revision, state)
        self.snapshot_revision = max(self.snapshot_revision, revision)

    def check_state(self, law: str, what: str, revision: int, state: State) -> None:
        """Raises Violation unless ``state`` is what the journal gives at ``revision``."""
        if revision > self.revision:
            message = f"{what} is at revision {revision}, only {self.revision} are durable"
            raise Violation("durable", message)
        expected = self.states[revision]
        if not self.type.equal(state, expected):
            message = f"{what} is not the journal's replay at revision {revision}"
            raise Violation(law, message, self.shown(expected), self.shown(state))

    # Reading ---------------------------------------------------------------------------------

    def load(self) -> StoredDiagram:
        return StoredDiagram(
            diagram_id=DIAGRAM_ID,
            policy=self.policy,
            snapshot_revision=self.snapshot_revision,
            snapshot=self.states[self.snapshot_revision],
            tail=self.journal[self.snapshot_revision :],
        )

    def read_entries(self, after: int, up_to: int) -> list[JournalEntry]:
        return self.journal[max(after, 0) : max(up_to, 0)]

    def find_last_submission(self, author: Author, client_id: str) -> LastSubmission | None:
        found = [
            LastSubmission(sequence, revision)
            for (who, which, sequence), revision in self.submissions.items()
            if (who, which) == (author.id, client_id)
        ]
        return max(found, key=lambda submission: submission.sequence, default=None)

    def find_submission(self, command: Submit) -> int | None:
        """The revision of this very submission, if it is in the journal."""
        assert command.client_id is not None, "only clients count what they submit"
        assert command.sequence is not None, "only clients count what they submit"
        return self.submissions.get((command.author.id, command.client_id, command.sequence))


def _key(entry: JournalEntry) -> tuple[str, str | None, int | None]:
    return (entry.author.id, entry.client_id, entry.sequence)
