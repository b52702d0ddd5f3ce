"""The routes about agents, for admins."""

from datetime import timedelta

from msgspec import UNSET
from quart import Response, request

from gateway.administration import (
    MAX_LISTED_AGENTS,
    Administration,
    AgentChange,
    Hours,
    NewAgentWish,
)
from gateway.api.admin import shapes
from gateway.api.admin.answers import read_text_filter, unless_known
from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.reading import read_flag, read_json
from gateway.identity import Principal
from persistence.administration import ListedAgent


class AgentRoutes:
    """The handlers; the admin who asks comes first. They raise ServiceError."""

    def __init__(self, admin: Administration) -> None:
        self._admin = admin

    async def list(self, who: Principal) -> Response:
        """Newest first; ``more`` says that there are others, which a search finds."""
        text = read_text_filter(request, "search")
        found = await self._admin.agents(text, with_revoked=read_flag(request, "revoked"))
        hours = await self._admin.hours()
        shown = [describe(each, hours.get(each.agent_id)) for each in found[:MAX_LISTED_AGENTS]]
        return unless_known(shown, more=len(found) > MAX_LISTED_AGENTS)

    async def create(self, who: Principal) -> Response:
        body = await read_json(request, shapes.CreateAgent)
        wish = NewAgentWish(
            name=body.name,
            permissions=body.permissions,
            rate_limit=body.rate_limit,
            all_diagrams=body.all_diagrams,
            owner_id=body.owner_id,
            expires_at=body.expires_at,
        )
        made = await self._admin.create_agent(who, wish)
        return await self._tell_key(made.credential.agent_id, made.key, 201)

    async def change(self, who: Principal, agent_id: str) -> Response:
        body = await read_json(request, shapes.ChangeAgent)
        change = AgentChange(
            name=None if body.name is UNSET else body.name,
            permissions=None if body.permissions is UNSET else body.permissions,
            rate_limit=None if body.rate_limit is UNSET else body.rate_limit,
            all_diagrams=None if body.all_diagrams is UNSET else body.all_diagrams,
            owner_id=body.owner_id,
            expires_at=body.expires_at,
        )
        await self._admin.change_agent(who, agent_id, change)
        return success(await self._read(agent_id))

    async def rotate(self, who: Principal, agent_id: str) -> Response:
        body = await read_json(request, shapes.RotateKey)
        overlap = timedelta(seconds=body.overlap_seconds)
        made = await self._admin.rotate(who, agent_id, overlap)
        return await self._tell_key(agent_id, made.key, 200)

    async def revoke(self, who: Principal, agent_id: str) -> Response:
        check_own_request(request)
        await self._admin.revoke(who, agent_id)
        return success(shapes.AgentRevoked(id=agent_id))

    async def _tell_key(self, agent_id: str, key: str, status: int) -> Response:
        told = shapes.AgentKey(agent=await self._read(agent_id), key=key)
        return success(told, status=status)

    async def _read(self, agent_id: str) -> shapes.AdminAgent:
        hours = await self._admin.hours()
        return describe(await self._admin.agent(agent_id), hours.get(agent_id))


def describe(agent: ListedAgent, hours: Hours | None) -> shapes.AdminAgent:
    activity = None
    if hours is not None:
        activity = shapes.AgentActivity(calls=hours.calls, failed=hours.failed)
    return shapes.AdminAgent(
        id=agent.agent_id,
        name=agent.name,
        key_prefix=agent.key_prefix,
        state=_state(agent),
        permissions=sorted(agent.permissions),
        rate_limit=agent.rate_limit,
        all_diagrams=agent.all_diagrams,
        owner_id=agent.owner_id,
        owner_name=agent.owner_name,
        created_at=agent.created_at,
        last_used=agent.last_used,
        expires_at=agent.expires_at,
        old_key_until=agent.old_key_until,
        grants=agent.grants,
        is_connected=agent.is_connected,
        activity=activity,
    )


def _state(agent: ListedAgent) -> shapes.State:
    if agent.in_force:
        return "active"
    return "expired" if agent.active else "revoked"
