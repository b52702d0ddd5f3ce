"""Which nodes people have placed, by the journal."""

from datetime import UTC, datetime

import pytest

from actors.ports import Author, JournalEntry
from gateway.placed import LAYOUT_LABEL, MEND_LABEL, placed_by_people
from ot.operation import Change, Create, Delete, Operation, Set, Update

ANN, ROBO = Author("user", "ann", "Ann"), Author("agent", "robo", "Robo")
MADE = Create({"position": {"x": 1, "y": 2}})
MOVED = Update({"/position": Set({"x": 3, "y": 4}, was={"x": 1, "y": 2})})
BACK = Update({"/position": Set({"x": 1, "y": 2}, was={"x": 3, "y": 4})})
AGAIN = Update({"/position": Set({"x": 5, "y": 6}, was={"x": 3, "y": 4})})


def entry(author: Author, change: Change, label: str = "submit") -> JournalEntry:
    return JournalEntry(
        diagram_id="d",
        revision=1,
        author=author,
        client_id=None,
        sequence=None,
        operation=Operation(nodes={"n": change}),
        committed_at=datetime(2026, 1, 1, tzinfo=UTC),
        label=label,
    )


@pytest.mark.parametrize(
    ("entries", "is_placed"),
    [
        ([entry(ANN, MADE)], True),
        ([entry(ANN, MOVED)], True),
        ([entry(ANN, Update({"/position/x": Set(3)}))], True),
        ([entry(ANN, Create({}))], False),
        ([entry(ANN, Update({"/data/label": Set("x")}))], False),
        ([entry(ANN, Delete())], False),
        ([entry(ROBO, MADE)], False),
        ([entry(ANN, MADE), entry(ROBO, MOVED)], False),
        ([entry(ROBO, MADE), entry(ANN, MOVED)], True),
        ([entry(ANN, MADE), entry(ANN, MOVED, LAYOUT_LABEL)], False),
        ([entry(ANN, MADE), entry(ANN, MOVED, MEND_LABEL)], False),
        ([entry(ANN, MOVED, LAYOUT_LABEL), entry(ANN, AGAIN)], True),
        ([entry(ANN, MADE), entry(ANN, MOVED, LAYOUT_LABEL), entry(ANN, BACK)], True),
        ([entry(ROBO, MADE), entry(ANN, MOVED, LAYOUT_LABEL), entry(ANN, BACK)], False),
        ([entry(ROBO, MADE), entry(ANN, MOVED, LAYOUT_LABEL), entry(ANN, AGAIN)], True),
        ([entry(ANN, MADE), entry(ANN, MOVED, LAYOUT_LABEL), entry(ROBO, BACK)], False),
    ],
)
def test_a_node_is_placed_by_whoever_put_it_there_last(
    entries: list[JournalEntry], is_placed: bool
) -> None:
    assert placed_by_people(entries) == ({"n"} if is_placed else frozenset())
