"""What holds for the layout of any diagram."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.geometry.boxes import Box
from gateway.geometry.scene import Scene
from gateway.layout import Algorithm, Direction, plan_layout
from ot.apply import apply
from ot.diagram import Diagram
from tests.gateway.layout.diagrams import diagrams, outsiders, overlaps

DIRECTIONS = st.sampled_from([None, "TB", "BT", "LR", "RL"])
ALGORITHMS = st.sampled_from(["auto", "layered", "tree"])
CALM = settings(max_examples=60, deadline=None)


def moved(scene: Scene, after: Scene, key: str) -> tuple[float, float]:
    old, new = scene.boxes[key], after.boxes[key]
    return new.x - old.x, new.y - old.y


@CALM
@given(diagrams(), DIRECTIONS, ALGORITHMS)
def test_nothing_overlaps_and_every_child_is_inside_its_group(
    diagram: Diagram, direction: Direction | None, algorithm: Algorithm
) -> None:
    plan = plan_layout(diagram, direction=direction, algorithm=algorithm)
    after = Scene(apply(diagram, plan)[0].nodes)
    assert overlaps(after) == []
    assert outsiders(after) == []


@CALM
@given(diagrams(), st.data())
def test_pinned_nodes_stay_and_nothing_new_lies_on_them(
    diagram: Diagram, data: st.DataObject
) -> None:
    ids = sorted(diagram.nodes)
    pinned = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    plan = plan_layout(diagram, pinned=pinned)
    before, after = Scene(diagram.nodes), Scene(apply(diagram, plan)[0].nodes)
    assert all(moved(before, after, key) == (0, 0) for key in pinned)
    for a, b in overlaps(after):
        assert (before.boxes[a], before.boxes[b]) == (after.boxes[a], after.boxes[b])
    known = outsiders(before)
    for key, group in outsiders(after):
        assert (key, group) in known
        assert key in pinned or moved(before, after, key) == (0, 0)


@CALM
@given(diagrams(), st.data())
def test_only_the_named_nodes_move_and_they_find_free_places(
    diagram: Diagram, data: st.DataObject
) -> None:
    ids = sorted(diagram.nodes)
    only = set(data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else [])
    plan = plan_layout(diagram, only=only)
    before, after = Scene(diagram.nodes), Scene(apply(diagram, plan)[0].nodes)
    for key in ids:
        if only.isdisjoint((key, *before.ancestors(key))):
            assert moved(before, after, key) == (0, 0)
    known = overlaps(before)
    for a, b in overlaps(after):
        assert (a, b) in known
        assert moved(before, after, a) == moved(before, after, b)


@CALM
@given(diagrams(), DIRECTIONS)
def test_the_same_diagram_gives_the_same_layout(
    diagram: Diagram, direction: Direction | None
) -> None:
    first = plan_layout(diagram, direction=direction)
    assert plan_layout(diagram, direction=direction) == first


@CALM
@given(diagrams())
def test_a_diagram_laid_out_in_a_direction_stays_as_it_is(diagram: Diagram) -> None:
    once, _ = apply(diagram, plan_layout(diagram, direction="TB"))
    twice, _ = apply(once, plan_layout(once, direction="TB"))
    size = [Box(0, 0, *box.size) for box in Scene(once.nodes).boxes.values()]
    assert [Box(0, 0, *box.size) for box in Scene(twice.nodes).boxes.values()] == size
    assert twice.nodes == once.nodes
