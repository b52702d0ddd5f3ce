"""Dry runs of many changes: what would come of them is told and shown, and nothing is written."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from mcp_types import ImageContent

from gateway.identity import READ
from gateway.tools.limits import MAX_TOLD_DIFFERENCES
from gateway.tools.rehearsing import MAX_WHOLE_NODES
from tests.support.mcp import Agent, McpWorld, content_of
from tests.support.serving import PERSON
from tests.support.shared_world import world

__all__ = ["world"]


@pytest.fixture
async def agent(world: McpWorld) -> AsyncIterator[Agent]:
    async with world.agent() as connected:
        yield connected


def new_node(name: str, x: int, label: str = "New") -> dict[str, Any]:
    data = {"type": "process", "label": label, "position": {"x": x, "y": 600}}
    return {"action": "add_node", "name": name, "node_data": data}


async def rehearsed(agent: Agent, diagram_id: str, changes: list[dict[str, Any]]) -> dict[str, Any]:
    return await agent.call("apply_changes", diagram_id=diagram_id, changes=changes, dry_run=True)


async def test_a_rehearsal_tells_and_shows_what_would_come_and_writes_nothing(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await agent.new_diagram("Shop", template="flowchart")
    storage, service = world.serving.storage, world.serving.service
    changes = [
        new_node("pay", 250, "Pay"),
        {"action": "add_edge", "source_node_id": "end", "target_node_id": "pay"},
        {"action": "update_node", "node_id": "step", "updates": {"label": "Order"}},
        {"action": "delete_edge", "edge_id": "choice-step"},
        {"action": "update_diagram", "updates": {"title": "Store"}},
    ]
    before = await agent.call("read_diagram", diagram_id=identifier)
    result = await agent.result(
        "apply_changes", diagram_id=identifier, changes=changes, dry_run=True
    )
    image = result.content[0]
    assert isinstance(image, ImageContent)
    answer = content_of(result)
    assert (answer["changed"], answer["revision"], answer["ids"]) == (False, 0, {"pay": "pay"})
    told = answer["rehearsal"]
    assert (told["created"], told["changed"], told["deleted"]) == (2, 2, 1)
    assert {"change": "created", "target": "node", "id": "pay"} in told["differences"]
    assert {"change": "deleted", "target": "edge", "id": "choice-step"} in told["differences"]
    assert {"change": "changed", "target": "diagram", "fields": ["title"]} in told["differences"]
    assert {
        "change": "changed", "target": "node", "id": "step", "fields": ["data.label"],
    } in told["differences"]  # fmt: skip
    # Nothing came of it: no revision, no line in the journal, nothing that others see.
    assert await agent.call("read_diagram", diagram_id=identifier) == before
    assert await storage.read_entries(identifier, 0, 10) == []
    assert (await service.record(PERSON, identifier)).revision == 0

    done = await agent.call("apply_changes", diagram_id=identifier, changes=changes)
    assert done["revision"] == 1
    assert "rehearsal" not in done


async def test_a_rehearsal_marks_the_findings_that_the_changes_bring(agent: Agent) -> None:
    identifier = await agent.new_diagram("Shop", template="flowchart")
    lonely = await agent.new_node(identifier, "Lonely", position={"x": 900, "y": 0})
    changes = [
        new_node("a", 0),
        new_node("b", 10),
        {"action": "delete_node", "node_id": lonely},
    ]
    told = (await rehearsed(agent, identifier, changes))["rehearsal"]
    assert told["finding_count"] == len(told["findings"])
    overlap = next(each for each in told["findings"] if each["code"] == "overlap")
    assert (overlap["nodes"], overlap["new"]) == (["a", "b"], True)
    assert told["new_findings"] == sum(each.get("new", False) for each in told["findings"])
    assert told["mended_findings"] == 1
    # What it found is mended in the same call, by the names.
    mend = {"action": "update_node", "node_id": "b", "updates": {"position": {"x": 400, "y": 600}}}
    better = (await rehearsed(agent, identifier, [*changes, mend]))["rehearsal"]
    assert "overlap" not in {each["code"] for each in better["findings"]}


async def test_a_rehearsal_is_of_what_was_read_and_refused_as_the_edit_would_be(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await agent.new_diagram(template="flowchart")
    wrong = [new_node("a", 0), {"action": "delete_edge", "edge_id": "nowhere"}]
    for dry_run in (False, True):
        error = await agent.error(
            "apply_changes", diagram_id=identifier, changes=wrong, dry_run=dry_run
        )
        assert (error["code"], error["field"]) == ("not_found", "changes/1/edge_id")
        taken = await agent.error(
            "apply_changes",
            diagram_id=identifier,
            changes=[new_node("a", 0), new_node("a", 0)],
            dry_run=dry_run,
        )
        assert (taken["code"], taken["field"]) == ("name_taken", "changes/1/name")
    async with world.agent("reader", permissions=[READ]) as reader:
        error = await reader.error(
            "apply_changes", diagram_id=identifier, changes=[new_node("a", 0)], dry_run=True
        )
        assert error["code"] == "forbidden"

    # It is about what was read.
    await agent.call("delete_node", diagram_id=identifier, node_id="end")
    changes = [{"action": "update_node", "node_id": "end", "updates": {"label": "Over"}}]
    old = await agent.call(
        "apply_changes", diagram_id=identifier, changes=changes, base_revision=0, dry_run=True
    )
    assert (old["revision"], old["rehearsal"]["changed"]) == (0, 1)
    error = await agent.error("apply_changes", diagram_id=identifier, changes=changes, dry_run=True)
    assert error["code"] == "not_found"


async def test_a_large_rehearsal_is_told_in_part_and_counted_whole(agent: Agent) -> None:
    identifier = await agent.new_diagram()
    changes = [new_node(f"n{i}", 400 * (i // 2)) for i in range(MAX_TOLD_DIFFERENCES + 5)]
    told = (await rehearsed(agent, identifier, changes))["rehearsal"]
    assert told["created"] == MAX_TOLD_DIFFERENCES + 5
    assert len(told["differences"]) == MAX_TOLD_DIFFERENCES
    assert told["more_differences"] == 5
    assert len(told["findings"]) + told["more_findings"] == told["finding_count"]


async def test_of_a_large_diagram_a_rehearsal_shows_what_changes_and_its_surroundings(
    agent: Agent,
) -> None:
    identifier = await agent.new_diagram()
    columns = [
        {
            "action": "add_node",
            "name": f"n{i}",
            "node_data": {
                "type": "process",
                "label": f"Step {i}",
                "position": {"x": i % 20 * 200, "y": i // 20 * 100},
            },
        }
        for i in range(MAX_WHOLE_NODES + 1)
    ]
    made = await agent.call("apply_changes", diagram_id=identifier, changes=columns)
    named = made["ids"]["n0"]
    renamed = {"action": "update_node", "node_id": named, "updates": {"label": "Now"}}
    result = await agent.result(
        "apply_changes", diagram_id=identifier, changes=[renamed], dry_run=True
    )
    whole = await agent.result("render_diagram", diagram_id=identifier)
    pictures = [each.content[0] for each in (result, whole)]
    part, all_of_it = (len(p.data) for p in pictures if isinstance(p, ImageContent))
    assert part < all_of_it / 2
    title = {"action": "update_diagram", "updates": {"title": "Other"}}
    untouched = await agent.result(
        "apply_changes", diagram_id=identifier, changes=[title], dry_run=True
    )
    picture = untouched.content[0]
    assert isinstance(picture, ImageContent)
    assert len(picture.data) > all_of_it / 2
