"""Who else may do what with a diagram: members, share links, grants of agents. For its owners."""

import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import trio

from gateway.access import SHARE, Role, check_access, role_on
from gateway.access_notes import access_note, by_principal
from gateway.authentication import SESSION_DAYS
from gateway.errors import ServiceError
from gateway.identity import CREATE, LINK_GUEST, PERMISSIONS, READ, Principal
from gateway.service import DiagramService
from ot.diagram import Json
from persistence.catalogue import DiagramRecord
from persistence.errors import PersistenceError
from persistence.limits import MAX_GRANTS, MAX_MEMBERS, MAX_SHARE_LINKS
from persistence.people import KnownPerson, People
from persistence.sharing import (
    FoundLink,
    Grant,
    Member,
    NewShareLink,
    ShareLink,
    SharingTables,
)
from persistence.sign_in import Person, SignIn

log = logging.getLogger("diagramai.sharing")

#: Days that a share link may last.
MAX_LINK_DAYS: Final = 365
#: People found at a time.
MAX_FOUND_PEOPLE: Final = 20
#: Characters of the name under which somebody comes through a link.
MAX_GUEST_NAME_LENGTH: Final = 100
#: Seconds between two looks at which links have expired.
EXPIRY_CHECK_SECONDS: Final = 1.0
_TOKEN_BYTES: Final = 32
_ID_BYTES: Final = 8
_NAMELESS: Final = "Guest"


class Overview(msgspec.Struct, frozen=True):
    """What everybody who reads a diagram may know of who else does."""

    record: DiagramRecord
    role: Role | None
    owner: Person | None


class NewLink(msgspec.Struct, frozen=True):
    """A link and its secret, which nobody can show again."""

    link: ShareLink
    token: str


class Redeemed(msgspec.Struct, frozen=True):
    """Where a link led, and the new session of one who was a stranger."""

    diagram_id: str
    title: str
    role: Role
    session_token: str | None = None
    session_ends: datetime | None = None


class Sharing:
    """Each call checks that ``who`` may. Raises ServiceError and PersistenceError."""

    def __init__(
        self, service: DiagramService, tables: SharingTables, people: People, sign_in: SignIn
    ) -> None:
        self._service = service
        self._tables = tables
        self._people = people
        self._sign_in = sign_in

    async def overview(self, who: Principal, diagram_id: str) -> Overview:
        """For all who may read it."""
        access = await self._service.find_access(who, diagram_id, READ)
        owner = await self._owner(access.record)
        return Overview(access.record, None if who.is_agent else role_on(who, access), owner)

    async def _owner(self, record: DiagramRecord) -> Person | None:
        owner_id = record.user_id
        if owner_id is None:
            return None
        return Person(owner_id, (await self._people.names([owner_id])).get(owner_id, owner_id))

    async def find_people(self, who: Principal, text: str) -> list[KnownPerson]:
        """People with this id, or this text in their names. For people who have diagrams here."""
        check_access(who, CREATE, None)
        if who.is_agent:
            raise ServiceError("forbidden", "Only people look for people.")
        return await self._people.find(text, MAX_FOUND_PEOPLE)

    # Members ---------------------------------------------------------------------------------

    async def members(self, who: Principal, diagram_id: str) -> tuple[Person | None, list[Member]]:
        """The owner, and the others in the order in which they came."""
        record = await self._service.access(who, diagram_id, SHARE)
        return await self._owner(record), await self._tables.members(record.id)

    async def set_member(
        self, who: Principal, diagram_id: str, person_id: str, role: Role
    ) -> Person:
        """Gives a person a role. With the role of owner it is theirs; who had it is an editor."""
        record = await self._service.access(who, diagram_id, SHARE)
        if role == "owner":
            return await self._transfer(record, person_id)
        if person_id == record.user_id:
            message = "The owner may do everything; make somebody else the owner first."
            raise ServiceError("is_owner", message, "role")
        name = await self._tables.set_member(record.id, person_id, role, who.author.id)
        if name is None:
            if await self._people.names([person_id]):
                message = f"A diagram has at most {MAX_MEMBERS} members; remove one first."
                raise ServiceError("too_many_members", message)
            raise _unknown_person()
        self._service.access_taken()
        return Person(person_id, name)

    async def _transfer(self, record: DiagramRecord, person_id: str) -> Person:
        if person_id.startswith(LINK_GUEST):
            message = "A guest of a link cannot own a diagram; they would have to sign in."
            raise ServiceError("invalid", message, "person_id")
        name = await self._tables.transfer(record.id, person_id, record.user_id)
        if name is None:
            if await self._people.names([person_id]):
                message = "The diagram changed hands meanwhile; look at its members again."
                raise ServiceError("conflict", message)
            raise _unknown_person()
        self._service.access_taken()
        return Person(person_id, name)

    async def remove_member(self, who: Principal, diagram_id: str, person_id: str) -> None:
        record = await self._service.access(who, diagram_id, SHARE)
        if not await self._tables.remove_member(record.id, person_id):
            message = "They are no member of this diagram; look at its members again."
            raise ServiceError("person_not_found", message, "person_id")
        self._service.access_taken()

    # Agents ----------------------------------------------------------------------------------

    async def grants(self, who: Principal, diagram_id: str) -> list[Grant]:
        """What agents are granted on this very diagram."""
        record = await self._service.access(who, diagram_id, SHARE)
        return await self._tables.grants(record.id)

    async def set_grant(
        self, who: Principal, diagram_id: str, agent_id: str, permissions: Iterable[str]
    ) -> str:
        """Narrows an agent to ``permissions`` here, or lets one in that needs a grant. Its name."""
        record = await self._service.access(who, diagram_id, SHARE)
        wanted = frozenset(permissions)
        _check_grant(wanted)
        name = await self._tables.set_grant(record.id, agent_id, wanted, who.author.id)
        if name is None:
            grants = await self._tables.grants(record.id)
            if len(grants) >= MAX_GRANTS:
                message = f"A diagram has at most {MAX_GRANTS} grants; remove one first."
                raise ServiceError("too_many_grants", message)
            raise ServiceError("agent_not_found", "There is no agent with this id.", "agent_id")
        self._service.access_taken()
        facts: dict[str, Json] = {"permissions": [*sorted(wanted)]}
        note = access_note(by_principal(who), "granted", agent_id, diagram=record.id, **facts)
        await self._service.trail.note(note)
        return name

    async def remove_grant(self, who: Principal, diagram_id: str, agent_id: str) -> None:
        """From then on its key says what it may do here."""
        record = await self._service.access(who, diagram_id, SHARE)
        if not await self._tables.remove_grant(record.id, agent_id):
            message = "This agent has no grant on this diagram."
            raise ServiceError("agent_not_found", message, "agent_id")
        self._service.access_taken()
        note = access_note(by_principal(who), "withdrawn", agent_id, diagram=record.id)
        await self._service.trail.note(note)

    # Links -----------------------------------------------------------------------------------

    async def create_link(self, who: Principal, diagram_id: str, role: Role, days: int) -> NewLink:
        """A link that lasts ``days``."""
        record = await self._service.access(who, diagram_id, SHARE)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        link = await self._tables.create_link(
            NewShareLink(
                id=secrets.token_hex(_ID_BYTES),
                diagram_id=record.id,
                token=token,
                role=role,
                created_by=who.author.id,
                expires_at=datetime.now(UTC) + timedelta(days=days),
            )
        )
        if link is None:
            message = f"A diagram has at most {MAX_SHARE_LINKS} links; revoke one first."
            raise ServiceError("too_many_links", message)
        return NewLink(link, token)

    async def links(self, who: Principal, diagram_id: str) -> list[ShareLink]:
        """Those in force, newest first."""
        record = await self._service.access(who, diagram_id, SHARE)
        return await self._tables.links(record.id)

    async def revoke_link(self, who: Principal, diagram_id: str, link_id: str) -> None:
        """Ends it, and what came through it."""
        record = await self._service.access(who, diagram_id, SHARE)
        if not await self._tables.revoke_link(record.id, link_id):
            message = "There is no such link in force; look at the list again."
            raise ServiceError("link_not_found", message, "link_id")
        self._service.access_taken()

    async def redeem(
        self,
        who: Principal | None,
        token: str,
        name: str | None,
        *,
        count_guest: Callable[[], None],
    ) -> Redeemed:
        """Lets in who has a link's secret. A stranger becomes a guest with nothing but this, which
        ``count_guest`` may refuse."""
        if who is not None and who.is_agent:
            message = "Links are for people; an agent is granted a diagram by its owner."
            raise ServiceError("forbidden", message)
        link = await self._tables.find_link(token)
        _check_in_force(link)
        assert link is not None, "a link that is none is refused"
        if who is None:
            name = _guest_name(name)
            count_guest()
            return await self._let_in(link, token, name)
        role = await self._role(who, link)
        if role not in ("editor", "owner"):
            await self._people.seen(who.author.id, who.author.name)
            await self._join(link, token, who.author.id)
            role = await self._role(who, link)
        return Redeemed(link.diagram_id, link.title, role or link.role)

    async def _role(self, who: Principal, link: FoundLink) -> Role | None:
        try:
            access = await self._service.find_access(who, link.diagram_id, READ)
        except ServiceError:
            return None
        return role_on(who, access)

    async def _let_in(self, link: FoundLink, token: str, name: str) -> Redeemed:
        guest = Person(f"{LINK_GUEST}{secrets.token_hex(_ID_BYTES)}", name)
        await self._people.seen(guest.id, guest.name)
        role = await self._join(link, token, guest.id)
        session_token = secrets.token_urlsafe(_TOKEN_BYTES)
        ends = min(link.expires_at, datetime.now(UTC) + timedelta(days=SESSION_DAYS))
        await self._sign_in.start_session(session_token, guest, ends)
        return Redeemed(link.diagram_id, link.title, role, session_token, ends)

    async def _join(self, link: FoundLink, token: str, person_id: str) -> Role:
        role = await self._tables.join(link.id, person_id)
        if role is None:
            _check_in_force(await self._tables.find_link(token))
            message = (
                f"{MAX_MEMBERS} people came through links to this diagram already; ask its owner "
                "for room."
            )
            raise ServiceError("too_many_members", message)
        return role


async def watch_expired_links(tables: SharingTables) -> None:
    """Has everybody looked at again whose link has expired, until cancelled."""
    while True:
        await trio.sleep(EXPIRY_CHECK_SECONDS)
        try:
            await tables.end_expired_links()
        except PersistenceError as error:
            log.warning("expired links could not be looked for: %s", error.code)


def _check_grant(wanted: frozenset[str]) -> None:
    if not wanted <= PERMISSIONS:
        known = ", ".join(sorted(PERMISSIONS))
        raise ServiceError("invalid", f"Permissions are of {known}.", "permissions")
    if wanted and not wanted & {"read", "full_access"}:
        message = "Whoever does something with a diagram reads it: grant read as well, or nothing."
        raise ServiceError("invalid", message, "permissions")


def _check_in_force(link: FoundLink | None) -> None:
    """Who has the secret may know what became of the link."""
    if link is None or link.is_in_trash:
        message = "This link leads nowhere; ask who sent it whether it is complete."
        raise ServiceError("link_not_found", message, "token")
    if link.is_revoked:
        message = "This link was taken back; ask who sent it for a new one."
        raise ServiceError("link_revoked", message, "token")
    if link.is_expired:
        message = "This link has expired; ask who sent it for a new one."
        raise ServiceError("link_expired", message, "token")


def _guest_name(name: str | None) -> str:
    name = _NAMELESS if name is None else name.strip()
    if not name or len(name) > MAX_GUEST_NAME_LENGTH or not name.isprintable():
        message = f"A name has 1 to {MAX_GUEST_NAME_LENGTH} printable characters."
        raise ServiceError("invalid", message, "name")
    return name


def _unknown_person() -> ServiceError:
    message = "Nobody with this id has signed in here yet; ask them to, or send them a link."
    return ServiceError("person_not_found", message, "person_id")
