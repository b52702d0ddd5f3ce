"""CSS as Mermaid writes it, and the ``style`` of React Flow's nodes and edges.

Only what both have goes over; every other entry stays in ``data.mermaid`` and in the text.
"""

import re
from collections.abc import Iterable
from typing import Final

from ot.diagram import Element, Json

#: Keys of a node's style by Mermaid's names for them.
NODE_KEYS: Final = {"fill": "backgroundColor", "stroke": "borderColor", "color": "color"}
#: Keys of an edge's style likewise.
EDGE_KEYS: Final = {
    "stroke": "stroke", "stroke-width": "strokeWidth", "stroke-dasharray": "strokeDasharray",
}  # fmt: skip
#: How Mermaid's strokes look: those of an edge that is drawn thick or dotted.
THICK: Final = 3.5
DASHES: Final = "5 5"
#: Edges at least this wide are written as thick ones.
MIN_THICK: Final = 3

_NUMBER: Final = re.compile(r"(-?\d+(?:\.\d+)?)(?:px)?")
#: Values that the grammar of ``style`` takes, commas and brackets not being among them.
_WRITABLE: Final = re.compile(
    r"#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,20}|\d+(?:\.\d+)?(?:px|%)?(?: \d+){0,7}"
)
_RGB: Final = re.compile(
    r"rgba?\(\s*(\d+)\s*[, ]\s*(\d+)\s*[, ]\s*(\d+)\s*(?:[,/]\s*([01]|[01]?\.\d+)\s*)?\)"
)
_COMMAS: Final = re.compile(r"\s*,\s*")
#: Words that are something else in the grammar.
_WORDS: Final = frozenset({"end", "default", "class", "graph", "href", "click", "call", "style"})


def split_style(entry: str) -> tuple[str, str]:
    """``fill:#fff`` as name and value."""
    name, _, value = entry.partition(":")
    return name.strip(), value.strip().removesuffix("!important").strip()


def node_style(entries: Iterable[str]) -> Element:
    """The part of Mermaid's entries that a node's style can hold; later ones win."""
    pairs = (split_style(entry) for entry in entries)
    return {NODE_KEYS[name]: value for name, value in pairs if name in NODE_KEYS and value}


def edge_style(entries: Iterable[str]) -> Element:
    style: Element = {}
    for name, value in map(split_style, entries):
        if name in EDGE_KEYS and value:
            number = _NUMBER.fullmatch(value) if name == "stroke-width" else None
            style[EDGE_KEYS[name]] = _number(number[1]) if number else value
    return style


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def style_of(element: Element) -> Element:
    style = element.get("style")
    return style if isinstance(style, dict) else {}


def node_entries(element: Element) -> dict[str, str]:
    """What a node's style says in Mermaid's names, where the grammar can hold it."""
    return _entries(style_of(element), NODE_KEYS)


def edge_entries(
    edge: Element, inherited: Element | None = None, stroke: str = "="
) -> dict[str, str]:
    """The same of an edge, without what its arrow says already.

    What the arrow says gives way to ``inherited``, the style that classes and ``linkStyle default``
    give the edge; where that has a word on it, the edge says its own. ``stroke`` is the arrow's:
    only ``=`` says that an edge is thick.
    """
    entries = _entries(style_of(edge), EDGE_KEYS)
    over = inherited or {}
    is_thickness = entries.get("stroke-width") == f"{THICK}px" and stroke == "="
    if is_thickness and "strokeWidth" not in over:
        del entries["stroke-width"]
    dashes = entries.get("stroke-dasharray")
    if dashes in (DASHES, "none", "0") and "strokeDasharray" not in over:
        del entries["stroke-dasharray"]
    return entries


def other_entries(entries: Iterable[str], keys: Iterable[str]) -> list[str]:
    """The entries that a document has no place for; ``fill:none`` Mermaid adds by itself."""
    known = frozenset(keys)
    return [e for e in entries if split_style(e)[0] not in known and e.strip() != "fill:none"]


def without_said(
    named: Iterable[str], classes: dict[str, list[str]], said: Iterable[str], keys: Iterable[str]
) -> tuple[list[str], list[str]]:
    """The classes an element can stay in, and the entries that stand in for the others.

    Nothing in Mermaid takes back what a class gives, so an element leaves a class that gives it
    one of ``keys`` which it does not say itself; the rest of that class it then says alone.
    """
    missing = frozenset(keys) - frozenset(said)
    left: list[str] = []
    alone: list[str] = []
    for name in dict.fromkeys(named):
        entries = classes.get(name, [])
        if any(split_style(e)[0] in missing and split_style(e)[1] for e in entries):
            alone += other_entries(entries, keys)
        else:
            left.append(name)
    return left, alone


def _entries(style: Element, keys: dict[str, str]) -> dict[str, str]:
    if not style:
        return {}
    written = ((name, writable(style.get(key), name)) for name, key in keys.items())
    return {name: value for name, value in written if value}


def writable(value: Json, name: str) -> str:
    """The value as text that the grammar takes, or ``""``."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        unit = {"stroke-width": "px", "stroke-dasharray": ""}.get(name)
        return f"{value}{unit}" if unit is not None and 0 <= value < 1000 else ""
    if not isinstance(value, str):
        return ""
    rgb = _RGB.fullmatch(value.strip())
    if rgb is not None:
        return _hex(*rgb.groups())
    text = value.strip()
    if name == "stroke-dasharray":
        # CSS takes either between the lengths; in the grammar a comma is between the entries.
        text = _COMMAS.sub(" ", text)
    return text if _WRITABLE.fullmatch(text) and text.lower() not in _WORDS else ""


def _hex(red: str, green: str, blue: str, opacity: str | None) -> str:
    """A colour in signs that the grammar takes, the opacity only where it shows through."""
    parts = [min(int(part), 255) for part in (red, green, blue)]
    alpha = round(min(float(opacity or 1), 1) * 255)
    return "#" + "".join(f"{part:02x}" for part in (parts if alpha == 255 else [*parts, alpha]))


def is_dashed(edge: Element) -> bool:
    """Animated edges are drawn dashed, as are those whose style says so."""
    dashes = style_of(edge).get("strokeDasharray")
    return edge.get("animated") is True or (bool(dashes) and dashes not in ("0", "none"))


def is_thick(edge: Element) -> bool:
    width = style_of(edge).get("strokeWidth")
    if isinstance(width, str) and (number := _NUMBER.fullmatch(width.strip())):
        width = float(number[1])
    return isinstance(width, int | float) and not isinstance(width, bool) and width >= MIN_THICK
