"""The routes of diagrams: list, create, read, change, delete."""

from typing import Any, Final

import msgspec
from msgspec import UNSET
from quart import Response, request

from actors.events import Conflict
from gateway.api.content import changed_diagram, format_of, new_diagram, shown_content
from gateway.api.envelope import success
from gateway.api.reading import (
    read_base_revision,
    read_expected_revision,
    read_flag,
    read_integer,
    read_json,
    revision_named,
)
from gateway.api.shapes import (
    ConflictReport,
    CreateDiagram,
    DeletedDiagram,
    DiagramEntry,
    DiagramRow,
    Pagination,
    UpdateDiagram,
)
from gateway.api.trash import listed
from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.react_flow import check_value
from gateway.service import MAX_PAGE, DiagramService, Reading
from persistence.limits import MAX_FILTER_LENGTH

DEFAULT_PAGE: Final = 20
MAX_OFFSET: Final = 2**31

#: Fields of an entry that stand beside the diagram, not in it.
_OF_RECORD: Final = tuple(
    name
    for name in DiagramEntry.__struct_fields__
    if name
    not in ("title", "description", "format", "kind", "revision", "node_count", "edge_count")
)


class DiagramRoutes:
    """The handlers; whoever asks comes first. They raise ServiceError and OperationError."""

    def __init__(self, service: DiagramService) -> None:
        self._service = service

    async def list(self, who: Principal) -> Response:
        limit = read_integer(request, "limit", DEFAULT_PAGE, least=1, most=MAX_PAGE)
        offset = _read_offset(limit)
        found, total = await self._service.list_access(
            who,
            limit=limit,
            offset=offset,
            filter=_read_filter(),
            in_trash=read_flag(request, "trash"),
        )
        pagination = Pagination(
            total=total,
            limit=limit,
            offset=offset,
            page=offset // limit + 1,
            pages=-(-total // limit),
        )
        return success([listed(who, each) for each in found], pagination=pagination)

    async def create(self, who: Principal) -> Response:
        body = await read_json(request, CreateDiagram)
        _check_values(body)
        diagram, extra, report = new_diagram(body)
        record = await self._service.create(
            who,
            diagram=diagram,
            tags=body.tags or (),
            is_public=body.is_public or False,
            agent_accessible=body.agent_accessible is not False,
            agent_metadata=body.agent_metadata,
            policy=body.policy or "later_wins",
            extra=extra,
        )
        row = diagram_row(Reading(record, diagram, record.revision))
        response = success(row, status=201, revision=row.revision, report=report)
        response.headers["Location"] = f"/api/diagrams/{record.uuid}"
        return response

    async def read(self, who: Principal, diagram_id: str) -> Response:
        row = diagram_row(await self._service.read(who, diagram_id, shown=True))
        return success(row, revision=row.revision)

    async def update(self, who: Principal, diagram_id: str) -> Response:
        body = await read_json(request, UpdateDiagram)
        base_revision = read_base_revision(request, body.revision)
        _check_values(body)
        await self._service.access_to_update(
            who, diagram_id, is_public=body.is_public, agent_accessible=body.agent_accessible
        )
        with revision_named("If-Match" if body.revision is None else "revision"):
            before = await self._service.read(who, diagram_id, revision=base_revision)
            wanted, report = changed_diagram(before.diagram, body)
            submitted = await self._service.replace(
                who, diagram_id, wanted, base_revision=before.revision
            )
        await self._update_record(who, diagram_id, body)
        row = diagram_row(await self._service.read(who, diagram_id))
        conflicts = [conflict_report(conflict) for conflict in submitted.conflicts]
        return success(row, revision=row.revision, conflicts=conflicts, report=report)

    async def _update_record(self, who: Principal, diagram_id: str, body: UpdateDiagram) -> None:
        fields: dict[str, Any] = {
            name: getattr(body, name)
            for name in ("tags", "is_public", "agent_accessible", "agent_metadata")
            if getattr(body, name) is not None
        }
        if fields:
            await self._service.update_record(who, diagram_id, **fields)

    async def delete(self, who: Principal, diagram_id: str) -> Response:
        expected = read_expected_revision(request)
        with revision_named("If-Match"):
            record = await self._service.delete(who, diagram_id, expected_revision=expected)
        gone = DeletedDiagram(id=record.id, uuid=record.uuid, revision=record.revision)
        return success(gone, message="The diagram is in the trash.")


def diagram_row(reading: Reading) -> DiagramRow:
    """The diagram as it is at the revision read; what stands beside it, as it is now."""
    record, diagram = reading.record, reading.diagram
    return DiagramRow(
        **{name: getattr(record, name) for name in _OF_RECORD},
        title=diagram.title,
        description=diagram.description,
        format=format_of(diagram),
        kind=diagram.kind,
        revision=reading.revision,
        node_count=len(diagram.nodes),
        edge_count=len(diagram.edges),
        content=shown_content(record, diagram),
    )


def conflict_report(conflict: Conflict) -> ConflictReport:
    """What of this or of another's edit gave way."""
    return msgspec.convert(conflict, ConflictReport, from_attributes=True)


def _read_offset(limit: int) -> int:
    if "page" not in request.args:
        return read_integer(request, "offset", 0, least=0, most=MAX_OFFSET)
    if "offset" in request.args:
        raise ServiceError("invalid", "Send either page or offset.", "page")
    return (read_integer(request, "page", 1, least=1, most=MAX_OFFSET // limit) - 1) * limit


def _read_filter() -> str | None:
    """``filter``, or ``search``, which is the same."""
    name = "filter" if "filter" in request.args else "search"
    text = request.args.get(name)
    if text is not None and len(text) > MAX_FILTER_LENGTH:
        message = f"{name} has at most {MAX_FILTER_LENGTH} characters."
        raise ServiceError("invalid", message, name)
    return text


def _check_values(body: CreateDiagram | UpdateDiagram) -> None:
    """Raises OperationError for what cannot be stored. The content is checked as it is read."""
    check_value(body.title, "title")
    if body.description is not UNSET:
        check_value(body.description, "description")
    check_value(body.tags, "tags")
    check_value(body.agent_metadata, "agentMetadata")
