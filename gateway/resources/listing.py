"""The list of resources, page by page."""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Final

from mcp_types import Annotations, Resource, ResourceTemplate

from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.resources.contents import Sizes
from gateway.resources.limits import (
    MAX_CURSOR_LENGTH,
    MAX_LISTED_DIAGRAMS,
    MAX_OFFSET,
    MAX_SHOWN_LENGTH,
)
from gateway.resources.uris import DOCUMENT, OUTLINE, PNG, VIEWS, View, uri_of
from gateway.service import DiagramService
from persistence.catalogue import DiagramRecord

#: What of each diagram is in the list; the rest is reached through the templates, so that the list
#: stays short where a model reads it.
LISTED_VIEWS: Final = (OUTLINE, DOCUMENT, PNG)

_CURSOR: Final = re.compile(rb"from:([0-9]{1,7})")


def write_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(b"from:%d" % offset).decode()


def read_cursor(cursor: str | None) -> int:
    """Diagrams before the page. Raises ServiceError ``invalid_cursor`` for what was never given
    out."""
    if cursor is None:
        return 0
    try:
        # The decoder passes over what is not of its alphabet.
        text = base64.b64decode(cursor[: MAX_CURSOR_LENGTH + 1], b"-_", validate=True)
    except (binascii.Error, ValueError):
        text = b""
    found = _CURSOR.fullmatch(text)
    if found is None or len(cursor) > MAX_CURSOR_LENGTH or int(found[1]) > MAX_OFFSET:
        message = "This cursor is none of ours; send nextCursor of the page before, or none."
        raise ServiceError("invalid_cursor", message, "cursor")
    return int(found[1])


async def list_page(
    service: DiagramService, who: Principal, sizes: Sizes, cursor: str | None
) -> tuple[list[Resource], str | None]:
    """A page, the last changed diagram first, and the cursor of the next. Raises ServiceError."""
    offset = read_cursor(cursor)
    records, total = await service.list(who, limit=MAX_LISTED_DIAGRAMS, offset=offset)
    found = [_resource(record, view, sizes) for record in records for view in LISTED_VIEWS]
    following = offset + len(records)
    is_last = not records or following >= total or following > MAX_OFFSET
    return found, None if is_last else write_cursor(following)


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
