"""The routes about what agents are granted on single diagrams, for admins."""

from quart import Response, request

from gateway.administration import Administration
from gateway.api.admin import shapes
from gateway.api.admin.answers import cut, read_page, read_text_filter, unless_known
from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.api.reading import read_json
from gateway.identity import Principal
from gateway.sharing import Sharing
from persistence.administration import ListedGrant


class GrantRoutes:
    """The handlers; the admin who asks comes first. They raise ServiceError."""

    def __init__(self, admin: Administration, sharing: Sharing) -> None:
        self._admin = admin
        self._sharing = sharing

    async def list(self, who: Principal) -> Response:
        """Of one agent, on one diagram, or all of them, newest first."""
        before, limit = read_page(request)
        found = await self._admin.grants(
            agent_id=read_text_filter(request, "agent"),
            diagram=read_text_filter(request, "diagram"),
            before_id=before,
            limit=limit,
        )
        shown, after = cut(found, limit, lambda each: each.id)
        return unless_known([_describe(each) for each in shown], next=after)

    async def set(self, who: Principal, diagram_id: str, agent_id: str) -> Response:
        body = await read_json(request, shapes.GrantedPermissions)
        await self._sharing.set_grant(who, diagram_id, agent_id, body.permissions)
        granted: list[str] = sorted(set(body.permissions))
        told = shapes.GrantWritten(agent_id=agent_id, diagram_id=diagram_id, permissions=granted)
        return success(told)

    async def remove(self, who: Principal, diagram_id: str, agent_id: str) -> Response:
        check_own_request(request)
        await self._sharing.remove_grant(who, diagram_id, agent_id)
        return success(shapes.GrantGone(agent_id=agent_id, diagram_id=diagram_id))


def _describe(grant: ListedGrant) -> shapes.AdminGrant:
    return shapes.AdminGrant(
        agent_id=grant.agent_id,
        agent_name=grant.name,
        diagram_id=grant.diagram_id,
        title=grant.title,
        permissions=sorted(grant.permissions),
        granted_at=grant.granted_at,
        granted_by=grant.granted_by_name or grant.granted_by,
        in_trash=grant.in_trash,
        agent_accessible=grant.agent_accessible,
    )
