"""Diagrams as Mermaid text, held against what Mermaid itself draws from it."""

import random
from typing import Any

import pytest

from gateway.mermaid.export import SHAPES, export_mermaid
from gateway.mermaid.labels import quoted
from gateway.mermaid.names import mermaid_names
from gateway.templates import TEMPLATES, make_template
from ot.diagram import Diagram, Element
from tests.support.mermaid import Drawn, single_spaced

#: Labels that something in Mermaid would take for more than text.
LABELS = [
    'a "quoted" b', "q#quot;x#35;y", "5 < 6 & 7 > 3", "<script>alert(1)</script>", "a<br/>b",
    "`md`", "**bold** _it_", "__x__", "~~s~~", "1. one", "2) two", "1.", "- item", "+ plus",
    "* star", "***", "1. a\n2. b", "- a\n- b", "> quote", "| a |", "``` code", "end",
    "subgraph x", "graph TD", "direction LR", "direction\tTB", "my direction TD now",
    "%% comment", "%%{init: {'theme':'dark'}}%%", "100%", "%%%", "A-->B", "A|B|C", "[x](y)",
    "](x", "![i](j)", "{a}", "((a))", "[[x]]", "{{x}}", "style a:#fff;", "classDef x:#f;",
    "x:::cls", "click A call x()", "a;b;c", "fa:fa-user me", "fab:fa-x", "$$x^2$$",
    "${alert('xss')}", "http://x.y/z", "www.x.com", "user@host.com", "@{ shape: x }", "it's",
    "C:\\dir\\", "\\n literal", "a\\*b", "\\", '"', "'''", "日本語 🎉", "👩‍👩‍👧", "e\u0301",
    "\u202e rtl", "~", "~~~", "---", "===", "#", "##", "# h", "&amp;", "&lt;b&gt;", "&#x41;",
    "accTitle: x", "title: y", "line1\nline2", "tab\tx", "a  b", "x" * 500, "{", "}", "(", ")",
    "[", "]", "|", "/x/", "\\x\\", "/", "=", "snake_case_name", "a*b*c", "constructor",
    "__proto__", "javascript:alert(1)", "a\u00a0b", "\u200fעברית",
]  # fmt: skip
#: Ids that mean something to Mermaid, or cannot be written there.
IDS = [
    "1", "a", "node-abc12def", "end", "end-1", "END", "graph", "graph-2", "style", "style-x",
    "click", "click_me", "class", "classDefX", "default", "default-x", "linkStyle", "subgraph",
    "TD", "TDx", "LR-1", "b-direction", "direction", "xdirectionx", "o1", "x1", "o", "x", "--",
    "a--b", "a b", "é", "日本", "a.b", "a/b", "a:b", "a;b", "a&b", "v", "A-->B", "call", "href",
    "interpolate", "flowchart", "flowchart-elk", "BR", "_", "_blank", "__proto__", "constructor",
    "toString", "hasOwnProperty", "valueOf", "p" * 128, "n", "n_2", "a_", "-a", "a-", "e1-2", "0",
    "00", "1e5", "true", "null", "root", "mindmap", "1a", "1-a", "x-1", "o-1", "title", "UP",
    "swimlane-beta",
]  # fmt: skip
#: What Mermaid takes for its own however it is written; shown as something that looks the same.
MARKERS = {
    "ﬂ°x¶ß": "fl°x¶ ß",
    "ﬂ°°35¶ß": "fl°°35¶ ß",
    "a\\nb\nc": "a\\\u200bnb c",
    "fa:fa-user\nfab:fa-x": "fa\u200b:fa-user fa\u200bb:fa-x",
}


def node(label: Any, **more: Any) -> Element:
    return {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": label}, **more}


def lines(diagram: Diagram) -> list[str]:
    first, *rest = export_mermaid(diagram).splitlines()
    assert first == "flowchart TD"
    return [line.strip() for line in rest]


def test_every_label_is_drawn_as_the_text_it_is() -> None:
    labels = [*LABELS, *MARKERS]
    diagram = Diagram(nodes={f"k{i}": node(label) for i, label in enumerate(labels)})
    drawn = Drawn(export_mermaid(diagram)).nodes
    assert drawn == {
        f"k{i}": single_spaced(MARKERS.get(label, label)) for i, label in enumerate(labels)
    }


def test_labels_of_edges_and_groups_are_drawn_as_the_text_they_are() -> None:
    labels = random.Random(1).sample([label for label in LABELS if len(label) < 100], 40)
    nodes = {f"g{i}": node(label, type="group") for i, label in enumerate(labels)}
    nodes |= {f"n{i}": node("x", parentId=f"g{i}") for i in range(len(labels))}
    edges = {
        f"e{i}": {"source": f"n{i}", "target": f"n{i + 1}", "label": label}
        for i, label in enumerate(labels[:-1])
    }
    drawn = Drawn(export_mermaid(Diagram(nodes=nodes, edges=edges)))
    assert sorted(drawn.groups) == sorted(map(single_spaced, labels))
    assert sorted(drawn.edges) == sorted(map(single_spaced, labels[:-1]))


def test_every_type_of_node_is_drawn_with_its_label() -> None:
    kinds = [*SHAPES, "process", "my own"]
    diagram = Diagram(nodes={f"k{i}": node(kind, type=kind) for i, kind in enumerate(kinds)})
    drawn = Drawn(export_mermaid(diagram)).nodes
    assert drawn == {f"k{i}": kind for i, kind in enumerate(kinds)}


@pytest.mark.parametrize("seed", range(2))
def test_any_ids_groups_and_edges_are_drawn(seed: int) -> None:
    chance = random.Random(seed)
    ids = IDS if seed == 0 else chance.sample(IDS, 40)
    nodes: dict[str, Element] = {}
    for i, identifier in enumerate(ids):
        parent = chance.choice(list(nodes)) if i and chance.random() < 0.3 else None
        nodes[identifier] = node(f"L{i}", **({"parentId": parent} if parent else {}))
    edges = {
        f"e{i}": {"source": chance.choice(ids), "target": chance.choice(ids)} for i in range(50)
    }
    drawn = Drawn(export_mermaid(Diagram(nodes=nodes, edges=edges)))
    groups = {element.get("parentId") for element in nodes.values()}
    labels = {name: element["data"]["label"] for name, element in nodes.items()}
    expected = [label for name, label in labels.items() if name not in groups]
    assert sorted(drawn.nodes.values()) == sorted(expected)
    assert sorted(drawn.groups) == sorted(labels[name] for name in groups if name)
    assert drawn.arrows >= len(edges)


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_are_drawn(template: Any) -> None:
    diagram = make_template(template, "T")
    drawn = Drawn(export_mermaid(diagram))
    assert len(drawn.nodes) == len(diagram.nodes)


def test_an_empty_diagram_is_an_empty_flowchart() -> None:
    assert export_mermaid(Diagram()) == "flowchart TD\n"
    assert Drawn(export_mermaid(Diagram())).nodes == {}


def test_shapes_follow_the_types() -> None:
    nodes = {kind: node("L", type=kind) for kind in ("start", "decision", "database", "input")}
    assert lines(Diagram(nodes=nodes)) == [
        'start(["L"])',
        'decision{"L"}',
        'database[("L")]',
        'input[/"L"/]',
    ]


def test_edges_carry_labels_and_are_dashed_where_they_move() -> None:
    edges: dict[str, Element] = {
        "plain": {"source": "a", "target": "b"},
        "named": {"source": "a", "target": "b", "label": "yes"},
        "moving": {"source": "a", "target": "b", "animated": True},
        "dashed": {"source": "a", "target": "b", "style": {"strokeDasharray": "5 5"}, "label": 7},
        "solid": {"source": "a", "target": "b", "style": {"strokeDasharray": "none"}, "label": " "},
    }
    diagram = Diagram(nodes={"a": node("A"), "b": node("B")}, edges=edges)
    assert lines(diagram)[2:] == [
        "a --> b",
        'a -->|"yes"| b',
        "a -.-> b",
        'a -.->|"7"| b',
        "a --> b",
    ]


def test_children_stand_inside_their_group() -> None:
    nodes = {
        "in": node("In", parentId="group"),
        "group": node("Group"),
        "deep": node("Deep", parentId="inner"),
        "inner": node("Inner", parentId="group"),
        "out": node("Out", parentId="nobody"),
    }
    assert export_mermaid(Diagram(nodes=nodes)).splitlines()[1:] == [
        '  subgraph group ["Group"]',
        '    in["In"]',
        '    subgraph inner ["Inner"]',
        '      deep["Deep"]',
        "    end",
        "  end",
        '  out["Out"]',
    ]


def test_nodes_inside_each_other_are_still_written_once() -> None:
    nodes = {"a": node("A", parentId="b"), "b": node("B", parentId="a"), "c": node("C")}
    text = export_mermaid(Diagram(nodes=nodes))
    assert [text.count(f'"{label}"') for label in "ABC"] == [1, 1, 1]
    assert Drawn(text).nodes["c"] == "C"


def test_a_very_deep_nesting_is_written() -> None:
    nodes = {"n0": node("0")} | {
        f"n{i}": node(str(i), parentId=f"n{i - 1}") for i in range(1, 5_000)
    }
    text = export_mermaid(Diagram(nodes=nodes))
    assert text.count("subgraph") == text.count("end\n") == 4_999


@pytest.mark.parametrize("damaged", [{}, {"data": None}, {"data": []}, {"data": {"label": {}}}])
def test_a_node_without_a_label_is_blank(damaged: Element) -> None:
    assert lines(Diagram(nodes={"n": damaged})) == ['n[" "]']


@pytest.mark.parametrize("end", [None, 7, [], {}, "nobody"])
def test_an_edge_to_nowhere_is_left_out(end: Any) -> None:
    edges = {"e": {"source": "a", "target": end}, "f": {"source": end, "target": "a"}}
    assert lines(Diagram(nodes={"a": node("A")}, edges=edges)) == ['a["A"]']


def test_mermaid_text_is_its_own_export() -> None:
    text = "graph TD\n    A -->"
    assert export_mermaid(Diagram(kind="mermaid", data={"text": text})) == text
    assert export_mermaid(Diagram(kind="mermaid", data={"text": None})) == ""


def test_names_are_unique_and_safe_ones_stay() -> None:
    names = mermaid_names(["n_end", "end", "End", "a b", "a_b", "a.b", "é", "日", "ok-1"])
    assert names["ok-1"] == "ok-1"
    assert names["n_end"] == "n_end"
    assert len(set(names.values())) == len(names)
    assert all(name.isascii() for name in names.values())


def test_a_label_is_one_line_of_text() -> None:
    assert quoted("a\r\nb\u2028c\x85d") == '"a<br/>b<br/>c<br/>d"'
    assert quoted(" \n ") == '" "'
    assert quoted("snake_case_name: 2 (of 3)") == '"snake_case_name: 2 (of 3)"'
    assert quoted("a\0\x1bb") == '"ab"'
