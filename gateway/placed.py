"""Which nodes stand where a person put them, as far back as the journal is read."""

from collections.abc import Iterable
from typing import Final

from msgspec import UNSET, UnsetType

from actors.ports import JournalEntry
from ot.diagram import Json, json_equal
from ot.operation import Change, Create, Replace, Set, Update

#: Revisions that are looked through.
MAX_PLACED_AGE: Final = 1_000
#: What a layout is called in the journal: it places nodes, but nobody put them there.
LAYOUT_LABEL: Final = "layout"
#: The same of what mends a finding of the critic.
MEND_LABEL: Final = "mend"
_ARRANGED: Final = frozenset({LAYOUT_LABEL, MEND_LABEL})

_POSITION: Final = "/position"


def placed_by_people(entries: Iterable[JournalEntry]) -> frozenset[str]:
    """The nodes that a person has made or moved last. ``entries`` are in their order.

    Who puts a node back to where it was before a layout, by an undo or otherwise, has not placed
    it by that: it counts as it did there.
    """
    placed: set[str] = set()
    #: Where nodes were before the last layout, and whether somebody had placed them there.
    before: dict[str, tuple[Json, bool]] = {}
    for entry in entries:
        is_person = entry.author.kind == "user" and entry.label not in _ARRANGED
        for key, change in entry.operation.nodes.items():
            if not _places(change):
                continue
            old, new = _positions(change)
            if entry.label in _ARRANGED and old is not UNSET:
                before[key] = (old, key in placed)
            place, was_placed = before.get(key, (UNSET, False))
            is_back = new is not UNSET and place is not UNSET and json_equal(new, place)
            if was_placed if is_person and is_back else is_person:
                placed.add(key)
            else:
                placed.discard(key)
    return frozenset(placed)


def _places(change: Change) -> bool:
    if isinstance(change, Create | Replace):
        return "position" in change.element
    return isinstance(change, Update) and any(map(_is_position, change.writes))


def _is_position(path: str) -> bool:
    return path == _POSITION or path.startswith(f"{_POSITION}/")


def _positions(change: Change) -> tuple[Json | UnsetType, Json | UnsetType]:
    """Before and after, where the change writes the position whole."""
    write = change.writes.get(_POSITION) if isinstance(change, Update) else None
    return (write.was, write.value) if isinstance(write, Set) else (UNSET, UNSET)
