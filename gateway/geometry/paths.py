"""The lines React Flow draws an edge with, number for number.

Ported from ``getStraightPath``, ``getBezierPath`` and ``getSmoothStepPath`` of @xyflow/system. A
line is kept as drawing commands, so that a renderer writes them as SVG and the critic follows them.
"""

import math
from typing import Literal, NamedTuple, TypeAlias

from gateway.geometry.boxes import Point, Side

#: How far a stepped line goes straight out of a node before it bends, in pixels.
STEP_OFFSET = 20.0
#: The radius of the corners of ``smoothstep``, as the editor asks for; ``step`` has none.
CORNER_RADIUS = 8.0
CURVATURE = 0.25
#: Straight pieces that stand for one whole curve, and for a rounded corner.
CURVE_PIECES = 16
CORNER_PIECES = 2

_DIRECTIONS = {
    Side.LEFT: Point(-1, 0),
    Side.RIGHT: Point(1, 0),
    Side.TOP: Point(0, -1),
    Side.BOTTOM: Point(0, 1),
}


class End(NamedTuple):
    """Where a line meets a node, and which way it leaves it."""

    x: float
    y: float
    side: Side

    @property
    def point(self) -> Point:
        return Point(self.x, self.y)


class MoveTo(NamedTuple):
    to: Point


class LineTo(NamedTuple):
    to: Point


class QuadTo(NamedTuple):
    control: Point
    to: Point


class CurveTo(NamedTuple):
    first: Point
    second: Point
    to: Point


Command: TypeAlias = MoveTo | LineTo | QuadTo | CurveTo
Axis: TypeAlias = Literal["x", "y"]


class Path(NamedTuple):
    """A line from the source to the target, and the middle of its label."""

    commands: tuple[Command, ...]
    label: Point


def straight_path(source: Point, target: Point) -> Path:
    return Path((MoveTo(source), LineTo(target)), _middle(source, target))


def bezier_path(source: End, target: End) -> Path:
    first = _control(source, target.point)
    second = _control(target, source.point)
    label = Point(
        source.x * 0.125 + first.x * 0.375 + second.x * 0.375 + target.x * 0.125,
        source.y * 0.125 + first.y * 0.375 + second.y * 0.375 + target.y * 0.125,
    )
    return Path((MoveTo(source.point), CurveTo(first, second, target.point)), label)


def smooth_step_path(source: End, target: End, radius: float = CORNER_RADIUS) -> Path:
    points, label = step_points(source, target)
    commands: list[Command] = [MoveTo(points[0])]
    for a, b, c in zip(points, points[1:], points[2:], strict=False):
        commands += _bend(a, b, c, radius)
    commands.append(LineTo(points[-1]))
    return Path(tuple(commands), label)


def flatten(path: Path) -> list[Point]:
    """The corners of straight pieces that follow the line."""
    points: list[Point] = []
    for command in path.commands:
        if isinstance(command, QuadTo):
            points += _quad_points(points[-1], command)
        elif isinstance(command, CurveTo):
            points += _curve_points(points[-1], command)
        else:
            points.append(command.to)
    return points


def _quad_points(a: Point, command: QuadTo) -> list[Point]:
    (ax, ay), (bx, by), (cx, cy) = a, *command
    return [Point(p * ax + q * bx + r * cx, p * ay + q * by + r * cy) for p, q, r in _QUAD_WEIGHTS]


def _curve_points(a: Point, command: CurveTo) -> list[Point]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, *command
    return [
        Point(p * ax + q * bx + r * cx + s * dx, p * ay + q * by + r * cy + s * dy)
        for p, q, r, s in _CURVE_WEIGHTS
    ]


def _quad_weights(t: float) -> tuple[float, float, float]:
    """What the ends and the control point of a curve count for at ``t``, from 0 to 1."""
    return (1 - t) ** 2, 2 * t * (1 - t), t * t


def _curve_weights(t: float) -> tuple[float, float, float, float]:
    u = 1 - t
    return u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t


_QUAD_WEIGHTS = [_quad_weights(i / CORNER_PIECES) for i in range(1, CORNER_PIECES + 1)]
_CURVE_WEIGHTS = [_curve_weights(i / CURVE_PIECES) for i in range(1, CURVE_PIECES + 1)]


def _middle(source: Point, target: Point) -> Point:
    return Point((source.x + target.x) / 2, (source.y + target.y) / 2)


def _control_offset(distance: float) -> float:
    if distance >= 0:
        return 0.5 * distance
    return CURVATURE * 25 * math.sqrt(-distance)


def _control(end: End, other: Point) -> Point:
    if end.side is Side.LEFT:
        return Point(end.x - _control_offset(end.x - other.x), end.y)
    if end.side is Side.RIGHT:
        return Point(end.x + _control_offset(other.x - end.x), end.y)
    if end.side is Side.TOP:
        return Point(end.x, end.y - _control_offset(end.y - other.y))
    return Point(end.x, end.y + _control_offset(other.y - end.y))


class _Gaps(NamedTuple):
    """The two ends of a stepped line, and where it is STEP_OFFSET straight out of each."""

    source: End
    target: End
    start: Point
    finish: Point
    #: The axis of the source's side, and whether the finish lies up (1) or down (-1) on it.
    axis: Axis
    ahead: float

    @property
    def out(self) -> float:
        return _at(_DIRECTIONS[self.source.side], self.axis)


def step_points(source: End, target: End) -> tuple[list[Point], Point]:
    """The corners of a stepped line, both ends included, and the middle of its label."""
    out, back = _DIRECTIONS[source.side], _DIRECTIONS[target.side]
    start = Point(source.x + out.x * STEP_OFFSET, source.y + out.y * STEP_OFFSET)
    finish = Point(target.x + back.x * STEP_OFFSET, target.y + back.y * STEP_OFFSET)
    axis: Axis = "x" if out.x else "y"
    ahead = 1.0 if _at(start, axis) < _at(finish, axis) else -1.0
    gaps = _Gaps(source, target, start, finish, axis, ahead)
    if _at(out, axis) * _at(back, axis) == -1:
        points, label = _opposite_sides(gaps)
    else:
        corner = _corner(gaps)
        if source.side is target.side:
            start, finish = _apart(gaps)
        points, label = [corner], _corner_label(start, finish, corner)
    return _without_straight_corners([source.point, start, *points, finish, target.point]), label


def _at(point: Point, axis: Axis) -> float:
    return point.x if axis == "x" else point.y


def _opposite_sides(gaps: _Gaps) -> tuple[list[Point], Point]:
    """A line between sides that look at each other, or away from each other."""
    start, finish = gaps.start, gaps.finish
    middle = _middle(start, finish)
    if (gaps.axis == "x") is (gaps.out == gaps.ahead):
        points = [Point(middle.x, start.y), Point(middle.x, finish.y)]
    else:
        points = [Point(start.x, middle.y), Point(finish.x, middle.y)]
    return points, middle


def _corner(gaps: _Gaps) -> Point:
    """The one corner between sides that do not oppose each other."""
    source_target = Point(gaps.start.x, gaps.finish.y)
    target_source = Point(gaps.finish.x, gaps.start.y)
    if gaps.source.side is not gaps.target.side and _flips(gaps):
        return source_target if gaps.axis == "x" else target_source
    return target_source if (gaps.axis == "x") is (gaps.out == gaps.ahead) else source_target


def _flips(gaps: _Gaps) -> bool:
    """Whether the corner of mixed sides, such as right to bottom, goes the other way round."""
    other: Axis = "y" if gaps.axis == "x" else "x"
    back = _at(_DIRECTIONS[gaps.target.side], other)
    beyond = _at(gaps.start, other) > _at(gaps.finish, other)
    before = _at(gaps.start, other) < _at(gaps.finish, other)
    same = gaps.out == back
    if gaps.out == 1:
        return (not same and beyond) or (same and before)
    return (not same and before) or (same and beyond)


def _apart(gaps: _Gaps) -> tuple[Point, Point]:
    """Moves one of two gaps on the same side, where they would lie on each other."""
    source, target, start, finish, axis, ahead = gaps
    distance = abs(_at(source.point, axis) - _at(target.point, axis))
    if distance > STEP_OFFSET:
        return start, finish
    by = min(STEP_OFFSET - 1, STEP_OFFSET - distance)
    if gaps.out == ahead:
        sign = -1 if _at(start, axis) > _at(source.point, axis) else 1
        return _shifted(start, axis, sign * by), finish
    sign = -1 if _at(finish, axis) > _at(target.point, axis) else 1
    return start, _shifted(finish, axis, sign * by)


def _shifted(point: Point, axis: Axis, by: float) -> Point:
    return Point(point.x + by, point.y) if axis == "x" else Point(point.x, point.y + by)


def _corner_label(start: Point, finish: Point, corner: Point) -> Point:
    """On the longest piece of the line."""
    across = max(abs(start.x - corner.x), abs(finish.x - corner.x))
    down = max(abs(start.y - corner.y), abs(finish.y - corner.y))
    if across >= down:
        return Point((start.x + finish.x) / 2, corner.y)
    return Point(corner.x, (start.y + finish.y) / 2)


def _without_straight_corners(points: list[Point]) -> list[Point]:
    kept: list[Point] = []
    for point in points:
        if len(kept) >= 2 and _is_between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _is_between(a: Point, b: Point, c: Point) -> bool:
    """Whether ``b`` lies on the upright or level line from ``a`` to ``c``."""
    return (a.x == b.x == c.x and (b.y - a.y) * (c.y - b.y) >= 0) or (
        a.y == b.y == c.y and (b.x - a.x) * (c.x - b.x) >= 0
    )


def _bend(a: Point, b: Point, c: Point, radius: float) -> list[Command]:
    size = min(math.dist(a, b) / 2, math.dist(b, c) / 2, radius)
    if a.x == b.x == c.x or a.y == b.y == c.y:
        return [LineTo(b)]
    if a.y == b.y:
        across, down = (-1 if a.x < c.x else 1), (1 if a.y < c.y else -1)
        before, after = Point(b.x + size * across, b.y), Point(b.x, b.y + size * down)
    else:
        across, down = (1 if a.x < c.x else -1), (-1 if a.y < c.y else 1)
        before, after = Point(b.x, b.y + size * down), Point(b.x + size * across, b.y)
    return [LineTo(before), QuadTo(b, after)]
