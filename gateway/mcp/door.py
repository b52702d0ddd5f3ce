"""The ASGI application for ``/mcp``: who gets in, and which way a request is served."""

import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec
import trio
from mcp.server.streamable_http import check_accept_headers
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types import (
    INVALID_REQUEST,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    jsonrpc_message_adapter,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from msgspec import UNSET
from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import ServiceError, status_of
from gateway.identity import Principal
from gateway.live_sessions import Door, LiveSessions
from gateway.mcp.entrance import ENTRANCE_KEY, Entrance
from gateway.mcp.limits import KEY_CHECK_SECONDS
from gateway.mcp.server import DiagramServer
from gateway.mcp.session import SESSION_HEADER, SESSION_KEY, LegacySession
from gateway.mcp.sessions import Sessions, is_owner
from gateway.mcp.subscribing import IDENTIFY_KEY, RESOURCES_CHANGED
from gateway.mcp.watching import Identify
from gateway.mcp_body import Disconnected, read_body, replayed, watch_departure
from gateway.source import check_source
from gateway.tools.context import GONE_KEY, PRINCIPAL_KEY
from gateway.tools.limits import MAX_REQUEST_BYTES
from persistence.errors import PersistenceError

#: Who sends a request with these headers, by lower case name; ``None`` where the key is wrong.
Authenticate: TypeAlias = Callable[[Mapping[str, str]], Awaitable[Principal | None]]

_UNAUTHENTICATED: Final = (
    "Send the header 'Authorization: Bearer <key>' with a key of this DiagramAI server. "
    "'diagramai agents create <name>' makes one."
)
_NO_STREAM: Final = (
    "There is no stream to open and no session to end here: send POST requests, or the "
    "Mcp-Session-Id that an initialize was answered with."
)
_NO_SESSION: Final = "There is no such session; send initialize to open a new one."
_BATCH: Final = "A request holds one message, no array of them; send each by itself."
_NO_ID: Final = (
    "The id of a request is a string or a whole number, and a notification has none. Nothing was "
    "done; send it again with such an id."
)
_TOO_LARGE: Final = f"A request has at most {MAX_REQUEST_BYTES} bytes; send fewer changes at once."
#: What makes no sense without the very session that it names.
_OF_A_SESSION: Final = frozenset({"resources/subscribe", "resources/unsubscribe"})

# It notes every finished request of a client that uses the handshake.
logging.getLogger("mcp.server.streamable_http").setLevel(logging.WARNING)


class _Envelope(msgspec.Struct):
    """Of a message, what tells whether it asks for an answer."""

    id: Any = UNSET
    method: Any = UNSET


class McpApp:
    """Answers inside :meth:`run`, which it enters once."""

    def __init__(
        self,
        server: DiagramServer,
        authenticate: Authenticate,
        *,
        allowed_hosts: Iterable[str],
        allowed_origins: Iterable[str],
        key_check_seconds: float = KEY_CHECK_SECONDS,
        live: LiveSessions | None = None,
    ) -> None:
        """``live`` ends what is open as soon as its key is no good any more."""
        self._server = server
        self._authenticate = authenticate
        self._key_check_seconds = key_check_seconds
        self._live = live
        self._hosts = frozenset(host.lower() for host in allowed_hosts)
        self._origins = frozenset(origin.lower() for origin in allowed_origins)
        self.sessions = Sessions(server.lower)
        #: For requests that stand alone: with one JSON body as the answer, or a stream if need be.
        self._plain = _manager(server, json_response=True)
        self._streaming = _manager(server, json_response=False)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        async with self._plain.run(), self._streaming.run(), trio.open_nursery() as nursery:
            await nursery.start(self._server.run_background)
            await nursery.start(self.sessions.run)
            nursery.start_soon(self._server.listing.run, self._tell_listing)
            yield
            nursery.cancel_scope.cancel()

    def _tell_listing(self) -> None:
        note = JSONRPCNotification(jsonrpc="2.0", method=RESOURCES_CHANGED)
        self.sessions.tell_all(note)
        self._server.tell_list_changed(RESOURCES_CHANGED)

    def end_streams(self) -> None:
        """Ends every stream that would stay open for as long as its client likes."""
        self.sessions.end_streams()
        self._server.end_streams()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: Response | None = None
        headers = Headers(scope=scope)
        entrance: Entrance = scope.get(ENTRANCE_KEY) or self._by_key(headers)
        identify = entrance.identify
        try:
            seen = headers.getlist("host"), headers.getlist("origin")
            check_source(*seen, self._hosts, self._origins)
            principal = await identify()
            if principal is None:
                answer = entrance.refusal
        except (ServiceError, PersistenceError) as error:
            wait = getattr(error, "retry_after_seconds", None)
            later = None if wait is None else {"Retry-After": str(math.ceil(wait))}
            answer = refusal_of(status_of(error.code), error.code, error.message, later)
        with suppress(Disconnected):
            body = await read_body(receive, 0 if answer else MAX_REQUEST_BYTES)
            answer = answer or (_TOO_LARGE_REFUSAL if body is None else None)
            if answer is not None:
                await answer(scope, receive, send)
            elif body is not None:
                gone = trio.Event()
                known = {PRINCIPAL_KEY: principal, IDENTIFY_KEY: identify, GONE_KEY: gone}
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(watch_departure, receive, gone)
                    nursery.start_soon(self._watch_key, identify, gone)
                    with self._watched(principal, gone.set):
                        await self._serve({**scope, **known}, body, gone, send)
                    nursery.cancel_scope.cancel()

    def _by_key(self, headers: Headers) -> Entrance:
        return Entrance(partial(self._authenticate, dict(headers)), _UNAUTHENTICATED_REFUSAL)

    @contextmanager
    def _watched(
        self, who: Principal | None, end: Callable[[], None], door: Door = "mcp_request"
    ) -> Iterator[None]:
        """Calls ``end`` once who asks is nobody any more."""
        if self._live is None or who is None:
            yield
            return
        handle = self._live.register(who, lambda: None if handle.principal else end(), door)
        try:
            yield
        finally:
            handle.close()

    async def _watch_key(self, identify: Identify, gone: trio.Event) -> None:
        """Who has lost the key counts as gone: that ends streams and whatever waits for them."""
        while True:
            await trio.sleep(self._key_check_seconds)
            # While nobody can say, it is believed.
            with suppress(ServiceError, PersistenceError):
                if await identify() is None:
                    gone.set()

    async def _serve(self, scope: Scope, body: bytes, gone: trio.Event, send: Send) -> None:
        """A request of somebody who is known."""
        request = Request(scope)
        version = request.headers.get(MCP_PROTOCOL_VERSION_HEADER)
        has_json, has_stream = check_accept_headers(request)
        receive = replayed(body, gone)
        if request.method == "POST" and (malformed := _malformed(body)) is not None:
            await malformed(scope, receive, send)
            return
        if version is not None and version not in HANDSHAKE_PROTOCOL_VERSIONS:
            manager = self._streaming if has_stream else self._plain
            await manager.handle_request(scope, receive, send)
        elif scope["method"] != "POST":
            await self._serve_session(request, receive, send)
        elif not (has_json and has_stream and await self._posted(request, body, gone, send)):
            await self._plain.handle_request(scope, receive, send)

    async def _serve_session(self, request: Request, receive: Receive, send: Send) -> None:
        """GET, DELETE, and what there is none of."""
        identifier = request.headers.get(SESSION_HEADER)
        if request.method not in {"GET", "DELETE"} or identifier is None:
            await _NO_STREAM_REFUSAL(request.scope, receive, send)
            return
        session = self.sessions.find(identifier)
        if session is None or not is_owner(session, request.scope[PRINCIPAL_KEY]):
            await _NO_SESSION_REFUSAL(request.scope, receive, send)
        elif request.method == "DELETE":
            self.sessions.end(session)
            await Response(status_code=200)(request.scope, receive, send)
        elif not check_accept_headers(request)[1]:
            await _NOT_ACCEPTABLE_REFUSAL(request.scope, receive, send)
        else:
            with self.sessions.using(session):
                await session.stream(receive, send)

    async def _posted(self, request: Request, body: bytes, gone: trio.Event, send: Send) -> bool:
        """Serves a message in its session. ``False`` where it is to be served by itself: what
        names a session that is over is, so that a restart of the server is not noticed."""
        message = _message_in(body)
        if message is None or not _is_json(request):
            return False
        method = message.method if isinstance(message, JSONRPCRequest) else ""
        identifier = request.headers.get(SESSION_HEADER)
        session = self.sessions.find(identifier) if identifier is not None else None
        if self._is_refused(request, identifier, session, method):
            await _NO_SESSION_REFUSAL(request.scope, request.receive, send)
            return True
        if session is None and method == "initialize":
            session = self._open_session(request.scope[PRINCIPAL_KEY])
        if session is None:
            return False
        known = Request({**request.scope, SESSION_KEY: session}, replayed(body, gone))
        with self.sessions.using(session):
            await session.post(message, known, replayed(body, gone), send)
        return True

    def _open_session(self, who: Principal) -> LegacySession:
        session = self.sessions.open(who)
        watched = ExitStack()
        close = partial(self.sessions.close, session)
        watched.enter_context(self._watched(who, close, "mcp_session"))
        session.on_end(watched.close)
        return session

    def _is_refused(
        self, request: Request, identifier: str | None, session: LegacySession | None, method: str
    ) -> bool:
        """Whether what names a session is refused: another's, one that its client has ended, or
        one that is over where the request is about nothing else."""
        if session is not None:
            return not is_owner(session, request.scope[PRINCIPAL_KEY])
        if identifier is None:
            return False
        return method in _OF_A_SESSION or self.sessions.is_ended(identifier)


def _manager(server: DiagramServer, *, json_response: bool) -> StreamableHTTPSessionManager:
    return StreamableHTTPSessionManager(
        server.lower,
        stateless=True,
        json_response=json_response,
        max_request_body_size=MAX_REQUEST_BYTES,
        # Host and Origin are checked here, as at the other doors and with their codes.
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


def _message_in(body: bytes) -> JSONRPCMessage | None:
    """The message; ``None`` where it is none, which is for the SDK to say."""
    try:
        message: JSONRPCMessage = jsonrpc_message_adapter.validate_json(body, by_name=False)
    except ValidationError:
        return None
    return message


def _malformed(body: bytes) -> Response | None:
    """A refusal of what the SDK would take for something else, or refuse in words of its own."""
    if body.lstrip()[:1] == b"[":
        return _BATCH_REFUSAL
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    is_known = envelope.id is UNSET or type(envelope.id) in (str, int)
    return None if is_known or envelope.method is UNSET else _ID_REFUSAL


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower() == "application/json"


def refusal_of(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON-RPC error, so that MCP clients show the message; ``code`` is inside its ``data``."""
    error: dict[str, Any] = {"code": INVALID_REQUEST, "message": message, "data": {"code": code}}
    body = msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": error})
    return Response(body, status, dict(headers or {}), "application/json")


_UNAUTHENTICATED_REFUSAL: Final = refusal_of(
    401, "unauthenticated", _UNAUTHENTICATED, {"WWW-Authenticate": 'Bearer realm="DiagramAI"'}
)
_NO_STREAM_REFUSAL: Final = refusal_of(405, "method_not_allowed", _NO_STREAM, {"Allow": "POST"})
_NO_SESSION_REFUSAL: Final = refusal_of(404, "no_session", _NO_SESSION)
_NOT_ACCEPTABLE_REFUSAL: Final = refusal_of(
    406, "not_acceptable", "A stream is opened with the header 'Accept: text/event-stream'."
)
_BATCH_REFUSAL: Final = refusal_of(400, "invalid", _BATCH)
_ID_REFUSAL: Final = refusal_of(400, "invalid", _NO_ID)
_TOO_LARGE_REFUSAL: Final = refusal_of(413, "too_large", _TOO_LARGE)
