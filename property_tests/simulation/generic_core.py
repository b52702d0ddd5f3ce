"""A server for any type: the promises of ours, in their shortest form.

The commands, events and effects are those of ``actors``, with the brought type's operations inside.
Nothing is inverted: the server keeps the states, so a type without ``invert`` will do.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

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
from actors.dedup import Submissions
from actors.effects import Commit, Deliver, Effect, Reload, SaveSnapshot
from actors.events import (
    Acknowledged,
    AnyEvent,
    Closed,
    CommittedOperation,
    Read,
    Rejected,
    Subscribed,
    Updated,
)
from actors.ports import (
    CommitBatch,
    CommitOutcome,
    DiagramSummary,
    JournalEntry,
    LastSubmission,
    StoredDiagram,
)
from actors.sessions import Receiver, Subscription
from ot.policy import later_wins_over
from property_tests.simulation.kinds import Op, State, Type

_NO_SUMMARY = DiagramSummary("", None, "", 0, 0)
_NO_TEXT = msgspec.Raw(b"null")


class Waiting(msgspec.Struct):
    """An entry that is not durable yet, the state after it, and who waits for it."""

    entry: JournalEntry
    state: State
    receivers: list[Receiver]
    previous_submission: LastSubmission | None


class GenericCore:
    """One document: orders what is submitted, tells nobody before it is durable."""

    def __init__(
        self, kind: Type, stored: StoredDiagram, history_length: int, snapshot_interval: int
    ) -> None:
        self.type = kind
        self.diagram_id = stored.diagram_id
        self.policy = stored.policy
        self.floor = self.snapshot_revision = stored.snapshot_revision
        self.history: list[JournalEntry] = list(stored.tail)
        self.durable_state: State = stored.snapshot
        self.submissions = Submissions()
        for entry in stored.tail:
            self.durable_state = kind.apply(self.durable_state, entry.operation)
            self.submissions.remember(entry)
        self.durable_revision = self.floor + len(self.history)
        self.history_length = history_length
        self.snapshot_interval = snapshot_interval
        self.subscriptions: dict[Receiver, Subscription] = {}
        self.staged: list[Waiting] = []
        self.in_flight: list[Waiting] = []
        self._single_batches = 0
        self._effects: list[Effect] = []
        self._trim()

    @property
    def revision(self) -> int:
        return self.durable_revision + len(self.in_flight) + len(self.staged)

    @property
    def state(self) -> State:
        waiting = [*self.in_flight, *self.staged]
        return waiting[-1].state if waiting else self.durable_state

    @property
    def is_quiet(self) -> bool:
        return not self.subscriptions and not self.in_flight and not self.staged

    def lacks_entries_since(self, revision: int | None) -> bool:
        return revision is not None and 0 <= revision < self.floor

    def may_be_older_resend(self, command: Submit) -> bool:
        if command.client_id is None or command.sequence is None:
            return False
        last = self.submissions.last(command.author, command.client_id)
        if last is None or command.sequence >= last.sequence:
            return False
        return not self._is_under_way(command)

    def handle(self, command: Command, now: datetime) -> list[Effect]:
        match command:
            case Submit():
                self._submit(command, now)
            case Committed():
                self._committed(command.outcome)
            case Subscribe():
                self._subscribe(command)
            case Unsubscribe():
                self.subscriptions.pop(command.receiver, None)
            case ReadDiagram():
                event = Read(
                    diagram_id=self.diagram_id,
                    diagram=self.durable_state,
                    revision=self.durable_revision,
                )
                self._deliver([command.receiver], event)
            case ShowPresence():
                pass
        return self._take_effects()

    def flush(self) -> list[Effect]:
        if self.staged and not self.in_flight:
            end = 1 if self._single_batches else len(self.staged)
            self._single_batches = max(0, self._single_batches - 1)
            self.in_flight, self.staged = self.staged[:end], self.staged[end:]
            entries = [waiting.entry for waiting in self.in_flight]
            self._effects.append(Commit(CommitBatch(self.diagram_id, entries, _NO_SUMMARY)))
        return self._take_effects()

    def _take_effects(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects

    # Submissions -----------------------------------------------------------------------------

    def _submit(self, command: Submit, now: datetime) -> None:
        if self._is_resend(command):
            return
        try:
            operation, state = self._merged(command)
        except Exception as error:
            self._reject(command.receiver, command.sequence, "invalid", str(error), retry=False)
            return
        entry = JournalEntry(
            diagram_id=self.diagram_id,
            revision=self.revision + 1,
            author=command.author,
            client_id=command.client_id,
            sequence=command.sequence,
            operation=operation,
            committed_at=now,
            label=command.label,
        )
        previous = self.submissions.remember(entry)
        self.staged.append(Waiting(entry, state, [command.receiver], previous))

    def _merged(self, command: Submit) -> tuple[Op, State]:
        base = self.durable_revision if command.base_revision is None else command.base_revision
        if not 0 <= base <= self.durable_revision:
            raise ValueError("there is no such base revision")
        waiting = [each.entry for each in (*self.in_flight, *self.staged)]
        operation: Op = command.operation
        for earlier in [*command.older, *self.history, *waiting]:
            if earlier.revision > base:
                wins = later_wins_over(self.policy, command.author.kind, earlier.author.kind)
                operation = self.type.transform(operation, earlier.operation, wins)
        return operation, self.type.apply(self.state, operation)

    def _is_resend(self, command: Submit) -> bool:
        if command.client_id is None or command.sequence is None:
            return False
        self.submissions.learn(command.author, command.client_id, command.last_submission)
        last = self.submissions.last(command.author, command.client_id)
        if last is None or command.sequence > last.sequence:
            return False
        for waiting in (*self.in_flight, *self.staged):
            entry = waiting.entry
            if (entry.client_id, entry.sequence) == (command.client_id, command.sequence):
                if command.receiver not in waiting.receivers:
                    waiting.receivers.append(command.receiver)
                return True
        same = command.sequence == last.sequence
        revision = last.revision if same else command.stored_revision
        if revision is not None:
            self._acknowledge(command.receiver, command.sequence, revision, None)
        return revision is not None

    def _acknowledge(
        self, receiver: Receiver, sequence: int | None, revision: int | None, operation: Any
    ) -> None:
        event = Acknowledged(
            diagram_id=self.diagram_id, sequence=sequence, revision=revision, operation=operation
        )
        self._deliver([receiver], event)

    def _reject(
        self, receiver: Receiver, sequence: int | None, code: str, message: str, *, retry: bool
    ) -> None:
        event = Rejected(
            diagram_id=self.diagram_id, sequence=sequence, code=code, message=message, retry=retry
        )
        self._deliver([receiver], event)

    # Commits ---------------------------------------------------------------------------------

    def _committed(self, outcome: CommitOutcome) -> None:
        if outcome is CommitOutcome.COMMITTED:
            self._publish()
            return
        suspects, uncommitted = self.in_flight, [*self.in_flight, *self.staged]
        for waiting in reversed(uncommitted):
            self.submissions.forget(waiting.entry, waiting.previous_submission)
        self.in_flight, self.staged = [], []
        if outcome is CommitOutcome.REFUSED:
            uncommitted = self._single_out(suspects, uncommitted)
        self._refuse(uncommitted)
        if outcome is CommitOutcome.FENCED:
            self._effects.append(Reload())

    def _single_out(self, suspects: list[Waiting], uncommitted: list[Waiting]) -> list[Waiting]:
        """Refuses for good what alone could not be stored; returns what may be sent again."""
        if len(suspects) > 1:
            self._single_batches = len(uncommitted)
            return uncommitted
        for receiver in suspects[0].receivers:
            message = "The edit cannot be stored; do not send it again."
            sequence = suspects[0].entry.sequence
            self._reject(receiver, sequence, "not_storable", message, retry=False)
        return uncommitted[1:]

    def _publish(self) -> None:
        done, self.in_flight = self.in_flight, []
        self.durable_revision = done[-1].entry.revision
        self.durable_state = done[-1].state
        self.history += [waiting.entry for waiting in done]
        operations = [_told(waiting.entry) for waiting in done]
        event = Updated(diagram_id=self.diagram_id, operations=operations)
        self._deliver(list(self.subscriptions), event)
        for waiting in done:
            entry = waiting.entry
            for receiver in waiting.receivers:
                if receiver not in self.subscriptions:
                    self._acknowledge(receiver, entry.sequence, entry.revision, entry.operation)
        self._trim()
        if self.durable_revision - self.snapshot_revision >= self.snapshot_interval:
            self._save_snapshot()

    def _refuse(self, uncommitted: Sequence[Waiting]) -> None:
        for waiting in uncommitted:
            message = "The edit could not be stored; send it again."
            sequence = waiting.entry.sequence
            for receiver in waiting.receivers:
                self._reject(receiver, sequence, "commit_failed", message, retry=True)

    def _trim(self) -> None:
        while len(self.history) > self.history_length:
            self.history.pop(0)
            self.floor += 1

    def _save_snapshot(self) -> None:
        self.snapshot_revision = self.durable_revision
        self._effects.append(SaveSnapshot(self.durable_revision, self.durable_state))

    def take_snapshot(self) -> list[Effect]:
        if self.durable_revision > self.snapshot_revision:
            self._save_snapshot()
        return self._take_effects()

    # Subscribers -----------------------------------------------------------------------------

    def _subscribe(self, command: Subscribe) -> None:
        subscription, since = command.subscription, command.revision
        receiver = subscription.receiver
        last = None
        if subscription.client_id is not None:
            author, client_id = subscription.author, subscription.client_id
            self.submissions.learn(author, client_id, command.last_submission)
            last = self.submissions.last(author, client_id)
            for waiting in (*self.in_flight, *self.staged):
                if (waiting.entry.author, waiting.entry.client_id) == (author, client_id):
                    last = waiting.previous_submission
                    break
        event = Subscribed(
            diagram_id=self.diagram_id,
            revision=self.durable_revision,
            policy=self.policy,
            last_sequence=last.sequence if last else 0,
            snapshot=self.durable_state if since is None else None,
        )
        self._deliver([receiver], event)
        if since is not None:
            known = [*command.older, *self.history]
            operations = [_told(entry) for entry in known if entry.revision > since]
            update = Updated(diagram_id=self.diagram_id, operations=operations)
            self._deliver([receiver] if operations else [], update)
        self.subscriptions[receiver] = subscription

    def close(self, event: Closed) -> list[Effect]:
        self._deliver(list(self.subscriptions), event)
        self.subscriptions.clear()
        return self._take_effects()

    def abandon(self, outcome: CommitOutcome | None, crashed: Command | None) -> list[Effect]:
        durable = self.in_flight if outcome is CommitOutcome.COMMITTED else []
        for waiting in durable:
            entry = waiting.entry
            for receiver in waiting.receivers:
                self._acknowledge(receiver, entry.sequence, entry.revision, entry.operation)
        self._refuse([*([] if durable else self.in_flight), *self.staged])
        asker = receiver_of(crashed)
        is_done = isinstance(crashed, Submit) and self._is_resend(crashed)
        if asker is not None and not is_done:
            message = "The server failed on this; it was not applied."
            sequence = getattr(crashed, "sequence", None)
            self._reject(asker, sequence, "internal_error", message, retry=False)
        self.in_flight, self.staged = [], []
        return self._take_effects()

    def _is_under_way(self, command: Command | None) -> bool:
        return isinstance(command, Submit) and any(
            (waiting.entry.client_id, waiting.entry.sequence)
            == (command.client_id, command.sequence)
            for waiting in (*self.in_flight, *self.staged)
        )

    def _deliver(self, receivers: Sequence[Receiver], event: AnyEvent) -> None:
        if receivers:
            self._effects.append(Deliver(receivers, event))


def _told(entry: JournalEntry) -> CommittedOperation:
    return CommittedOperation(entry, entry.operation, _NO_TEXT)
