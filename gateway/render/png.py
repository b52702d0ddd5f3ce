"""A diagram as PNG, drawn by resvg with the fonts of this package and none of the machine's."""

import math

import resvg
from resvg import usvg

from gateway.geometry.boxes import Box
from gateway.render.fonts import FAMILY, FONT_FILES
from gateway.render.frame import longer_side
from gateway.render.limits import MAX_DRAWINGS, MAX_SCALE, SMALLEST_SIDE_PX
from gateway.render.options import DEFAULT_OPTIONS, RenderError, RenderOptions
from gateway.render.picture import Picture, compose
from ot.diagram import Diagram

#: A picture that is drawn again aims a little below the bound.
_CAUTION = 0.95
#: One that was only guessed aims lower still: drawing it again takes as long as drawing it.
_FIRST_CAUTION = 0.93
#: Bytes of a picture grow with about this power of its sides: less than areas, more than lines.
_GROWTH = 1.35
#: Guessed bytes, as a multiple of those allowed, from which on the first drawing is a smaller one.
_SURELY_TOO_LARGE = 1.4
#: No scaling, turning or moving: the rows of a matrix.
_AS_IT_IS = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def render_png(diagram: Diagram, options: RenderOptions = DEFAULT_OPTIONS) -> bytes:
    """The picture as PNG, the same bytes for the same input. Raises RenderError.

    Takes tens to hundreds of milliseconds and holds the interpreter's lock all the while: call it
    in a worker process.
    """
    return png_of(compose(diagram, options), options)


def png_of(picture: Picture, options: RenderOptions) -> bytes:
    """What is composed already, as PNG. Raises RenderError ``too_large``."""
    largest = _scale(picture.frame, options.max_side_px)
    least = SMALLEST_SIDE_PX / longer_side(picture.frame)
    scale = largest
    guess = picture.bulk.guess(largest)
    if guess > _SURELY_TOO_LARGE * options.max_bytes:
        scale = max(least, largest * _FIRST_CAUTION * _shrunk(guess, options.max_bytes))
    for _ in range(MAX_DRAWINGS):
        png = _drawn(picture.svg(scale))
        if len(png) <= options.max_bytes:
            return png
        scale = max(least, scale * _shrunk(len(png), options.max_bytes))
    message = "No picture of so few bytes can be drawn; allow more, or show a smaller part."
    raise RenderError("too_large", message, "max_bytes")


def _shrunk(size: float, most: float) -> float:
    """The share of its sides that leaves a picture of ``size`` bytes with ``most``."""
    return _CAUTION * math.pow(most / size, 1 / _GROWTH)


def _scale(frame: Box, max_side_px: int) -> float:
    return min(MAX_SCALE, max_side_px / longer_side(frame))


def _drawn(svg: str) -> bytes:
    """The document as PNG.

    resvg's options belong to the thread that made them, so they are made anew each time: 0.4 ms.
    """
    options = usvg.Options.default()
    options.font_family = FAMILY
    for path in FONT_FILES:
        options.load_font_file(path)
    return bytes(resvg.render(usvg.Tree.from_str(svg, options), _AS_IT_IS))
