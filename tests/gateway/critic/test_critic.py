"""Each kind of finding, by a diagram that has it and one that has not."""

import random
import time
from typing import Any

import pytest

from gateway.critic import CODES, Code, Finding, check
from gateway.critic.findings import MAX_FINDINGS_PER_CODE, MAX_NAMED, Defect, finding_of
from gateway.critic.lines import Lines
from gateway.critic.links import Links
from gateway.critic.staircase import staircase, way_of
from gateway.geometry.scene import Scene
from gateway.layout.levels import joins_by_container
from gateway.templates import TEMPLATES, make_template
from ot.apply import apply, write_element
from ot.diagram import Diagram, Element
from ot.operation import Create, Delete, Operation, Set, Update, Writes
from tests.gateway.critic.messes import mended

SIZES = {"group": (320, 220), "decision": (150, 80), "note": (150, 70)}


def node(x: float, y: float, kind: str = "process", **more: Any) -> Element:
    width, height = SIZES.get(kind, (150, 50))
    size = {"width": width, "height": height}
    place = {"position": {"x": x, "y": y}, **size}
    return {"type": kind, **place, "data": {"label": "A step"}, **more}


def edge(source: str, target: str, **more: Any) -> Element:
    return {"source": source, "target": target, "type": "smoothstep", **more}


def good() -> Diagram:
    """A flow with nothing wrong with it."""
    return Diagram(
        nodes={
            "start": node(0, 0, "start"),
            "ask": node(0, 100, "decision"),
            "do": node(-200, 230),
            "end": node(0, 330, "end"),
        },
        edges={
            "1": edge("start", "ask"),
            "2": edge("ask", "do", label="Yes"),
            "3": edge("ask", "end", label="No"),
            "4": edge("do", "end"),
        },
    )


def codes(diagram: Diagram) -> list[Code]:
    return [finding.code for finding in check(diagram)]


def only(diagram: Diagram, code: Code) -> Finding:
    """The one finding of this kind; its mend mends it, and all mends mend all."""
    findings = check(diagram)
    (found,) = [finding for finding in findings if finding.code == code]
    assert found.mend is not None
    alone, _ = apply(diagram, found.mend)
    assert code not in codes(alone)
    assert check(mended(diagram, findings)) == []
    return found


def test_nothing_is_wrong_with_a_good_diagram() -> None:
    assert check(good()) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_new_diagrams_are_not_criticised(name: Any) -> None:
    assert codes(make_template(name, "New")) == []


def test_text_diagrams_and_empty_ones_are_not_judged() -> None:
    assert check(Diagram(kind="mermaid", data={"text": "graph TD"})) == []
    assert check(Diagram()) == []


def test_an_edge_into_the_void_is_taken_away() -> None:
    diagram = good()
    diagram.edges["5"] = edge("do", "nobody")
    found = only(diagram, "dangling_reference")
    assert found.edges == ("5",)
    assert found.severity == "error"
    assert found.mend is not None
    assert found.mend.edges == {"5": Delete()}


def test_a_lost_child_becomes_free() -> None:
    diagram = good()
    diagram.nodes["do"] = {**diagram.nodes["do"], "parentId": "nobody"}
    assert only(diagram, "dangling_reference").nodes == ("do",)


def test_of_edges_that_say_the_same_one_stays() -> None:
    diagram = good()
    diagram.edges["5"] = edge("do", "end", label=" ")
    found = only(diagram, "duplicate_edge")
    assert found.edges == ("4", "5")
    assert found.mend is not None
    assert found.mend.edges == {"5": Delete()}


def test_edges_with_labels_of_their_own_are_no_duplicates() -> None:
    diagram = good()
    diagram.edges["5"] = edge("do", "end", label="later")
    assert "duplicate_edge" not in codes(diagram)


@pytest.mark.parametrize(
    "more",
    [
        {"hidden": True},
        {"sourceHandle": "left"},
        {"markerEnd": None, "markerStart": "arrow"},
        {"style": {"stroke": "#f00"}},
        {"data": {"note": "mine"}},
    ],
)
def test_edges_that_look_otherwise_are_no_duplicates(more: dict[str, Any]) -> None:
    diagram = good()
    diagram.edges["5"] = {**edge("do", "end"), **more}
    assert "duplicate_edge" not in codes(diagram)


def test_branches_get_the_answers_that_are_left() -> None:
    diagram = good()
    del diagram.edges["2"]["label"]
    found = only(diagram, "unlabelled_branch")
    assert (found.nodes, found.edges) == (("ask",), ("2",))
    assert found.mend is not None
    assert found.mend.edges == {"2": Update({"/label": Set("Yes")})}
    assert "“A step”" in found.message


def test_a_label_kept_in_the_data_is_written_there() -> None:
    diagram = good()
    diagram.edges["2"] = edge("ask", "do", data={"label": ""})
    found = only(diagram, "unlabelled_branch")
    assert found.mend is not None
    assert found.mend.edges == {"2": Update({"/data/label": Set("Yes")})}


def test_a_step_that_no_way_leads_to_gets_one() -> None:
    diagram = good()
    diagram.nodes["lost"] = node(300, 230)
    diagram.edges["5"] = edge("lost", "end")
    found = only(diagram, "unreachable")
    assert found.nodes == ("lost",)
    assert found.mend is not None
    assert any(isinstance(change, Create) for change in found.mend.edges.values())


def test_systems_beside_the_flow_need_no_way_to_them() -> None:
    diagram = good()
    diagram.nodes["db"] = node(300, 220, "database")
    diagram.edges["5"] = edge("db", "end")
    assert codes(diagram) == []


def test_a_step_that_leads_nowhere_is_led_to_the_end() -> None:
    diagram = good()
    del diagram.edges["4"]
    found = only(diagram, "dead_end")
    assert found.nodes == ("do",)
    assert found.mend is not None
    (new,) = found.mend.edges.values()
    assert isinstance(new, Create)
    assert (new.element["source"], new.element["target"]) == ("do", "end")


def test_a_lonely_node_is_joined_to_its_neighbour() -> None:
    diagram = good()
    diagram.nodes["db"] = node(300, 220, "database")
    assert only(diagram, "lonely_node").nodes == ("db",)


def test_notes_groups_and_what_is_inside_may_stand_alone() -> None:
    diagram = good()
    diagram.nodes["note"] = node(300, 220, "note")
    diagram.nodes["group"] = node(300, 400, "group")
    diagram.nodes["inside"] = node(40, 60, parentId="group")
    assert codes(diagram) == []


def test_a_node_without_text_is_called_by_its_kind() -> None:
    diagram = good()
    diagram.nodes["do"]["data"] = {"label": "  "}
    found = only(diagram, "empty_label")
    assert found.message.startswith("A process without text has no text")
    assert found.mend is not None
    assert found.mend.nodes == {"do": Update({"/data/label": Set("Process")})}


@pytest.mark.parametrize(
    "text", ["\u200b", "\ufeff", "\u00a0", "\u00ad\u2060", "\u3164", "\u2800", "\x07", " \n"]
)
def test_signs_that_are_not_drawn_are_no_text(text: str) -> None:
    diagram = good()
    diagram.nodes["do"]["data"] = {"label": text}
    diagram.edges["3"]["label"] = text
    assert only(diagram, "empty_label").nodes == ("do",)
    assert only(diagram, "unlabelled_branch").edges == ("3",)


def test_a_number_or_one_visible_sign_is_a_text() -> None:
    diagram = good()
    diagram.nodes["do"]["data"] = {"label": 0}
    diagram.nodes["ask"]["data"] = {"label": "\u200b.\u200b"}
    diagram.edges["3"]["label"] = 0
    assert codes(diagram) == []


@pytest.mark.parametrize("label", [{"text": "kept"}, ["kept"], True, False, 10**400])
def test_a_label_that_is_no_text_is_left_alone(label: Any) -> None:
    diagram = good()
    diagram.nodes["do"]["data"] = {"label": label}
    diagram.edges["2"]["label"] = label
    diagram.edges["3"]["data"] = {"label": "No", "accepted": label}
    assert codes(diagram) == []
    diagram.nodes["do"]["data"] = [label]
    assert codes(diagram) == []


def test_edges_whose_labels_are_no_texts_are_no_duplicates() -> None:
    diagram = good()
    diagram.edges["5"] = edge("do", "end", label={"text": "kept"})
    diagram.edges["6"] = edge("do", "end", data={"label": ["kept"]})
    assert "duplicate_edge" not in codes(diagram)


def test_a_node_grows_with_its_text() -> None:
    diagram = good()
    diagram.nodes["do"] |= {"height": 30, "data": {"label": "many words " * 12}}
    assert only(diagram, "label_overflow").nodes == ("do",)


def test_a_child_outside_its_group_comes_in() -> None:
    diagram = good()
    diagram.nodes["group"] = node(300, 400, "group")
    diagram.nodes["inside"] = node(900, -300, parentId="group")
    assert only(diagram, "outside_group").nodes == ("inside", "group")


def test_a_child_too_large_for_any_group_leaves_it() -> None:
    diagram = good()
    diagram.nodes["group"] = node(300, 400, "group")
    diagram.nodes["inside"] = node(40, 60, parentId="group", width=10_000)
    found = only(diagram, "outside_group")
    assert found.mend is not None
    change = found.mend.nodes["inside"]
    assert isinstance(change, Update)
    assert "/parentId" in change.writes


def test_nodes_that_overlap_are_one_finding_and_part() -> None:
    diagram = good()
    for number in range(3):
        diagram.nodes[f"note{number}"] = node(-190 + 20 * number, 240, "note")
    found = only(diagram, "overlap")
    assert found.nodes == ("do", "note0", "note1", "note2")
    assert found.count == 4


def test_an_edge_behind_a_node_is_led_around_it() -> None:
    diagram = good()
    diagram.nodes["note"] = node(-160, 150, "note")
    assert only(diagram, "edge_crosses_node").edges == ("2",)


def test_an_edge_may_cross_nodes_where_that_is_accepted() -> None:
    diagram = good()
    diagram.nodes["note"] = node(-160, 150, "note")
    diagram.edges["2"]["data"] = {"accepted": ["edge_crosses_node"]}
    assert codes(diagram) == []


@pytest.mark.parametrize(
    "writes",
    [
        {"/data/accepted": Set(["edge_crosses_node"])},
        {"/data/accepted/1": Set("edge_crosses_node")},
        {"/data": Set({"accepted": ["edge_crosses_node"]})},
    ],
)
def test_a_mend_that_leaves_the_line_where_it_is_says_so(writes: Writes) -> None:
    defect = Defect("edge_crosses_node", edges=("1", "2"))
    mend = Operation(edges={"2": Update(writes)})
    told = finding_of(good(), defect, mend).message
    assert "no way around for 1 of 2, so the mend only notes under data.accepted" in told
    for other in (None, Operation(edges={"2": Update({"/sourceHandle": Set("left")})})):
        assert "accepted" not in finding_of(good(), defect, other).message


def test_nodes_almost_in_line_are_put_in_line() -> None:
    diagram = good()
    diagram.nodes["start"]["position"] = {"x": 3, "y": 0}
    found = only(diagram, "nearly_aligned")
    assert found.severity == "hint"
    assert set(found.nodes) == {"start", "ask"}


def test_hidden_elements_are_in_nobodys_way() -> None:
    diagram = good()
    diagram.nodes["note"] = node(-190, 240, "note", hidden=True)
    assert codes(diagram) == []


def test_findings_are_bounded_and_the_last_stands_for_the_rest() -> None:
    count = 3 * MAX_FINDINGS_PER_CODE
    nodes = {f"n{i}": node(200 * (i % 20), 100 * (i // 20), data={}) for i in range(count)}
    diagram = Diagram(nodes=nodes)
    findings = check(diagram)
    assert len(findings) == MAX_FINDINGS_PER_CODE
    last = findings[-1]
    assert (last.count, len(last.nodes)) == (2 * MAX_FINDINGS_PER_CODE + 1, MAX_NAMED)
    assert last.message.endswith("and 199 more has no text, so nobody knows what it stands for.")
    assert check(mended(diagram, findings)) == []


def test_every_node_of_a_small_tangle_can_be_seen_afterwards() -> None:
    nodes = {f"n{i}": node(0, 0) for i in range(9)}
    pairs = [(a, b) for a in nodes for b in nodes if a < b]
    diagram = Diagram(nodes=nodes, edges={f"{a}-{b}": edge(a, b) for a, b in pairs})
    after = mended(diagram, check(diagram))
    assert check(after) == []
    assert not any("data" in each for each in after.edges.values())


def test_on_a_staircase_no_edge_crosses_a_node() -> None:
    r = random.Random(1)
    nodes = {f"n{i}": node(0, 0, r.choice(["process", "user", "circle"])) for i in range(20)}
    for i in range(1, 20):
        if r.random() < 0.5:
            nodes[f"n{i}"]["parentId"] = f"n{r.randrange(i)}"
    names = sorted(nodes)
    edges = {f"e{i}": edge(r.choice(names), r.choice(names)) for i in range(150)}
    scene = Scene(nodes)
    boxes = staircase(scene, scene.children[None], joins_by_container(scene, edges))
    for key, (x, y, width, height) in boxes.items():
        nodes[key] |= {"position": {"x": x, "y": y}, "width": width, "height": height}
    placed, links = Scene(nodes), Links(nodes, edges)
    for link in links.all.values():
        edges[link.edge], _ = write_element(edges[link.edge], way_of(placed, link))
    assert list(Lines(placed, edges).defects(links)) == []


def test_two_thousand_nodes_are_checked_in_well_under_a_second() -> None:
    nodes = {f"n{i}": node(200 * (i % 45), 120 * (i // 45)) for i in range(2_000)}
    edges = {f"e{i}": edge(f"n{i}", f"n{i + 1}") for i in range(1_999)}
    diagram = Diagram(nodes=nodes, edges=edges)
    before = time.process_time()
    findings = check(diagram, with_mends=False)
    assert time.process_time() - before < 0.8
    assert {finding.code for finding in findings} == {"edge_crosses_node"}


def test_every_code_has_a_sentence_that_says_why_it_matters() -> None:
    assert len(set(CODES)) == 12


def test_where_there_is_no_time_for_places_what_is_said_is_mended() -> None:
    diagram = good()
    diagram.nodes["do"] = node(0, 110, data={"label": ""})
    findings = check(diagram, should_stop=lambda: True)
    mended_codes = {each.code for each in findings if each.mend is not None}
    others = [each for each in findings if each.mend is None]
    assert mended_codes == {"empty_label"}
    assert "overlap" in {each.code for each in others}
    assert all("check it again" in each.message for each in others)
    after = mended(diagram, [each for each in findings if each.mend is not None])
    assert "empty_label" not in codes(after)
