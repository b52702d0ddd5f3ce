"""Documents that nobody should write, and that may be stored all the same: nothing falls over."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.export import export_mermaid
from ot.apply import apply
from ot.diagram import Diagram, Element
from tests.support.mermaid_oracle import compare

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.sampled_from("abAB é")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    ),
    max_leaves=4,
)
NODE_PATHS = [
    ("type",), ("parentId",), ("style",), ("data",), ("position",), ("data", "label"),
    ("data", "mermaid"), ("style", "backgroundColor"), ("data", "mermaid", "shape"),
    ("data", "mermaid", "classes"), ("data", "mermaid", "data"), ("data", "mermaid", "id"),
    ("data", "mermaid", "markdown"), ("data", "mermaid", "direction"), ("data", "mermaid", "icon"),
]  # fmt: skip
EDGE_PATHS = [
    ("source",), ("target",), ("label",), ("type",), ("markerEnd",), ("markerStart",), ("style",),
    ("animated",), ("hidden",), ("data",), ("data", "mermaid"), ("style", "stroke"),
    ("style", "strokeWidth"), ("style", "strokeDasharray"), ("data", "mermaid", "length"),
    ("data", "mermaid", "id"), ("data", "mermaid", "data"), ("markerEnd", "type"),
]  # fmt: skip
TEXTS = [
    "flowchart TD\nsubgraph g\nA:::c --> B\nend\nA e@==> g\nclassDef c fill:#fff\nlinkStyle 0 x:y",
    "mindmap\n  A\n    B\n      a\n",
    None,
]


def put(element: Element, path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        if not isinstance(element.get(step), dict):
            element[step] = {}
        element = element[step]
    element[path[-1]] = value


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_any_values_are_exported_and_patched(text: str | None, data: st.DataObject) -> None:
    source = text or TEXTS[0]
    assert source is not None
    diagram = copy.deepcopy(import_mermaid(source))
    if text is None:
        diagram.data = {}
    for _ in range(data.draw(st.integers(1, 4))):
        elements, paths = data.draw(
            st.sampled_from([(diagram.nodes, NODE_PATHS), (diagram.edges, EDGE_PATHS)])
        )
        element = elements[data.draw(st.sampled_from(sorted(elements)))]
        put(element, data.draw(st.sampled_from(paths)), data.draw(values))
    exported = export_mermaid(diagram)
    assert compare(exported) == ""
    patch_mermaid(diagram, "flowchart TD\nA --> Z\n")


@pytest.mark.parametrize("kept", [None, 7, [], {}, {"source": None}, {"source": "A -->"}])
def test_a_damaged_source_is_no_source(kept: Any) -> None:
    nodes = {"A": {"type": "process", "data": {"label": "One"}}}
    diagram = Diagram(data={"mermaid": kept}, nodes=nodes)
    assert export_mermaid(diagram) == 'flowchart TD\n  A["One"]\n'
    after = apply(diagram, patch_mermaid(diagram, "flowchart TD\nA[Two]\n"))[0]
    assert after.nodes["A"]["data"]["label"] == "Two"
