"""What the tools answer that draw, arrange, check, and read Mermaid."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from gateway.tools.rehearsal import Rehearsal, ToldFinding
from gateway.tools.replies import Written


class ShownRegion(msgspec.Struct):
    """A part of the canvas, in the coordinates of node positions."""

    x: float
    y: float
    width: float
    height: float


class DiagramRendered(msgspec.Struct, kw_only=True):
    """What a picture shows; ``marked`` counts nodes and edges, where changes are marked."""

    diagram_id: str
    title: str
    revision: int
    format: str
    width_px: int
    height_px: int
    region: ShownRegion
    nodes_seen: int
    node_count: int
    since_revision: int | UnsetType = UNSET
    marked: dict[str, int] | UnsetType = UNSET
    svg: str | UnsetType = UNSET


class DiagramChecked(msgspec.Struct, kw_only=True):
    """``mends[i]`` are changes for apply_changes; ``counts`` counts all findings by code."""

    diagram_id: str
    revision: int
    total: int
    counts: dict[str, int]
    findings: list[ToldFinding]
    unknown_ids: list[str] | UnsetType = UNSET
    mends: list[list[dict[str, Any]]] | UnsetType = UNSET
    more_findings: int | UnsetType = UNSET
    more_mends: int | UnsetType = UNSET


class MermaidWritten(Written, kw_only=True):
    """How many nodes and edges a text brought, changed and took away."""

    added: int
    updated: int
    removed: int
    rehearsal: Rehearsal | UnsetType = UNSET


class DiagramArranged(Written, kw_only=True):
    """``kept`` are nodes that were left where people had put them; ``kept_count`` counts all."""

    moved: int
    kept_count: int
    kept: list[str]
    rehearsal: Rehearsal | UnsetType = UNSET
