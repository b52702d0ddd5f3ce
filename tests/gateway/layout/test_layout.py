"""Layouts of diagrams that people draw."""

import random
import time
from typing import Any

import pytest

from gateway.geometry.boxes import Side, Size
from gateway.geometry.scene import Scene
from gateway.layout import LayoutError, plan_layout
from gateway.layout.graph import Graph, Link
from gateway.layout.layered import settled
from gateway.layout.ordering import ordered_layers
from gateway.layout.ranks import acyclic, longest_path_ranks
from gateway.layout.tree import is_tree
from gateway.layout.work import Work
from ot.apply import apply
from ot.diagram import Diagram, Element
from ot.operation import NOTHING, Update
from ot.validate import check_operation
from tests.gateway.layout.diagrams import outsiders, overlaps


def node(label: str = "A step", **more: Any) -> Element:
    return {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": label}, **more}


def flow(pairs: str, **nodes: Element) -> Diagram:
    """A diagram from "a-b b-c": nodes as they are first named, all in one heap."""
    found: dict[str, Element] = {}
    edges: dict[str, Element] = {}
    for pair in pairs.split():
        source, target = pair.split("-")
        for key in (source, target):
            found.setdefault(key, nodes.get(key, node()))
        edges[pair] = {"source": source, "target": target}
    return Diagram(nodes={**nodes, **found}, edges=edges)


def laid_out(diagram: Diagram, **options: Any) -> Scene:
    plan = plan_layout(diagram, **options)
    check_operation(plan)
    scene = Scene(apply(diagram, plan)[0].nodes)
    assert overlaps(scene) == []
    assert outsiders(scene) == []
    return scene


@pytest.mark.parametrize(
    ("direction", "side"),
    [("TB", Side.BOTTOM), ("BT", Side.TOP), ("LR", Side.RIGHT), ("RL", Side.LEFT)],
)
def test_edges_lead_in_the_direction(direction: str, side: Side) -> None:
    scene = laid_out(flow("a-b b-c a-d d-c"), direction=direction)
    for source, target in ("ab", "bc", "ad", "dc"):
        first, second = scene.boxes[source], scene.boxes[target]
        gap = {
            Side.BOTTOM: second.y - first.bottom,
            Side.TOP: first.y - second.bottom,
            Side.RIGHT: second.x - first.right,
            Side.LEFT: first.x - second.right,
        }[side]
        assert gap >= 60


def test_a_chain_is_straight() -> None:
    scene = laid_out(flow("a-b b-c c-d", b=node("A much longer label than the others have")))
    assert len({box.center.x for box in scene.boxes.values()}) == 1


def test_a_parent_stands_above_the_middle_of_its_children() -> None:
    scene = laid_out(flow("a-b a-c"), direction="TB", algorithm="tree")
    middle = (scene.boxes["b"].center.x + scene.boxes["c"].center.x) / 2
    assert scene.boxes["a"].center.x == middle


@pytest.mark.parametrize(
    "pairs", ["a-b a-c", "a-b a-c a-d b-e b-f c-g d-h", "a-b a-c b-d c-d d-a", "a-b b-c a-c a-d"]
)
def test_what_is_said_first_stands_on_the_left(pairs: str) -> None:
    boxes = laid_out(flow(pairs), direction="TB").boxes
    rows: dict[float, list[float]] = {}
    for key in sorted(boxes):
        rows.setdefault(boxes[key].center.y, []).append(boxes[key].x)
    assert any(len(row) > 1 for row in rows.values())
    assert all(row == sorted(row) for row in rows.values())


def test_a_mindmap_grows_to_both_sides() -> None:
    diagram = flow("t-a t-b t-c t-d a-e")
    diagram.kind = "mindmap"
    scene = laid_out(diagram)
    sides = [scene.boxes[key].center.x > scene.boxes["t"].center.x for key in "abcd"]
    assert 0 < sum(sides) < 4
    outer = abs(scene.boxes["e"].center.x - scene.boxes["t"].center.x)
    assert outer > abs(scene.boxes["a"].center.x - scene.boxes["t"].center.x)


def test_labels_of_edges_get_their_room() -> None:
    plain, labelled = flow("a-b"), flow("a-b")
    labelled.edges["a-b"]["label"] = "a label that is rather long"
    gaps = []
    for diagram in (plain, labelled):
        scene = laid_out(diagram, direction="LR")
        gaps.append(scene.boxes["b"].x - scene.boxes["a"].right)
    assert gaps[1] > gaps[0] + 60


def test_groups_are_as_large_as_what_is_inside_and_keep_it_together() -> None:
    group = node("Group", type="group")
    inside = {key: node(parentId="g") for key in "abc"}
    scene = laid_out(flow("a-b b-c c-d d-g", g=group, **inside))
    assert all(scene.boxes["g"].contains(scene.boxes[key]) for key in "abc")
    assert scene.boxes["a"].y >= scene.boxes["g"].y + 40


def test_a_long_chain_in_a_group_is_folded_where_groups_cannot_be_so_high() -> None:
    inside = {f"n{i}": node(parentId="g") for i in range(150)}
    pairs = " ".join(f"n{i}-n{i + 1}" for i in range(149))
    scene = laid_out(flow(pairs, g=node("Group", type="group"), **inside))
    assert len({scene.boxes[key].x for key in inside}) > 1


def test_parts_that_do_not_hang_together_stand_side_by_side() -> None:
    scene = laid_out(flow("a-b c-d e-f g-h"))
    assert len({box.x for box in scene.boxes.values()}) > 1


def test_a_carried_group_takes_its_children_along() -> None:
    diagram = flow("a-g", g=node(type="group"), x=node(parentId="g", position={"x": 30, "y": 50}))
    after, _ = apply(diagram, plan_layout(diagram, only=["g"]))
    assert after.nodes["x"] == diagram.nodes["x"]


def test_nothing_and_one_node_are_laid_out_too() -> None:
    assert plan_layout(Diagram()) == NOTHING
    scene = laid_out(Diagram(nodes={"a": node(position={"x": 123, "y": 77})}))
    assert abs(scene.boxes["a"].x - 123) <= 10


def test_the_whole_stays_about_where_it_was() -> None:
    diagram = flow("a-b", a=node(position={"x": 5_000, "y": -300}))
    diagram.nodes["b"] = node(position={"x": 5_000, "y": 900})
    scene = laid_out(diagram)
    assert abs(min(box.x for box in scene.boxes.values()) - 5_000) <= 10
    assert abs(min(box.y for box in scene.boxes.values()) + 300) <= 10


def test_only_places_and_sizes_are_written() -> None:
    plan = plan_layout(flow("a-b b-a a-a", g=node(type="group"), x=node(parentId="g")))
    assert not plan.edges
    paths = {
        path
        for change in plan.nodes.values()
        if isinstance(change, Update)
        for path in change.writes
    }
    assert paths <= {"/position", "/width", "/height"}


def test_sizes_kept_in_the_style_stay_there() -> None:
    group = node(type="group", style={"width": 90, "height": 50})
    plan = plan_layout(Diagram(nodes={"g": group, "a": node(parentId="g")}))
    change = plan.nodes["g"]
    assert isinstance(change, Update)
    assert {"/style/width", "/style/height"} <= set(change.writes)


def test_nodes_that_people_placed_move_when_that_is_wanted() -> None:
    diagram = flow("a-b")
    assert plan_layout(diagram, pinned=["a", "b"]) == NOTHING
    assert plan_layout(diagram, pinned=["a", "b"], keep_placed=False).nodes


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"only": ["nobody"]}, "unknown_node"),
        ({"spacing": 5}, "invalid_spacing"),
        ({"spacing": float("nan")}, "invalid_spacing"),
        ({"should_stop": lambda: True}, "stopped"),
    ],
)
def test_what_cannot_be_done_is_told_by_a_code(options: dict[str, Any], code: str) -> None:
    with pytest.raises(LayoutError) as caught:
        plan_layout(flow("a-b"), **options)
    assert caught.value.code == code


def test_progress_goes_up_to_one_and_a_wish_to_stop_is_soon_heard() -> None:
    told: list[float] = []
    plan_layout(flow("a-b b-c d-e"), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1

    with pytest.raises(LayoutError, match="stopped"):
        plan_layout(local_flow(300, 450), progress=told.append, should_stop=lambda: told[-1] < 1)


def local_flow(nodes: int, edges: int) -> Diagram:
    """A long flow whose edges lead to steps near by, as in diagrams that people draw."""
    r = random.Random(1)
    diagram = Diagram(nodes={f"n{i}": node(f"Step number {i}") for i in range(nodes)})
    for i in range(1, nodes):
        source = max(0, i - 1 - r.randrange(8))
        diagram.edges[f"t{i}"] = {"source": f"n{source}", "target": f"n{i}"}
    while len(diagram.edges) < edges:
        a = r.randrange(nodes)
        b = min(nodes - 1, max(0, a + r.randrange(-15, 30)))
        diagram.edges[f"x{len(diagram.edges)}"] = {"source": f"n{a}", "target": f"n{b}"}
    return diagram


def scattered_flow(nodes: int, edges: int) -> Diagram:
    """Edges between any nodes at all."""
    r = random.Random(2)
    diagram = Diagram(nodes={f"n{i}": node(f"Step number {i}") for i in range(nodes)})
    for i in range(edges):
        ends = {"source": f"n{r.randrange(nodes)}", "target": f"n{r.randrange(nodes)}"}
        diagram.edges[f"e{i}"] = ends
    return diagram


@pytest.mark.parametrize("diagram", [local_flow(1_000, 1_500), scattered_flow(1_000, 1_500)])
def test_a_thousand_nodes_take_less_than_two_seconds(diagram: Diagram) -> None:
    before = time.process_time()
    plan = plan_layout(diagram)
    assert time.process_time() - before < 2
    assert len(plan.nodes) > 900


def test_edges_that_close_a_cycle_are_turned_round() -> None:
    pairs = acyclic(4, [(0, 1), (1, 2), (2, 0), (2, 2), (2, 3), (0, 1)])
    assert sorted(pairs) == [(0, 1), (0, 2), (1, 2), (2, 3)]
    ranks = longest_path_ranks(4, pairs)
    assert all(ranks[a] < ranks[b] for a, b in pairs)


@pytest.mark.parametrize("count", [40, 600])
def test_every_edge_leads_one_layer_down_or_bends_on_its_way(count: int) -> None:
    r = random.Random(3)
    tree = [(r.randrange(i), i) for i in range(1, count)]
    others = [(r.randrange(count), r.randrange(count)) for _ in range(count)]
    pairs = acyclic(count, [*tree, *others])
    layers = ordered_layers(count, pairs, Work(1))
    row_of = {vertex: y for y, row in enumerate(layers.rows) for vertex in row}
    assert sorted(vertex for vertex in row_of if vertex < count) == list(range(count))
    for upper, lowers in layers.below.items():
        assert all(row_of[lower] == row_of[upper] + 1 for lower in lowers)


def test_places_are_settled_by_least_squares() -> None:
    assert settled([(0, 1), (0, 1)], [10]) == [-5, 5]
    assert settled([(0, 1), (100, 1)], [10]) == [0, 100]
    assert settled([(0, 3), (0, 1)], [10]) == [-2.5, 7.5]


def test_a_tree_is_told_from_what_is_none() -> None:
    size = Size(10, 10)
    assert is_tree(Graph([size] * 3, [Link(0, 1), Link(1, 2), Link(2, 1), Link(1, 1)]))
    assert not is_tree(Graph([size] * 3, [Link(0, 1), Link(1, 2), Link(2, 0)]))
