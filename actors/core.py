"""A diagram's life without input or output: commands in, effects out.

The core holds the authoritative state and revision. It applies submissions in memory at once, but
tells nobody before they are durable: ``Commit`` goes out, ``Committed`` comes back, only then are
the operations delivered. While one batch is being committed the next one gathers.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from actors.catch_up import committed, concurrent_since, entries_between, operations_since
from actors.commands import (
    Command,
    Committed,
    ReadDiagram,
    ShowPresence,
    Submit,
    Subscribe,
    Unsubscribe,
    receiver_of,
)
from actors.cycles import find_repair
from actors.dedup import Submissions
from actors.effects import Commit, Deliver, Effect, Reload, SaveSnapshot
from actors.events import (
    Acknowledged,
    AnyEvent,
    Closed,
    CommittedOperation,
    Conflict,
    ConflictsDetected,
    Presence,
    Read,
    Rejected,
    Subscribed,
    Updated,
)
from actors.history import History
from actors.limits import (
    MAX_BASE_AGE,
    MAX_BATCH_OPERATIONS,
    MAX_SUBSCRIBERS,
    MAX_UNCOMMITTED,
    SNAPSHOT_INTERVAL,
)
from actors.merging import find_overridden, merge
from actors.ports import (
    SYSTEM,
    Author,
    CommitBatch,
    CommitOutcome,
    DiagramSummary,
    JournalEntry,
    StorageUnreadable,
    StoredDiagram,
)
from actors.sessions import Receiver, Subscription
from actors.size import SizeGuard
from actors.staging import Staged
from ot.apply import apply_in_place
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.invert import invert
from ot.operation import Operation
from ot.validate import check_operation
from ot.wire import wire_form


class Core:
    """One diagram. ``revision`` counts what is applied, ``durable_revision`` what is stored."""

    def __init__(self, stored: StoredDiagram, snapshot_interval: int = SNAPSHOT_INTERVAL) -> None:
        self.diagram_id = stored.diagram_id
        self.policy = stored.policy
        self.diagram = stored.snapshot.copy()
        self.revision = stored.snapshot_revision
        self.snapshot_revision = stored.snapshot_revision
        self.snapshot_interval = snapshot_interval
        self.history = History(floor=stored.snapshot_revision)
        self.submissions = Submissions()
        self.subscriptions: dict[Receiver, Subscription] = {}
        self.presence: dict[Receiver, Presence] = {}
        self.staged: list[Staged] = []
        self.in_flight: list[Staged] = []
        #: Batches that still hold one edit each, after one that could not be stored.
        self._single_batches = 0
        for entry in stored.tail:
            self._replay(entry)
        self.durable_revision = self.revision
        self.size = SizeGuard(self.diagram)
        self._shared_snapshot: Diagram | None = None
        self._snapshot_frames: dict[str, bytes] = {}
        self._effects: list[Effect] = []
        self._now = datetime.min

    def _replay(self, entry: JournalEntry) -> None:
        try:
            apply_in_place(self.diagram, entry.operation)
        except Exception as error:
            message = f"The journal's revision {entry.revision} cannot be applied."
            raise StorageUnreadable(message) from error
        self.revision = entry.revision
        self.history.append(committed(entry, wire_form(entry.operation)))
        self.submissions.remember(entry)
        self.history.trim(self.revision)

    # What the task asks before and after -----------------------------------------------------

    @property
    def is_quiet(self) -> bool:
        """Whether nobody follows and nothing is on its way: it may be passivated."""
        return not self.subscriptions and not self.in_flight and not self.staged

    def lacks_entries_since(self, revision: int | None) -> bool:
        """Whether catching up from ``revision`` needs entries from the journal."""
        if revision is None or revision >= self.history.floor or revision < 0:
            return False
        return self.revision - revision <= MAX_BASE_AGE

    def durable_diagram(self) -> Diagram:
        """A copy of the diagram at ``durable_revision``."""
        return self._without(self._uncommitted())

    def _without(self, newest: Sequence[Staged]) -> Diagram:
        """A copy of the diagram with the newest operations taken back."""
        copy = self.diagram.copy()
        for staged in reversed(newest):
            apply_in_place(copy, invert(staged.entry.operation))
        return copy

    # The life of a command -------------------------------------------------------------------

    def handle(self, command: Command, now: datetime) -> list[Effect]:
        """Decides; what comes back must be carried out in order."""
        self._now = now
        match command:
            case Submit():
                self._submit(command)
            case Committed():
                self._committed(command.outcome)
            case ShowPresence():
                self._show_presence(command)
            case Subscribe():
                self._subscribe(command)
            case Unsubscribe():
                self._unsubscribe(command.receiver)
            case ReadDiagram():
                self._read(command)
        return self._take_effects()

    def flush(self) -> list[Effect]:
        """After the last command of a batch: hands what has gathered to the committer."""
        if self.staged and not self.in_flight:
            end = self._batch_end()
            self.in_flight = self.staged[:end]
            del self.staged[:end]
            entries = [staged.entry for staged in self.in_flight]
            S = self._without(self.staged) if self.staged else self.diagram
            self._effects.append(Commit(CommitBatch(self.diagram_id, entries, _summary(S))))
        return self._take_effects()

    def _batch_end(self) -> int:
        """How much of what is staged goes together; a repair never without what it repairs."""
        end = MAX_BATCH_OPERATIONS
        if self._single_batches > 0:
            self._single_batches -= 1
            end = 1
        while end < len(self.staged) and self.staged[end].entry.author is SYSTEM:
            end += 1
        return end

    def _take_effects(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects

    # Submissions -----------------------------------------------------------------------------

    def _submit(self, command: Submit) -> None:
        """An operation's life: recognise, check, transform up to date, apply, stage."""
        if self._is_resend(command):
            return
        try:
            base = self._base_of(command)
            check_operation(command.operation)
            wire = wire_form(command.operation)
            conflicts: Sequence[Conflict] = ()
            if self.history.may_meet(wire, base):
                if command.alone:
                    raise OperationError("conflict", "Something it meets was changed since.")
                concurrent = self._concurrent(command, base)
                wire, conflicts = merge(wire, command, concurrent, self.policy, self.revision + 1)
            conflicts = [*conflicts, *self._overridden(command, wire, base)]
            self.size.check(self.diagram, wire)
            log = apply_in_place(self.diagram, wire)
        except OperationError as error:
            self._reject(command, error.code, error.message, error.at)
            return
        self._stage(command, log, wire, conflicts)
        self._repair_cycles(wire)

    def _is_resend(self, command: Submit) -> bool:
        """A second arrival is answered, not applied; one still on its way will be answered."""
        if command.client_id is None or command.sequence is None:
            return False
        self.submissions.learn(command.author, command.client_id, command.last_submission)
        last = self.submissions.last(command.author, command.client_id)
        if last is None or command.sequence > last.sequence:
            return False
        under_way = self._under_way(command)
        if under_way is not None:
            under_way.receivers.append(command.receiver)
            return True
        same = last.sequence == command.sequence
        revision = last.revision if same else command.stored_revision
        if revision is None:
            # A number that was passed over, because it was refused at first: not done yet.
            return False
        event = Acknowledged(
            diagram_id=self.diagram_id, sequence=command.sequence, revision=revision
        )
        self._deliver([command.receiver], event)
        return True

    def may_be_older_resend(self, command: Submit) -> bool:
        """Whether only the journal can tell if this submission was committed long ago."""
        if command.client_id is None or command.sequence is None:
            return False
        self.submissions.learn(command.author, command.client_id, command.last_submission)
        last = self.submissions.last(command.author, command.client_id)
        if last is None or command.sequence >= last.sequence:
            return False
        return self._under_way(command) is None

    def _under_way(self, command: Submit) -> Staged | None:
        """The first arrival of this very submission, while it is not durable yet."""
        for staged in self._uncommitted():
            same_sequence = staged.entry.sequence == command.sequence
            if same_sequence and staged.is_from(command.author, command.client_id):
                return staged
        return None

    def _uncommitted(self) -> list[Staged]:
        """Everything applied and not durable, oldest first."""
        return [*self.in_flight, *self.staged]

    def _base_of(self, command: Submit) -> int:
        base = self.durable_revision if command.base_revision is None else command.base_revision
        if base > self.durable_revision:
            message = f"The diagram is at revision {self.durable_revision}; base on that."
            raise OperationError("future_revision", message, "base_revision")
        if base < 0 or self.revision - base > MAX_BASE_AGE:
            message = "The base revision is too old to merge; read the diagram again."
            raise OperationError("base_too_old", message, "base_revision")
        if len(self.staged) + len(self.in_flight) >= MAX_UNCOMMITTED:
            raise OperationError("overloaded", "Too many edits at once; send it again shortly.")
        return base

    def _concurrent(self, command: Submit, base: int) -> Iterator[tuple[Author, Operation]]:
        """Everything applied since the base."""
        missing = self.history.floor - base
        if len(entries_between(command.older, base, self.history.floor)) < missing:
            raise OperationError("overloaded", "History is being read; send it again shortly.")
        return concurrent_since(self.history, base, command.older)

    def _overridden(self, command: Submit, wire: Operation, base: int) -> Sequence[Conflict]:
        """What the edit overrides that its author had not seen, as far back as memory reaches."""
        if command.seen_revision is None:
            return ()
        since = max(command.seen_revision, self.history.floor)
        if since >= base or not self.history.may_meet(wire, since):
            return ()
        unseen = self.history.since(since, up_to=base)
        return find_overridden(wire, command, unseen, self.revision + 1)

    def _stage(
        self, command: Submit, log: Operation, wire: Operation, conflicts: Sequence[Conflict]
    ) -> None:
        entry = JournalEntry(
            diagram_id=self.diagram_id,
            revision=self.revision + 1,
            author=command.author,
            client_id=command.client_id,
            sequence=command.sequence,
            operation=log,
            committed_at=self._now,
            label=command.label,
            origin=command.origin,
        )
        self._append(entry, wire, [command.receiver], conflicts)

    def _append(
        self,
        entry: JournalEntry,
        wire: Operation,
        receivers: list[Receiver],
        conflicts: Sequence[Conflict],
    ) -> None:
        previous = self.submissions.remember(entry)
        self.revision = entry.revision
        operation = committed(entry, wire)
        self.history.append(operation)
        self.size.grow(len(operation.encoded))
        self.staged.append(Staged(operation, receivers, conflicts, previous))

    def _repair_cycles(self, applied: Operation) -> None:
        """A parent cycle is opened by the next revision, in the same batch: nobody ever sees it."""
        repair = find_repair(self.diagram, applied)
        if repair is None:
            return
        log = apply_in_place(self.diagram, repair)
        entry = JournalEntry(
            diagram_id=self.diagram_id,
            revision=self.revision + 1,
            author=SYSTEM,
            client_id=None,
            sequence=None,
            operation=log,
            committed_at=self._now,
            label="repair",
        )
        self._append(entry, repair, [], ())

    def _reject(
        self, command: Submit, code: str, message: str, at: str = "", *, retry: bool = False
    ) -> None:
        event = Rejected(
            diagram_id=self.diagram_id,
            sequence=command.sequence,
            code=code,
            message=message,
            at=at,
            retry=retry or code == "overloaded",
        )
        self._deliver([command.receiver], event)

    # Commits ---------------------------------------------------------------------------------

    def _committed(self, outcome: CommitOutcome) -> None:
        if outcome is CommitOutcome.COMMITTED:
            self._publish()
        elif outcome is CommitOutcome.FAILED:
            self._refuse(self._roll_back())
        elif outcome is CommitOutcome.REFUSED:
            self._single_out()
        else:
            self._effects.append(Reload())

    def _publish(self) -> None:
        """The batch in flight is durable: now, and only now, everybody sees it."""
        done = self.in_flight
        self.durable_revision = done[-1].entry.revision
        operations = [staged.committed for staged in done]
        self._deliver(
            list(self.subscriptions), Updated(diagram_id=self.diagram_id, operations=operations)
        )
        for staged in done:
            self._answer(staged)
        self.in_flight = []
        self._shared_snapshot = None
        self.history.trim(self.durable_revision)
        self.submissions.trim(self.durable_revision)
        if self.durable_revision - self.snapshot_revision >= self.snapshot_interval:
            self._save_snapshot()

    def _answer(self, staged: Staged) -> None:
        """Tells authors who do not see the broadcast, and those whose edits met."""
        self._acknowledge(staged, set(self.subscriptions))
        if not staged.conflicts:
            return
        for receiver, subscription in self.subscriptions.items():
            conflicts = staged.conflicts_of(subscription.author)
            if conflicts:
                event = ConflictsDetected(diagram_id=self.diagram_id, conflicts=conflicts)
                self._deliver([receiver], event)

    def _acknowledge(self, staged: Staged, told: AbstractSet[Receiver]) -> None:
        receivers = [each for each in staged.receivers if each not in told]
        self._deliver(receivers, staged.acknowledged())

    def _save_snapshot(self) -> None:
        self.snapshot_revision = self.durable_revision
        self._effects.append(SaveSnapshot(self.durable_revision, self.durable_diagram()))

    def take_snapshot(self) -> list[Effect]:
        """Before passivation: stores what has changed since the last snapshot."""
        if self.durable_revision > self.snapshot_revision:
            self._save_snapshot()
        return self._take_effects()

    def _single_out(self) -> None:
        """Something in the batch cannot be stored: a batch of one tells which edit it is.

        The others are sent again by their authors, and then go one by one for a while.
        """
        suspects = [each for each in self.in_flight if each.entry.author is not SYSTEM]
        uncommitted = self._roll_back()
        if len(suspects) == 1:
            message = "The edit cannot be stored; do not send it again."
            self._tell_refused(suspects[0], "not_storable", message, False)
            self._refuse([each for each in uncommitted if each is not suspects[0]])
        else:
            self._single_batches = len(uncommitted)
            self._refuse(uncommitted)

    def _roll_back(self) -> list[Staged]:
        """Back to the last durable revision; returns what was taken back, oldest first."""
        uncommitted = self._uncommitted()
        for staged in reversed(uncommitted):
            apply_in_place(self.diagram, invert(staged.entry.operation))
            self.history.pop()
            self.submissions.forget(staged.entry, staged.previous_submission)
        self.revision = self.durable_revision
        self.in_flight, self.staged = [], []
        return uncommitted

    def _refuse(self, uncommitted: Sequence[Staged]) -> None:
        for staged in uncommitted:
            message = "The edit could not be stored; send it again."
            self._tell_refused(staged, "commit_failed", message, True)

    def _tell_refused(self, staged: Staged, code: str, message: str, retry: bool) -> None:
        self._deliver(staged.receivers, staged.rejected(code, message, retry))

    # Subscribers and readers -----------------------------------------------------------------

    def _subscribe(self, command: Subscribe) -> None:
        subscription = command.subscription
        if len(self.subscriptions) >= MAX_SUBSCRIBERS and (
            subscription.receiver not in self.subscriptions
        ):
            self._deliver(
                [subscription.receiver],
                Rejected(
                    diagram_id=self.diagram_id,
                    sequence=None,
                    code="too_many_subscribers",
                    message=f"At most {MAX_SUBSCRIBERS} connections follow one diagram.",
                ),
            )
            return
        missed = self._missed(command)
        self._deliver(
            [subscription.receiver],
            Subscribed(
                diagram_id=self.diagram_id,
                revision=self.durable_revision,
                policy=self.policy,
                last_sequence=self._last_sequence(command),
                may_edit=subscription.may_edit,
                snapshot=self._snapshot() if missed is None else None,
                snapshot_frames=self._snapshot_frames,
            ),
        )
        for start in range(0, len(missed or ()), MAX_BATCH_OPERATIONS):
            assert missed is not None
            chunk = missed[start : start + MAX_BATCH_OPERATIONS]
            event = Updated(diagram_id=self.diagram_id, operations=chunk)
            self._deliver([subscription.receiver], event)
        self.subscriptions[subscription.receiver] = subscription
        for receiver, presence in self.presence.items():
            if receiver is not subscription.receiver:
                self._deliver([subscription.receiver], presence)

    def _snapshot(self) -> Diagram:
        """The durable diagram, copied once for all who join before the next commit."""
        if self._shared_snapshot is None:
            self._shared_snapshot = self.durable_diagram()
            self._snapshot_frames = {}
        return self._shared_snapshot

    def _missed(self, command: Subscribe) -> Sequence[CommittedOperation] | None:
        """The operations to catch up with, or ``None`` where a snapshot serves better."""
        since = command.revision
        if since is None or not 0 <= since <= self.durable_revision:
            return None
        missed = operations_since(self.history, since, self.durable_revision, command.older)
        if missed is None:
            return None
        if command.pending or self.size.is_less_than_snapshot(
            self.diagram, (len(each.encoded) for each in missed)
        ):
            return missed
        return None

    def _last_sequence(self, command: Subscribe) -> int:
        subscription = command.subscription
        if subscription.client_id is None:
            return 0
        self.submissions.learn(subscription.author, subscription.client_id, command.last_submission)
        last = self.submissions.last(subscription.author, subscription.client_id)
        for staged in self._uncommitted():
            if staged.is_from(subscription.author, subscription.client_id):
                last = staged.previous_submission
                break
        return last.sequence if last is not None else 0

    def _unsubscribe(self, receiver: Receiver) -> None:
        self.subscriptions.pop(receiver, None)
        presence = self.presence.pop(receiver, None)
        if presence is not None:
            self._deliver(
                list(self.subscriptions),
                Presence(
                    diagram_id=self.diagram_id,
                    session_id=presence.session_id,
                    author=presence.author,
                    state=None,
                ),
            )

    def _show_presence(self, command: ShowPresence) -> None:
        subscription = self.subscriptions.get(command.receiver) or command.guest
        if subscription is None:
            return
        event = Presence(
            diagram_id=self.diagram_id,
            session_id=subscription.session_id,
            author=subscription.author,
            state=command.state,
        )
        self.presence[command.receiver] = event
        others = [receiver for receiver in self.subscriptions if receiver is not command.receiver]
        self._deliver(others, event)

    def _read(self, command: ReadDiagram) -> None:
        event = Read(
            diagram_id=self.diagram_id,
            diagram=self.durable_diagram(),
            revision=self.durable_revision,
        )
        self._deliver([command.receiver], event)

    def close(self, event: Closed) -> list[Effect]:
        """The actor ends: everybody who follows the diagram is told."""
        self._deliver(list(self.subscriptions), event)
        self.subscriptions.clear()
        return self._take_effects()

    def abandon(self, outcome: CommitOutcome | None, crashed: Command | None) -> list[Effect]:
        """After a crash: answers the authors of what was on its way, by what became of it.

        ``crashed`` is the command at which it happened; it must not come again. Subscribers are
        resynchronised by the core that takes over.
        """
        durable = self.in_flight if outcome is CommitOutcome.COMMITTED else []
        lost = self._uncommitted()[len(durable) :]
        self.in_flight, self.staged = [], []
        if durable:
            self.durable_revision = durable[-1].entry.revision
        for staged in reversed(lost):
            self.submissions.forget(staged.entry, staged.previous_submission)
        for staged in durable:
            self._acknowledge(staged, set())
        message = "The server failed on this; it was not applied. Do not send it again."
        blamed = [staged for staged in lost if _is_sent_by(staged, crashed)]
        for staged in blamed:
            self._tell_refused(staged, "internal_error", message, False)
        self._refuse([staged for staged in lost if staged not in blamed])
        if not blamed and not any(_is_sent_by(staged, crashed) for staged in durable):
            is_done = isinstance(crashed, Submit) and self._is_resend(crashed)
            if not is_done:
                self._refuse_command(crashed, message)
        return self._take_effects()

    def _refuse_command(self, command: Command | None, message: str) -> None:
        """Refuses a command at which the core crashed before it had staged anything."""
        receiver = receiver_of(command)
        if receiver is not None:
            event = Rejected(
                diagram_id=self.diagram_id,
                sequence=getattr(command, "sequence", None),
                code="internal_error",
                message=message,
            )
            self._deliver([receiver], event)

    def _deliver(self, receivers: Sequence[Receiver], event: AnyEvent) -> None:
        if receivers:
            self._effects.append(Deliver(receivers, event))


def _summary(S: Diagram) -> DiagramSummary:
    return DiagramSummary(S.title, S.description, S.kind, len(S.nodes), len(S.edges))


def _is_sent_by(staged: Staged, command: Command | None) -> bool:
    return (
        isinstance(command, Submit)
        and staged.entry.sequence == command.sequence
        and command.receiver in staged.receivers
    )
