"""Subscribers are told that a diagram has changed, in both protocol eras, and nobody else is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio

from gateway.errors import ServiceError
from gateway.identity import READ, Principal, person_principal
from gateway.mcp.limits import MAX_SUBSCRIPTIONS
from gateway.mcp.watching import Watcher, Watching
from ot.diagram import Diagram
from tests.support.mcp import (
    LEGACY,
    MODERN,
    Agent,
    McpWorld,
    free_port,
    serve_world,
    world,
)
from tests.support.mcp_door import LISTING, Heard, key_is_name, subscribed

__all__ = ["world"]

pytestmark = pytest.mark.filterwarnings(
    # The SDK's client leaves the generators of its streams to the garbage collector.
    "ignore:Async generator:ResourceWarning",
    "ignore:.*async_generator object:pytest.PytestUnraisableExceptionWarning",
    # It says that its own way to subscribe in the older era is of the older era.
    "ignore:resources/subscribe:DeprecationWarning",
    "ignore::mcp.MCPDeprecationWarning",
)


@pytest.mark.parametrize("stdio", [False, True])
async def test_an_edit_is_told_to_subscribers_of_both_eras(world: McpWorld, stdio: bool) -> None:
    base_url = world.serving.base_url
    key = await world.key("watcher", [READ])
    async with world.agent() as editor:
        watched, other = await editor.new_diagram(), await editor.new_diagram()
        uris = [f"diagram://{watched}", f"diagram://{watched}/outline"]
        async with (
            subscribed(base_url, key, LEGACY, uris, stdio=stdio) as legacy,
            subscribed(base_url, key, MODERN, uris, stdio=stdio) as modern,
        ):
            await editor.new_node(other)
            await editor.new_node(watched)
            for heard in (legacy, modern):
                await heard.wait(uris)
                assert set(heard.uris) - {LISTING} == set(uris)
            told = len(legacy.uris)
            for number in range(20):
                await editor.new_node(watched, f"n{number}")
            await legacy.wait(uris, told)
            # Debounced: by far not one message for each edit.
            assert len(legacy.uris) - told < 20 * len(uris) / 2
            told = len(modern.uris)
            await editor.call("delete_diagram", diagram_id=watched, confirm=True)
            await modern.wait(uris, told)


async def test_a_new_or_deleted_diagram_is_told_to_both_eras(world: McpWorld) -> None:
    key, base_url = await world.key(), world.serving.base_url
    async with (
        world.agent("editor") as editor,
        subscribed(base_url, key, LEGACY, [], stdio=False) as legacy,
        subscribed(base_url, key, MODERN, [], stdio=False) as modern,
    ):
        diagram = await editor.new_diagram()
        for heard in (legacy, modern):
            await heard.wait([LISTING])
        before = len(legacy.uris), len(modern.uris)
        await editor.call("delete_diagram", diagram_id=diagram, confirm=True)
        for heard, count in zip((legacy, modern), before, strict=True):
            await heard.wait([LISTING], count)


async def test_subscriptions_over_stdio_outlive_a_restart(database_url: str) -> None:
    port = free_port()
    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve_world, database_url, port)
        async with server.world.agent() as editor:
            diagram = await editor.new_diagram()
        key, base_url = await server.world.key("w"), server.world.serving.base_url
        uris = [f"diagram://{diagram}"]
        async with (
            subscribed(base_url, key, LEGACY, uris, stdio=True) as legacy,
            subscribed(base_url, key, MODERN, uris, stdio=True) as modern,
        ):
            await edit_until_heard(server.world, diagram, "before", legacy, modern)
            before = [(heard, len(heard.uris)) for heard in (legacy, modern)]
            await server.stop()
            server = await nursery.start(serve_world, database_url, port)
            # They may have missed something, so they are told; then they hear of edits as before.
            for heard, count in before:
                await heard.wait(uris, count)
            await edit_until_heard(server.world, diagram, "after", legacy, modern)
        await server.stop()


async def edit_until_heard(running: McpWorld, diagram: str, name: str, *told: Heard) -> None:
    before = [len(heard.uris) for heard in told]
    async with running.agent(name) as editor:
        await editor.new_node(diagram)
    for heard, count in zip(told, before, strict=True):
        await heard.wait([f"diagram://{diagram}"], count)


#: Who sees what agents do not.
PERSON = person_principal("local", "Person", "local")


class Told:
    """A watcher whose key a test can take away."""

    def __init__(self, name: str = "agent") -> None:
        self.heard = Heard()
        self.is_good = True
        self.asked = 0
        self._name = name
        self.watcher = Watcher(self.identify, self.heard.put)

    async def identify(self) -> Principal | None:
        self.asked += 1
        return await key_is_name({"authorization": f"Bearer {self._name}"} if self.is_good else {})


@pytest.fixture
async def watching(world: McpWorld, nursery: trio.Nursery) -> Watching:
    opened = Watching(
        world.serving.registry, world.serving.service, debounce_seconds=0.01, access_seconds=0
    )
    await nursery.start(opened.run)
    return opened


@pytest.fixture
async def agent(world: McpWorld) -> AsyncIterator[Agent]:
    async with world.agent() as connected:
        yield connected


async def test_a_diagram_is_followed_once_and_only_while_somebody_watches(
    world: McpWorld, watching: Watching, agent: Agent
) -> None:
    diagram = await agent.new_diagram()
    uris = [f"diagram://{diagram}", f"diagram://{diagram}/mermaid"]
    told = [Told(), Told()]
    for each in told:
        for uri in uris:
            await watching.watch(each.watcher, uri)
    assert watching.followed == {diagram}
    await agent.new_node(diagram)
    for each in told:
        await each.heard.wait(uris)
    subscribers = world.serving.registry.statistics()[diagram]["subscribers"]
    assert subscribers == 1
    watching.unwatch(told[0].watcher, uris[0])
    watching.forget(told[1].watcher)
    assert watching.followed == {diagram}
    watching.unwatch(told[0].watcher, uris[1])
    assert watching.followed == frozenset()
    with trio.fail_after(10):
        while world.serving.registry.is_followed(diagram):
            await trio.lowlevel.checkpoint()


async def lose_key(world: McpWorld, told: Told, diagram: str) -> None:
    told.is_good = False


async def hide_diagram(world: McpWorld, told: Told, diagram: str) -> None:
    await world.serving.service.update_record(PERSON, diagram, agent_accessible=False)


@pytest.mark.parametrize("lose", [lose_key, hide_diagram])
async def test_who_has_lost_access_is_told_nothing_more(
    world: McpWorld, watching: Watching, agent: Agent, lose: Any
) -> None:
    diagram = await agent.new_diagram()
    uri = f"diagram://{diagram}"
    loser = Told()
    await watching.watch(loser.watcher, uri)
    await agent.new_node(diagram)
    await loser.heard.wait([uri])
    await lose(world, loser, diagram)
    before = len(loser.heard.uris)
    reading = await world.serving.service.read(PERSON, diagram)
    reading.diagram.title = "changed"
    await world.serving.service.replace(PERSON, diagram, reading.diagram)
    with trio.fail_after(10):
        while loser.watcher.interests:
            await trio.lowlevel.checkpoint()
    assert len(loser.heard.uris) == before


async def test_what_cannot_be_subscribed_to_is_told(watching: Watching, agent: Agent) -> None:
    diagram = await agent.new_diagram()
    told = Told()
    for uri in ("diagram://none", "test://x", "diagram://", f"diagram://{diagram}/nothing"):
        with pytest.raises(ServiceError, match=r"no such diagram|nothing at") as caught:
            await watching.watch(told.watcher, uri)
        assert caught.value.code == "not_found"
    told.is_good = False
    with pytest.raises(ServiceError, match="key"):
        await watching.watch(told.watcher, f"diagram://{diagram}")
    assert watching.followed == frozenset()


async def test_a_session_has_a_bounded_number_of_subscriptions(
    world: McpWorld, watching: Watching
) -> None:
    told = Told()
    service = world.serving.service
    for _ in range(MAX_SUBSCRIPTIONS):
        record = await service.create(PERSON, diagram=Diagram(title="t"))
        await watching.watch(told.watcher, f"diagram://{record.id}")
    record = await service.create(PERSON, diagram=Diagram(title="t"))
    with pytest.raises(ServiceError, match="at most") as caught:
        await watching.watch(told.watcher, f"diagram://{record.id}")
    assert caught.value.code == "too_many_subscriptions"
    watching.forget(told.watcher)
    assert watching.followed == frozenset()
