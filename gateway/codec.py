"""Between the actors' events and the protocol's messages, encoded once for all receivers."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from actors import events
from gateway import messages
from gateway.errors import ServiceError
from gateway.frames import encode_text

_decoder: msgspec.json.Decoder[messages.Inbound] = msgspec.json.Decoder(messages.Inbound)
_encoder = msgspec.json.Encoder()
_PLACE = re.compile(r"^(.*?)(?: - at `(?:key in )?\$(.*)`)?$", re.S)
_CURRENT = "v1"


def decode(data: bytes) -> messages.Inbound:
    """Raises ServiceError ``malformed_json`` or ``invalid_message``, naming the field."""
    try:
        return _decoder.decode(data)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ServiceError("malformed_json", f"The frame is not JSON: {error}.") from None
    except RecursionError:
        raise ServiceError("too_deep", "The JSON is nested too deeply.") from None


def _invalid(text: str) -> ServiceError:
    found = _PLACE.match(text)
    message, at = (found[1], found[2] or "") if found else (text, "")
    return ServiceError("invalid_message", f"{message}.", at.lstrip("."))


def peek_submission(data: bytes) -> tuple[str, int] | None:
    """Diagram and sequence of a ``submit`` that could not be decoded, where they are readable."""
    try:
        loose = msgspec.json.decode(data, type=_Submission)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return (loose.diagram_id, loose.sequence) if loose.type == "submit" else None


class _Submission(msgspec.Struct):
    type: str
    diagram_id: str
    sequence: int


def frame(message: msgspec.Struct) -> bytes:
    """The message as one WebSocket text frame."""
    return encode_text(_encoder.encode(message))


def event_frames(event: events.AnyEvent) -> bytes:
    """The frames that tell a receiver of an event; made once, then shared."""
    cached = event.frames.get(_CURRENT)
    if cached is None:
        cached = b"".join(frame(message) for message in _MESSAGES[type(event)](event))
        event.frames[_CURRENT] = cached
    return cached


def change(operation: events.CommittedOperation) -> messages.Change:
    entry = operation.entry
    return messages.Change(
        revision=entry.revision,
        operation=operation.encoded,
        author=entry.author,
        updated_by=entry.author.kind,
        timestamp=entry.committed_at,
        client_id=entry.client_id,
        sequence=entry.sequence,
    )


def _updated(event: events.Updated) -> Sequence[msgspec.Struct]:
    changes = [change(operation) for operation in event.operations]
    return [messages.DiagramUpdated(event.diagram_id, changes)]


def _subscribed(event: events.Subscribed) -> Sequence[msgspec.Struct]:
    head = (event.diagram_id, event.revision, event.policy, event.last_sequence, event.may_edit)
    if event.snapshot is None:
        return [messages.Subscribed(*head)]
    encoded = event.snapshot_frames.get(_CURRENT)
    if encoded is None:
        encoded = event.snapshot_frames[_CURRENT] = _encoder.encode(event.snapshot)
    return [messages.Snapshot(*head, msgspec.Raw(encoded))]


def _acknowledged(event: events.Acknowledged) -> Sequence[msgspec.Struct]:
    return [messages.Acknowledged(event.diagram_id, event.sequence, event.revision)]


def _rejected(event: events.Rejected) -> Sequence[msgspec.Struct]:
    if event.sequence is None:
        return [messages.Error(event.code, event.message, event.at, event.diagram_id)]
    return [
        messages.Rejected(
            event.diagram_id, event.sequence, event.code, event.message, event.at, event.retry
        )
    ]


def _conflicts(event: events.ConflictsDetected) -> Sequence[msgspec.Struct]:
    return [
        messages.ConflictDetected(
            diagram_id=event.diagram_id,
            kind=conflict.kind,
            target=conflict.target,
            id=conflict.id,
            path=conflict.path,
            revision=conflict.revision,
            kept_author=conflict.kept_author,
            dropped_author=conflict.dropped_author,
            kept=conflict.kept,
            dropped=conflict.dropped,
        )
        for conflict in event.conflicts
    ]


def _presence(event: events.Presence) -> Sequence[msgspec.Struct]:
    return [messages.PresenceShown(event.diagram_id, event.session_id, event.author, event.state)]


def _closed(event: events.Closed) -> Sequence[msgspec.Struct]:
    return [messages.DiagramClosed(event.diagram_id, event.reason)]


def _nothing(event: events.Read) -> Sequence[msgspec.Struct]:
    return []


_MESSAGES: dict[type, Callable[[Any], Sequence[msgspec.Struct]]] = {
    events.Updated: _updated,
    events.Subscribed: _subscribed,
    events.Acknowledged: _acknowledged,
    events.Rejected: _rejected,
    events.ConflictsDetected: _conflicts,
    events.Presence: _presence,
    events.Closed: _closed,
    events.Read: _nothing,
}
