"""Other ways for edges that run across nodes: other sides of their nodes, then another line."""

from collections.abc import Container, Iterator
from itertools import pairwise, product
from typing import NamedTuple

from gateway.critic.draft import Draft, edge_keys, node_keys
from gateway.critic.lines import MARGIN, Lines
from gateway.critic.links import Link
from gateway.geometry.boxes import Point, Side
from gateway.geometry.fields import type_of
from gateway.geometry.grid import meets
from ot.diagram import Element
from ot.operation import Set, Writes

_LINES = ("smoothstep", "default", "straight")
#: How far a good way stays from other nodes, in pixels.
CLEARANCE = 8.0
#: A way across a node of its own counts as so much longer, in pixels.
HIDDEN_COST = 5_000.0
#: Rounds: an edge that is led anew makes room for others between the same nodes.
ROUNDS = 3
#: Edges led anew in one round; the first of very many say enough.
MAX_REROUTED = 100


def reroute(draft: Draft, moved: Container[str] | None = None) -> None:
    """Leads each edge that crosses a node around it, where one of its sides allows it.

    ``moved`` are the nodes that have moved since this was last tried; ``None`` where it never was.
    """
    tried: set[str] = set()
    for _ in range(ROUNDS):
        before = draft.changes
        _reroute_once(draft, moved, tried)
        if draft.changes == before:
            return


def _reroute_once(draft: Draft, moved: Container[str] | None, tried: set[str]) -> None:
    lines, links = draft.lines, draft.links
    for defect in draft.crossings()[:MAX_REROUTED]:
        draft.pause()
        link = links.all[defect.edges[0]]
        if link.edge in tried:
            continue
        if moved is not None and not any(key in moved for key in (*link[1:3], *defect.nodes)):
            continue
        tried.add(link.edge)
        writes = _clear_way(lines, link, draft.diagram.edges[link.edge])
        if writes is not None:
            draft.write_edge(link.edge, writes)
            draft.join(*edge_keys([link.edge]), *node_keys(defect.nodes))


def _clear_way(lines: Lines, link: Link, edge: Element) -> Writes | None:
    """The writes that give the edge the shortest way that crosses nothing.

    One that keeps clear of all nodes is better than one that touches them; its own kind of line is
    better than another.
    """
    own = type_of(edge)
    ways: dict[str, list[_Way]] = {}
    for margin, type_ in product((-CLEARANCE, MARGIN), dict.fromkeys((own, *_LINES))):
        if type_ not in ways:
            ways[type_] = sorted(_ways(lines, link, edge, type_), key=lambda way: way.cost)
        for way in ways[type_]:
            if next(lines.met(link, way.points, margin), None) is None:
                writes: Writes = {
                    "/sourceHandle": Set(way.source.value),
                    "/targetHandle": Set(way.target.value),
                }
                return writes if type_ == own else {**writes, "/type": Set(type_)}
    return None


class _Way(NamedTuple):
    """The sides that an edge would join, its line, and how good it is, the less the better."""

    cost: float
    source: Side
    target: Side
    points: list[Point]


def _ways(lines: Lines, link: Link, edge: Element, type_: str) -> Iterator[_Way]:
    for source in Side:
        for target in Side:
            handles = {"sourceHandle": source.value, "targetHandle": target.value}
            points = lines.points(link, {**edge, "type": type_, **handles})
            yield _Way(_cost(lines, link, points), source, target, points)


def _cost(lines: Lines, link: Link, points: list[Point]) -> float:
    """How far the line goes, level and upright ways added up; more where it hides in its nodes."""
    pieces = list(pairwise(points))
    own = [lines.scene.boxes[end] for end in link[1:3]]
    hidden = any(meets(box, a, b, MARGIN) for box in own for a, b in pieces)
    length = sum(abs(a.x - b.x) + abs(a.y - b.y) for a, b in pieces)
    return length + HIDDEN_COST if hidden else length
