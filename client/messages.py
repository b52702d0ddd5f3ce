"""The messages of the protocol ``diagramai.v1`` as the client sends and reads them."""

from datetime import datetime
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from ot.conflicts import TargetKind
from ot.diagram import Diagram, Json
from ot.operation import Operation
from ot.policy import AuthorKind, Policy

PROTOCOL = "diagramai.v1"


class Author(msgspec.Struct, frozen=True):
    """Who made an edit, or is here: a person, an agent, or the server itself."""

    kind: AuthorKind
    id: str
    name: str

    def is_same(self, other: "Author") -> bool:
        """Names change; who somebody is does not."""
        return self.kind == other.kind and self.id == other.id


# From the client ------------------------------------------------------------------------------


class Hello(msgspec.Struct, tag="hello"):
    client_id: str


class Subscribe(msgspec.Struct, tag="subscribe", omit_defaults=True):
    """``pending``: edits on ``revision`` are held that are not acknowledged."""

    diagram_id: str
    revision: int | None = None
    pending: bool = False


class Unsubscribe(msgspec.Struct, tag="unsubscribe"):
    diagram_id: str


class Submit(msgspec.Struct, tag="submit", omit_defaults=True):
    """``seen_revision``: what its author had seen, where that is older than the base."""

    diagram_id: str
    base_revision: int
    sequence: int
    operation: Operation
    seen_revision: int | None = None


class ShowPresence(msgspec.Struct, tag="presence"):
    diagram_id: str
    state: dict[str, Any]


class Ping(msgspec.Struct, tag="ping"):
    id: int


Outbound: TypeAlias = Hello | Subscribe | Unsubscribe | Submit | ShowPresence | Ping


# From the server ------------------------------------------------------------------------------


class Welcome(msgspec.Struct, tag="welcome"):
    session_id: str
    participant: Author
    max_message_bytes: int


class Subscribed(msgspec.Struct, tag="subscribed"):
    """The operations that were missed, up to ``revision``, follow."""

    diagram_id: str
    revision: int
    policy: Policy
    last_sequence: int
    may_edit: bool = True


class Snapshot(msgspec.Struct, tag="snapshot"):
    diagram_id: str
    revision: int
    policy: Policy
    last_sequence: int
    diagram: Diagram
    may_edit: bool = True


class CommittedChange(msgspec.Struct):
    """An operation as committed; ``revision`` is the one it leads to."""

    revision: int
    operation: Operation
    author: Author
    timestamp: datetime
    client_id: str | None = None
    sequence: int | None = None


class DiagramUpdated(msgspec.Struct, tag="diagram_updated"):
    diagram_id: str
    changes: list[CommittedChange]


class ConflictDetected(msgspec.Struct, tag="conflict_detected"):
    diagram_id: str
    kind: str
    target: TargetKind
    id: str
    path: str
    revision: int
    kept_author: Author
    dropped_author: Author
    kept: Json | UnsetType = UNSET
    dropped: Json | UnsetType = UNSET


class PresenceShown(msgspec.Struct, tag="presence"):
    """``state`` is None once the session has left."""

    diagram_id: str
    session_id: str
    participant: Author
    state: dict[str, Any] | None


class Acknowledged(msgspec.Struct, tag="acknowledged"):
    diagram_id: str


class Rejected(msgspec.Struct, tag="rejected"):
    diagram_id: str
    sequence: int | None
    code: str
    message: str
    at: str
    retry: bool


class Refused(msgspec.Struct, tag="error"):
    """Anything but a submission was refused."""

    code: str
    message: str
    at: str
    diagram_id: str | None


class DiagramClosed(msgspec.Struct, tag="diagram_closed"):
    diagram_id: str
    reason: str


class PermissionChanged(msgspec.Struct, tag="permission_changed"):
    diagram_id: str
    may_edit: bool


class Pong(msgspec.Struct, tag="pong"):
    pass


DiagramMessage: TypeAlias = (
    Subscribed
    | Snapshot
    | DiagramUpdated
    | ConflictDetected
    | PresenceShown
    | Acknowledged
    | Rejected
    | Refused
    | DiagramClosed
    | PermissionChanged
)
Inbound: TypeAlias = Welcome | Pong | DiagramMessage


class _Envelope(msgspec.Struct):
    type: str


_KNOWN = frozenset(
    str(kind.__struct_config__.tag) for kind in (Welcome, Pong, *DiagramMessage.__args__)
)
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Inbound] = msgspec.json.Decoder(Inbound)
_envelopes = msgspec.json.Decoder(_Envelope)


def encode(message: Outbound) -> bytes:
    return _encoder.encode(message)


def decode(text: str) -> Inbound | None:
    """A message of the server; None where this client does not know its type.

    Raises msgspec.DecodeError where it is not what the protocol says.
    """
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError:
        if _envelopes.decode(text).type in _KNOWN:
            raise
        return None
