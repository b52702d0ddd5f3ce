"""One ASGI application out of three: MCP at ``/mcp``, what lets agents in at ``/oauth``, all else
the HTTP API."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeAlias

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

from gateway.answer_headers import with_answer_headers

#: An ASGI application as Starlette types it.
StarletteApp: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

MCP_PATH: Final = "/mcp"


class PathApp(Protocol):
    """An application that says itself which paths are its own."""

    def serves(self, path: str) -> bool: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


def combine(http_app: ASGIFramework, mcp_app: StarletteApp, oauth_app: PathApp) -> ASGIFramework:
    """Requests go by path; the lifespan is the HTTP app's, MCP's is kept by who serves."""

    async def app(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/") == MCP_PATH:
            await mcp_app(scope, receive, with_answer_headers(send))
        elif scope["type"] == "http" and oauth_app.serves(scope["path"]):
            await oauth_app(scope, receive, with_answer_headers(send))
        else:
            await http_app(scope, receive, send)

    return app
