"""An edit on the canvas is in the text that is exported, what the text had besides is still there,
and a text that comes back takes nothing away that it does not speak of."""

import copy
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.export import export_mermaid, export_named, means
from gateway.mermaid.flow_graph import Graph, Vertex
from gateway.mermaid.flowchart import parse_flowchart
from gateway.mermaid.styles import NODE_KEYS, other_entries
from ot.apply import apply
from ot.diagram import Diagram, Element, json_equal
from tests.gateway.mermaid.corpus import corpus, samples
from tests.gateway.mermaid.edits import Canvas
from tests.gateway.mermaid.texts import flow_text
from tests.support.mermaid_oracle import difference

Edit = Callable[[Diagram], object]

TEXT = """\
---
title: Orders
---
flowchart LR
  %% the start
  A["First"]:::hot --> B
  subgraph g [Group]
    direction TB
    B e1@-->|yes| C
  end
  subgraph h [Other]
    C --> D
  end
  e1@{ animate: true }
  classDef hot fill:#f00,stroke:#0f0,font-size:20px
  classDef wide stroke-width:2px,opacity:0.5
  class e1 wide
  style B fill:#ff0,stroke-dasharray:3 3
  linkStyle default interpolate linear
  linkStyle 0 stroke:red,opacity:0.7
  click A,D "https://a.b" "tip"
"""
#: What no document has a place for; no edit of something else may lose it.
KEPT = (
    "%% the start", "classDef hot", "font-size:20px", "stroke-dasharray:3 3", "opacity:0.5",
    "linkStyle default interpolate linear", "opacity:0.7", '"https://a.b" "tip"', "e1@-->",
)  # fmt: skip


def flowcharts() -> list[str]:
    known = [path.read_text() for path in samples()]
    texts = [*known, *(case.text for case in corpus() if not case.is_refused)]
    return [text for text in texts if is_flowchart(text)]


def is_flowchart(text: str) -> bool:
    try:
        parse_flowchart(text)
    except MermaidError:
        return False
    return True


FLOWCHARTS = flowcharts()


def edited(text: str, seed: int) -> Diagram:
    chance = random.Random(seed)
    canvas = Canvas(import_mermaid(text), chance)
    for _ in range(chance.choice([1, 1, 2, 3, 5])):
        canvas.edit()
    return canvas.diagram


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Diagram]:
    """A text of the samples, the corpus or at random, and its diagram after a few edits."""
    seed = draw(st.integers(min_value=0, max_value=1_000_000))
    made = flow_text(seed)[0]
    text = made if seed % 3 == 0 and is_flowchart(made) else draw(st.sampled_from(FLOWCHARTS))
    return text, edited(text, seed)


def same(a: Diagram, b: Diagram) -> bool:
    keys = ("title", "description", "kind", "nodes", "edges")
    return all(json_equal(getattr(a, key), getattr(b, key)) for key in keys)


@pytest.mark.parametrize(
    ("kind", "curve"), [("default", "basis"), ("straight", "linear"), ("smoothstep", "rounded")]
)
def test_a_type_goes_before_the_curve_that_the_edge_s_own_line_says(kind: str, curve: str) -> None:
    text = "flowchart LR\n  %% why\n  a e1@--> b\n  e1@{ curve: stepBefore }\n"
    diagram = import_mermaid(text)
    diagram.edges["e1"]["type"] = kind
    written = export_mermaid(diagram)
    assert written == f"{text}  linkStyle 0 interpolate {curve}\n"
    assert import_mermaid(written).edges["e1"]["type"] == kind
    assert difference(written) == ""


@settings(max_examples=150, deadline=None)
@given(edits())
def test_a_text_that_comes_back_takes_no_edit_back(made: tuple[str, Diagram]) -> None:
    _, diagram = made
    text = export_mermaid(diagram) + "\n%% a note\n"
    patched = apply(diagram, patch_mermaid(diagram, text))[0]
    assert same(patched, diagram)
    assert export_mermaid(patched) == text


@settings(max_examples=150, deadline=None)
@given(edits())
def test_what_a_text_can_say_of_an_edit_it_says(made: tuple[str, Diagram]) -> None:
    before, diagram = made
    exported = export_named(diagram)
    assert means(exported.text, diagram, exported.names)
    again, old = import_mermaid(exported.text), import_mermaid(before)
    about, wanted = again.data["mermaid"], diagram.data["mermaid"]
    assert about["direction"] == wanted["direction"]
    if parse_flowchart(before).title is not None:
        assert again.title.split() == diagram.title.split()
    if old.description:
        assert (again.description or "").split() == (diagram.description or "").split()


@settings(max_examples=60, deadline=None)
@given(edits())
def test_mermaid_reads_the_same_in_the_text_of_an_edit(made: tuple[str, Diagram]) -> None:
    assert difference(export_mermaid(made[1])) == ""


def besides(vertex: Vertex, graph: Graph) -> set[str]:
    """The CSS of a node that no document has a place for, its classes' included."""
    given_by = [entry for name in vertex.classes for entry in graph.classes.get(name, [])]
    return set(other_entries([*given_by, *vertex.styles], NODE_KEYS))


@settings(max_examples=150, deadline=None)
@given(edits())
def test_nothing_is_lost_that_the_text_had_besides(made: tuple[str, Diagram]) -> None:
    before, diagram = made
    exported = export_named(diagram)
    old, new = parse_flowchart(before).graph, parse_flowchart(exported.text).graph
    assert old.classes.keys() <= new.classes.keys()
    assert old.default_styles == new.default_styles
    assert old.default_interpolate == new.default_interpolate
    for name in old.vertices.keys() & set(exported.names.values()) & new.vertices.keys():
        was, now = old.vertices[name], new.vertices[name]
        assert besides(was, old) <= besides(now, new)
        assert (was.href, was.callback) == (now.href, now.callback)


def canvas() -> Diagram:
    return copy.deepcopy(import_mermaid(TEXT))


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d.edges["e1"].update(target="D"),
        lambda d: d.edges["e1"].update(target="D", type="step"),
        lambda d: d.nodes["h"].update(parentId="g"),
        lambda d: d.nodes["B"].pop("parentId"),
        lambda d: d.nodes["g"]["data"].update(label="New"),
        lambda d: d.nodes["A"].update(type="database"),
        lambda d: d.nodes["A"]["style"].pop("backgroundColor"),
        lambda d: d.edges["L_A_B_0"].pop("style"),
    ],
)  # fmt: skip
def test_an_edit_keeps_what_stands_beside_it(edit: Edit) -> None:
    diagram = canvas()
    edit(diagram)
    exported = export_named(diagram)
    assert means(exported.text, diagram, exported.names)
    assert [kept for kept in KEPT if kept not in exported.text] == []
    graph = parse_flowchart(exported.text).graph
    [edge] = [edge for edge in graph.edges if edge.id == "e1"]
    assert (edge.classes, edge.data) == (["wide"], {"animate": True})
    assert graph.vertices["A"].href == graph.vertices["D"].href == "https://a.b"


def test_a_deleted_edge_goes_with_all_that_was_said_of_it() -> None:
    diagram = canvas()
    del diagram.edges["e1"]
    text = export_mermaid(diagram)
    assert "e1" not in text
    gone = {"B e1@-->|yes| C", "e1@{ animate: true }", "class e1 wide"}
    kept = [line for line in TEXT.splitlines() if line.strip() not in gone]
    assert [line for line in kept if line not in text.splitlines()] == []


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda d: setattr(d, "title", "Sales"), "title: Sales"),
        (lambda d: setattr(d, "title", "a: <b>"), 'title: "a: \\u003cb\\u003e"'),
        (lambda d: d.data["mermaid"].update(direction="BT"), "flowchart BT"),
        (lambda d: d.nodes["g"]["data"]["mermaid"].update(direction="RL"), "    direction RL"),
        (lambda d: d.nodes["h"]["data"].update(mermaid={"direction": "RL"}), "    direction RL"),
        (lambda d: d.edges["e1"].update(type="step"), "  linkStyle 1 interpolate step"),
        (lambda d: d.edges["e1"].update(type="smoothstep"), "  linkStyle 1 interpolate rounded"),
        (lambda d: d.edges["e1"].update(type="default"), "  linkStyle 1 interpolate basis"),
    ],
)  # fmt: skip
def test_an_edit_of_the_whole_is_one_line_of_the_text(edit: Edit, line: str) -> None:
    diagram = canvas()
    edit(diagram)
    before, after = TEXT.splitlines(), export_mermaid(diagram).splitlines()
    assert [new for new in after if new not in before] == [line]
    assert len([old for old in before if old not in after]) <= 1


def test_a_cleared_colour_takes_the_node_out_of_the_class_that_gives_it() -> None:
    diagram = canvas()
    del diagram.nodes["A"]["style"]["backgroundColor"]
    text = export_mermaid(diagram)
    assert '  A["First"] --> B' in text.splitlines()
    assert "  style A font-size:20px,stroke:#0f0" in text.splitlines()
    assert import_mermaid(text).nodes["A"]["style"] == {"borderColor": "#0f0"}


def test_a_text_without_a_title_is_given_none_and_takes_none_away() -> None:
    diagram = import_mermaid("flowchart TD\n  A\n")
    diagram.title = "Mine"
    text = export_mermaid(diagram)
    assert text == "flowchart TD\n  A\n"
    patched = apply(diagram, patch_mermaid(diagram, text + "  B\n"))[0]
    assert (patched.title, list(patched.nodes)) == ("Mine", ["A", "B"])


def test_a_title_that_is_not_in_reach_stays_and_the_diagram_keeps_its_own() -> None:
    text = "---\n? title\n: Old\n---\nflowchart TD\n  A\n"
    diagram = import_mermaid(text)
    diagram.title = "New"
    assert export_mermaid(diagram) == text
    assert apply(diagram, patch_mermaid(diagram, text + "B\n"))[0].title == "New"


def test_the_types_of_a_diagram_of_our_own_are_written_and_its_words_are_left() -> None:
    nodes = {i: {"type": "my own", "data": {"label": i}, "note": 1} for i in "abc"}
    edges: dict[str, Element] = {
        "one": {"source": "a", "target": "b", "type": "smoothstep", "note": 2},
        "two": {"source": "b", "target": "c", "type": "smoothstep"},
        "three": {"source": "c", "target": "a", "type": "step"},
    }
    diagram = Diagram(title="Mine", nodes=nodes, edges=edges)
    text = export_mermaid(diagram)
    assert "  linkStyle default interpolate rounded\n  linkStyle 2 interpolate step\n" in text
    types = [edge["type"] for edge in import_mermaid(text).edges.values()]
    assert types == ["smoothstep", "smoothstep", "step"]
    patched = apply(diagram, patch_mermaid(diagram, text.replace('c["c"]', 'c["C"]')))[0]
    assert patched.nodes["c"]["data"]["label"] == "C"
    assert {**patched.nodes, "c": nodes["c"]} == nodes
    assert patched.edges == edges


def test_the_right_one_of_several_edges_is_changed() -> None:
    diagram = import_mermaid("flowchart TD\n  A -->|1| B\n  A -->|2| B\n  A -->|3| B\n")
    del diagram.edges["L_A_B_0"]
    # Replicas may have them in another order.
    diagram.edges = dict(reversed(diagram.edges.items()))
    ids = {edge["label"]: i for i, edge in diagram.edges.items()}
    patched = apply(diagram, patch_mermaid(diagram, export_mermaid(diagram).replace("3", "4")))[0]
    assert {i: edge["label"] for i, edge in patched.edges.items()} == {ids["2"]: "2", ids["3"]: "4"}


def test_an_edge_with_an_id_is_the_same_between_other_nodes() -> None:
    diagram = canvas()
    diagram.edges["e1"]["note"] = "mine"
    patched = apply(diagram, patch_mermaid(diagram, TEXT.replace("|yes| C", "|yes| Z")))[0]
    assert (patched.edges["e1"]["target"], patched.edges["e1"]["note"]) == ("Z", "mine")


def test_a_node_of_a_mindmap_that_was_drawn_stays_itself_when_its_text_comes_back() -> None:
    diagram = import_mermaid("mindmap\n  root\n    a\n")
    diagram.nodes["drawn one"] = {"type": "rectangle", "data": {"label": "New"}, "note": 1}
    diagram.edges["drawn"] = {"source": "a", "target": "drawn one"}
    text = export_mermaid(diagram).replace("    a\n", "    b\n")
    patched = apply(diagram, patch_mermaid(diagram, text))[0]
    assert patched.nodes["drawn one"] == diagram.nodes["drawn one"]
