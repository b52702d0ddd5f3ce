"""The part of a diagram that a reader has asked for."""

import zlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import msgspec

from gateway.errors import ServiceError
from gateway.geometry.boxes import Box
from gateway.geometry.fields import edge_label_of, label_of, type_of
from gateway.geometry.scene import Scene
from ot.diagram import Diagram, Element, Json

#: Edges that neighbours may be away.
MAX_DEPTH: Final = 3


class Wish(msgspec.Struct, frozen=True):
    """What is asked for; a node is in the part if it satisfies everything that is given."""

    ids: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    text: str | None = None
    region: tuple[float, float, float, float] | None = None
    neighbours_of: str | None = None
    depth: int = 1

    @property
    def is_all(self) -> bool:
        return self == Wish(depth=self.depth)

    @property
    def is_of_nodes(self) -> bool:
        """Whether edges can only be in the part by the nodes that they join."""
        return self.region is not None or self.neighbours_of is not None

    def digest(self, extra: str) -> str:
        """Short, and another one for another wish."""
        return f"{zlib.crc32(msgspec.json.encode((self, extra))):08x}"


class Part(msgspec.Struct, frozen=True):
    """A part of a diagram; ``unknown`` are ids that were asked for and are not there."""

    nodes: dict[str, Element]
    edges: dict[str, Element]
    unknown: list[str]

    def in_order(self) -> "Part":
        """The same in an order that depends on nothing but ids; parents before children."""
        depths = _depths(self.nodes)
        nodes = sorted(self.nodes, key=lambda node: (depths[node], node))
        return Part(
            {node: self.nodes[node] for node in nodes},
            dict(sorted(self.edges.items())),
            self.unknown,
        )

    def as_diagram(self, whole: Diagram) -> Diagram:
        """A diagram of its own, without what would point outside."""
        nodes = {node: _within(element, self.nodes) for node, element in self.nodes.items()}
        edges = {
            key: edge
            for key, edge in self.edges.items()
            if edge.get("source") in nodes and edge.get("target") in nodes
        }
        return msgspec.structs.replace(whole, nodes=nodes, edges=edges)


def _within(element: Element, nodes: dict[str, Element]) -> Element:
    if element.get("parentId") in nodes:
        return element
    return {key: value for key, value in element.items() if key != "parentId"}


def _depths(nodes: dict[str, Element]) -> dict[str, int]:
    """How many groups each node is in; where groups are in each other, one of them is outermost.

    A scene knows that too, but measures every label for it.
    """
    depths: dict[str, int] = {}
    for start in sorted(nodes):
        line: dict[str, None] = {}
        at: Json = start
        while isinstance(at, str) and at in nodes and at not in depths and at not in line:
            line[at] = None
            at = nodes[at].get("parentId")
        depth = depths[at] if isinstance(at, str) and at in depths else -1
        for node in reversed(line):
            depth += 1
            depths[node] = depth
    return depths


def select(diagram: Diagram, wish: Wish) -> Part:
    """The nodes wished for, the edges between them, and edges that satisfy the wish themselves.

    Raises ServiceError ``not_found`` where there is no node to have neighbours.
    """
    if wish.is_all:
        return Part(diagram.nodes, diagram.edges, [])
    near = None if wish.neighbours_of is None else _near(diagram, wish.neighbours_of, wish.depth)
    inside = None if wish.region is None else _inside(diagram, Box(*wish.region))
    nodes = {
        key: node
        for key, node in diagram.nodes.items()
        if (near is None or key in near)
        and (inside is None or key in inside)
        and _satisfies(wish, key, type_of(node), label_of(node))
    }
    edges = {
        key: edge
        for key, edge in diagram.edges.items()
        if (edge.get("source") in nodes and edge.get("target") in nodes)
        or (not wish.is_of_nodes and _satisfies(wish, key, type_of(edge), edge_label_of(edge)[0]))
    }
    known = (diagram.nodes, diagram.edges)
    unknown = [key for key in wish.ids or () if not any(key in elements for elements in known)]
    return Part(nodes, edges, unknown)


def _satisfies(wish: Wish, identifier: str, kind: str, label: str) -> bool:
    return (
        (wish.ids is None or identifier in wish.ids)
        and (wish.types is None or kind in wish.types)
        and (wish.text is None or wish.text.casefold() in label.casefold())
    )


def _inside(diagram: Diagram, region: Box) -> set[str]:
    """The nodes that are at least partly in the region, which may be a point or a line."""
    return {
        node
        for node, box in Scene(diagram.nodes).boxes.items()
        if box.x <= region.right
        and region.x <= box.right
        and box.y <= region.bottom
        and region.y <= box.bottom
    }


def _near(diagram: Diagram, start: str, depth: int) -> set[str]:
    """The node and those that edges, whichever way they lead, join it to in so many steps."""
    if start not in diagram.nodes:
        message = f"There is no node {start!r} in this diagram; its outline lists them."
        raise ServiceError("not_found", message, "neighbours_of")
    joined: defaultdict[str, set[str]] = defaultdict(set)
    for edge in diagram.edges.values():
        source, target = _ends(edge)
        joined[source].add(target)
        joined[target].add(source)
    found = newest = {start}
    for _ in range(depth):
        newest = {other for node in newest for other in joined[node]} - found
        found = found | newest
    return found


def _ends(edge: Element) -> Iterator[str]:
    yield str(edge.get("source"))
    yield str(edge.get("target"))
