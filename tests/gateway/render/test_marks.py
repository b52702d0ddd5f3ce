"""What changed since a revision, marked."""

import pytest

from gateway.render.marks import marks_between
from gateway.render.options import ElementIds, Marks, RenderOptions
from gateway.render.picture import render_svg
from gateway.render.png import render_png
from gateway.render.samples import changed_flow, node, order_flow
from ot.diagram import Diagram
from tests.gateway.render.reading import SVG, drawn, parsed, png_size, texts, view_box


def marked(svg: str, kind: str) -> dict[str, str]:
    """The mark of each element that has one."""
    found = {}
    for key, group in drawn(svg, kind).items():
        for badge in group.findall(f"{SVG}g"):
            found[key] = badge.get("data-mark") or ""
    return found


def legend(svg: str) -> list[str]:
    (group,) = [group for group in parsed(svg).iter(f"{SVG}g") if group.get("data-legend")]
    return texts(group)


def test_differences_are_found_and_marked() -> None:
    before, after = changed_flow()
    marks = marks_between(before, after)
    assert marks.added == ElementIds(frozenset({"risk"}), frozenset({"8", "9"}))
    assert marks.changed == ElementIds(frozenset({"pay"}), frozenset({"7"}))
    assert marks.removed == ElementIds(frozenset({"note"}), frozenset({"4"}))
    svg = render_svg(after, RenderOptions(marks=marks))
    assert marked(svg, "node") == {"risk": "added", "pay": "changed", "note": "removed"}
    assert marked(svg, "label") == {"8": "added", "9": "added", "7": "changed", "4": "removed"}
    assert legend(svg) == ["3 added", "2 changed", "2 removed"]


def test_removed_elements_are_drawn_from_before_and_struck_through() -> None:
    before, after = changed_flow()
    svg = render_svg(after, RenderOptions(marks=marks_between(before, after)))
    ghost = drawn(svg, "node")["note"]
    assert ghost.get("text-decoration") == "line-through"
    assert drawn(svg, "edge").keys() == after.edges.keys() | {"4"}


def test_removed_elements_without_a_before_are_only_counted() -> None:
    gone = ElementIds(frozenset({"gone"}))
    svg = render_svg(order_flow(), RenderOptions(marks=Marks(removed=gone)))
    assert "gone" not in drawn(svg, "node")
    assert legend(svg) == ["1 removed"]


def test_no_difference_is_said_so() -> None:
    marks = marks_between(order_flow(), order_flow())
    assert legend(render_svg(order_flow(), RenderOptions(marks=marks))) == ["Nothing changed"]


def test_a_diagram_that_lost_everything_shows_what_it_had() -> None:
    marks = marks_between(order_flow(), Diagram())
    svg = render_svg(Diagram(), RenderOptions(marks=marks))
    assert drawn(svg, "node").keys() == order_flow().nodes.keys()
    assert legend(svg) == ["18 removed"]


def test_true_and_one_differ() -> None:
    before = Diagram(nodes={"a": {"data": {"x": True}}})
    after = Diagram(nodes={"a": {"data": {"x": 1}}})
    assert marks_between(before, after).changed.nodes == {"a"}


@pytest.mark.parametrize("spread", [1, 40])
def test_marks_are_as_large_in_the_picture_of_a_large_diagram(spread: int) -> None:
    nodes = {f"n{i}": node("process", "N", i * 300 * spread, 0) for i in range(5)}
    marks = Marks(added=ElementIds(frozenset({"n0"})))
    options = RenderOptions(marks=marks)
    width, _ = png_size(render_png(Diagram(nodes=nodes), options))
    svg = render_svg(Diagram(nodes=nodes), options)
    (badge,) = drawn(svg, "node")["n0"].findall(f"{SVG}g")
    unit = float((badge.get("transform") or "").rpartition("scale(")[2].rstrip(")"))
    shown = float((parsed(svg).get("viewBox") or "").split()[2])
    assert 1 <= unit * width / shown <= 2


def test_the_legend_fits_into_the_picture_of_one_node() -> None:
    before = Diagram(nodes={"a": node("connector", "A", 0, 0), "b": node("connector", "B", 0, 60)})
    after = Diagram(nodes={"a": node("connector", "C", 0, 0), "c": node("connector", "D", 0, 60)})
    svg = render_svg(after, RenderOptions(marks=marks_between(before, after)))
    x, _, width, _ = view_box(svg)
    *_, last = parsed(svg).iter(f"{SVG}text")
    assert last.text == "1 removed"
    assert x < float(last.get("x") or 0) < x + width - 70
