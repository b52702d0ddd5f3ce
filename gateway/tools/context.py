"""Who is calling: every HTTP request carries its own principal, and tools read it from there."""

from typing import Any

import trio
from mcp.server.mcpserver import Context
from starlette.requests import Request

from gateway.identity import Principal

#: Where the authenticated caller stands in the ASGI scope of a request.
PRINCIPAL_KEY = "diagramai.principal"
#: Where a trio.Event stands there, set once the client of the request has left.
GONE_KEY = "diagramai.gone"

ToolContext = Context[Any, Request]


def principal_of(context: ToolContext) -> Principal:
    """The caller of this very request; nothing is shared between requests that overlap."""
    request = context.request_context.request
    assert request is not None, "tools are only served over HTTP"
    principal: Principal = request.scope[PRINCIPAL_KEY]
    return principal


def gone_of(context: ToolContext) -> trio.Event:
    """Set once the caller has hung up; for calls that wait."""
    request = context.request_context.request
    assert request is not None, "tools are only served over HTTP"
    gone: trio.Event = request.scope[GONE_KEY]
    return gone
