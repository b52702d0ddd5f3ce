"""What admins of the server do: agents, their grants, what is open, what is on record, alerts."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import trio
from msgspec import UNSET, UnsetType

from gateway.access_notes import Change, Keep, access_note, by_principal
from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.live_sessions import Handle, LiveSessions
from gateway.local_access import (
    DEFAULT_RATE_LIMIT,
    NewAgent,
    check_name,
    check_permissions,
    check_rate_limit,
    create_agent,
    rotate_key,
)
from ot.diagram import Json
from persistence.administration import (
    AdminTables,
    AuditQuestion,
    HourOfAgent,
    ListedAgent,
    ListedGrant,
    ListedOperation,
)
from persistence.alerts import AlertTable, StoredAlert
from persistence.audit import Audit
from persistence.credentials import Credentials
from persistence.people import People

#: Agents in one answer, and things that are open; a filter finds the others.
MAX_LISTED_AGENTS: Final = 500
MAX_LISTED_SESSIONS: Final = 500
#: Hours by the clock of which an agent's activity is told, the present one included.
ACTIVITY_HOURS: Final = 24
#: Seconds for which activity is not counted again: the page asks every few seconds.
ACTIVITY_FRESH_SECONDS: Final = 5.0
#: A request of MCP that takes less long than this is no session.
BRIEF_REQUEST_SECONDS: Final = 1.0
#: Seconds that the audit is waited for to be written.
AUDIT_PATIENCE_SECONDS: Final = 2.0
#: A moment of a later year may not be one any more in another zone.
MAX_YEAR: Final = 9_000
_SESSION: Final = "session:"


class Hours(msgspec.Struct, frozen=True):
    """Calls in each of the last hours, the oldest first, and how many of them failed."""

    calls: list[int]
    failed: list[int]


class AgentChange(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes different of an agent; the rest stays."""

    name: str | None = None
    permissions: Iterable[str] | None = None
    rate_limit: int | None = None
    all_diagrams: bool | None = None
    owner_id: str | UnsetType | None = UNSET
    expires_at: datetime | UnsetType | None = UNSET


class NewAgentWish(msgspec.Struct, frozen=True, kw_only=True):
    """An agent to be made."""

    name: str
    permissions: Iterable[str]
    rate_limit: int = DEFAULT_RATE_LIMIT
    all_diagrams: bool = True
    owner_id: str | None = None
    expires_at: datetime | None = None


class OpenSession(msgspec.Struct, frozen=True):
    """Something that is open, with the titles of the diagrams that it shows, by their ids."""

    handle: Handle
    titles: dict[str, str]


def check_admin(who: Principal) -> None:
    """The one check in front of everything here. Raises ServiceError ``forbidden``."""
    if who.is_agent or not who.is_admin:
        raise ServiceError("forbidden", "This is for people who look after the server: its admins.")


class Administration:
    """Raises ServiceError and PersistenceError. Who calls has been checked to be an admin."""

    def __init__(
        self,
        *,
        tables: AdminTables,
        credentials: Credentials,
        people: People,
        live: LiveSessions,
        audit: Audit,
        note: Keep,
        alerts: AlertTable,
    ) -> None:
        self._tables = tables
        self._credentials = credentials
        self._people = people
        self._live = live
        self._audit = audit
        self._note = note
        self._alerts = alerts
        self._hours: dict[str, Hours] = {}
        self._hours_until = float("-inf")

    # Agents ----------------------------------------------------------------------------------

    async def agents(self, text: str | None, *, with_revoked: bool) -> list[ListedAgent]:
        """Newest first, one more than MAX_LISTED_AGENTS where there are more than that."""
        limit = MAX_LISTED_AGENTS + 1
        return await self._tables.agents(text=text, with_revoked=with_revoked, limit=limit)

    async def agent(self, agent_id: str) -> ListedAgent:
        """Revoked or not. Raises ServiceError ``agent_not_found``."""
        found = await self._tables.agents(text=None, with_revoked=True, agent_id=agent_id, limit=1)
        if not found:
            raise _no_agent()
        return found[0]

    async def hours(self) -> dict[str, Hours]:
        """What each agent did in the last hours; those that did nothing are not in it."""
        if trio.current_time() >= self._hours_until:
            this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
            first = this_hour - timedelta(hours=ACTIVITY_HOURS - 1)
            self._hours = by_agent(await self._tables.activity(first), first)
            self._hours_until = trio.current_time() + ACTIVITY_FRESH_SECONDS
        return self._hours

    async def create_agent(self, who: Principal, wish: NewAgentWish) -> NewAgent:
        """With its key, which nobody can show again."""
        _check_expiry(wish.expires_at)
        await self._check_owner(wish.owner_id)
        made = await create_agent(
            self._credentials,
            wish.name,
            wish.permissions,
            rate_limit=wish.rate_limit,
            owner_id=wish.owner_id,
            all_diagrams=wish.all_diagrams,
            expires_at=wish.expires_at,
        )
        await self._keep(who, "created", made.credential.agent_id, facts_of(wish))
        return made

    async def change_agent(self, who: Principal, agent_id: str, change: AgentChange) -> None:
        """Whatever it has open is looked at again at once."""
        if change.name is not None:
            check_name(change.name)
        if change.rate_limit is not None:
            check_rate_limit(change.rate_limit)
        wanted = None if change.permissions is None else check_permissions(change.permissions)
        _check_expiry(change.expires_at)
        await self._check_owner(change.owner_id)
        await self._check_active(agent_id)
        await self._credentials.update(
            agent_id,
            name=change.name,
            permissions=wanted,
            rate_limit=change.rate_limit,
            all_diagrams=change.all_diagrams,
            owner_id=change.owner_id,
            expires_at=change.expires_at,
        )
        self._live.look_now()
        await self._keep(who, "changed", agent_id, facts_of(change))

    async def rotate(self, who: Principal, agent_id: str, overlap: timedelta) -> NewAgent:
        """A new key; the present one works for ``overlap`` longer."""
        made = await rotate_key(self._credentials, agent_id, overlap)
        self._live.look_now()
        facts: dict[str, Json] = {"overlap_seconds": overlap.total_seconds()}
        await self._keep(who, "rotated", agent_id, facts)
        return made

    async def revoke(self, who: Principal, agent_id: str) -> None:
        """Ends it for good, and at once all that it has open."""
        if not await self._credentials.revoke(agent_id):
            raise _no_agent()
        self._live.look_now()
        await self._keep(who, "revoked", agent_id, {})

    async def _keep(
        self, who: Principal, change: Change, agent_id: str, facts: dict[str, Json]
    ) -> None:
        await self._note(access_note(by_principal(who), change, agent_id, **facts))

    async def _check_active(self, agent_id: str) -> None:
        if not (await self.agent(agent_id)).active:
            raise _no_agent()

    async def _check_owner(self, owner_id: str | UnsetType | None) -> None:
        if owner_id is UNSET or owner_id is None:
            return
        if owner_id not in await self._people.names([owner_id]):
            message = "Nobody with this id has signed in here yet; ask them to."
            raise ServiceError("person_not_found", message, "ownerId")

    # Grants ----------------------------------------------------------------------------------

    async def grants(
        self, *, agent_id: str | None, diagram: str | None, before_id: int | None, limit: int
    ) -> list[ListedGrant]:
        """Newest first, one more than ``limit`` where there are more."""
        return await self._tables.grants(
            agent_id=agent_id, diagram=diagram, before_id=before_id, limit=limit + 1
        )

    # What is open ----------------------------------------------------------------------------

    async def sessions(self) -> list[OpenSession]:
        """What is open in this process, newest first."""
        now = datetime.now(UTC)
        handles = [each for each in self._live.handles() if not _is_brief(each, now)]
        handles.sort(key=lambda each: each.since, reverse=True)
        shown = handles[:MAX_LISTED_SESSIONS]
        watched = {diagram_id for each in shown for diagram_id in each.watching}
        titles = await self._tables.titles(watched) if watched else {}
        return [
            OpenSession(each, {key: titles[key] for key in sorted(each.watching) if key in titles})
            for each in shown
        ]

    async def disconnect(self, session_id: str) -> None:
        """Ends it. A person who signed in here is signed out by that: their page would only come
        back. Raises ServiceError ``session_not_found``."""
        handle = next((each for each in self._live.handles() if each.id == session_id), None)
        if handle is None:
            message = "That is closed already; look at the list again."
            raise ServiceError("session_not_found", message, "session_id")
        credential = handle.opened_by.credential
        if credential.startswith(_SESSION):
            await self._tables.end_person_session(credential.removeprefix(_SESSION))
            self._live.look_now()
        handle.end("revoked" if handle.opened_by.is_agent else "signed_out")

    # What is on record -----------------------------------------------------------------------

    async def audit(
        self, wanted: AuditQuestion, *, before_id: int | None, limit: int
    ) -> list[ListedOperation]:
        """Newest first, one more than ``limit`` where there are more; what was noted is in it."""
        with trio.move_on_after(AUDIT_PATIENCE_SECONDS):
            await self._audit.wait_written()
        return await self._tables.audit(wanted, before_id=before_id, limit=limit + 1)

    # Alerts ----------------------------------------------------------------------------------

    async def alerts(
        self, *, only_open: bool, before_id: int | None, limit: int
    ) -> list[StoredAlert]:
        """Newest first, one more than ``limit`` where there are more."""
        return await self._alerts.list(before_id=before_id, only_open=only_open, limit=limit + 1)

    async def count_open_alerts(self) -> int:
        return await self._tables.count_open_alerts()

    async def acknowledge(self, who: Principal, alert_id: int) -> StoredAlert:
        """Raises ServiceError ``alert_not_found``."""
        alert = await self._alerts.acknowledge(alert_id, who.author.id)
        if alert is None:
            message = "There is no such alert; look at the list again."
            raise ServiceError("alert_not_found", message, "alert_id")
        return alert

    async def names(self, person_ids: Iterable[str]) -> dict[str, str]:
        """Of the people that are known, by their ids."""
        return await self._people.names(set(person_ids))


def facts_of(wish: AgentChange | NewAgentWish) -> dict[str, Json]:
    """What is said of an agent, for its record, without what stays as it is."""
    said = {key: value for key, value in msgspec.structs.asdict(wish).items() if value is not UNSET}
    if isinstance(wish, AgentChange):
        stays = ("name", "permissions", "rate_limit", "all_diagrams")
        said = {k: v for k, v in said.items() if v is not None or k not in stays}
    facts: dict[str, Json] = msgspec.to_builtins(said)
    return facts


def by_agent(rows: Iterable[HourOfAgent], first: datetime) -> dict[str, Hours]:
    """Rows as lists of ACTIVITY_HOURS numbers, of which the first is about the hour ``first``."""
    found: dict[str, Hours] = {}
    for row in rows:
        place = int((row.hour - first) / timedelta(hours=1))
        if 0 <= place < ACTIVITY_HOURS:
            nothing = Hours([0] * ACTIVITY_HOURS, [0] * ACTIVITY_HOURS)
            hours = found.setdefault(row.agent_id, nothing)
            hours.calls[place] += row.calls
            hours.failed[place] += row.failed
    return found


def _is_brief(handle: Handle, now: datetime) -> bool:
    brief = timedelta(seconds=BRIEF_REQUEST_SECONDS)
    return handle.door == "mcp_request" and now - handle.since < brief


def _check_expiry(expires_at: datetime | UnsetType | None) -> None:
    if not isinstance(expires_at, datetime):
        return
    if expires_at.year > MAX_YEAR or expires_at <= datetime.now(UTC):
        message = "Choose a time to come, or none; to end an agent now, revoke it."
        raise ServiceError("invalid", message, "expiresAt")


def _no_agent() -> ServiceError:
    message = "There is no such agent, or it was revoked; look at the list again."
    return ServiceError("agent_not_found", message, "agent_id")
