"""Answers that fit into what agents' programs let through: elements and text, page by page."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from gateway.errors import ServiceError
from gateway.geometry.fields import label_of
from ot.diagram import Element

#: Bytes of one answer of read_diagram; clients cut at 25,000 tokens, or refuse.
MAX_READ_BYTES: Final = 58 * 1024
#: Bytes of one element in it; of a larger one only what it is and where is told.
MAX_ELEMENT_BYTES: Final = 16 * 1024
#: Characters of a text that stay together on one page.
MAX_PIECE: Final = 4_000
#: Characters of the label of an element that is too large.
_MAX_KEPT_LABEL: Final = 200
_KEPT: Final = ("id", "type", "position", "parentId", "source", "target")


class Cursor(msgspec.Struct, frozen=True):
    """Where the next page begins: the revision that is read, units before it, of which wish."""

    revision: int
    offset: int
    digest: str

    def text(self) -> str:
        return f"{self.revision}.{self.offset}.{self.digest}"


def read_cursor(text: str, digest: str) -> Cursor:
    """Raises ServiceError ``invalid_cursor``."""
    revision, _, rest = text.partition(".")
    offset, _, of = rest.partition(".")
    if not (_is_number(revision) and _is_number(offset)):
        message = "Pass the next_cursor of an answer of read_diagram, or none."
        raise ServiceError("invalid_cursor", message, "cursor")
    if of != digest:
        message = "A cursor is for one diagram, format and filters; repeat them, or start anew."
        raise ServiceError("invalid_cursor", message, "cursor")
    return Cursor(int(revision), int(offset), of)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


class Room:
    """What one answer has room for: bytes, and so many elements if a limit is given."""

    def __init__(self, taken: int, limit: int | None) -> None:
        self._bytes = MAX_READ_BYTES - taken
        self._left = limit
        self._is_empty = True

    def takes(self, value: object, *, counts: bool = True) -> bool:
        """Whether there is room for the value; the first one always has some."""
        if counts and self._left == 0:
            return False
        self._bytes -= len(msgspec.json.encode(value)) + 1
        if self._bytes < 0 and not self._is_empty:
            return False
        self._is_empty = False
        if counts and self._left is not None:
            self._left -= 1
        return True


def short_enough(element: Element) -> Element:
    """The element, or what it is and where if it is too large for an answer."""
    size = len(msgspec.json.encode(element))
    if size <= MAX_ELEMENT_BYTES:
        return element
    kept: Element = {key: element[key] for key in _KEPT if key in element}
    label = label_of(element)[:_MAX_KEPT_LABEL]
    return {**kept, "data": {"label": label}, "omitted": f"{size} bytes, too large to be read here"}


def pieces_of(text: str) -> Iterator[str]:
    """The text in pieces that go together on a page, cut at line ends where there are any."""
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and len(piece) + len(line) > MAX_PIECE:
            yield piece
            piece = ""
        piece += line
        while len(piece) > MAX_PIECE:
            yield piece[:MAX_PIECE]
            piece = piece[MAX_PIECE:]
    if piece:
        yield piece


def taken_of(units: Sequence[object], room: Room, *, counts: bool = True) -> int:
    """How many of the units, from the first one on, there is room for."""
    for count, unit in enumerate(units):
        if not room.takes(unit, counts=counts):
            return count
    return len(units)
