"""The agents that a person let in by the address, and their end."""

from collections.abc import Callable
from typing import TypeAlias

from gateway.access_notes import Keep, access_note, by_principal
from gateway.errors import ServiceError
from gateway.identity import LINK_GUEST, Principal
from persistence.credentials import Credentials
from persistence.oauth import Connection, OAuthTables

#: Inside the class the method of that name hides the builtin.
_Connections: TypeAlias = list[Connection]


class Connections:
    """``look_now`` makes what is open notice at once that something was taken away; ``note`` puts
    that on record."""

    def __init__(
        self,
        tables: OAuthTables,
        credentials: Credentials,
        look_now: Callable[[], object],
        note: Keep,
    ) -> None:
        self._tables = tables
        self._credentials = credentials
        self._look_now = look_now
        self._note = note

    async def list(self, who: Principal) -> _Connections:
        """Their own, newest first. Raises ServiceError ``forbidden`` for an agent."""
        check_person(who)
        return await self._tables.list(who.author.id)

    async def end(self, who: Principal, agent_id: str) -> None:
        """Ends one of their own, or as an admin anybody's. Raises ServiceError ``forbidden`` for an
        agent, and ``agent_not_found``."""
        check_person(who)
        owner = await self._tables.find_owner(agent_id)
        if owner is None or not (who.is_admin or owner == who.author.id):
            raise _not_found()
        if not await self._credentials.revoke(agent_id):
            raise _not_found()
        self._look_now()
        await self._note(access_note(by_principal(who), "revoked", agent_id))


def check_person(who: Principal) -> None:
    """Raises ServiceError ``forbidden`` for whoever cannot let others in."""
    if who.is_agent or who.author.id.startswith(LINK_GUEST):
        message = "Only people with an account of their own connect agents; sign in as one."
        raise ServiceError("forbidden", message)


def _not_found() -> ServiceError:
    return ServiceError("agent_not_found", "No agent of yours is connected by this id.", "agent_id")
