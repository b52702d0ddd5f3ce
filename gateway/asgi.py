"""One ASGI application out of two: MCP at ``/mcp``, all else the HTTP API."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

#: An ASGI application as Starlette types it.
StarletteApp: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

MCP_PATH: Final = "/mcp"


def combine(http_app: ASGIFramework, mcp_app: StarletteApp) -> ASGIFramework:
    """Requests go by path; the lifespan is the HTTP app's, MCP's is kept by who serves."""

    async def app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/") == MCP_PATH:
            await mcp_app(scope, receive, send)
        else:
            await http_app(scope, receive, send)

    return app
