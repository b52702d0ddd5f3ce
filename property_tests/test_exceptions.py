"""Each exception to law T is a real one: here the whole and the parts differ."""

import pytest

from ot.compose import compose
from ot.diagram import Diagram, Element
from ot.operation import Change, Create, Delete, Operation, Set, Text, TextDelete, Unset, Update
from ot.transform import transform
from property_tests import laws
from property_tests.exceptions import exception


def _node(change: Change, name: str = "n") -> Operation:
    return Operation(nodes={name: change})


def _edge(change: Change) -> Operation:
    return Operation(edges={"e": change})


def _text(*edit: int | str | TextDelete) -> Operation:
    return _node(Update({"/label": Text(list(edit))}))


_EDGE: Element = {"source": "m", "target": "m"}
_LED_AWAY: Change = Update({"/source": Set("n")})
_LED_BACK: Change = Update({"/source": Set("m")})
_CASES = {
    "passing": (_node(Create({"k": 1}), "x"), _node(Create({}), "x"), _node(Delete(), "x")),
    "reborn": (_node(Delete()), _node(Delete()), _node(Create({}))),
    "caught": (_node(Delete()), _edge(_LED_AWAY), _edge(_LED_BACK)),
    "text": (_text(1, "A"), _text(TextDelete(1)), _text("C")),
}


@pytest.mark.parametrize("name", _CASES)
def test_the_whole_and_the_parts_differ_in_each_exception(name: str) -> None:
    S = Diagram(nodes={"n": {"label": "x"}, "m": {}}, edges={"e": _EDGE})
    a, b, c = _CASES[name]
    assert exception(a, b, c) == name
    parts = transform(transform(a, b, True), c, True)
    assert transform(a, compose(b, c), True) != parts
    laws.diamond(S, a, b, True)
    laws.diamond(S, a, compose(b, c), True)


def test_what_looks_like_an_exception_and_is_none_keeps_the_law() -> None:
    S = Diagram(nodes={"n": {"label": "x"}, "m": {}}, edges={"e": _EDGE})
    label = _node(Update({"/label": Set("y")}))
    for a, b, c in (
        (label, _node(Create({}), "x"), _node(Delete(), "x")),
        (_text("A"), _text(1, "B"), label),
        (_node(Delete()), _edge(_LED_AWAY), _node(Update({"/k": Unset()}), "m")),
    ):
        assert exception(a, b, c) is None
        laws.over_parts(S, a, b, c, True)
        laws.over_parts(S, a, b, c, False)
