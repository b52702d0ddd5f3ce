"""What others lose to an edit that its client had brought up to date before it came."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from actors.catch_up import committed
from actors.commands import Submit
from actors.events import CommittedOperation
from actors.merging import find_overridden
from actors.ports import Author, JournalEntry
from ot.conflicts import find_lost
from ot.diagram import Diagram
from ot.operation import Create, Delete, Operation, Set, Update
from ot.transform import transform
from property_tests.strategies import concurrent, diagrams
from tests.actors.test_core import Ear

ANN, BOB = Author("user", "ann", "Ann"), Author("user", "bob", "Bob")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def done(author: Author, operation: Operation, client_id: str = "b") -> CommittedOperation:
    entry = JournalEntry(
        diagram_id="d",
        revision=1,
        author=author,
        client_id=client_id,
        sequence=1,
        operation=operation,
        committed_at=NOON,
        label="submit",
    )
    return committed(entry, operation)


def told(a: Operation, *unseen: CommittedOperation, author: Author = ANN) -> set[tuple[str, str]]:
    command = Submit(receiver=Ear(), author=author, operation=a, client_id="a")
    conflicts = find_overridden(a, command, unseen, 2)
    assert all(conflict.kept_author == author for conflict in conflicts)
    return {(conflict.target, conflict.id) for conflict in conflicts}


@given(concurrent(diagrams()), st.booleans())
def test_the_same_is_told_as_if_the_two_had_met_on_the_server(
    world: tuple[Diagram, Operation, Operation], a_wins: bool
) -> None:
    _, a, b = world
    met = {(lost.target, lost.id) for lost in find_lost(a, b, a_wins) if lost.loser == "b"}
    late = told(transform(a, b, a_wins), done(BOB, b))
    # A new child of a group that went is a root now; it is all there.
    made = {("node", name) for name, change in b.nodes.items() if isinstance(change, Create)}
    assert late - made == met - made


def test_the_newer_value_that_a_late_edit_overrides_is_told() -> None:
    a = Operation(nodes={"n": Update({"/data/label": Set("Ann's")})})
    b = Operation(nodes={"n": Update({"/data/label": Set("Bob's")})})
    assert told(a, done(BOB, b)) == {("node", "n")}
    assert told(a, done(ANN, b, client_id="another page")) == {("node", "n")}
    assert told(a, done(ANN, b, client_id="a")) == set(), "its own client has seen that"


def test_an_edge_drawn_meanwhile_to_what_is_deleted_is_told() -> None:
    a = Operation(nodes={"n": Delete()}, edges={"e": Delete()})
    b = Operation(edges={"e": Create({"source": "m", "target": "n"})})
    assert told(a, done(BOB, b)) == {("edge", "e")}
