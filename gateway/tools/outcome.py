"""What became of an edit that a tool has submitted, as the fields of its reply."""

from collections.abc import Iterable, Sequence
from typing import Final, TypedDict

import msgspec
from msgspec import UNSET, UnsetType

from actors.events import Conflict
from actors.ports import Author, JournalEntry
from gateway.changes import Account, Elements, accounts, counts_of
from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.service import DiagramService, Reading, Submitted
from gateway.tools.limits import MAX_TOLD_CONFLICTS
from gateway.tools.repairs import cut_again
from gateway.tools.replies import Applied, MergedText, ToldAccount, ToldConflict
from gateway.tools.telling import named, tell_conflict
from gateway.tools.texts import has_texts, merged_texts
from gateway.undoing import is_by
from ot.operation import NOTHING, Operation

#: Revisions made since the base that a write reads to tell what it was merged with.
MAX_MERGED_READ: Final = 100
#: Bytes of the lines that tell it.
MAX_MERGED_BYTES: Final = 2 * 1024
#: Bytes of the values told of that gave way; the rest is counted.
MAX_OVERRIDDEN_BYTES: Final = 24 * 1024


class Outcome(TypedDict):
    """The fields of ``Written``."""

    diagram_id: str
    revision: int
    changed: bool
    applied: Applied | UnsetType
    merged: list[ToldAccount] | UnsetType
    more_merged: int | UnsetType
    merged_texts: list[MergedText] | UnsetType
    overridden: list[ToldConflict] | UnsetType
    more_overridden: int | UnsetType


async def outcome_of(
    service: DiagramService,
    who: Principal,
    reading: Reading,
    submitted: Submitted,
    sent: Operation = NOTHING,
) -> Outcome:
    """What the submission of ``sent`` came to: applied, merged with what, and what gave way."""
    cut = await cut_again(service, who.author, reading, submitted)
    lost = [*_standing(submitted.conflicts, who.author), *cut]
    told = _told_conflicts(lost, who.author)
    counts = counts_of(submitted.operation)
    merged, more = await _merged(service, who.author, reading, submitted.revision)
    return Outcome(
        diagram_id=reading.record.id,
        revision=submitted.revision,
        changed=not submitted.operation.is_empty(),
        applied=Applied(**counts) if counts else UNSET,
        merged=merged or UNSET,
        more_merged=more or UNSET,
        merged_texts=await _merged_texts(service, who, reading, submitted, sent) or UNSET,
        overridden=told or UNSET,
        more_overridden=(len(lost) - len(told)) or UNSET,
    )


def _standing(conflicts: Sequence[Conflict], me: Author) -> list[Conflict]:
    """Without values of mine that were kept at first, in an element that then gave way whole."""
    gone = {
        (conflict.target, conflict.id): i
        for i, conflict in enumerate(conflicts)
        if not conflict.path and conflict.dropped_author == me != conflict.kept_author
    }
    return [
        conflict
        for i, conflict in enumerate(conflicts)
        if conflict.kept_author != me or i >= gone.get((conflict.target, conflict.id), 0)
    ]


def _told_conflicts(conflicts: Sequence[Conflict], me: Author) -> list[ToldConflict]:
    """As many, from the first on, as have room; the first one always has some."""
    told: list[ToldConflict] = []
    room = MAX_OVERRIDDEN_BYTES
    for conflict in conflicts[:MAX_TOLD_CONFLICTS]:
        each = tell_conflict(conflict, me)
        room -= len(msgspec.json.encode(each))
        if told and room < 0:
            break
        told.append(each)
    return told


async def _merged_texts(
    service: DiagramService, who: Principal, reading: Reading, submitted: Submitted, sent: Operation
) -> list[MergedText]:
    """Read only where an edit of a text may have met others' edits."""
    if submitted.revision <= reading.revision + 1 or not has_texts(sent):
        return []
    try:
        after = await service.read(who, reading.record.id, revision=submitted.revision)
    except ServiceError:
        # The edit is made; that the diagram was deleted since is for the next call to tell.
        return []
    return merged_texts(sent, reading.diagram, submitted.operation, after.diagram)


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
