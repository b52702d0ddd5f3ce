"""One session of a client that uses the handshake (2025-11-25 and older), over HTTP.

A session is what lets the server speak first: progress and questions during a call, and on the
stream that the client opens with GET. The SDK does what is said; here is only how it travels.
"""

import logging
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, Final

import anyio
import trio
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.runner import serve_loop
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp_types import (
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)
from starlette.requests import Request
from starlette.types import Receive, Send

from gateway.identity import Principal
from gateway.mcp.outbox import Outbox
from gateway.mcp.streams import answer_call, send_status, stream_messages

logger = logging.getLogger(__name__)

SESSION_HEADER: Final = "mcp-session-id"
#: Where the session stands in the ASGI scope of a request that belongs to one.
SESSION_KEY: Final = "diagramai.mcp_session"
_CANCELLED: Final = ErrorData(code=-32800, message="Request cancelled")
_REPEATED_ID: Final = ErrorData(code=-32600, message="A request with this id is under way.")


class _Outward:
    """The SDK's way out: each message goes to the stream it belongs to, at once."""

    def __init__(self, session: "LegacySession") -> None:
        self._session = session

    async def send(self, item: SessionMessage, /) -> None:
        self._session.route(item)

    async def aclose(self) -> None:
        self._session.end()

    async def __aenter__(self) -> "_Outward":
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.aclose()


class LegacySession:
    """Belongs to ``owner``. ``used_at`` is when its last request was over."""

    def __init__(self, identifier: str, owner: Principal, server: Server[Any]) -> None:
        self.identifier = identifier
        self.owner = owner
        self.used_at = trio.current_time()
        self.requests = 0
        self.is_over = False
        self._server = server
        self._inward, self._read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        self._calls: dict[RequestId, Outbox] = {}
        self._stream = Outbox()
        self._newest_stream: object = None
        self._headers = {SESSION_HEADER: identifier}
        self._scope = trio.CancelScope()
        self._at_end: list[Callable[[], None]] = []

    def on_end(self, callback: Callable[[], None]) -> None:
        """Calls it once the session is over."""
        self._at_end.append(callback)

    async def run(self, lifespan_state: Any) -> None:
        """Serves until :meth:`close`; whatever is under way then is cancelled."""
        options = self._server.create_initialization_options(
            NotificationOptions(resources_changed=True)
        )
        try:
            with self._scope:
                await serve_loop(
                    self._server,
                    self._read,
                    _Outward(self),
                    lifespan_state=lifespan_state,
                    session_id=self.identifier,
                    init_options=options,
                )
        except* Exception:
            logger.exception("an MCP session failed and was closed")
        finally:
            self.end()

    def close(self) -> None:
        self._scope.cancel()
        self.end()

    def end(self) -> None:
        """Nothing more will be said."""
        self.is_over = True
        self._inward.close()
        self.end_stream()
        while self._at_end:
            self._at_end.pop()()
        for outbox in self._calls.values():
            outbox.end()

    def end_stream(self) -> None:
        """Ends the client's open stream; requests go on."""
        self._stream.end()

    def route(self, item: SessionMessage) -> None:
        """Puts a message where the client expects it."""
        message, metadata = item.message, item.metadata
        if isinstance(message, JSONRPCResponse | JSONRPCError):
            outbox = None if message.id is None else self._calls.get(message.id)
        elif (
            isinstance(metadata, ServerMessageMetadata) and metadata.related_request_id is not None
        ):
            outbox = self._calls.get(metadata.related_request_id)
        else:
            outbox = self._stream
        # What belongs to a call whose client has hung up has no way to go.
        if outbox is not None:
            outbox.put(message)

    def tell(self, message: JSONRPCMessage) -> None:
        """Says something on the client's open stream, now or once there is one."""
        self._stream.put(message)

    async def post(
        self, message: JSONRPCMessage, request: Request, receive: Receive, send: Send
    ) -> None:
        """One message of the client's."""
        if not isinstance(message, JSONRPCRequest):
            await send_status(202, send)
            await self._say(message, ServerMessageMetadata(request_context=request))
            return
        outbox = Outbox()
        if message.id in self._calls:
            outbox.put(JSONRPCError(jsonrpc="2.0", id=message.id, error=_REPEATED_ID))
            await answer_call(outbox.take, self._headers, receive, send)
            return
        self._calls[message.id] = outbox
        try:
            metadata = ServerMessageMetadata(
                request_context=request, on_request_unanswered=partial(self._cancelled, message.id)
            )
            await self._say(message, metadata)
            await answer_call(outbox.take, self._headers, receive, send)
        finally:
            del self._calls[message.id]

    async def _say(self, message: JSONRPCMessage, metadata: ServerMessageMetadata) -> None:
        try:
            await self._inward.send(SessionMessage(message, metadata))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            self.end()

    async def _cancelled(self, identifier: RequestId) -> None:
        """In this era a request's stream ends with an answer, even where nobody wants it."""
        error = JSONRPCError(jsonrpc="2.0", id=identifier, error=_CANCELLED)
        self.route(SessionMessage(error))

    async def stream(self, receive: Receive, send: Send) -> None:
        """The stream of what belongs to no request. A newer one takes over: the older may be dead
        without anybody's knowing."""
        mine = self._newest_stream = object()
        self._stream.wake()

        async def take() -> JSONRPCMessage | None:
            return await self._stream.take(until=lambda: self._newest_stream is not mine)

        await stream_messages(take, self._headers, receive, send)
