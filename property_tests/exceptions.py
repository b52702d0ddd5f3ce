"""Where transforming over a composed operation differs from transforming over its parts.

Composing forgets what was there in between: an element that came and went, one that went and came
back, an end that pointed at a node for a moment, the order of letters around a passing one. So
replicas transform over committed operations one by one and never over several composed into one.
"""

from typing import Literal, TypeAlias

from ot.operation import Change, Create, Delete, Operation, Replace, Set, Text, Update

Reason: TypeAlias = Literal["passing", "reborn", "caught", "text"]


def exception(a: Operation, b: Operation, c: Operation) -> Reason | None:
    """The first reason why ``a`` over ``compose(b, c)`` may differ from ``a`` over b, then c.

    - ``passing``: ``b`` creates an id that ``c`` deletes, and ``a`` creates it too.
    - ``reborn``: ``b`` deletes an id that ``c`` creates.
    - ``caught``: one of ``a`` and ``b`` points an element at a node that the other deletes, and
      ``c`` changes that element.
    - ``text``: all three edit one text.
    """
    if _has_passing(a, b, c):
        return "passing"
    if _has_reborn(b, c):
        return "reborn"
    if _has_caught(a, b, c) or _has_caught(b, a, c):
        return "caught"
    return "text" if _has_text(a, b, c) else None


def _elements(a: Operation) -> dict[tuple[str, str], Change]:
    nodes = {("node", name): change for name, change in a.nodes.items()}
    return {**nodes, **{("edge", name): change for name, change in a.edges.items()}}


def _has_passing(a: Operation, b: Operation, c: Operation) -> bool:
    mine, first, then = _elements(a), _elements(b), _elements(c)
    return any(
        isinstance(first.get(at), Create) and isinstance(change, Delete) and at in mine
        for at, change in then.items()
    )


def _has_reborn(b: Operation, c: Operation) -> bool:
    first = _elements(b)
    return any(
        isinstance(first.get(at), Delete) and isinstance(change, Create)
        for at, change in _elements(c).items()
    )


def _has_caught(pointing: Operation, deleting: Operation, c: Operation) -> bool:
    then = _elements(c)
    gone = {name for name, change in deleting.nodes.items() if isinstance(change, Delete)}
    return any(at in then and _points(change) & gone for at, change in _elements(pointing).items())


def _points(change: Change) -> set[str]:
    """The nodes that a change makes its element point at."""
    values: list[object] = []
    for key in ("source", "target", "parentId"):
        if isinstance(change, Create | Replace):
            values.append(change.element.get(key))
        elif isinstance(change, Update) and isinstance(write := change.writes.get(f"/{key}"), Set):
            values.append(write.value)
    return {value for value in values if isinstance(value, str)}


def _has_text(a: Operation, b: Operation, c: Operation) -> bool:
    return bool(_texts(a) & _texts(b) & _texts(c))


def _texts(a: Operation) -> set[tuple[str, str, str]]:
    changes: dict[tuple[str, str], Change] = _elements(a)
    if a.diagram is not None:
        changes["diagram", ""] = a.diagram
    return {
        (*at, path)
        for at, change in changes.items()
        if isinstance(change, Update)
        for path, write in change.writes.items()
        if isinstance(write, Text)
    }
