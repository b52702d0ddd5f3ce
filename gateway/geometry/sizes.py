"""How large a node is: a pure function of its element, the same as the editor's.

Width: ``width``, else ``style.width``, else the type's own. Height: ``height``, else
``style.height``, else the type's own, made higher where the label needs it. A group does not grow.
"""

import math

from gateway.geometry.boxes import Size
from gateway.geometry.fields import icon_of, label_of, length_at, object_at, type_of
from gateway.geometry.kinds import (
    FONT_SIZE,
    ICON_WIDTH,
    LINE_HEIGHT,
    PADDING_X,
    PADDING_Y,
    kind_of,
)
from gateway.geometry.wrap import count_lines
from ot.diagram import Element

#: Sides of nodes, in pixels.
MIN_SIDE = 10
MAX_SIDE = 10_000


def node_size(element: Element) -> Size:
    """The node's size in whole pixels."""
    width, height = least_size(element)
    if stored_length(element, "height") is not None:
        return Size(width, height)
    least = kind_of(type_of(element)).height
    return Size(width, _side(max(least, needed_height(element, width))))


def least_size(element: Element) -> Size:
    """The node's size before its label makes it higher, which takes no time to speak of."""
    kind = kind_of(type_of(element))
    width = stored_length(element, "width") or kind.width
    return Size(_side(width), _side(stored_length(element, "height") or kind.height))


def stored_length(element: Element, key: str) -> float | None:
    """The ``width`` or ``height`` somebody gave the node, in pixels."""
    for place in (element, object_at(element, "style")):
        found = length_at(place, key)
        if found is not None and found > 0:
            return found
    return None


def label_room(element: Element, width: float) -> int:
    """The width of a line of the node's label, in thousandths of an em."""
    inset = kind_of(type_of(element)).inset
    icon = 0 if icon_of(element) is None else ICON_WIDTH
    room = width * (1 - inset.left - inset.right) - 2 * PADDING_X - icon
    return math.floor(max(room, FONT_SIZE) * 1_000 / FONT_SIZE)


def needed_height(element: Element, width: float) -> float:
    """The height in pixels that the label needs at this width; 0 for a group."""
    if type_of(element) == "group":
        return 0
    inset = kind_of(type_of(element)).inset
    lines = count_lines(label_of(element), label_room(element, width))
    return (lines * LINE_HEIGHT + 2 * PADDING_Y) / (1 - inset.top - inset.bottom)


def _side(value: float) -> int:
    return min(MAX_SIDE, max(MIN_SIDE, math.floor(value + 0.5)))
