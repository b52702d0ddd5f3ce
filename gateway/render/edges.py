"""Lines of edges and what stands at their ends: arrowheads, circles, crosses."""

import math
from typing import Final, NamedTuple

from gateway.geometry.boxes import Box, Point
from gateway.geometry.fields import finite
from gateway.geometry.paths import CurveTo, LineTo, MoveTo, Path, QuadTo, flatten
from gateway.render.colours import Colour, read_colour
from gateway.render.limits import MAX_MARKER
from gateway.render.looks import EdgeLook, bounded_dash
from gateway.render.markup import number, path, stroke
from ot.diagram import Element, Json

#: Pixels of an arrowhead's box; of thick lines it is at least so many widths.
_MARKER_PIXELS = 27.0
_MIN_MARKER_WIDTHS = 9.0
_THINNEST = 0.5
#: The side of the box that an arrowhead is drawn in, as React Flow has it.
_MARKER_UNITS = 20.0
_USUAL_HEAD = "arrowclosed"
#: Shorter pieces of a line have no direction.
_SHORTEST = 1e-6


class HeadDrawing(NamedTuple):
    """What stands at the end of a line, in units; the line ends at the origin, from the left."""

    d: str
    #: Of what is not filled.
    stroke_width: float = 0.0


#: By the name that is stored. React Flow draws the first two, the editor's ends.ts the others.
HEADS: Final[dict[str, HeadDrawing]] = {
    "arrow": HeadDrawing("M-5 -4 L0 0 L-5 4", 1.0),
    # "M-5 -4 L0 0 L-5 4 Z" together with its stroke of 1, as one shape: half the work.
    "arrowclosed": HeadDrawing(
        "M-5.5 -4 Q-5.5 -4.5 -5 -4.5 L-4.69 -4.39 L0.31 -0.39 Q0.6 0 0.31 0.39 L-4.69 4.39 "
        "L-5 4.5 Q-5.5 4.5 -5.5 4 Z"
    ),
    "circle": HeadDrawing("M0 0 A4 4 0 1 1 -8 0 A4 4 0 1 1 0 0 Z"),
    "cross": HeadDrawing("M-9 -4 L-1 4 M-1 -4 L-9 4", 1.5),
}


class Head(NamedTuple):
    """One end of a line: its drawing, its colour, and pixels of one unit of the drawing."""

    drawing: HeadDrawing
    colour: Colour
    scale: float


def svg_path(line: Path) -> str:
    """The line as the ``d`` of an SVG path."""
    return " ".join(map(_command, line.commands))


def _command(command: MoveTo | LineTo | QuadTo | CurveTo) -> str:
    letter = _LETTERS[type(command)]
    return letter + " ".join(f"{number(point.x)} {number(point.y)}" for point in command)


_LETTERS: dict[type, str] = {MoveTo: "M", LineTo: "L", QuadTo: "Q", CurveTo: "C"}


def line_box(line: Path) -> Box:
    """The smallest box around the line."""
    points = flatten(line)
    xs, ys = [point.x for point in points], [point.y for point in points]
    left, top = min(xs), min(ys)
    return Box(left, top, max(xs) - left, max(ys) - top)


def edge_line(line: Path, edge: Element, look: EdgeLook) -> str:
    """The line and its arrowheads."""
    corners = [point for command in line.commands for point in command]
    dash = bounded_dash(look.dash, sum(map(math.dist, corners, corners[1:])))
    parts = [path(svg_path(line), stroke(look.stroke, look.stroke_width, dash))]
    # An edge that says nothing of its target's end has an arrowhead there; null is none.
    markers = (edge.get("markerStart"), edge.get("markerEnd", _USUAL_HEAD))
    for marker, points in zip(markers, (corners[::-1], corners), strict=True):
        head = head_of(marker, look)
        if head is not None and look.stroke_width > 0:
            parts.append(_arrowhead(head, points))
    return "".join(parts)


def head_of(marker: Json, line: EdgeLook) -> Head | None:
    """An end as it is stored: a name, or an object with a type; others are not drawn."""
    stored = marker if isinstance(marker, dict) else {}
    name = stored.get("type") if isinstance(marker, dict) else marker
    drawing = HEADS.get(name) if isinstance(name, str) else None
    if drawing is None:
        return None
    usual = max(_MIN_MARKER_WIDTHS, _MARKER_PIXELS / max(line.stroke_width, _THINNEST))
    widths = min(_marker_side(stored.get(key), usual) for key in ("width", "height"))
    own = read_colour(stored.get("color"))
    scale = widths * line.stroke_width / _MARKER_UNITS
    return Head(drawing, own or line.stroke, scale)


def _marker_side(value: Json, usual: float) -> float:
    """Widths of the line."""
    stored = finite(value)
    return min(MAX_MARKER, max(1.0, usual if stored is None else stored))


def _arrowhead(head: Head, points: list[Point]) -> str:
    """At the last of the points, in the direction in which the line arrives there."""
    tip = points[-1]
    turn = math.degrees(_direction(points))
    place = f"translate({number(tip.x)} {number(tip.y)})"
    rotation = f" rotate({number(turn)})" if turn else ""
    scale = f" scale({number(head.scale)})"
    transform = f' transform="{place}{rotation}{scale}"'
    d, width = head.drawing
    if not width:
        return path(d, transform, head.colour)
    return path(d, stroke(head.colour, width) + transform)


def _direction(points: list[Point]) -> float:
    tip = points[-1]
    for point in reversed(points[:-1]):
        dx, dy = tip.x - point.x, tip.y - point.y
        if abs(dx) > _SHORTEST or abs(dy) > _SHORTEST:
            return math.atan2(dy, dx)
    return 0.0
