"""HTTP as the relay speaks it: one request, one answer or a stream of messages."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
import httpx2
from mcp_types import (
    INVALID_REQUEST,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from gateway.mcp.relay_limits import FIRST_RETRY_SECONDS, MAX_EVENT_BYTES, MAX_RETRY_SECONDS
from gateway.mcp.session import SESSION_HEADER

_KEY_REFUSED: Final = (
    "DiagramAI at {url} refused the key in DIAGRAMAI_KEY. Make one there with "
    "'diagramai agents create <name>' and put it into this client's configuration."
)
UNREACHABLE: Final = (
    "DiagramAI at {url} cannot be reached ({reason}). Start it with 'diagramai serve', or set "
    "DIAGRAMAI_URL to where it runs."
)


class Failed(Exception):
    """A request that gets this error for an answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.error = ErrorData(code=code, message=message)


class NotNow(Exception):
    """The server was reached and has done nothing, for now."""


class SessionLost(Exception):
    """The server does not know the session any more."""


class Backoff:
    """Waits longer each time."""

    def __init__(self) -> None:
        self._seconds = FIRST_RETRY_SECONDS

    async def wait(self) -> None:
        await anyio.sleep(self._seconds)
        self._seconds = min(2 * self._seconds, MAX_RETRY_SECONDS)


class Wire:
    """One server, and what is to be told to whoever reads stderr."""

    def __init__(self, http: httpx2.AsyncClient, url: str, tell: Callable[[str], None]) -> None:
        self._http = http
        self.url = url
        self._tell = tell
        self._told = ""

    def tell_unreachable(self, reason: str) -> str:
        """Says it once until the server has been reached again; returns what is to be said."""
        return self._tell_once(UNREACHABLE.format(url=self.url, reason=reason))

    def _tell_once(self, text: str) -> str:
        if text != self._told:
            self._told = text
            self._tell(text)
        return text

    @asynccontextmanager
    async def request(
        self, method: str, message: JSONRPCMessage | None, headers: dict[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        """The response to be read. Raises NotNow, SessionLost, Failed, httpx2.RequestError."""
        body = b"" if message is None else encoded(message)
        async with self._http.stream(method, self.url, content=body, headers=headers) as response:
            if response.status_code == 503:
                raise NotNow("it is overloaded or starting")
            if response.status_code == 401:
                raise Failed(INVALID_REQUEST, self._tell_once(_KEY_REFUSED.format(url=self.url)))
            if response.status_code == 404 and SESSION_HEADER in headers:
                raise SessionLost
            self._told = ""
            yield response

    async def messages(self, response: httpx2.Response) -> AsyncGenerator[JSONRPCMessage, None]:
        """What an answer holds. Raises Failed where it is nothing of MCP."""
        if is_stream(response):
            async for event in httpx2.EventSource(response, max_event_size=MAX_EVENT_BYTES):
                if event.data:
                    yield jsonrpc_message_adapter.validate_json(event.data, by_name=False)
            return
        body = await response.aread()
        try:
            message = jsonrpc_message_adapter.validate_json(body, by_name=False)
        except ValidationError as error:
            shown = body[:200].decode(errors="replace")
            text = f"DiagramAI at {self.url} answered {response.status_code}: {shown}"
            raise Failed(INVALID_REQUEST, text) from error
        yield message


def is_stream(response: httpx2.Response) -> bool:
    kind: str = response.headers.get("content-type", "")
    return kind.startswith("text/event-stream")


def encoded(message: JSONRPCMessage) -> bytes:
    return message.model_dump_json(by_alias=True, exclude_unset=True).encode()


def error_answer(identifier: str | int | None, error: ErrorData) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=identifier, error=error)
