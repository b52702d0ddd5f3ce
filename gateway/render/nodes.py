"""A node: its shape, its label, and what is said below it."""

from gateway.geometry.boxes import Size
from gateway.geometry.fields import type_of
from gateway.geometry.kinds import KINDS
from gateway.geometry.shapes import Drawing
from gateway.render.colours import Colour
from gateway.render.labels import node_label
from gateway.render.limits import MAX_TYPE_NAME
from gateway.render.looks import Look, bounded_dash
from gateway.render.markup import paint, path, stroke, text_line
from ot.diagram import Element

#: Below a node of an unknown type, in pixels.
TYPE_NAME_HEIGHT = 16
_TYPE_NAME_SIZE = 11
_TYPE_NAME_BASELINE = 12.0


def node_shape(drawing: Drawing, size: Size, look: Look) -> str:
    """The outline and the lines on it."""
    dash = bounded_dash(look.dash, 2 * (size.width + size.height))
    outline = path(drawing.outline, stroke(look.stroke, look.stroke_width, dash), look.fill)
    if not drawing.detail or look.stroke_width <= 0:
        return outline
    return outline + path(drawing.detail, stroke(look.stroke, look.stroke_width))


def node_texts(element: Element, size: Size, look: Look, dim: Colour, *, holds_others: bool) -> str:
    """The label; for an unknown type its name too, below the node."""
    label = node_label(element, size, look, holds_others=holds_others)
    type_ = type_of(element)
    if type_ in KINDS:
        return label
    attributes = f'{paint("fill", dim)} font-size="{_TYPE_NAME_SIZE}"'
    y = size.height + _TYPE_NAME_BASELINE
    return label + text_line(size.width / 2, y, type_[:MAX_TYPE_NAME], attributes)
