"""The messages of the WebSocket protocol ``diagramai.v1``. Written down in docs/protocol.md.

Text frames, one JSON object each, told apart by ``type``. Inbound structs ignore fields they do not
know, so that a newer client may speak to an older server.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from actors.events import CloseReason
from actors.limits import MAX_CLIENT_ID_LENGTH
from actors.ports import Author, Policy
from gateway.jwt_identity import MAX_TOKEN_LENGTH
from ot.conflicts import ConflictKind, TargetKind
from ot.diagram import Json
from ot.operation import Operation
from ot.validate import MAX_ID_LENGTH

_MAX_REVISION = 2**53
Identifier: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)]
#: Visible ASCII: it is looked up in the journal, where not every character can stand.
ClientId: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=MAX_CLIENT_ID_LENGTH, pattern="^[!-~]*$")
]
Revision: TypeAlias = Annotated[int, Meta(ge=0, le=_MAX_REVISION)]
Sequence_: TypeAlias = Annotated[int, Meta(ge=1, le=_MAX_REVISION)]


# From the client ------------------------------------------------------------------------------


class Hello(msgspec.Struct, tag="hello"):
    """Introduces the client. ``client_id`` survives reconnects, so that resends are recognised.

    ``token`` says who it is, where no header does.
    """

    client_id: ClientId | None = None
    token: Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN_LENGTH)] | None = None

    def __repr__(self) -> str:
        # Messages get into logs; tokens do not.
        return f"Hello({self.client_id!r})"


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Follow a diagram. ``diagram_uuid`` is the old app's spelling and makes it a legacy one."""

    diagram_id: Identifier | None = None
    diagram_uuid: Identifier | None = None
    revision: Revision | None = None
    pending: bool = False


class Unsubscribe(msgspec.Struct, tag="unsubscribe"):
    diagram_id: Identifier | None = None
    diagram_uuid: Identifier | None = None


class Submit(msgspec.Struct, tag="submit"):
    """An edit that is valid on ``base_revision``; ``sequence`` counts the client's submissions.

    ``label``: a program chose the places, so what the edit moves is not placed by a person.
    """

    diagram_id: Identifier
    base_revision: Revision
    sequence: Sequence_
    operation: Operation
    seen_revision: Revision | None = None
    label: Literal["layout", "mend"] | None = None


class ShowPresence(msgspec.Struct, tag="presence"):
    """What this session is doing: cursor, selection, preview of a drag, activity."""

    diagram_id: Identifier
    state: dict[str, Any]


class Ping(msgspec.Struct, tag="ping"):
    id: int | str | None = None


class AgentOperation(msgspec.Struct, tag="agent_operation"):
    """The old app's edit by an agent."""

    operation: str
    diagram_uuid: Identifier | None = None
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    request_id: int | str | None = None


Inbound: TypeAlias = Hello | Subscribe | Unsubscribe | Submit | ShowPresence | Ping | AgentOperation


# From the server ------------------------------------------------------------------------------


class Welcome(msgspec.Struct, tag="welcome"):
    session_id: str
    client_id: str
    participant: Author
    protocol: str
    server_version: str
    ping_interval_ms: int
    max_message_bytes: int


class Snapshot(msgspec.Struct, tag="snapshot"):
    diagram_id: str
    revision: int
    policy: Policy
    last_sequence: int
    may_edit: bool
    diagram: Annotated[msgspec.Raw, "Diagram"]


class Subscribed(msgspec.Struct, tag="subscribed"):
    """The missed operations follow; ``revision`` is the one they lead to."""

    diagram_id: str
    revision: int
    policy: Policy
    last_sequence: int
    may_edit: bool


class Change(msgspec.Struct):
    revision: int
    operation: msgspec.Raw
    author: Author
    updated_by: Literal["user", "agent", "system"]
    timestamp: datetime
    client_id: str | None = None
    sequence: int | None = None


class DiagramUpdated(msgspec.Struct, tag="diagram_updated"):
    diagram_id: str
    changes: Sequence[Change]


class ConflictDetected(msgspec.Struct, tag="conflict_detected"):
    """A conflict never blocks: ``resolution_required`` is always false."""

    diagram_id: str
    kind: ConflictKind
    target: TargetKind
    id: str
    path: str
    revision: int
    kept_author: Author
    dropped_author: Author
    kept: Json | UnsetType = UNSET
    dropped: Json | UnsetType = UNSET
    resolution_required: bool = False


class PresenceShown(msgspec.Struct, tag="presence"):
    """``state`` is null once the session has left."""

    diagram_id: str
    session_id: str
    participant: Author
    state: Any


class Acknowledged(msgspec.Struct, tag="acknowledged"):
    """A resend of something long durable; ``revision`` is null where newer ones are known."""

    diagram_id: str
    sequence: int | None
    revision: int | None


class Rejected(msgspec.Struct, tag="rejected"):
    """The submission changed nothing. ``retry``: send it again in a moment."""

    diagram_id: str
    sequence: int | None
    code: str
    message: str
    at: str
    retry: bool
    retry_after_ms: int | UnsetType = UNSET


class Error(msgspec.Struct, tag="error"):
    """Something other than a submission was refused; the connection goes on."""

    code: str
    message: str
    at: str = ""
    diagram_id: str | None = None
    retry_after_ms: int | UnsetType = UNSET


class DiagramClosed(msgspec.Struct, tag="diagram_closed"):
    """The subscription has ended: the diagram was deleted, cannot be served now, or is none of the
    participant's any more."""

    diagram_id: str
    reason: CloseReason


class PermissionChanged(msgspec.Struct, tag="permission_changed"):
    """What the participant may do with a diagram that it follows is not what it was."""

    diagram_id: str
    may_edit: bool


class Pong(msgspec.Struct, tag="pong"):
    id: int | str | None = None


class LegacyUpdated(msgspec.Struct, tag="diagram_updated"):
    """The old app's broadcast; ``changes`` are the same as in the present one."""

    diagram_uuid: str
    changes: Sequence[Change]
    updated_by: Literal["user", "agent", "system"]
    timestamp: datetime


class LegacyResult(msgspec.Struct, tag="diagram_updated"):
    """The old app's answer to an ``agent_operation`` that was done."""

    diagram_uuid: str | None
    result: dict[str, Any]
    request_id: int | str | None
    timestamp: datetime
    success: bool = True
    changes: Sequence[Change] = ()


class LegacyError(msgspec.Struct, tag="error"):
    """The old app's answer to anything that was not done; ``code`` is new."""

    error: str
    code: str
    timestamp: datetime
    request_id: int | str | None = None
    diagram_uuid: str | None = None
    success: bool = False
