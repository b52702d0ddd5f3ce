"""What is refused whatever the diagram: values that cannot be stored, ids, paths, sizes."""

import math

import pytest

from ot.diagram import Json
from ot.errors import OperationError
from ot.operation import Create, Delete, Operation, Replace, TextDelete, Update
from ot.pointer import join, split
from ot.validate import (
    MAX_DEPTH,
    MAX_ID_LENGTH,
    MAX_KEY_LENGTH,
    MAX_STRING_LENGTH,
    MAX_TARGETS,
    MAX_VALUES,
    check_element,
    check_id,
    check_json,
    check_operation,
)
from tests.ot.build import on_edge, on_node, sets, texts


def nested(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = {"d": value}
    return value


def code_of(value: Json) -> str:
    with pytest.raises(OperationError) as caught:
        check_json(value, "here")
    assert caught.value.at.startswith("here")
    return caught.value.code


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1.5,
        2**60,
        "",
        "😀",
        [],
        {},
        {"": [1, {"a": None}]},
        nested(MAX_DEPTH),
        "x" * MAX_STRING_LENGTH,
        {"k" * MAX_KEY_LENGTH: 1},
        [0] * (MAX_VALUES - 1),
    ],
)
def test_json_values_pass(value: Json) -> None:
    check_json(value, "here")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (math.nan, "invalid_number"),
        (math.inf, "invalid_number"),
        ([-math.inf], "invalid_number"),
        (2**1023, "invalid_number"),
        ("a\0b", "invalid_string"),
        (["\0"], "invalid_string"),
        ("\ud800", "invalid_string"),
        ({"a": "\udfff"}, "invalid_string"),
        ({"\0": 1}, "invalid_string"),
        ({"\ud800": 1}, "invalid_string"),
        ("x" * (MAX_STRING_LENGTH + 1), "string_too_long"),
        (["x" * (MAX_STRING_LENGTH + 1)], "string_too_long"),
        ({"k" * (MAX_KEY_LENGTH + 1): 1}, "string_too_long"),
        (nested(MAX_DEPTH + 1), "too_deep"),
        ([0] * MAX_VALUES, "too_many_values"),
        ({1: 2}, "invalid_value"),
        (b"bytes", "invalid_value"),
        ([{1, 2}], "invalid_value"),
    ],
)
def test_what_cannot_be_stored_is_refused(value: Json, code: str) -> None:
    assert code_of(value) == code


@pytest.mark.parametrize("identifier", ["n1", "a/b ~", "é😀", "x" * MAX_ID_LENGTH])
def test_printable_ids_pass(identifier: str) -> None:
    check_id(identifier, "nodes")


@pytest.mark.parametrize(
    "identifier", ["", "x" * (MAX_ID_LENGTH + 1), "a\0", "a\n", "\ud800", "\u200b", "\u202e"]
)
def test_other_ids_are_refused(identifier: str) -> None:
    with pytest.raises(OperationError) as caught:
        check_id(identifier, "nodes")
    assert caught.value.code == "invalid_id"


@pytest.mark.parametrize("key", ["id", "selected", "dragging", "measured"])
def test_reserved_keys_stay_out_of_elements(key: str) -> None:
    with pytest.raises(OperationError) as caught:
        check_element({key: 1}, "nodes/n")
    assert (caught.value.code, caught.value.at) == ("reserved_key", f"nodes/n/{key}")
    for path in (f"/{key}", f"/{key}/deeper"):
        with pytest.raises(OperationError) as caught:
            check_operation(on_node(Update({path: sets(k=1).writes["/k"]})))
        assert caught.value.code == "reserved_key"
    check_operation(on_node(Update({f"/data/{key}": sets(k=1).writes["/k"]})))


@pytest.mark.parametrize("element", [None, [], "x", 5])
def test_an_element_is_an_object(element: Json) -> None:
    with pytest.raises(OperationError) as caught:
        check_element(element, "nodes/n")
    assert caught.value.code == "invalid_element"


@pytest.mark.parametrize(
    ("a", "code", "at"),
    [
        (on_node(Delete(), ""), "invalid_id", "nodes/"),
        (on_edge(Delete(), "x" * 1_000_000), "invalid_id", f"edges/{'x' * 1_000_000}"),
        (on_node(Update({})), "empty_update", "nodes/n"),
        (on_node(sets(a=1, a__b=2)), "overlapping_paths", "nodes/n/a/b"),
        (on_node(sets(k=math.nan)), "invalid_number", "nodes/n/k"),
        (on_node(sets(data__k=["\0"])), "invalid_string", "nodes/n/data/k/0"),
        (on_node(Create({"k": math.inf})), "invalid_number", "nodes/n/k"),
        (on_edge(Replace({"id": "e"})), "reserved_key", "edges/e/id"),
        (on_node(texts(["\ud800"])), "invalid_string", "nodes/n/label"),
        (on_node(texts([0])), "invalid_text_edit", "nodes/n/label"),
        (on_node(texts([TextDelete(MAX_STRING_LENGTH + 1)])), "text_out_of_range", "nodes/n/label"),
        (on_node(texts([1, "x"] * 5_001)), "text_too_long", "nodes/n/label"),
        (Operation(sets(title="\0")), "invalid_string", "diagram/title"),
        (Operation(Replace({"data": math.nan})), "invalid_number", "diagram/data"),
    ],
)
def test_an_operation_is_refused_with_the_place_of_what_is_wrong(
    a: Operation, code: str, at: str
) -> None:
    with pytest.raises(OperationError) as caught:
        check_operation(a)
    assert (caught.value.code, caught.value.at) == (code, at)


def test_an_operation_has_a_bounded_number_of_targets() -> None:
    changes = {str(n): Delete() for n in range(MAX_TARGETS + 1)}
    with pytest.raises(OperationError) as caught:
        check_operation(Operation(nodes=dict(changes)))
    assert caught.value.code == "too_many_targets"
    changes.popitem()
    check_operation(Operation(nodes=dict(changes)))


def test_an_update_has_a_bounded_number_of_writes() -> None:
    update = sets(**{f"k{n}": 1 for n in range(MAX_VALUES + 1)})
    with pytest.raises(OperationError) as caught:
        check_operation(on_node(update))
    assert caught.value.code == "too_many_values"


def test_properties_of_the_diagram_may_use_the_reserved_keys() -> None:
    check_operation(Operation(sets(data__id="x", data__selected=True)))


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/a", ("a",)),
        ("/a/b", ("a", "b")),
        ("/", ("",)),
        ("//", ("", "")),
        ("/a~1b", ("a/b",)),
        ("/m~0n", ("m~n",)),
        ("/~01", ("~1",)),
        ("/~0~1", ("~/",)),
    ],
)
def test_a_path_is_a_json_pointer(path: str, keys: tuple[str, ...]) -> None:
    assert split(path) == keys
    built = ""
    for key in keys:
        built = join(built, key)
    assert built == path


@pytest.mark.parametrize(
    "path", ["", "a", "a/b", "/~", "/~2", "/a~", "/~01~", "/a" * 33, "/" + "k" * 1_024]
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(OperationError) as caught:
        split(path)
    assert caught.value.code == "invalid_path"


def test_a_path_of_the_greatest_length_and_depth_passes() -> None:
    assert len(split("/a" * 32)) == 32
    assert len(split("/" + "k" * 1_023)[0]) == 1_023
