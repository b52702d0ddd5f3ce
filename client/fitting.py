"""Putting operations on a diagram for which they were not made: as much of them as still fits."""

from collections.abc import Iterable, Iterator

from ot.apply import apply_in_place
from ot.compose import compose
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import NOTHING, Change, Create, Delete, Operation


def fit_all(S: Diagram, operations: Iterable[Operation]) -> tuple[Operation, bool]:
    """As much of them, one after the other, as is valid on ``S``; and whether that is everything.

    ``S`` stays as it is.
    """
    T, fits, is_whole = S.copy(), NOTHING, True
    for a in operations:
        for part in [a] if _try_apply(T.copy(), a) else _in_order(a):
            if _try_apply(T, part):
                fits = compose(fits, part)
            else:
                is_whole = False
    return fits, is_whole


def _try_apply(T: Diagram, a: Operation) -> bool:
    try:
        apply_in_place(T, a)
    except OperationError:
        return False
    return True


def _in_order(a: Operation) -> Iterator[Operation]:
    """One operation for each change, so that what is pointed at is there when it is pointed at."""
    if a.diagram is not None:
        yield Operation(a.diagram)
    for key, change in a.edges.items():
        if isinstance(change, Delete):
            yield Operation(edges={key: change})
    for key, change in sorted(a.nodes.items(), key=lambda item: _rank(item[1])):
        if not isinstance(change, Delete):
            yield Operation(nodes={key: change})
    for key, change in a.edges.items():
        if not isinstance(change, Delete):
            yield Operation(edges={key: change})
    for key, change in a.nodes.items():
        if isinstance(change, Delete):
            yield Operation(nodes={key: change})


def _rank(change: Change) -> int:
    """Roots are made before children, and both before anything is written."""
    if not isinstance(change, Create):
        return 2
    return int(isinstance(change.element.get("parentId"), str))
