"""How an edge runs: the sides it joins, its line and the place of its label."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from gateway.geometry.boxes import Box, Point, Side
from gateway.geometry.fields import string_at, type_of
from gateway.geometry.paths import (
    End,
    Path,
    bezier_path,
    flatten,
    smooth_step_path,
    straight_path,
)
from gateway.geometry.scene import Scene
from gateway.geometry.shapes import drawing_of
from ot.diagram import Element, Json

_LETTERS = {"t": Side.TOP, "r": Side.RIGHT, "b": Side.BOTTOM, "l": Side.LEFT}
_SIDES = {side.value: side for side in Side}
_NO_LETTERS = re.compile(r"[^a-z]+")


class Route(NamedTuple):
    """An edge as it is drawn, in absolute coordinates."""

    source: End
    target: End
    path: Path

    def points(self) -> list[Point]:
        """The corners of straight pieces that follow the line."""
        return flatten(self.path)


def route_edge(scene: Scene, edge: Element, turn: int = 0) -> Route | None:
    """How the edge runs; ``None`` where one of its nodes is not there.

    ``turn`` is the edge's number among those between its two nodes, see ``turns_of``.
    """
    source, target = ends_of(edge)
    if source not in scene.boxes or target not in scene.boxes:
        return None
    facing = (Side.RIGHT, Side.TOP)
    if source != target:
        facing = turned(facing_sides(scene.boxes[source], scene.boxes[target]), turn)
    start = end_at(scene, source, side_of_handle(edge.get("sourceHandle")) or facing[0])
    finish = end_at(scene, target, side_of_handle(edge.get("targetHandle")) or facing[1])
    return Route(start, finish, line_of(type_of(edge), start, finish))


def ends_of(edge: Element) -> tuple[str, str]:
    return string_at(edge, "source") or "", string_at(edge, "target") or ""


def turns_of(edges: Mapping[str, Element]) -> dict[str, int]:
    """Edges that are not the first between their two nodes, with how many come before them by id.

    Those that name a side, and loops, are not counted.
    """
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for identifier, edge in edges.items():
        a, b = ends_of(edge)
        if a != b and not _names_a_side(edge):
            groups[(a, b) if _utf_16(a) < _utf_16(b) else (b, a)].append(identifier)
    return {
        identifier: turn
        for group in groups.values()
        if len(group) > 1
        for turn, identifier in enumerate(sorted(group, key=_utf_16))
        if turn
    }


def _names_a_side(edge: Element) -> bool:
    handles = (edge.get("sourceHandle"), edge.get("targetHandle"))
    return any(side_of_handle(handle) is not None for handle in handles)


def _utf_16(text: str) -> bytes:
    """Sorts texts as the editor does."""
    return text.encode("utf-16-be", "surrogatepass")


def turned(facing: tuple[Side, Side], turn: int) -> tuple[Side, Side]:
    """Edges between two nodes run beside each other: facing, then round either side."""
    if turn % 3 == 0:
        return facing
    vertical = facing[0] in (Side.TOP, Side.BOTTOM)
    if turn % 3 == 1:
        side = Side.RIGHT if vertical else Side.BOTTOM
    else:
        side = Side.LEFT if vertical else Side.TOP
    return side, side


def end_at(scene: Scene, identifier: str, side: Side) -> End:
    """Where edges meet this side of the node."""
    box = scene.boxes[identifier]
    port = drawing_of(type_of(scene.nodes[identifier]), box.width, box.height).ports[side]
    return End(box.x + port.x, box.y + port.y, side)


def line_of(type_: str, source: End, target: End) -> Path:
    """The line of an edge of this type."""
    if type_ == "straight":
        return straight_path(source.point, target.point)
    if type_ == "smoothstep":
        return smooth_step_path(source, target)
    if type_ == "step":
        return smooth_step_path(source, target, radius=0)
    return bezier_path(source, target)


def side_of_handle(handle: Json) -> Side | None:
    """The side a stored handle names, such as "right", "source-right", "r", if it names one."""
    if not isinstance(handle, str):
        return None
    for word in _NO_LETTERS.split(handle.lower()):
        side = _SIDES.get(word) or _LETTERS.get(word)
        if side is not None:
            return side
    return None


def facing_sides(source: Box, target: Box) -> tuple[Side, Side]:
    """The sides that face each other across the wider gap.

    Where the nodes overlap, those along the line between their middles.
    """
    gap_x = max(target.x - source.right, source.x - target.right)
    gap_y = max(target.y - source.bottom, source.y - target.bottom)
    dx = target.x + target.width / 2 - (source.x + source.width / 2)
    dy = target.y + target.height / 2 - (source.y + source.height / 2)
    vertical = gap_y >= gap_x if gap_x > 0 or gap_y > 0 else abs(dy) >= abs(dx)
    if vertical:
        return (Side.BOTTOM, Side.TOP) if dy >= 0 else (Side.TOP, Side.BOTTOM)
    return (Side.RIGHT, Side.LEFT) if dx >= 0 else (Side.LEFT, Side.RIGHT)
