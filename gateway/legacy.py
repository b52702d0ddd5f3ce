"""The old app's WebSocket messages, understood by translating them.

``subscribe {diagram_uuid}`` brings ``diagram_updated {diagram_uuid, changes, ...}``;
``agent_operation`` is answered under its ``request_id``. Errors have the old shape, and a code.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from actors.events import AnyEvent, Closed, Rejected, Updated
from gateway import messages
from gateway.codec import change, frame
from gateway.errors import ServiceError
from gateway.exporting import export_content
from gateway.identity import EDIT, Principal
from gateway.react_flow import react_flow_to_elements
from gateway.service import DiagramService
from gateway.templates import TEMPLATES, make_template
from gateway.tools.arguments import Change
from gateway.tools.building import Draft, Removed
from ot.diagram import Diagram, Json
from persistence.catalogue import DiagramRecord

_EDITS = frozenset({"add_node", "update_node", "delete_node", "add_edge", "delete_edge"})
_change: TypeAdapter[Change] = TypeAdapter(Change)


class _Connection(Protocol):
    def send_nowait(self, frames: bytes) -> None: ...


class LegacyFollower:
    """A subscription of the old kind: hears of operations, under the id it asked with."""

    def __init__(
        self, connection: _Connection, diagram_uuid: str, on_end: Callable[[], object]
    ) -> None:
        self._connection = connection
        self._diagram_uuid = diagram_uuid
        self._on_end = on_end

    def deliver(self, event: AnyEvent) -> None:
        if isinstance(event, Updated):
            changes = [change(operation) for operation in event.operations]
            last = changes[-1]
            message = messages.LegacyUpdated(
                self._diagram_uuid, changes, last.updated_by, last.timestamp
            )
            self._connection.send_nowait(frame(message))
        elif isinstance(event, Rejected | Closed):
            self._on_end()
            code = event.code if isinstance(event, Rejected) else event.reason
            error = messages.LegacyError(
                error="The subscription has ended.",
                code=code,
                timestamp=datetime.now(UTC),
                diagram_uuid=self._diagram_uuid,
            )
            self._connection.send_nowait(frame(error))


async def run_agent_operation(
    service: DiagramService, who: Principal, message: messages.AgentOperation
) -> messages.LegacyResult:
    """Does what an ``agent_operation`` asks. Raises ServiceError or OperationError."""
    if message.operation in _EDITS:
        diagram_id, result = await _edit(service, who, message)
    elif message.operation == "create_diagram":
        diagram_id, result = await _create(service, who, message.data)
    elif message.operation == "read_diagram":
        diagram_id, result = await _read(service, who, message)
    elif message.operation == "list_diagrams":
        diagram_id, result = await _list(service, who, message.data)
    else:
        text = f"There is no operation {message.operation!r}."
        raise ServiceError("unknown_operation", text, "operation")
    return messages.LegacyResult(diagram_id, result, message.request_id, datetime.now(UTC))


_Answer = tuple[str | None, dict[str, Any]]


async def _edit(
    service: DiagramService, who: Principal, message: messages.AgentOperation
) -> _Answer:
    """One node or edge, through the same draft as the MCP tools."""
    diagram_id = _named(message)
    wanted = _parse(message.operation, message.data)
    reading = await service.read(who, diagram_id, permission=EDIT)
    draft = Draft(reading.diagram)
    element_id = draft.change(wanted, "", Removed([], []))
    done = await service.submit(
        who,
        reading.record.id,
        draft.operation(),
        reading,
        label=message.operation,
    )
    family = "node" if "node" in message.operation else "edge"
    elements = draft.after.nodes if family == "node" else draft.after.edges
    result: dict[str, Any] = {
        "diagram_uuid": diagram_id,
        f"{family}_id": element_id,
        "operation": message.operation,
        "revision": done.revision,
    }
    if element_id in elements:
        result[family] = {"id": element_id, **elements[element_id]}
    return diagram_id, result


def _named(message: messages.AgentOperation) -> str:
    diagram_id = message.diagram_uuid or message.data.get("diagram_uuid")
    if not isinstance(diagram_id, str):
        raise ServiceError("invalid_message", "Name the diagram.", "diagram_uuid")
    return diagram_id


def _parse(operation: str, data: Mapping[str, Json]) -> Change:
    """The old app's arguments as the tools' own. Raises ServiceError naming the field."""
    try:
        return _change.validate_python({"action": operation, **_ARGUMENTS[operation](data)})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        at = "/".join(str(step) for step in first["loc"] if step != operation)
        raise ServiceError("invalid_message", f"{first['msg']}.", f"data/{at}") from None


def _node_data(data: Mapping[str, Json]) -> dict[str, Json]:
    return {"node_data": {"type": "default", **data}}


def _edge_data(data: Mapping[str, Json]) -> dict[str, Json]:
    rest = {key: value for key, value in data.items() if key not in ("source", "target")}
    ends = {"source_node_id": data.get("source"), "target_node_id": data.get("target")}
    return {**ends, "edge_data": {"type": "smoothstep", **rest}}


def _as_it_is(data: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in data.items() if key != "diagram_uuid"}


_ARGUMENTS = {
    "add_node": _node_data,
    "add_edge": _edge_data,
    "update_node": _as_it_is,
    "delete_node": _as_it_is,
    "delete_edge": _as_it_is,
}


async def _create(service: DiagramService, who: Principal, data: Mapping[str, Json]) -> _Answer:
    title, description = data.get("title"), data.get("description")
    if not isinstance(title, str) or not isinstance(description, str | None):
        raise ServiceError("invalid_message", "title and description are text.", "data/title")
    diagram = _new_diagram(title, description, data)
    record = await service.create(who, diagram=diagram, tags=["agent-created"])
    return record.uuid, {**_about(record), "content": export_content(diagram)}


def _new_diagram(title: str, description: str | None, data: Mapping[str, Json]) -> Diagram:
    if data.get("format") == "mermaid":
        text = data.get("syntax", "graph TD\n    A[Start] --> B[End]")
        return Diagram(title, description, "mermaid", {"text": text, "contentKey": "syntax"})
    template = data.get("template")
    if template in TEMPLATES:
        return make_template(template, title, description)
    nodes, edges, _ = react_flow_to_elements(
        data.get("initialNodes") or [], data.get("initialEdges") or [], "data"
    )
    return Diagram(title, description, "blank", {}, nodes, edges)


async def _read(
    service: DiagramService, who: Principal, message: messages.AgentOperation
) -> _Answer:
    diagram_id = _named(message)
    reading = await service.read(who, diagram_id, shown=True)
    content = export_content(reading.diagram)
    about = _about(reading.record)
    return diagram_id, {**about, "content": content, "revision": reading.revision}


async def _list(service: DiagramService, who: Principal, data: Mapping[str, Json]) -> _Answer:
    limit, offset = data.get("limit", 10), data.get("offset", 0)
    if not isinstance(limit, int) or not isinstance(offset, int):
        raise ServiceError("invalid_message", "limit and offset are whole numbers.", "data/limit")
    records, total = await service.list(who, limit=limit, offset=offset)
    pages = {"total": total, "limit": limit, "offset": offset, "has_more": offset + limit < total}
    return None, {"diagrams": [_about(record) for record in records], "pagination": pages}


def _about(record: DiagramRecord) -> dict[str, Any]:
    return {
        "diagram_uuid": record.uuid,
        "diagram_id": record.id,
        "title": record.title,
        "description": record.description,
        "format": record.format,
        "tags": record.tags,
        "is_public": record.is_public,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }
