"""Where the nodes of a diagram stand: absolute boxes, and who is inside whom."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from gateway.geometry.boxes import Box, Size
from gateway.geometry.fields import position_of
from gateway.geometry.grid import Grid
from gateway.geometry.sizes import node_size
from gateway.geometry.spans import Spans
from ot.diagram import Element


class Scene:
    """The nodes of one diagram as absolute boxes. It does not follow later changes by itself.

    A node whose parent is missing, or that is its own ancestor, counts as having no parent.
    """

    def __init__(
        self, nodes: Mapping[str, Element], size_of: Callable[[Element], Size] = node_size
    ) -> None:
        self.nodes = nodes
        self.boxes: dict[str, Box] = {}
        self.parents: dict[str, str | None] = {}
        self.children: dict[str | None, list[str]] = {None: []}
        for identifier in nodes:
            for found in self._unplaced_ancestors(identifier):
                self._place(found, size_of(nodes[found]))
        for identifier in nodes:
            self.children.setdefault(self.parents[identifier], []).append(identifier)

    @cached_property
    def visible(self) -> Grid:
        """The boxes of the nodes that are not hidden, not to be changed."""
        nodes = self.nodes
        return Grid({k: box for k, box in self.boxes.items() if nodes[k].get("hidden") is not True})

    @cached_property
    def spans(self) -> Spans:
        """The same boxes for questions about many lines."""
        return Spans(self.visible.boxes)

    def _unplaced_ancestors(self, identifier: str) -> Iterator[str]:
        """The node and those above it that have no box yet, the outermost first."""
        chain: dict[str, None] = {}
        at: str | None = identifier
        while at is not None and at not in self.parents and at not in chain:
            chain[at] = None
            at = self._stored_parent(at)
        return reversed(chain)

    def _stored_parent(self, identifier: str) -> str | None:
        parent = self.nodes[identifier].get("parentId")
        return parent if isinstance(parent, str) and parent in self.nodes else None

    def _place(self, identifier: str, size: Size) -> None:
        parent = self._stored_parent(identifier)
        if parent not in self.boxes:
            parent = None
        self.parents[identifier] = parent
        x, y = position_of(self.nodes[identifier])
        if parent is not None:
            x, y = x + self.boxes[parent].x, y + self.boxes[parent].y
        self.boxes[identifier] = Box(x, y, size.width, size.height)

    def origin(self, identifier: str) -> tuple[float, float]:
        """The point that the node's stored position is relative to."""
        parent = self.parents[identifier]
        return (0.0, 0.0) if parent is None else (self.boxes[parent].x, self.boxes[parent].y)

    def ancestors(self, identifier: str) -> Iterator[str]:
        """The node's parent, the parent's parent, and so on."""
        at = self.parents[identifier]
        while at is not None:
            yield at
            at = self.parents[at]

    def is_group(self, identifier: str) -> bool:
        return identifier in self.children

    def outermost_first(self) -> Iterator[str]:
        """Every node after its parent."""
        waiting = list(reversed(self.children[None]))
        while waiting:
            identifier = waiting.pop()
            yield identifier
            waiting += reversed(self.children.get(identifier, []))
