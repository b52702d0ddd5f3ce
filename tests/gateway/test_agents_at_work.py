"""Agents that call over MCP or HTTP are seen by the people in the diagram while they are at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from actors.limits import MAX_PRESENCE_BYTES
from actors.ports import Author
from gateway import agent_activity, agents_at_work
from gateway.agent_activity import MAX_QUOTED_LENGTH, editing
from gateway.codec import frame
from gateway.geometry.fields import position_of
from gateway.identity import READ
from gateway.messages import PresenceShown
from gateway.templates import make_template
from ot.diagram import Diagram, Element
from ot.operation import Create, Delete, Operation, Set, Update
from tests.support.mcp import Agent, McpWorld, connect, world
from tests.support.serving import PERSON, Site, open_site
from tests.support.socket_client import Socket, open_socket

__all__ = ["world"]

#: Long enough for the calls of a test, and short enough to wait for.
SHORT = 0.4


class Scene:
    """A person who follows a diagram on a socket, and an agent with an MCP client."""

    def __init__(self, site: Site, socket: Socket, agent: Agent) -> None:
        self.site = site
        self.diagram_id = site.diagram_id
        self.socket = socket
        self.agent = agent

    async def presence(self) -> dict[str, Any]:
        return await self.socket.receive_kind("presence")

    async def seen(self) -> dict[str, Any]:
        """What the agent shows next."""
        state: dict[str, Any] = (await self.presence())["state"]
        return state


@asynccontextmanager
async def open_scene(database_url: str) -> AsyncIterator[Scene]:
    async with open_site(database_url) as site, site.person() as socket:
        await follow(socket, site.diagram_id)
        async with connect(f"{site.serving.base_url}/mcp", site.key) as agent:
            yield Scene(site, socket, agent)


async def follow(socket: Socket, diagram_id: str) -> None:
    await socket.send({"type": "subscribe", "diagram_id": diagram_id})
    await socket.receive_kind("snapshot")


async def test_an_agent_is_seen_where_it_works_before_its_edit_comes(database_url: str) -> None:
    async with open_scene(database_url) as scene:
        data = {"type": "process", "label": "Ship", "position": {"x": 100, "y": 50}}
        node = await scene.agent.call("add_node", diagram_id=scene.diagram_id, node_data=data)
        shown = await scene.socket.receive()
        update = await scene.socket.receive()
    assert shown == {
        "type": "presence",
        "diagram_id": scene.diagram_id,
        "session_id": "agent-bot",
        "participant": {"kind": "agent", "id": "bot", "name": "bot"},
        "state": {
            "activity": "Adding “Ship”",
            "selection": {"nodes": [node["node_id"]], "edges": []},
            "cursor": {"x": 175, "y": 75},
        },
    }
    assert update["type"] == "diagram_updated"


async def test_reading_is_seen_and_each_call_replaces_what_was_shown(database_url: str) -> None:
    async with open_scene(database_url) as scene:
        await scene.agent.call("read_diagram", diagram_id=scene.diagram_id)
        reading = await scene.presence()
        changes = [{"action": "update_diagram", "updates": {"title": "Orders"}}]
        await scene.agent.call("apply_changes", diagram_id=scene.diagram_id, changes=changes)
        titling = await scene.presence()
    assert reading["state"]["activity"] == "Reading the diagram"
    assert titling["state"]["activity"] == "Changing the title"
    assert reading["session_id"] == titling["session_id"]


async def test_looking_checking_arranging_and_writing_mermaid_are_seen(database_url: str) -> None:
    async with open_scene(database_url) as scene:
        about = {"diagram_id": scene.diagram_id}
        await scene.agent.call("render_diagram", **about)
        await scene.agent.call("check_diagram", **about)
        await scene.agent.call("layout_diagram", **about, direction="LR")
        text = "flowchart TD\n  start[Start] --> step[Go]\n"
        await scene.agent.call("write_mermaid", **about, mermaid_syntax=text)
        seen = [(await scene.seen())["activity"] for _ in range(5)]
    assert seen[:3] == ["Looking at the diagram", "Checking the diagram", "Arranging 4 nodes"]
    # What is planned, then what comes of it.
    assert seen[3].startswith("Arranging ")
    assert seen[4] == "Writing the diagram as Mermaid"


async def test_an_agent_goes_some_time_after_its_last_call(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents_at_work, "AGENT_PRESENCE_SECONDS", SHORT)
    async with open_scene(database_url) as scene:
        for _ in range(3):
            await scene.agent.call("read_diagram", diagram_id=scene.diagram_id)
        states = [(await scene.presence())["state"] for _ in range(4)]
        assert [state is None for state in states] == [False, False, False, True]
        # Whoever comes now sees nobody, and the agent is seen again with its next call.
        async with scene.site.person() as late:
            await follow(late, scene.diagram_id)
            await late.send({"type": "ping"})
            assert (await late.receive())["type"] == "pong"
            await scene.agent.call("read_diagram", diagram_id=scene.diagram_id)
            assert (await late.receive_kind("presence"))["state"] is not None


async def test_whoever_comes_later_sees_the_agent_and_sees_it_go(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents_at_work, "AGENT_PRESENCE_SECONDS", SHORT)
    async with open_scene(database_url) as scene:
        await scene.agent.call("read_diagram", diagram_id=scene.diagram_id)
        async with scene.site.person() as late:
            await follow(late, scene.diagram_id)
            first, last = await late.receive_kind("presence"), await late.receive_kind("presence")
    assert (first["session_id"], first["state"]["activity"]) == ("agent-bot", "Reading the diagram")
    assert (last["session_id"], last["state"]) == ("agent-bot", None)


async def test_nobody_has_to_look_and_no_diagram_is_opened_for_it(database_url: str) -> None:
    async with open_site(database_url) as site:
        other = await site.serving.service.create(PERSON, diagram=make_template("blank", "Other"))
        async with connect(f"{site.serving.base_url}/mcp", site.key) as agent:
            await agent.call("get_diagram_info", diagram_id=other.id)
            assert other.id not in site.serving.registry.statistics()
            await agent.new_node(other.id)
        async with site.person() as socket:
            await follow(socket, other.id)
            await socket.send({"type": "ping"})
            assert (await socket.receive())["type"] == "pong"


async def test_agents_are_seen_through_http_and_the_old_messages_too(database_url: str) -> None:
    async with open_scene(database_url) as scene, scene.site.agent() as old:
        headers = {"Authorization": f"Bearer {scene.site.key}"}
        async with httpx2.AsyncClient(
            base_url=scene.site.serving.base_url, headers=headers, trust_env=False
        ) as http:
            path = f"/api/diagrams/{scene.diagram_id}"
            await http.get(path)
            await http.put(path, json={"title": "New"})
        activities = [(await scene.seen())["activity"] for _ in range(2)]
        reading = await scene.site.serving.service.read(PERSON, scene.diagram_id)
        data = dict(zip(("source", "target"), list(reading.diagram.nodes)[:2], strict=True))
        message = {"operation": "add_edge", "diagram_uuid": scene.site.diagram_uuid, "data": data}
        await old.send({"type": "agent_operation", **message})
        activities.append((await scene.seen())["activity"])
    assert activities == ["Reading the diagram", "Changing the title", "Adding an edge"]


async def test_what_a_person_does_by_calls_is_not_shown_as_an_agents(database_url: str) -> None:
    async with open_scene(database_url) as scene:
        async with httpx2.AsyncClient(
            base_url=scene.site.serving.base_url,
            headers={"Cookie": scene.site.cookie},
            trust_env=False,
        ) as http:
            await http.put(f"/api/diagrams/{scene.diagram_id}", json={"title": "New"})
        assert (await scene.socket.receive())["type"] == "diagram_updated"


async def test_of_too_many_the_longest_idle_one_goes(
    world: McpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents_at_work, "MAX_AGENTS_AT_WORK", 2)
    async with world.agent("a") as a, world.agent("b") as b, world.agent("c") as c:
        identifier = await a.new_diagram()
        key = await world.key("watcher", {READ})
        url = world.serving.base_url.replace("http", "ws", 1) + "/ws/diagrams"
        async with open_socket(url, {"authorization": f"Bearer {key}"}) as socket:
            await follow(socket, identifier)
            for agent in (a, b, a, c):
                await agent.call("read_diagram", diagram_id=identifier)
            seen = [await socket.receive_kind("presence") for _ in range(5)]
    told = [(each["session_id"], each["state"] is not None) for each in seen]
    shown = [("agent-a", True), ("agent-b", True), ("agent-a", True), ("agent-c", True)]
    assert told == [*shown, ("agent-b", False)]


# The words and the place, without a server ------------------------------------------------------

BEFORE = Diagram(
    nodes={
        "g": {"position": {"x": 1000, "y": 0}, "data": {}},
        "a": {"position": {"x": 0, "y": 0}, "width": 100, "height": 40, "data": {"label": "A"}},
        "b": {"position": {"x": 10, "y": 20}, "parentId": "g", "data": {"label": " B\n b "}},
    },
    edges={"e": {"source": "a", "target": "b", "label": "then"}},
)


@pytest.mark.parametrize(
    ("operation", "activity", "cursor"),
    [
        (Operation(nodes={"a": Delete(), "g": Delete()}), "Deleting 2 elements", (562.5, 22.5)),
        (Operation(nodes={"a": Delete()}, edges={"e": Delete()}), "Deleting “A”", (50, 20)),
        (Operation(nodes={"b": Update({"/x": Set(1)})}), "Updating “B b”", (1085, 45)),
        (
            Operation(nodes={"b": Update({"/position": Set({"x": 0, "y": 0})})}),
            "Updating “B b”",
            (1075, 25),
        ),
        (Operation(nodes={"g": Update({"/x": Set(1)})}), "Updating a node", (1075, 25)),
        (Operation(nodes={"a": Update({"/data/label": Set("C")})}), "Updating “C”", (50, 20)),
        (Operation(nodes={"a": Update({"/no/way": Set(1)})}), "Updating “A”", (50, 20)),
        (Operation(edges={"e": Update({"/x": Set(1)})}), "Updating “then”", None),
        (
            Operation(edges={"n": Create({"source": "a", "target": "b"})}),
            "Adding an edge",
            None,
        ),
        (Operation(diagram=Update({"/description": Set("x")})), "Changing the diagram", None),
    ],
)
def test_an_edit_in_a_few_words(
    operation: Operation, activity: str, cursor: tuple[float, float] | None
) -> None:
    state = editing(operation, BEFORE)
    assert state["activity"] == activity
    expected = None if cursor is None else {"x": cursor[0], "y": cursor[1]}
    assert state.get("cursor") == expected


def test_what_is_shown_is_never_longer_than_a_client_may_send() -> None:
    label = "é" * 5_000
    nodes = {f"{n:04}" + "\U0001f600" * 124: Create({"data": {"label": label}}) for n in range(99)}
    state = editing(Operation(nodes=dict(nodes)), Diagram())
    assert 0 < len(state["selection"]["nodes"]) < 99
    one = editing(Operation(nodes={"n": Create({"data": {"label": label}})}), Diagram())
    assert len(one["activity"]) == len("Adding “”") + MAX_QUOTED_LENGTH
    shown = PresenceShown("d" * 36, "agent-x", Author("agent", "x" * 100, "x" * 100), state)
    assert len(frame(shown)) < MAX_PRESENCE_BYTES


def test_parents_in_a_circle_end() -> None:
    circle = Diagram(nodes={"a": {"parentId": "b"}, "b": {"parentId": "a"}})
    assert editing(Operation(nodes={"a": Update({"/x": Set(1)})}), circle)["cursor"]["x"] == 75


def test_showing_looks_at_each_parent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    depth = 500
    chain = {
        f"n{i}": {"position": {"x": 1, "y": 0}, "data": {}, "parentId": f"n{i - 1}"}
        for i in range(1, depth)
    }
    before = Diagram(nodes={"n0": {"position": {"x": 0, "y": 0}, "data": {}}, **chain})
    looks = 0

    def counted(node: Element) -> tuple[float, float]:
        nonlocal looks
        looks += 1
        return position_of(node)

    monkeypatch.setattr(agent_activity, "position_of", counted)
    state = editing(Operation(nodes={name: Update({"/x": Set(1)}) for name in chain}), before)
    assert looks == depth
    assert state["cursor"] == {"x": (1 + depth - 1) / 2 + 75, "y": 25}
