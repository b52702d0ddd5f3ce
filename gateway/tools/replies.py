"""What tools answer. The same facts become the text and the structured content of a result."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ot.diagram import Element, Json


class ToldConflict(msgspec.Struct):
    """Something that one author wrote and that gave way to another's edit."""

    kind: str
    target: str
    id: str
    path: str
    message: str
    kept_by: str
    dropped_by: str
    kept: Json | UnsetType = UNSET
    dropped: Json | UnsetType = UNSET


class Written(msgspec.Struct, kw_only=True):
    """What every write answers. ``changed`` is false where nothing came of it."""

    diagram_id: str
    revision: int
    changed: bool
    conflicts: list[ToldConflict]
    more_conflicts: int | UnsetType = UNSET


class NodeWritten(Written, kw_only=True):
    node_id: str


class EdgeWritten(Written, kw_only=True):
    edge_id: str


class NodeDeleted(NodeWritten, kw_only=True):
    deleted_edges: list[str]
    unparented_nodes: list[str]


class ChangesApplied(Written, kw_only=True):
    """``ids`` maps names to ids; ``results[i]`` is the id that change ``i`` was about."""

    ids: dict[str, str]
    results: list[str]
    deleted_edges: list[str]
    unparented_nodes: list[str]


class DiagramCreated(msgspec.Struct, kw_only=True):
    diagram_id: str
    revision: int
    title: str
    kind: str
    node_count: int
    edge_count: int


class DiagramDeleted(msgspec.Struct, kw_only=True):
    diagram_id: str
    title: str
    revision: int
    deleted: bool


class ListedDiagram(msgspec.Struct, kw_only=True):
    diagram_id: str
    title: str
    description: str | None
    kind: str
    revision: int
    node_count: int
    edge_count: int
    updated_at: datetime
    created_by_agent: bool


class DiagramList(msgspec.Struct, kw_only=True):
    """``next_offset`` is there while there is more."""

    diagrams: list[ListedDiagram]
    total: int
    limit: int
    offset: int
    next_offset: int | UnsetType = UNSET


class Metadata(msgspec.Struct, kw_only=True):
    title: str
    description: str | None
    created_at: datetime
    updated_at: datetime
    node_count: int
    edge_count: int
    created_by_agent: bool
    agent_metadata: dict[str, Any] | None


class DiagramInfo(Metadata, kw_only=True):
    diagram_id: str
    uuid: str
    revision: int
    kind: str
    format: str
    tags: list[str]
    is_public: bool
    agent_accessible: bool
    agent_edit_count: int
    last_agent_edit: datetime | None
    policy: str


class DiagramRead(msgspec.Struct, kw_only=True):
    """Nodes and edges are React Flow's; those of a Mermaid diagram are empty, its text is all."""

    diagram_id: str
    revision: int
    kind: str
    nodes: list[Element] | UnsetType = UNSET
    edges: list[Element] | UnsetType = UNSET
    mermaid_syntax: str | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET
