"""The session of a client that uses the handshake, kept up by the relay.

After a restart of the server the session is opened anew with what the client had said, and what
it had subscribed to is subscribed to again; the client is told of each such resource that it may
have changed.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from itertools import count
from typing import Any, Final, TypeAlias

import anyio
import httpx2
from mcp_types import (
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)

from gateway.mcp.relay_limits import FAREWELL_SECONDS, MAX_REMEMBERED
from gateway.mcp.relay_wire import Backoff, Failed, NotNow, SessionLost, Wire, is_stream
from gateway.mcp.session import SESSION_HEADER
from gateway.mcp_headers import EraHeaders

Deliver: TypeAlias = Callable[[JSONRPCMessage], Awaitable[None]]

_INITIALIZED: Final = JSONRPCNotification(jsonrpc="2.0", method="notifications/initialized")
_UPDATED: Final = "notifications/resources/updated"
_AWAY: Final = (httpx2.RequestError, NotNow, SessionLost, Failed)


class RelaySession:
    """What the server's session is called now, and what would make another one like it."""

    def __init__(self, wire: Wire, headers: EraHeaders, deliver: Deliver) -> None:
        self._wire = wire
        self._headers = headers
        self._deliver = deliver
        self._initialize: JSONRPCRequest | None = None
        self._identifier: str | None = None
        self._subscribed: dict[str, None] = {}
        self._numbers = count()
        self._opening = anyio.Lock()
        self._is_initialized = anyio.Event()

    @property
    def identifier(self) -> str | None:
        return self._identifier

    def headers_of(self, message: JSONRPCMessage) -> dict[str, str]:
        headers = self._headers.of(message)
        is_first = isinstance(message, JSONRPCRequest) and message.method == "initialize"
        if self._identifier is not None and not is_first:
            headers[SESSION_HEADER] = self._identifier
        return headers

    def learn(
        self, request: JSONRPCRequest, answer: JSONRPCMessage, response: httpx2.Response
    ) -> None:
        """Takes note of what an answer to the client says of its session."""
        self._headers.learn(request, answer)
        if not isinstance(answer, JSONRPCResponse):
            return
        uri = (request.params or {}).get("uri")
        if request.method == "initialize":
            self._initialize = request
            self._identifier = response.headers.get(SESSION_HEADER)
            self._subscribed.clear()
        elif request.method == "resources/subscribe" and isinstance(uri, str):
            if len(self._subscribed) < MAX_REMEMBERED:
                self._subscribed[uri] = None
        elif request.method == "resources/unsubscribe" and isinstance(uri, str):
            self._subscribed.pop(uri, None)

    def note_sent(self, message: JSONRPCMessage) -> None:
        if isinstance(message, JSONRPCNotification) and message.method == _INITIALIZED.method:
            self._is_initialized.set()

    async def reopen(self, lost: str | None) -> None:
        """Opens another session in place of ``lost``, unless that has been done.

        Raises what Wire.request does.
        """
        async with self._opening:
            if self._identifier != lost or self._initialize is None:
                return
            self._identifier = None
            answered = await self._ask(self._initialize.method, self._initialize.params)
            self._identifier = answered
            async with self._wire.request("POST", _INITIALIZED, self.headers_of(_INITIALIZED)):
                pass
            for uri in list(self._subscribed):
                await self._ask("resources/subscribe", {"uri": uri})

    async def _ask(self, method: str, params: dict[str, Any] | None) -> str | None:
        """Asks something of its own; returns the session that the answer is of."""
        identifier = f"diagramai-relay-{next(self._numbers)}"
        request = JSONRPCRequest(jsonrpc="2.0", id=identifier, method=method, params=params)
        headers = self.headers_of(request)
        async with self._wire.request("POST", request, headers) as response:
            async with aclosing(self._wire.messages(response)) as messages:
                async for message in messages:
                    if isinstance(message, JSONRPCResponse):
                        break
            named: str | None = response.headers.get(SESSION_HEADER)
            return named

    async def listen(self) -> None:
        """Passes on what the server says outside of requests, for as long as it is run."""
        await self._is_initialized.wait()
        if not self._has_session():
            return
        backoff, is_anew = Backoff(), False
        while True:
            lost = self.identifier
            try:
                if lost is None:
                    await self.reopen(None)
                elif not await self._listen_once(is_anew):
                    return
                else:
                    backoff = Backoff()
            except SessionLost:
                await self.try_reopen(lost)
            except (httpx2.RequestError, NotNow, Failed):
                pass
            is_anew = True
            await backoff.wait()

    def _has_session(self) -> bool:
        return self._identifier is not None

    async def try_reopen(self, lost: str | None) -> None:
        try:
            await self.reopen(lost)
        except _AWAY:
            return

    async def _listen_once(self, is_anew: bool) -> bool:
        """``False`` where the server has no such stream."""
        headers = {**self._headers.of(_INITIALIZED), SESSION_HEADER: self._identifier or ""}
        async with self._wire.request("GET", None, headers) as response:
            if not is_stream(response):
                return False
            if is_anew:
                # What has happened in between is not known.
                for uri in list(self._subscribed):
                    await self._deliver(updated(uri))
            async with aclosing(self._wire.messages(response)) as messages:
                async for message in messages:
                    await self._deliver(message)
        return True

    async def end(self) -> None:
        """Tells the server that the client has left, if that is soon done."""
        if self._identifier is None:
            return
        with anyio.move_on_after(FAREWELL_SECONDS, shield=True):
            try:
                headers = {SESSION_HEADER: self._identifier}
                async with self._wire.request("DELETE", None, headers):
                    pass
            except _AWAY:
                return


def updated(uri: str, meta: dict[str, Any] | None = None) -> JSONRPCNotification:
    params: dict[str, Any] = {"uri": uri} if meta is None else {"uri": uri, "_meta": meta}
    return JSONRPCNotification(jsonrpc="2.0", method=_UPDATED, params=params)
