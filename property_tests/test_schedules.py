"""The real tasks, registry and storage under a mock clock; Hypothesis chooses who goes next.

Unlike the simulator this runs ``actors.task`` and ``actors.registry`` themselves. The store fails,
waits and is away as chance has it; actors crash, are passivated, closed and killed.
"""

from collections import Counter, deque
from collections.abc import Callable

import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.commands import Submit, Subscribe, Unsubscribe
from actors.events import AnyEvent, Closed, Rejected, Subscribed, Updated
from actors.limits import PASSIVATE_AFTER_SECONDS
from actors.ports import (
    Author,
    AuthorKind,
    CommitBatch,
    JournalEntry,
    LastSubmission,
    Policy,
    StorageUnavailable,
    StoredDiagram,
)
from actors.registry import Registry
from actors.sessions import Subscription
from ot.apply import apply
from ot.client import Client
from ot.diagram import Diagram
from persistence.memory import Done, Fault, MemoryStorage
from property_tests.laws import encoded, same
from property_tests.simulation.decisions import (
    Choices,
    Decisions,
    ReplayedDecisions,
    SeededDecisions,
)
from property_tests.simulation.diagram import DiagramType
from property_tests.simulation.follower import Follow, Follower
from property_tests.strategies import policies, seeds
from tests.support.clock import pass_time

DIAGRAM = "d"


class Store(MemoryStorage):
    """The memory store; the next ``away`` reads find it gone, the next ``broken`` calls crash."""

    def __init__(self, faults: Callable[[CommitBatch], Fault]) -> None:
        super().__init__(faults=faults)
        self.away = 0
        self.broken = 0

    def _ask(self) -> None:
        if self.broken:
            self.broken -= 1
            raise RuntimeError("a defect of ours")
        if self.away:
            self.away -= 1
            raise StorageUnavailable

    def commit_nowait(self, batch: CommitBatch, done: Done) -> None:
        if self.broken:
            self._ask()
        super().commit_nowait(batch, done)

    async def load_diagram(self, diagram_id: str) -> StoredDiagram | None:
        self._ask()
        return await super().load_diagram(diagram_id)

    async def read_entries(self, diagram_id: str, after: int, up_to: int) -> list[JournalEntry]:
        self._ask()
        return await super().read_entries(diagram_id, after, up_to)

    async def find_last_submission(
        self, diagram_id: str, author: Author, client_id: str
    ) -> LastSubmission | None:
        self._ask()
        return await super().find_last_submission(diagram_id, author, client_id)


class Connection:
    """What the actor tells one connection waits here until its station listens."""

    def __init__(self, yard: "Yard") -> None:
        self.yard = yard
        self.inbound: deque[AnyEvent] = deque()

    def deliver(self, event: AnyEvent) -> None:
        told = 0
        if isinstance(event, Updated):
            told = event.operations[-1].entry.revision
        elif isinstance(event, Subscribed):
            told = event.revision
        if told > self.yard.store.revision_of(DIAGRAM):
            # Raising here would only cost the subscription.
            self.yard.told_too_early.append(told)
        self.inbound.append(event)


class Station(Follower):
    """A person or an agent with the protocol's client and a connection to the registry."""

    def __init__(self, yard: "Yard", at: int) -> None:
        kind: AuthorKind = "agent" if at == 1 else "user"
        super().__init__(Author(kind, f"p{at}", ""), f"c{at}", _make_client)
        self.yard = yard
        self.at = at
        self.connection: Connection | None = None
        self.not_storable: list[int] = []

    def join(self) -> None:
        self.connection = Connection(self.yard)
        self.connect()
        self.talk()

    def leave(self, *, politely: bool) -> None:
        """Without a word the server goes on telling a connection that nobody listens to."""
        if politely and self.connection is not None:
            self.yard.registry.post_nowait(DIAGRAM, Unsubscribe(self.connection))
        self.connection = None
        self.disconnect()

    def listen(self) -> bool:
        """Takes in the oldest event, if there is one."""
        if self.connection is None or not self.connection.inbound:
            return False
        event = self.connection.inbound.popleft()
        self.yard.happened[type(event).__name__] += 1
        if isinstance(event, Rejected) and event.code == "not_storable":
            self.not_storable.append(event.sequence or 0)
        if self.hear(event):
            self.talk()
        else:
            self.leave(politely=not isinstance(event, Closed))
        return True

    def talk(self) -> None:
        """Posts what the protocol has to say."""
        connection = self.connection
        assert connection is not None, "only who is connected has something to say"
        for message in self.outbox:
            if isinstance(message, Follow):
                subscription = Subscription(connection, "s", self.author, self.client_id)
                self.yard.registry.post_nowait(
                    DIAGRAM,
                    Subscribe(
                        subscription=subscription,
                        revision=message.revision,
                        pending=message.pending,
                    ),
                )
            else:
                self.yard.registry.post_nowait(
                    DIAGRAM,
                    Submit(
                        receiver=connection,
                        author=self.author,
                        operation=message.operation,
                        base_revision=message.base_revision,
                        client_id=self.client_id,
                        sequence=message.sequence,
                    ),
                )
        self.outbox.clear()


def _make_client(
    state: Diagram, revision: int, kind: AuthorKind, policy: Policy, sequence: int
) -> Client:
    return Client(state, revision, kind=kind, policy=policy, sequence=sequence)


class Yard:
    """A registry in a nursery of its own, a store that outlives it, and three stations."""

    def __init__(self, choices: Choices, policy: Policy, nursery: trio.Nursery) -> None:
        self.choices = choices
        self.nursery = nursery
        self.kind = DiagramType()
        self.start = self.kind.start(choices)
        self.is_calm = False
        self.happened: Counter[str] = Counter()
        self.told_too_early: list[int] = []
        self.unstorable: list[tuple[str | None, int | None]] = []
        self.store = Store(self._fault)
        self.store.create(DIAGRAM, self.start, policy)
        self.registry = self._new_registry()
        self.stations = [Station(self, at) for at in range(3)]

    def restart(self, nursery: trio.Nursery) -> None:
        """Another process begins where the store stands."""
        self.nursery = nursery
        self.registry = self._new_registry()

    def _new_registry(self) -> Registry:
        return Registry(self.store, self.nursery, snapshot_interval=3)

    def _fault(self, batch: CommitBatch) -> Fault:
        """What cannot be stored stays so; a repair always can."""
        edits = [(entry.client_id, entry.sequence) for entry in batch.entries if entry.client_id]
        if not self.is_calm and self.choices.randint(0, 2) == 0:
            more = (Fault.DELAY, Fault.DOUBT_LOST, Fault.DOUBT_LOST)
            fault: Fault = self.choices.choice((*Fault, *more))
            self.happened[f"commit {fault.value}"] += 1
            if fault is not Fault.REFUSE:
                return fault
            self.unstorable.append(self.choices.choice(edits))
        return Fault.NONE if set(edits).isdisjoint(self.unstorable) else Fault.REFUSE

    async def act(self) -> None:
        """One thing happens somewhere; then the tasks run, a little or until they are idle."""
        kind = self.choices.randint(0, 19)
        station = self.choices.choice(self.stations)
        if kind <= 4:
            self._edit(station)
        elif kind <= 10:
            for _ in range(self.choices.randint(1, 3)):
                station.listen()
        elif kind <= 12:
            self._connect_or_resend(station)
        elif kind <= 14:
            self.store.release_nowait(1)
        elif kind <= 16:
            self._lose_links(station)
        elif kind == 17:
            self._break_store()
        else:
            await (self._let_time_pass() if kind == 18 else self._end_something())
        for _ in range(self.choices.randint(0, 4)):
            await trio.lowlevel.checkpoint()

    def _lose_links(self, station: Station) -> None:
        """One station leaves, or all are gone for a moment."""
        if self.choices.randint(0, 1):
            station.leave(politely=bool(self.choices.randint(0, 1)))
            return
        for each in self.stations:
            each.leave(politely=False)
            each.join()

    def _break_store(self) -> None:
        if self.choices.randint(0, 1):
            self.store.away = self.choices.randint(1, 2)
        else:
            self.store.broken = self.choices.randint(1, 3)

    def _edit(self, station: Station) -> None:
        if station.client is not None:
            station.edit(self.kind.edit(self.choices, station.client.diagram, station.at))
            if station.connection is not None:
                station.talk()

    def _connect_or_resend(self, station: Station) -> None:
        if station.connection is None:
            station.join()
        elif station.must_resend:
            station.resend()
            station.talk()

    async def _let_time_pass(self) -> None:
        if self.choices.randint(0, 1):
            for station in self.stations:
                station.leave(politely=True)
            self.store.release_nowait()
        seconds = self.choices.choice((0.01, 1.0, PASSIVATE_AFTER_SECONDS + 1))
        await pass_time(seconds)
        self.happened["passivated"] += not self.registry.statistics()

    async def _end_something(self) -> None:
        """The diagram is closed in good order, or the process dies with what was on its way."""
        if self.choices.randint(0, 5):
            self.store.release_nowait()
            self.happened["closed"] += 1
            with trio.fail_after(60):
                while self.registry.statistics():
                    self.store.release_nowait()
                    with trio.move_on_after(1):
                        await self.registry.wait_closed(DIAGRAM, "shutdown")
            return
        self.happened["killed"] += 1
        for station in self.stations:
            station.leave(politely=False)
        self.nursery.cancel_scope.cancel()

    # The end -----------------------------------------------------------------------------------

    async def settle(self) -> None:
        """With nothing going wrong any more, everybody hears everything within an hour."""
        assert self.told_too_early == []
        self.is_calm = True
        self.store.away = self.store.broken = 0
        with trio.fail_after(3_600):
            while True:
                for station in self.stations:
                    self._connect_or_resend(station)
                self.store.release_nowait()
                await pass_time(1)
                heard = [station.listen() for station in self.stations for _ in range(100)]
                if not any(heard) and all(station.is_settled for station in self.stations):
                    return

    def check(self) -> None:
        """All stations show what the journal gives, and nothing is in it twice or missing."""
        entries = self.store.read_entries_nowait(DIAGRAM, 0, self.store.revision_of(DIAGRAM))
        state = self.start
        for entry in entries:
            state = apply(state, entry.operation)[0]
        done = [(entry.client_id, entry.sequence) for entry in entries if entry.client_id]
        assert len(done) == len(set(done)), "applied twice"
        assert self.told_too_early == []
        for station in self.stations:
            client = station.client
            assert client is not None
            assert client.revision == len(entries)
            assert same(client.diagram, state), encoded(state)
            assert same(client.confirmed, state)
            for sequence in station.not_storable:
                # What a killed process had handed over may still be stored, unknown to the next.
                is_known = not self.happened["killed"]
                assert not (is_known and (station.client_id, sequence) in done), "refused, stored"


async def live(choices: Choices, policy: Policy, steps: int) -> Counter[str]:
    """One process after another until all steps are done; the store stays. What has happened."""
    yard: Yard | None = None
    is_over = False
    while not is_over:
        async with trio.open_nursery() as nursery:
            if yard is None:
                yard = Yard(choices, policy, nursery)
            else:
                yard.restart(nursery)
            while steps and not nursery.cancel_scope.cancel_called:
                steps -= 1
                await yard.act()
            if not nursery.cancel_scope.cancel_called:
                await yard.settle()
                yard.check()
                is_over = True
                nursery.cancel_scope.cancel()
    assert yard is not None
    return yard.happened


def run(decisions: Decisions, policy: Policy, steps: int) -> Counter[str]:
    clock = trio.testing.MockClock(autojump_threshold=0)
    return trio.run(live, Choices(decisions), policy, steps, clock=clock)


class DrawnDecisions(ReplayedDecisions):
    """Hypothesis decides, and so can shrink."""

    def __init__(self, data: st.DataObject) -> None:
        super().__init__(())
        self._data = data

    def below(self, n: int) -> int:
        return self._data.draw(st.integers(0, n - 1))


@given(st.data(), policies, st.integers(1, 40))
def test_whatever_the_schedule_all_stations_come_to_agree(
    data: st.DataObject, policy: Policy, steps: int
) -> None:
    run(DrawnDecisions(data), policy, steps)


@settings(max_examples=settings().max_examples // 2)
@given(seeds, policies)
def test_long_schedules_end_in_agreement_too(seed: int, policy: Policy) -> None:
    run(SeededDecisions(seed), policy, 200)


def test_everything_that_can_go_wrong_has_gone_wrong() -> None:
    happened: Counter[str] = Counter()
    for seed in range(30):
        happened += run(SeededDecisions(seed), "later_wins", 200)
    assert {f"commit {fault.value}" for fault in Fault} <= happened.keys()
    assert {
        "Closed", "Rejected", "Subscribed", "Updated", "closed", "killed", "passivated"
    } <= happened.keys()  # fmt: skip
