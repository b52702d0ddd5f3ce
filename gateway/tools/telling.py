"""Conflicts in plain words: whose value was kept, whose was dropped."""

import msgspec
from msgspec import UNSET, UnsetType

from actors.events import Conflict
from actors.ports import Author
from gateway.tools.limits import MAX_TOLD_VALUE_BYTES
from gateway.tools.replies import ToldConflict
from ot.diagram import Json

#: Characters of a value inside a sentence; the value itself stands beside it.
_MAX_QUOTED = 80


def tell_conflict(conflict: Conflict, reader: Author) -> ToldConflict:
    return ToldConflict(
        kind=conflict.kind,
        target=conflict.target,
        id=conflict.id,
        path=conflict.path,
        message=_sentence(conflict, reader),
        kept_by=named(conflict.kept_author, reader),
        dropped_by=named(conflict.dropped_author, reader),
        kept=told_value(conflict.kept),
        dropped=told_value(conflict.dropped),
    )


def _sentence(conflict: Conflict, reader: Author) -> str:
    place = f"{conflict.target} {conflict.id}{conflict.path}".strip()
    kept, dropped = _verb(conflict.kept), _verb(conflict.dropped)
    keeper = named(conflict.kept_author, reader)
    loser = named(conflict.dropped_author, reader)
    return f"{place}: kept that {keeper} {kept}; dropped that {loser} {dropped}."


def _verb(value: Json) -> str:
    return "removed it" if value is UNSET else f"wrote {_quoted(value)}"


def _quoted(value: Json) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_QUOTED else f"{text[: _MAX_QUOTED - 3]}..."


def told_value(value: Json | UnsetType) -> Json | UnsetType:
    """The value; of a long one the beginning, as text that says so."""
    if value is UNSET:
        return value
    encoded = msgspec.json.encode(value)
    if len(encoded) <= MAX_TOLD_VALUE_BYTES:
        return value
    text = value.encode() if isinstance(value, str) else encoded
    shown = text[:MAX_TOLD_VALUE_BYTES].decode(errors="ignore")
    return f"{shown}... (shortened: {len(text)} bytes in all)"


def named(author: Author, reader: Author) -> str:
    """``Ada (user)``, or ``you`` for the reader."""
    if (author.kind, author.id) == (reader.kind, reader.id):
        return "you"
    return f"{author.name} ({author.kind})"
