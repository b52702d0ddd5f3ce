"""The structure of SVG pictures: every element once, where it belongs, and nothing dangerous."""

import pytest

from gateway.geometry.kinds import KINDS
from gateway.geometry.routes import route_edge
from gateway.geometry.scene import Scene
from gateway.render.options import Around, Region, RenderError, RenderOptions, Theme
from gateway.render.picture import render_svg
from gateway.render.positions import positions
from gateway.render.samples import edge, edge_kinds, node, node_types, order_flow
from ot.diagram import Diagram, Json
from tests.gateway.render.reading import SVG, drawn, parsed, texts, view_box


@pytest.mark.parametrize("make", [node_types, edge_kinds, order_flow])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_element_is_drawn_once(make: type[Diagram], theme: Theme) -> None:
    diagram = make()
    svg = render_svg(diagram, RenderOptions(theme=theme))
    assert drawn(svg, "node").keys() == diagram.nodes.keys()
    assert drawn(svg, "edge").keys() == diagram.edges.keys()
    labelled = {key for key, edge in diagram.edges.items() if edge.get("label")}
    assert drawn(svg, "label").keys() == labelled


def test_all_node_types_have_a_picture() -> None:
    assert len(KINDS) == 32
    shapes = drawn(render_svg(node_types()), "node")
    outlines = {key: shapes[key].findall(f"{SVG}path")[0].get("d") for key in KINDS}
    assert all(outlines.values())


def test_nodes_stand_where_geometry_says() -> None:
    diagram = order_flow()
    boxes = Scene(diagram.nodes).boxes
    for key, group in drawn(render_svg(diagram), "node").items():
        assert group.get("transform") == f"translate({boxes[key].x:g} {boxes[key].y:g})"


def test_edges_run_where_geometry_says() -> None:
    diagram = edge_kinds()
    scene = Scene(diagram.nodes)
    paths = positions(diagram).edges
    for key, group in drawn(render_svg(diagram), "edge").items():
        d = group.findall(f"{SVG}path")[0].get("d") or ""
        assert d == paths[key]
        route = route_edge(scene, diagram.edges[key])
        assert route is not None
        assert d.startswith(f"M{route.source.x:g} {route.source.y:g} ")
        assert d.endswith(f"{route.target.x:g} {route.target.y:g}")


def test_edges_between_the_same_two_nodes_are_drawn_beside_each_other() -> None:
    ends: dict[str, Json] = {"source": "a", "target": "b"}
    diagram = Diagram(
        nodes={"a": {}, "b": {"position": {"x": 0, "y": 200}}},
        edges={"1": {**ends}, "2": {**ends}, "3": {**ends}},
    )
    assert (
        len(
            {
                path.get("d")
                for group in drawn(render_svg(diagram), "edge").values()
                for path in group.findall(f"{SVG}path")[:1]
            }
        )
        == 3
    )


def test_positions_name_the_boxes_of_nodes() -> None:
    diagram = order_flow()
    found = positions(diagram)
    assert found.nodes == Scene(diagram.nodes).boxes
    assert found.labels.keys() == diagram.edges.keys()


@pytest.mark.parametrize(
    ("more", "heads"),
    [
        ({}, 1),
        ({"markerEnd": None}, 0),
        ({"markerStart": "arrow"}, 2),
        ({"markerStart": None}, 1),
        ({"markerEnd": {"type": "unheard-of"}}, 0),
        ({"markerEnd": "url(#evil)"}, 0),
    ],
)
def test_arrowheads_are_those_the_editor_knows(more: dict[str, Json], heads: int) -> None:
    nodes = {"a": node("process", "A", 0, 0), "b": node("process", "B", 300, 0)}
    svg = render_svg(Diagram(nodes=nodes, edges={"e": edge("a", "b") | more}))
    assert len(drawn(svg, "edge")["e"].findall(f"{SVG}path")) == 1 + heads


def test_an_edge_that_says_nothing_of_its_ends_has_an_arrowhead_at_its_target() -> None:
    nodes = {"a": node("process", "A", 0, 0), "b": node("process", "B", 300, 0)}
    svg = render_svg(Diagram(nodes=nodes, edges={"e": {"source": "a", "target": "b"}}))
    line, head = drawn(svg, "edge")["e"].findall(f"{SVG}path")
    assert (line.get("d") or "").endswith("300 25")
    assert (head.get("transform") or "").startswith("translate(300 25)")


def test_an_animated_edge_is_dashed() -> None:
    nodes = {"a": node("process", "A", 0, 0), "b": node("process", "B", 300, 0)}
    svg = render_svg(Diagram(nodes=nodes, edges={"e": edge("a", "b", animated=True)}))
    assert drawn(svg, "edge")["e"].findall(f"{SVG}path")[0].get("stroke-dasharray") == "5"


def test_labels_are_broken_into_the_lines_the_size_is_made_for() -> None:
    diagram = Diagram(nodes={"a": node("process", "one two three four five six seven", 0, 0)})
    lines = texts(drawn(render_svg(diagram), "node")["a"])
    assert lines == ["one two three four", "five six seven"]


def test_the_text_at_an_edge_is_broken_at_220_pixels() -> None:
    nodes = {"a": node("process", "A", 0, 0), "b": node("process", "B", 600, 0)}
    diagram = Diagram(nodes=nodes, edges={"e": edge("a", "b", "word " * 20)})
    label = drawn(render_svg(diagram), "label")["e"]
    plate = label.find(f"{SVG}rect")
    assert plate is not None
    assert len(texts(label)) == 4
    assert float(plate.get("width") or 0) <= 220


def test_hidden_elements_and_edges_without_their_nodes_are_not_drawn() -> None:
    nodes = {
        "a": node("process", "A", 0, 0),
        "b": node("process", "B", 300, 0),
        "c": node("process", "C", 600, 0, hidden=True),
    }
    edges = {
        "kept": edge("a", "b"),
        "hidden": edge("a", "b", hidden=True),
        "to-hidden": edge("b", "c"),
        "dangling": edge("a", "gone"),
    }
    svg = render_svg(Diagram(nodes=nodes, edges=edges))
    assert drawn(svg, "node").keys() == {"a", "b"}
    assert drawn(svg, "edge").keys() == {"kept"}


def test_children_are_painted_over_their_group_and_z_index_over_all() -> None:
    nodes = {
        "a-child": node("process", "in", 10, 40, parentId="group"),
        "group": node("group", "G", 0, 0),
        "low": node("process", "low", 0, 0, zIndex=-1),
        "top": node("process", "top", 0, 0, zIndex=5),
    }
    order = list(drawn(render_svg(Diagram(nodes=nodes)), "node"))
    assert order == ["low", "group", "a-child", "top"]


def test_labels_of_edges_are_painted_over_nodes() -> None:
    nodes = {"a": node("process", "A", 0, 0), "b": node("process", "B", 150, 0)}
    svg = render_svg(Diagram(nodes=nodes, edges={"e": edge("a", "b", "x")}))
    kinds = [group.get("data-element") for group in parsed(svg).findall(f"{SVG}g")]
    assert kinds == ["edge", "node", "node", "label"]


def test_an_unknown_type_is_a_dashed_box_with_its_name() -> None:
    svg = render_svg(Diagram(nodes={"a": node("hologram", "Hi", 0, 0)}))
    group = drawn(svg, "node")["a"]
    assert texts(group) == ["Hi", "hologram"]
    assert group.findall(f"{SVG}path")[0].get("stroke-dasharray") == "5 4"


def test_own_colours_come_before_those_of_the_type() -> None:
    style = {"backgroundColor": "gold", "borderColor": "rgb(1, 2, 3)", "color": "#abc"}
    svg = render_svg(Diagram(nodes={"a": node("process", "A", 0, 0, style=style)}))
    group = drawn(svg, "node")["a"]
    outline, text = group.findall(f"{SVG}path")[0], group.find(f"{SVG}text")
    assert text is not None
    assert (outline.get("fill"), outline.get("stroke")) == ("#ffd700", "#010203")
    assert text.get("fill") == "#aabbcc"


def test_the_picture_shows_all_of_the_diagram() -> None:
    diagram = edge_kinds()
    x, y, width, height = view_box(render_svg(diagram))
    for box in positions(diagram).nodes.values():
        assert x <= box.x
        assert y <= box.y
        assert box.right <= x + width
        assert box.bottom <= y + height


def test_a_region_shows_what_is_in_it_and_nothing_else() -> None:
    svg = render_svg(order_flow(), RenderOptions(view=Region(0, 40, 400, 420)))
    assert view_box(svg) == (0, 40, 400, 420)
    assert drawn(svg, "node").keys() == {"shop", "start", "check", "sorry", "pay"}


def clear_nodes(svg: str) -> set[str]:
    """Those that are in no faint group."""
    groups = parsed(svg).iter(f"{SVG}g")
    faint = {
        node.get("data-id")
        for group in groups
        if group.get("opacity") is not None
        for node in group.iter(f"{SVG}g")
    }
    return {key for key in drawn(svg, "node") if key not in faint}


def test_what_a_view_is_not_about_is_faint() -> None:
    svg = render_svg(order_flow(), RenderOptions(view=Around(("pay",))))
    assert clear_nodes(svg) == {"pay", "check", "queue"}


def test_all_that_is_faint_at_one_height_shares_a_group() -> None:
    nodes = {f"n{i}": node("process", "", i % 20 * 200, i // 20 * 100) for i in range(200)}
    edges = {f"e{i}": edge(f"n{i}", f"n{i + 1}") for i in range(199)}
    view = Around(("n70",), padding=10_000)
    svg = render_svg(Diagram(nodes=nodes, edges=edges), RenderOptions(view=view))
    assert clear_nodes(svg) == {"n69", "n70", "n71"}
    # Each takes a sheet of its own to draw: one for the edges and one for the nodes.
    assert svg.count("opacity=") == 2


def test_neighbours_are_followed_as_far_as_asked() -> None:
    def clear(hops: int) -> set[str]:
        options = RenderOptions(view=Around(("start",), hops=hops, padding=5_000))
        return clear_nodes(render_svg(order_flow(), options))

    assert clear(0) == {"start"}
    assert clear(1) == {"start", "check"}
    assert clear(2) == {"start", "check", "sorry", "pay"}


@pytest.mark.parametrize(
    ("options", "code", "at"),
    [
        (RenderOptions(max_side_px=10), "bad_option", "max_side_px"),
        (RenderOptions(max_side_px=100_000), "bad_option", "max_side_px"),
        (RenderOptions(max_bytes=1), "bad_option", "max_bytes"),
        (RenderOptions(background="url(#x)"), "bad_option", "background"),
        (RenderOptions(view=Region(0, 0, 0, 10)), "bad_option", "view/width"),
        (RenderOptions(view=Region(float("nan"), 0, 9, 9)), "bad_option", "view/x"),
        (RenderOptions(view=Around(("pay",), hops=99)), "bad_option", "view/hops"),
        (RenderOptions(view=Around(("gone",))), "not_found", "view/nodes/gone"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options: RenderOptions, code: str, at: str) -> None:
    with pytest.raises(RenderError) as caught:
        render_svg(order_flow(), options)
    assert (caught.value.code, caught.value.at) == (code, at)


def test_an_empty_diagram_says_so() -> None:
    assert "This diagram is empty." in texts(parsed(render_svg(Diagram())))


def test_a_text_diagram_is_a_card_with_its_first_lines() -> None:
    text = "\n".join(f"line {i}" for i in range(60))
    svg = render_svg(Diagram(title="Long", kind="mermaid", data={"text": text}))
    lines = texts(parsed(svg))
    assert lines[:3] == ["Long", "Mermaid", "line 0"]
    assert lines[-2:] == ["line 39", "… 20 more lines"]


@pytest.mark.parametrize("data", [{}, {"text": None}, {"text": ""}, {"text": 7}])
def test_a_text_diagram_without_text_says_so(data: dict[str, Json]) -> None:
    svg = render_svg(Diagram(kind="mermaid", data=data))
    assert "The text is empty." in texts(parsed(svg))


def test_the_same_diagram_gives_the_same_text_in_whatever_order_it_is_stored() -> None:
    diagram = order_flow()
    turned = Diagram(
        title=diagram.title,
        nodes=dict(reversed(diagram.nodes.items())),
        edges=dict(reversed(diagram.edges.items())),
    )
    assert render_svg(diagram) == render_svg(turned)
