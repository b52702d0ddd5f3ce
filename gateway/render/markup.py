"""Pieces of SVG. Whatever comes from a document passes through here: escaped text, plain numbers.

No piece holds an id, a link, a reference (``url()``) or a script, so that pictures can stand in one
page together and nothing in them is ever fetched or run.
"""

import re
from collections.abc import Iterable

from gateway.geometry.boxes import Box
from gateway.render.colours import Colour
from gateway.render.fonts import family_runs
from gateway.render.limits import MAX_ID

#: What XML 1.0 cannot hold, escaped or not.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_SPACES = re.compile(r"[\t\r\n]")


def number(value: float) -> str:
    """Rounded to hundredths, in the shortest form."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def escaped(text: str) -> str:
    """The text as XML, without what XML cannot hold; each space of another kind as a plain one."""
    if text.isalnum() and text.isascii():
        return text
    clean = _NOT_XML.sub("", text)
    return _SPACES.sub(" ", clean).translate(_ESCAPES)


def element_of(kind: str, identifier: str) -> str:
    """The attributes that say which element of the diagram is drawn."""
    return f'data-element="{kind}" data-id="{escaped(identifier[:MAX_ID])}"'


def paint(name: str, colour: Colour) -> str:
    """``fill`` or ``stroke`` as attributes."""
    if colour.alpha >= 1:
        return f' {name}="{colour.hex}"'
    if colour.alpha <= 0:
        return f' {name}="none"'
    return f' {name}="{colour.hex}" {name}-opacity="{number(colour.alpha)}"'


def stroke(colour: Colour, width: float, dash: Iterable[float] = ()) -> str:
    if width <= 0:
        return ""
    dashes = " ".join(map(number, dash))
    dash_attribute = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'{paint("stroke", colour)} stroke-width="{number(width)}"{dash_attribute}'


def opacity(share: float) -> str:
    return "" if share >= 1 else f' opacity="{number(share)}"'


def path(d: str, attributes: str, fill: Colour | None = None) -> str:
    filled = ' fill="none"' if fill is None else paint("fill", fill)
    return f'<path d="{d}"{filled}{attributes}/>'


def rectangle(box: Box, attributes: str, radius: float = 0) -> str:
    corner = f' rx="{number(radius)}"' if radius else ""
    return (
        f'<rect x="{number(box.x)}" y="{number(box.y)}" width="{number(box.width)}" '
        f'height="{number(box.height)}"{corner}{attributes}/>'
    )


def text_line(x: float, y: float, line: str, attributes: str = "") -> str:
    """One line of text with its baseline at ``y``."""
    content = "".join(
        escaped(part)
        if family is None
        else f'<tspan font-family="{family}">{escaped(part)}</tspan>'
        for family, part in family_runs(line)
    )
    return f'<text x="{number(x)}" y="{number(y)}"{attributes}>{content}</text>'
