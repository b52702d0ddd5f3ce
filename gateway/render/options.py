"""What a caller may ask of a picture."""

import math
from typing import Literal, TypeAlias

import msgspec

from gateway.render.limits import (
    LARGEST_SIDE_PX,
    MAX_COORDINATE,
    MAX_HOPS,
    MAX_PADDING,
    MAX_PNG_BYTES,
    MAX_SIDE_PX,
    SMALLEST_PNG_BYTES,
    SMALLEST_SIDE_PX,
)
from ot.diagram import Diagram

Theme: TypeAlias = Literal["light", "dark"]


class RenderError(Exception):
    """A picture that cannot be drawn as asked.

    ``code`` is ``bad_option`` (a value out of its range), ``not_found`` (a node that is not there)
    or ``too_large`` (no PNG of so few bytes). ``at`` names the option.
    """

    def __init__(self, code: str, message: str, at: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at


class Region(msgspec.Struct, frozen=True, tag="region"):
    """A part of the plane, in flow units."""

    x: float
    y: float
    width: float
    height: float


class Around(msgspec.Struct, frozen=True, tag="around"):
    """These nodes and whatever is joined to them by at most ``hops`` edges; the rest is faint."""

    nodes: tuple[str, ...]
    hops: int = 1
    #: Flow units around them.
    padding: float = 40


class ElementIds(msgspec.Struct, frozen=True):
    """Ids of nodes and of edges; the two are apart from each other."""

    nodes: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()


NOTHING = ElementIds()


class Marks(msgspec.Struct, frozen=True):
    """What changed. Removed elements are drawn from ``before``, where it has them."""

    added: ElementIds = NOTHING
    changed: ElementIds = NOTHING
    removed: ElementIds = NOTHING
    before: Diagram | None = None


class RenderOptions(msgspec.Struct, frozen=True):
    """How a picture is to look. ``view`` is the whole diagram where there is none."""

    theme: Theme = "light"
    view: Region | Around | None = None
    marks: Marks | None = None
    #: A colour, or "transparent"; the theme's paper where there is none.
    background: str | None = None
    #: Pixels of the longer side at most.
    max_side_px: int = MAX_SIDE_PX
    #: Bytes of a PNG at most.
    max_bytes: int = MAX_PNG_BYTES


DEFAULT_OPTIONS = RenderOptions()


def check_options(options: RenderOptions) -> None:
    """Raises RenderError where a value is out of its range."""
    _check_range(options.max_side_px, SMALLEST_SIDE_PX, LARGEST_SIDE_PX, "max_side_px")
    _check_range(options.max_bytes, SMALLEST_PNG_BYTES, math.inf, "max_bytes")
    if options.theme not in {"light", "dark"}:
        raise RenderError("bad_option", "The theme is light or dark.", "theme")
    view = options.view
    if isinstance(view, Region):
        for name in ("x", "y"):
            _check_range(getattr(view, name), -MAX_COORDINATE, MAX_COORDINATE, f"view/{name}")
        for name in ("width", "height"):
            _check_range(getattr(view, name), 1, MAX_COORDINATE, f"view/{name}")
    elif isinstance(view, Around):
        _check_range(view.hops, 0, MAX_HOPS, "view/hops")
        _check_range(view.padding, 0, MAX_PADDING, "view/padding")


def _check_range(value: float, least: float, most: float, at: str) -> None:
    if not least <= value <= most:
        message = f"Give a number from {least:g} to {most:g}; this was {value:g}."
        raise RenderError("bad_option", message, at)
