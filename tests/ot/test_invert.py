"""Inverting: the log form says enough to go back; exactly back."""

import pytest

from ot.apply import apply
from ot.compose import compose
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.invert import invert
from ot.operation import NOTHING, Create, Delete, Operation, Replace, Set, Text, TextDelete, Unset
from ot.transform import transform
from ot.wire import wire_form
from tests.ot.build import after, graph, linked, log_of, on_node, sets, texts, writes


@pytest.mark.parametrize(
    "a",
    [
        on_node(Create({"k": 1}), "x"),
        Operation(nodes={"n": Delete()}, edges={"e": Delete()}),
        on_node(Replace({"k": 1})),
        on_node(sets(label="two", new=None)),
        on_node(writes(label=Unset())),
        on_node(texts([1, TextDelete(1), "😀"])),
        Operation(sets(title="t", description="d", data__k={"deep": True})),
        Operation(Replace({"title": "w", "description": None, "kind": "k", "data": {}})),
    ],
)
def test_the_inverse_leads_exactly_back_and_its_inverse_forth(a: Operation) -> None:
    S = linked()
    T, log = apply(S, a)
    back = invert(log)
    home, back_log = apply(T, back)
    assert home == S
    assert back_log == back
    assert after(home, invert(back_log)) == T


def test_a_value_that_was_not_there_is_removed_not_set_to_null() -> None:
    S = graph(n={})
    assert invert(log_of(S, on_node(sets(k=None)))) == on_node(writes(k=Unset(was=None)))


def test_what_changed_nothing_has_nothing_to_take_back() -> None:
    assert invert(log_of(graph(n={}), on_node(writes(k=Unset())))) == NOTHING
    assert invert(NOTHING) == NOTHING


def test_a_deleted_node_comes_back_whole_with_its_edges_and_children() -> None:
    S = Diagram(nodes={"n": {"k": [1]}, "c": {"parentId": "n"}}, edges={})
    a = Operation(nodes={"n": Delete(), "c": writes(parentId=Unset())})
    assert after(S, a, invert(log_of(S, a))) == S


def test_an_undo_passes_over_what_others_have_done_since() -> None:
    S = graph(n={"label": "one", "color": "red"})
    mine, theirs = on_node(sets(color="blue")), on_node(texts([3, "!"]))
    S1, log = apply(S, mine)
    undo = transform(invert(log), theirs, True)
    assert after(S1, theirs, undo) == graph(n={"label": "one!", "color": "red"})


def test_a_run_of_operations_is_taken_back_by_their_composed_inverses() -> None:
    S = graph(n={"label": "one"})
    S1, first = apply(S, on_node(texts(["x"])))
    S2, second = apply(S1, on_node(sets(label="two", k=1)))
    assert after(S2, compose(invert(second), invert(first))) == S


@pytest.mark.parametrize(
    "a", [on_node(Delete()), on_node(Replace({})), on_node(texts([TextDelete(1)]))]
)
def test_a_wire_form_that_lost_what_it_replaced_cannot_be_inverted(a: Operation) -> None:
    with pytest.raises(OperationError) as caught:
        invert(a)
    assert caught.value.code == "not_invertible"


def test_the_wire_form_is_the_log_form_without_what_was_there() -> None:
    S = linked()
    a = Operation(
        sets(title="t"),
        {
            "n": writes(label=Text([1, TextDelete(2)]), k=Unset(), m=Set(1)),
            "m": Replace({}),
            "x": Create({}),
        },
        {"e": Delete()},
    )
    assert wire_form(log_of(S, a)) == a
    assert wire_form(a) == a
