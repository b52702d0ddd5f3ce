"""The door of ``/mcp``: who gets in, what is refused unread, and what outlives a restart."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import trio
from mcp.shared.exceptions import MCPError

from gateway.mcp.server import DiagramServer
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.limits import MAX_REQUEST_BYTES
from gateway.tools.registry import as_tool
from tests.support.mcp import (
    ERAS,
    STREAMED,
    Agent,
    McpWorld,
    connect,
    free_port,
    post,
    serve_world,
)
from tests.support.mcp_door import open_door
from tests.support.shared_world import world

__all__ = ["world"]

pytestmark = STREAMED

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer " + "x" * 10_000},
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearer dai_000000000000_nothing"},
        {"cookie": "diagramai_session=none"},
    ],
)
async def test_without_a_good_key_the_answer_says_how_to_get_one(
    world: McpWorld, headers: dict[str, str]
) -> None:
    answer = await post(world.url, PING, headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "resource_metadata" not in answer.headers["www-authenticate"]
    error = answer.json()["error"]
    assert error["data"] == {"code": "unauthenticated"}
    assert "diagramai agents create" in error["message"]


@pytest.mark.parametrize("mode", ERAS)
async def test_a_client_with_a_wrong_key_is_shown_the_message(world: McpWorld, mode: str) -> None:
    with pytest.RaisesGroup(
        pytest.RaisesExc(MCPError, match="diagramai agents create"), flatten_subgroups=True
    ):
        async with connect(world.url, "wrong", mode):
            raise AssertionError("it was let in")


async def test_a_revoked_key_works_no_longer(world: McpWorld) -> None:
    key = await world.key("gone")
    assert (await post(world.url, PING, bearer(key))).status_code == 200
    assert await world.serving.credentials.revoke("gone")
    with trio.fail_after(10):
        while (await post(world.url, PING, bearer(key))).status_code != 401:
            pass


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/mcp/.well-known/oauth-authorization-server",
    ],
)
async def test_no_authorization_server_is_feigned(world: McpWorld, path: str) -> None:
    answer = await post(f"{world.serving.base_url}{path}", b"", method="GET")
    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS"])
async def test_there_is_no_stream_and_no_session(world: McpWorld, method: str) -> None:
    answer = await post(world.url, b"", bearer(await world.key()), method=method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_other_hosts_and_origins_are_refused(world: McpWorld) -> None:
    headers = bearer(await world.key())
    for odd, status, code in (
        ({"host": "evil.example"}, 421, "wrong_host"),
        ({"origin": "http://evil.example"}, 403, "wrong_origin"),
    ):
        answer = await post(world.url, PING, {**headers, **odd})
        assert (answer.status_code, answer.json()["error"]["data"]) == (status, {"code": code})
    own = {**headers, "origin": world.serving.base_url}
    assert (await post(world.url, PING, own)).status_code == 200
    upper = {**headers, "host": f"LOCALHOST:{world.serving.port}"}
    assert (await post(world.url, PING, upper)).status_code == 200


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_both_ways_to_write_the_address_work(world: McpWorld, path: str) -> None:
    answer = await post(f"{world.serving.base_url}{path}", PING, bearer(await world.key()))
    assert answer.status_code == 200


async def test_a_body_that_is_too_large_is_refused(world: McpWorld) -> None:
    headers = bearer(await world.key())
    for extra in ({}, {"transfer-encoding": "chunked"}):
        for size in (MAX_REQUEST_BYTES + 1, 4 * MAX_REQUEST_BYTES):
            answer = await post(world.url, b" " * size, {**headers, **extra})
            assert answer.status_code == 413
            assert str(MAX_REQUEST_BYTES) in answer.json()["error"]["message"]
    assert (await post(world.url, PING, headers)).status_code == 200


async def test_a_large_body_without_a_key_is_not_even_kept(world: McpWorld) -> None:
    assert (await post(world.url, b" " * (2 * MAX_REQUEST_BYTES))).status_code == 401


async def test_a_version_that_does_not_exist_is_named(world: McpWorld) -> None:
    headers = {**bearer(await world.key()), "mcp-protocol-version": "2031-01-01"}
    answer = await post(world.url, PING, headers)
    assert 400 <= answer.status_code < 500


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


class Met(msgspec.Struct):
    """Whom a call took for its caller before and after it waited for the others."""

    before: str
    after: str


class MeetingTools:
    """A tool that answers only once ``expected`` calls of it are under way at the same time."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._inside = 0
        self._all_inside = trio.Event()

    async def meet(self, *, context: ToolContext) -> Met:
        """Meet the others."""
        before = principal_of(context).author.name
        self._inside += 1
        if self._inside == self._expected:
            self._all_inside.set()
        await self._all_inside.wait()
        return Met(before, principal_of(context).author.name)


@asynccontextmanager
async def serve_tools(tools: MeetingTools) -> AsyncIterator[str]:
    """Only MCP, with one tool."""
    async with open_door(DiagramServer([as_tool(tools.meet, "Meet")])) as door:
        yield door.url


async def test_agents_whose_calls_overlap_are_never_taken_for_each_other() -> None:
    names = [f"agent-{number}" for number in range(8)]
    calls_of_each = 4
    tools = MeetingTools(len(names) * calls_of_each)
    met: list[tuple[str, dict[str, Any]]] = []

    async def meet(agent: Agent, name: str) -> None:
        met.append((name, await agent.call("meet")))

    async def take_part(url: str, name: str, mode: str) -> None:
        async with connect(url, name, mode) as agent, trio.open_nursery() as calls:
            for _ in range(calls_of_each):
                calls.start_soon(meet, agent, name)

    async with serve_tools(tools) as url, trio.open_nursery() as nursery:
        for number, name in enumerate(names):
            nursery.start_soon(take_part, url, name, ERAS[number % 2])
    assert len(met) == len(names) * calls_of_each
    assert all(answer == {"before": name, "after": name} for name, answer in met)


async def test_a_database_that_is_away_is_told_as_such() -> None:
    async with serve_tools(MeetingTools(1)) as url:
        answer = await post(url, PING, bearer("broken"))
        assert (answer.status_code, answer.json()["error"]["message"]) == (
            503,
            "The database is away; try again.",
        )


@pytest.mark.parametrize("mode", ERAS)
async def test_a_client_outlives_a_restart_of_the_server(database_url: str, mode: str) -> None:
    port = free_port()
    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve_world, database_url, port)
        async with connect(server.world.url, await server.world.key(), mode) as agent:
            identifier = await agent.new_diagram()
            for restart in (1, 2):
                await server.stop()
                server = await nursery.start(serve_world, database_url, port)
                await agent.new_node(identifier, f"after restart {restart}")
            read = await agent.call("read_diagram", diagram_id=identifier)
            assert len(read["nodes"]) == 2
        await server.stop()
