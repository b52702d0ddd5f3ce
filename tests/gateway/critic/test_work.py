"""How much the critic does: what it knows of an element it does not find out again."""

from collections import Counter
from typing import Any

import pytest

from gateway.critic import check
from gateway.critic import lines as lines_module
from gateway.critic.check import check_edit
from gateway.critic.findings import SEVERITIES, WORST_FIRST, Severity
from gateway.geometry.routes import route_edge
from ot.apply import apply
from ot.diagram import Diagram
from tests.gateway.critic.messes import mended
from tests.gateway.critic.test_critic import edge, node

RANKS: dict[Severity, int] = {"error": 0, "warning": 1, "hint": 2}


def grid(columns: int, rows: int) -> Diagram:
    """Rows of nodes, each joined to the next, and one edge in each row across a node."""
    nodes = {f"n{x}-{y}": node(x * 250, y * 200) for x in range(columns) for y in range(rows)}
    edges = {
        f"e{x}-{y}": edge(f"n{x}-{y}", f"n{x + 1}-{y}")
        for x in range(columns - 1)
        for y in range(rows)
    }
    over = {f"o{y}": edge(f"n0-{y}", f"n2-{y}", label="over") for y in range(rows)}
    return Diagram(nodes=nodes, edges=edges | over)


@pytest.fixture
def routed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the way of an edge between two nodes was worked out."""
    counts: Counter[str] = Counter()

    def counted(scene: Any, element: Any, turn: int = 0) -> Any:
        counts[f"{element['source']} {element['target']}"] += 1
        return route_edge(scene, element, turn)

    monkeypatch.setattr(lines_module, "route_edge", counted)
    return counts


def test_a_check_looks_at_every_edge_once(routed: Counter[str]) -> None:
    diagram = grid(10, 5)
    check(diagram, with_mends=False)
    assert set(routed.values()) == {1}


def test_mends_work_out_the_ways_of_those_edges_alone_that_cross_something(
    routed: Counter[str],
) -> None:
    diagram = grid(10, 5)
    findings = check(diagram)
    crossing = {f"n0-{y} n2-{y}" for y in range(5)}
    assert {key for finding in findings for key in finding.edges} == {f"o{y}" for y in range(5)}
    # Sixteen ways of each kind of line, and the looks before and after.
    assert all(routed[key] <= 3 * 16 + 3 for key in crossing)
    assert all(count <= 3 for key, count in routed.items() if key not in crossing)
    assert check(mended(diagram, findings)) == []


def test_an_edit_is_checked_by_what_it_changes(routed: Counter[str]) -> None:
    before = grid(10, 5)
    after = before.copy()
    after.nodes["n4-2"] = node(4 * 250 + 100, 2 * 200)
    del after.edges["o0"]
    after.edges["new"] = edge("n9-0", "n9-1")
    assert check_edit(before, after) == (
        check(before, with_mends=False),
        check(after, with_mends=False),
    )
    routed.clear()
    check_edit(before, after)
    again = sum(routed.values()) - len(before.edges)
    assert again <= 6


def test_an_edit_of_all_or_to_nothing_is_checked_as_well() -> None:
    diagram, empty = grid(3, 2), Diagram()
    text = Diagram(kind="mermaid", data={"text": "graph TD"})
    for before, after in ((diagram, empty), (empty, diagram), (text, diagram), (diagram, text)):
        expected = [check(each, with_mends=False) for each in (before, after)]
        assert list(check_edit(before, after)) == expected


def test_the_worst_is_first() -> None:
    ranks = [RANKS[SEVERITIES[code]] for code in WORST_FIRST]
    assert ranks == sorted(ranks)
    assert set(WORST_FIRST) == SEVERITIES.keys()
    diagram = grid(4, 3)
    diagram.nodes["alone"] = node(0, 2_000)
    diagram.nodes["n1-1"] = node(0, 210)
    diagram.edges["void"] = edge("n0-0", "nowhere")
    found = [RANKS[finding.severity] for finding in check(diagram, with_mends=False)]
    assert found == sorted(found)
    assert set(found) >= {0, 1}


def piled(count: int) -> Diagram:
    """A row of nodes that lie on each other, joined to each other, and an edge to nowhere."""
    nodes = {f"n{i}": node(i * 40, 0) for i in range(count)}
    edges = {f"e{i}": edge(f"n{i}", f"n{i + 1}") for i in range(count - 1)}
    return Diagram(nodes=nodes, edges=edges | {"void": edge("n0", "nowhere")})


def test_a_layout_that_is_too_large_is_not_made_and_all_else_is_mended() -> None:
    diagram = piled(30)
    every = check(diagram)
    assert all(finding.mend is not None for finding in every)
    findings = check(diagram, largest_layout=29)
    assert [f.code for f in findings] == [f.code for f in every]
    mends = {finding.code: finding.mend for finding in findings}
    assert mends["overlap"] is None
    assert mends["dangling_reference"] is not None
    after, _ = apply(diagram, mends["dangling_reference"])
    assert "dangling_reference" not in {f.code for f in check(after, with_mends=False)}
    assert check(diagram, largest_layout=30) == every
