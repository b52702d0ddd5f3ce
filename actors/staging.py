"""Operations that are applied in memory and not durable yet, and who waits for them."""

from collections.abc import Sequence

import msgspec

from actors.events import Acknowledged, CommittedOperation, Conflict, Rejected
from actors.ports import Author, JournalEntry, LastSubmission
from actors.sessions import Receiver


class Staged(msgspec.Struct):
    """One operation. ``receivers`` are all that sent it: a resend may come over another
    connection, and even overtake the first one's frame."""

    committed: CommittedOperation
    receivers: list[Receiver]
    conflicts: Sequence[Conflict]
    previous_submission: LastSubmission | None

    @property
    def entry(self) -> JournalEntry:
        return self.committed.entry

    def is_from(self, author: Author, client_id: str | None) -> bool:
        """Whether this client of this author has sent it."""
        entry = self.entry
        return client_id is not None and entry.client_id == client_id and _is(entry.author, author)

    def acknowledged(self) -> Acknowledged:
        """What tells those who do not see the broadcast."""
        return Acknowledged(
            diagram_id=self.entry.diagram_id,
            sequence=self.entry.sequence,
            revision=self.entry.revision,
            operation=self.committed.operation,
            conflicts=self.conflicts,
        )

    def rejected(self, code: str, message: str, retry: bool) -> Rejected:
        """What tells that it did not become durable."""
        return Rejected(
            diagram_id=self.entry.diagram_id,
            sequence=self.entry.sequence,
            code=code,
            message=message,
            retry=retry,
        )

    def conflicts_of(self, author: Author) -> list[Conflict]:
        """Those in which something of this author gave way, or made something give way."""
        return [
            conflict
            for conflict in self.conflicts
            if _is(conflict.kept_author, author) or _is(conflict.dropped_author, author)
        ]


def _is(one: Author, other: Author) -> bool:
    """Names may change; who somebody is does not."""
    return (one.kind, one.id) == (other.kind, other.id)
