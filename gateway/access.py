"""May they? One rule that every door passes. Lists ask the same in SQL (``list_diagrams``)."""

from typing import Final

from gateway.errors import ServiceError
from gateway.identity import DELETE, EDIT, FULL_ACCESS, READ, Principal
from persistence.catalogue import Access, Role

__all__ = [
    "RESTORE",
    "SHARE",
    "Access",
    "Role",
    "allowed_on",
    "check_access",
    "may_access",
    "role_on",
]

#: What only owners do, beside deleting: members, links, grants of agents, who sees it; and taking
#: it out of the trash. No key has these permissions.
SHARE: Final = "share"
RESTORE: Final = "restore"

_NOTHING: Final[frozenset[str]] = frozenset()
_OF_ROLE: Final[dict[Role | None, frozenset[str]]] = {
    None: _NOTHING,
    "viewer": frozenset({READ}),
    "editor": frozenset({READ, EDIT}),
    "owner": frozenset({READ, EDIT, DELETE, SHARE}),
}
#: All that an agent can be allowed to do with a diagram.
_OF_AGENTS: Final = frozenset({READ, EDIT, DELETE})
_IN_TRASH: Final = frozenset({RESTORE})

_FOR_PEOPLE: Final = {
    EDIT: "You may look at this diagram, but not change it; ask its owner for the role of editor.",
    DELETE: "Only an owner of a diagram deletes it; ask its owner.",
    SHARE: "Only an owner of a diagram decides who sees it; ask its owner.",
}


def may_access(who: Principal, permission: str, access: Access) -> bool:
    """Whether :func:`check_access` lets them."""
    return permission in allowed_on(who, access)


def check_access(who: Principal, permission: str, access: Access | None) -> None:
    """Raises ServiceError ``forbidden`` or, for a diagram that is none of theirs, ``not_found``.

    ``None``: what is asked concerns no diagram, or none that was looked for yet.
    """
    if access is None:
        if not who.may(permission):
            raise _forbidden(who, permission)
        return
    allowed = allowed_on(who, access)
    if permission in allowed:
        return
    # Said of any diagram and of none, this tells nothing.
    if not who.may(READ):
        raise _forbidden(who, READ)
    raise _forbidden(who, permission) if READ in allowed else not_found()


def allowed_on(who: Principal, access: Access) -> frozenset[str]:
    """Everything that ``who`` may do with this diagram."""
    role = role_on(who, access)
    if access.record.deleted_at is not None:
        return _IN_TRASH if role == "owner" and not who.is_agent else _NOTHING
    if not who.is_agent:
        return _within(_OF_ROLE[role], who.permissions)
    if not access.record.agent_accessible:
        return _NOTHING
    allowed = _within(_OF_AGENTS, who.permissions)
    if access.grant is not None:
        allowed = _within(allowed, access.grant)
    elif not who.all_diagrams:
        return _NOTHING
    return allowed if who.owner_id is None else allowed & _OF_ROLE[role]


def role_on(who: Principal, access: Access) -> Role | None:
    """The role of a person, or of an agent's owner; ``None`` as well where it has none."""
    person_id = who.owner_id if who.is_agent else who.author.id
    if person_id is None:
        return None
    record = access.record
    if who.is_admin or who.standing == "everything" or record.user_id == person_id:
        return "owner"
    if access.role is not None:
        return access.role
    if who.standing == "editor":
        return "editor"
    return "viewer" if record.is_public else None


def _within(permissions: frozenset[str], ceiling: frozenset[str]) -> frozenset[str]:
    return permissions if FULL_ACCESS in ceiling else permissions & ceiling


def _forbidden(who: Principal, permission: str) -> ServiceError:
    if who.is_agent:
        message = f"This key lacks the permission '{permission}' here; ask its owner for it."
    else:
        message = _FOR_PEOPLE.get(
            permission, "Guests of a link may not do this; ask for a sign-in."
        )
    return ServiceError("forbidden", message)


def not_found() -> ServiceError:
    return ServiceError("not_found", "There is no such diagram for you.", "diagram_id")
