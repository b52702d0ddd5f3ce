"""An agent that speaks MCP in bare HTTP requests: cheap enough to have a crowd of them."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from tests.support.mcp import LEGACY

_ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
_INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "1"},
}


class RawAgent:
    """One connection, one call at a time."""

    def __init__(self, http: httpx2.AsyncClient, url: str, mode: str) -> None:
        self._http = http
        self._url = url
        self._mode = mode
        self._numbers = itertools.count(1)

    async def start(self) -> None:
        """Opens a session in the era that has them."""
        if self._mode == LEGACY:
            answer = await self._post("initialize", _INITIALIZE, {})
            self._http.headers["mcp-session-id"] = answer.headers["mcp-session-id"]
            self._http.headers["mcp-protocol-version"] = "2025-11-25"

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of a call that succeeds."""
        params: dict[str, Any] = {"name": tool, "arguments": arguments}
        headers = {}
        if self._mode != LEGACY:
            params["_meta"] = _ENVELOPE
            headers = {
                "mcp-protocol-version": "2026-07-28",
                "mcp-method": "tools/call",
                "mcp-name": tool,
            }
        answer = await self._post("tools/call", params, headers)
        result = answer.json()["result"]
        content: dict[str, Any] = result["structuredContent"]
        assert not result.get("isError"), content
        return content

    async def _post(
        self, method: str, params: dict[str, Any], headers: dict[str, str]
    ) -> httpx2.Response:
        message = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        answer = await self._http.post(
            self._url, content=json.dumps(message).encode(), headers=headers
        )
        assert answer.status_code == 200, answer.text
        return answer


@asynccontextmanager
async def raw_agent(url: str, key: str, mode: str) -> AsyncIterator[RawAgent]:
    headers = {
        "authorization": f"Bearer {key}",
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
    }
    async with httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        agent = RawAgent(http, url, mode)
        await agent.start()
        yield agent
