"""Edges across nodes, found anew only where something has changed since the last look."""

from collections.abc import Callable
from itertools import islice, pairwise
from typing import NamedTuple, TypeAlias

from gateway.critic.findings import Defect
from gateway.critic.lines import MARGIN, MAX_CROSSED, SHORT, Lines, around, beside, cut
from gateway.critic.links import Link, Links
from gateway.geometry.boxes import Box, Point
from gateway.geometry.grid import meets
from gateway.geometry.spans import Spans
from ot.diagram import Element

#: A node's place, and what it is inside of.
Place: TypeAlias = tuple[Box, frozenset[str]]


class _Look(NamedTuple):
    """What was found, and all that it depends on but the nodes along the line."""

    edge: Element
    turn: int
    points: list[Point]
    hit: tuple[str, ...]


class Crossings:
    """Remembers every look; each diagram is to come from the one before by a few changes."""

    def __init__(self) -> None:
        self._looks: dict[str, _Look] = {}
        self._places: dict[str, Place] = {}

    def defects(self, lines: Lines, links: Links, pause: Callable[[], None]) -> list[Defect]:
        """The same as ``lines.defects(links)``. ``pause`` is called often; it may raise."""
        changed, moved = self._changes(lines)
        found: list[Defect] = []
        looks: dict[str, _Look] = {}
        for link in links.all.values():
            pause()
            look = self._looks.get(link.edge)
            if look is None or self._is_stale(look, lines, link, changed, moved):
                look = _look(lines, link)
            looks[link.edge] = look
            if look.hit:
                found.append(Defect("edge_crosses_node", look.hit, (link.edge,)))
        self._looks = looks
        self._places = lines.places()
        return found

    def _changes(self, lines: Lines) -> tuple[set[str], Spans]:
        """The nodes that have another place now, and their boxes before and after."""
        moved, changed = dict[str, Box](), set[str]()
        now = lines.places() if self._looks else {}
        for key in now.keys() | self._places.keys():
            old, new = self._places.get(key), now.get(key)
            if old == new:
                continue
            changed.add(key)
            for prefix, place in (("old", old), ("new", new)):
                if place is not None:
                    moved[f"{prefix} {key}"] = place[0]
        return changed, Spans(moved)

    def _is_stale(
        self, look: _Look, lines: Lines, link: Link, changed: set[str], moved: Spans
    ) -> bool:
        if look.edge is not lines.edges[link.edge] or look.turn != lines.turn(link.edge):
            return True
        if not changed:
            return False
        return link.source in changed or link.target in changed or _passes(look.points, moved)


def _look(lines: Lines, link: Link) -> _Look:
    edge = lines.edges[link.edge]
    turn = lines.turn(link.edge)
    if not lines.judges(link):
        return _Look(edge, turn, [], ())
    points = lines.points(link, edge)
    hit = tuple(islice(lines.met(link, points), MAX_CROSSED))
    return _Look(edge, turn, points, hit)


def _passes(points: list[Point], moved: Spans) -> bool:
    """Whether the line meets any of the boxes."""
    if not points:
        return False
    near = around(points)
    if not moved.sharing(near.x, near.y, near.right, near.bottom):
        return False
    if max(near.size) <= SHORT:
        return True
    return any(
        meets(moved.boxes[key], a, b, MARGIN)
        for piece in pairwise(points)
        for a, b in cut(*piece)
        for _, key in moved.named(beside(moved, a, b, MARGIN))
    )
