"""The operations between a revision somebody has and the present, from memory and the journal."""

from collections.abc import Iterable, Sequence

import msgspec

from actors.events import CommittedOperation
from actors.history import History
from actors.ports import JournalEntry
from ot.operation import Operation
from ot.wire import wire_form


def committed(entry: JournalEntry, wire: Operation) -> CommittedOperation:
    """An entry with its wire form, encoded once for everybody who will be told of it."""
    return CommittedOperation(entry, wire, msgspec.Raw(msgspec.json.encode(wire)))


def operations_since(
    history: History, since: int, up_to: int, older: Iterable[JournalEntry]
) -> Sequence[CommittedOperation] | None:
    """Operations with ``since < revision <= up_to``; ``None`` where ``older`` does not reach back.

    ``older`` are entries that were read from the journal because memory has lost them.
    """
    if since >= history.floor:
        return history.since(since, up_to)
    read = [
        committed(entry, wire_form(entry.operation))
        for entry in older
        if since < entry.revision <= history.floor
    ]
    if len(read) != history.floor - since:
        return None
    return [*read, *history.since(history.floor, up_to)]
