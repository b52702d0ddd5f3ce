"""Parent cycles, which only the whole diagram shows, and the operation that opens them again."""

from collections.abc import Iterator

from ot.diagram import Diagram
from ot.operation import Create, Operation, Replace, Unset, Update
from ot.references import PARENT_REFERENCE


def find_repair(S: Diagram, a: Operation) -> Operation | None:
    """What must follow ``a``, already applied to ``S``, so that no node is its own ancestor.

    Cuts the ``parentId`` that ``a`` wrote, since that one closed the cycle.
    """
    cut: set[str] = set()
    for identifier in _reparented(a):
        if _reaches_itself(S, identifier, cut):
            cut.add(identifier)
    if not cut:
        return None
    return Operation(nodes={node: Update({PARENT_REFERENCE: Unset()}) for node in sorted(cut)})


def _reparented(a: Operation) -> Iterator[str]:
    for identifier, change in a.nodes.items():
        if isinstance(change, Update):
            if PARENT_REFERENCE in change.writes:
                yield identifier
        elif isinstance(change, Create | Replace) and "parentId" in change.element:
            yield identifier


def _reaches_itself(S: Diagram, start: str, cut: set[str]) -> bool:
    """Whether the way up from ``start`` comes back to it; a cycle elsewhere ends the walk."""
    seen: set[str] = set()
    at = start
    while at not in seen and at not in cut:
        seen.add(at)
        node = S.nodes.get(at)
        parent = None if node is None else node.get("parentId")
        if parent is None:
            return False
        if parent == start:
            return True
        at = parent
    return False
