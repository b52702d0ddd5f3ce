"""Reading elements, which may hold anything: every value is checked before it is used.

The same rules as the editor's, so that both see the same size, place and label.
"""

import math
import re
from decimal import Decimal

from ot.diagram import Element, Json

#: Flow units; nothing is drawn further out.
MAX_COORDINATE = 1e7
#: Bits of whole numbers that are read as numbers.
MAX_BITS = 1023
#: Code points of an icon; longer ones are names of icon sets and are not shown.
MAX_ICON_LENGTH = 8

_PIXELS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?(px)?")


def object_at(value: Element, key: str) -> Element:
    """The object under ``key``; an empty one where there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def string_at(value: Element, key: str) -> str | None:
    """The string under ``key``; ``None`` where there is none or it is empty."""
    found = value.get(key)
    return found if isinstance(found, str) and found else None


def finite(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return float(value) if value.bit_length() <= MAX_BITS else None
    return value if math.isfinite(value) else None


def length_at(value: Element, key: str) -> float | None:
    """The length in pixels under ``key``: a number, or a string such as "150" or "150px"."""
    found = value.get(key)
    if isinstance(found, str) and _PIXELS.fullmatch(found):
        return float(found.removesuffix("px"))
    return finite(found)


def position_of(element: Element) -> tuple[float, float]:
    """Where the node stands, relative to its parent; a missing position is the origin."""
    position = object_at(element, "position")
    return _clamped(finite(position.get("x"))), _clamped(finite(position.get("y")))


def _clamped(value: float | None) -> float:
    return min(MAX_COORDINATE, max(-MAX_COORDINATE, value or 0.0))


def type_of(element: Element) -> str:
    """The node's type as it is stored; "default" where none is."""
    return string_at(element, "type") or "default"


def label_of(element: Element) -> str:
    """The text in a node."""
    return _spelled(object_at(element, "data").get("label"))


def edge_label_of(element: Element) -> tuple[str, str]:
    """The text at an edge, and the path it is stored under."""
    in_data = object_at(element, "data").get("label")
    if "label" not in element and isinstance(in_data, str):
        return in_data, "/data/label"
    return _spelled(element.get("label")), "/label"


def icon_of(element: Element) -> str | None:
    """The emoji of a node, if it has one."""
    icon = string_at(object_at(element, "data"), "icon")
    if icon is None or len(icon) > MAX_ICON_LENGTH or any(map(str.isascii, icon)):
        return None
    return icon


def _spelled(value: Json) -> str:
    if isinstance(value, str):
        return value
    number = finite(value)
    return "" if number is None else spelled_number(number)


def spelled_number(number: float) -> str:
    """The number as JavaScript writes it: 1 for 1.0, 0.00001 for 1e-05."""
    if number.is_integer() and abs(number) < 1e21:
        return str(int(number))
    text = repr(number)
    if "e" not in text:
        return text
    if 1e-6 <= abs(number) < 1e21:
        return f"{Decimal(text):f}"
    digits, _, exponent = text.partition("e")
    return f"{digits}e{int(exponent):+d}"
