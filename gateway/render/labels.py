"""Labels of nodes and edges as lines of text, laid out as the editor's style sheet does."""

from gateway.geometry.boxes import Box, Point, Size
from gateway.geometry.edge_labels import (
    EDGE_FONT_SIZE,
    EDGE_LINE_HEIGHT,
    EDGE_PADDING_Y,
    edge_plate_size,
)
from gateway.geometry.fields import icon_of, label_of, type_of
from gateway.geometry.kinds import (
    FONT_SIZE,
    ICON_WIDTH,
    LINE_HEIGHT,
    PADDING_X,
    PADDING_Y,
    kind_of,
)
from gateway.geometry.sizes import label_room
from gateway.geometry.wrap import shown_lines, text_width
from gateway.render.colours import Colour
from gateway.render.looks import Look
from gateway.render.markup import paint, rectangle, text_line
from ot.diagram import Element

#: Of Inter, in em: (ascent 0.96875 - descent 0.2412) / 2, the baseline below a line's middle.
_BASELINE = 0.3638
_PLATE_CORNER = 4
_ICON_SIZE = 15
#: Of the icon without the gap to the text.
_ICON_ROOM = 18


def baseline(middle: float, font_size: float) -> float:
    """Where the letters of a line stand whose middle is at ``middle``."""
    return middle + _BASELINE * font_size


def node_label(element: Element, size: Size, look: Look, *, holds_others: bool) -> str:
    """The label and icon of a node, in its own pixels."""
    text, icon = label_of(element), icon_of(element)
    if not text and icon is None:
        return ""
    if type_of(element) == "group":
        return _group_label(element, size, look)
    inset = kind_of(type_of(element)).inset
    left, right = inset.left * size.width + PADDING_X, inset.right * size.width + PADDING_X
    top, bottom = inset.top * size.height + PADDING_Y, inset.bottom * size.height + PADDING_Y
    lines = shown_lines(text, label_room(element, size.width)) if text else ()
    room = size.height - top - bottom
    if not holds_others:
        top += max(0.0, (room - len(lines or "i") * LINE_HEIGHT) / 2)
    middle = left + (size.width - left - right) / 2
    ink = paint("fill", look.ink)
    parts = []
    if icon is not None:
        widest = max((text_width(line, FONT_SIZE) for line in lines), default=0.0)
        gap = ICON_WIDTH - _ICON_ROOM if text else 0
        start = middle - (widest + _ICON_ROOM + gap) / 2
        height = top + max(1, len(lines)) * LINE_HEIGHT / 2
        y = baseline(height, _ICON_SIZE)
        parts.append(text_line(start + _ICON_ROOM / 2, y, icon, f'{ink} font-size="{_ICON_SIZE}"'))
        middle = start + _ICON_ROOM + gap + widest / 2
    parts += _lines(lines, middle, top, ink)
    return "".join(parts)


def _lines(lines: tuple[str, ...], x: float, top: float, ink: str) -> list[str]:
    first = baseline(top + LINE_HEIGHT / 2, FONT_SIZE)
    return [
        text_line(x, first + i * LINE_HEIGHT, line, ink) for i, line in enumerate(lines) if line
    ]


def _group_label(element: Element, size: Size, look: Look) -> str:
    """A title in the upper left corner."""
    icon = icon_of(element)
    ink = paint("fill", look.ink) + ' text-anchor="start"'
    x: float = PADDING_X
    icon_part = ""
    if icon is not None:
        y = baseline(PADDING_Y + LINE_HEIGHT / 2, _ICON_SIZE)
        icon_part = text_line(x, y, icon, f'{ink} font-size="{_ICON_SIZE}"')
        x += ICON_WIDTH
    lines = shown_lines(label_of(element), label_room(element, size.width))
    return icon_part + "".join(_lines(lines, x, PADDING_Y, f'{ink} font-weight="500"'))


def edge_plate(lines: tuple[str, ...], middle: Point) -> Box:
    """The box behind the text at an edge."""
    width, height = edge_plate_size(lines)
    return Box(middle.x - width / 2, middle.y - height / 2, width, height)


def edge_label(lines: tuple[str, ...], plate: Box, colour: Colour, back: Colour) -> str:
    """The text at an edge on its plate, in absolute coordinates."""
    ink = f'{paint("fill", colour)} font-size="{EDGE_FONT_SIZE}"'
    first = baseline(plate.y + EDGE_PADDING_Y + EDGE_LINE_HEIGHT / 2, EDGE_FONT_SIZE)
    x = plate.center.x
    texts = (
        text_line(x, first + i * EDGE_LINE_HEIGHT, line, ink)
        for i, line in enumerate(lines)
        if line
    )
    return rectangle(plate, paint("fill", back), _PLATE_CORNER) + "".join(texts)
