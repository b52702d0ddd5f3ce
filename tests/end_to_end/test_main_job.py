"""The job all else stands on: people and agents edit one stored diagram at once; nothing is lost.

A stored diagram is imported, two people at WebSockets and two agents at MCP (one over HTTP, one
over stdio) edit it at the same moment, the server is killed without warning and started again.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import msgspec
import trio
import trio_websocket
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from actors.core import Core
from ot.apply import apply_in_place
from ot.diagram import Diagram
from ot.operation import Changes, Create, Delete, Operation, Set, Text, Unset, Update
from persistence.bridge import open_bridge
from persistence.embedded import start_embedded
from persistence.postgres import PostgresStorage
from tests.support.server import (
    RunningServer,
    environment,
    run_command,
    run_server,
    sign_in,
)
from tests.support.socket_client import Replica, open_socket
from tests.support.waiting import wait_until

SAMPLE = Path(__file__).parents[1] / "fixtures" / "samples" / "rf-01-demo-flow.json"
DIAGRAM_ID = "5b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d01"
EDITING_SECONDS = 4.0
ENOUGH_SUBMISSIONS = 60
PATIENCE_SECONDS = 120

Agent = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


@asynccontextmanager
async def http_agent(server: RunningServer, key: str) -> AsyncIterator[Client]:
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(f"{server.base_url}/mcp", http_client=http)
        async with Client(transport) as client:
            yield client


@asynccontextmanager
async def stdio_agent(server: RunningServer, key: str, data_dir: Path) -> AsyncIterator[Client]:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from gateway.cli import main; main()", "mcp", "--url", server.base_url],
        env=environment(data_dir) | {"DIAGRAMAI_KEY": key},
    )
    async with Client(parameters) as client:
        yield client


def make_edit(random: Random, S: Diagram, author: str) -> Operation:
    """Something a person might do to what they see."""
    nodes = sorted(S.nodes)
    kind = random.choice(["move", "move", "label", "label", "create", "connect", "delete"])
    if kind == "create" or len(nodes) < 4:
        name = f"{author}-{random.randrange(10**9)}"
        element = {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": "new"}}
        return Operation(nodes={name: Create(element)})
    node = random.choice(nodes)
    if kind == "move":
        place = {"x": random.randrange(900), "y": random.randrange(900)}
        return Operation(nodes={node: Update({"/position": Set(place)})})
    if kind == "label":
        at = random.randint(0, len(S.nodes[node]["data"]["label"]))
        return Operation(
            nodes={node: Update({"/data/label": Text([at, author[0]] if at else [author[0]])})}
        )
    if kind == "connect":
        name = f"e-{author}-{random.randrange(10**9)}"
        return Operation(edges={name: Create({"source": node, "target": random.choice(nodes)})})
    return delete_node(S, node)


def delete_node(S: Diagram, node: str) -> Operation:
    edges: Changes = {
        name: Delete() for name, edge in S.edges.items() if node in (edge["source"], edge["target"])
    }
    nodes: Changes = {
        name: Update({"/parentId": Unset()})
        for name, child in S.nodes.items()
        if child.get("parentId") == node
    }
    return Operation(nodes={**nodes, node: Delete()}, edges=edges)


async def edit_as_person(replica: Replica, seed: str, until: float) -> None:
    """At a person's pace until then, and on until enough was sent on a machine however slow."""
    random = Random(seed)
    client = replica.client
    assert client is not None, "joined before editing"
    while trio.current_time() < until or client.sequence < ENOUGH_SUBMISSIONS:
        await replica.edit(make_edit(random, client.diagram, replica.client_id))
        await trio.sleep(random.uniform(0, 0.01))  # bounded wait: a person's pace


async def edit_together(people: Sequence[Replica], until: float, done: trio.Event) -> None:
    async with trio.open_nursery() as editing:
        for replica in people:
            editing.start_soon(edit_as_person, replica, replica.client_id, until)
    done.set()


async def edit_as_agent(client: Client, name: str, until: float) -> int:
    """Reads now and then, adds, renames, connects, deletes; returns how many edits it made."""
    random, made = Random(name), 0
    while trio.current_time() < until:
        read = await call(client, "read_diagram", format="reactflow")
        revision, nodes = read["revision"], [node["id"] for node in read["nodes"]]
        for _ in range(3):
            await agent_edit(client, random, nodes, revision)
            made += 1
    return made


async def agent_edit(client: Client, random: Random, nodes: list[str], revision: int) -> None:
    kind = random.choice(["add_node", "update_node", "add_edge", "delete_node"])
    node = random.choice(nodes)
    if kind == "add_node":
        data = {"type": "database", "label": "agent's", "position": {"x": 1, "y": 2}}
        await call(client, kind, node_data=data)
    elif kind == "update_node":
        updates = {"label": f"renamed {random.randrange(100)}"}
        await call(client, kind, node_id=node, updates=updates, base_revision=revision)
    elif kind == "add_edge":
        ends = {"source_node_id": node, "target_node_id": random.choice(nodes)}
        await call(client, kind, **ends, base_revision=revision)
    elif len(nodes) > 4:
        await call(client, kind, node_id=node, base_revision=revision)


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    with trio.fail_after(30):
        result = await client.call_tool(tool, {"diagram_id": DIAGRAM_ID, **arguments})
    assert not result.is_error, result.content
    content: dict[str, Any] = result.structured_content or {}
    return content


async def serve_forever(replica: Replica, url: str, cookie: str, joined: trio.Event) -> None:
    """Keeps the replica connected, as a client does: again and again, whatever happens."""
    while True:
        try:
            async with open_socket(url, {"cookie": cookie}) as socket:
                await replica.serve(socket, joined=joined)
        except* (trio_websocket.ConnectionClosed, trio_websocket.HandshakeError, OSError):
            await trio.sleep(0.05)  # bounded wait: before the next attempt


async def stored(data_dir: Path) -> tuple[Diagram, Diagram, list[tuple[str | None, int | None]]]:
    """The stored diagram, the journal's replay from revision 0, and who submitted what."""
    postgres = await trio.to_thread.run_sync(start_embedded, data_dir)
    try:
        async with open_bridge(postgres.url) as bridge:
            storage = PostgresStorage(bridge)
            loaded = await storage.load_diagram(DIAGRAM_ID)
            assert loaded is not None
            entries = await storage.read_entries(DIAGRAM_ID, 0, 10**9)
            first = await bridge.fetch(
                "SELECT document FROM snapshots WHERE diagram_id = $1 AND revision = 0", DIAGRAM_ID
            )
    finally:
        await trio.to_thread.run_sync(postgres.stop)
    replayed = msgspec.json.decode(first[0]["document"], type=Diagram)
    for entry in entries:
        apply_in_place(replayed, entry.operation)
    return Core(loaded).diagram, replayed, [(each.client_id, each.sequence) for each in entries]


async def start_people(
    nursery: trio.Nursery, server: RunningServer, cookie: str
) -> tuple[Replica, Replica]:
    people = (Replica(DIAGRAM_ID, "ann"), Replica(DIAGRAM_ID, "cid"))
    for replica in people:
        joined = trio.Event()
        nursery.start_soon(serve_forever, replica, server.socket_url, cookie, joined)
        with trio.fail_after(30):
            await joined.wait()
    return people


async def head_of(server: RunningServer, cookie: str) -> int:
    async with httpx2.AsyncClient(headers={"cookie": cookie}) as http:
        answer = await http.get(f"{server.base_url}/api/diagrams/{DIAGRAM_ID}")
    revision: int = answer.json()["data"]["revision"]
    return revision


async def test_people_and_agents_edit_one_imported_diagram_at_once_and_all_agree(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "data"
    assert DIAGRAM_ID in await run_command(data_dir, ["import", str(SAMPLE)])
    async with run_server(data_dir) as server, trio.open_nursery() as nursery:
        cookie = await sign_in(server.link)
        keys = [
            (
                await run_command(data_dir, ["agents", "create", name, "--rate-limit", "1000000"])
            ).strip()
            for name in ("web-agent", "local-agent")
        ]
        people = await start_people(nursery, server, cookie)
        async with (
            http_agent(server, keys[0]) as web,
            stdio_agent(server, keys[1], data_dir) as local,
        ):
            until = trio.current_time() + EDITING_SECONDS
            with trio.fail_after(PATIENCE_SECONDS):
                async with trio.open_nursery() as editing:
                    for replica in people:
                        editing.start_soon(edit_as_person, replica, replica.client_id, until)
                    editing.start_soon(edit_as_agent, web, "web", until)
                    editing.start_soon(edit_as_agent, local, "local", until)
        head = await head_of(server, cookie)
        for replica in people:
            await replica.wait_revision(head)
        nursery.cancel_scope.cancel()
    saved, replayed, submissions = await stored(data_dir)
    for replica in people:
        assert replica.client is not None
        assert replica.client.diagram == saved
        assert replica.acknowledged == replica.client.sequence >= ENOUGH_SUBMISSIONS
        assert replica.met_others > 0, "edits must truly have overlapped"
    assert replayed == saved
    assert len(submissions) == head > len(people) * ENOUGH_SUBMISSIONS


async def test_after_kill_9_and_a_restart_everything_seen_is_there_and_nothing_twice(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "data"
    await run_command(data_dir, ["import", str(SAMPLE)])
    async with trio.open_nursery() as nursery:
        async with run_server(data_dir) as server:
            port = int(server.base_url.rsplit(":", 1)[1])
            cookie = await sign_in(server.link)
            people = await start_people(nursery, server, cookie)
            until = trio.current_time() + EDITING_SECONDS
            all_edited = trio.Event()
            nursery.start_soon(edit_together, people, until, all_edited)
            await wait_until(people[0].has_seen_much, PATIENCE_SECONDS)
            server.kill()
            await server.process.wait()
            seen_before = {**people[0].seen, **people[1].seen}
        async with run_server(data_dir, port) as again:
            with trio.fail_after(PATIENCE_SECONDS):
                await all_edited.wait()
            for replica in people:
                await replica.wait_revision(0)
            head = await head_of(again, cookie)
            for replica in people:
                await replica.wait_revision(head)
        nursery.cancel_scope.cancel()
    saved, replayed, submissions = await stored(data_dir)
    for revision, submission in seen_before.items():
        assert submissions[revision - 1] == submission, "what a client saw is gone or moved"
    assert len(set(submissions)) == len(submissions), "a resend was applied twice"
    assert replayed == saved
    for replica in people:
        assert replica.client is not None
        assert replica.client.diagram == saved
        assert replica.acknowledged == replica.client.sequence
