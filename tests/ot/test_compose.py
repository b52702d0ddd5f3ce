"""Composing: two operations in a row as one, for every pair that can follow each other."""

import pytest

from ot.compose import compose
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import (
    NOTHING,
    Change,
    Create,
    Delete,
    Operation,
    Replace,
    Set,
    Text,
    TextDelete,
    Unset,
    Update,
    Write,
)
from tests.ot.build import after, edge, graph, linked, on_edge, on_node, sets, texts, writes


@pytest.mark.parametrize(
    ("first", "then", "both"),
    [
        (Create({"k": 1}), sets(k=2, m=3), Create({"k": 2, "m": 3})),
        (Create({"k": 1}), Replace({"m": 2}), Create({"m": 2})),
        (Create({"k": 1}), Delete(), None),
        (sets(k=1), Replace({"m": 2}), Replace({"m": 2})),
        (sets(k=1), Delete(), Delete()),
        (sets(k=1), sets(m=2), sets(k=1, m=2)),
        (Replace({"k": 1}), sets(k=2), Replace({"k": 2})),
        (Replace({"k": 1}), Replace({"m": 2}), Replace({"m": 2})),
        (Replace({"k": 1}), Delete(), Delete()),
        (Delete(), Create({"k": 1}), Replace({"k": 1})),
    ],
)
def test_two_changes_of_one_element_become_one(
    first: Change, then: Change, both: Change | None
) -> None:
    expected = NOTHING if both is None else on_node(both)
    assert compose(on_node(first), on_node(then)) == expected


@pytest.mark.parametrize(
    ("first", "then", "both"),
    [
        (Set("a"), Set("b"), Set("b")),
        (Set("a"), Unset(), Unset()),
        (Set("abc"), Text([1, TextDelete(1)]), Set("ac")),
        (Unset(), Set("b"), Set("b")),
        (Unset(), Unset(), Unset()),
        (Text(["x"]), Set("b"), Set("b")),
        (Text(["x"]), Unset(), Unset()),
        (Text(["x"]), Text([1, "y"]), Text(["xy"])),
        (Text(["x"]), Text([TextDelete(1)]), None),
    ],
)
def test_two_writes_at_one_path_become_one(first: Write, then: Write, both: Write | None) -> None:
    expected = NOTHING if both is None else on_node(writes(label=both))
    assert compose(on_node(writes(label=first)), on_node(writes(label=then))) == expected


def test_a_later_write_swallows_those_inside_what_it_writes() -> None:
    a = on_node(sets(data__x=1, data__y__z=2, data2=3))
    assert compose(a, on_node(sets(data=4))) == on_node(sets(data=4, data2=3))
    assert compose(a, on_node(writes(data=Unset()))) == on_node(writes(data=Unset(), data2=Set(3)))


def test_a_deeper_write_goes_into_the_value_that_was_set() -> None:
    a = on_node(sets(data={"x": "abc", "y": {"z": 1}}))
    b = on_node(writes(data__x=Text(["!"]), data__y__z=Unset(), data__w=Set(0)))
    assert compose(a, b) == on_node(sets(data={"x": "!abc", "y": {}, "w": 0}))


@pytest.mark.parametrize("key", ["source", "target", "parentId"])
def test_text_deep_inside_a_set_value_is_text_whatever_its_key(key: str) -> None:
    a = on_node(sets(data={key: "abc"}))
    b = on_node(Update({f"/data/{key}": Text(["!"])}))
    assert compose(a, b) == on_node(sets(data={key: "!abc"}))


def test_composing_leaves_the_values_it_was_given_alone() -> None:
    value = {"x": {"y": 1}}
    compose(on_node(sets(data=value)), on_node(sets(data__x__y=2)))
    assert value == {"x": {"y": 1}}


def test_changes_of_different_targets_stand_side_by_side() -> None:
    a = Operation(sets(title="t"), {"n": sets(k=1)}, {})
    b = Operation(None, {"m": sets(k=2)}, {"e": Delete()})
    assert compose(a, b) == Operation(
        sets(title="t"), {"n": sets(k=1), "m": sets(k=2)}, {"e": Delete()}
    )


def test_properties_of_the_diagram_compose_like_an_element() -> None:
    whole = Replace({"title": "w", "description": None, "kind": "k", "data": {}})
    a = Operation(sets(title="abc", data__k=1))
    assert compose(a, Operation(texts(["!"], "title"))) == Operation(sets(title="!abc", data__k=1))
    assert compose(a, Operation(whole)) == Operation(whole)
    assert compose(Operation(whole), a) == Operation(
        Replace({"title": "abc", "description": None, "kind": "k", "data": {"k": 1}})
    )
    assert (
        compose(Operation(texts(["!"], "title")), Operation(texts([TextDelete(1)], "title")))
        == NOTHING
    )


def test_nothing_is_neutral() -> None:
    a = on_node(sets(k=1))
    assert compose(a, NOTHING) == a
    assert compose(NOTHING, a) == a


def test_a_node_and_its_edge_that_come_and_go_leave_nothing() -> None:
    a = Operation(nodes={"x": Create({})}, edges={"f": Create(edge("x", "n"))})
    b = Operation(nodes={"x": Delete()}, edges={"f": Delete()})
    assert compose(a, b) == NOTHING
    assert after(linked(), a, b) == linked()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (Create({}), Create({})),
        (sets(k=1), Create({})),
        (Replace({}), Create({})),
        (Delete(), Delete()),
        (Delete(), sets(k=1)),
        (Delete(), Replace({})),
        (sets(k=1), texts(["x"], "k")),
        (writes(k=Unset()), texts(["x"], "k")),
        (sets(k=1), sets(k__x=1)),
        (writes(k=Unset()), sets(k__x=1)),
    ],
)
def test_what_cannot_follow_is_refused(first: Change, then: Change) -> None:
    with pytest.raises(OperationError) as caught:
        compose(on_node(first), on_node(then))
    assert caught.value.code == "not_consecutive"


def test_edges_compose_like_nodes() -> None:
    a, b = on_edge(sets(source="m")), on_edge(sets(target="n"))
    assert after(linked(), compose(a, b)).edges == {"e": edge("m", "n")}


def test_many_small_edits_compose_into_one_that_applies() -> None:
    S = graph(n={"label": ""})
    a = NOTHING
    for at, letter in enumerate("a fairly long label"):
        a = compose(a, on_node(texts([at, letter] if at else [letter])))
    assert a == on_node(texts(["a fairly long label"]))
    assert after(S, a) == Diagram(nodes={"n": {"label": "a fairly long label"}})
