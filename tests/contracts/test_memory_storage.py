"""The storage in memory keeps the contract, and lets a test decide how commits end."""

from collections.abc import Callable

import pytest

from actors.ports import CommitOutcome, Policy
from ot.diagram import Diagram
from persistence.memory import Fault, MemoryStorage
from tests.contracts.storage_contract import (
    COMMITTED,
    FAILED,
    FENCED,
    REFUSED,
    StorageContract,
    StoreUnderTest,
)
from tests.support.commits import Answers, batch, empty_diagram


class MemoryStore:
    """The storage in memory as the contract's tests see it."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()

    async def create(
        self, diagram_id: str, diagram: Diagram, policy: Policy = "later_wins"
    ) -> None:
        self.storage.create(diagram_id, diagram, policy)

    async def trash(self, diagram_id: str) -> None:
        self.storage.trash(diagram_id)

    async def restore(self, diagram_id: str) -> None:
        self.storage.restore(diagram_id)

    async def wait_snapshot(self, diagram_id: str, revision: int) -> None:
        stored = await self.storage.load_diagram(diagram_id)
        assert stored is not None
        assert stored.snapshot_revision == revision


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def store(self) -> StoreUnderTest:
        return MemoryStore()


@pytest.fixture
def calls() -> list[Callable[[], object]]:
    """What was asked to be called soon, by a storage that knows no trio."""
    return []


@pytest.fixture
def storage(calls: list[Callable[[], object]]) -> MemoryStorage:
    storage = MemoryStorage(call_soon=calls.append)
    storage.create("d", empty_diagram())
    return storage


@pytest.mark.parametrize(
    ("fault", "outcome", "stored"),
    [
        (Fault.NONE, COMMITTED, 1),
        (Fault.FAIL, FAILED, 0),
        (Fault.FENCE, FENCED, 0),
        (Fault.REFUSE, REFUSED, 0),
    ],
)
def test_a_commit_ends_as_the_fault_has_it_when_the_scheduler_says(
    storage: MemoryStorage,
    calls: list[Callable[[], object]],
    fault: Fault,
    outcome: CommitOutcome,
    stored: int,
) -> None:
    outcomes: list[CommitOutcome] = []
    storage.faults = lambda batch: fault
    storage.commit_nowait(batch("d", 1), outcomes.append)
    assert outcomes == []
    calls.pop()()
    assert outcomes == [outcome]
    assert storage.revision_of("d") == stored


@pytest.mark.parametrize(
    ("fault", "stored", "outcome"),
    [
        (Fault.DELAY, (0, 1), COMMITTED),
        (Fault.DOUBT_STORED, (1, 1), COMMITTED),
        (Fault.DOUBT_LOST, (0, 0), FAILED),
    ],
)
def test_a_held_commit_is_answered_only_when_released(
    storage: MemoryStorage,
    calls: list[Callable[[], object]],
    fault: Fault,
    stored: tuple[int, int],
    outcome: CommitOutcome,
) -> None:
    outcomes: list[CommitOutcome] = []
    storage.faults = lambda batch: fault
    storage.commit_nowait(batch("d", 1), outcomes.append)
    assert (calls, storage.held_count, storage.revision_of("d")) == ([], 1, stored[0])
    storage.release_nowait()
    calls.pop()()
    assert (outcomes, storage.held_count, storage.revision_of("d")) == ([outcome], 0, stored[1])


def test_a_doubtful_commit_that_was_fenced_off_turns_out_failed(
    storage: MemoryStorage, calls: list[Callable[[], object]]
) -> None:
    outcomes: list[CommitOutcome] = []
    storage.faults = lambda batch: Fault.DOUBT_STORED
    storage.commit_nowait(batch("d", 5), outcomes.append)
    storage.release_nowait()
    calls.pop()()
    assert outcomes == [FAILED]


def test_held_commits_are_released_oldest_first(
    storage: MemoryStorage, calls: list[Callable[[], object]]
) -> None:
    storage.create("e", empty_diagram())
    storage.faults = lambda batch: Fault.DELAY
    storage.commit_nowait(batch("d", 1), lambda outcome: None)
    storage.commit_nowait(batch("e", 1), lambda outcome: None)
    storage.release_nowait(1)
    assert (storage.revision_of("d"), storage.revision_of("e")) == (1, 0)


async def test_a_stored_operation_shares_nothing_with_the_one_handed_over() -> None:
    storage = MemoryStorage()
    storage.create("d", empty_diagram())
    handed_over = batch("d", 1)
    await Answers(storage, [handed_over]).wait_all()
    (read,) = await storage.read_entries("d", 0, 1)
    original = handed_over.entries[0].operation
    assert read.operation == original
    assert read.operation.nodes is not original.nodes
