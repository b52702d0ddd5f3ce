"""A small deterministic world around the real core: clients, links that lose, a store that fails.

Nothing here waits or knows the time: a test, or Hypothesis, decides what happens next.
"""

from collections import deque
from datetime import UTC, datetime

from actors.commands import Command, Committed, Submit, Subscribe, Unsubscribe
from actors.core import Core
from actors.effects import Commit, Deliver, Effect, Reload
from actors.events import Acknowledged, AnyEvent, Rejected, Subscribed, Updated
from actors.ports import (
    Author,
    CommitBatch,
    CommitOutcome,
    JournalEntry,
    Policy,
    StoredDiagram,
)
from actors.sessions import Subscription
from ot.apply import apply_in_place
from ot.client import Client, Submission
from ot.diagram import Diagram
from ot.operation import Operation

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Replica:
    """A client state machine on a link: what the server says waits in ``inbound``."""

    def __init__(self, name: str, author: Author, policy: Policy) -> None:
        self.client_id = name
        self.author = author
        self.policy = policy
        self.inbound: deque[AnyEvent] = deque()
        self.outbound: deque[Submission] = deque()
        self.client: Client | None = None
        self.is_connected = False
        self.edits = 0
        self.rejections: list[str] = []

    def deliver(self, event: AnyEvent) -> None:
        self.inbound.append(event)

    def edit(self, a: Operation) -> None:
        assert self.client is not None, "the replica has joined"
        self.edits += 1
        self._send(self.client.edit(a))

    def receive_one(self) -> None:
        event = self.inbound.popleft()
        if isinstance(event, Subscribed):
            self._join(event)
        elif isinstance(event, Updated):
            for operation in event.operations:
                self._take(operation.entry, operation.operation)
        elif isinstance(event, Rejected):
            self._refused(event)

    def _join(self, event: Subscribed) -> None:
        if event.snapshot is not None:
            assert self.client is None or self.client.sent is None, "pending edits need operations"
            sequence = self.client.sequence if self.client else event.last_sequence
            kind = self.author.kind
            self.client = Client(
                event.snapshot, event.revision, kind=kind, policy=self.policy, sequence=sequence
            )

    def _take(self, entry: JournalEntry, operation: Operation) -> None:
        assert self.client is not None, "operations come after a snapshot"
        if entry.revision <= self.client.revision:
            return
        assert entry.revision == self.client.revision + 1, "operations come without gaps"
        if (entry.author, entry.client_id) == (self.author, self.client_id):
            assert entry.sequence is not None, "clients number their edits"
            self._send(self.client.acknowledge(entry.sequence))
        else:
            self.client.receive(operation, entry.author.kind)

    def _refused(self, event: Rejected) -> None:
        assert self.client is not None, "it had sent something"
        assert event.sequence is not None, "it had numbered it"
        self.rejections.append(event.code)
        if event.retry:
            self._send(self.client.resend())
        elif self.client.sent is not None and event.sequence == self.client.sequence:
            self._send(self.client.reject(event.sequence)[1])

    def _send(self, submission: Submission | None) -> None:
        if submission is not None and self.is_connected:
            self.outbound.append(submission)

    def resend(self) -> None:
        if self.client is not None:
            self._send(self.client.resend())


class World:
    """One diagram, its core, a journal in a list, and the replicas."""

    def __init__(self, diagram: Diagram, policy: Policy = "later_wins") -> None:
        self.start = diagram
        self.policy = policy
        self.journal: list[JournalEntry] = []
        self.committing: deque[CommitBatch] = deque()
        self.replicas: list[Replica] = []
        self.core = self._load()

    def _load(self) -> Core:
        return Core(
            StoredDiagram(
                diagram_id="d",
                policy=self.policy,
                snapshot_revision=0,
                snapshot=self.start.copy(),
                tail=list(self.journal),
            )
        )

    def add(self, author: Author) -> Replica:
        replica = Replica(f"c{len(self.replicas)}", author, self.policy)
        self.replicas.append(replica)
        self.connect(replica)
        return replica

    # What can happen -------------------------------------------------------------------------

    def connect(self, replica: Replica) -> None:
        replica.is_connected = True
        client = replica.client
        self.do(
            Subscribe(
                subscription=Subscription(
                    replica, replica.client_id, replica.author, replica.client_id
                ),
                revision=client.revision if client else None,
                pending=client is not None and client.sent is not None,
            )
        )
        replica.resend()

    def disconnect(self, replica: Replica) -> None:
        """Everything on the link, both ways, is lost."""
        replica.is_connected = False
        replica.inbound.clear()
        replica.outbound.clear()
        self.do(Unsubscribe(replica))

    def carry_one(self, replica: Replica, *, twice: bool = False) -> None:
        """The oldest submission on the link reaches the server, perhaps two times."""
        submission = replica.outbound.popleft()
        for _ in range(2 if twice else 1):
            self.do(
                Submit(
                    receiver=replica,
                    author=replica.author,
                    operation=submission.operation,
                    base_revision=submission.base_revision,
                    client_id=replica.client_id,
                    sequence=submission.sequence,
                )
            )

    def do(self, command: Command) -> None:
        self._carry_out(self.core.handle(command, NOW))

    def flush(self) -> None:
        self._carry_out(self.core.flush())

    def finish_commit(self, outcome: CommitOutcome = CommitOutcome.COMMITTED) -> None:
        batch = self.committing.popleft()
        if outcome is CommitOutcome.COMMITTED:
            for entry in batch.entries:
                assert entry.revision == len(self.journal) + 1, "revisions are consecutive"
                self.journal.append(entry)
        self.do(Committed(outcome))

    def crash(self) -> None:
        """The process dies and starts again: memory and links are gone, the journal is not."""
        self.committing.clear()
        for replica in self.replicas:
            replica.is_connected = False
            replica.inbound.clear()
            replica.outbound.clear()
        self.core = self._load()

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Commit):
                self.committing.append(effect.batch)
            elif isinstance(effect, Deliver):
                for receiver in effect.receivers:
                    self._check_durable(effect.event)
                    receiver.deliver(effect.event)
            else:
                assert not isinstance(effect, Reload), "nobody else writes in this world"

    def _check_durable(self, event: AnyEvent) -> None:
        """Nobody hears of what could still be lost."""
        if isinstance(event, Updated):
            assert event.operations[-1].entry.revision <= len(self.journal), "heard too early"
        if isinstance(event, Subscribed | Acknowledged) and event.revision is not None:
            assert event.revision <= len(self.journal), "heard too early"

    # The end ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everything on its way arrives, with everybody connected."""
        for replica in self.replicas:
            if not replica.is_connected:
                self.connect(replica)
        for _ in range(10_000):
            if not self._step():
                return
        raise AssertionError("the world never comes to rest")

    def _step(self) -> bool:
        moved = False
        for replica in self.replicas:
            while replica.inbound:
                replica.receive_one()
                moved = True
            while replica.outbound:
                self.carry_one(replica)
                moved = True
        self.flush()
        while self.committing:
            self.finish_commit()
            moved = True
        return moved

    def replayed(self) -> Diagram:
        """The diagram that the journal alone gives."""
        diagram = self.start.copy()
        for entry in self.journal:
            apply_in_place(diagram, entry.operation)
        return diagram

    def check_agreement(self) -> None:
        """All replicas, the core and the journal's replay are equal; nothing is applied twice."""
        expected = self.replayed()
        assert self.core.diagram == expected
        for replica in self.replicas:
            assert replica.client is not None
            assert replica.client.state == "synchronised"
            assert replica.client.diagram == expected
            assert replica.client.confirmed == expected
            assert replica.client.revision == len(self.journal)
        submissions = [
            (entry.author, entry.client_id, entry.sequence)
            for entry in self.journal
            if entry.client_id is not None
        ]
        assert len(submissions) == len(set(submissions)), "a resend was applied twice"
