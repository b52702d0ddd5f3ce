"""get_changes and undo_changes over MCP: who did what, waiting for it, taking back one's own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio

from actors.ports import Author
from gateway.identity import FULL_ACCESS, READ, Principal
from gateway.service import DiagramService
from gateway.tools import changes
from gateway.tools.changes import MAX_UNDONE
from ot.diagram import Diagram, Element
from ot.operation import Create, Delete, Operation, Set, Update
from tests.support.mcp import ERAS, LEGACY, MODERN, STREAMED, Agent, McpWorld, connect, open_world
from tests.support.shared_world import world
from tests.support.waiting import wait_until

__all__ = ["world"]

pytestmark = STREAMED

ADA = Principal(Author("user", "ada", "Ada"), frozenset({FULL_ACCESS}))


def node(label: str) -> Element:
    return {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": label}}


def labelled(label: str) -> Operation:
    return Operation(nodes={"a": Update({"/data/label": Set(label)})})


class Desk:
    """A diagram that Ada and an agent share."""

    def __init__(self, world: McpWorld, agent: Agent, identifier: str) -> None:
        self.world = world
        self.agent = agent
        self.identifier = identifier

    async def ada_does(self, operation: Operation) -> int:
        service = self.world.serving.service
        reading = await service.read(ADA, self.identifier)
        return (await service.submit(ADA, self.identifier, operation, reading)).revision

    async def read(self) -> Diagram:
        return (await self.world.serving.service.read(ADA, self.identifier)).diagram

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await self.agent.call(tool, diagram_id=self.identifier, **arguments)

    async def error(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await self.agent.error(tool, diagram_id=self.identifier, **arguments)

    async def label(self, label: str) -> dict[str, Any]:
        return await self.call("update_node", node_id="a", updates={"label": label})

    def followers(self) -> int:
        statistics = self.world.serving.registry.statistics().get(self.identifier)
        return 0 if statistics is None else statistics["subscribers"]

    async def wait_followers(self, count: int) -> None:
        async def holds() -> bool:
            return self.followers() == count

        await wait_until(holds)


async def shared(world: McpWorld) -> str:
    diagram = Diagram(title="Shared", nodes={"a": node("A"), "b": node("B")})
    return (await world.serving.service.create(ADA, diagram=diagram)).id


@pytest.fixture
async def desk(world: McpWorld) -> AsyncIterator[Desk]:
    async with world.agent("botty") as agent:
        yield Desk(world, agent, await shared(world))


@pytest.fixture
async def own_desk(database_url: str) -> AsyncIterator[Desk]:
    """On a server in the test's own loop, for a patch that waits for the test."""
    async with open_world(database_url) as own, own.agent("botty") as agent:
        yield Desk(own, agent, await shared(own))


async def test_changes_are_told_by_author_and_element_with_labels(desk: Desk) -> None:
    await desk.ada_does(labelled("Pay"))
    await desk.ada_does(Operation(nodes={"a": Update({"/position": Set({"x": 9.4, "y": 1})})}))
    await desk.ada_does(Operation(edges={"e": Create({"source": "a", "target": "b"})}))
    await desk.call("delete_edge", edge_id="e")
    await desk.ada_does(Operation(nodes={"b": Delete(), "c": Create(node("C"))}))
    seen = await desk.call("get_changes", since_revision=0)
    assert [(each["by"], each["did"]) for each in seen["changes"]] == [
        (
            "Ada (user)",
            ["changed node a 'Pay': label (was 'A'), moved to 9,1", "added edge e 'Pay' -> 'B'"],
        ),
        ("you", ["deleted edge e 'Pay' -> 'B'"]),
        ("Ada (user)", ["deleted node b 'B'", "added node c 'C' [process]"]),
    ]
    assert [(each["first_revision"], each["last_revision"]) for each in seen["changes"]] == [
        (1, 3), (4, 4), (5, 5),
    ]  # fmt: skip
    assert (seen["revision"], "more" in seen) == (5, False)
    assert (await desk.call("get_changes", since_revision=5))["changes"] == []


async def test_many_changes_come_in_pages_that_tell_each_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.tools.changes.MAX_CHANGES_READ", 3)
    for number in range(7):
        await desk.ada_does(labelled(f"L{number}"))
    told, since = [], 0
    while True:
        seen = await desk.call("get_changes", since_revision=since)
        told += [(each["first_revision"], each["last_revision"]) for each in seen["changes"]]
        since = seen["revision"]
        if "more" not in seen:
            break
        assert seen["latest_revision"] == 7
    assert (told, since) == ([(1, 3), (4, 6), (7, 7)], 7)


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"since_revision": 3}, "future_revision", "since_revision"),
        ({"since_revision": -1}, "invalid_arguments", "since_revision"),
        ({"since_revision": 0, "wait_seconds": 61}, "invalid_arguments", "wait_seconds"),
        ({"since_revision": 0, "wait_for": "me"}, "invalid_arguments", "wait_for"),
    ],
)
async def test_bad_questions_for_changes_are_refused(
    desk: Desk, arguments: dict[str, Any], code: str, field: str
) -> None:
    error = await desk.error("get_changes", **arguments)
    assert (error["code"], error["field"]) == (code, field)


async def test_a_call_waits_until_a_person_changes_something(desk: Desk) -> None:
    """And nobody else's call waits with it: the agent edits meanwhile, which does not end it."""
    seen: list[dict[str, Any]] = []

    async def wait() -> None:
        seen.append(await desk.call("get_changes", since_revision=0, wait_seconds=25))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await desk.wait_followers(1)
        await desk.label("Mine")
        assert seen == []
        await desk.ada_does(labelled("Hers"))
    assert [each["by"] for each in seen[0]["changes"]] == ["you", "Ada (user)"]
    await desk.wait_followers(0)


async def test_an_agents_change_ends_the_waiting_only_where_that_was_asked_for(
    desk: Desk,
) -> None:
    async with desk.world.agent("other") as other, trio.open_nursery() as nursery:
        seen: list[dict[str, Any]] = []

        async def wait() -> None:
            arguments = {"wait_seconds": 25, "wait_for": "anyone"}
            seen.append(await desk.call("get_changes", since_revision=0, **arguments))

        nursery.start_soon(wait)
        await desk.wait_followers(1)
        await other.new_node(desk.identifier, "Theirs")
    assert [each["by"] for each in seen[0]["changes"]] == ["other (agent)"]


async def test_a_change_between_reading_and_waiting_is_not_missed(
    own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The law: however the change and the beginning of the waiting fall, the call tells it.

    Ada edits at the worst moment, after the journal was read and before anybody follows."""
    follow = DiagramService.follow
    edited = trio.Event()
    async with trio.open_nursery() as nursery:

        def follow_late(service: DiagramService, *arguments: Any) -> None:
            async def edit_first() -> None:
                await own_desk.ada_does(labelled("Between"))
                edited.set()
                follow(service, *arguments)

            nursery.start_soon(edit_first)

        monkeypatch.setattr(DiagramService, "follow", follow_late)
        with trio.fail_after(20):
            seen = await own_desk.call("get_changes", since_revision=0, wait_seconds=25)
    assert edited.is_set()
    assert seen["changes"][0]["did"] == ["changed node a 'Between': label (was 'A')"]


async def test_waiting_ends_in_time_with_what_there_is(desk: Desk) -> None:
    await desk.label("Mine")
    seen = await desk.call("get_changes", since_revision=0, wait_seconds=0.05)
    assert [each["by"] for each in seen["changes"]] == ["you"]
    await desk.wait_followers(0)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_hang_up_frees_everything(world: McpWorld, mode: str) -> None:
    identifier = await shared(world)
    key = await world.key("leaving")
    async with world.agent("staying") as staying:
        desk = Desk(world, staying, identifier)
        async with trio.open_nursery() as nursery:

            async def leave() -> None:
                async with connect(world.url, key, mode) as agent:
                    await agent.call(
                        "get_changes", diagram_id=identifier, since_revision=0, wait_seconds=55
                    )

            for _ in range(3):
                nursery.start_soon(leave)
            await desk.wait_followers(3)
            nursery.cancel_scope.cancel()
        await desk.wait_followers(0)


async def test_waiting_calls_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.waiting.MAX_WAITERS_PER_AGENT", 1)
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            await desk.call("get_changes", since_revision=0, wait_seconds=25)

        nursery.start_soon(wait)
        await desk.wait_followers(1)
        error = await desk.error("get_changes", since_revision=0, wait_seconds=25)
        assert (error["code"], error["retry"]) == ("overloaded", True)
        await desk.call("get_changes", since_revision=0)
        await desk.ada_does(labelled("Done"))


async def test_a_diagram_that_is_deleted_ends_the_waiting(desk: Desk) -> None:
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            error = await desk.error("get_changes", since_revision=0, wait_seconds=25)
            assert error["code"] == "not_found"

        nursery.start_soon(wait)
        await desk.wait_followers(1)
        await desk.world.serving.service.delete(ADA, desk.identifier)


# Undoing ------------------------------------------------------------------------------------


async def test_one_undo_after_another_goes_further_back(desk: Desk) -> None:
    before = await desk.read()
    for label in ("One", "Two", "Three"):
        await desk.label(label)
    undone = await desk.call("undo_changes")
    assert (undone["undone_revisions"], undone["revision"]) == ([3], 4)
    assert undone["undone"][0]["did"] == ["changed node a 'Three': label (was 'Two')"]
    assert (await desk.read()).nodes["a"]["data"]["label"] == "Two"
    assert (await desk.call("undo_changes", last_n=5))["undone_revisions"] == [1, 2]
    assert await desk.read() == before
    nothing = await desk.call("undo_changes")
    assert (nothing["changed"], nothing["undone_revisions"], nothing["revision"]) == (False, [], 5)


async def test_all_since_a_revision_is_all_or_says_that_there_is_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await desk.read()
    for number in range(MAX_UNDONE + 2):
        await desk.label(f"{number}")
    monkeypatch.setattr(changes, "MAX_UNDONE_SINCE", MAX_UNDONE + 1)
    undone = await desk.call("undo_changes", since_revision=0)
    assert undone["undone_revisions"] == list(range(2, MAX_UNDONE + 3))
    assert undone["more"]
    rest = await desk.call("undo_changes", since_revision=0)
    assert rest["undone_revisions"] == [1]
    assert "more" not in rest
    assert await desk.read() == before
    monkeypatch.setattr(changes, "MAX_UNDO_AGE", 10)
    refused = await desk.error("undo_changes", since_revision=0)
    assert (refused["code"], refused["field"]) == ("too_much_to_undo", "since_revision")


async def test_undos_at_the_same_moment_go_further_back_each(desk: Desk) -> None:
    before = await desk.read()
    for label in ("One", "Two", "Three"):
        await desk.label(label)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(desk.call, "undo_changes")
    assert await desk.read() == before


async def test_what_others_did_stays_and_what_stays_is_told(desk: Desk) -> None:
    added = await desk.agent.new_node(desk.identifier, "Mine")
    await desk.label("Mine too")
    await desk.ada_does(Operation(edges={"hers": Create({"source": "b", "target": added})}))
    undone = await desk.call("undo_changes", since_revision=0)
    (left,) = undone["not_undone"]
    assert (left["target"], left["id"], left["by"]) == ("node", added, "Ada (user)")
    assert left["message"].startswith(f"node {added} 'Mine' is left as it is now: Ada (user)")
    after = await desk.read()
    assert after.nodes["a"]["data"]["label"] == "A"
    assert after.nodes.keys() == {"a", "b", added}
    assert after.edges.keys() == {"hers"}


async def test_an_agent_undoes_nothing_of_another_agent_or_a_person(desk: Desk) -> None:
    await desk.ada_does(labelled("Hers"))
    async with desk.world.agent("other") as other:
        await other.new_node(desk.identifier, "Theirs")
    before = await desk.read()
    assert (await desk.call("undo_changes", since_revision=0))["undone_revisions"] == []
    assert await desk.read() == before


async def test_an_edit_in_the_middle_of_an_undo_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada writes what is about to be undone, after it was worked out and before it is stored."""
    await desk.label("Mine")
    submit = DiagramService.submit
    attempts: list[int] = []

    async def submit_late(self: Any, who: Principal, *arguments: Any, **options: Any) -> Any:
        if options.get("label") == "undo_changes":
            attempts.append(1)
            if len(attempts) == 1:
                await desk.ada_does(labelled("Hers"))
        return await submit(self, who, *arguments, **options)

    monkeypatch.setattr(DiagramService, "submit", submit_late)
    undone = await desk.call("undo_changes")
    assert (await desk.read()).nodes["a"]["data"]["label"] == "Hers"
    assert (len(attempts), undone["changed"]) == (2, False)
    assert undone["not_undone"][0]["path"] == "/data/label"
    assert (await desk.call("undo_changes"))["undone_revisions"] == []


async def test_an_undone_operation_stays_undone_after_a_restart(database_url: str) -> None:
    async with open_world(database_url) as before:
        identifier = await shared(before)
        key = await before.key("botty")
        async with connect(before.url, key, LEGACY) as agent:
            desk = Desk(before, agent, identifier)
            for label in ("One", "Two"):
                await desk.label(label)
            await desk.call("undo_changes")
    async with open_world(database_url) as after, connect(after.url, key, MODERN) as agent:
        desk = Desk(after, agent, identifier)
        assert (await desk.call("undo_changes"))["undone_revisions"] == [1]
        assert (await desk.read()).nodes["a"]["data"]["label"] == "A"


async def test_bad_undos_are_refused(desk: Desk) -> None:
    error = await desk.error("undo_changes", last_n=1, since_revision=0)
    assert (error["code"], error["field"]) == ("invalid_arguments", "since_revision")
    error = await desk.error("undo_changes", last_n=0)
    assert (error["code"], error["field"]) == ("invalid_arguments", "last_n")
    error = await desk.error("undo_changes", since_revision=7)
    assert (error["code"], error["field"]) == ("future_revision", "since_revision")


async def test_a_key_that_may_only_read_sees_changes_and_undoes_nothing(world: McpWorld) -> None:
    async with world.agent("reader", permissions=(READ,)) as agent:
        desk = Desk(world, agent, await shared(world))
        await desk.ada_does(labelled("Hers"))
        assert (await desk.call("get_changes", since_revision=0))["revision"] == 1
        assert (await desk.error("undo_changes"))["code"] == "forbidden"


async def test_a_write_on_a_stale_base_says_what_it_was_merged_with(desk: Desk) -> None:
    await desk.ada_does(Operation(nodes={"a": Update({"/position": Set({"x": 9, "y": 9})})}))
    await desk.call("add_edge", source_node_id="a", target_node_id="b")
    answer = await desk.call("update_node", node_id="a", updates={"label": "Pay"}, base_revision=0)
    assert answer["applied"] == {"nodes_changed": 1}
    assert answer["merged"] == [
        {
            "by": "Ada (user)",
            "first_revision": 1,
            "last_revision": 1,
            "did": ["changed node a 'A': moved to 9,9"],
        }
    ]
    assert "overridden" not in answer
    await desk.ada_does(labelled("Hers"))
    answer = await desk.call("update_node", node_id="b", updates={"type": "end"}, base_revision=3)
    assert answer["merged"][0]["did"] == ["changed node a 'Pay': label 'Hers' (was 'Pay')"]
    lean = await desk.label("Later")
    assert lean.keys() == {"diagram_id", "revision", "changed", "applied", "node_id"}
