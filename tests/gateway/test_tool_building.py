"""From tool arguments to one operation, on plain values."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pydantic import TypeAdapter

from gateway.tools.arguments import (
    Change,
    Changes,
    DiagramUpdates,
    EdgeData,
    EdgeUpdates,
    NodeData,
    NodeUpdates,
)
from gateway.tools.building import Draft, Removed
from gateway.tools.ids import new_id
from ot.apply import apply
from ot.diagram import Diagram, Element
from ot.errors import OperationError
from ot.operation import Create, Delete, Set, Text, Unset, Update


def node(label: str = "x", **more: Any) -> Element:
    return {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": label}, **more}


def sample() -> Diagram:
    """Three nodes in a row, the last inside a group inside a group."""
    return Diagram(
        title="Sample",
        nodes={
            "outer": node("Outer", position={"x": 100, "y": 100}),
            "inner": node("Inner", position={"x": 10, "y": 20}, parentId="outer"),
            "a": node("A"),
            "b": node("The second step of it", style={"color": "red", "width": 10}),
            "c": node("C", position={"x": 1, "y": 2}, parentId="inner", extent="parent"),
        },
        edges={
            "a-b": {"source": "a", "target": "b", "label": "then"},
            "b-c": {"source": "b", "target": "c"},
            "b-b": {"source": "b", "target": "b"},
        },
    )


def counted() -> Callable[[str, Callable[[str], bool]], str]:
    """An id maker that counts."""
    numbers = iter(range(1, 1_000))
    return lambda prefix, is_taken: next(
        name for number in numbers if not is_taken(name := f"{prefix}-{number}")
    )


def draft(diagram: Diagram | None = None) -> Draft:
    return Draft(sample() if diagram is None else diagram, counted())


def node_data(**fields: Any) -> NodeData:
    return NodeData.model_validate(
        {"type": "process", "label": "New", "position": {"x": 1, "y": 2.5}, **fields}
    )


def updates(**fields: Any) -> NodeUpdates:
    return NodeUpdates.model_validate(fields)


def writes(edited: Draft, identifier: str) -> dict[str, Any]:
    change = edited.operation().nodes[identifier]
    assert isinstance(change, Update)
    return change.writes


def code_and_place(attempt: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(OperationError) as caught:
        attempt()
    return caught.value.code, caught.value.at


def test_a_new_node_is_a_react_flow_node() -> None:
    edited = draft()
    identifier = edited.add_node(node_data(style={"color": "red"}, data={"icon": "x"}))
    assert edited.operation().nodes == {
        identifier: Create(
            {
                "type": "process",
                "position": {"x": 1, "y": 2.5},
                "data": {"icon": "x", "label": "New"},
                "style": {"color": "red"},
            }
        )
    }
    assert identifier == "node-1"


def test_whole_coordinates_stay_whole_numbers() -> None:
    edited = draft()
    identifier = edited.add_node(node_data(position={"x": 100, "y": -0.5}))
    position = edited.after.nodes[identifier]["position"]
    assert [type(value) for value in position.values()] == [int, float]


def test_keys_that_react_flow_knows_are_kept_on_a_new_node() -> None:
    edited = draft()
    identifier = edited.add_node(node_data(width=200, zIndex=3, parent_id="outer"))
    element = edited.after.nodes[identifier]
    assert (element["width"], element["zIndex"], element["parentId"]) == (200, 3, "outer")


def test_a_wanted_id_is_taken_if_it_is_free() -> None:
    edited = draft()
    assert edited.add_node(node_data(id="mine")) == "mine"
    assert code_and_place(lambda: edited.add_node(node_data(id="a"))) == (
        "already_exists",
        "node_data/id",
    )


def test_new_ids_are_short_and_never_taken() -> None:
    seen: set[str] = set()
    for _ in range(2_000):
        seen.add(new_id("node", seen.__contains__))
    assert len(seen) == 2_000
    assert all(name.startswith("node-") and len(name) == 13 for name in seen)


def test_a_runtime_field_is_refused_with_its_place() -> None:
    edited = draft()
    assert code_and_place(lambda: edited.add_node(node_data(selected=True))) == (
        "reserved_key",
        "node_data/selected",
    )


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (float("nan"), "invalid_number"),
        (float("inf"), "invalid_number"),
        (10**400, "invalid_number"),
        ("half \ud800", "invalid_string"),
        ("nul \0", "invalid_string"),
    ],
)
def test_a_value_that_json_cannot_hold_is_refused_with_its_place(bad: Any, code: str) -> None:
    edited = draft()
    data = node_data()
    data.data = {"deep": [bad]}
    assert code_and_place(lambda: edited.add_node(data)) == (code, "node_data/data/deep/0")


def test_an_update_writes_only_what_it_names() -> None:
    edited = draft()
    edited.update_node("b", updates(type="decision", style={"color": "blue"}))
    assert writes(edited, "b") == {"/type": Set("decision"), "/style/color": Set("blue")}


def test_a_position_is_written_whole() -> None:
    edited = draft()
    edited.update_node("a", updates(position={"x": 0, "y": 9}))
    assert writes(edited, "a") == {"/position": Set({"x": 0, "y": 9})}


def test_a_label_is_written_whole_and_a_longer_text_as_a_text_edit() -> None:
    edited = draft()
    edited.update_node("b", updates(label="The second step of everything"))
    assert isinstance(writes(edited, "b")["/data/label"], Set)
    diagram = sample()
    diagram.nodes["b"] = node("The second step of it. " * 10)
    edited = draft(diagram)
    edited.update_node("b", updates(label="The second step of everything. " * 10))
    assert isinstance(writes(edited, "b")["/data/label"], Text)


def test_data_and_style_are_merged_key_by_key_and_null_removes() -> None:
    edited = draft()
    edited.update_node("b", updates(style={"color": None, "height": 5}, data={"icon": "i"}))
    assert writes(edited, "b") == {
        "/style/color": Unset(),
        "/style/height": Set(5),
        "/data/icon": Set("i"),
    }


def test_null_removes_a_field() -> None:
    edited = draft()
    edited.update_node("b", updates(label=None, style=None))
    assert writes(edited, "b") == {"/style": Unset(), "/data/label": Unset()}


def test_a_label_and_data_can_be_written_together() -> None:
    edited = draft()
    edited.update_node("b", updates(label="short", data={"icon": "i"}))
    assert edited.after.nodes["b"]["data"] == {"label": "short", "icon": "i"}


@pytest.mark.parametrize("damaged", [{}, {"data": None}, {"data": "text"}])
def test_a_label_can_be_written_where_data_is_no_object(damaged: Element) -> None:
    diagram = Diagram(nodes={"n": {"position": {"x": 0, "y": 0}, **damaged}})
    edited = draft(diagram)
    edited.update_node("n", updates(label="now"))
    assert apply(diagram, edited.operation())[0].nodes["n"]["data"] == {"label": "now"}


def test_what_is_set_to_what_it_was_is_not_written() -> None:
    edited = draft()
    edited.update_node("b", updates(type="process", label="The second step of it"))
    assert edited.operation().is_empty()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("nothing_to_update", "updates")),
        ({"position": None}, ("required", "updates/position")),
        ({"parentId": "nobody"}, ("not_found", "updates/parentId")),
        ({"parentId": "outer"}, ("parent_cycle", "updates/parentId")),
        ({"parentId": "c"}, ("parent_cycle", "updates/parentId")),
        ({"measured": {}}, ("reserved_key", "updates/measured")),
    ],
)
def test_an_update_that_cannot_be_is_refused_with_its_place(
    fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    edited = draft()
    assert code_and_place(lambda: edited.update_node("outer", updates(**fields))) == expected
    assert edited.operation().is_empty()


def test_a_deleted_node_takes_its_edges_along() -> None:
    edited = draft()
    assert edited.delete_node("b").edges == ["a-b", "b-c", "b-b"]
    operation = edited.operation()
    assert operation.nodes == {"b": Delete()}
    assert operation.edges == {name: Delete() for name in ("a-b", "b-c", "b-b")}


def test_children_of_a_deleted_group_stay_where_they_are_drawn() -> None:
    edited = draft()
    assert edited.delete_node("inner").unparented == ["c"]
    assert edited.after.nodes["c"] == {
        "type": "process",
        "position": {"x": 111, "y": 122},
        "data": {"label": "C"},
    }
    apply(sample(), edited.operation())


def test_an_edge_stores_what_was_given() -> None:
    edited = draft()
    bare = edited.add_edge("a", "b", None)
    full = edited.add_edge(
        "a",
        "c",
        EdgeData.model_validate({"label": "L", "type": "step", "animated": True, "zIndex": 1}),
    )
    assert edited.operation().edges == {
        bare: Create({"source": "a", "target": "b"}),
        full: Create({
            "source": "a", "target": "c", "type": "step", "label": "L", "animated": True,
            "zIndex": 1,
        }),
    }  # fmt: skip


def test_an_edge_can_be_led_elsewhere_by_either_name() -> None:
    edited = draft()
    change = EdgeUpdates.model_validate({"source": "c", "target_node_id": "a", "label": None})
    edited.update_edge("a-b", change)
    assert edited.after.edges["a-b"] == {"source": "c", "target": "a"}


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda d: d.update_node("zz", updates(label="x")), ("not_found", "node_id")),
        (lambda d: d.delete_node("zz"), ("not_found", "node_id")),
        (lambda d: d.add_edge("zz", "a", None), ("not_found", "source_node_id")),
        (lambda d: d.add_edge("a", "zz", None), ("not_found", "target_node_id")),
        (lambda d: d.delete_edge("zz"), ("not_found", "edge_id")),
        (lambda d: d.delete_edge("a"), ("not_found", "edge_id")),
        (
            lambda d: d.update_edge("a-b", EdgeUpdates(source="zz")),
            ("not_found", "updates/source"),
        ),
        (
            lambda d: d.update_edge("a-b", EdgeUpdates.model_validate({"target": None})),
            ("required", "updates/target"),
        ),
        (lambda d: d.add_node(node_data(parentId="zz")), ("not_found", "node_data/parentId")),
    ],
)
def test_an_unknown_id_is_refused_with_its_place(
    attempt: Callable[[Draft], object], expected: tuple[str, str]
) -> None:
    edited = draft()
    assert code_and_place(lambda: attempt(edited)) == expected


def changes(*items: dict[str, Any]) -> list[Change]:
    made: list[Change] = TypeAdapter(Changes).validate_python(list(items))
    return made


def make(edited: Draft, *items: dict[str, Any]) -> tuple[list[str], Removed]:
    removed = Removed([], [])
    batch = enumerate(changes(*items))
    return [edited.change(change, f"changes/{i}/", removed) for i, change in batch], removed


def add(name: str | None, **fields: Any) -> dict[str, Any]:
    data = {"type": "process", "label": name or "", "position": {"x": 0, "y": 0}, **fields}
    return {"action": "add_node", "name": name, "node_data": data}


def connect(source: str, target: str, name: str | None = None) -> dict[str, Any]:
    ends = {"source_node_id": source, "target_node_id": target}
    return {"action": "add_edge", "name": name, **ends}


def test_a_batch_refers_to_its_new_nodes_by_name() -> None:
    edited = draft()
    results, _ = make(
        edited,
        add("login"),
        add("home", parentId="login"),
        connect("login", "home", "way"),
        connect("a", "login"),
        {"action": "update_edge", "edge_id": "way", "updates": {"label": "in"}},
        {"action": "update_node", "node_id": "home", "updates": {"label": "Home"}},
    )
    assert results == ["node-1", "node-2", "edge-3", "edge-4", "edge-3", "node-2"]
    assert edited.names == {"login": "node-1", "home": "node-2", "way": "edge-3"}
    operation = edited.operation()
    assert set(operation.nodes) == {"node-1", "node-2"}
    assert operation.edges["edge-3"] == Create(
        {"source": "node-1", "target": "node-2", "label": "in"}
    )
    assert edited.after.nodes["node-2"]["parentId"] == "node-1"


def joined(start: str, **ends: str) -> dict[str, Any]:
    return {**connect(start, "new"), "edge_data": {"label": "so", **ends}}


@pytest.mark.parametrize("ends", [{}, {"source": "a"}, {"source": "a", "target": "new"}])
def test_an_edges_data_may_name_its_ends_once_more(ends: dict[str, str]) -> None:
    edited = draft(sample())
    (node_id, edge_id), _ = make(edited, add("new"), joined("a", **ends))
    edge = edited.after.edges[edge_id]
    assert edge == {"source": "a", "target": node_id, "label": "so"}


def test_an_edges_data_cannot_lead_it_elsewhere() -> None:
    edited = draft(sample())
    attempt = partial(make, edited, add("new"), joined("a", source="b"))
    assert code_and_place(attempt) == ("invalid_arguments", "changes/1/edge_data/source")


def test_what_a_batch_adds_and_deletes_leaves_no_trace() -> None:
    edited = draft()
    _, removed = make(
        edited,
        add("tmp"),
        connect("tmp", "a", "line"),
        {"action": "delete_node", "node_id": "tmp"},
    )
    assert removed.edges == ["edge-2"]
    assert edited.operation().is_empty()


def test_a_batch_renames_the_diagram() -> None:
    edited = draft()
    results, _ = make(edited, {"action": "update_diagram", "updates": {"title": "Better"}})
    assert results == ["diagram"]
    assert edited.operation().diagram == Update({"/title": Set("Better")})


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([add("x"), add("x")], ("name_taken", "changes/1/name")),
        ([add("a")], ("name_taken", "changes/0/name")),
        ([connect("later", "a"), add("later")], ("not_found", "changes/0/source_node_id")),
        ([add("x"), connect("a", "zz")], ("not_found", "changes/1/target_node_id")),
        (
            [{"action": "update_diagram", "updates": {"mermaid_syntax": "x"}}],
            ("wrong_kind", "changes/0/updates/mermaid_syntax"),
        ),
        (
            [{"action": "update_diagram", "updates": {"title": None}}],
            ("required", "changes/0/updates/title"),
        ),
        (
            [{"action": "update_diagram", "updates": {}}],
            ("nothing_to_update", "changes/0/updates"),
        ),
    ],
)
def test_a_batch_names_the_change_that_is_wrong(
    items: list[dict[str, Any]], expected: tuple[str, str]
) -> None:
    edited = draft()
    assert code_and_place(lambda: make(edited, *items)) == expected


def test_the_text_of_a_mermaid_diagram_is_edited_as_text() -> None:
    diagram = Diagram(kind="mermaid", data={"text": "graph TD\n  A --> B\n", "contentKey": "x"})
    edited = draft(diagram)
    edited.update_diagram(DiagramUpdates(mermaid_syntax="graph TD\n  A --> B\n  B --> C\n"))
    change = edited.operation().diagram
    assert isinstance(change, Update)
    assert set(change.writes) == {"/data/text"}
    assert isinstance(change.writes["/data/text"], Text)


def test_a_mermaid_diagram_takes_no_nodes_or_edges() -> None:
    edited = draft(Diagram(kind="mermaid", data={"text": "graph TD"}))
    assert code_and_place(lambda: edited.add_node(node_data()))[0] == "wrong_kind"
    assert code_and_place(lambda: edited.add_edge("a", "b", None))[0] == "wrong_kind"


def test_the_diagram_that_was_read_is_never_changed() -> None:
    diagram = sample()
    edited = draft(diagram)
    make(edited, add("n"), {"action": "delete_node", "node_id": "outer"})
    edited.update_node("b", updates(style={"color": "blue"}))
    assert diagram == sample()


def random_change(chance: random.Random, edited: Draft, number: int) -> dict[str, Any]:
    nodes, edges = list(edited.after.nodes), list(edited.after.edges)
    if not nodes or chance.random() < 0.35:
        parent = chance.choice([*nodes, None])
        return add(f"name{number}", **({"parentId": parent} if parent else {}))
    if chance.random() < 0.35:
        return connect(chance.choice(nodes), chance.choice(nodes), f"name{number}")
    if chance.random() < 0.4:
        return {"action": "delete_node", "node_id": chance.choice(nodes)}
    if edges and chance.random() < 0.5:
        end = chance.choice(["source", "target"])
        return {
            "action": "update_edge",
            "edge_id": chance.choice(edges),
            "updates": {end: chance.choice(nodes)},
        }
    parent = chance.choice([*nodes, None])
    return {
        "action": "update_node",
        "node_id": chance.choice(nodes),
        "updates": {"parentId": parent, "position": {"x": number, "y": 0}},
    }


def makes(edited: Draft, change: dict[str, Any]) -> bool:
    """Makes the change, unless it would put a node inside itself."""
    try:
        make(edited, change)
    except OperationError as error:
        if error.code != "parent_cycle":
            raise
        return False
    return True


@pytest.mark.parametrize("seed", range(40))
def test_a_random_batch_is_one_valid_operation_that_gives_the_draft(seed: int) -> None:
    chance = random.Random(seed)
    diagram = sample()
    edited = draft(diagram)
    made = 0
    for number in range(60):
        change = random_change(chance, edited, number)
        made += makes(edited, change)
    assert made > 30
    result, _ = apply(diagram, edited.operation())
    assert result == edited.after
