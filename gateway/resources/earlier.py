"""Handlers that stand before those which a server has already."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server

from gateway.identity import Principal
from gateway.tools.context import PRINCIPAL_KEY

RequestContext: TypeAlias = ServerRequestContext[Any, Any]


def caller_of(context: RequestContext) -> Principal:
    """Who sent this very request."""
    assert context.request is not None, "they are only served over HTTP"
    principal: Principal = context.request.scope[PRINCIPAL_KEY]
    return principal


class EarlierHandlers:
    """What answered these methods before others were put in front."""

    def __init__(self, server: Server[Any], methods: Iterable[str]) -> None:
        self._entries = {method: server.get_request_handler(method) for method in methods}

    async def answer(self, context: RequestContext, params: Any) -> Any:
        """Their answer to this request; ``None`` where nothing answered."""
        entry = self._entries[context.method]
        return None if entry is None else await entry.handler(context, params)
