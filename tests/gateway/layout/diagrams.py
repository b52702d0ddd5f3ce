"""Diagrams of any shape for the tests of places: nested, cyclic, dense, strewn or in one heap."""

from typing import Any

from hypothesis import strategies as st

from gateway.geometry.scene import Scene
from ot.diagram import Diagram, Element

TYPES = ["process", "decision", "start", "end", "note", "circle", "group", "odd-type", "default"]


@st.composite
def diagrams(draw: st.DrawFn, *, most: int = 14) -> Diagram:
    """Up to ``most`` nodes, some inside others, and edges between any of them."""
    count = draw(st.integers(0, most))
    spread = draw(st.sampled_from([5, 100, 2_000]))
    nodes = {f"n{i}": _node(draw, i, spread) for i in range(count)}
    ends = st.sampled_from(sorted(nodes)) if nodes else st.nothing()
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=2 * count)) if nodes else []
    edges: dict[str, Element] = {
        f"e{i}": {"source": a, "target": b} for i, (a, b) in enumerate(pairs)
    }
    for edge in edges.values():
        edge["type"] = draw(st.sampled_from(["smoothstep", "default"]))
        if draw(st.booleans()):
            edge["label"] = draw(st.sampled_from(["Yes", "a longer label", ""]))
    kind = draw(st.sampled_from(["flowchart", "mindmap"]))
    return Diagram(kind=kind, nodes=nodes, edges=edges)


def _node(draw: st.DrawFn, number: int, spread: int) -> Element:
    place = st.integers(-spread, spread)
    node: dict[str, Any] = {
        "type": draw(st.sampled_from(TYPES)),
        "position": {"x": draw(place), "y": draw(place)},
        "data": {"label": "word " * draw(st.sampled_from([0, 1, 4, 20]))},
    }
    if number and draw(st.integers(0, 2)) == 0:
        node["parentId"] = f"n{draw(st.integers(0, number - 1))}"
    if draw(st.integers(0, 4)) == 0:
        node["width"] = draw(st.sampled_from([12, 90.5, 333]))
    return node


def overlaps(scene: Scene) -> list[tuple[str, str]]:
    """Pairs of nodes that overlap, neither of them inside the other: every pair is looked at."""
    above = {key: set(scene.ancestors(key)) for key in scene.boxes}
    keys = list(scene.boxes)
    return [
        (a, b)
        for i, a in enumerate(keys)
        for b in keys[i + 1 :]
        if a not in above[b] and b not in above[a] and scene.boxes[a].overlaps(scene.boxes[b], 1e-6)
    ]


def outsiders(scene: Scene) -> list[tuple[str, str]]:
    """Nodes that stand out of their group, with the group."""
    return [
        (key, parent)
        for key, parent in scene.parents.items()
        if parent is not None and not scene.boxes[parent].contains(scene.boxes[key], 1e-6)
    ]
