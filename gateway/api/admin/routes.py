"""Which path of the admin page is whose; all of them go through the one guard."""

from collections.abc import Awaitable, Callable

from quart import Response

from gateway.administration import Administration
from gateway.api.admin.agents import AgentRoutes
from gateway.api.admin.answers import administered
from gateway.api.admin.grants import GrantRoutes
from gateway.api.admin.watching import WatchingRoutes
from gateway.sharing import Sharing

Route = tuple[str, str, Callable[..., Awaitable[Response]]]


def admin_routes(admin: Administration, sharing: Sharing) -> list[Route]:
    """Method, path, and the handler, which takes who is asking first."""
    agents, grants = AgentRoutes(admin), GrantRoutes(admin, sharing)
    watching = WatchingRoutes(admin)
    base = "/api/admin"
    # An id of a diagram has no slash in it; an agent's, which is its first name, may.
    grant = f"{base}/grants/<diagram_id>/<path:agent_id>"
    routes: list[Route] = [
        ("GET", f"{base}/agents", agents.list),
        ("POST", f"{base}/agents", agents.create),
        ("PUT", f"{base}/agents/<path:agent_id>", agents.change),
        ("DELETE", f"{base}/agents/<path:agent_id>", agents.revoke),
        ("POST", f"{base}/keys/<path:agent_id>", agents.rotate),
        ("GET", f"{base}/grants", grants.list),
        ("PUT", grant, grants.set),
        ("DELETE", grant, grants.remove),
        ("GET", f"{base}/sessions", watching.sessions),
        ("DELETE", f"{base}/sessions/<session_id>", watching.disconnect),
        ("GET", f"{base}/audit", watching.audit),
        ("GET", f"{base}/alerts", watching.alerts),
        ("GET", f"{base}/alerts/count", watching.alert_count),
        ("POST", f"{base}/alerts/<alert_id>/acknowledge", watching.acknowledge),
    ]
    return [(method, path, administered(handler)) for method, path, handler in routes]
