"""A whole server on a free port, and the SDK's own clients for it: over HTTP and over stdio."""

import json
import socket
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
import pytest
import trio
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ImageContent, TextContent

from gateway.identity import FULL_ACCESS
from gateway.local_access import MAX_RATE_LIMIT, create_agent
from gateway.main import Serving, open_server
from gateway.settings import Settings

ROOT: Final = Path(__file__).parents[2]
#: The two protocol eras, as modes of the SDK's client.
LEGACY, MODERN = "legacy", "auto"
ERAS: Final = (LEGACY, MODERN)
#: For tests in which answers are streamed: the SDK's client lets go of what it reads them with
#: instead of closing it.
STREAMED: Final = pytest.mark.filterwarnings(
    "ignore:Async generator:ResourceWarning", "ignore:Unclosed <MemoryObject:ResourceWarning"
)
_MAIN: Final = "from gateway.cli import main; main()"


class McpWorld(msgspec.Struct):
    """A running server and what connects to it."""

    serving: Serving

    @property
    def url(self) -> str:
        return f"{self.serving.base_url}/mcp"

    async def key(self, name: str = "agent", permissions: Iterable[str] = (FULL_ACCESS,)) -> str:
        """The key of a new agent."""
        credentials = self.serving.credentials
        return (await create_agent(credentials, name, permissions, rate_limit=MAX_RATE_LIMIT)).key

    @asynccontextmanager
    async def agent(
        self, name: str = "agent", mode: str = MODERN, permissions: Iterable[str] = (FULL_ACCESS,)
    ) -> AsyncIterator["Agent"]:
        """A new agent's client, connected."""
        async with connect(self.url, await self.key(name, permissions), mode) as agent:
            yield agent


class Agent:
    """The SDK's client, with answers as plain values."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def result(self, tool: str, **arguments: Any) -> CallToolResult:
        with trio.fail_after(30):
            result = await self.client.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        return result

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a call that succeeds; text and structured content say the same."""
        result = await self.result(tool, **arguments)
        answer = content_of(result)
        assert not result.is_error, answer
        return answer

    async def error(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The error of a call that does not."""
        result = await self.result(tool, **arguments)
        answer = content_of(result)
        assert result.is_error, answer
        error: dict[str, Any] = answer["error"]
        return error

    async def tools(self) -> set[str]:
        return {tool.name for tool in (await self.client.list_tools()).tools}

    async def new_diagram(self, title: str = "Test", **arguments: Any) -> str:
        answer = await self.call("create_diagram", title=title, **arguments)
        identifier: str = answer["diagram_id"]
        return identifier

    async def new_node(self, diagram_id: str, label: str = "N", **fields: Any) -> str:
        data = {"type": "process", "label": label, "position": {"x": 0, "y": 0}, **fields}
        answer = await self.call("add_node", diagram_id=diagram_id, node_data=data)
        identifier: str = answer["node_id"]
        return identifier


def content_of(result: CallToolResult) -> dict[str, Any]:
    """What a result says, in both of its forms; pictures come besides."""
    (block,) = (block for block in result.content if not isinstance(block, ImageContent))
    assert isinstance(block, TextContent)
    answer: dict[str, Any] = json.loads(block.text)
    assert result.structured_content == answer
    return answer


@asynccontextmanager
async def connect(url: str, key: str | None, mode: str = MODERN) -> AsyncIterator[Agent]:
    """A client over HTTP; the tools are listed once, so that it checks answers against schemas."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        await client.list_tools()
        yield Agent(client)


def stdio_command(base_url: str, key: str | None) -> StdioServerParameters:
    """How a client starts ``diagramai mcp``."""
    environment = {"DIAGRAMAI_URL": base_url, "PYTHONPATH": str(ROOT)}
    if key is not None:
        environment["DIAGRAMAI_KEY"] = key
    return StdioServerParameters(
        command=sys.executable, args=["-c", _MAIN, "mcp"], env=environment, cwd=ROOT
    )


@asynccontextmanager
async def connect_stdio(base_url: str, key: str, mode: str = MODERN) -> AsyncIterator[Agent]:
    """A client of a real subprocess."""
    async with Client(stdio_command(base_url, key), mode=mode) as client:
        await client.list_tools()
        yield Agent(client)


@asynccontextmanager
async def open_world(database_url: str, port: int = 0) -> AsyncIterator[McpWorld]:
    async with open_server(Settings(port=port, database_url=database_url)) as serving:
        yield McpWorld(serving)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[McpWorld]:
    """A server on a free port, with a database of its own."""
    async with open_world(database_url) as opened:
        yield opened


class Stoppable:
    """A server in a task of its own, which a test stops while clients live on."""

    def __init__(self, running: McpWorld) -> None:
        self.world = running
        self.asked = trio.Event()
        self.done = trio.Event()

    async def stop(self) -> None:
        self.asked.set()
        with trio.fail_after(30):
            await self.done.wait()


async def serve_world(
    database_url: str, port: int, task_status: trio.TaskStatus[Stoppable]
) -> None:
    async with open_world(database_url, port) as running:
        server = Stoppable(running)
        task_status.started(server)
        await server.asked.wait()
    server.done.set()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def post(
    url: str, body: object, headers: Mapping[str, str] | None = None, method: str = "POST"
) -> httpx2.Response:
    """One bare HTTP request, as an odd client may send it."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    wanted = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
        return await http.request(
            method, url, content=content, headers={**wanted, **(headers or {})}
        )
