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


@given(histories(diagrams(), length=6), st.integers(1, 5))
def test_forgetting_the_oldest_leaves_what_the_newer_ones_touched(
    history: tuple[Diagram, list[Operation]], forgotten: int
) -> None:
    _, operations = history
    all_of_them, newest = Footprints(), Footprints()
    for revision, a in enumerate(operations, start=1):
        all_of_them.add(a, revision)
        if revision > forgotten:
            newest.add(a, revision)
    for revision, a in enumerate(operations[:forgotten], start=1):
        all_of_them.forget(a, revision)
    for a in operations:
        for since in range(forgotten, len(operations) + 1):
            assert all_of_them.may_meet(a, since) == newest.may_meet(a, since)


def test_a_revision_before_the_oldest_one_in_memory_may_meet_anything() -> None:
    assert History(floor=10).may_meet(Operation(), since=9)
