"""What changed, marked in colour and by a sign, with a legend that says what they mean."""

from collections.abc import Iterator
from enum import StrEnum

from gateway.geometry.boxes import Box, Point, Size
from gateway.geometry.wrap import text_width
from gateway.render.colours import Colour
from gateway.render.labels import baseline
from gateway.render.looks import EdgeLook, Look
from gateway.render.markup import number, paint, path, rectangle, stroke, text_line
from gateway.render.options import ElementIds, Marks
from gateway.render.palette import Palette
from ot.diagram import Diagram, Element, json_equal


class Change(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


#: Below: lengths in pixels of the picture.
_HALO = 11.0
_EDGE_HALO = 8.0
_HALO_SHARE = 0.32
_BADGE = 8.5
_BADGE_ROOM = 24.0
_LEGEND_HEIGHT = 44.0
_LEGEND_FONT_SIZE = 13.0
_LEGEND_MARGIN = 24.0
_LEGEND_GAP = 22.0
#: Of removed elements.
_GHOST_DASH = (5.0, 4.0)
_GHOST_FILL = 0.07
#: How far from its middle to its upper right corner the outline of a node lies; 1 where not named.
_REACH = {
    "decision": 0.5, "diamond": 0.5, "extract": 0.33, "user": 0.5, "circle": 0.707,
    "ellipse": 0.707, "connector": 0.707, "sequential-data": 0.707, "cloud": 0.75, "hexagon": 0.8,
    "start": 0.85, "end": 0.85,
}  # fmt: skip
_SIGNS = {
    Change.ADDED: "M-4 0 L4 0 M0 -4 L0 4",
    Change.CHANGED: "M-4 1.5 C-2.5 -3 -1 -2 0 0 C1 2 2.5 3 4 -1.5",
    Change.REMOVED: "M-4 0 L4 0",
}


def marks_between(before: Diagram, after: Diagram) -> Marks:
    """The marks of what differs; a node counts as changed where any of its fields does."""
    nodes, edges = _differences(before.nodes, after.nodes), _differences(before.edges, after.edges)
    added, changed, removed = (
        ElementIds(frozenset(nodes[change]), frozenset(edges[change])) for change in Change
    )
    return Marks(added, changed, removed, before)


def _differences(before: dict[str, Element], after: dict[str, Element]) -> dict[Change, list[str]]:
    both = before.keys() & after.keys()
    return {
        Change.ADDED: [key for key in after if key not in before],
        Change.CHANGED: [key for key in both if not json_equal(before[key], after[key])],
        Change.REMOVED: [key for key in before if key not in after],
    }


def with_removed(diagram: Diagram, marks: Marks) -> Diagram:
    """The diagram together with what was removed from it, as far as that is known."""
    if marks.before is None:
        return diagram
    shown = diagram.copy()
    for now, then, removed in (
        (shown.nodes, marks.before.nodes, marks.removed.nodes),
        (shown.edges, marks.before.edges, marks.removed.edges),
    ):
        now.update({key: then[key] for key in then if key in removed and key not in now})
    return shown


class Changes:
    """The marks of one picture, by element; each element has one, the last that names it."""

    def __init__(self, marks: Marks) -> None:
        self.nodes: dict[str, Change] = {}
        self.edges: dict[str, Change] = {}
        for change, named in (
            (Change.CHANGED, marks.changed),
            (Change.ADDED, marks.added),
            (Change.REMOVED, marks.removed),
        ):
            self.nodes.update(dict.fromkeys(named.nodes, change))
            self.edges.update(dict.fromkeys(named.edges, change))

    def counts(self) -> Iterator[tuple[Change, int]]:
        """How many elements of each kind of change that there is."""
        found = [*self.nodes.values(), *self.edges.values()]
        for change in Change:
            if change in found:
                yield change, found.count(change)


def colour_of(change: Change, palette: Palette) -> Colour:
    if change is Change.ADDED:
        return palette.added
    return palette.changed if change is Change.CHANGED else palette.removed


def ghost(look: Look, palette: Palette) -> Look:
    """The look of a node that is no longer there."""
    colour = palette.removed
    fill = colour.faded(_GHOST_FILL)
    return look._replace(fill=fill, stroke=colour, ink=colour, dash=_GHOST_DASH)


def edge_ghost(look: EdgeLook, palette: Palette) -> EdgeLook:
    """The look of an edge that is no longer there."""
    return look._replace(stroke=palette.removed, dash=_GHOST_DASH)


def halo(d: str, change: Change, palette: Palette, unit: float, *, is_edge: bool) -> str:
    """A glow around a shape or along a line; ``unit`` is flow units of a pixel."""
    if change is Change.REMOVED:
        return ""
    width = (_EDGE_HALO if is_edge else _HALO) * unit
    return path(d, stroke(colour_of(change, palette).faded(_HALO_SHARE), width))


def badge(change: Change, at: Point, palette: Palette, unit: float) -> str:
    """The sign of the change in a disc."""
    place = f' transform="translate({number(at.x)} {number(at.y)}) scale({number(unit)})"'
    disc = (
        f'<circle r="{number(_BADGE)}"{paint("fill", colour_of(change, palette))}'
        f"{stroke(palette.paper, 1.5)}/>"
    )
    sign = path(_SIGNS[change], stroke(palette.card, 2))
    return f'<g data-mark="{change.value}"{place}>{disc}{sign}</g>'


def badge_place(type_: str, size: Size) -> Point:
    """On the outline of a node, at the upper right, in its own pixels."""
    reach = _REACH.get(type_, 1.0)
    return Point(size.width * (1 + reach) / 2, size.height * (1 - reach) / 2)


def with_room_for_legend(frame: Box, changes: Changes, unit: float) -> Box:
    """The frame, as wide as the legend at least."""
    width = 2 * _LEGEND_MARGIN - _LEGEND_GAP
    width += sum(_entry_width(words) for _, words in _entries(changes))
    missing = max(0.0, width * unit - frame.width)
    return Box(frame.x - missing / 2, frame.y, frame.width + missing, frame.height)


def legend_below(frame: Box, unit: float) -> Box:
    """The strip that the legend stands in."""
    return Box(frame.x, frame.y + frame.height, frame.width, _LEGEND_HEIGHT * unit)


def legend(changes: Changes, strip: Box, palette: Palette, unit: float) -> str:
    """What the colours mean and how many there are, in a strip below the picture."""
    x, y = strip.x + _LEGEND_MARGIN * unit, strip.center.y
    size = _LEGEND_FONT_SIZE * unit
    ink = f'{paint("fill", palette.ink)} font-size="{number(size)}" text-anchor="start"'
    line = Box(strip.x, strip.y, strip.width, unit)
    parts = [rectangle(strip, paint("fill", palette.card))]
    parts.append(rectangle(line, paint("fill", palette.line)))
    for change, words in _entries(changes):
        at = x
        if change is not None:
            parts.append(badge(change, Point(x + _BADGE * unit, y), palette, unit))
            at += _BADGE_ROOM * unit
        parts.append(text_line(at, baseline(y, size), words, ink))
        x += _entry_width(words) * unit
    return f'<g data-legend="changes">{"".join(parts)}</g>'


def _entries(changes: Changes) -> list[tuple[Change | None, str]]:
    found = [(change, f"{count} {change.value}") for change, count in changes.counts()]
    return [*found] or [(None, "Nothing changed")]


def _entry_width(words: str) -> float:
    """Pixels of a sign, its words and the gap to the next."""
    return _BADGE_ROOM + text_width(words, _LEGEND_FONT_SIZE) + _LEGEND_GAP
