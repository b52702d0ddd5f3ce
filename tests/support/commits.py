"""Journal entries and batches for tests of the storage, and a way to wait for their outcome."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import trio

from actors.ports import (
    Author,
    CommitBatch,
    CommitOutcome,
    DiagramSummary,
    JournalEntry,
    Storage,
)
from ot.diagram import Diagram
from ot.operation import Create, Operation

ANN = Author("user", "ann", "Ann")
BOT = Author("agent", "bot", "Bot")
START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
#: Seconds within which a commit must be answered; far more than any takes.
ANSWER_TIMEOUT_SECONDS = 30


def adding(node_id: str, label: str = "") -> Operation:
    """An operation in its log form that adds one node."""
    element = {"type": "process", "position": {"x": 1.5, "y": -2}, "data": {"label": label}}
    return Operation(nodes={node_id: Create(element)})


def entry(
    diagram_id: str,
    revision: int,
    *,
    author: Author = ANN,
    client: tuple[str, int] | None = None,
    operation: Operation | None = None,
    label: str = "submit",
) -> JournalEntry:
    """One entry, a second later for each revision. ``client`` is its id and the sequence."""
    client_id, sequence = client or (None, None)
    return JournalEntry(
        diagram_id=diagram_id,
        revision=revision,
        author=author,
        client_id=client_id,
        sequence=sequence,
        operation=operation or adding(f"n{revision}"),
        committed_at=START + timedelta(seconds=revision),
        label=label,
    )


def batch_of(entries: Sequence[JournalEntry], title: str = "Flow") -> CommitBatch:
    """The entries of one diagram, with a summary that tells their last revision."""
    last = entries[-1].revision
    summary = DiagramSummary(
        title=title, description=None, kind="flowchart", node_count=last, edge_count=0
    )
    return CommitBatch(diagram_id=entries[0].diagram_id, entries=entries, summary=summary)


def batch(diagram_id: str, first: int, count: int = 1, *, author: Author = ANN) -> CommitBatch:
    """``count`` entries from revision ``first`` on."""
    return batch_of([entry(diagram_id, first + n, author=author) for n in range(count)])


class Answers:
    """The outcomes of batches handed over together, in the order of the batches."""

    def __init__(self, storage: Storage, batches: Sequence[CommitBatch]) -> None:
        self._outcomes: dict[int, list[CommitOutcome]] = {n: [] for n in range(len(batches))}
        self._changed = trio.Event()
        for n, each in enumerate(batches):
            storage.commit_nowait(each, self._receiver(n))

    def _receiver(self, n: int) -> Callable[[CommitOutcome], None]:
        def receive(outcome: CommitOutcome) -> None:
            # Answers arrive on the trio thread, or this raises.
            trio.lowlevel.current_trio_token()
            self._outcomes[n].append(outcome)
            self._changed.set()

        return receive

    @property
    def answered(self) -> int:
        """How many batches have an answer."""
        return sum(bool(outcomes) for outcomes in self._outcomes.values())

    async def wait_all(self) -> list[CommitOutcome]:
        """Every outcome, once each batch has exactly one."""
        with trio.fail_after(ANSWER_TIMEOUT_SECONDS):
            while self.answered < len(self._outcomes):
                self._changed = trio.Event()
                await self._changed.wait()
        assert all(len(outcomes) == 1 for outcomes in self._outcomes.values())
        return [outcomes[0] for outcomes in self._outcomes.values()]


async def commit(storage: Storage, *batches: CommitBatch) -> list[CommitOutcome]:
    """Hands the batches over together and waits for their outcomes."""
    return await Answers(storage, batches).wait_all()


def empty_diagram() -> Diagram:
    return Diagram(title="Flow")
