"""What the critic finds, and what a dry run does, as tools tell it."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from gateway.critic.findings import Severity


class ToldFinding(msgspec.Struct, kw_only=True):
    """Something wrong. ``mend`` says which of the mends mends it; ``new``: not there before."""

    code: str
    severity: Severity
    message: str
    nodes: list[str] | UnsetType = UNSET
    edges: list[str] | UnsetType = UNSET
    mend: int | UnsetType = UNSET
    new: bool | UnsetType = UNSET


class Difference(msgspec.Struct, kw_only=True):
    """What becomes of one element; ``fields`` are those that change."""

    change: Literal["created", "changed", "deleted"]
    target: Literal["diagram", "node", "edge"]
    id: str | UnsetType = UNSET
    fields: list[str] | UnsetType = UNSET


class Rehearsal(msgspec.Struct, kw_only=True):
    """What a dry run found: nothing was changed.

    Findings are those that the diagram would have then; ``finding_count`` counts all of them.
    """

    created: int
    changed: int
    deleted: int
    differences: list[Difference]
    findings: list[ToldFinding]
    finding_count: int
    new_findings: int
    mended_findings: int
    more_differences: int | UnsetType = UNSET
    more_findings: int | UnsetType = UNSET
