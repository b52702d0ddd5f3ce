"""A request that listens (2026-07-28), which outlives a restart of the server."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final

import anyio
import httpx2
from mcp_types import (
    CONNECTION_CLOSED,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)

from gateway.mcp.relay_limits import PATIENCE_SECONDS
from gateway.mcp.relay_session import updated
from gateway.mcp.relay_wire import Backoff, Failed, NotNow, SessionLost, Wire, error_answer

LISTEN: Final = "subscriptions/listen"
_ACKNOWLEDGED: Final = "notifications/subscriptions/acknowledged"


class Listening:
    """One of them, until its client hangs up or the server refuses it."""

    def __init__(
        self,
        wire: Wire,
        request: JSONRPCRequest,
        headers: dict[str, str],
        deliver: Callable[[JSONRPCMessage], Awaitable[None]],
    ) -> None:
        self._wire = wire
        self._request = request
        self._headers = headers
        self._deliver = deliver
        self._is_acknowledged = False

    async def run(self) -> None:
        deadline = anyio.current_time() + PATIENCE_SECONDS
        backoff = Backoff()
        while True:
            try:
                if await self._listen_once():
                    return
                backoff = Backoff()
            except (httpx2.RequestError, NotNow, SessionLost) as error:
                text = self._wire.tell_unreachable(str(error) or type(error).__name__)
                if not self._is_acknowledged and anyio.current_time() >= deadline:
                    raise Failed(CONNECTION_CLOSED, text) from error
            await backoff.wait()

    async def _listen_once(self) -> bool:
        """``True`` once there is nothing more to be had. A server that stops ends its streams in
        good order, and the next one serves them again."""
        async with (
            self._wire.request("POST", self._request, self._headers) as response,
            aclosing(self._wire.messages(response)) as messages,
        ):
            async for message in messages:
                if isinstance(message, JSONRPCError):
                    await self._deliver(error_answer(self._request.id, message.error))
                    return True
                if isinstance(message, JSONRPCResponse):
                    return False
                await self._pass_on(message)
        return False

    async def _pass_on(self, message: JSONRPCMessage) -> None:
        if (
            isinstance(message, JSONRPCNotification)
            and self._is_acknowledged
            and (message.method == _ACKNOWLEDGED)
        ):
            await self._tell_all(message)
        else:
            await self._deliver(message)
        self._is_acknowledged = True

    async def _tell_all(self, acknowledged: JSONRPCNotification) -> None:
        """What has happened in between is not known, so all of it may have changed."""
        params: dict[str, Any] = acknowledged.params or {}
        for uri in params.get("notifications", {}).get("resourceSubscriptions", ()):
            await self._deliver(updated(uri, params.get("_meta", {})))
