"""What a merge drops is told: to whom, where, what stands there now and what was wanted."""

import pytest
from msgspec import UNSET

from ot.conflicts import Lost, find_lost
from ot.operation import Change, Create, Delete, Operation, Replace, Set, Text, TextDelete, Unset
from tests.ot.build import edge, on_edge, on_node, sets, texts, writes


def losses(a: Change, b: Change, *, wins: bool = True) -> list[Lost]:
    """What two changes of node ``n`` lose, seen from both sides alike."""
    found = find_lost(on_node(a), on_node(b), wins)
    mirrored = find_lost(on_node(b), on_node(a), not wins)
    assert {(x.path, x.loser == "a") for x in found} == {(x.path, x.loser == "b") for x in mirrored}
    return found


def test_the_losing_one_of_two_values_is_told_with_the_one_that_stays() -> None:
    expected = Lost("simultaneous_edit", "node", "n", "/color", "b", "red", "blue")
    assert losses(sets(color="red"), sets(color="blue")) == [expected]
    assert losses(sets(color="red"), sets(color="blue"), wins=False) == [
        Lost("simultaneous_edit", "node", "n", "/color", "a", "blue", "red")
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (sets(k=1), sets(k=1)),
        (sets(k=1), sets(m=1)),
        (writes(k=Unset()), writes(k=Unset())),
        (texts(["x"]), texts([1, "y"])),
        (texts([TextDelete(1)]), texts([TextDelete(1)])),
        (Delete(), Delete()),
        (Create({"k": 1}), Create({"k": 1})),
        (Replace({"k": 1}), Replace({"k": 1})),
        (Replace({"k": 1}), sets(k=1)),
        (sets(data={"x": 1}), sets(data__x=1)),
        (sets(data={}), writes(data__x=Unset())),
        (writes(data=Unset()), writes(data__x=Unset())),
    ],
)
def test_where_both_get_what_they_wanted_nothing_is_told(a: Change, b: Change) -> None:
    assert losses(a, b) == []


def test_true_and_one_are_different_values() -> None:
    assert len(losses(sets(k=True), sets(k=1))) == 1


def test_two_positions_are_a_position_conflict() -> None:
    (lost,) = losses(sets(position={"x": 1}), sets(position={"x": 2}))
    assert lost.kind == "position_conflict"
    (lost,) = losses(sets(position__x=1), sets(position__x=2))
    assert lost.kind == "position_conflict"


def test_two_ends_of_an_edge_are_a_connection_conflict() -> None:
    (lost,) = find_lost(on_edge(sets(source="x")), on_edge(sets(source="y")), False)
    assert lost == Lost("connection_conflict", "edge", "e", "/source", "a", "y", "x")


@pytest.mark.parametrize("wins", [True, False])
@pytest.mark.parametrize("value", ["x", ""])
def test_text_lost_to_a_value_is_always_told(wins: bool, value: str) -> None:
    edits = texts(["x"]) if value else texts([TextDelete(1)])
    assert losses(sets(label=value), edits, wins=wins) == [
        Lost("simultaneous_edit", "node", "n", "/label", "b", value, value)
    ]


def test_a_value_that_was_removed_is_kept_as_nothing() -> None:
    (lost,) = losses(writes(k=Unset()), sets(k=1))
    assert (lost.kept, lost.dropped) == (UNSET, 1)
    (lost,) = losses(sets(k=1), writes(k=Unset()))
    assert (lost.kept, lost.dropped) == (1, UNSET)


@pytest.mark.parametrize("wins", [True, False])
def test_a_write_inside_what_the_other_wrote_is_lost_whoever_wins(wins: bool) -> None:
    assert losses(sets(data={"x": 1}), sets(data__x=2), wins=wins) == [
        Lost("simultaneous_edit", "node", "n", "/data/x", "b", 1, 2)
    ]
    assert losses(sets(data="flat"), writes(data__x=Text(["t"])), wins=wins) == [
        Lost("simultaneous_edit", "node", "n", "/data/x", "b", UNSET, "t")
    ]


@pytest.mark.parametrize("wins", [True, False])
def test_an_edit_of_what_the_other_deletes_is_told_whole(wins: bool) -> None:
    assert losses(Delete(), writes(k=Set(1), m=Unset()), wins=wins) == [
        Lost("delete_while_editing", "node", "n", "", "b", UNSET, {"/k": 1, "/m": None})
    ]
    assert losses(Delete(), Replace({"k": 1}), wins=wins) == [
        Lost("delete_while_editing", "node", "n", "", "b", UNSET, {"k": 1})
    ]


def test_an_edit_of_what_the_other_replaces_is_told_whole() -> None:
    assert losses(Replace({"k": 1}), sets(k=2, m=3), wins=False) == [
        Lost("simultaneous_edit", "node", "n", "", "b", {"k": 1}, {"/k": 2, "/m": 3})
    ]


def test_two_elements_under_one_id_are_an_id_collision() -> None:
    assert losses(Create({"k": 1}), Create({"k": 2})) == [
        Lost("id_collision", "node", "n", "", "b", {"k": 1}, {"k": 2})
    ]


def test_two_properties_of_the_diagram_are_told() -> None:
    assert find_lost(Operation(sets(title="x")), Operation(sets(title="y")), True) == [
        Lost("simultaneous_edit", "diagram", "", "/title", "b", "x", "y")
    ]


def test_an_edge_that_goes_with_a_node_is_told_to_who_made_it() -> None:
    a, b = on_edge(Create(edge("n", "m"))), on_node(Delete())
    expected = Lost("connection_conflict", "edge", "e", "", "a", UNSET, edge("n", "m"))
    assert find_lost(a, b, True) == [expected]
    assert find_lost(a, b, False) == [expected]


def test_an_edge_that_goes_with_a_node_is_told_to_both_who_wrote_to_it() -> None:
    a = Operation(nodes={"n": Delete()}, edges={"e": sets(source="m", label="mine")})
    b = on_edge(sets(source="n"))
    whole = [lost for lost in find_lost(a, b, False) if not lost.path]
    assert [(lost.loser, lost.dropped) for lost in whole] == [
        ("a", {"/source": "m", "/label": "mine"}),
        ("b", {"/source": "n"}),
    ]


@pytest.mark.parametrize(
    "change", [Create({"parentId": "n"}), sets(parentId="n"), Replace({"parentId": "n"})]
)
def test_a_parent_that_goes_is_told_to_who_chose_it(change: Change) -> None:
    assert find_lost(on_node(change, "c"), on_node(Delete()), True) == [
        Lost("delete_while_editing", "node", "c", "/parentId", "a", UNSET, "n")
    ]
