"""Completion of a diagram's id, from the beginning of the id or from a part of the title."""

from collections.abc import Iterable
from typing import Final

from mcp_types import Completion

from gateway.identity import Principal
from gateway.resources.limits import (
    MAX_COMPLETED_LENGTH,
    MAX_COMPLETIONS,
    MAX_LOOKED_THROUGH,
)
from gateway.service import MAX_PAGE, DiagramService
from persistence.catalogue import DiagramRecord

NO_COMPLETION: Final = Completion(values=[], has_more=False)


async def complete_id(service: DiagramService, who: Principal, written: str) -> Completion:
    """Ids of diagrams that the caller may read: first those that begin with what is written, then
    those whose title does, then those whose title has it anywhere; the last changed first in each.

    Raises ServiceError.
    """
    written = written[:MAX_COMPLETED_LENGTH]
    found = await _last_changed(service, who, written)
    if written:
        titled, _ = await service.list(who, limit=MAX_PAGE, filter=written)
        found |= {record.id: record for record in titled if _rank(record, written) is not None}
    values = _sorted(found.values(), written)
    return Completion(values=values[:MAX_COMPLETIONS], has_more=len(values) > MAX_COMPLETIONS)


async def _last_changed(
    service: DiagramService, who: Principal, written: str
) -> dict[str, DiagramRecord]:
    """Of the diagrams changed last, those that fit; no index finds the beginning of an id."""
    found: dict[str, DiagramRecord] = {}
    for offset in range(0, MAX_LOOKED_THROUGH, MAX_PAGE):
        records, total = await service.list(who, limit=MAX_PAGE, offset=offset)
        found |= {record.id: record for record in records if _rank(record, written) is not None}
        if offset + MAX_PAGE >= total or (not written and len(found) > MAX_COMPLETIONS):
            break
    return found


def _sorted(records: Iterable[DiagramRecord], written: str) -> list[str]:
    latest = sorted(records, key=lambda record: record.updated_at, reverse=True)
    return [record.id for record in sorted(latest, key=lambda each: _rank(each, written) or 0)]


def _rank(record: DiagramRecord, written: str) -> int | None:
    """How well it fits, the best first; ``None`` where it does not."""
    sought, title = written.casefold(), record.title.casefold()
    if record.id.casefold().startswith(sought):
        return 0
    if title.startswith(sought):
        return 1
    return 2 if sought in title else None
