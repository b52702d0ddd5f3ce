"""The bodies of requests and answers about who may do what with a diagram."""

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from gateway.access import Role
from gateway.api.shapes import DiagramEntry
from gateway.sharing import MAX_GUEST_NAME_LENGTH, MAX_LINK_DAYS

DEFAULT_LINK_DAYS: Final = 7
#: Characters of a link's secret. Ours have 43.
MAX_TOKEN_LENGTH: Final = 128

Permission: TypeAlias = Literal["read", "create", "edit", "delete", "full_access"]
LinkRole: TypeAlias = Literal["viewer", "editor"]


class ListedDiagram(DiagramEntry, kw_only=True):
    """A diagram in a list. ``role`` is what the person who asks is there; null for agents."""

    role: Role | None


class TrashedDiagram(ListedDiagram, kw_only=True):
    """A diagram in the trash. Who put it there is null where that is not known."""

    deleted_at: datetime
    deleted_by: str | None
    deleted_by_name: str | None


class RestoredDiagram(msgspec.Struct, rename="camel", kw_only=True):
    """A diagram that is out of the trash."""

    id: str
    uuid: str
    revision: int


class PersonEntry(msgspec.Struct, rename="camel", kw_only=True):
    """Somebody who signed in here at least once."""

    id: str
    name: str


class DiagramAccess(msgspec.Struct, rename="camel", kw_only=True):
    """What all who read a diagram may know of who sees it; ``role`` is the asking person's."""

    role: Role | None
    owner: PersonEntry | None
    is_public: bool
    agent_accessible: bool


class MemberEntry(msgspec.Struct, rename="camel", kw_only=True):
    """A person with a role. ``linkId`` names the link through which they came, if any."""

    id: str
    name: str
    role: Role
    link_id: str | None
    added_at: datetime


class MemberList(msgspec.Struct, rename="camel", kw_only=True):
    """The owner, and the others in the order in which they came."""

    owner: PersonEntry | None
    members: list[MemberEntry]


class SetMember(msgspec.Struct, rename="camel", kw_only=True):
    """With ``owner`` the diagram becomes theirs, and who had it an editor."""

    role: Role


class MemberSet(msgspec.Struct, rename="camel", kw_only=True):
    """A person and the role they have now."""

    id: str
    name: str
    role: Role


class MemberRemoved(msgspec.Struct, rename="camel", kw_only=True):
    """A person who is no member any more."""

    id: str


class SetGrant(msgspec.Struct, rename="camel", kw_only=True):
    """What the agent may do here, within what its key may do at all. Empty: nothing."""

    permissions: Annotated[list[Permission], Meta(max_length=5)]


class GrantEntry(msgspec.Struct, rename="camel", kw_only=True):
    """An agent and what it is granted on the diagram."""

    agent_id: str
    name: str
    permissions: list[str]


class GrantRemoved(msgspec.Struct, rename="camel", kw_only=True):
    """An agent that has no grant of its own on the diagram any more."""

    agent_id: str


class CreateShareLink(msgspec.Struct, rename="camel", kw_only=True):
    """Whoever has the link gets ``role``, for ``days`` from now."""

    role: LinkRole = "viewer"
    days: Annotated[int, Meta(ge=1, le=MAX_LINK_DAYS)] = DEFAULT_LINK_DAYS


class ShareLinkEntry(msgspec.Struct, rename="camel", kw_only=True):
    """A link in force, without its secret; so many people came through it."""

    id: str
    role: Role
    created_at: datetime
    expires_at: datetime
    members: int


class NewShareLink(ShareLinkEntry, kw_only=True):
    """A new link with its whole address, which is shown this once."""

    url: str


class ShareLinkRevoked(msgspec.Struct, rename="camel", kw_only=True):
    """A link that ended, and with it what came through it."""

    id: str


class RedeemShareLink(msgspec.Struct, rename="camel", kw_only=True):
    """The part of a link after the #. ``name`` is for who is not signed in."""

    token: Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN_LENGTH)]
    name: Annotated[str, Meta(max_length=MAX_GUEST_NAME_LENGTH)] | None = None


class ShareLinkRedeemed(msgspec.Struct, rename="camel", kw_only=True):
    """Where the link led. ``isGuest`` says that a session was started for it."""

    diagram_id: str
    title: str
    role: Role
    is_guest: bool
