"""Groups that would have come to be in each other: what the server has cut, as what gave way.

An edit that was fine where it was made can close such a ring with what others have done since. The
server opens it again in the next revision, where the edit put a node into a group.
"""

from collections.abc import Sequence

from actors.events import Conflict
from actors.ports import SYSTEM, Author
from gateway.service import DiagramService, Reading, Submitted
from ot.operation import Unset, Update
from ot.references import PARENT_REFERENCE


async def cut_again(
    service: DiagramService, me: Author, reading: Reading, submitted: Submitted
) -> Sequence[Conflict]:
    """The memberships in groups that ``me`` wrote and that were cut at once. Read only where a
    node was put into a group, and others have edited since."""
    if submitted.revision <= reading.revision + 1 or not _puts_into_groups(submitted):
        return []
    following = submitted.revision + 1
    entries = await service.entries(reading, submitted.revision, following)
    return [
        Conflict(
            kind="simultaneous_edit",
            target="node",
            id=identifier,
            path=PARENT_REFERENCE,
            revision=following,
            kept_author=SYSTEM,
            dropped_author=me,
            dropped=write.was,
        )
        for entry in entries
        if entry.author.kind == SYSTEM.kind
        for identifier, change in entry.operation.nodes.items()
        if isinstance(change, Update)
        and isinstance(write := change.writes.get(PARENT_REFERENCE), Unset)
    ]


def _puts_into_groups(submitted: Submitted) -> bool:
    return any(
        isinstance(change, Update) and PARENT_REFERENCE in change.writes
        for change in submitted.operation.nodes.values()
    )
