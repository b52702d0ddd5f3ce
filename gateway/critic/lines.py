"""Edges that run across nodes they have nothing to do with."""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, pairwise
from typing import Final

from gateway.critic.findings import ACCEPTED, Defect
from gateway.critic.links import Link, Links
from gateway.critic.places import TOLERANCE, is_hidden
from gateway.geometry.boxes import Box, Point
from gateway.geometry.fields import object_at
from gateway.geometry.grid import meets
from gateway.geometry.routes import route_edge, turns_of
from gateway.geometry.scene import Scene
from gateway.geometry.spans import Spans
from ot.diagram import Element

#: An edge may run so far inside a node's edge before it counts as crossing it; pixels.
MARGIN = 3.0
#: How far around a line nodes are looked for, in pixels.
REACH = 12.0
#: A line that spans at most so much is compared with the nodes around all of it; pixels.
SHORT = 600.0
#: A slanted piece of a line is cut into parts of at most so much, others into longer ones; pixels.
SLANTED = 200.0
#: Nodes under one line that are looked at; under a line through a pile there may be thousands.
MAX_LOOKED = 100
#: Nodes named that one edge crosses.
MAX_CROSSED = 10
#: Parts that one straight piece of a line is cut into.
MAX_PARTS = 200
_NOTHING: Final[frozenset[str]] = frozenset()


def accepts_crossing(edge: Element) -> bool:
    """Whether it says so, or has no room to say so without losing what somebody stored there."""
    if not isinstance(edge.get("data"), dict | None):
        return True
    accepted = object_at(edge, "data").get(ACCEPTED)
    if not isinstance(accepted, list):
        return accepted is not None
    return "edge_crosses_node" in accepted


class Lines:
    """The lines of a diagram against its nodes; the scene must not change meanwhile."""

    def __init__(self, scene: Scene, edges: Mapping[str, Element]) -> None:
        self.scene = scene
        self.edges = edges
        self._turns = turns_of(edges)
        self._above = {
            key: frozenset(scene.ancestors(key))
            for key, parent in scene.parents.items()
            if parent is not None
        }

    def defects(self, links: Links) -> Iterator[Defect]:
        for link in links.all.values():
            edge = self.edges[link.edge]
            hit = list(islice(self.crossed(link, edge), MAX_CROSSED)) if self.judges(link) else []
            if hit:
                yield Defect("edge_crosses_node", tuple(hit), (link.edge,))

    def judges(self, link: Link) -> bool:
        """Whether the edge should cross nothing.

        Not loops, edges between a node and what it is inside of, and those that may cross.
        """
        edge, (source, target) = self.edges[link.edge], link[1:3]
        return not (
            source == target
            or is_hidden(edge)
            or accepts_crossing(edge)
            or source in self._above.get(target, _NOTHING)
            or target in self._above.get(source, _NOTHING)
        )

    def crossed(self, link: Link, edge: Element, margin: float = MARGIN) -> Iterator[str]:
        """The nodes the edge would run across, were it drawn as ``edge`` says.

        Not those that lie on one of its own nodes, and none where these lie on each other: that is
        another defect.
        """
        yield from self.met(link, self.points(link, edge), margin)

    def points(self, link: Link, edge: Element) -> list[Point]:
        """The corners of the edge's line, were it drawn as ``edge`` says."""
        route = route_edge(self.scene, edge, self.turn(link.edge))
        return [] if route is None else route.points()

    def turn(self, identifier: str) -> int:
        """The edge's number among those between its two nodes."""
        return self._turns.get(identifier, 0)

    def places(self) -> dict[str, tuple[Box, frozenset[str]]]:
        """Where each node stands, a hidden one as well, and what it is inside of."""
        boxes = self.scene.boxes.items()
        return {key: (box, self._above.get(key, _NOTHING)) for key, box in boxes}

    def met(self, link: Link, points: list[Point], margin: float = MARGIN) -> Iterator[str]:
        """The nodes that a line of the edge's would run across."""
        if not points:
            return
        ends = link[1:3]
        source, target = (self.scene.boxes[end] for end in ends)
        if source.overlaps(target, TOLERANCE):
            return
        above, boxes = self._above, self.scene.boxes
        exempt = frozenset(ends).union(*(above.get(end, _NOTHING) for end in ends))
        for key in islice(self._on_the_way(points, exempt, margin), MAX_LOOKED):
            box = boxes[key]
            if box.overlaps(source, TOLERANCE) or box.overlaps(target, TOLERANCE):
                continue
            if key not in above or above[key].isdisjoint(ends):
                yield key

    def _on_the_way(
        self, points: list[Point], exempt: frozenset[str], margin: float
    ) -> Iterator[str]:
        spans = self.scene.spans
        boxes = spans.boxes
        left = ~spans.bits(exempt)
        near = around(points)
        pieces = list(pairwise(points))
        under = left & spans.sharing(near.x, near.y, near.right, near.bottom)
        if not under:
            return
        if max(near.size) <= SHORT:
            for _, key in spans.named(under):
                if any(meets(boxes[key], a, b, margin) for a, b in pieces):
                    yield key
            return
        for piece in pieces:
            for a, b in cut(*piece):
                under = left & beside(spans, a, b, margin)
                if not under:
                    continue
                for bit, key in spans.named(under):
                    if meets(boxes[key], a, b, margin):
                        left ^= bit
                        yield key


def beside(spans: Spans, a: Point, b: Point, margin: float) -> int:
    """The set of the boxes, ``margin`` smaller on each side, that reach into the line's own box."""
    (left, top), (right, bottom) = a, b
    if left > right:
        left, right = right, left
    if top > bottom:
        top, bottom = bottom, top
    return spans.sharing(left + margin, top + margin, right - margin, bottom - margin)


def cut(a: Point, b: Point) -> Iterable[tuple[Point, Point]]:
    """The straight line in short parts, so that who needs the first few nodes looks no further."""
    across, down = abs(b.x - a.x), abs(b.y - a.y)
    # The box of a slanted part holds nodes beside it, the more the longer it is.
    most = SHORT if across == 0 or down == 0 else SLANTED
    return ((a, b),) if max(across, down) <= most else _parts(a, b, max(across, down) / most)


def _parts(a: Point, b: Point, wanted: float) -> Iterator[tuple[Point, Point]]:
    count = math.ceil(min(wanted, MAX_PARTS))
    start = a
    for part in range(1, count):
        share = part / count
        end = Point(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y))
        yield start, end
        start = end
    yield start, b


def around(points: list[Point]) -> Box:
    """The box around a line, larger by REACH."""
    xs, ys = zip(*points, strict=True)
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return Box(left, top, right - left, bottom - top).grown(REACH)
