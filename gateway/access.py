"""May they? One rule that every door passes."""

from gateway.errors import ServiceError
from gateway.identity import Principal
from persistence.catalogue import DiagramRecord


def may_access(who: Principal, permission: str, record: DiagramRecord) -> bool:
    """Whether :func:`check_access` lets them."""
    try:
        check_access(who, permission, record)
    except ServiceError:
        return False
    return True


def check_access(who: Principal, permission: str, record: DiagramRecord | None) -> None:
    """Raises ServiceError ``forbidden`` or, for a diagram that is none of theirs, ``not_found``."""
    if record is not None and who.author.kind == "agent" and not record.agent_accessible:
        raise not_found()
    if not who.may(permission):
        message = f"This key lacks the permission '{permission}'; ask its owner for it."
        raise ServiceError("forbidden", message)


def not_found() -> ServiceError:
    return ServiceError("not_found", "There is no such diagram for you.", "diagram_id")
