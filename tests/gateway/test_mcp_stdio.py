"""``diagramai mcp``: a real subprocess between a client's pipes and a real server."""

import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from gateway.mcp_stdio import mcp_url
from tests.support.mcp import (
    ERAS,
    McpWorld,
    connect_stdio,
    free_port,
    open_world,
    serve_world,
    stdio_command,
)
from tests.support.shared_world import world

__all__ = ["world"]

ROOT_PING = {"jsonrpc": "2.0", "id": "p", "method": "ping"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "1"},
    },
}


@pytest.mark.parametrize("mode", ERAS)
async def test_a_client_works_over_stdio_as_it_does_over_http(world: McpWorld, mode: str) -> None:
    async with connect_stdio(world.serving.base_url, await world.key(), mode) as agent:
        expected = "2025-11-25" if mode == "legacy" else "2026-07-28"
        assert agent.client.protocol_version == expected
        assert agent.client.server_info is not None
        assert agent.client.server_info.name == "diagramai"
        identifier = await agent.new_diagram(title="Über “stdio” 🎉", template="flowchart")
        node = await agent.new_node(identifier, 'ünï\u2028code\n"quoted"')
        read = await agent.call("read_diagram", diagram_id=identifier)
        assert read["metadata"]["title"] == "Über “stdio” 🎉"
        assert read["nodes"][-1]["id"] == node
        assert read["nodes"][-1]["data"]["label"] == 'ünï\u2028code\n"quoted"'
        error = await agent.error("delete_node", diagram_id=identifier, node_id="none")
        assert (error["code"], error["field"]) == ("not_found", "node_id")


async def test_calls_overlap_over_stdio(world: McpWorld) -> None:
    async with connect_stdio(world.serving.base_url, await world.key()) as agent:
        identifier = await agent.new_diagram()
        async with trio.open_nursery() as nursery:
            for number in range(40):
                nursery.start_soon(agent.new_node, identifier, f"n{number}")
        read = await agent.call("read_diagram", diagram_id=identifier)
        assert len(read["nodes"]) == 40


@pytest.mark.parametrize("mode", ERAS)
async def test_a_restart_of_the_server_is_only_a_wait(database_url: str, mode: str) -> None:
    port = free_port()
    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve_world, database_url, port)
        base_url, key = server.world.serving.base_url, await server.world.key()
        async with connect_stdio(base_url, key, mode) as agent:
            identifier = await agent.new_diagram()
            await server.stop()
            async with trio.open_nursery() as calls:
                # The call is made while there is no server, and answered by the next one.
                calls.start_soon(agent.new_node, identifier, "made during the restart")
                server = await nursery.start(serve_world, database_url, port)
            read = await agent.call("read_diagram", diagram_id=identifier)
            assert len(read["nodes"]) == 1
        await server.stop()


class Pipes:
    """``diagramai mcp`` with its bare pipes."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self._out = b""
        self.told = b""

    async def say(self, line: object) -> None:
        raw = line if isinstance(line, bytes) else json.dumps(line).encode()
        assert self.process.stdin is not None
        await self.process.stdin.send_all(raw + b"\n")

    async def hear(self) -> dict[str, Any]:
        """The next line of stdout, which is a message."""
        assert self.process.stdout is not None
        with trio.fail_after(30):
            while b"\n" not in self._out:
                chunk = await self.process.stdout.receive_some()
                assert chunk, f"it has ended: {self.told.decode()}"
                self._out += bytes(chunk)
        line, _, self._out = self._out.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return message

    async def wait_told(self, text: str) -> None:
        """Returns once stderr holds the text."""
        assert self.process.stderr is not None
        with trio.fail_after(30):
            while text.encode() not in self.told:
                chunk = await self.process.stderr.receive_some()
                assert chunk, f"it has ended without a word of {text!r}: {self.told.decode()}"
                self.told += bytes(chunk)

    async def wait_silent(self) -> bytes:
        """Everything on stderr until the process has ended."""
        assert self.process.stderr is not None
        with trio.fail_after(30):
            return b"".join([bytes(chunk) async for chunk in self.process.stderr])


@asynccontextmanager
async def run_command(base_url: str, key: str | None) -> AsyncIterator[Pipes]:
    command = stdio_command(base_url, key)
    pipe = subprocess.PIPE
    process = await trio.lowlevel.open_process(
        [command.command, *command.args],
        stdin=pipe, stdout=pipe, stderr=pipe, env=command.env, cwd=command.cwd,
    )  # fmt: skip
    try:
        yield Pipes(process)
        assert process.stdin is not None
        await process.stdin.aclose()
        with trio.fail_after(20):
            await process.wait()
    finally:
        if process.poll() is None:
            process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                assert stream is not None
                await stream.aclose()


async def test_stdout_carries_nothing_but_answers_and_its_end_ends_the_command(
    world: McpWorld,
) -> None:
    async with run_command(world.serving.base_url, await world.key()) as pipes:
        await pipes.say(INITIALIZE)
        assert (await pipes.hear())["result"]["protocolVersion"] == "2025-11-25"
        await pipes.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
        await pipes.say(b"this is no JSON")
        assert (await pipes.hear())["error"]["code"] == -32700
        await pipes.say(b"")
        assert (await pipes.hear())["error"]["code"] == -32700
        await pipes.say({"jsonrpc": "2.0", "id": 5, "method": "no/such"})
        answer = await pipes.hear()
        assert (answer["id"], answer["error"]["code"]) == (5, -32601)
        await pipes.say(ROOT_PING)
        assert await pipes.hear() == {"jsonrpc": "2.0", "id": "p", "result": {}}
        assert pipes.process.stdin is not None
        await pipes.process.stdin.aclose()
        assert await pipes.wait_silent() == b""
    assert pipes.process.returncode == 0


async def test_a_client_that_leaves_without_a_word_ends_the_command(world: McpWorld) -> None:
    async with run_command(world.serving.base_url, await world.key()) as pipes:
        assert pipes.process.stdout is not None
        await pipes.process.stdout.aclose()
        await pipes.say(ROOT_PING)
        assert pipes.process.stdin is not None
        await pipes.process.stdin.aclose()
        assert await pipes.wait_silent() == b""
    assert pipes.process.returncode == 0


async def test_a_refused_key_is_told_on_stderr_and_to_the_client(world: McpWorld) -> None:
    async with run_command(world.serving.base_url, "wrong") as pipes:
        await pipes.say(INITIALIZE)
        await pipes.wait_told("refused the key in DIAGRAMAI_KEY")
        answer = await pipes.hear()
        assert answer["id"] == 0
        assert "diagramai agents create" in answer["error"]["message"]
        assert "wrong" not in pipes.told.decode()


async def test_a_server_that_is_away_is_told_and_waited_for(database_url: str) -> None:
    port = free_port()
    async with open_world(database_url) as earlier:
        key = await earlier.key()
    async with run_command(f"http://127.0.0.1:{port}", key) as pipes:
        await pipes.say(INITIALIZE)
        await pipes.wait_told("Start it with 'diagramai serve'")
        async with open_world(database_url, port):
            assert (await pipes.hear())["result"]["serverInfo"]["name"] == "diagramai"


async def test_a_server_that_stays_away_is_an_error(world: McpWorld) -> None:
    async with run_command(f"http://127.0.0.1:{free_port()}", await world.key()) as pipes:
        await pipes.say(INITIALIZE)
        answer = await pipes.hear()
        assert answer["id"] == 0
        assert "cannot be reached" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("url", "key", "told"),
    [
        ("http://127.0.0.1:1", None, "DIAGRAMAI_KEY is not set"),
        ("http://127.0.0.1:1", "", "DIAGRAMAI_KEY is not set"),
        ("127.0.0.1:8080", "k", "DIAGRAMAI_URL must be like"),
        ("ftp://x", "k", "DIAGRAMAI_URL must be like"),
    ],
)
async def test_a_wrong_setting_ends_the_command_with_a_sentence(
    url: str, key: str | None, told: str
) -> None:
    async with run_command(url, key) as pipes:
        await pipes.wait_told(told)
        with trio.fail_after(20):
            assert await pipes.process.wait() == 2


Behaviour = Callable[[trio.SocketStream], Awaitable[None]]


@asynccontextmanager
async def odd_server(behaviour: Behaviour) -> AsyncIterator[str]:
    """Whatever ``behaviour`` does with every connection."""
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, behaviour, 0)
        yield f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}"
        nursery.cancel_scope.cancel()


async def test_an_edit_whose_answer_is_lost_is_not_sent_again() -> None:
    connections = 0

    async def hang_up(stream: trio.SocketStream) -> None:
        nonlocal connections
        connections += 1
        await stream.receive_some()
        await stream.aclose()

    call = {"name": "add_node", "arguments": {}}
    async with odd_server(hang_up) as url, run_command(url, "key") as pipes:
        await pipes.say({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})
        answer = await pipes.hear()
        assert "may or may not have been made" in answer["error"]["message"]
        assert connections == 1


async def test_a_streamed_answer_is_passed_on_message_by_message() -> None:
    note = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}
    result = {"jsonrpc": "2.0", "id": 1, "result": {"ok": True}}

    async def stream_events(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        events = b"".join(b"data: %b\n\n" % json.dumps(m).encode() for m in (note, result))
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        await stream.send_all(head + b": hello\n\n" + events)
        await stream.aclose()

    async with odd_server(stream_events) as url, run_command(url, "key") as pipes:
        await pipes.say({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert [await pipes.hear(), await pipes.hear()] == [note, result]


async def test_a_cancelled_request_is_hung_up_on() -> None:
    hung_up = trio.Event()
    asked = trio.Event()

    async def never_answer(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        asked.set()
        while await stream.receive_some():
            pass
        hung_up.set()

    async with odd_server(never_answer) as url, run_command(url, "key") as pipes:
        await pipes.say({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        with trio.fail_after(20):
            await asked.wait()
            cancel = {"requestId": 1, "reason": "changed my mind"}
            await pipes.say(
                {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel}
            )
            await hung_up.wait()


async def test_something_that_is_no_diagramai_is_told_as_such() -> None:
    async def teapot(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(
            b"HTTP/1.1 418 Teapot\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nshort"
        )
        await stream.aclose()

    async with odd_server(teapot) as url, run_command(url, "key") as pipes:
        await pipes.say(INITIALIZE)
        assert "answered 418: short" in (await pipes.hear())["error"]["message"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/mcp"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/mcp"),
        ("https://host/mcp", "https://host/mcp"),
        ("https://host/mcp/", "https://host/mcp"),
        ("https://host/deep/", "https://host/deep/mcp"),
        (" http://[::1]:80 ", "http://[::1]/mcp"),
        ("", None),
        ("host:8080", None),
        ("http://", None),
        ("file:///x", None),
    ],
)
def test_the_address_of_the_server_becomes_that_of_its_mcp(base: str, expected: str | None) -> None:
    assert mcp_url(base) == expected
