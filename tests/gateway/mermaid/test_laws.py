"""What holds of every text and every diagram."""

import copy
import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.essence import label_key
from gateway.mermaid.export import export_mermaid, means, names_for
from gateway.mermaid.flow_import import element_names
from gateway.mermaid.flowchart import parse_flowchart
from gateway.mermaid.mindmap_import import TYPES
from gateway.mermaid.names import mermaid_names
from gateway.mermaid.writing import label_of
from ot.apply import apply
from ot.diagram import Diagram
from ot.operation import NOTHING
from ot.validate import check_operation
from tests.gateway.mermaid.documents import diagrams, labels
from tests.gateway.mermaid.edits import Canvas
from tests.gateway.mermaid.texts import flow_text, mind_text
from tests.support.mermaid_oracle import difference, mindmap_difference, our_mindmap, ours

seeds = st.integers(min_value=0, max_value=1_000_000)


def good_text(seed: int) -> str:
    """A text that is accepted, of the first seeds from here on."""
    while ours(flow_text(seed)[0]) is None:
        seed += 1
    return flow_text(seed)[0]


@settings(max_examples=100, deadline=None)
@given(diagrams())
@example(Diagram(nodes={"end": {"type": "process", "data": {"label": "0\x85-"}}}))
@example(Diagram(nodes={"end": {"type": "process", "data": {"label": "0\x08_0"}}}))
def test_export_then_import_is_the_identity(diagram: Diagram) -> None:
    text = export_mermaid(diagram)
    assert means(text, diagram, mermaid_names(diagram.nodes)), text


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_mermaid_accepts_every_export_and_reads_the_same(diagram: Diagram) -> None:
    text = export_mermaid(diagram)
    assert ours(text) is not None
    assert difference(text) == ""


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_an_untouched_import_is_exported_to_the_letter(seed: int) -> None:
    text = good_text(seed)
    assert export_mermaid(import_mermaid(text)) == text


@settings(max_examples=60, deadline=None)
@given(diagrams())
def test_patching_with_the_own_export_is_nothing(diagram: Diagram) -> None:
    assert patch_mermaid(diagram, export_mermaid(diagram)) == NOTHING


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_an_import_is_a_valid_document(seed: int) -> None:
    diagram = import_mermaid(good_text(seed))
    operation = patch_mermaid(Diagram(), export_mermaid(diagram))
    check_operation(operation)
    made = apply(Diagram(), operation)[0]
    assert made.nodes.keys() == diagram.nodes.keys()
    assert all(node.keys() >= {"type", "position", "data"} for node in made.nodes.values())


def edited(seed: int) -> tuple[Diagram, Diagram]:
    """An imported diagram, and the same after a few edits on the canvas."""
    diagram = import_mermaid(good_text(seed))
    chance = random.Random(seed)
    canvas = Canvas(diagram, chance)
    for _ in range(chance.choice([1, 1, 2, 4])):
        canvas.edit()
    return diagram, canvas.diagram


def is_meant(text: str, diagram: Diagram) -> bool:
    """Whether the text is the diagram, under the names that its own text gives to the nodes."""
    chart = parse_flowchart(diagram.data["mermaid"]["source"])
    known = {i: n for i, n in element_names(chart.graph).items() if i in diagram.nodes}
    all_known = mermaid_names(diagram.nodes, known)
    return means(text, diagram, names_for(diagram, chart)) or means(text, diagram, all_known)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_an_edited_import_is_exported_as_what_it_is_now(seed: int) -> None:
    _, diagram = edited(seed)
    assert is_meant(export_mermaid(diagram), diagram)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_mermaid_reads_the_same_in_an_edited_text(seed: int) -> None:
    text = export_mermaid(edited(seed)[1])
    assert ours(text) is not None
    assert difference(text) == ""


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_patching_brings_a_diagram_to_the_text_and_keeps_the_rest(seed: int) -> None:
    before, after = edited(seed)
    for number, node in enumerate(before.nodes.values()):
        node.update(position={"x": number, "y": 7}, width=99, ours={"kept": True})
    operation = patch_mermaid(before, export_mermaid(after))
    patched = apply(before, operation)[0]
    assert is_meant(export_mermaid(patched), patched)
    for identifier in before.nodes.keys() & patched.nodes.keys():
        old, new = before.nodes[identifier], patched.nodes[identifier]
        assert (new["width"], new["ours"]) == (99, {"kept": True})
        if old.get("parentId") == new.get("parentId"):
            assert new["position"] == old["position"]
    assert patch_mermaid(patched, export_mermaid(patched)) == NOTHING


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_mindmap_is_exported_to_the_letter(seed: int) -> None:
    text = mind_text(seed)[0]
    if our_mindmap(text) is not None:
        diagram = import_mermaid(text)
        assert export_mermaid(diagram) == text
        assert patch_mermaid(diagram, text) == NOTHING


@settings(max_examples=60, deadline=None)
@given(seeds, st.data())
def test_an_edited_mindmap_is_exported_as_what_it_is_now(seed: int, data: st.DataObject) -> None:
    text = mind_text(seed - seed % 4)[0]
    if our_mindmap(text) is None:
        return
    diagram = import_mermaid(text)
    nodes = copy.deepcopy(diagram.nodes)
    some = st.sampled_from(list(nodes))
    nodes[data.draw(some)]["data"]["label"] = data.draw(labels)
    nodes[data.draw(some)]["type"] = data.draw(st.sampled_from([*TYPES.values(), "start"]))
    parent = data.draw(some)
    nodes["new one"] = {"type": "rectangle", "data": {"label": data.draw(labels)}}
    edges = diagram.edges | {"new": {"source": parent, "target": "new one"}}
    changed = Diagram(kind="mindmap", data=diagram.data, nodes=nodes, edges=edges)
    exported = export_mermaid(changed)
    assert mindmap_difference(exported) == ""
    again = import_mermaid(exported)
    assert len(again.nodes) == len(nodes)
    wanted = sorted(label_key(label_of(node)) for node in nodes.values())
    assert sorted(label_key(label_of(node)) for node in again.nodes.values()) == wanted
