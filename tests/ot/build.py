"""Short words for the operations and diagrams that these tests are about."""

import pytest

from ot.apply import apply
from ot.diagram import Diagram, Element, Json
from ot.errors import OperationError
from ot.operation import Change, Operation, Set, Text, TextEdit, Update, Write
from ot.transform import transform


def on_node(change: Change, identifier: str = "n") -> Operation:
    return Operation(nodes={identifier: change})


def on_edge(change: Change, identifier: str = "e") -> Operation:
    return Operation(edges={identifier: change})


def writes(**by_name: Write) -> Update:
    """An update; ``data__label=Set("x")`` writes at ``/data/label``."""
    return Update({f"/{name.replace('__', '/')}": write for name, write in by_name.items()})


def sets(**by_name: Json) -> Update:
    return writes(**{name: Set(value) for name, value in by_name.items()})


def texts(edit: TextEdit, name: str = "label") -> Update:
    return writes(**{name: Text(edit)})


def edge(source: str = "n", target: str = "m", **rest: Json) -> Element:
    return {"source": source, "target": target, **rest}


def graph(**nodes: Element) -> Diagram:
    """A diagram of these nodes and no edges."""
    return Diagram(nodes=nodes)


def linked() -> Diagram:
    """Nodes ``n`` and ``m`` and an edge ``e`` from one to the other."""
    return Diagram(nodes={"n": {"label": "one"}, "m": {}}, edges={"e": edge()})


def after(S: Diagram, *operations: Operation) -> Diagram:
    for a in operations:
        S = apply(S, a)[0]
    return S


def log_of(S: Diagram, a: Operation) -> Operation:
    return apply(S, a)[1]


def merged(S: Diagram, a: Operation, b: Operation, a_wins: bool) -> Diagram:
    """Where both roads round the diamond lead; they must be one place."""
    left = after(S, a, transform(b, a, not a_wins))
    right = after(S, b, transform(a, b, a_wins))
    assert left == right
    return left


def refusal(S: Diagram, a: Operation) -> tuple[str, str]:
    """Code and place of the error with which ``a`` is refused; nothing has changed."""
    before = S.copy()
    with pytest.raises(OperationError) as caught:
        apply(S, a)
    assert before == S
    assert caught.value.message.endswith(".")
    return caught.value.code, caught.value.at
