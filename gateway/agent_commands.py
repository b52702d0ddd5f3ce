"""What the command line does with agents, beside a running server."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from gateway.access_notes import Change, access_note, by_command_line
from gateway.administration import AgentChange, facts_of
from gateway.errors import ServiceError
from gateway.local_access import (
    DEFAULT_RATE_LIMIT,
    check_permissions,
    check_rate_limit,
    create_agent,
    rotate_key,
)
from gateway.settings import Settings
from gateway.storage_access import open_database
from persistence.audit import Audit
from persistence.bridge import Bridge
from persistence.credentials import AgentCredential, Credentials

_DURATION: Final = re.compile(r"(\d{1,6})(s|m|h|d)|0")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class AgentOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an agent; what is not said stays as it is, or takes its default."""

    permissions: Sequence[str] = ()
    rate_limit: int | None = None
    all_diagrams: bool | None = None
    owner_id: str | UnsetType | None = UNSET
    #: From now on; ``None``: for good.
    lifetime: timedelta | UnsetType | None = UNSET

    @property
    def expires_at(self) -> datetime | UnsetType | None:
        if self.lifetime is UNSET or self.lifetime is None:
            return self.lifetime
        return datetime.now(UTC) + self.lifetime


def parse_duration(text: str) -> timedelta:
    """``90s``, ``30m``, ``24h``, ``7d`` or ``0``. Raises ServiceError ``invalid``."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ServiceError("invalid", f"A time is like 30m, 24h or 7d, not {text!r}.", "time")
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found[2] else timedelta(0)


async def new_agent(settings: Settings, name: str, options: AgentOptions) -> str:
    """The key."""
    ends, owner = options.expires_at, options.owner_id
    async with open_database(settings) as bridge:
        agent = await create_agent(
            Credentials(bridge),
            name,
            options.permissions,
            rate_limit=DEFAULT_RATE_LIMIT if options.rate_limit is None else options.rate_limit,
            owner_id=None if owner is UNSET else owner,
            all_diagrams=options.all_diagrams is not False,
            expires_at=None if ends is UNSET else ends,
        )
        await _keep(bridge, "created", name, options)
    return agent.key


async def update_agent(settings: Settings, name: str, options: AgentOptions) -> str:
    """What the agent may do from now on."""
    permissions = check_permissions(options.permissions) if options.permissions else None
    if options.rate_limit is not None:
        check_rate_limit(options.rate_limit)
    async with open_database(settings) as bridge:
        updated = await Credentials(bridge).update(
            name,
            permissions=permissions,
            rate_limit=options.rate_limit,
            all_diagrams=options.all_diagrams,
            owner_id=options.owner_id,
            expires_at=options.expires_at,
        )
        if updated is None:
            raise ServiceError("agent_not_found", f"There is no agent named {name}.", "name")
        await _keep(bridge, "changed", name, options)
    return _line(updated)


async def rotate_agent(settings: Settings, name: str, overlap: timedelta) -> str:
    """The new key."""
    async with open_database(settings) as bridge:
        made = await rotate_key(Credentials(bridge), name, overlap)
        note = access_note(
            by_command_line(), "rotated", name, overlap_seconds=overlap.total_seconds()
        )
        await Audit(bridge).note(note)
    return made.key


async def revoke_agent(settings: Settings, name: str) -> str:
    async with open_database(settings) as bridge:
        if not await Credentials(bridge).revoke(name):
            raise ServiceError("not_found", f"There is no active agent named {name}.")
        await Audit(bridge).note(access_note(by_command_line(), "revoked", name))
    return f"Revoked the keys of {name}; what it has open ends within a second."


async def describe_agents(settings: Settings) -> str:
    async with open_database(settings) as bridge:
        credentials = await Credentials(bridge).list()
    if not credentials:
        return "No agents yet; make one with: diagramai agents create NAME"
    head = f"{'NAME':<24} {'KEY':<20} {'STATE':<8} {'LAST USED':<20} PERMISSIONS"
    return "\n".join([head, *(_line(each) for each in credentials)])


async def _keep(bridge: Bridge, change: Change, name: str, options: AgentOptions) -> None:
    """Puts on record what was said of an agent."""
    said = AgentChange(
        permissions=options.permissions or None,
        rate_limit=options.rate_limit,
        all_diagrams=options.all_diagrams,
        owner_id=options.owner_id,
        expires_at=options.expires_at,
    )
    await Audit(bridge).note(access_note(by_command_line(), change, name, **facts_of(said)))


def _line(agent: AgentCredential) -> str:
    used = agent.last_used.strftime("%Y-%m-%d %H:%M UTC") if agent.last_used else "never"
    state = "active" if agent.in_force else "expired" if agent.active else "revoked"
    prefix = "none" if agent.key_prefix is None else f"{agent.key_prefix}…"
    may = ", ".join(sorted(agent.permissions))
    if not agent.all_diagrams:
        may += "; only where granted"
    if agent.owner_id is not None:
        may += f"; for {agent.owner_id}"
    return f"{agent.name:<24} {prefix:<20} {state:<8} {used:<20} {may}"
