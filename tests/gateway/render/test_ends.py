"""The signs at the ends of edges: arrowheads, circles and crosses, as the editor draws them."""

import re
from pathlib import Path

import pytest

from gateway.mermaid.flow_import import import_flowchart
from gateway.render import edges
from gateway.render.options import RenderOptions
from gateway.render.picture import render_svg
from gateway.render.samples import edge, node
from ot.diagram import Diagram, Json
from tests.gateway.render.reading import SVG, drawn

EDITOR = Path(__file__).parents[3] / "editor" / "src" / "canvas" / "ends.ts"


def signs(svg: str, identifier: str = "e") -> list[dict[str, str]]:
    """The attributes of what is drawn at an edge beside its line."""
    return [dict(path.items()) for path in drawn(svg, "edge")[identifier].findall(f"{SVG}path")[1:]]


def across(**more: Json) -> Diagram:
    nodes = {"a": node("process", "A", 0, 0), "b": node("process", "B", 300, 0)}
    return Diagram(nodes=nodes, edges={"e": edge("a", "b") | more})


@pytest.mark.parametrize("name", ["circle", "cross"])
@pytest.mark.parametrize("stored", [lambda name: name, lambda name: {"type": name}])
def test_circles_and_crosses_are_drawn_at_either_end(name: str, stored: type) -> None:
    svg = render_svg(across(markerStart=stored(name), markerEnd=stored(name)))
    start, end = signs(svg)
    assert start["d"] == end["d"] != signs(render_svg(across()))[0]["d"]
    assert end["transform"].startswith("translate(300 25) scale")
    assert "rotate(180)" in start["transform"]


def test_a_circle_is_filled_and_a_cross_is_two_strokes() -> None:
    (circle,) = signs(render_svg(across(markerEnd="circle")))
    (cross,) = signs(render_svg(across(markerEnd="cross")))
    assert circle["fill"] == cross["stroke"]
    assert cross["fill"] == "none"
    assert cross["d"].count("M") == cross["d"].count("L") == 2


def test_the_dashes_of_an_animated_edge_end_at_its_signs() -> None:
    for sign in signs(render_svg(across(animated=True, markerStart="cross", markerEnd="circle"))):
        assert "stroke-dasharray" not in sign


def test_the_size_and_colour_of_a_sign_are_its_own() -> None:
    marker = {"type": "circle", "color": "#7a3fd0", "width": 30, "height": 30}
    (own,) = signs(render_svg(across(markerEnd=marker), RenderOptions(theme="dark")))
    assert own["fill"] == "#7a3fd0"
    assert own["transform"].endswith("scale(2.25)")


@pytest.mark.parametrize(
    ("arrow", "names"),
    [
        ("--o", ["circle"]), ("--x", ["cross"]), ("o--o", ["circle", "circle"]),
        ("x--x", ["cross", "cross"]), ("<-->", ["arrowclosed", "arrowclosed"]), ("---", []),
    ],
)  # fmt: skip
def test_what_mermaid_writes_at_the_ends_is_drawn(arrow: str, names: list[str]) -> None:
    diagram = import_flowchart(f"flowchart LR\n A {arrow} B\n")
    (identifier,) = diagram.edges
    found = signs(render_svg(diagram), identifier)
    assert [sign["d"] for sign in found] == [edges.HEADS[name].d for name in names]


def test_the_editor_draws_the_same_circles_and_crosses() -> None:
    source = EDITOR.read_text("utf-8")
    theirs = dict(re.findall(r'^  (circle|cross): \{\s*d: "([^"]+)"', source, re.MULTILINE))
    assert theirs == {name: edges.HEADS[name].d for name in ("circle", "cross")}
    widths = re.findall(r"^  cross: \{[^}]*strokeWidth: ([\d.]+)", source, re.MULTILINE)
    assert list(map(float, widths)) == [edges.HEADS["cross"].stroke_width]
