"""Diagrams as the rows that the earlier DiagramAI app stores: camelCase keys, ``content`` inside.

A row that was imported comes back in the shape it had; see :mod:`gateway.row_shape`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias, get_args

import msgspec

from gateway.react_flow import elements_to_react_flow
from gateway.row_shape import RowShape, detach, format_time
from ot.diagram import Diagram, Json

__all__ = [
    "ENDINGS",
    "EXPORT_FORMATS",
    "FORMATS_BY_ENDING",
    "MAX_EXPORTED_PNG_BYTES",
    "ExportFormat",
    "RowFields",
    "elements_to_react_flow",
    "export_content",
    "export_row",
]

#: ``json`` is a row of the earlier app.
ExportFormat: TypeAlias = Literal["json", "mermaid", "svg", "png"]
EXPORT_FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)
#: One that has more is drawn smaller.
MAX_EXPORTED_PNG_BYTES: Final = 8 * 1024 * 1024
#: How the files of each are named.
ENDINGS: Final[dict[ExportFormat, str]] = {
    "json": "json", "mermaid": "mmd", "svg": "svg", "png": "png",
}  # fmt: skip

#: Keys that a row without a value for them leaves out.
_LEFT_OUT_WHEN_NONE = frozenset(
    {"id", "uuid", "userId", "agentMetadata", "createdAt", "updatedAt", "kind"}
)
#: Which format a file's ending asks for.
FORMATS_BY_ENDING: Final[dict[str, ExportFormat]] = {
    **{ending: name for name, ending in ENDINGS.items()}, "mermaid": "mermaid",
}  # fmt: skip


class RowFields(Protocol):
    """What a row needs beside the diagram; catalogue records and imported diagrams have it."""

    @property
    def id(self) -> str | None: ...
    @property
    def uuid(self) -> str | None: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def is_public(self) -> bool: ...
    @property
    def agent_accessible(self) -> bool: ...
    @property
    def agent_metadata(self) -> dict[str, Json] | None: ...
    @property
    def user_id(self) -> str | None: ...
    @property
    def created_at(self) -> datetime | None: ...
    @property
    def updated_at(self) -> datetime | None: ...
    @property
    def extra(self) -> dict[str, Json] | None: ...


def export_row(fields: RowFields, diagram: Diagram) -> dict[str, Json]:
    """The row of a diagram, ready for JSON; title, description and content are the diagram's."""
    shape, extra = detach(fields.extra)
    row: dict[str, Json] = {}
    for key, value in _known(fields, diagram, shape).items():
        if value is not None or key not in _LEFT_OUT_WHEN_NONE or key in shape.written:
            shape.put(row, key, value)
    return row | {key: value for key, value in extra.items() if key not in row}


def export_content(diagram: Diagram, shape: RowShape | None = None) -> Json:
    """A diagram's ``content``: React Flow's document, or the Mermaid text the way it was kept."""
    shape = shape or RowShape()
    content = _mermaid(diagram, shape) if diagram.kind == "mermaid" else _flow(diagram, shape)
    for _ in range(shape.encoded):
        content = msgspec.json.encode(content).decode()
    return content


def _known(fields: RowFields, diagram: Diagram, shape: RowShape) -> dict[str, Json]:
    plain = diagram.kind in ("flowchart", "mermaid")
    return {
        "id": fields.id,
        "uuid": fields.uuid,
        "title": diagram.title,
        "description": diagram.description,
        "content": export_content(diagram, shape),
        "format": "mermaid" if diagram.kind == "mermaid" else "reactflow",
        "kind": None if plain else diagram.kind,
        "tags": list(fields.tags),
        "isPublic": fields.is_public,
        "agentAccessible": fields.agent_accessible,
        "agentMetadata": fields.agent_metadata,
        "userId": fields.user_id,
        "createdAt": fields.created_at and format_time(fields.created_at),
        "updatedAt": fields.updated_at and format_time(fields.updated_at),
    }


def _flow(diagram: Diagram, shape: RowShape) -> Json:
    nodes, edges = elements_to_react_flow(diagram)
    content: dict[str, Json] = {}
    shape.content.put(content, "nodes", nodes)
    shape.content.put(content, "edges", edges)
    return content | {key: v for key, v in diagram.data.items() if key not in ("nodes", "edges")}


def _mermaid(diagram: Diagram, shape: RowShape) -> Json:
    data = dict(diagram.data)
    text = data.pop("text", "")
    key = data.pop("contentKey", None)
    if not isinstance(key, str):
        return text if not data else {"content": text, **data}
    content: dict[str, Json] = {}
    shape.content.put(content, key, text)
    return content | data | shape.unplaced
