"""Diagrams written as Mermaid by agents, while people and other agents are at them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio

from gateway.identity import READ
from ot.operation import Operation, Set, Update
from tests.support.mcp import Agent, McpWorld, content_of
from tests.support.serving import PERSON
from tests.support.shared_world import world

__all__ = ["world"]

TEXT = """flowchart TD
  login["Log in"] --> check{"Known?"}
  check -->|yes| home["Home"]
  check -->|no| login
"""


@pytest.fixture
async def agent(world: McpWorld) -> AsyncIterator[Agent]:
    async with world.agent() as connected:
        yield connected


async def drawn(agent: Agent) -> str:
    """A new diagram that says what TEXT does."""
    return await agent.new_diagram("Login", mermaid_syntax=TEXT)


async def nodes_of(agent: Agent, diagram_id: str) -> dict[str, dict[str, Any]]:
    read = await agent.call("read_diagram", diagram_id=diagram_id, format="reactflow")
    return {node["id"]: node for node in read["nodes"]}


async def test_a_diagram_starts_with_a_text_and_follows_it(agent: Agent) -> None:
    identifier = await drawn(agent)
    before = await nodes_of(agent, identifier)
    assert before.keys() == {"login", "check", "home"}
    assert len({tuple(node["position"].values()) for node in before.values()}) == 3

    text = TEXT.replace("Home", "Start page") + '  home --> bye["Bye"]\n'
    answer = await agent.call("write_mermaid", diagram_id=identifier, mermaid_syntax=text)
    assert (answer["added"], answer["updated"], answer["removed"]) == (2, 1, 0)
    assert (answer["changed"], answer["revision"]) == (True, 1)
    after = await nodes_of(agent, identifier)
    assert after["home"]["data"]["label"] == "Start page"
    assert {key: after[key]["position"] for key in before} == {
        key: before[key]["position"] for key in before
    }
    assert after["bye"]["position"] not in [node["position"] for node in before.values()]
    again = await agent.call("write_mermaid", diagram_id=identifier, mermaid_syntax=text)
    assert (again["changed"], again["revision"]) == (False, 1)


async def test_what_a_person_did_since_the_text_was_read_stays(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await drawn(agent)
    service = world.serving.service
    reading = await service.read(PERSON, identifier)
    moved = Update({"/position": Set({"x": 900, "y": 900}), "/data/label": Set("Enter")})
    await service.submit(PERSON, identifier, Operation(nodes={"login": moved}), reading)
    answer = await agent.call(
        "write_mermaid",
        diagram_id=identifier,
        mermaid_syntax=TEXT.replace("Home", "Start page"),
        base_revision=0,
    )
    assert answer["revision"] == 2
    nodes = await nodes_of(agent, identifier)
    assert nodes["login"]["position"] == {"x": 900, "y": 900}
    labels = [nodes[key]["data"]["label"] for key in ("login", "home")]
    assert labels == ["Enter", "Start page"]


async def test_agents_that_write_at_once_keep_each_others_work(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await drawn(agent)
    async with world.agent("other") as other, trio.open_nursery() as nursery:
        for writer, name in ((agent, "red"), (other, "blue")):
            nursery.start_soon(add_after_home, writer, identifier, name)
    assert {"login", "check", "home", "red", "blue"} == (await nodes_of(agent, identifier)).keys()


async def add_after_home(agent: Agent, diagram_id: str, name: str) -> None:
    text = f'{TEXT}  home --> {name}["{name}"]\n'
    await agent.call("write_mermaid", diagram_id=diagram_id, mermaid_syntax=text, base_revision=0)


async def test_a_wrong_text_is_refused_at_its_line_and_changes_nothing(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await drawn(agent)
    for mermaid_syntax, code, place in (
        ("flowchart TD\n  a --> b\n  b --> [\n", "mermaid_syntax", "Line 3, column 9"),
        ("flowchart TD\n  a@{shape: nonsense}\n", "mermaid_value", "Line 2"),
        ("sequenceDiagram\n  A->>B: hi\n", "mermaid_kind", "Line 1, column 1"),
        ("hello", "mermaid_kind", "Line 1, column 1"),
    ):
        error = await agent.error(
            "write_mermaid", diagram_id=identifier, mermaid_syntax=mermaid_syntax
        )
        assert (error["code"], error["field"]) == (code, "mermaid_syntax")
        assert place in error["message"]
    wrong = "flowchart TD\n  b --> [\n"
    error = await agent.error("create_diagram", title="New", mermaid_syntax=wrong)
    assert (error["code"], error["field"]) == ("mermaid_syntax", "mermaid_syntax")
    both = await agent.error("create_diagram", title="N", template="mindmap", mermaid_syntax=TEXT)
    assert (both["code"], both["field"]) == ("invalid", "mermaid_syntax")
    assert (await agent.call("list_diagrams"))["total"] == 1

    async with world.agent("reader", permissions=[READ]) as reader:
        for dry_run in (False, True):
            refused = await reader.error(
                "write_mermaid", diagram_id=identifier, mermaid_syntax=TEXT, dry_run=dry_run
            )
            assert refused["code"] == "forbidden"
        refused = await reader.error("create_diagram", title="Mine", mermaid_syntax=TEXT)
        assert refused["code"] == "forbidden"
    late = await agent.error(
        "write_mermaid", diagram_id=identifier, mermaid_syntax=TEXT, base_revision=9
    )
    assert (late["code"], late["field"]) == ("future_revision", "base_revision")
    assert (await agent.call("get_diagram_info", diagram_id=identifier))["revision"] == 0


async def test_a_diagram_of_another_kind_is_text_and_is_written_as_text(agent: Agent) -> None:
    sequence = "sequenceDiagram\n  A->>B: hi\n"
    identifier = await agent.new_diagram("Talk", mermaid_syntax=sequence)
    info = await agent.call("get_diagram_info", diagram_id=identifier)
    assert (info["kind"], info["node_count"]) == ("mermaid", 0)
    more = f"{sequence}  B->>A: hello\n"
    answer = await agent.call("write_mermaid", diagram_id=identifier, mermaid_syntax=more)
    assert (answer["changed"], answer["added"], answer["updated"]) == (True, 0, 0)
    read = await agent.call("read_diagram", diagram_id=identifier, format="mermaid")
    assert read["mermaid_syntax"] == more
    wrong = "flowchart TD\n  a --> [\n"
    error = await agent.error("write_mermaid", diagram_id=identifier, mermaid_syntax=wrong)
    assert (error["code"], error["field"]) == ("mermaid_syntax", "mermaid_syntax")
    for tool in ("layout_diagram", "check_diagram"):
        error = await agent.error(tool, diagram_id=identifier)
        assert (error["code"], error["field"]) == ("wrong_kind", "diagram_id")


async def test_a_rehearsed_text_changes_nothing(agent: Agent) -> None:
    identifier = await drawn(agent)
    text = TEXT.replace('home["Home"]', 'away["Away"]')
    result = await agent.result(
        "write_mermaid", diagram_id=identifier, mermaid_syntax=text, dry_run=True
    )
    assert [block.type for block in result.content] == ["image", "text"]
    answer = content_of(result)
    assert (answer["changed"], answer["revision"]) == (False, 0)
    fates = {(each["change"], each.get("id")) for each in answer["rehearsal"]["differences"]}
    assert {("created", "away"), ("deleted", "home")} <= fates
    assert (await nodes_of(agent, identifier)).keys() == {"login", "check", "home"}
