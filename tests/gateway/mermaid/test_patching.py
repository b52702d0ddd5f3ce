"""After an edit on the canvas, only the lines concerned change."""

import copy
import difflib
from collections.abc import Callable

import pytest

from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.export import export_mermaid
from ot.apply import apply
from ot.diagram import Diagram, Element
from ot.operation import Delete, Update

TEXT = """\
---
title: Orders
---
%% how an order goes
flowchart LR
  %% the start
  A["First"] --> B{Choice?} -->|yes| C & D
  subgraph g [Group]
    direction TB
    E(["Stop"]):::k --> F@{ shape: docs, label: "x" }
    B -- no --> E
  end
  C --> g
  classDef k fill:#fee
  style A fill:#f00,stroke-width:4px
  linkStyle 1,2 stroke:red
  click A "http://x" "tip"
"""
Edit = Callable[[Diagram], object]


def label(identifier: str, text: str) -> Edit:
    return lambda diagram: diagram.nodes[identifier]["data"].update(label=text)


def delete(*gone: str) -> Edit:
    def edit(diagram: Diagram) -> None:
        for identifier in gone:
            del diagram.nodes[identifier]
        for identifier, edge in list(diagram.edges.items()):
            if edge["source"] in gone or edge["target"] in gone:
                del diagram.edges[identifier]

    return edit


def new_node(parent: str | None) -> Edit:
    node: Element = {"type": "decision", "data": {"label": "New?"}}
    return lambda diagram: diagram.nodes.update(
        {"a new one": node | ({"parentId": parent} if parent else {})}
    )


def ungroup(diagram: Diagram) -> None:
    delete("g")(diagram)
    for identifier in "BEF":
        del diagram.nodes[identifier]["parentId"]


def edited(edit: Edit) -> Diagram:
    diagram = import_mermaid(TEXT)
    changed = diagram.copy()
    changed.nodes = copy.deepcopy(diagram.nodes)
    changed.edges = copy.deepcopy(diagram.edges)
    edit(changed)
    return changed


def changed_lines(edit: Edit) -> tuple[list[str], list[str]]:
    """The lines that went and those that came, without their indentation."""
    lines = difflib.ndiff(TEXT.splitlines(), export_mermaid(edited(edit)).splitlines())
    found = [(line[0], line[2:].strip()) for line in lines if line[0] in "+-"]
    return [t for sign, t in found if sign == "-"], [t for sign, t in found if sign == "+"]


CHAIN = 'A["First"] --> B{Choice?} -->|yes| C & D'


@pytest.mark.parametrize(
    ("edit", "gone", "come"),
    [
        (lambda d: None, [], []),
        (label("A", "New"), [CHAIN], ['A["New"] --> B{Choice?} -->|yes| C & D']),
        (label("C", "See"), [CHAIN], ['A["First"] --> B{Choice?} -->|yes| C["See"] & D']),
        (label("g", "Other"), ["subgraph g [Group]"], ['subgraph g ["Other"]']),
        (
            label("F", "y"),
            ['E(["Stop"]):::k --> F@{ shape: docs, label: "x" }'],
            ['E(["Stop"]):::k --> F@{ shape: docs, label: "y" }'],
        ),
        (
            lambda d: d.nodes["A"].update(type="database"),
            [CHAIN],
            ['A[("First")] --> B{Choice?} -->|yes| C & D'],
        ),
        (
            lambda d: d.nodes["A"].update(style={"backgroundColor": "#0f0"}),
            ["style A fill:#f00,stroke-width:4px"],
            ["style A stroke-width:4px,fill:#0f0"],
        ),
        (
            lambda d: d.nodes["B"].update(style={"color": "#0f0"}),
            [],
            ["style B color:#0f0"],
        ),
        (lambda d: d.edges["L_B_E_0"].update(label="hm"), ["B -- no --> E"], ['B -->|"hm"| E']),
        (
            lambda d: d.edges["L_A_B_0"].update(markerEnd=None),
            [CHAIN],
            ['A["First"] --- B{Choice?} -->|yes| C & D'],
        ),
        (
            lambda d: d.edges["L_B_D_0"].update(style={"stroke": "#0f0"}),
            ["linkStyle 1,2 stroke:red"],
            ["linkStyle 1 stroke:red", "linkStyle 2 stroke:#0f0"],
        ),
        (
            delete("D"),
            [CHAIN, "linkStyle 1,2 stroke:red"],
            ['A["First"] --> B{Choice?}', "B -->|yes| C", "linkStyle 1 stroke:red"],
        ),
        (
            lambda d: d.edges.pop("L_B_C_0"),
            [CHAIN, "linkStyle 1,2 stroke:red"],
            ['A["First"] --> B{Choice?}', "B -->|yes| D", "C", "linkStyle 1 stroke:red"],
        ),
        (new_node(None), [], ['n_a_new_one{"New?"}']),
        (new_node("g"), [], ['n_a_new_one{"New?"}']),
        (
            lambda d: d.edges.update(e={"source": "D", "target": "F", "label": "new"}),
            [],
            ['D -->|"new"| F'],
        ),
        (lambda d: d.nodes["A"].update(parentId="g"), [], ["A"]),
        (
            lambda d: d.nodes["E"].pop("parentId"),
            ['E(["Stop"]):::k --> F@{ shape: docs, label: "x" }', "B -- no --> E"],
            [
                'F@{ shape: docs, label: "x" }',
                "B",
                'E(["Stop"]):::k',
                "E --> F",
                "B -- no --> E",
            ],
        ),
        (
            ungroup,
            ["subgraph g [Group]", "direction TB", "end", "C --> g"],
            ["C"],
        ),
    ],
)  # fmt: skip
def test_only_the_lines_concerned_change(edit: Edit, gone: list[str], come: list[str]) -> None:
    went, came = changed_lines(edit)
    assert sorted(went) == sorted(gone)
    assert sorted(came) == sorted(come)


def test_what_cannot_be_patched_is_printed_with_what_is_worth_keeping() -> None:
    text = TEXT.replace("  classDef", "  subgraph h\n    H\n  end\n  classDef")
    diagram = import_mermaid(text)
    diagram.nodes["h"]["parentId"] = "g"
    exported = export_mermaid(diagram)
    assert import_mermaid(exported).nodes["h"]["parentId"] == "g"
    for kept in ("title: Orders", "%% how an order goes", "%% the start", "classDef k fill:#fee",
                 'click A "http://x" "tip"', "flowchart LR", "direction TB", ":::k"):  # fmt: skip
        assert kept in exported


def test_a_new_text_changes_only_what_it_says() -> None:
    before = import_mermaid(TEXT)
    for number, node in enumerate(before.nodes.values()):
        node.update(position={"x": number, "y": 1}, width=120, note="mine")
    text = TEXT.replace("Choice?", "Really?").replace("  C --> g\n", "  C --> g\n  C --> Z\n")
    operation = patch_mermaid(before, text.replace("    B -- no --> E\n", ""))
    assert set(operation.nodes) == {"B", "Z"}
    assert set(operation.edges) == {"L_B_E_0", "L_C_Z_0"}
    assert isinstance(operation.edges["L_B_E_0"], Delete)
    assert isinstance(operation.nodes["B"], Update)
    after = apply(before, operation)[0]
    assert after.nodes["B"]["data"]["label"] == "Really?"
    assert after.nodes["A"] == before.nodes["A"]


def test_a_diagram_that_never_was_mermaid_can_be_patched() -> None:
    nodes = {
        "first id": {"type": "process", "data": {"label": "One", "extra": 1}, "position": {"x": 1}},
        "b": {"type": "my own", "data": {"label": "Two"}, "position": {"x": 2}},
    }
    edges = {"edge 7": {"source": "first id", "target": "b", "type": "smoothstep"}}
    diagram = Diagram(title="Mine", data={"viewport": {"zoom": 2}}, nodes=nodes, edges=edges)
    text = export_mermaid(diagram).replace('"One"', '"Uno"')
    after = apply(diagram, patch_mermaid(diagram, text))[0]
    assert after.nodes["first id"]["data"]["label"] == "Uno"
    assert after.nodes["first id"]["data"]["extra"] == 1
    assert after.nodes["first id"]["position"] == {"x": 1}
    assert after.edges.keys() == {"edge 7"}
    assert after.edges["edge 7"]["type"] == "smoothstep"
    assert (after.title, after.data["viewport"]) == ("Mine", {"zoom": 2})


def test_an_id_with_the_word_style_does_not_spoil_a_label() -> None:
    nodes = {"lifestyle": {"type": "process", "data": {"label": ':*"x"'}}}
    text = export_mermaid(Diagram(nodes=nodes))
    assert import_mermaid(text).nodes["lifestyle"]["data"]["label"] == ':*"x"'


def test_a_text_diagram_can_become_a_flowchart_and_back() -> None:
    diagram = Diagram(kind="mermaid", data={"text": "pie\n"})
    chart = apply(diagram, patch_mermaid(diagram, "flowchart TD\n  A\n"))[0]
    assert (chart.kind, list(chart.nodes)) == ("flowchart", ["A"])
    back = apply(chart, patch_mermaid(chart, "pie\n"))[0]
    assert (back.kind, back.nodes) == ("mermaid", {})
    assert export_mermaid(back) == "pie\n"


def test_a_mindmap_is_patched_line_by_line() -> None:
    start = "%% top\nmindmap\n  root((Root))\n    %% why\n    a\n"
    text = start + "      b[Bee]\n    c\n    ::icon(x)\n"
    diagram = import_mermaid(text)
    changed = diagram.copy()
    changed.nodes = copy.deepcopy(diagram.nodes)
    changed.nodes["b"]["data"]["label"] = "Bee (2)"
    del changed.nodes["c"]
    changed.edges = {i: e for i, e in diagram.edges.items() if e["target"] != "c"}
    changed.nodes["new"] = {"type": "process", "data": {"label": "New"}}
    changed.edges["new"] = {"source": "a", "target": "new"}
    assert export_mermaid(changed) == start + '      b["Bee (2)"]\n      n0x1("New")\n'
