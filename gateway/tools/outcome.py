"""What became of an edit that a tool has submitted, as the fields of its reply."""

from collections.abc import Iterable, Sequence
from typing import Final, TypedDict

import msgspec
from msgspec import UNSET, UnsetType

from actors.ports import Author, JournalEntry
from gateway.changes import Account, Elements, accounts, counts_of
from gateway.identity import Principal
from gateway.service import DiagramService, Reading, Submitted
from gateway.tools.limits import MAX_TOLD_CONFLICTS
from gateway.tools.replies import Applied, ToldAccount, ToldConflict
from gateway.tools.telling import named, tell_conflict
from gateway.undoing import is_by
from ot.operation import NOTHING

#: Revisions made since the base that a write reads to tell what it was merged with.
MAX_MERGED_READ: Final = 100
#: Bytes of the lines that tell it.
MAX_MERGED_BYTES: Final = 2 * 1024


class Outcome(TypedDict):
    """The fields of ``Written``."""

    diagram_id: str
    revision: int
    changed: bool
    applied: Applied | UnsetType
    merged: list[ToldAccount] | UnsetType
    more_merged: int | UnsetType
    overridden: list[ToldConflict] | UnsetType
    more_overridden: int | UnsetType


async def outcome_of(
    service: DiagramService, who: Principal, reading: Reading, submitted: Submitted
) -> Outcome:
    """What a submission came to: applied, merged with what, and what gave way."""
    told = [tell_conflict(conflict, who.author) for conflict in submitted.conflicts]
    counts = counts_of(submitted.operation)
    merged, more = await _merged(service, who.author, reading, submitted.revision)
    return Outcome(
        diagram_id=reading.record.id,
        revision=submitted.revision,
        changed=not submitted.operation.is_empty(),
        applied=Applied(**counts) if counts else UNSET,
        merged=merged or UNSET,
        more_merged=more or UNSET,
        overridden=told[:MAX_TOLD_CONFLICTS] or UNSET,
        more_overridden=max(0, len(told) - MAX_TOLD_CONFLICTS) or UNSET,
    )


async def _merged(
    service: DiagramService, me: Author, reading: Reading, revision: int
) -> tuple[list[ToldAccount], int]:
    """What others did between what was read and ``revision``, and how much of it is not told."""
    last = revision - 1
    first = max(reading.revision, last - MAX_MERGED_READ)
    entries = [
        entry for entry in await service.entries(reading, first, last) if not is_by(entry, me)
    ]
    told, taken = told_within(MAX_MERGED_BYTES, entries, Elements(reading.diagram, entries), me)
    return told, len(entries) - taken + first - reading.revision if last > first else 0


def told_within(
    most_bytes: int,
    entries: Sequence[JournalEntry],
    elements: Elements,
    reader: Author,
    *,
    with_times: bool = False,
) -> tuple[list[ToldAccount], int]:
    """The accounts of so many entries, from the first on, as have room; and how many those are.

    Of the first account there are always some lines.
    """
    told: list[ToldAccount] = []
    taken = 0
    room = most_bytes
    for account in accounts(entries, elements):
        fitting = _fitting(account.lines, room)
        if told and fitting < len(account.lines):
            break
        told.append(_told(account, fitting, reader, with_times=with_times))
        taken = sum(1 for entry in entries if entry.revision <= account.last)
        room -= len(msgspec.json.encode(told[-1]))
        if room <= 0:
            break
    return told, taken


def _fitting(lines: Iterable[str], room: int) -> int:
    """How many of the lines, from the first one on, have room."""
    count = 0
    for line in lines:
        room -= len(line.encode()) + len('"",')
        if room < 0:
            break
        count += 1
    return count


def _told(account: Account, fitting: int, reader: Author, *, with_times: bool) -> ToldAccount:
    return ToldAccount(
        by=named(account.author, reader),
        first_revision=account.first,
        last_revision=account.last,
        at=account.at if with_times else UNSET,
        did=account.lines[:fitting],
        more=(len(account.lines) - fitting) or UNSET,
    )


def nothing_submitted(reading: Reading) -> Submitted:
    """The outcome of an edit with nothing in it, or of one that was only rehearsed."""
    return Submitted(reading.revision, NOTHING, ())
