"""The list of resources, page by page."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Final

from mcp_types import Annotations, Resource, ResourceTemplate

from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.resources.contents import Sizes
from gateway.resources.limits import (
    MAX_CURSOR_LENGTH,
    MAX_LISTED_DIAGRAMS,
    MAX_SHOWN_LENGTH,
)
from gateway.resources.uris import DOCUMENT, OUTLINE, PNG, VIEWS, View, uri_of
from gateway.service import DiagramService
from persistence.catalogue import DiagramRecord, Made
from persistence.rows import is_storable

#: What of each diagram is in the list; the rest is reached through the templates, so that the list
#: stays short where a model reads it.
LISTED_VIEWS: Final = (OUTLINE, DOCUMENT, PNG)

_MARK: Final = "made:"


def write_cursor(made: Made) -> str:
    time, identifier = made
    text = f"{_MARK}{time.astimezone(UTC).isoformat()} {identifier}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_cursor(cursor: str | None) -> Made | None:
    """The last diagram of the page before. Raises ServiceError ``invalid_cursor`` for what was
    never given out."""
    if cursor is None:
        return None
    try:
        return _read_made(cursor)
    except (binascii.Error, ValueError, OverflowError):
        message = "This cursor is none of ours; send nextCursor of the page before, or none."
        raise ServiceError("invalid_cursor", message, "cursor") from None


def _read_made(cursor: str) -> Made:
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise ValueError("too long")
    # Without validation the decoder passes over what is not of its alphabet.
    text = base64.b64decode(cursor, b"-_", validate=True).decode()
    time, space, identifier = text.removeprefix(_MARK).partition(" ")
    made = datetime.fromisoformat(time)
    if not (text.startswith(_MARK) and space and made.utcoffset() == timedelta()):
        raise ValueError("never written here")
    if not is_storable(identifier):
        raise ValueError("no id")
    return made, identifier


async def list_page(
    service: DiagramService, who: Principal, sizes: Sizes, cursor: str | None
) -> tuple[list[Resource], str | None]:
    """A page, the last made diagram first, and the cursor of the next. Raises ServiceError.

    The last changed first would have edits meanwhile move diagrams from one page to another.
    """
    before = read_cursor(cursor)
    found = await service.list_made(who, limit=MAX_LISTED_DIAGRAMS + 1, before=before)
    records = found[:MAX_LISTED_DIAGRAMS]
    resources = [_resource(record, view, sizes) for record in records for view in LISTED_VIEWS]
    is_last = len(found) == len(records)
    return resources, None if is_last else write_cursor((records[-1].created_at, records[-1].id))


def templates() -> list[ResourceTemplate]:
    return [
        ResourceTemplate(
            uri_template=view.template,
            name=f"diagram_{view.path.replace('.', '_')}" if view.path else "diagram",
            title=f"Diagram: {view.title}",
            description=view.description,
            mime_type=view.mime_type,
            annotations=Annotations(audience=list(view.audience), priority=view.priority),
        )
        for view in VIEWS
    ]


def _resource(record: DiagramRecord, view: View, sizes: Sizes) -> Resource:
    title = f"{_short(record.title) or 'Untitled'} ({view.title})"
    return Resource(
        uri=uri_of(record.id, view),
        # Clients of before titles show the name to people.
        name=title,
        title=title,
        description=_description(record),
        mime_type=view.mime_type,
        size=sizes.get(record.id, record.revision, view),
        annotations=Annotations(
            audience=list(view.audience),
            priority=view.priority,
            last_modified=_time(record.updated_at),
        ),
    )


def _time(time: datetime) -> str:
    """ISO 8601, as everywhere else in what agents are told."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _description(record: DiagramRecord) -> str:
    counts = f"{record.kind}, {record.node_count} nodes, {record.edge_count} edges"
    told = _short(record.description or "")
    return f"{counts}: {told}" if told else counts


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN_LENGTH else f"{line[: MAX_SHOWN_LENGTH - 1]}…"
