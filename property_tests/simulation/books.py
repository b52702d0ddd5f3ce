"""What is written down while a run goes on, to hold the server to it."""

from collections.abc import Sequence
from typing import TypeAlias

from actors.commands import Submit
from actors.events import (
    Acknowledged,
    AnyEvent,
    ConflictsDetected,
    Read,
    Rejected,
    Subscribed,
    Updated,
)
from actors.ports import Author, CommitBatch, JournalEntry
from ot.policy import later_wins_over
from property_tests.simulation.diagnosis import Diagnosis
from property_tests.simulation.engine import AnyCore, Engine
from property_tests.simulation.kinds import Op, Paired
from property_tests.simulation.laws import Violation
from property_tests.simulation.link import Link
from property_tests.simulation.store import Store

#: A submission: its author's id, client and sequence.
Key: TypeAlias = tuple[str, str | None, int | None]

#: Refusals that are no fault of the edit's.
_EXCUSED = frozenset(
    {"commit_failed", "overloaded", "unavailable", "internal_error", "not_storable"}
)


class Books:
    """Counts, and checks everything that the server tells and commits."""

    def __init__(self, engine: Engine, store: Store, diagnosis: Diagnosis | None = None) -> None:
        self.engine = engine
        self.store = store
        self.diagnosis = diagnosis
        self.counts: dict[str, int] = {}
        self.overlaps = 0
        self.kind_pairs: dict[str, int] = {}
        #: The newest revision that anybody has heard of.
        self.told_revision = 0
        self.refused: dict[Key, str] = {}
        self.excused: dict[Key, None] = {}
        self._staged: dict[tuple[int, Key], tuple[int, Op]] = {}
        #: Whose edits gave way, or made others give way, by the revision that did it.
        self._concerned: dict[int, dict[Author, None]] = {}
        self._checked: Updated | None = None
        kind = engine.type
        self._pairs_of = kind.pairs_of if isinstance(kind, Paired) else self._pairs_by_kind

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    # Submissions -----------------------------------------------------------------------------

    def note_arrival(self, command: Submit) -> None:
        link = command.receiver
        assert isinstance(link, Link), "everybody is on a link"
        link.owed[command.sequence] = link.owed.get(command.sequence, 0) + 1

    def note_staged(self, revision: int, command: Submit, durable_revision: int) -> None:
        key = (command.author.id, command.client_id, command.sequence)
        # A second copy of the frame that came after the refusal is no lie of the server's.
        self.refused.pop(key, None)
        base = durable_revision if command.base_revision is None else command.base_revision
        self._staged[revision, key] = (base, command.operation)

    def excuse(self, entries: Sequence[JournalEntry]) -> None:
        """No living process could know of what a dead one has committed late."""
        for entry in entries:
            self.excused[entry.author.id, entry.client_id, entry.sequence] = None

    def look_at_merge(self, core: AnyCore, command: Submit) -> None:
        if self.diagnosis is not None:
            self.diagnosis.look_at_merge(self.store, core, command)

    def note_commit(self, entries: Sequence[JournalEntry]) -> None:
        """Counts what met; the entries are in the journal by now."""
        for entry in entries:
            key = (entry.author.id, entry.client_id, entry.sequence)
            staged = self._staged.get((entry.revision, key))
            if staged is None:
                self.count(f"committed by {entry.author.kind}")
                continue
            base, operation = staged
            for theirs in self.store.journal[base : entry.revision - 1]:
                operation = self._met(entry.revision, operation, entry.author, theirs)

    def _met(self, revision: int, a: Op, author: Author, theirs: JournalEntry) -> Op:
        """Counts what ``a`` met in an operation it did not know; ``a`` as it came out of that."""
        b = self.engine.operation_of(theirs.operation)
        pairs = self._pairs_of(a, b)
        if not pairs:
            return a
        self.overlaps += 1
        wins = later_wins_over(self.store.policy, author.kind, theirs.author.kind)
        if self.engine.loses(a, b, wins):
            self._concerned.setdefault(revision, {}).update({author: None, theirs.author: None})
        for pair in sorted(pairs):
            self.kind_pairs[pair] = self.kind_pairs.get(pair, 0) + 1
        return self.engine.type.transform(a, b, wins)

    def _pairs_by_kind(self, a: Op, b: Op) -> set[str]:
        kind = self.engine.type
        return {"/".join(sorted((x, y))) for x in kind.kinds_of(a) for y in kind.kinds_of(b)}

    def check_batch(self, batch: CommitBatch) -> None:
        """What is handed over begins at the durable revision or after it, each by its number."""
        for before, entry in enumerate(batch.entries, batch.entries[0].revision):
            if entry.revision != before:
                raise Violation("order", "a batch has a gap", before, entry.revision)

    # What is told ----------------------------------------------------------------------------

    def check_told(self, link: Link, event: AnyEvent) -> None:
        """Holds an event to the laws, as it leaves the server."""
        if isinstance(event, Updated):
            if event is not self._checked:
                self._check_updated(event)
                self._checked = event
        elif isinstance(event, Subscribed):
            self._check_subscribed(link, event)
        elif isinstance(event, Acknowledged):
            self._check_acknowledged(link, event)
        elif isinstance(event, Rejected):
            self._check_rejected(link, event)
        elif isinstance(event, ConflictsDetected):
            self._check_conflicts(link, event)
        elif isinstance(event, Read):
            self.store.check_state("durable", "what is read", event.revision, event.diagram)

    def _check_updated(self, event: Updated) -> None:
        journal = self.store.journal
        before = event.operations[0].entry.revision - 1
        for told in event.operations:
            revision = told.entry.revision
            if revision != before + 1:
                raise Violation("order", "an update has a gap", before + 1, revision)
            if revision > len(journal):
                raise Violation("durable", f"revision {revision} is told and not durable")
            entry = journal[revision - 1]
            if told.entry is not entry or told.operation != self.engine.operation_of(
                entry.operation
            ):
                raise Violation(
                    "durable",
                    f"what is told of revision {revision} is not in the journal",
                    self.engine.shown(entry.operation),
                    self.engine.shown(told.operation),
                )
            before = revision
        self.told_revision = max(self.told_revision, before)

    def _check_subscribed(self, link: Link, event: Subscribed) -> None:
        if event.snapshot is not None:
            self.store.check_state("durable", "a snapshot", event.revision, event.snapshot)
        elif event.revision > self.store.revision:
            raise Violation("durable", f"revision {event.revision} is told and not durable")
        expected = self._newest_sequence(link.author, link.client_id, event.revision)
        newest = self._newest_sequence(link.author, link.client_id, self.store.revision)
        if event.last_sequence not in {expected, newest}:
            message = f"the last durable sequence of {link.client_id} is told wrongly"
            raise Violation("acknowledged", message, expected, event.last_sequence)

    def _newest_sequence(self, author: Author, client_id: str | None, revision: int) -> int:
        if client_id is None:
            return 0
        return max(
            (
                entry.sequence or 0
                for entry in self.store.journal[:revision]
                if entry.client_id == client_id and entry.author == author
            ),
            default=0,
        )

    def _check_acknowledged(self, link: Link, event: Acknowledged) -> None:
        self._settle_debt(link, event.sequence)
        if link.is_cut:
            return
        revision = event.revision
        if link.client_id is not None and event.sequence is not None:
            known = self.store.submissions.get((link.author.id, link.client_id, event.sequence))
            if known is None or revision not in {None, known}:
                message = f"{link.client_id} {event.sequence} is acknowledged"
                raise Violation("acknowledged", message, known, revision)
        if revision is None:
            return
        if revision > self.store.revision:
            raise Violation("durable", f"revision {revision} is acknowledged and not durable")
        self.told_revision = max(self.told_revision, revision)
        log: Op = self.store.journal[revision - 1].operation
        told: Op | None = event.operation
        if told is not None and told != self.engine.operation_of(log):
            raise Violation("acknowledged", f"revision {revision} is something else")

    def _check_rejected(self, link: Link, event: Rejected) -> None:
        if event.sequence is not None:
            self._settle_debt(link, event.sequence)
            if not event.retry:
                self.refused[link.author.id, link.client_id, event.sequence] = event.code
        if event.code not in _EXCUSED:
            raise Violation("accepted", f"{event.code}: {event.message} ({event.at})")

    def check_published(self, core: AnyCore, since: int) -> None:
        """Whoever follows and is concerned by what was lost has just been told."""
        for revision in range(since + 1, core.durable_revision + 1):
            concerned = self._concerned.get(revision, {})
            for receiver, subscription in core.subscriptions.items():
                assert isinstance(receiver, Link), "everybody is on a link"
                if subscription.author in concerned and revision not in receiver.conflicts_told:
                    message = f"{subscription.author.id} is not told what gave way at {revision}"
                    raise Violation("conflicts", message)

    def _settle_debt(self, link: Link, sequence: int | None) -> None:
        link.owed[sequence] = link.owed.get(sequence, 0) - 1
        if link.owed[sequence] < 0:
            raise Violation("single answer", f"{link.client_id} {sequence} is answered twice")

    def _check_conflicts(self, link: Link, event: ConflictsDetected) -> None:
        for conflict in event.conflicts:
            link.conflicts_told[conflict.revision] = None
            if conflict.revision > self.store.revision:
                raise Violation("durable", f"a conflict of revision {conflict.revision} is told")
            if link.author not in {conflict.kept_author, conflict.dropped_author}:
                message = f"{link.author.id} is told of a conflict between others"
                raise Violation("conflicts", message)
