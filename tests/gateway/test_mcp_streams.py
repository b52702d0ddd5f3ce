"""What goes on during a call: progress, questions, hanging up, and calls beside each other."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import msgspec
import pytest
import trio
from mcp import Client
from mcp_types import ElicitResult

from gateway.mcp.server import DiagramServer
from gateway.tools.context import GONE_KEY, ToolContext
from gateway.tools.registry import as_tool
from tests.support.mcp import ERAS, LEGACY, MODERN, post
from tests.support.mcp_door import Door, connect_raw, open_door

#: The SDK's client leaves the generators of a streamed answer to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Async generator:ResourceWarning",
    "ignore:.*async_generator object:pytest.PytestUnraisableExceptionWarning",
)

MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
KEY = {"authorization": "Bearer somebody"}


class Said(msgspec.Struct):
    text: str


class StepTools:
    """Tools whose course a test controls."""

    def __init__(self) -> None:
        self.may_go_on = trio.Event()
        self.has_begun = trio.Event()
        self.has_ended = trio.Event()
        self.was_cancelled = trio.Event()
        self.saw_departure = trio.Event()

    async def count(self, steps: int, *, context: ToolContext) -> Said:
        """Counts."""
        for step in range(steps):
            await context.report_progress(step + 1, steps, f"step {step + 1}")
        return Said("counted")

    async def edit(self, *, context: ToolContext) -> Said:
        """Changes something, slowly."""
        return await self._wait(context)

    async def read(self, *, context: ToolContext) -> Said:
        """Reads something, slowly."""
        return await self._wait(context)

    async def _wait(self, context: ToolContext) -> Said:
        self.has_begun.set()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._see_departure, context)
                await self.may_go_on.wait()
                self.has_ended.set()
                nursery.cancel_scope.cancel()
        finally:
            if not self.has_ended.is_set():
                self.was_cancelled.set()
        return Said("waited")

    async def _see_departure(self, context: ToolContext) -> None:
        request = context.request_context.request
        assert request is not None
        await request.scope[GONE_KEY].wait()
        self.saw_departure.set()

    async def ask(self, *, context: ToolContext) -> Said:
        """Asks the user."""
        schema = {"type": "object", "properties": {"sure": {"type": "boolean"}}}
        session = context.request_context.session
        answer = await session.elicit_form("Sure?", schema, context.request_id)
        return Said(f"{answer.action} {answer.content}")

    def server(self) -> DiagramServer:
        return DiagramServer(
            [
                as_tool(self.count, "Count", reads=True),
                as_tool(self.edit, "Edit"),
                as_tool(self.read, "Read", reads=True),
                as_tool(self.ask, "Ask"),
            ]
        )


@pytest.fixture
def tools() -> StepTools:
    return StepTools()


@pytest.fixture
async def door(tools: StepTools) -> AsyncIterator[Door]:
    async with open_door(tools.server()) as opened:
        yield opened


def call(name: str, mode: str, token: int | None = None, **arguments: Any) -> dict[str, Any]:
    meta: dict[str, Any] = {} if mode == LEGACY else dict(MODERN_META)
    if token is not None:
        meta["progressToken"] = token
    params = {"name": name, "arguments": arguments, "_meta": meta}
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}


async def headers_of(door: Door, mode: str, name: str) -> dict[str, str]:
    """Those of a call; in the older era that of a new session is among them."""
    if mode == MODERN:
        named = {"mcp-method": "tools/call", "mcp-name": name}
        return {**KEY, "mcp-protocol-version": "2026-07-28", **named}
    answer = await post(door.url, INITIALIZE, KEY)
    assert answer.headers["content-type"] == "application/json"
    return {**KEY, "mcp-session-id": answer.headers["mcp-session-id"]}


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "1"},
    },
}


@pytest.mark.parametrize("stdio", [False, True])
@pytest.mark.parametrize("mode", ERAS)
async def test_progress_reaches_the_client_in_order(door: Door, mode: str, stdio: bool) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with connect_raw(door.base_url, "somebody", mode, stdio=stdio) as client:
        with trio.fail_after(20):
            await client.call_tool("count", {"steps": 3}, progress_callback=note)
    assert heard == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]


@pytest.mark.parametrize("mode", ERAS)
async def test_an_answer_is_a_stream_only_for_who_takes_one_and_asked_for_progress(
    door: Door, mode: str
) -> None:
    headers = await headers_of(door, mode, "count")

    async def kind(message: Mapping[str, Any], accept: str) -> str:
        answer = await post(door.url, message, {**headers, "accept": accept})
        assert answer.status_code == 200
        assert '"counted' in answer.text
        found: str = answer.headers["content-type"]
        return found

    both = "application/json, text/event-stream"
    assert await kind(call("count", mode, 1, steps=2), both) == "text/event-stream"
    assert await kind(call("count", mode, None, steps=2), both) == "application/json"
    assert await kind(call("count", mode, 1, steps=2), "application/json") == "application/json"


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("token", [None, 1])
async def test_a_client_that_hangs_up_does_not_stop_an_edit(
    door: Door, tools: StepTools, mode: str, token: int | None
) -> None:
    headers = await headers_of(door, mode, "edit")
    await hang_up_during(door, tools, call("edit", mode, token), headers)
    tools.may_go_on.set()
    with trio.fail_after(10):
        await tools.has_ended.wait()
    assert not tools.was_cancelled.is_set()


async def test_a_client_that_hangs_up_ends_what_only_reads(door: Door, tools: StepTools) -> None:
    headers = await headers_of(door, MODERN, "read")
    await hang_up_during(door, tools, call("read", MODERN), headers)
    with trio.fail_after(10):
        await tools.was_cancelled.wait()


async def hang_up_during(
    door: Door, tools: StepTools, message: Mapping[str, Any], headers: Mapping[str, str]
) -> None:
    async with trio.open_nursery() as nursery:

        async def send() -> None:
            await post(door.url, message, headers)

        nursery.start_soon(send)
        with trio.fail_after(10):
            await tools.has_begun.wait()
        nursery.cancel_scope.cancel()
    with trio.fail_after(10):
        await tools.saw_departure.wait()


async def test_a_request_to_cancel_does_not_stop_an_edit_half_way(
    door: Door, tools: StepTools
) -> None:
    headers = await headers_of(door, LEGACY, "edit")
    answers: list[httpx2.Response] = []
    async with trio.open_nursery() as nursery:

        async def send() -> None:
            answers.append(await post(door.url, call("edit", LEGACY), headers))

        nursery.start_soon(send)
        with trio.fail_after(10):
            await tools.has_begun.wait()
        cancel = {"requestId": 7, "reason": "changed my mind"}
        note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel}
        assert (await post(door.url, note, headers)).status_code == 202
    assert answers[0].json()["error"]["message"] == "Request cancelled"
    tools.may_go_on.set()
    with trio.fail_after(10):
        await tools.has_ended.wait()


@pytest.mark.parametrize("mode", ERAS)
async def test_a_long_call_delays_no_other(door: Door, tools: StepTools, mode: str) -> None:
    async with (
        connect_raw(door.base_url, "one", mode, stdio=False) as one,
        connect_raw(door.base_url, "two", mode, stdio=False) as two,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(one.call_tool, "edit", {})
        with trio.fail_after(10):
            await tools.has_begun.wait()
            for client in (one, two):
                await client.call_tool("count", {"steps": 1})
        assert not tools.has_ended.is_set()
        tools.may_go_on.set()


@pytest.mark.parametrize("stdio", [False, True])
async def test_a_tool_asks_the_user_during_a_call(door: Door, stdio: bool) -> None:
    async def answer(context: Any, params: Any) -> ElicitResult:
        assert params.message == "Sure?"
        return ElicitResult(action="accept", content={"sure": True})

    async def run(client: Client) -> None:
        result = await client.call_tool("ask", {})
        assert result.structured_content == {"text": "accept {'sure': True}"}

    async with connect_raw(
        door.base_url, "somebody", LEGACY, stdio=stdio, elicitation_callback=answer
    ) as client:
        with trio.fail_after(20):
            await run(client)
