"""Differences: as little as leads from one diagram to another, prose as text, values whole."""

import pytest

from ot.diagram import Diagram, Element, Json, json_equal
from ot.diff import diff, is_prose
from ot.operation import NOTHING, Create, Delete, Operation, Set, Text, TextDelete, Unset, Update
from tests.ot.build import after, edge, graph, linked, sets, writes


def changed(before: Element, then: Element) -> Update | None:
    """What the difference does to a node that was ``before`` and is ``then``."""
    S, T = graph(n=before), graph(n=then)
    d = diff(S, T)
    assert json_equal(after(S, d).nodes, T.nodes)
    change = d.nodes.get("n")
    assert change is None or isinstance(change, Update)
    return change


def test_equal_diagrams_differ_in_nothing() -> None:
    assert diff(linked(), linked()) == NOTHING


def test_what_is_new_is_created_and_what_is_gone_is_deleted() -> None:
    S, T = linked(), Diagram(nodes={"m": {}, "x": {}}, edges={"f": edge("m", "x")})
    d = diff(S, T)
    assert d == Operation(
        nodes={"n": Delete(), "x": Create({})},
        edges={"e": Delete(), "f": Create(edge("m", "x"))},
    )
    assert after(S, d) == T


def test_only_the_paths_that_differ_are_written() -> None:
    before = {"type": "x", "data": {"a": 1, "b": 2, "c": 3}}
    assert changed(before, {"type": "x", "data": {"a": 1, "b": 5, "d": 4}}) == writes(
        data__c=Unset(), data__b=Set(5), data__d=Set(4)
    )


@pytest.mark.parametrize(
    ("before", "then"),
    [(True, 1), (1, True), (False, 0), (0, False), ([True], [1]), (None, False), ({}, [])],
)
def test_true_is_not_one_and_false_is_not_zero(before: Json, then: Json) -> None:
    assert changed({"k": before}, {"k": then}) == sets(k=then)


def test_true_deep_inside_is_told_from_one() -> None:
    assert changed({"a": {"b": {"c": True}}}, {"a": {"b": {"c": 1}}}) == sets(a__b__c=1)


def test_one_written_as_a_float_is_the_same_number() -> None:
    assert changed({"k": 1}, {"k": 1.0}) is None


def test_arrays_are_written_whole() -> None:
    assert changed({"k": [1, 2]}, {"k": [1, 3]}) == sets(k=[1, 3])


def test_a_position_is_written_whole() -> None:
    before, then = {"position": {"x": 1, "y": 2}}, {"position": {"x": 1, "y": 3}}
    assert changed(before, then) == sets(position={"x": 1, "y": 3})


def test_keys_are_escaped_in_paths() -> None:
    assert changed({"a/b": {"m~n": 1}}, {"a/b": {"m~n": 2}}) == Update({"/a~1b/m~0n": Set(2)})


def test_a_long_label_is_edited_as_text() -> None:
    assert changed({"data": {"label": "Start here"}}, {"data": {"label": "Start now"}}) == writes(
        data__label=Text([6, TextDelete(4), "now"])
    )


def test_a_short_label_is_set_whole() -> None:
    assert changed({"label": "Yes"}, {"label": "No"}) == sets(label="No")


@pytest.mark.parametrize(
    ("text", "path", "prose"),
    [
        ("12345678", "/data/label", True),
        ("1234567", "/data/label", False),
        ("a longer text, of words and blanks", "/data/other", True),
        ("aLongerTextOfNoWordsAndNoBlanks", "/data/other", False),
        ("some words", "/style/fontFamily", False),
        ("a-node-id-that-is-long with blanks", "/source", False),
        ("a-node-id-that-is-long with blanks", "/parentId", False),
    ],
)
def test_prose_is_told_from_values(text: str, path: str, prose: bool) -> None:
    assert is_prose(text, path) is prose


def test_an_end_of_an_edge_is_set_whole() -> None:
    long = "a node whose id is a whole sentence"
    S = Diagram(nodes={long: {}, long + "!": {}}, edges={"e": edge(long, long)})
    T = Diagram(nodes=S.nodes, edges={"e": edge(long + "!", long)})
    assert diff(S, T).edges == {"e": sets(source=long + "!")}


def test_properties_of_the_diagram_are_written_by_path() -> None:
    S = Diagram(title="A title to keep", data={"a": 1, "b": 1})
    T = Diagram(title="A title we keep", description="d", data={"a": 1})
    d = diff(S, T)
    assert d == Operation(
        writes(
            title=Text([8, TextDelete(2), "we"]),
            description=Set("d"),
            data__b=Unset(),
        )
    )
    assert after(S, d) == T


def test_what_is_too_deep_for_a_path_is_set_whole_above() -> None:
    before: Element = {}
    then: Element = {}
    x, y = before, then
    for _ in range(40):
        x["d"], y["d"] = {}, {}
        x, y = x["d"], y["d"]
    y["end"] = 1
    change = changed(before, then)
    assert change is not None
    assert [path.count("/") for path in change.writes] == [32]


def test_what_is_too_long_for_a_path_is_set_whole_above() -> None:
    key = "k" * 250
    before: Element = {key: {key: {key: {key: {key: 1}}}}}
    then: Element = {key: {key: {key: {key: {key: 2}}}}}
    change = changed(before, then)
    assert change is not None
    assert all(len(path) <= 1_024 for path in change.writes)


@pytest.mark.parametrize(
    ("x", "y", "equal"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ({"a": 1}, {"b": 1}, False),
        ({}, None, False),
        (1, 1.0, True),
        (True, 1, False),
        (1, True, False),
        (True, True, True),
        ("1", 1, False),
    ],
)
def test_json_values_are_equal_as_json(x: Json, y: Json, equal: bool) -> None:
    assert json_equal(x, y) is equal
