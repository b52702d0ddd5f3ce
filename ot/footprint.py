"""What an operation touches: enough to see quickly that two of them cannot change each other."""

from collections.abc import Iterator

from ot.diagram import Json
from ot.operation import Change, Changes, Create, Delete, Operation, Replace, Set, Update
from ot.references import EDGE_REFERENCES, PARENT_REFERENCE

_PARENT = (PARENT_REFERENCE,)


def deleted_nodes(a: Operation) -> Iterator[str]:
    """The nodes that ``a`` deletes."""
    for identifier, change in a.nodes.items():
        if type(change) is Delete:
            yield identifier


def referred_nodes(a: Operation) -> Iterator[str]:
    """The nodes that ``a`` makes something point at: as an edge's end, as a parent."""
    if a.edges:
        yield from _referred(a.edges, EDGE_REFERENCES)
    if a.nodes:
        yield from _referred(a.nodes, _PARENT)


def _referred(changes: Changes, paths: tuple[str, ...]) -> Iterator[str]:
    for change in changes.values():
        if type(change) is Delete:
            continue
        for path in paths:
            node = _written(change, path)
            if type(node) is str:
                yield node


def _written(change: Change, path: str) -> Json:
    if type(change) is Update:
        write = change.writes.get(path)
        return write.value if type(write) is Set else None
    if type(change) is Create or type(change) is Replace:
        return change.element.get(path[1:])
    return None


class Footprints:
    """The newest revision at which each target was touched, over many operations.

    Answers in time by the size of an operation, however many there were, whether any of those
    since a revision could meet it. It may say yes too often, never no too often.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, int] = {}
        self._edges: dict[str, int] = {}
        self._referred: dict[str, int] = {}
        self._deleted: dict[str, int] = {}
        self._properties = 0

    def add(self, a: Operation, revision: int) -> None:
        """Notes that ``a`` was applied as ``revision``."""
        for identifier in a.nodes:
            self._nodes[identifier] = revision
        for identifier in a.edges:
            self._edges[identifier] = revision
        for identifier in referred_nodes(a):
            self._referred[identifier] = revision
        for identifier in deleted_nodes(a):
            self._deleted[identifier] = revision
        if a.diagram is not None:
            self._properties = revision

    def __len__(self) -> int:
        """Ids that are remembered."""
        tables = (self._nodes, self._edges, self._referred, self._deleted)
        return sum(len(table) for table in tables)

    def may_meet(self, a: Operation, since: int) -> bool:
        """Whether an operation after revision ``since`` could change ``a``, or be changed by it."""
        nodes, edges = self._nodes, self._edges
        for identifier in a.nodes:
            if nodes.get(identifier, 0) > since:
                return True
        for identifier in a.edges:
            if edges.get(identifier, 0) > since:
                return True
        if a.diagram is not None and self._properties > since:
            return True
        if any(self._deleted.get(node, 0) > since for node in referred_nodes(a)):
            return True
        return any(self._referred.get(node, 0) > since for node in deleted_nodes(a))
