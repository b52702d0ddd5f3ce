"""Who is asking."""

from datetime import datetime
from typing import Final, Literal

import msgspec

from actors.ports import Author

READ: Final = "read"
CREATE: Final = "create"
EDIT: Final = "edit"
DELETE: Final = "delete"
FULL_ACCESS: Final = "full_access"
PERMISSIONS: Final = frozenset({READ, CREATE, EDIT, DELETE, FULL_ACCESS})

#: What somebody may do with a diagram on which nobody gave them a role: whatever there is to do,
#: edit, or nothing but what the public may.
Standing = Literal["everything", "editor", "member"]


class Principal(msgspec.Struct, frozen=True):
    """A signed-in person or an agent with its key, and what it may do.

    ``permissions`` is a ceiling: what a diagram allows is decided in gateway.access.
    """

    author: Author
    permissions: frozenset[str]
    #: What proved it, by a name that is no secret: "session:<id>", "key:<prefix>", "token:<id>",
    #: "oauth:<grant>", "jwt" or "local".
    credential: str = "local"
    is_admin: bool = False
    standing: Standing = "member"
    #: The person on whose behalf an agent acts; it may do no more than they may.
    owner_id: str | None = None
    #: For agents. False: only the diagrams that it has a grant on.
    all_diagrams: bool = True
    #: For agents, operations a minute. None: not limited.
    rate_limit: int | None = None
    #: None: until it is taken away.
    expires_at: datetime | None = None
    #: Where this very request or connection comes from, as far as that is known.
    address: str | None = None

    @property
    def is_agent(self) -> bool:
        return self.author.kind == "agent"

    def may(self, permission: str) -> bool:
        return permission in self.permissions or FULL_ACCESS in self.permissions


#: The person whose machine it is.
LOCAL_PERSON_ID: Final = "local"
#: What the ids of other people begin with: guests of the machine, people of a host application,
#: and strangers who came through a share link.
LOCAL_GUEST: Final = "local:"
JWT_PERSON: Final = "jwt:"
LINK_GUEST: Final = "guest:"

_EVERYTHING: Final = frozenset({FULL_ACCESS})
_OF_LINK_GUESTS: Final = frozenset({READ, EDIT})


def standing_of(person_id: str) -> Standing:
    """What a person may do with diagrams on which nobody gave them a role."""
    if person_id == LOCAL_PERSON_ID:
        return "everything"
    return "editor" if person_id.startswith(LOCAL_GUEST) else "member"


def person_principal(
    person_id: str,
    name: str,
    credential: str,
    *,
    is_admin: bool = False,
    expires_at: datetime | None = None,
) -> Principal:
    """A signed-in person. The person at the machine is an admin, whoever else is one."""
    is_link_guest = person_id.startswith(LINK_GUEST)
    return Principal(
        author=Author("user", person_id, name),
        permissions=_OF_LINK_GUESTS if is_link_guest else _EVERYTHING,
        credential=credential,
        is_admin=is_admin or person_id == LOCAL_PERSON_ID,
        standing=standing_of(person_id),
        expires_at=expires_at,
    )


def agent_principal(
    author: Author,
    permissions: frozenset[str],
    credential: str,
    *,
    owner_id: str | None = None,
    owner_is_admin: bool = False,
    all_diagrams: bool = True,
    rate_limit: int | None = None,
    expires_at: datetime | None = None,
) -> Principal:
    """An agent. ``standing`` is its owner's; it is never an admin itself."""
    standing: Standing = "member"
    if owner_id is not None:
        standing = "everything" if owner_is_admin else standing_of(owner_id)
    return Principal(
        author=author,
        permissions=permissions,
        credential=credential,
        standing=standing,
        owner_id=owner_id,
        all_diagrams=all_diagrams,
        rate_limit=rate_limit,
        expires_at=expires_at,
    )
