"""Sides for the edges of a fresh layout whose lines would run across nodes.

An edge without sides joins those across the wider gap. In a wide tree that is a level line from the
parent over all its nearer children; the way of the flow is clear, since every layer has its own
room. So edges in trouble, and only these, are told their sides.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, TypeAlias

from gateway.critic.lines import Lines
from gateway.critic.links import Link, Links
from gateway.geometry.boxes import Box, Side
from gateway.geometry.grid import meets
from gateway.geometry.routes import ends_of, facing_sides
from gateway.geometry.scene import Scene
from gateway.layout.levels import with_descendants
from ot.apply import apply
from ot.diagram import Diagram, Element
from ot.operation import Changes, Operation, Set, Unset, Update, Writes

Sides: TypeAlias = tuple[Side, Side]

_HANDLES: Final = ("sourceHandle", "targetHandle")
#: How deep inside a node, as a share of its sides, an edge may begin: a triangle's side is there.
_RIM: Final = 0.3
#: Ways tried for the edges of one layout, for up to a second; the others stay as they are.
MAX_WAYS: Final = 10_000
#: What is written here, and may be chosen anew by the next layout.
_PAIRS: Final[tuple[Sides, ...]] = (
    (Side.BOTTOM, Side.TOP),
    (Side.TOP, Side.BOTTOM),
    (Side.RIGHT, Side.LEFT),
    (Side.LEFT, Side.RIGHT),
)


def with_sides(diagram: Diagram, plan: Operation) -> Operation:
    """The layout ``plan`` of the diagram, and the sides of edges that would else cross nodes.

    Edges of nodes that move alone are looked at, and not those that share their two nodes with
    others, which make way for each other, nor those that name sides in any other way. Pure.
    """
    if plan.is_empty():
        return plan
    after, _ = apply(diagram, plan)
    scene = Scene(after.nodes)
    lines = Lines(scene, after.edges)
    moved = set(with_descendants(scene, plan.nodes))
    pairs = Counter(frozenset(ends_of(edge)) for edge in after.edges.values())
    changes: Changes = {}
    tries = iter(range(MAX_WAYS))
    for link in Links(after.nodes, after.edges).all.values():
        ends = frozenset(link[1:3])
        if pairs[ends] == 1 and not moved.isdisjoint(ends) and lines.judges(link):
            writes = _writes(lines, link, tries)
            if writes:
                changes[link.edge] = Update(writes)
    return Operation(nodes=plan.nodes, edges=changes)


def _writes(lines: Lines, link: Link, tries: Iterator[int]) -> Writes:
    """The sides that give the edge a clear way; nothing where it has one, or there is none."""
    edge = lines.edges[link.edge]
    named = [edge.get(key) for key in _HANDLES]
    stored = next((pair for pair in _PAIRS if list(pair) == named), None)
    if stored is None and named != [None, None]:
        return {}
    source, target = (lines.scene.boxes[end] for end in link[1:3])
    if _is_clear(lines, link, edge) and (stored is None or _face(stored, source, target)):
        return {}
    bare = {key: value for key, value in edge.items() if key not in _HANDLES}
    if stored is not None and _is_clear(lines, link, bare):
        return {f"/{key}": Unset() for key in _HANDLES}
    for sides, _ in zip(_candidates(source, target), tries, strict=False):
        values = {key: side.value for key, side in zip(_HANDLES, sides, strict=True)}
        led = {**bare, **values}
        if _is_clear(lines, link, led) and _is_seen(lines, link, led):
            return {
                f"/{key}": Set(value) for key, value in values.items() if edge.get(key) != value
            }
    return {}


def _is_clear(lines: Lines, link: Link, edge: Element) -> bool:
    return next(lines.crossed(link, edge), None) is None


def _is_seen(lines: Lines, link: Link, edge: Element) -> bool:
    """Whether it does not run behind its own nodes, which would hide where it begins or ends."""
    pieces = list(pairwise(lines.points(link, edge)))
    cores = [_core(lines.scene.boxes[end]) for end in link[1:3]]
    return not any(meets(core, a, b) for core in cores for a, b in pieces)


def _core(box: Box) -> Box:
    """The middle of a node, where no edge begins whatever the node's shape is."""
    x, y, width, height = box
    return Box(x + _RIM * width, y + _RIM * height, width * (1 - 2 * _RIM), height * (1 - 2 * _RIM))


def _face(sides: Sides, source: Box, target: Box) -> bool:
    """Whether the target lies beyond the side of the source."""
    if sides[0] is Side.BOTTOM:
        return target.y >= source.bottom
    if sides[0] is Side.TOP:
        return target.bottom <= source.y
    if sides[0] is Side.RIGHT:
        return target.x >= source.right
    return target.right <= source.x


def _candidates(source: Box, target: Box) -> Iterable[Sides]:
    """All pairs of sides, the best first.

    Along the other axis than an edge without sides; out one way and in another; around.
    """
    usual = facing_sides(source, target)
    a, b = source.center, target.center
    down = (Side.BOTTOM, Side.TOP) if a.y <= b.y else (Side.TOP, Side.BOTTOM)
    across = (Side.RIGHT, Side.LEFT) if a.x <= b.x else (Side.LEFT, Side.RIGHT)
    other = across if usual == down else down
    first = [other] if _face(other, source, target) else []
    mixed = [(usual[0], other[1]), (other[0], usual[1])]
    every = (*other, *usual)
    around = [(side, side) for side in every]
    rest = [(out, into) for out in every for into in every]
    return dict.fromkeys([*first, *mixed, *around, *rest])
