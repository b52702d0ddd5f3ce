"""Diagrams that were drawn, and whose text somebody edited later: neither loses what it had."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.export import export_mermaid, export_named, means
from gateway.mermaid.flowchart import parse_flowchart
from ot.apply import apply
from ot.diagram import Diagram, Element
from ot.operation import NOTHING
from tests.support.mermaid_oracle import compare, is_accepted

Edit = Callable[[Diagram], Any]

TEXT = """flowchart TD
  %% the first part
  a["A"] --> b["B"] -->|"x"| c["C"]
  %% the second part
  c --> n_d_1
  subgraph n_my_group [G]
    %% inside
    n_d_1["D"]
  end
  class a hot
  classDef hot font-size:20px
  %% the end
"""


def node(label: str, **more: Any) -> Element:
    return {"type": "process", "position": {"x": 1, "y": 2}, "data": {"label": label}, **more}


def group(label: str, **more: Any) -> Element:
    return node(label, **{"type": "group"} | more)


def drawn() -> Diagram:
    nodes = {
        "a": node("A"), "b": node("B"), "c": node("C"), "my group": group("G"),
        "d.1": node("D", parentId="my group"),
    }  # fmt: skip
    edges: dict[str, Element] = {
        "one": {"source": "a", "target": "b"},
        "two": {"source": "b", "target": "c", "label": "x"},
        "three": {"source": "c", "target": "d.1"},
    }
    return Diagram(nodes=nodes, edges=edges)


def patched(diagram: Diagram, text: str) -> Diagram:
    return apply(diagram, patch_mermaid(diagram, text))[0]


def exported(diagram: Diagram) -> str:
    """The text of the diagram, which says what it is, to Mermaid as well."""
    made = export_named(diagram)
    assert means(made.text, diagram, made.names), made.text
    assert compare(made.text) == ""
    assert is_accepted(made.text)
    return made.text


def test_the_text_of_a_drawn_diagram_stays_as_somebody_wrote_it() -> None:
    diagram = patched(drawn(), TEXT)
    assert export_mermaid(diagram) == TEXT
    assert (diagram.nodes.keys(), diagram.edges.keys()) == (drawn().nodes.keys(),
                                                            drawn().edges.keys())  # fmt: skip
    assert patch_mermaid(diagram, TEXT) == NOTHING


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (lambda d: d.nodes["c"]["data"].update(label="New"), 'c["C"]', 'c["New"]'),
        (lambda d: d.nodes["d.1"]["data"].update(label="New"), 'n_d_1["D"]', 'n_d_1["New"]'),
        (lambda d: d.nodes["my group"]["data"].update(label="New"), "[G]", '["New"]'),
        (lambda d: d.edges["two"].update(label="New"), '|"x"| ', '|"New"| '),
        (lambda d: d.edges["three"].update(markerEnd=None), "c --> n", "c --- n"),
    ],
)  # fmt: skip
def test_an_edit_of_what_was_drawn_changes_one_place_of_the_text(
    edit: Edit, old: str, new: str
) -> None:
    diagram = copy.deepcopy(patched(drawn(), TEXT))
    edit(diagram)
    assert exported(diagram) == TEXT.replace(old, new)


def test_names_in_the_text_stay_when_a_node_with_a_name_like_it_goes() -> None:
    diagram = Diagram(nodes={"a b": node("One"), "a:b": node("Two", note=1)})
    text = export_mermaid(diagram)
    assert text == 'flowchart TD\n  n_a_b["One"]\n  n_a_b_2["Two"]\n'
    left = 'flowchart TD\n  n_a_b_2["Two"]\n'
    after = patched(diagram, left)
    assert after.nodes == {"a:b": node("Two", note=1)}
    assert export_mermaid(after) == left
    after = patched(after, left + "%% c\n")
    assert after.nodes == {"a:b": node("Two", note=1)}


def test_ids_that_name_one_node_twice_are_not_believed() -> None:
    diagram = import_mermaid("flowchart TD\n  a --> b\n")
    diagram.data["mermaid"]["ids"] = {"a": "b", "c": 7}
    assert export_mermaid(diagram) == "flowchart TD\n  a --> b\n"


@pytest.mark.parametrize("parent", [None, "outer"])
def test_an_empty_group_is_a_group(parent: str | None) -> None:
    nodes = {"outer": group("Outer"), "n": node("N"), "empty": group("Empty", parentId=parent)}
    edges: dict[str, Element] = {"e": {"source": "n", "target": "empty"}}
    again = import_mermaid(exported(Diagram(nodes=nodes, edges=edges)))
    assert [again.nodes[i]["type"] for i in nodes] == ["group", "process", "group"]
    assert again.nodes["empty"].get("parentId") == parent


@pytest.mark.parametrize("head", ["subgraph Some words [Title]", 'subgraph "a b" [Title]'])
@pytest.mark.parametrize(
    "edit",
    [
        lambda d, i: d.edges.update(e={"source": "x", "target": i}),
        lambda d, i: d.nodes[i].update(style={"backgroundColor": "red"}),
    ],
)  # fmt: skip
def test_a_subgraph_whose_id_is_words_gets_a_name_that_can_be_said(head: str, edit: Any) -> None:
    diagram = import_mermaid(f"flowchart TD\n%% why\n{head}\n  y\nend\nx\n")
    [identifier] = [i for i, element in diagram.nodes.items() if element["type"] == "group"]
    edit(diagram, identifier)
    text = exported(diagram)
    assert "%% why" in text
    after = patched(diagram, text + "%% c\n")
    assert after.nodes == diagram.nodes
    assert after.edges == diagram.edges


def test_an_edge_that_shows_again_is_drawn_as_the_text_says() -> None:
    diagram = import_mermaid("flowchart TD\n  a ~~~ b\n")
    [edge] = diagram.edges.values()
    edge.update(animated=True, note=1, style={"stroke": "red", "opacity": 0.5})
    text = "flowchart TD\n  a x--x b\n"
    after = patched(diagram, text)
    assert export_mermaid(after) == text
    [shown] = after.edges.values()
    assert (shown["note"], shown["style"]) == (1, {"opacity": 0.5})


@pytest.mark.parametrize(
    ("style", "read"),
    [
        ({"strokeWidth": 3.5, "strokeDasharray": "5 5"}, None),
        ({"strokeDasharray": "3, 3"}, {"strokeDasharray": "3 3"}),
        ({"strokeDasharray": 4}, {"strokeDasharray": "4"}),
        ({"stroke": "rgba(255, 0, 0, 0.5)"}, {"stroke": "#ff000080"}),
        ({"stroke": "rgba(255, 0, 0, 1.0)"}, {"stroke": "#ff0000"}),
    ],
)
def test_lines_come_back_as_they_were_drawn(style: Element, read: Element | None) -> None:
    edges: dict[str, Element] = {"e": {"source": "a", "target": "b", "style": style}}
    text = exported(Diagram(nodes={"a": node("A"), "b": node("B")}, edges=edges))
    [edge] = import_mermaid(text).edges.values()
    dotted = {"strokeDasharray": "5 5"} if "strokeDasharray" in style else {}
    assert edge["style"] == dotted | (read or style)


@pytest.mark.parametrize("name", ["e-1", "1", "é1"])
def test_any_word_can_be_the_id_of_an_edge(name: str) -> None:
    diagram = import_mermaid(f"flowchart TD\n  a {name}@--> b\n  {name}@{{ animate: true }}\n")
    diagram.edges[name]["label"] = "x"
    text = exported(diagram)
    assert text == f'flowchart TD\n  a {name}@-->|"x"| b\n  {name}@{{ animate: true }}\n'


def test_edges_between_the_same_nodes_are_told_apart_by_name_before_looks() -> None:
    edges: dict[str, Element] = {
        "x": {"source": "a", "target": "b", "label": "1"},
        "y": {"source": "a", "target": "b", "label": "2"},
    }
    text = "flowchart TD\n  a e1@-->|1| b\n  a e2@-->|2| b\n"
    diagram = copy.deepcopy(
        patched(Diagram(nodes={"a": node("a"), "b": node("b")}, edges=edges), text)
    )
    diagram.edges["x"].update(label="2", markerEnd=None)
    diagram.edges["y"].update(label="1")
    assert exported(diagram) == 'flowchart TD\n  a e1@---|"2"| b\n  a e2@-->|"1"| b\n'


MINDMAP = "mindmap\n  root\n    %% why\n    one.two\n    three\n"


def test_a_branch_between_others_stands_where_it_was_written() -> None:
    text = MINDMAP.replace("    three", "    between\n    three")
    diagram = patched(import_mermaid(MINDMAP), text)
    assert export_mermaid(diagram) == text
    # A document keeps its nodes in no order.
    diagram.nodes = dict(reversed(diagram.nodes.items()))
    assert export_mermaid(diagram) == text


def test_a_branch_that_was_drawn_stays_where_the_text_has_it() -> None:
    diagram = import_mermaid(MINDMAP)
    diagram.nodes["drawn one"] = node("New", note=1)
    diagram.edges["drawn"] = {"source": "root", "target": "drawn one"}
    text = export_mermaid(diagram).replace("    three", "    three[3]")
    after = copy.deepcopy(patched(diagram, text))
    assert export_mermaid(after) == text
    after.nodes["drawn one"]["data"]["label"] = "Newer"
    assert exported_lines(after) == [line.replace('"New"', '"Newer"') for line in text.splitlines()]
    assert after.nodes["drawn one"]["note"] == 1


def exported_lines(diagram: Diagram) -> list[str]:
    text = export_mermaid(diagram)
    assert compare(text) == ""
    return text.splitlines()


def test_a_mindmap_without_nodes_is_still_one() -> None:
    assert export_mermaid(import_mermaid("mindmap\n")) == "mindmap\n"
    diagram = import_mermaid(MINDMAP)
    diagram.nodes, diagram.edges = {}, {}
    assert exported_lines(diagram) == ["mindmap", "    %% why"]


FRONT = (
    'title: "a', "title: *a", "title: @a", "title: `a`", "title: %a", "title: - a", "title: a: b",
    "title: [a", "\ttitle: a", "title: a\ntitle: b",
)  # fmt: skip


@pytest.mark.parametrize("body", ["flowchart TD\n  a\n", "mindmap\n  a\n"])
def test_front_matter_that_is_no_yaml_is_refused_by_both(body: str) -> None:
    texts = [f"---\n{front}\n---\n{body}" for front in FRONT]
    assert [text for text in texts if is_accepted(text) or compare(text)] == []


def test_a_description_that_does_not_end_is_none() -> None:
    text = "flowchart TD\n  a\n  accDescr {\n  one\n"
    assert compare(text) == ""
    assert not parse_flowchart(text).graph.description
