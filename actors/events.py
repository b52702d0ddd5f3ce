"""What an actor tells the receivers. The gateway turns these into messages."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from actors.ports import Author, JournalEntry, Policy
from ot.conflicts import ConflictKind, TargetKind
from ot.diagram import Diagram, Json
from ot.operation import Operation


class CommittedOperation(msgspec.Struct, frozen=True):
    """One durable operation: its journal entry (log form) and its wire form, also encoded."""

    entry: JournalEntry
    operation: Operation
    encoded: msgspec.Raw


class Conflict(msgspec.Struct, frozen=True):
    """Something that one author wrote and that gave way to another's edit.

    ``revision`` is the operation whose commit made it so.
    """

    kind: ConflictKind
    target: TargetKind
    id: str
    path: str
    revision: int
    kept_author: Author
    dropped_author: Author
    kept: Json | UnsetType = UNSET
    dropped: Json | UnsetType = UNSET


CloseReason: TypeAlias = Literal["deleted", "unavailable", "shutdown", "forbidden"]


class Event(msgspec.Struct, kw_only=True):
    """``frames`` caches what a codec has made of the event, so that it is encoded once."""

    diagram_id: str
    frames: dict[str, bytes] = msgspec.field(default_factory=dict)


class Updated(Event):
    """Consecutive durable operations, oldest first."""

    operations: Sequence[CommittedOperation]


class Subscribed(Event):
    """The subscription stands. ``snapshot`` is unset where missed operations follow instead;
    it is shared with others who join now, and must not be changed.

    ``last_sequence`` is the newest submission of this client that is durable, 0 if none.
    ``may_edit`` is the subscription's.
    """

    revision: int
    policy: Policy
    last_sequence: int
    snapshot: Diagram | None
    #: What a codec has made of the snapshot, for all who are sent the same one.
    snapshot_frames: dict[str, bytes] = msgspec.field(default_factory=dict)
    may_edit: bool = True


class Acknowledged(Event):
    """A submission is durable, told where no broadcast tells it.

    ``revision`` and ``operation`` are unset for a resend of something long done.
    """

    sequence: int | None
    revision: int | None
    operation: Operation | None = None
    conflicts: Sequence[Conflict] = ()


class Rejected(Event):
    """A submission changed nothing. ``retry``: the same one may succeed in a moment."""

    sequence: int | None
    code: str
    message: str
    at: str = ""
    retry: bool = False


class ConflictsDetected(Event):
    """Told to the authors concerned, after the operation that caused it."""

    conflicts: Sequence[Conflict]


class Presence(Event):
    """What one session is doing now; ``state`` is ``None`` when it has left."""

    session_id: str
    author: Author
    state: Mapping[str, Json] | None


class Read(Event):
    """The diagram at a durable revision; the reader owns the copy."""

    diagram: Diagram
    revision: int


class Closed(Event):
    """The actor has stopped for good; the subscription is over."""

    reason: CloseReason


AnyEvent: TypeAlias = (
    Updated | Subscribed | Acknowledged | Rejected | ConflictsDetected | Presence | Read | Closed
)
