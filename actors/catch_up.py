"""The operations between a revision somebody has and the present, from memory and the journal."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from actors.events import CommittedOperation
from actors.history import History
from actors.ports import Author, JournalEntry
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
    read = entries_between(older, since, history.floor)
    if len(read) != history.floor - since:
        return None
    remembered = [committed(entry, wire_form(entry.operation)) for entry in read]
    return [*remembered, *history.since(history.floor, up_to)]


def concurrent_since(
    history: History, since: int, older: Iterable[JournalEntry]
) -> Iterator[tuple[Author, Operation]]:
    """Authors and operations after ``since``, as far as ``older`` and memory reach.

    The log form serves as well as the wire form here, and nobody needs it encoded.
    """
    for entry in entries_between(older, since, history.floor):
        yield entry.author, entry.operation
    for operation in history.since(max(since, history.floor)):
        yield operation.entry.author, operation.operation


def entries_between(entries: Iterable[JournalEntry], after: int, up_to: int) -> list[JournalEntry]:
    return [entry for entry in entries if after < entry.revision <= up_to]
