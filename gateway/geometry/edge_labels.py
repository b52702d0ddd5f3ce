"""The text at an edge: its lines, and the room it takes, as the editor's style sheet has it."""

from typing import Final

from gateway.geometry.boxes import Size
from gateway.geometry.fields import edge_label_of
from gateway.geometry.wrap import shown_lines, text_width
from ot.diagram import Element

#: Of the text and its plate, in pixels.
EDGE_FONT_SIZE: Final = 12
EDGE_LINE_HEIGHT: Final = 17
EDGE_PADDING_X: Final = 6
EDGE_PADDING_Y: Final = 1
#: Of the plate; longer texts are broken.
EDGE_WIDTH: Final = 220
#: For one line, in thousandths of an em.
_ROOM: Final = (EDGE_WIDTH - 2 * EDGE_PADDING_X) * 1_000 // EDGE_FONT_SIZE


def edge_label_lines(edge: Element) -> tuple[str, ...]:
    """The lines of the text at an edge; none where there is no text."""
    text = edge_label_of(edge)[0]
    return shown_lines(text, _ROOM) if text.strip() else ()


def edge_plate_size(lines: tuple[str, ...]) -> Size:
    """The plate behind these lines, in pixels; nothing where there are none."""
    if not lines:
        return Size(0, 0)
    width = max(text_width(line, EDGE_FONT_SIZE) for line in lines)
    height = len(lines) * EDGE_LINE_HEIGHT
    return Size(width + 2 * EDGE_PADDING_X, height + 2 * EDGE_PADDING_Y)


def edge_label_size(edge: Element) -> Size:
    """The room the text at an edge takes, in pixels; nothing where there is no text."""
    return edge_plate_size(edge_label_lines(edge))
