"""Boxes, lines and the index, apart from what the editor says about them."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.geometry.boxes import Box, Point, Side, bounds
from gateway.geometry.edge_labels import EDGE_WIDTH, edge_label_size
from gateway.geometry.fields import label_of, length_at, position_of, spelled_number
from gateway.geometry.grid import MAX_CELLS, Grid, meets
from gateway.geometry.kinds import KINDS
from gateway.geometry.paths import End, bezier_path, flatten, smooth_step_path, straight_path
from gateway.geometry.routes import route_edge, side_of_handle
from gateway.geometry.scene import Scene
from gateway.geometry.shapes import drawing_of
from gateway.geometry.sizes import MAX_SIDE, node_size
from gateway.geometry.wrap import MAX_LINES, broken_lines
from ot.diagram import Element, Json

NUMBERS = st.integers(-3_000, 3_000)
SIZES = st.sampled_from([10, 150, 400, 9_000])
BOXES = st.builds(Box, NUMBERS, NUMBERS, SIZES, SIZES)
POINTS = st.builds(Point, NUMBERS, NUMBERS)
ENDS = st.builds(End, NUMBERS, NUMBERS, st.sampled_from(Side))
QUICK = settings(max_examples=100, deadline=None)


@QUICK
@given(st.lists(BOXES, max_size=12), BOXES)
def test_the_index_finds_what_looking_at_every_box_finds(boxes: list[Box], asked: Box) -> None:
    grid = Grid({str(i): box for i, box in enumerate(boxes)})
    expected = {str(i) for i, box in enumerate(boxes) if box.overlaps(asked)}
    assert set(grid.overlapping(asked)) == expected
    assert grid.is_free(asked) is (not expected)


@QUICK
@given(st.lists(BOXES, max_size=12), POINTS, POINTS)
def test_the_index_finds_every_box_that_a_line_meets(boxes: list[Box], a: Point, b: Point) -> None:
    grid = Grid({str(i): box for i, box in enumerate(boxes)})
    expected = {str(i) for i, box in enumerate(boxes) if meets(box, a, b, 3)}
    assert set(grid.crossed(a, b, 3)) == expected


@QUICK
@given(BOXES, POINTS, POINTS)
def test_a_line_meets_a_box_where_one_of_its_points_is_inside(box: Box, a: Point, b: Point) -> None:
    steps = [i / 200 for i in range(201)]
    inside = any(
        box.x < a.x + t * (b.x - a.x) < box.right and box.y < a.y + t * (b.y - a.y) < box.bottom
        for t in steps
    )
    assert meets(box, a, b) or not inside


@QUICK
@given(st.lists(BOXES, min_size=1, max_size=9), st.data())
def test_boxes_can_be_replaced_and_taken_out_of_the_index(
    boxes: list[Box], data: st.DataObject
) -> None:
    grid = Grid({str(i): box for i, box in enumerate(boxes)})
    gone = data.draw(st.integers(0, len(boxes) - 1))
    grid.remove(str(gone))
    grid.remove("never there")
    assert str(gone) not in set(grid.overlapping(boxes[gone]))
    grid.add(str(gone), Box(50_000, 0, 10, 10))
    assert list(grid.overlapping(Box(50_005, 5, 1, 1))) == [str(gone)]


def test_the_index_takes_boxes_of_any_size() -> None:
    huge = Box(-1e7, -1e7, 2e7, 2e7)
    grid = Grid({"huge": huge, "small": Box(0, 0, 10, 10)})
    assert set(grid.overlapping(Box(1, 1, 2, 2))) == {"huge", "small"}
    assert set(grid.overlapping(huge)) == {"huge", "small"}
    assert set(grid.crossed(Point(-1e7, 5), Point(1e7, 6))) == {"huge", "small"}
    assert huge.width / 200 > MAX_CELLS


@QUICK
@given(ENDS, ENDS)
def test_lines_lead_from_the_source_to_the_target(source: End, target: End) -> None:
    paths = [
        straight_path(source.point, target.point),
        bezier_path(source, target),
        smooth_step_path(source, target),
        smooth_step_path(source, target, radius=0),
    ]
    for path in paths:
        points = flatten(path)
        assert math.dist(points[0], source.point) < 1e-6
        assert math.dist(points[-1], target.point) < 1e-6


@QUICK
@given(ENDS, ENDS)
def test_steps_are_level_or_upright(source: End, target: End) -> None:
    points = flatten(smooth_step_path(source, target, radius=0))
    assert all(abs(a.x - b.x) < 1e-6 or abs(a.y - b.y) < 1e-6 for a, b in pairwise(points))


def test_children_stand_relative_to_their_parent() -> None:
    at = {"x": 100, "y": 10}
    nodes: dict[str, Element] = {
        "c": {"parentId": "b", "position": at},
        "b": {"parentId": "a", "position": at},
        "a": {"position": at},
        "lost": {"parentId": "nobody", "position": at},
    }
    scene = Scene(nodes)
    assert scene.boxes["c"][:2] == (300, 30)
    assert scene.boxes["lost"][:2] == (100, 10)
    assert list(scene.ancestors("c")) == ["b", "a"]
    assert list(scene.outermost_first()) == ["a", "b", "c", "lost"]
    assert scene.origin("c") == (200, 20)


def test_nodes_that_contain_themselves_are_placed_once() -> None:
    scene = Scene({"a": {"parentId": "b"}, "b": {"parentId": "a"}, "c": {"parentId": "c"}})
    assert scene.parents == {"b": None, "a": "b", "c": None}
    assert sorted(scene.outermost_first()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "position", [None, 3, {}, {"x": "1", "y": None}, {"x": True, "y": 2**2000}]
)
def test_a_malformed_position_is_the_origin(position: Json) -> None:
    assert position_of({"position": position}) == (0, 0)


@pytest.mark.parametrize(
    ("value", "length"),
    [(7, 7), ("150", 150), ("12.5px", 12.5), ("2em", None), (True, None), ([], None)],
)
def test_lengths_are_numbers_or_pixels(value: Json, length: float | None) -> None:
    assert length_at({"width": value}, "width") == length


def test_sizes_are_whole_pixels_within_bounds() -> None:
    assert node_size({"width": 1e9, "height": 0.1}) == (MAX_SIDE, 10)
    assert node_size({"width": 90.5, "height": 20.4}) == (91, 20)


def test_numbers_are_spelled_as_the_editor_spells_them() -> None:
    told = [spelled_number(number) for number in (1.0, 0.5, 1e-5, 1e-7, 1e20, 1.5e21, -0.25)]
    assert told == [
        "1", "0.5", "0.00001", "1e-7", "100000000000000000000", "1.5e+21", "-0.25",
    ]  # fmt: skip
    assert label_of({"data": {"label": True}}) == ""


@QUICK
@given(st.text("ab -\n漢é", max_size=60), st.integers(1_000, 9_000))
def test_broken_lines_together_are_the_text(text: str, width: int) -> None:
    assert "".join(broken_lines(text, width)) == text.replace("\n", "")


def test_very_long_texts_end_somewhere() -> None:
    assert len(broken_lines("word " * 100_000, 1_000)) == MAX_LINES


@pytest.mark.parametrize("kind", [*KINDS, "something-else"])
def test_edges_meet_every_shape_on_its_box(kind: str) -> None:
    ports = drawing_of(kind, 150, 70).ports
    assert set(ports) == set(Side)
    assert all(0 <= x <= 150 and 0 <= y <= 70 for x, y in ports.values())


@pytest.mark.parametrize(
    ("handle", "side"),
    [
        ("right", Side.RIGHT),
        ("source-top", Side.TOP),
        ("b-1", Side.BOTTOM),
        ("out", None),
        (3, None),
        ("", None),
    ],
)
def test_handles_name_sides(handle: Json, side: Side | None) -> None:
    assert side_of_handle(handle) == side


def test_an_edge_without_its_node_has_no_way() -> None:
    scene = Scene({"a": {}})
    assert route_edge(scene, {"source": "a", "target": "b"}) is None
    assert route_edge(scene, {"source": None, "target": "a"}) is None


def test_the_text_at_an_edge_takes_room_by_its_lines() -> None:
    assert edge_label_size({}) == (0, 0)
    one, two = edge_label_size({"label": "Yes"}), edge_label_size({"label": "Yes\nor no"})
    assert (one.height, two.height) == (19, 36)
    assert two.width > one.width > 0
    many = edge_label_size({"label": "word " * 40})
    assert EDGE_WIDTH - 40 < many.width <= EDGE_WIDTH
    assert many.height > two.height


def test_bounds_of_nothing_are_nothing() -> None:
    assert bounds([]) == Box(0, 0, 0, 0)
    assert bounds([Box(0, 0, 1, 1), Box(5, -2, 1, 1)]) == Box(0, -2, 6, 3)
