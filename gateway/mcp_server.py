"""MCP over HTTP: the tools, their server, and the ASGI application for ``/mcp``.

Both protocol eras are served: 2026-07-28, where every request stands alone, and the revisions with
an ``initialize`` handshake, which are served without sessions: nothing here needs one, and so a
restart of the server is nothing a client has to know of.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeAlias

import msgspec
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import INVALID_REQUEST, CallToolResult, InputRequiredResult
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import ServiceError, status_of
from gateway.identity import Principal
from gateway.mcp_body import Disconnected, read_body, replayed
from gateway.service import DiagramService
from gateway.settings import VERSION
from gateway.source import check_source
from gateway.tools.context import PRINCIPAL_KEY
from gateway.tools.diagrams import DiagramTools
from gateway.tools.editing import EditingTools
from gateway.tools.failures import explain, unknown_argument, unknown_tool
from gateway.tools.limits import MAX_REQUEST_BYTES
from gateway.tools.reading import ReadingTools
from gateway.tools.results import failed
from persistence.errors import PersistenceError

#: Who sends a request with these headers, by lower case name; ``None`` where the key is wrong.
Authenticate: TypeAlias = Callable[[Mapping[str, str]], Awaitable[Principal | None]]

SERVER_NAME: Final = "diagramai"
INSTRUCTIONS: Final = """\
DiagramAI holds diagrams that people and agents edit at the same moment. People see your edits at \
once, in their browser.
- Find a diagram with list_diagrams or make one with create_diagram; read it with read_diagram \
before you change it.
- Build or rework a diagram with one apply_changes call: it is applied as a whole or not at all. \
Give new nodes a name and connect them by it.
- Leave about 200 px between nodes from left to right, 120 px from top to bottom.
- Every answer has a revision. Send the one you read as base_revision: what others have done since \
is then merged with your edit instead of overwritten. Without it your edit applies to the latest.
- conflicts in an answer tells what gave way: your value or another's. Nothing else was lost; tell \
the user, or write the value again.
- A diagram of kind mermaid is text: write it with apply_changes, action update_diagram.
- An error has a code, what to do, and the field. Nothing was changed then.
- Delete a diagram only when the user asks for it; it goes to the trash."""

_UNAUTHENTICATED: Final = (
    "Send the header 'Authorization: Bearer <key>' with a key of this DiagramAI server. "
    "'diagramai agents create <name>' makes one."
)
_NO_STREAM: Final = "There is no stream to open and no session to end here: send POST requests."
_TOO_LARGE: Final = f"A request has at most {MAX_REQUEST_BYTES} bytes; send fewer changes at once."

# It notes every finished request of a client that uses the handshake.
logging.getLogger("mcp.server.streamable_http").setLevel(logging.WARNING)


class DiagramServer(MCPServer[Any]):
    """The SDK's server, with errors that a model can act on."""

    def __init__(self, tools: list[Tool]) -> None:
        super().__init__(
            SERVER_NAME,
            title="DiagramAI",
            instructions=INSTRUCTIONS,
            version=VERSION,
            tools=tools,
            log_level="WARNING",
            subscriptions=False,
        )
        self._arguments = {tool.name: tuple(tool.parameters["properties"]) for tool in tools}

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        known = self._arguments.get(name)
        if known is None:
            return failed(unknown_tool(name, self._arguments))
        for argument in arguments:
            if argument not in known:
                return failed(unknown_argument(argument, known))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            return failed(explain(error, name))


def build_server(service: DiagramService) -> DiagramServer:
    families = (DiagramTools(service), ReadingTools(service), EditingTools(service))
    return DiagramServer([tool for family in families for tool in family.tools()])


class McpApp:
    """The ASGI application for ``/mcp``; it answers inside :meth:`run`, which it enters once."""

    def __init__(
        self,
        server: DiagramServer,
        authenticate: Authenticate,
        *,
        allowed_hosts: Iterable[str],
        allowed_origins: Iterable[str],
    ) -> None:
        self._authenticate = authenticate
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._origins = frozenset(origin.lower() for origin in allowed_origins)
        # With answers as plain JSON, a client that hangs up cannot stop an edit half way.
        server.streamable_http_app(
            stateless_http=True,
            json_response=True,
            max_request_body_size=MAX_REQUEST_BYTES,
            # Host and Origin are checked here, as at the other doors and with their codes.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        self._manager = server.session_manager

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: Response | None = None
        try:
            headers = Headers(scope=scope)
            seen = headers.getlist("host"), headers.getlist("origin")
            check_source(*seen, self._hosts, self._origins)
            principal = await self._authenticate(dict(headers))
            if principal is None:
                answer = _UNAUTHENTICATED_REFUSAL
            elif scope["method"] != "POST":
                answer = _NO_STREAM_REFUSAL
        except (ServiceError, PersistenceError) as error:
            answer = _refusal(status_of(error.code), error.code, error.message)
        with suppress(Disconnected):
            body = await read_body(receive, 0 if answer else MAX_REQUEST_BYTES)
            answer = answer or (_TOO_LARGE_REFUSAL if body is None else None)
            if answer is not None:
                await answer(scope, receive, send)
            elif body is not None:
                signed = {**scope, PRINCIPAL_KEY: principal}
                await self._manager.handle_request(signed, replayed(body, receive), send)


def _refusal(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON-RPC error, so that MCP clients show the message; ``code`` is inside its ``data``."""
    error = {"code": INVALID_REQUEST, "message": message, "data": {"code": code}}
    body = msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": error})
    return Response(body, status, dict(headers or {}), "application/json")


_UNAUTHENTICATED_REFUSAL: Final = _refusal(
    401, "unauthenticated", _UNAUTHENTICATED, {"WWW-Authenticate": 'Bearer realm="DiagramAI"'}
)
_NO_STREAM_REFUSAL: Final = _refusal(405, "method_not_allowed", _NO_STREAM, {"Allow": "POST"})
_TOO_LARGE_REFUSAL: Final = _refusal(413, "too_large", _TOO_LARGE)
