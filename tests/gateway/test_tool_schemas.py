"""What a client is told of the tools: few words, no types that some clients refuse, and true."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest

from tests.support.mcp import Agent, McpWorld, world

__all__ = ["world"]

#: Bytes of the whole list as compact JSON: an agent pays for them in every conversation. A new
#: tool takes about 1,500.
MAX_LIST_BYTES: Final = 28_000


@pytest.fixture
async def agent(world: McpWorld) -> AsyncIterator[Agent]:
    async with world.agent() as connected:
        yield connected


def schemas_in(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and all inside it."""
    if isinstance(schema, list):
        for item in schema:
            yield from schemas_in(item)
    elif isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            inside = value.values() if key == "properties" else [value]
            for item in inside:
                yield from schemas_in(item)


async def test_the_list_of_tools_is_short(agent: Agent) -> None:
    listed = await agent.client.list_tools()
    written = [
        tool.model_dump_json(by_alias=True, exclude_none=True).encode() for tool in listed.tools
    ]
    assert sum(map(len, written)) + len(written) <= MAX_LIST_BYTES


async def test_arguments_have_one_type_and_null_only_where_it_says_something(
    agent: Agent,
) -> None:
    for tool in (await agent.client.list_tools()).tools:
        assert not [s for s in schemas_in(tool.input_schema) if isinstance(s.get("type"), list)]
        named = {
            name
            for schema in schemas_in(tool.input_schema)
            for name, value in schema.get("properties", {}).items()
            if {"type": "null"} in value.get("anyOf", [])
        }
        can = {"update_node", "update_edge", "apply_changes"}
        assert bool(named) is (tool.name in can), tool.name
        assert named.isdisjoint({"position", "source", "target", "title", "id", "base_revision"})


async def test_null_is_understood_for_what_may_be_left_out_and_removes_where_it_can(
    agent: Agent,
) -> None:
    identifier = await agent.new_diagram()
    data = {"type": "process", "label": "One", "position": {"x": 0, "y": 0}, "style": None}
    changes = [{"action": "add_node", "name": None, "node_data": {**data, "id": None}}]
    made = await agent.call(
        "apply_changes", diagram_id=identifier, changes=changes, base_revision=None
    )
    (node,) = made["results"]
    styled = {"style": {"color": "red"}}
    for updates in (styled, {"style": None}):
        await agent.call("update_node", diagram_id=identifier, node_id=node, updates=updates)
    read = await agent.call("read_diagram", diagram_id=identifier, format="reactflow", ids=None)
    assert "style" not in read["nodes"][0]


async def test_an_answers_schema_names_every_property_that_is_always_there(agent: Agent) -> None:
    for tool in (await agent.client.list_tools()).tools:
        schema = tool.output_schema
        assert schema is not None
        required = schema["anyOf"][0]["required"]
        assert required
        assert set(required) <= schema["properties"].keys()
        for value in schema["properties"].values():
            assert value.keys() <= {"type", "enum", "anyOf"}
            assert value
