"""One actor on a real trio loop: batches, crashes, restarts, passivation. The clock is a fake."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
import trio
import trio.testing

from actors.commands import Command, ReadDiagram, Submit, Subscribe, Unsubscribe, Withdraw
from actors.events import Acknowledged, AnyEvent, Closed, Read, Rejected, Subscribed, Updated
from actors.limits import (
    HISTORY_LENGTH,
    MAX_INBOX,
    MAX_RESTARTS,
    MAX_WAITING_PER_RECEIVER,
    PASSIVATE_AFTER_SECONDS,
)
from actors.ports import (
    Author,
    CommitBatch,
    JournalEntry,
    StorageUnavailable,
    StorageUnreadable,
    StoredDiagram,
)
from actors.registry import Registry
from actors.sessions import Subscription
from ot.diagram import Diagram
from ot.operation import Create, Operation, Set, Update
from persistence.memory import Fault, MemoryStorage
from tests.support.clock import pass_time

ANN = Author("user", "ann", "Ann")


class Ear:
    """A receiver that remembers, lets a test wait, and can be made to fail."""

    def __init__(self) -> None:
        self.heard: list[AnyEvent] = []
        self.failures = 0
        self._changed = trio.Event()

    def deliver(self, event: AnyEvent) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("a defect of ours")
        self.heard.append(event)
        self._changed.set()

    async def wait_heard(self, is_it: Callable[[AnyEvent], bool]) -> AnyEvent:
        with trio.fail_after(60):
            while True:
                for event in self.heard:
                    if is_it(event):
                        return event
                self._changed = trio.Event()
                await self._changed.wait()


class Yard:
    """A registry over a store in memory with two diagrams, ``a`` and ``b``."""

    def __init__(self, storage: MemoryStorage, registry: Registry) -> None:
        self.storage = storage
        self.registry = registry

    def post(self, diagram_id: str, command: Command) -> None:
        self.registry.post_nowait(diagram_id, command)

    def submit(self, ear: Ear, label: str, diagram_id: str = "a", sequence: int = 1) -> None:
        operation = Operation(nodes={"n": Update({"/label": Set(label)})})
        self.post(
            diagram_id,
            Submit(
                receiver=ear,
                author=ANN,
                operation=operation,
                client_id=f"client of {id(ear)}",
                sequence=sequence,
                label=label,
            ),
        )

    def subscribe(self, ear: Ear, diagram_id: str = "a") -> None:
        self.post(diagram_id, Subscribe(subscription=Subscription(ear, str(id(ear)), ANN)))


@asynccontextmanager
async def open_yard(storage: MemoryStorage | None = None) -> AsyncIterator[Yard]:
    storage = storage or MemoryStorage()
    for name in ("a", "b"):
        storage.create(name, Diagram(nodes={"n": {"label": "start"}}))
    async with trio.open_nursery() as nursery:
        yield Yard(storage, Registry(storage, nursery))
        nursery.cancel_scope.cancel()


def is_acknowledged(event: AnyEvent) -> bool:
    return isinstance(event, Acknowledged)


def is_rejected(event: AnyEvent) -> bool:
    return isinstance(event, Rejected)


def is_snapshot(event: AnyEvent) -> bool:
    return isinstance(event, Subscribed) and event.snapshot is not None


async def test_what_arrives_together_is_committed_together(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_yard() as yard:
        sizes: list[int] = []

        def note_size(batch: CommitBatch) -> Fault:
            sizes.append(len(batch.entries))
            return Fault.NONE

        yard.storage.faults = note_size
        ears = [Ear() for _ in range(50)]
        for ear in ears:
            yard.submit(ear, "x")
        for ear in ears:
            await ear.wait_heard(is_acknowledged)
        assert sizes == [50]


async def test_a_diagram_that_does_not_exist_is_refused() -> None:
    async with open_yard() as yard:
        ear = Ear()
        yard.subscribe(ear, "nowhere")
        event = await ear.wait_heard(is_rejected)
        assert isinstance(event, Rejected)
        assert event.code == "not_found"


async def test_a_full_inbox_refuses_and_asks_to_retry() -> None:
    async with open_yard() as yard:
        for _ in range(MAX_INBOX):
            yard.post("a", ReadDiagram(Ear()))
        ear = Ear()
        yard.post("a", ReadDiagram(ear))
        event = await ear.wait_heard(is_rejected)
        assert isinstance(event, Rejected)
        assert (event.code, event.retry) == ("overloaded", True)


async def test_one_flooding_connection_is_refused_and_another_one_is_served() -> None:
    async with open_yard() as yard:
        flooding, patient = Ear(), Ear()
        for sequence in range(1, MAX_WAITING_PER_RECEIVER + 2):
            yard.submit(flooding, "x", sequence=sequence)
        (refused,) = flooding.heard
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry) == ("overloaded", True)
        yard.submit(patient, "y")
        await patient.wait_heard(is_acknowledged)


async def test_what_waits_of_one_who_may_edit_no_more_is_refused_and_nothing_else() -> None:
    async with open_yard() as yard:
        out, other = Ear(), Ear()
        for sequence in (1, 2):
            yard.submit(out, "out", sequence=sequence)
            yard.submit(other, "other", sequence=sequence)
        yard.post("a", ReadDiagram(out))
        yard.post("a", Withdraw(out))
        refused = [event for event in out.heard if isinstance(event, Rejected)]
        assert [(each.sequence, each.code, each.retry) for each in refused] == [
            (1, "forbidden", False),
            (2, "forbidden", False),
        ]
        await other.wait_heard(
            lambda event: isinstance(event, Acknowledged) and event.sequence == 2
        )
        await out.wait_heard(lambda event: isinstance(event, Read))
        entries = yard.storage.read_entries_nowait("a", 0, yard.storage.revision_of("a"))
        assert [entry.label for entry in entries] == ["other", "other"]
        # Its place in the inbox is free again.
        yard.submit(out, "again", sequence=3)
        await out.wait_heard(is_acknowledged)


async def test_a_stale_edit_that_meets_nothing_needs_no_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_yard() as yard:
        ear, reads = Ear(), list[int]()
        for sequence in range(1, HISTORY_LENGTH + 10):
            yard.submit(ear, "x", sequence=sequence)
            if sequence % MAX_WAITING_PER_RECEIVER == 0:
                await trio.testing.wait_all_tasks_blocked()
        await trio.testing.wait_all_tasks_blocked()

        async def note_read(diagram_id: str, after: int, up_to: int) -> list[JournalEntry]:
            reads.append(after)
            return []

        monkeypatch.setattr(yard.storage, "read_entries", note_read)
        late = Ear()
        operation = Operation(nodes={"new": Create({"label": "late"})})
        yard.post("a", Submit(receiver=late, author=ANN, operation=operation, base_revision=0))
        await late.wait_heard(is_acknowledged)
        assert reads == []


async def test_an_old_resend_of_a_client_that_was_forgotten_is_not_applied_again() -> None:
    async with open_yard() as yard:
        ear = Ear()
        for sequence in (1, 2):
            yard.submit(ear, "x", sequence=sequence)
            await trio.testing.wait_all_tasks_blocked()
        actor = yard.registry.locate("a")
        assert actor is not None
        actor.close_nowait("shutdown")
        await actor.wait_over()
        # The next actor starts from a snapshot that holds both, and has met nobody yet.
        ear.heard.clear()
        yard.submit(ear, "x", sequence=1)
        answer = await ear.wait_heard(is_acknowledged)
        assert isinstance(answer, Acknowledged)
        assert (answer.sequence, answer.revision) == (1, 1)
        assert yard.storage.revision_of("a") == 2


async def test_a_store_that_is_away_refuses_one_command_and_keeps_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_yard() as yard:
        follower, author = Ear(), Ear()
        yard.subscribe(follower)
        await follower.wait_heard(is_snapshot)

        async def be_away(*_: object) -> None:
            raise StorageUnavailable("away")

        with monkeypatch.context() as away:
            away.setattr(yard.storage, "find_last_submission", be_away)
            yard.submit(author, "x")
            refused = await author.wait_heard(is_rejected)
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry) == ("unavailable", True)
        yard.submit(author, "x")
        await follower.wait_heard(lambda event: isinstance(event, Updated))
        assert len([event for event in follower.heard if isinstance(event, Subscribed)]) == 1


async def test_whoever_leaves_a_full_inbox_is_gone_all_the_same() -> None:
    async with open_yard() as yard:
        follower = Ear()
        yard.subscribe(follower)
        await follower.wait_heard(is_snapshot)
        for _ in range(MAX_INBOX):
            yard.post("a", ReadDiagram(Ear()))
        yard.post("a", Unsubscribe(follower))
        await trio.testing.wait_all_tasks_blocked()
        assert yard.registry.statistics()["a"]["subscribers"] == 0


async def test_an_idle_diagram_is_passivated_and_opens_again_as_it_was(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_yard() as yard:
        ear = Ear()
        yard.submit(ear, "kept")
        await ear.wait_heard(is_acknowledged)
        actor = yard.registry.locate("a")
        await pass_time(PASSIVATE_AFTER_SECONDS + 1)
        assert yard.registry.statistics() == {}
        yard.post("a", ReadDiagram(ear))
        event = await ear.wait_heard(lambda event: isinstance(event, Read))
        assert isinstance(event, Read)
        assert event.diagram.nodes["n"]["label"] == "kept"
        assert yard.registry.locate("a") is not actor


async def test_a_followed_diagram_is_never_passivated(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_yard() as yard:
        ear = Ear()
        yard.subscribe(ear)
        await ear.wait_heard(is_snapshot)
        await pass_time(10 * PASSIVATE_AFTER_SECONDS)
        assert list(yard.registry.statistics()) == ["a"]


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the core crashes on any operation that says poison: a defect of ours."""

    def check_or_crash(operation: Operation) -> None:
        if "poison" in str(operation):
            raise RuntimeError("a defect of ours")

    monkeypatch.setattr("actors.core.check_operation", check_or_crash)


async def test_a_crash_stays_in_its_diagram_and_its_subscribers_are_resynchronised(
    autojump_clock: trio.testing.MockClock, poison: None
) -> None:
    async with open_yard() as yard:
        follower, neighbour, author = Ear(), Ear(), Ear()
        yard.subscribe(follower)
        yard.subscribe(neighbour, "b")
        await neighbour.wait_heard(is_snapshot)
        yard.submit(author, "survives")
        await author.wait_heard(is_acknowledged)
        yard.submit(Ear(), "poison")
        event = await follower.wait_heard(
            lambda event: isinstance(event, Subscribed) and event.revision == 1
        )
        assert isinstance(event, Subscribed)
        assert event.snapshot is None, "edits on their way can be taken over operations only"
        follower.heard.clear()
        yard.submit(author, "next", sequence=2)
        await follower.wait_heard(lambda event: isinstance(event, Updated))
        assert [type(event) for event in neighbour.heard] == [Subscribed]


async def test_the_command_that_crashes_is_refused_and_the_others_are_answered(
    autojump_clock: trio.testing.MockClock, poison: None
) -> None:
    async with open_yard() as yard:
        first, poisoner, last = Ear(), Ear(), Ear()
        yard.submit(first, "first")
        yard.submit(poisoner, "poison")
        yard.submit(last, "last")
        refused = await poisoner.wait_heard(is_rejected)
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry) == ("internal_error", False)
        await last.wait_heard(is_acknowledged)
        told = await first.wait_heard(is_rejected)
        assert isinstance(told, Rejected)
        assert (told.code, told.retry) == ("commit_failed", True)


async def test_what_was_being_committed_at_a_crash_is_answered_by_its_outcome(
    autojump_clock: trio.testing.MockClock, poison: None
) -> None:
    faults = iter([Fault.DELAY])
    async with open_yard(MemoryStorage(faults=lambda _: next(faults, Fault.NONE))) as yard:
        ear = Ear()
        yard.submit(ear, "on its way")
        await trio.testing.wait_all_tasks_blocked()
        yard.submit(Ear(), "poison")
        await trio.testing.wait_all_tasks_blocked()
        assert ear.heard == []
        yard.storage.release_nowait()
        await ear.wait_heard(is_acknowledged)
        assert yard.storage.revision_of("a") == 1


async def test_an_actor_that_keeps_crashing_is_given_up_and_says_so(
    autojump_clock: trio.testing.MockClock, poison: None
) -> None:
    async with open_yard() as yard:
        follower = Ear()
        yard.subscribe(follower)
        for _ in range(MAX_RESTARTS + 1):
            yard.submit(Ear(), "poison")
        event = await follower.wait_heard(lambda event: isinstance(event, Closed))
        assert isinstance(event, Closed)
        assert event.reason == "unavailable"


async def test_what_is_damaged_in_the_store_is_logged_in_one_line_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_yard() as yard:
        load = yard.storage.load_diagram

        async def load_whole(diagram_id: str) -> StoredDiagram | None:
            if diagram_id == "a":
                raise StorageUnreadable("row 7 is missing")
            return await load(diagram_id)

        monkeypatch.setattr(yard.storage, "load_diagram", load_whole)
        author, neighbour = Ear(), Ear()
        yard.submit(author, "x")
        yard.subscribe(neighbour, "b")
        refused = await author.wait_heard(is_rejected)
        await neighbour.wait_heard(is_snapshot)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.retry) == ("unavailable", True)
    (record,) = caplog.records
    assert ("row 7 is missing" in record.getMessage(), record.exc_info) == (True, None)


async def test_a_journal_that_cannot_be_replayed_is_damaged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_yard() as yard:
        first = Ear()
        yard.submit(first, "x")
        await first.wait_heard(is_acknowledged)
        await yard.registry.wait_closed("a", "shutdown")
        load = yard.storage.load_diagram

        async def load_damaged(diagram_id: str) -> StoredDiagram | None:
            stored = await load(diagram_id)
            assert stored is not None
            nowhere = Operation(nodes={"nowhere": Update({"/type": Set("process")})})
            (entry,) = await yard.storage.read_entries("a", 0, 1)
            bad = msgspec.structs.replace(entry, revision=2, operation=nowhere)
            return msgspec.structs.replace(stored, tail=[bad])

        monkeypatch.setattr(yard.storage, "load_diagram", load_damaged)
        author = Ear()
        yard.submit(author, "y", sequence=2)
        await author.wait_heard(is_rejected)
    assert [record.exc_info for record in caplog.records] == [None]
    assert "revision 2" in caplog.text


async def test_a_command_whose_past_is_damaged_is_refused_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_yard() as yard:
        follower, author = Ear(), Ear()
        yard.subscribe(follower)
        await follower.wait_heard(is_snapshot)

        async def be_damaged(*_: object) -> None:
            raise StorageUnreadable("row 7 is missing")

        with monkeypatch.context() as damaged:
            damaged.setattr(yard.storage, "find_last_submission", be_damaged)
            yard.submit(author, "x")
            refused = await author.wait_heard(is_rejected)
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.retry) == ("internal_error", False)
        yard.submit(Ear(), "y")
        await follower.wait_heard(lambda event: isinstance(event, Updated))
        assert len([event for event in follower.heard if isinstance(event, Subscribed)]) == 1


async def test_a_receiver_that_fails_is_dropped_and_the_others_hear_all_the_same() -> None:
    async with open_yard() as yard:
        bad, good, author = Ear(), Ear(), Ear()
        yard.subscribe(bad)
        yard.subscribe(good)
        await good.wait_heard(is_snapshot)
        bad.failures = 10
        yard.submit(author, "x")
        await author.wait_heard(is_acknowledged)
        await good.wait_heard(lambda event: isinstance(event, Updated))
        await trio.testing.wait_all_tasks_blocked()
        assert yard.registry.statistics()["a"]["subscribers"] == 1


async def test_a_fenced_actor_reloads_from_the_journal_and_asks_its_authors_to_retry(
    autojump_clock: trio.testing.MockClock,
) -> None:
    faults = iter([Fault.FENCE])
    async with open_yard(MemoryStorage(faults=lambda _: next(faults, Fault.NONE))) as yard:
        ear = Ear()
        yard.submit(ear, "x")
        event = await ear.wait_heard(is_rejected)
        assert isinstance(event, Rejected)
        assert (event.code, event.retry) == ("commit_failed", True)
        yard.submit(ear, "x")
        await ear.wait_heard(is_acknowledged)
        assert yard.storage.revision_of("a") == 1


async def test_an_edit_that_cannot_be_stored_is_singled_out_and_the_others_are_kept() -> None:
    def refuse_poison(batch: CommitBatch) -> Fault:
        labels = [entry.label for entry in batch.entries]
        return Fault.REFUSE if "cannot be stored" in labels else Fault.NONE

    async with open_yard(MemoryStorage(faults=refuse_poison)) as yard:
        good, bad = Ear(), Ear()
        labels = {good: "good", bad: "cannot be stored"}
        for ear, label in labels.items():
            yard.submit(ear, label)
        for ear, label in labels.items():
            told = await ear.wait_heard(is_rejected)
            assert isinstance(told, Rejected)
            assert (told.code, told.retry) == ("commit_failed", True)
            ear.heard.clear()
            yard.submit(ear, label)
        await good.wait_heard(is_acknowledged)
        told = await bad.wait_heard(is_rejected)
        assert isinstance(told, Rejected)
        assert (told.code, told.retry) == ("not_storable", False)
        assert yard.storage.revision_of("a") == 1


async def test_a_commit_in_doubt_keeps_its_author_waiting_until_the_outcome_is_known() -> None:
    faults = iter([Fault.DOUBT_STORED])
    async with open_yard(MemoryStorage(faults=lambda _: next(faults, Fault.NONE))) as yard:
        ear, reader = Ear(), Ear()
        yard.submit(ear, "x")
        yard.post("a", ReadDiagram(reader))
        event = await reader.wait_heard(lambda event: isinstance(event, Read))
        assert isinstance(event, Read)
        assert event.revision == 0
        await trio.testing.wait_all_tasks_blocked()
        assert ear.heard == []
        yard.storage.release_nowait()
        await ear.wait_heard(is_acknowledged)


async def test_closing_everything_makes_what_is_on_its_way_durable_first() -> None:
    async with open_yard() as yard:
        ear, follower = Ear(), Ear()
        yard.subscribe(follower)
        yard.submit(ear, "last words")
        await follower.wait_heard(is_snapshot)
        await yard.registry.wait_all_closed()
        assert is_acknowledged(ear.heard[0])
        assert isinstance(follower.heard[-1], Closed)
        assert yard.storage.revision_of("a") == 1
        yard.submit(ear, "too late", sequence=2)
        late = await ear.wait_heard(is_rejected)
        assert isinstance(late, Rejected)
        assert late.retry
