"""Edges of a fresh layout: those that would run across nodes get sides, and no others."""

from random import Random
from typing import Any

import pytest

from gateway.critic import check, leading
from gateway.engine.jobs import LayoutWish, lay_out
from gateway.layout import Direction
from ot.apply import apply
from ot.diagram import Diagram, Element, Json
from ot.operation import NOTHING, Unset, Update
from tests.gateway.critic.test_critic import edge, node

HANDLES = ("sourceHandle", "targetHandle")


def tree(count: int, children: int, **more: Any) -> Diagram:
    """Every node leads to so many others."""
    nodes = {f"n{i}": node(i * 7 % 500, i * 11 % 300) for i in range(count)}
    edges = {f"e{i}": edge(f"n{(i - 1) // children}", f"n{i}", **more) for i in range(1, count)}
    return Diagram(nodes=nodes, edges=edges)


def laid_out(diagram: Diagram, direction: Direction = "TB") -> Diagram:
    return apply(diagram, lay_out(diagram, LayoutWish(direction=direction)))[0]


def crossing(diagram: Diagram) -> list[str]:
    found = check(diagram, with_mends=False)
    return [key for each in found if each.code == "edge_crosses_node" for key in each.edges]


def sides(element: Element) -> tuple[object, object]:
    return element.get("sourceHandle"), element.get("targetHandle")


@pytest.mark.parametrize("direction", ["TB", "BT", "LR", "RL"])
@pytest.mark.parametrize("line", ["smoothstep", "default", "straight", "step"])
def test_the_lines_of_a_wide_tree_run_over_no_node(direction: Direction, line: str) -> None:
    assert crossing(laid_out(tree(25, 8, type=line), direction)) == []


def test_most_flows_with_ways_back_are_clear() -> None:
    crossed = 0
    for seed in range(10):
        r, diagram = Random(seed), tree(18, 2)
        for i in range(3):
            diagram.edges[f"b{i}"] = edge(
                f"n{r.randrange(18)}", f"n{r.randrange(18)}", label="back"
            )
        crossed += len(crossing(laid_out(diagram)))
    assert crossed <= 3


def test_edges_that_are_clear_stay_as_they_are() -> None:
    diagram = tree(6, 1)
    plan = lay_out(diagram, LayoutWish(direction="TB"))
    assert plan.nodes
    assert plan.edges == {}


def test_what_a_person_chose_stays() -> None:
    diagram = tree(12, 11)
    chosen: dict[str, tuple[Json, Json]] = {
        "e1": ("left", "left"),
        "e2": ("out-1", None),
        "e3": ("source-right", "l"),
        "e4": ({"side": "left"}, ["right"]),
    }
    for key, pair in chosen.items():
        diagram.edges[key] |= {
            name: side for name, side in zip(HANDLES, pair, strict=True) if side is not None
        }
    before = {key: diagram.edges[key] for key in chosen}
    after = laid_out(diagram)
    assert {key: after.edges[key] for key in chosen} == before


def test_the_next_layout_chooses_anew() -> None:
    first = laid_out(tree(12, 11), "TB")
    assert ("bottom", "top") in {sides(each) for each in first.edges.values()}
    second = laid_out(first, "LR")
    assert crossing(second) == []
    upright = {("bottom", "top"), ("top", "bottom")}
    for key, each in second.edges.items():
        above = second.nodes[each["source"]]["position"]["y"]
        below = second.nodes[each["target"]]["position"]["y"]
        assert sides(each) not in upright or abs(above - below) >= 50, key


def test_sides_that_are_needed_no_more_are_taken_away() -> None:
    diagram = Diagram(
        nodes={"a": node(0, 0), "b": node(700, 0)},
        edges={"e": edge("a", "b", sourceHandle="left", targetHandle="right")},
    )
    change = lay_out(diagram, LayoutWish(direction="LR")).edges["e"]
    assert change == Update({"/sourceHandle": Unset(), "/targetHandle": Unset()})


def test_edges_between_nodes_that_stay_are_left_alone() -> None:
    diagram = tree(12, 11)
    plan = lay_out(diagram, LayoutWish(direction="TB", pinned=frozenset(diagram.nodes)))
    assert plan == NOTHING


def test_no_more_ways_are_tried_than_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leading, "MAX_WAYS", 3)
    assert len(lay_out(tree(25, 8), LayoutWish(direction="TB")).edges) <= 3
