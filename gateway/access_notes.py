"""What people change about what agents may do is on record too, in the chain of the agent."""

from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias

import msgspec

from gateway.identity import Principal
from gateway.local_access import local_person
from ot.diagram import Json
from persistence.audit import Note

#: What such rows are called begins so; they are no calls of the agent.
RECORD_MARK: Final = "access."

#: Has a row stored.
Keep: TypeAlias = Callable[[Note], Awaitable[None]]
Change: TypeAlias = Literal["created", "changed", "rotated", "revoked", "granted", "withdrawn"]


class By(msgspec.Struct, frozen=True):
    """Who changed it, how that was proved, and from where. ``name`` where it is known."""

    id: str
    name: str | None
    credential: str
    address: str | None = None


def by_principal(who: Principal) -> By:
    return By(who.author.id, who.author.name, who.credential, who.address)


def by_command_line() -> By:
    """Whoever has the machine's own command line."""
    person = local_person()
    return By(person.id, person.name, "command line")


def access_note(
    by: By, change: Change, agent_id: str, *, diagram: str | None = None, **facts: Json
) -> Note:
    """The row: who did what to which agent, ``facts`` saying what is different now."""
    return Note(
        agent_id=agent_id,
        operation_type=f"{RECORD_MARK}{change}",
        diagram=diagram,
        data={"by": {"id": by.id, "name": by.name}, **facts},
        session_id=by.credential,
        address=by.address,
    )
