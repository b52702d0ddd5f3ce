"""The routes about agents that a person let in by the address."""

from datetime import datetime

import msgspec
from quart import Response, request

from gateway.api.envelope import success
from gateway.api.guard import check_own_request
from gateway.identity import Principal
from gateway.oauth.connections import Connections
from gateway.oauth.redirects import host_of


class ConnectionEntry(msgspec.Struct, rename="camel", kw_only=True):
    """A connected agent. ``diagrams`` counts those that were chosen, where not all are open to it;
    ``host`` is where its program is answered."""

    agent_id: str
    name: str
    host: str
    permissions: list[str]
    all_diagrams: bool
    diagrams: int
    created_at: datetime
    last_used: datetime | None
    expires_at: datetime | None


class ConnectionEnded(msgspec.Struct, rename="camel", kw_only=True):
    agent_id: str


class ConnectionRoutes:
    """The handlers; whoever asks comes first. They raise ServiceError."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def list(self, who: Principal) -> Response:
        found = await self._connections.list(who)
        return success(
            [
                ConnectionEntry(
                    agent_id=each.agent_id,
                    name=each.name,
                    host=host_of(each.redirect_uri),
                    permissions=sorted(each.permissions),
                    all_diagrams=each.all_diagrams,
                    diagrams=each.diagrams,
                    created_at=each.created_at,
                    last_used=each.last_used,
                    expires_at=each.expires_at,
                )
                for each in found
            ]
        )

    async def end(self, who: Principal, agent_id: str) -> Response:
        check_own_request(request)
        await self._connections.end(who, agent_id)
        return success(ConnectionEnded(agent_id=agent_id))
