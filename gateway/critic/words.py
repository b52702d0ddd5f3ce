"""Whether a label says anything: blank ones do not, and what is no text is not judged."""

import unicodedata
from typing import Final

from gateway.geometry.fields import edge_label_of, finite, label_of
from ot.diagram import Element, Json

#: White space, signs that only steer other signs, and halves of signs: nothing of it is drawn.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
#: Signs of other categories that are never drawn either: Unicode's Default_Ignorable_Code_Point,
#: the blank of Braille and the null note.
_FILLERS: Final = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2065, 0x2065),
        (0x2800, 0x2800),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0x1D159, 0x1D159),
        (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen."""
    return all(
        sign.isspace() or sign in _FILLERS or unicodedata.category(sign) in _INVISIBLE
        for sign in text
    )


def lacks_text(node: Element) -> bool:
    """Whether nothing is written in the node, and a text can be stored without losing anything.

    A label that is an object, a list, true or false is drawn as no text, yet somebody stored it.
    """
    data = node.get("data")
    if data is None:
        return True
    if not isinstance(data, dict):
        return False
    return is_text(data.get("label")) and is_blank(label_of(node))


def is_text(label: Json) -> bool:
    """Whether the stored label is none, a text, or a number, which is written out."""
    return label is None or isinstance(label, str) or finite(label) is not None


def edge_lacks_text(edge: Element) -> bool:
    """The same for an edge, whose label may stand in two places."""
    text, path = edge_label_of(edge)
    return is_blank(text) and (path == "/data/label" or is_text(edge.get("label")))
