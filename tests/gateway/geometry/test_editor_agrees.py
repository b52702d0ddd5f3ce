"""The editor's own functions, run in Node, give the same sizes, outlines, places and lines."""

import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.geometry.boxes import Side
from gateway.geometry.char_widths import FIRST, WIDTHS
from gateway.geometry.fields import edge_label_of, icon_of, label_of, type_of
from gateway.geometry.kinds import (
    FONT_SIZE,
    ICON_WIDTH,
    KINDS,
    LINE_HEIGHT,
    PADDING_X,
    PADDING_Y,
    UNKNOWN,
    Kind,
)
from gateway.geometry.paths import CORNER_RADIUS
from gateway.geometry.paths import Path as Line
from gateway.geometry.routes import route_edge, turns_of
from gateway.geometry.scene import Scene
from gateway.geometry.shapes import drawing_of
from gateway.geometry.wrap import count_lines
from ot.diagram import Element

ROOT = Path(__file__).parents[3]
EDITOR = ROOT / "editor"
CANVAS = EDITOR / "src" / "canvas"
SCRIPT = Path(__file__).with_name("editor_geometry.mjs")
NODE_TIMEOUT_SECONDS = 60
NODES, EDGES, TEXTS = 400, 400, 300
#: How far apart the two pictures may be, in pixels; they are the same but for rounding.
TOLERANCE = 0.02
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


class Answers(NamedTuple):
    nodes: list[tuple[str, Element]]
    edges: list[tuple[str, Element]]
    texts: list[tuple[str, int]]
    told: dict[str, Any]


LETTERS = "abc DEF--ghi  1,2.é→漢字한👍🏽e\u0301\n\u200d"


def words(r: random.Random) -> str:
    return "".join(r.choice(LETTERS) for _ in range(r.choice((0, 3, 12, 40, 200))))


def some_node(r: random.Random, earlier: int) -> Element:
    node: Element = {"data": {"label": r.choice([words(r), words(r), 7, 1.5, 2.0, 1e-7, None])}}
    if r.random() < 0.97:
        node["type"] = r.choice([*KINDS, "something-else", ""])
    if r.random() < 0.95:
        node["position"] = {"x": r.uniform(-900, 900), "y": r.randrange(-900, 900)}
    if r.random() < 0.3:
        node["data"]["icon"] = r.choice(["👍", "⚙️", "gear", ""])
    if r.random() < 0.3:
        node[r.choice(["width", "height"])] = r.choice([3, 44.5, 180, "90px", "wide", 0, 2e4])
    if r.random() < 0.3:
        node["style"] = {r.choice(["width", "height"]): r.choice([61, "120", "7em", -3])}
    if earlier and r.random() < 0.4:
        node["parentId"] = f"n{r.randrange(earlier)}"
    return node


def some_edge(r: random.Random) -> Element:
    edge: Element = {"source": f"n{r.randrange(NODES)}", "target": f"n{r.randrange(NODES)}"}
    if r.random() < 0.9:
        edge["type"] = r.choice(["default", "straight", "step", "smoothstep", "odd"])
    for handle in ("sourceHandle", "targetHandle"):
        if r.random() < 0.4:
            edge[handle] = r.choice(["left", "source-top", "r", "b-1", "output", None])
    edge |= r.choice([{}, {"label": words(r)}, {"data": {"label": "in data"}}, {"label": 3}])
    return edge


@pytest.fixture(scope="module")
def answers() -> Answers:
    r = random.Random(20_240)
    nodes = [(f"n{i}", some_node(r, i)) for i in range(NODES)]
    nodes[0][1]["parentId"] = "n0"
    nodes[1][1]["parentId"], nodes[2][1]["parentId"] = "n2", "n1"
    edges = [(f"e{i}", some_edge(r)) for i in range(EDGES)]
    for _, edge in edges[:60]:
        edge |= {"source": "n3", "target": r.choice(["n4", "n5"])}
    texts = [(words(r), r.randrange(1_000, 20_000)) for _ in range(TEXTS)]
    told = ask({"nodes": nodes, "edges": edges, "texts": texts})
    return Answers(nodes, edges, texts, told)


def ask(question: dict[str, Any]) -> dict[str, Any]:
    beside = Path(sys.executable).with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node is not None, "Node comes with the development packages"
    done = subprocess.run(
        [node, str(SCRIPT), str(EDITOR)],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=NODE_TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def numbers(path: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(path)]


def numbers_of(line: Line) -> list[float]:
    return [coordinate for command in line.commands for point in command for coordinate in point]


def test_nodes_are_as_large_and_stand_where_the_editor_has_them(answers: Answers) -> None:
    scene = Scene(dict(answers.nodes))
    for (identifier, _), told in zip(answers.nodes, answers.told["nodes"], strict=True):
        told_box = [told[key] for key in ("x", "y", "width", "height")]
        assert list(scene.boxes[identifier]) == pytest.approx(told_box, abs=TOLERANCE), identifier


def test_labels_and_icons_are_those_the_editor_shows(answers: Answers) -> None:
    for (_, element), told in zip(answers.nodes, answers.told["nodes"], strict=True):
        assert label_of(element) == told["label"]
        assert icon_of(element) == told["icon"]
    for (_, element), told in zip(answers.edges, answers.told["edges"], strict=True):
        assert edge_label_of(element)[0] == told["text"]


def test_outlines_and_ports_are_the_editors(answers: Answers) -> None:
    seen = set()
    for (_, element), told in zip(answers.nodes, answers.told["nodes"], strict=True):
        drawing = drawing_of(type_of(element), told["width"], told["height"])
        for ours, theirs in ((drawing.outline, told["outline"]), (drawing.detail, told["detail"])):
            assert re.sub(r"[^A-Z]", "", ours) == re.sub(r"[^A-Z]", "", theirs)
            assert numbers(ours) == pytest.approx(numbers(theirs), abs=TOLERANCE), element
        for side in Side:
            port = told["ports"][side.value]
            assert drawing.ports[side] == pytest.approx((port["x"], port["y"]), abs=TOLERANCE)
        seen.add(type_of(element))
    assert seen >= set(KINDS)


def test_edges_run_as_react_flow_draws_them(answers: Answers) -> None:
    scene = Scene(dict(answers.nodes))
    turns = turns_of(dict(answers.edges))
    assert set(turns.values()) >= {1, 2, 3}
    for (key, element), told in zip(answers.edges, answers.told["edges"], strict=True):
        route = route_edge(scene, element, turns.get(key, 0))
        assert route is not None
        assert numbers_of(route.path) == pytest.approx(numbers(told["path"]), abs=TOLERANCE)
        assert route.path.label == pytest.approx(told["label"], abs=TOLERANCE)


def test_labels_break_into_as_many_lines(answers: Answers) -> None:
    assert [count_lines(text, width) for text, width in answers.texts] == answers.told["lines"]


def test_the_table_of_character_widths_is_the_editors() -> None:
    table = json.loads((CANVAS / "char-widths.json").read_text(encoding="utf-8"))
    assert (table["first"], tuple(table["widths"])) == (FIRST, WIDTHS)


def test_the_table_of_node_types_is_the_editors() -> None:
    table = json.loads((CANVAS / "shape-table.json").read_text(encoding="utf-8"))
    assert {key: row_of(kind) for key, kind in KINDS.items()} == {
        key: without_group(row) for key, row in table["types"].items()
    }
    assert row_of(UNKNOWN) == without_group(table["unknown"])
    assert table["padding"] == {"x": PADDING_X, "y": PADDING_Y}
    assert [table[key] for key in ("lineHeight", "fontSize", "iconWidth")] == [
        LINE_HEIGHT,
        FONT_SIZE,
        ICON_WIDTH,
    ]


def row_of(kind: Kind) -> dict[str, Any]:
    return {**kind._asdict(), "inset": list(kind.inset)}


def without_group(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "group"}


def test_corners_are_as_round_as_the_editor_asks_for() -> None:
    source = (CANVAS / "EdgeView.tsx").read_text(encoding="utf-8")
    assert f"const CORNER = {CORNER_RADIUS:g};" in source
