"""Transforming: a rule for every pair of changes and every pair of writes, seen from both sides."""

import pytest

from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import (
    NOTHING,
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
from ot.transform import transform
from tests.ot.build import graph, linked, merged, on_edge, on_node, sets, texts, writes


def test_operations_on_different_targets_pass_each_other_unchanged() -> None:
    a, b = on_node(sets(k=1)), on_edge(sets(k=1))
    assert transform(a, b, True) == a
    assert transform(b, a, False) == b


def test_delete_and_delete_leave_nothing_to_do() -> None:
    a = on_node(Delete())
    assert transform(a, a, True) == NOTHING
    assert transform(a, a, False) == NOTHING


@pytest.mark.parametrize("change", [sets(k=1), Replace({"k": 1})])
@pytest.mark.parametrize("wins", [True, False])
def test_a_delete_beats_an_update_and_a_replace(change: Update | Replace, wins: bool) -> None:
    a, b = on_node(Delete()), on_node(change)
    assert transform(a, b, wins) == a
    assert transform(b, a, wins) == NOTHING
    assert merged(graph(n={}), a, b, wins).nodes == {}


def test_of_two_creates_of_one_id_the_winner_replaces_and_the_loser_gives_way() -> None:
    a, b = on_node(Create({"k": "a"})), on_node(Create({"k": "b"}))
    assert transform(a, b, True) == on_node(Replace({"k": "a"}))
    assert transform(a, b, False) == NOTHING
    assert merged(Diagram(), a, b, True).nodes == {"n": {"k": "a"}}
    assert merged(Diagram(), a, b, False).nodes == {"n": {"k": "b"}}


def test_of_two_replaces_the_winner_stays() -> None:
    a, b = on_node(Replace({"k": "a"})), on_node(Replace({"k": "b"}))
    assert transform(a, b, True) == a
    assert transform(a, b, False) == NOTHING
    assert merged(graph(n={}), a, b, False).nodes == {"n": {"k": "b"}}


@pytest.mark.parametrize("wins", [True, False])
def test_a_replace_beats_an_update(wins: bool) -> None:
    a, b = on_node(Replace({"k": "a"})), on_node(sets(m=1))
    assert transform(a, b, wins) == a
    assert transform(b, a, wins) == NOTHING
    assert merged(graph(n={}), a, b, wins).nodes == {"n": {"k": "a"}}


def test_updates_at_different_paths_both_stay() -> None:
    S = graph(n={"data": {"x": 0, "y": 0}})
    a, b = on_node(sets(data__x=1)), on_node(sets(data__y=2))
    assert merged(S, a, b, True).nodes == {"n": {"data": {"x": 1, "y": 2}}}


def test_properties_of_the_diagram_merge_path_by_path() -> None:
    S = Diagram(title="one", data={"k": 0})
    a, b = Operation(sets(title="two")), Operation(sets(data__k=1))
    assert merged(S, a, b, True) == Diagram(title="two", data={"k": 1})
    whole = Operation(Replace({"title": "w", "description": None, "kind": "k", "data": {}}))
    assert merged(S, a, whole, True) == Diagram(title="w", kind="k")
    assert merged(S, whole, whole, True) == Diagram(title="w", kind="k")


SET, OTHER, UNSET_, TEXT = Set("a"), Set("b"), Unset(), Text(["t"])


@pytest.mark.parametrize(
    ("mine", "theirs", "if_winner", "if_loser"),
    [
        (SET, OTHER, SET, None),
        (SET, UNSET_, SET, None),
        (UNSET_, SET, UNSET_, None),
        (UNSET_, UNSET_, UNSET_, None),
        (SET, TEXT, SET, SET),
        (UNSET_, TEXT, UNSET_, UNSET_),
        (TEXT, SET, None, None),
        (TEXT, UNSET_, None, None),
        (TEXT, TEXT, TEXT, Text([1, "t"])),
    ],
)
def test_every_pair_of_writes_at_one_path_has_its_rule(
    mine: Write, theirs: Write, if_winner: Write | None, if_loser: Write | None
) -> None:
    a, b = on_node(writes(label=mine)), on_node(writes(label=theirs))
    for wins, left in ((True, if_winner), (False, if_loser)):
        expected = NOTHING if left is None else on_node(writes(label=left))
        assert transform(a, b, wins) == expected
        merged(graph(n={"label": "one"}), a, b, wins)


@pytest.mark.parametrize("above", [Set({"y": 1}), Set(5), Unset()])
@pytest.mark.parametrize("below", [Set(2), Unset(), Text(["t"])])
@pytest.mark.parametrize("wins", [True, False])
def test_a_write_to_what_contains_a_path_beats_a_write_there(
    above: Write, below: Write, wins: bool
) -> None:
    S = graph(n={"data": {"x": "text"}})
    a, b = on_node(writes(data=above)), on_node(writes(data__x=below))
    assert transform(a, b, wins) == a
    assert transform(b, a, wins) == NOTHING
    merged(S, a, b, wins)


def test_a_path_that_only_begins_with_the_same_letters_is_another_path() -> None:
    a, b = on_node(sets(data=1)), on_node(sets(data2=2))
    assert merged(graph(n={}), a, b, True).nodes == {"n": {"data": 1, "data2": 2}}


def test_what_is_left_of_an_update_goes_through() -> None:
    a, b = on_node(sets(x=1, y=1)), on_node(sets(x=2))
    assert transform(a, b, False) == on_node(sets(y=1))


def test_two_edits_of_one_label_are_both_in_it() -> None:
    S = graph(n={"label": "Start here"})
    a, b = on_node(texts([TextDelete(5), "Begin"])), on_node(texts([10, " now"]))
    assert merged(S, a, b, True).nodes == {"n": {"label": "Begin here now"}}


@pytest.mark.parametrize("change", [Delete(), sets(k=1), Replace({})])
def test_a_create_cannot_be_concurrent_with_a_change_of_the_same_element(
    change: Delete | Update | Replace,
) -> None:
    for a, b in ((Create({}), change), (change, Create({}))):
        with pytest.raises(OperationError) as caught:
            transform(on_node(a), on_node(b), True)
        assert (caught.value.code, caught.value.at) == ("not_concurrent", "nodes/n")
        assert "read the diagram again" in caught.value.message
        with pytest.raises(OperationError) as caught:
            transform(on_edge(a), on_edge(b), False)
        assert (caught.value.code, caught.value.at) == ("not_concurrent", "edges/e")


class TestClosure:
    """Where one side deletes a node that the other side comes to point at."""

    def test_an_edge_created_to_a_deleted_node_is_not_created(self) -> None:
        S = graph(n={}, m={})
        a, b = on_edge(Create({"source": "n", "target": "m"})), on_node(Delete())
        assert transform(a, b, True) == NOTHING
        assert transform(b, a, False) == Operation(nodes={"n": Delete()}, edges={"e": Delete()})
        assert merged(S, a, b, True) == graph(m={})

    def test_an_edge_led_to_a_deleted_node_is_deleted(self) -> None:
        S = linked()
        S.nodes["x"] = {}
        a, b = on_edge(sets(target="x")), on_node(Delete(), "x")
        assert transform(a, b, True) == on_edge(Delete())
        assert merged(S, a, b, True) == Diagram(nodes=linked().nodes)

    def test_an_edge_replaced_to_point_at_a_deleted_node_is_deleted(self) -> None:
        S = linked()
        S.nodes["x"] = {}
        a, b = on_edge(Replace({"source": "x", "target": "m"})), on_node(Delete(), "x")
        assert merged(S, a, b, False).edges == {}

    def test_an_edge_that_only_the_loser_led_there_stays(self) -> None:
        S = linked()
        S.nodes.update(x={}, y={})
        a = Operation(nodes={"x": Delete()}, edges={"e": sets(target="y")})
        b = on_edge(sets(target="x"))
        assert merged(S, a, b, True).edges == {"e": {"source": "n", "target": "y"}}
        assert merged(S, a, b, False).edges == {}

    def test_an_edge_between_two_nodes_that_each_side_deletes_goes(self) -> None:
        S = graph(n={}, m={}, x={}, y={})
        a = Operation(nodes={"x": Delete()}, edges={"e": Create({"source": "n", "target": "y"})})
        b = Operation(nodes={"y": Delete()}, edges={"f": Create({"source": "m", "target": "x"})})
        assert merged(S, a, b, True) == graph(n={}, m={})

    def test_of_two_colliding_edges_the_winner_decides_whether_it_goes(self) -> None:
        S = graph(n={}, m={}, x={})
        a = on_edge(Create({"source": "n", "target": "x"}))
        b = Operation(nodes={"x": Delete()}, edges={"e": Create({"source": "n", "target": "m"})})
        assert merged(S, a, b, True).edges == {}
        assert merged(S, a, b, False).edges == {"e": {"source": "n", "target": "m"}}

    def test_a_node_created_under_a_deleted_one_becomes_a_root(self) -> None:
        a, b = on_node(Create({"parentId": "n", "k": 1}), "c"), on_node(Delete())
        assert transform(a, b, True) == on_node(Create({"k": 1}), "c")
        assert transform(b, a, False) == Operation(
            nodes={"n": Delete(), "c": writes(parentId=Unset())}
        )
        assert merged(graph(n={}), a, b, True) == graph(c={"k": 1})

    def test_a_node_moved_under_a_deleted_one_becomes_a_root(self) -> None:
        a, b = on_node(sets(parentId="n", k=1), "c"), on_node(Delete())
        assert transform(a, b, True) == on_node(writes(k=Set(1), parentId=Unset()), "c")
        assert merged(graph(n={}, c={}), a, b, True) == graph(c={"k": 1})

    def test_a_node_replaced_under_a_deleted_one_becomes_a_root(self) -> None:
        a, b = on_node(Replace({"parentId": "n"}), "c"), on_node(Delete())
        assert merged(graph(n={}, c={"k": 1}), a, b, True) == graph(c={})

    def test_a_child_that_the_deleting_side_moved_elsewhere_stays_there_if_it_wins(self) -> None:
        S = graph(n={}, p={}, c={})
        a = Operation(nodes={"n": Delete(), "c": sets(parentId="p")})
        b = on_node(sets(parentId="n"), "c")
        assert merged(S, a, b, True) == graph(p={}, c={"parentId": "p"})
        assert merged(S, a, b, False) == graph(p={}, c={})

    def test_an_edge_that_is_deleted_anyway_is_deleted_once(self) -> None:
        a = Operation(nodes={"n": Delete()}, edges={"e": Delete()})
        assert transform(a, on_edge(sets(source="n")), False) == a
        assert transform(on_edge(sets(source="n")), a, True) == NOTHING
