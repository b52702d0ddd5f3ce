"""Fifty agents at once over real HTTP: nothing fails, and nothing anybody wrote is lost."""

import pytest
import trio

from tests.support.mcp import ERAS, MODERN, McpWorld, world
from tests.support.mcp_raw import RawAgent, raw_agent

__all__ = ["world"]

AGENTS = 50


async def work(agent: RawAgent, diagram: str, name: str) -> None:
    """What an agent does, each time on what it has been answered before."""
    data = {"type": "process", "label": name, "position": {"x": 0, "y": 0}}
    node = await agent.call("add_node", diagram_id=diagram, node_data=data)
    await agent.call(
        "update_node",
        diagram_id=diagram,
        node_id=node["node_id"],
        updates={"data": {"label": f"{name} renamed"}},
        base_revision=node["revision"],
    )
    await agent.call("get_diagram_info", diagram_id=diagram)


@pytest.mark.parametrize("diagrams", [1, AGENTS])
async def test_fifty_agents_at_once(world: McpWorld, diagrams: int) -> None:
    key = await world.key()

    async def take_part(number: int) -> None:
        async with raw_agent(world.url, key, ERAS[number % 2]) as agent:
            await work(agent, ids[number % diagrams], f"agent{number}")

    async with raw_agent(world.url, key, MODERN) as agent:
        ids = [
            (await agent.call("create_diagram", title=f"d{number}"))["diagram_id"]
            for number in range(diagrams)
        ]
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                for number in range(AGENTS):
                    nursery.start_soon(take_part, number)
        found = []
        for identifier in ids:
            read = await agent.call("read_diagram", diagram_id=identifier, format="reactflow")
            found += [node["data"]["label"] for node in read["nodes"]]
    assert sorted(found) == sorted(f"agent{number} renamed" for number in range(AGENTS))
