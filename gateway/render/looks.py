"""The looks of an element: its own where it brings some, else those of its type and theme."""

import re
from typing import NamedTuple

from gateway.geometry.fields import finite, length_at, object_at, string_at, type_of
from gateway.geometry.kinds import KINDS, kind_of
from gateway.render.colours import Colour, is_light, mixed, read_colour
from gateway.render.limits import MAX_DASHES, MAX_STROKE
from gateway.render.palette import DARK_INK, LIGHT_INK, Palette
from ot.diagram import Element

_BORDER = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)px\s+(solid|dashed|dotted)\s+(\S.{0,80})", re.I)
_DASHES: dict[str, tuple[float, ...]] = {"dashed": (6.0, 4.0), "dotted": (2.0, 3.0)}
_DASH_TEXT = re.compile(r"[0-9\s.,]{1,40}")
_UNKNOWN_DASH = (5.0, 4.0)
_GROUP_DASH = (6.0, 4.0)
#: Of edges that say they are animated, as React Flow draws them.
_ANIMATED_DASH = (5.0,)
#: Pixels of every line that does not say otherwise.
STROKE_WIDTH = 1.5
#: How much of ``data.color`` is in the fill; the rest is the card's.
_OWN_TINT = 0.16
_GROUP_TINT = 0.07


class Look(NamedTuple):
    """How a node is drawn. Dashes in pixels, none for a whole line."""

    fill: Colour
    stroke: Colour
    ink: Colour
    stroke_width: float
    dash: tuple[float, ...]
    opacity: float


class EdgeLook(NamedTuple):
    stroke: Colour
    stroke_width: float
    dash: tuple[float, ...]
    opacity: float


def bounded_dash(dash: tuple[float, ...], length: float) -> tuple[float, ...]:
    """The dashes of a line of this length; none where there would be too many to draw."""
    return dash if len(dash) * length <= MAX_DASHES * sum(dash) else ()


def look_of(element: Element, palette: Palette) -> Look:
    """The look of a node."""
    style = object_at(element, "style")
    accent = read_colour(object_at(element, "data").get("color"))
    own = _colour_in(style, "backgroundColor", "background", "fill")
    type_ = type_of(element)
    tone = palette.tones[kind_of(type_).tone]
    border = _BORDER.fullmatch(string_at(style, "border") or "")
    tinted = None if accent is None else mixed(accent, _OWN_TINT, palette.card)
    return Look(
        fill=own or tinted or _fill_of(type_, tone, palette),
        stroke=_colour_in(style, "borderColor", "stroke")
        or (read_colour(border[3]) if border else None)
        or accent
        or tone,
        ink=_colour_in(style, "color") or _ink_on(own, type_, palette),
        stroke_width=_node_width(style, border),
        dash=_node_dash(style, border, type_),
        opacity=_share(style),
    )


def edge_look_of(element: Element, palette: Palette) -> EdgeLook:
    """The look of an edge: its line's colour, width and dashes."""
    style = object_at(element, "style")
    data = object_at(element, "data")
    width = length_at(style, "strokeWidth")
    dash = _dash_in(style)
    if dash is None:
        dash = _ANIMATED_DASH if element.get("animated") is True else ()
    return EdgeLook(
        stroke=_colour_in(style, "stroke") or read_colour(data.get("color")) or palette.edge,
        stroke_width=STROKE_WIDTH if width is None else _held(width),
        dash=dash,
        opacity=_share(style),
    )


def _fill_of(type_: str, tone: Colour, palette: Palette) -> Colour:
    if type_ == "group":
        return tone.faded(_GROUP_TINT)
    if kind_of(type_).tone == "plain":
        return palette.card
    return mixed(tone, palette.tint, palette.card)


def _ink_on(own: Colour | None, type_: str, palette: Palette) -> Colour:
    if own is None or own.alpha == 0:
        return palette.ink_dim if type_ == "group" else palette.ink
    return DARK_INK if is_light(own) else LIGHT_INK


def _node_width(style: Element, border: re.Match[str] | None) -> float:
    for key in ("borderWidth", "strokeWidth"):
        found = length_at(style, key)
        if found is not None:
            return _held(found)
    return _held(float(border[1])) if border else STROKE_WIDTH


def _node_dash(style: Element, border: re.Match[str] | None, type_: str) -> tuple[float, ...]:
    own = _DASHES.get(string_at(style, "borderStyle") or "")
    if own is None and border is not None:
        own = _DASHES.get(border[2].lower())
    if own is None:
        own = _dash_in(style)
    if own is not None:
        return own
    if type_ == "group":
        return _GROUP_DASH
    return () if type_ in KINDS else _UNKNOWN_DASH


def _dash_in(style: Element) -> tuple[float, ...] | None:
    value = style.get("strokeDasharray")
    number = finite(value)
    if number is not None:
        return (min(number, 1e4),) if number > 0 else None
    if not isinstance(value, str) or not _DASH_TEXT.fullmatch(value):
        return None
    try:
        dashes = tuple(min(float(part), 1e4) for part in re.split(r"[\s,]+", value.strip(" ,")))
    except ValueError:
        return None
    return dashes if any(dashes) else ()


def _colour_in(style: Element, *keys: str) -> Colour | None:
    for key in keys:
        colour = read_colour(style.get(key))
        if colour is not None:
            return colour
    return None


def _held(width: float) -> float:
    return min(MAX_STROKE, max(0.0, width))


def _share(style: Element) -> float:
    opacity = finite(style.get("opacity"))
    return 1.0 if opacity is None else min(1.0, max(0.0, opacity))
