"""What a person decides about a client, as the form says it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import msgspec
from starlette.datastructures import FormData, QueryParams

from gateway.errors import ServiceError
from gateway.identity import CREATE, DELETE, READ, Principal
from gateway.oauth.asked import Asked
from gateway.oauth.clients import SCOPES
from gateway.oauth.limits import (
    DEFAULT_APPROVED_DAYS,
    MAX_APPROVED_DAYS,
    MAX_CHOSEN_DIAGRAMS,
    MAX_FOUND_DIAGRAMS,
    MAX_SEARCH_LENGTH,
)
from gateway.service import DiagramService
from persistence.catalogue import DiagramRecord
from persistence.oauth import Approval

Form: TypeAlias = FormData | QueryParams

#: For how long a client may be approved, in days.
DURATIONS: Final = (1, 7, 30, 90, MAX_APPROVED_DAYS)
ALL: Final = "all"
CHOSEN: Final = "chosen"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the form. ``diagrams`` are uuids."""

    permissions: frozenset[str]
    all_diagrams: bool = True
    diagrams: tuple[str, ...] = ()
    days: int = DEFAULT_APPROVED_DAYS
    search: str = ""


class Listed(msgspec.Struct, frozen=True):
    """The diagrams that the form shows: those chosen, and what the search finds beside them."""

    chosen: Sequence[DiagramRecord]
    found: Sequence[DiagramRecord]
    total: int


def first_choice(asked: Asked) -> Choice:
    """What is ticked before a person has ticked anything: what was asked for, deleting apart."""
    return Choice(permissions=frozenset(asked.scopes) - {DELETE} | {READ})


def choice_in(form: Form, asked: Asked) -> Choice:
    """What the form says. Never more than was asked for. Raises ServiceError ``invalid``."""
    ticked = {value for value in form.getlist("permission") if isinstance(value, str)}
    uuids = [value for value in form.getlist("diagram") if isinstance(value, str)]
    days = form.get("days", str(DEFAULT_APPROVED_DAYS))
    if not isinstance(days, str) or days not in map(str, DURATIONS):
        raise ServiceError("invalid", "Choose for how long from the list.", "days")
    if len(uuids) > MAX_CHOSEN_DIAGRAMS:
        message = f"Choose at most {MAX_CHOSEN_DIAGRAMS} diagrams, or all of them."
        raise ServiceError("invalid", message, "diagram")
    search = form.get("search", "")
    return Choice(
        permissions=frozenset(scope for scope in asked.scopes if scope in ticked) | {READ},
        all_diagrams=form.get("which", ALL) != CHOSEN,
        diagrams=tuple(dict.fromkeys(uuids)),
        days=int(days),
        search=search.strip()[:MAX_SEARCH_LENGTH] if isinstance(search, str) else "",
    )


async def list_for(service: DiagramService, who: Principal, choice: Choice) -> Listed:
    """The diagrams to show; what the person may not read, or has closed to agents, is not there."""
    chosen = await _find_all(service, who, choice.diagrams)
    ids = {record.id for record in chosen}
    found, total = await service.list(
        who, limit=MAX_FOUND_DIAGRAMS, filter=choice.search or None, agent_accessible_only=True
    )
    return Listed(chosen, [record for record in found if record.id not in ids], total)


async def _find_all(
    service: DiagramService, who: Principal, uuids: Sequence[str]
) -> list[DiagramRecord]:
    each = [await _find(service, who, uuid) for uuid in uuids]
    return [record for record in each if record is not None]


async def _find(service: DiagramService, who: Principal, uuid: str) -> DiagramRecord | None:
    try:
        record = await service.record(who, uuid)
    except ServiceError as error:
        if error.code != "not_found":
            raise
        return None
    return record if record.agent_accessible else None


async def approve(
    service: DiagramService, who: Principal, asked: Asked, choice: Choice, resource: str
) -> Approval:
    """What is approved, once it makes sense. Raises ServiceError ``invalid``."""
    uuids: list[str] = []
    if choice.all_diagrams and choice.diagrams:
        message = "You chose all diagrams, and single ones as well: say once more which."
        raise ServiceError("invalid", message, "which")
    if not choice.all_diagrams:
        uuids = [record.uuid for record in await _find_all(service, who, choice.diagrams)]
        if not uuids and CREATE not in choice.permissions:
            message = "Choose at least one diagram, or all of them."
            raise ServiceError("invalid", message, "diagram")
    return Approval(
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        names_redirect_uri=asked.names_redirect_uri,
        challenge=asked.challenge,
        resource=resource,
        person_id=who.author.id,
        permissions=choice.permissions,
        all_diagrams=choice.all_diagrams,
        diagram_uuids=uuids,
        ends_at=datetime.now(UTC) + timedelta(days=choice.days),
    )


def single_fields(form: Form) -> Mapping[str, str]:
    """The fields that a request for access has, each once."""
    names = ("client_id", "redirect_uri", "scope", "state", "code_challenge")
    found = {name: form.get(name) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, str)}


#: What each permission is called where people decide.
WORDS: Final[Mapping[str, str]] = {
    "read": "See diagrams",
    "create": "Create diagrams",
    "edit": "Change diagrams",
    "delete": "Move diagrams to the trash",
}
assert set(WORDS) == set(SCOPES), "each has its words"
