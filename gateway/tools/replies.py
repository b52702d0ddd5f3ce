"""What tools answer. The same facts become the text and the structured content of a result."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from gateway.tools.rehearsal import Rehearsal
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


class MergedText(msgspec.Struct):
    """A text that several have edited at a time, as it came out of it."""

    target: str
    id: str
    path: str
    value: Json


class Applied(msgspec.Struct, omit_defaults=True):
    """How many elements an edit has added, changed and deleted in the end."""

    nodes_added: int = 0
    nodes_changed: int = 0
    nodes_deleted: int = 0
    edges_added: int = 0
    edges_changed: int = 0
    edges_deleted: int = 0
    diagram_changed: int = 0


class ToldAccount(msgspec.Struct, kw_only=True):
    """What one author did from one revision to another, a line for each element.

    ``more`` counts elements that there was no room for.
    """

    by: str
    first_revision: int
    last_revision: int
    at: datetime | UnsetType = UNSET
    did: list[str]
    more: int | UnsetType = UNSET


class Written(msgspec.Struct, kw_only=True):
    """What every write answers. ``changed`` is false where nothing came of it.

    ``merged``: what others had done since the base, and what the edit was merged with;
    ``more_merged`` counts revisions that there was no room for. ``overridden``: values that gave
    way, the caller's or others'. ``merged_texts``: long texts that hold what the caller has changed
    and what others have. All of them are left out where there is nothing to tell.
    """

    diagram_id: str
    revision: int
    changed: bool
    applied: Applied | UnsetType = UNSET
    merged: list[ToldAccount] | UnsetType = UNSET
    more_merged: int | UnsetType = UNSET
    merged_texts: list[MergedText] | UnsetType = UNSET
    overridden: list[ToldConflict] | UnsetType = UNSET
    more_overridden: int | UnsetType = UNSET


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
    rehearsal: Rehearsal | UnsetType = UNSET


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


class Titled(msgspec.Struct, kw_only=True):
    """What an outline tells of a diagram besides its content."""

    title: str


class Metadata(Titled, kw_only=True):
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
    """Nodes and edges are React Flow's; those of a Mermaid diagram are empty, its text is all.

    ``note`` says what is missing, ``next_cursor`` is there while there is more. An outline comes
    with as little else as can be: no id, which the caller has sent, and no kind unless it is text.
    """

    diagram_id: str | UnsetType = UNSET
    revision: int
    kind: str | UnsetType = UNSET
    nodes: list[Element] | UnsetType = UNSET
    edges: list[Element] | UnsetType = UNSET
    outline: str | UnsetType = UNSET
    mermaid_syntax: str | UnsetType = UNSET
    metadata: Titled | UnsetType = UNSET
    unknown_ids: list[str] | UnsetType = UNSET
    note: str | UnsetType = UNSET
    next_cursor: str | UnsetType = UNSET


class ChangesSeen(msgspec.Struct, kw_only=True):
    """What was done after ``since_revision`` up to ``revision``, the next call's since_revision.

    ``more``: there is more up to ``latest_revision``.
    """

    diagram_id: str
    since_revision: int
    revision: int
    changes: list[ToldAccount]
    more: bool | UnsetType = UNSET
    latest_revision: int | UnsetType = UNSET


class NotUndone(msgspec.Struct, kw_only=True):
    """Something that stays as it is, because ``by`` has changed it since."""

    target: str
    id: str
    path: str
    by: str
    message: str


class ChangesUndone(Written, kw_only=True):
    """``undone`` are the caller's operations that were taken back, in their order; ``more``: there
    are further ones that were asked for."""

    undone: list[ToldAccount]
    undone_revisions: list[int]
    more: bool | UnsetType = UNSET
    not_undone: list[NotUndone] | UnsetType = UNSET
    more_not_undone: int | UnsetType = UNSET
