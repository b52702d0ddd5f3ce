"""Between the values of the program and the columns of the tables."""

import re
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import msgspec

from actors.ports import Author, CommitBatch, JournalEntry
from ot.diagram import Diagram, Json
from ot.operation import Operation
from ot.wire import wire_form
from persistence.errors import Corrupt, PersistenceError
from persistence.pool import Row

_encode = msgspec.json.Encoder().encode
_decode_operation = msgspec.json.Decoder(Operation).decode
_decode_diagram = msgspec.json.Decoder(Diagram).decode
_decode_json = msgspec.json.Decoder().decode

_MAX_INTEGER: Final = 2**31 - 1
#: The escape of NUL inside JSON text, which jsonb refuses; not a backslash that is itself escaped.
_ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")

BatchRow: TypeAlias = tuple[
    str, uuid.UUID, int, int, str, str | None, str, int, int, datetime, int, datetime | None
]
EntryRow: TypeAlias = tuple[
    str, int, str, str, str, str | None, int | None, bytes, datetime, str, bytes | None,
    int | None, str | None,
]  # fmt: skip


class EncodedBatch(msgspec.Struct, frozen=True):
    """A batch as rows. ``commit_id`` tells this attempt from every other one."""

    commit_id: uuid.UUID
    batch: BatchRow
    entries: list[EntryRow]
    size_bytes: int

    @property
    def diagram_id(self) -> str:
        return self.batch[0]

    @property
    def first_revision(self) -> int:
        return self.entries[0][1]


def encode_batch(batch: CommitBatch) -> EncodedBatch:
    """The rows of a batch, operations in their log form, agents' also in the wire form."""
    entries = [_entry_row(entry) for entry in batch.entries]
    agent_times = [e.committed_at for e in batch.entries if e.author.kind == "agent"]
    summary = batch.summary
    commit_id = uuid.uuid4()
    row: BatchRow = (
        batch.diagram_id,
        commit_id,
        batch.entries[0].revision - 1,
        batch.entries[-1].revision,
        summary.title,
        summary.description,
        summary.kind,
        summary.node_count,
        summary.edge_count,
        batch.entries[-1].committed_at,
        len(agent_times),
        max(agent_times, default=None),
    )
    size_bytes = sum(len(entry[7]) + len(entry[10] or b"") for entry in entries)
    return EncodedBatch(commit_id, row, entries, size_bytes)


def _entry_row(entry: JournalEntry) -> EntryRow:
    author = entry.author
    audited = _encode(wire_form(entry.operation)) if author.kind == "agent" else None
    origin = entry.origin
    return (
        entry.diagram_id,
        entry.revision,
        author.kind,
        author.id,
        author.name,
        entry.client_id,
        entry.sequence,
        _encode(entry.operation),
        entry.committed_at,
        entry.label,
        audited,
        None if origin is None else milliseconds_since(origin.came_in_at),
        None if origin is None else origin.address,
    )


def milliseconds_since(moment: float) -> int:
    """Whole milliseconds since a moment of ``time.monotonic``, as far as the column goes."""
    return max(0, min(int(1000 * (time.monotonic() - moment)), _MAX_INTEGER))


def commit_arguments(group: Sequence[EncodedBatch]) -> list[Any]:
    """The arguments of ``commit_group``: columns of batches, then columns of entries."""
    batches = zip(*(encoded.batch for encoded in group), strict=True)
    entries = zip(*(row for encoded in group for row in encoded.entries), strict=True)
    return [*batches, *entries]


def decode_entry(row: Row) -> JournalEntry:
    """One row of the journal. Raises PersistenceError ``corrupt``."""
    place = f"journal/{row['diagram_id']}/{row['revision']}"
    return JournalEntry(
        diagram_id=row["diagram_id"],
        revision=row["revision"],
        author=Author(row["author_kind"], row["author_id"], row["author_name"]),
        client_id=row["client_id"],
        sequence=row["sequence"],
        operation=decode_operation(row["operation"], place),
        committed_at=row["committed_at"],
        label=row["label"],
    )


def encode_operation(operation: Operation) -> bytes:
    return _encode(operation)


def decode_operation(text: bytes, at: str) -> Operation:
    """Raises PersistenceError ``corrupt`` at ``at``."""
    try:
        return _decode_operation(text)
    except msgspec.DecodeError as error:
        raise Corrupt("This stored operation cannot be read.", at) from error


def encode_diagram(diagram: Diagram) -> bytes:
    return _encode(diagram)


def decode_diagram(text: bytes, at: str) -> Diagram:
    """Raises PersistenceError ``corrupt`` at ``at``."""
    try:
        return _decode_diagram(text)
    except msgspec.DecodeError as error:
        raise Corrupt("This stored snapshot cannot be read.", at) from error


def encode_jsonb(value: Json, at: str) -> bytes | None:
    """JSON text for a jsonb column; ``None`` stays NULL. Raises PersistenceError ``invalid``."""
    if value is None:
        return None
    text = _encode(value)
    if _ESCAPED_NUL.search(text):
        raise PersistenceError("invalid", "Text here may not contain the character NUL.", at)
    return text


def encode_jsonb_leniently(value: Json) -> bytes:
    """JSON text for a jsonb column, NUL shown as U+FFFD: for keeping what was refused."""
    return _ESCAPED_NUL.sub(rb"\1\\ufffd", _encode(value))


def decode_jsonb(text: bytes | None) -> Json:
    return None if text is None else _decode_json(text)


def is_storable(text: str) -> bool:
    """Whether Postgres can hold or compare ``text`` at all: no NUL, no half of a surrogate pair."""
    return storable(text) == text


def storable(text: str) -> str:
    """``text`` with what Postgres cannot hold replaced."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
