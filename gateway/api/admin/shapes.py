"""The bodies of what admins ask and are told."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gateway.live_sessions import Door
from gateway.local_access import (
    DEFAULT_RATE_LIMIT,
    MAX_NAME_LENGTH,
    MAX_OVERLAP_LIFETIME,
    MAX_RATE_LIMIT,
)

#: Characters of a person's id.
MAX_PERSON_ID_LENGTH: Final = 300
#: Seconds for which the key before goes on working, where nothing else is said.
DEFAULT_OVERLAP_SECONDS: Final = 86_400

Permission: TypeAlias = Literal["read", "create", "edit", "delete", "full_access"]
Permissions: TypeAlias = Annotated[list[Permission], Meta(min_length=1, max_length=5)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
RateLimit: TypeAlias = Annotated[int, Meta(ge=1, le=MAX_RATE_LIMIT)]
PersonId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_PERSON_ID_LENGTH)]
#: With its zone.
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
State: TypeAlias = Literal["active", "expired", "revoked"]
_MAX_OVERLAP: Final = int(MAX_OVERLAP_LIFETIME.total_seconds())


class CreateAgent(msgspec.Struct, rename="camel", kw_only=True):
    """A new agent. Without ``allDiagrams`` it may use only those that it is granted."""

    name: Name
    permissions: Permissions
    rate_limit: RateLimit = DEFAULT_RATE_LIMIT
    all_diagrams: bool = True
    owner_id: PersonId | None = None
    expires_at: Moment | None = None


class ChangeAgent(msgspec.Struct, rename="camel", kw_only=True):
    """What becomes different; null takes an owner or an end away."""

    name: Name | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET
    rate_limit: RateLimit | UnsetType = UNSET
    all_diagrams: bool | UnsetType = UNSET
    owner_id: PersonId | UnsetType | None = UNSET
    expires_at: Moment | UnsetType | None = UNSET


class RotateKey(msgspec.Struct, rename="camel", kw_only=True):
    """How long the key before goes on working."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=_MAX_OVERLAP)] = DEFAULT_OVERLAP_SECONDS


class AgentActivity(msgspec.Struct, rename="camel", kw_only=True):
    """Calls in each of the last 24 hours by the clock, the oldest first, and how many failed."""

    calls: list[int]
    failed: list[int]


class AdminAgent(msgspec.Struct, rename="camel", kw_only=True):
    """An agent. One that is ``isConnected`` by the address has no key; ``oldKeyUntil`` says how
    long a replaced key still works, ``grants`` counts what it is granted on single diagrams."""

    id: str
    name: str
    key_prefix: str | None
    state: State
    permissions: list[str]
    rate_limit: int
    all_diagrams: bool
    owner_id: str | None
    owner_name: str | None
    created_at: datetime
    last_used: datetime | None
    expires_at: datetime | None
    old_key_until: datetime | None
    grants: int
    is_connected: bool
    activity: AgentActivity | None


class AgentKey(msgspec.Struct, rename="camel", kw_only=True):
    """An agent with its new key, which is shown this once."""

    agent: AdminAgent
    key: str

    def __repr__(self) -> str:
        # Bodies get into tracebacks; keys do not.
        return f"AgentKey({self.agent.id!r})"


class AgentRevoked(msgspec.Struct, rename="camel", kw_only=True):
    """An agent that is one no more."""

    id: str


class AdminGrant(msgspec.Struct, rename="camel", kw_only=True):
    """What an agent is granted on one diagram. Where that is closed to agents, or in the trash,
    it has no effect."""

    agent_id: str
    agent_name: str
    diagram_id: str
    title: str
    permissions: list[str]
    granted_at: datetime
    granted_by: str | None
    in_trash: bool
    agent_accessible: bool


class GrantGone(msgspec.Struct, rename="camel", kw_only=True):
    """A grant that there is no more."""

    agent_id: str
    diagram_id: str


class GrantedPermissions(msgspec.Struct, rename="camel", kw_only=True):
    """What an agent may do on the diagram, within what it may do at all; nothing shuts it out."""

    permissions: Annotated[list[Permission], Meta(max_length=5)]


class GrantWritten(msgspec.Struct, rename="camel", kw_only=True):
    """A grant as it is now."""

    agent_id: str
    diagram_id: str
    permissions: list[str]


class ShownDiagram(msgspec.Struct, rename="camel", kw_only=True):
    """A diagram that somebody follows."""

    id: str
    title: str


class LiveSession(msgspec.Struct, rename="camel", kw_only=True):
    """Something that is open now. ``isYours``: opened with what this was asked with."""

    id: str
    door: Door
    kind: str
    participant_id: str
    name: str
    address: str | None
    since: datetime
    diagrams: list[ShownDiagram]
    is_yours: bool


class SessionEnded(msgspec.Struct, rename="camel", kw_only=True):
    """A session that was closed; a person was signed out by that."""

    id: str


class AuditRow(msgspec.Struct, rename="camel", kw_only=True):
    """A call of an agent, with its place in the chain of hashes."""

    id: int
    agent_id: str
    agent_name: str | None
    diagram_id: str | None
    title: str | None
    operation: str
    success: bool
    error: str | None
    at: datetime
    duration_ms: int | None
    revision: int | None
    address: str | None
    credential: str | None
    data: Any
    chain: str
    position: int


class AdminAlert(msgspec.Struct, rename="camel", kw_only=True):
    """An alert; it is open until somebody acknowledges it. ``subject`` is ``agent:<id>`` or
    ``address:<network>``."""

    id: int
    rule: str
    subject: str
    message: str
    details: dict[str, Any]
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class AlertCount(msgspec.Struct, rename="camel", kw_only=True):
    """How many alerts nobody has acknowledged."""

    open: int
