"""The quick look never misses: operations that it lets pass do not change each other."""

from hypothesis import event, given
from hypothesis import strategies as st

from actors.history import History
from ot.conflicts import find_lost
from ot.diagram import Diagram
from ot.footprint import Footprints
from ot.operation import Operation
from ot.transform import transform
from property_tests.strategies import concurrent, diagrams, histories


@given(concurrent(diagrams(), most=2), st.booleans())
def test_what_does_not_meet_needs_no_transformation(
    pair: tuple[Diagram, Operation, Operation], a_wins: bool
) -> None:
    _, a, b = pair
    footprints = Footprints()
    footprints.add(b, 5)
    assert not footprints.may_meet(a, 5), "only what came after counts"
    meets = footprints.may_meet(a, 4)
    event(f"meets: {meets}")
    if not meets:
        assert transform(a, b, a_wins) == a
        assert transform(b, a, not a_wins) == b
        assert find_lost(a, b, a_wins) == []


@given(histories(diagrams(), length=6))
def test_it_counts_the_ids_it_remembers(history: tuple[Diagram, list[Operation]]) -> None:
    footprints = Footprints()
    assert len(footprints) == 0
    for revision, a in enumerate(history[1], start=1):
        before = len(footprints)
        footprints.add(a, revision)
        footprints.add(a, revision)
        assert before <= len(footprints) <= before + 4 * (len(a.nodes) + len(a.edges))


def test_a_revision_before_the_oldest_one_in_memory_may_meet_anything() -> None:
    assert History(floor=10).may_meet(Operation(), since=9)
