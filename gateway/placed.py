"""Which nodes stand where a person put them, as far back as the journal is read."""

from collections.abc import Iterable
from typing import Final

from actors.ports import JournalEntry
from ot.operation import Change, Create, Replace, Update

#: Revisions that are looked through.
MAX_PLACED_AGE: Final = 1_000
#: What a layout is called in the journal: it places nodes, but nobody put them there.
LAYOUT_LABEL: Final = "layout"

_POSITION: Final = "/position"


def placed_by_people(entries: Iterable[JournalEntry]) -> frozenset[str]:
    """The nodes that a person has made or moved last. ``entries`` are in their order."""
    placed: set[str] = set()
    for entry in entries:
        moved = {key for key, change in entry.operation.nodes.items() if _places(change)}
        if entry.author.kind == "user" and entry.label != LAYOUT_LABEL:
            placed |= moved
        else:
            placed -= moved
    return frozenset(placed)


def _places(change: Change) -> bool:
    if isinstance(change, Create | Replace):
        return "position" in change.element
    return isinstance(change, Update) and any(map(_is_position, change.writes))


def _is_position(path: str) -> bool:
    return path == _POSITION or path.startswith(f"{_POSITION}/")
