"""``diagramai mcp``: MCP over stdin and stdout, carried to a running DiagramAI over HTTP.

A plain relay: every message goes on as it came, in whichever protocol era the client speaks, and
so do the answers. All it adds are the HTTP headers that either era asks for. Nothing of the
server's is kept here, so a restart of the server is only a request that takes longer.
"""

import logging
import signal
import sys
from collections.abc import AsyncIterable, Callable
from typing import Final, Protocol

import anyio
import httpx2
from anyio.abc import TaskGroup
from mcp.server.stdio import stdio_server
from mcp.shared.jsonrpc_dispatcher import cancelled_request_id_from_params
from mcp.shared.message import SessionMessage
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from gateway.mcp_headers import EraHeaders
from gateway.settings import is_loopback

logger = logging.getLogger(__name__)

#: How long a request waits for a server that cannot be reached, such as one that restarts.
PATIENCE_SECONDS: Final = 10.0
RETRY_INTERVAL_SECONDS: Final = 0.25
CONNECT_TIMEOUT_SECONDS: Final = 5.0
#: Silence of the server before or inside an answer.
READ_TIMEOUT_SECONDS: Final = 120.0
#: Requests under way at a time; what comes after them waits.
MAX_REQUESTS: Final = 64
#: Bytes of one event of a streamed answer.
MAX_EVENT_BYTES: Final = 64 * 1024 * 1024

_KEY_REFUSED: Final = (
    "DiagramAI at {url} refused the key in DIAGRAMAI_KEY. Make one there with "
    "'diagramai agents create <name>' and put it into this client's configuration."
)
_UNREACHABLE: Final = (
    "DiagramAI at {url} cannot be reached ({reason}). Start it with 'diagramai serve', or set "
    "DIAGRAMAI_URL to where it runs."
)
_UNKNOWN_OUTCOME: Final = (
    "The connection to DiagramAI broke before it answered, so the edit may or may not have been "
    "made. Read the diagram, then decide whether to repeat it."
)
_NO_KEY: Final = (
    "DIAGRAMAI_KEY is not set. Make a key with 'diagramai agents create <name>' "
    "and put it into the environment of this command."
)
_BAD_URL: Final = "DIAGRAMAI_URL must be like http://127.0.0.1:8080, not {url!r}."


class Answers(Protocol):
    """Where messages for the client go."""

    async def send(self, item: SessionMessage, /) -> None: ...


class _Failed(Exception):
    """A request that gets this error for an answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.error = ErrorData(code=code, message=message)


class _NotNow(Exception):
    """The server was reached and has done nothing, for now."""


class Relay:
    """Carries messages between a client's two streams and one URL."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        url: str,
        answers: Answers,
        tell: Callable[[str], None],
    ) -> None:
        self._http = http
        self._url = url
        self._answers = answers
        self._tell = tell
        self._headers = EraHeaders()
        self._slots = anyio.Semaphore(MAX_REQUESTS)
        self._under_way: dict[RequestId, anyio.CancelScope] = {}
        self._told = ""

    async def run(self, messages: AsyncIterable[SessionMessage | Exception]) -> None:
        """Relays until the client has no more to say and every answer is out."""
        async with anyio.create_task_group() as tasks:
            async for item in messages:
                if isinstance(item, SessionMessage):
                    await self._take(item.message, tasks)
                else:
                    await self._answer_error(
                        None, ErrorData(code=PARSE_ERROR, message="A line is one JSON-RPC message.")
                    )

    async def _take(self, message: JSONRPCMessage, tasks: TaskGroup) -> None:
        if isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            self._cancel(cancelled_request_id_from_params(message.params))
            return
        await self._slots.acquire()
        scope = anyio.CancelScope()
        if isinstance(message, JSONRPCRequest):
            self._under_way[message.id] = scope
        tasks.start_soon(self._carry, message, scope)

    def _cancel(self, identifier: RequestId | None) -> None:
        """Hangs up; the server has nothing else by which it would know the request."""
        scope = None if identifier is None else self._under_way.get(identifier)
        if scope is not None:
            scope.cancel()

    async def _carry(self, message: JSONRPCMessage, scope: anyio.CancelScope) -> None:
        try:
            with scope:
                await self._exchange(message)
        except _Failed as failure:
            if isinstance(message, JSONRPCRequest):
                await self._answer_error(message.id, failure.error)
        finally:
            self._slots.release()
            if isinstance(message, JSONRPCRequest) and self._under_way.get(message.id) is scope:
                del self._under_way[message.id]

    async def _exchange(self, message: JSONRPCMessage) -> None:
        """Sends and delivers the answer; waits for a server that is away. Raises _Failed."""
        deadline = anyio.current_time() + PATIENCE_SECONDS
        while True:
            try:
                await self._send(message)
            except (httpx2.ConnectError, httpx2.ConnectTimeout, _NotNow) as error:
                reason = str(error) or type(error).__name__
            except httpx2.RequestError as error:
                if _is_tool_call(message):
                    raise _Failed(CONNECTION_CLOSED, _UNKNOWN_OUTCOME) from error
                reason = str(error) or type(error).__name__
            else:
                return
            text = _UNREACHABLE.format(url=self._url, reason=reason)
            self._tell_once(text)
            if anyio.current_time() >= deadline:
                raise _Failed(CONNECTION_CLOSED, text)
            await anyio.sleep(RETRY_INTERVAL_SECONDS)

    async def _send(self, message: JSONRPCMessage) -> None:
        body = message.model_dump_json(by_alias=True, exclude_unset=True)
        headers = self._headers.of(message)
        async with self._http.stream(
            "POST", self._url, content=body.encode(), headers=headers
        ) as response:
            if response.status_code == 503:
                raise _NotNow("it is overloaded or starting")
            if response.status_code == 401:
                text = _KEY_REFUSED.format(url=self._url)
                self._tell_once(text)
                raise _Failed(INVALID_REQUEST, text)
            self._told = ""
            if isinstance(message, JSONRPCRequest):
                await self._deliver(message, response)

    async def _deliver(self, request: JSONRPCRequest, response: httpx2.Response) -> None:
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            await self._deliver_stream(request, response)
            return
        body = await response.aread()
        try:
            answer = jsonrpc_message_adapter.validate_json(body, by_name=False)
        except ValidationError as error:
            shown = body[:200].decode(errors="replace")
            text = f"DiagramAI at {self._url} answered {response.status_code}: {shown}"
            raise _Failed(INVALID_REQUEST, text) from error
        await self._answer(request, answer)

    async def _deliver_stream(self, request: JSONRPCRequest, response: httpx2.Response) -> None:
        async for event in httpx2.EventSource(response, max_event_size=MAX_EVENT_BYTES):
            if not event.data:
                continue
            message = jsonrpc_message_adapter.validate_json(event.data, by_name=False)
            await self._answer(request, message)
            if isinstance(message, JSONRPCResponse | JSONRPCError):
                return
        raise _Failed(CONNECTION_CLOSED, "DiagramAI ended its answer too early; try again.")

    async def _answer(self, request: JSONRPCRequest, answer: JSONRPCMessage) -> None:
        if isinstance(answer, JSONRPCError):
            # A request that was refused unread is answered without its id.
            await self._answer_error(request.id, answer.error)
            return
        self._headers.learn(request, answer)
        await self._answers.send(SessionMessage(answer))

    async def _answer_error(self, identifier: RequestId | None, error: ErrorData) -> None:
        answer = JSONRPCError(jsonrpc="2.0", id=identifier, error=error)
        await self._answers.send(SessionMessage(answer))

    def _tell_once(self, text: str) -> None:
        """Says something once, until the server has been reached again."""
        if text != self._told:
            self._told = text
            self._tell(text)


def _is_tool_call(message: JSONRPCMessage) -> bool:
    """Whether sending it twice could do something twice."""
    return isinstance(message, JSONRPCRequest) and message.method == "tools/call"


async def relay_stdio(url: str, key: str) -> None:
    """Serves this process's stdin and stdout until stdin ends."""
    http = httpx2.AsyncClient(
        headers={
            "authorization": f"Bearer {key}",
            "accept": "application/json, text/event-stream",
            "content-type": "application/json",
        },
        timeout=httpx2.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS, pool=None),
        limits=httpx2.Limits(max_connections=MAX_REQUESTS),
        # A proxy set for the internet has no way to this machine's own ports.
        trust_env=not is_loopback(httpx2.URL(url).host),
    )
    async with http, stdio_server() as (messages, answers), answers:
        await Relay(http, url, answers, _tell).run(messages)


def _tell(text: str) -> None:
    print(f"diagramai mcp: {text}", file=sys.stderr, flush=True)


def mcp_url(base: str) -> str | None:
    """The address of ``/mcp`` for a server's address; ``None`` if that is none."""
    try:
        url = httpx2.URL(base.strip())
    except httpx2.InvalidURL:
        return None
    if url.scheme not in {"http", "https"} or not url.host:
        return None
    path = url.path.rstrip("/")
    return str(url.copy_with(path=path if path.endswith("/mcp") else f"{path}/mcp"))


def run_stdio(url: str, key: str | None) -> int:
    """Runs the command for the server at ``url`` and returns its exit status."""
    endpoint = mcp_url(url)
    if endpoint is None:
        _tell(_BAD_URL.format(url=url))
        return 2
    key = (key or "").strip()
    if not key or not key.isascii() or not key.isprintable():
        _tell(_NO_KEY)
        return 2
    # It notes every request.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    # Nothing here needs tidying up, and the thread that reads stdin cannot be woken otherwise.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        anyio.run(relay_stdio, endpoint, key, backend="trio")
    except* BrokenPipeError:
        logger.debug("the client has left without waiting for its answers")
    return 0
