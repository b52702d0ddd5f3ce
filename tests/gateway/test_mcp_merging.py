"""Agents that edit what they have read while a person edits the same diagram."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trio

from actors.ports import Author
from gateway.identity import FULL_ACCESS, Principal
from gateway.templates import make_template
from ot.diagram import Diagram, Element
from ot.operation import Create, Delete, Operation, Set, Text, Update
from tests.support.mcp import LEGACY, MODERN, STREAMED, Agent, McpWorld
from tests.support.shared_world import world

__all__ = ["world"]

pytestmark = STREAMED

ADA = Principal(Author("user", "ada", "Ada"), frozenset({FULL_ACCESS}))
LABEL = "Check the order and pay"


class Desk:
    """A diagram that Ada and an agent share; both have read revision 0."""

    def __init__(self, world: McpWorld, agent: Agent, identifier: str) -> None:
        self._service = world.serving.service
        self.agent = agent
        self.identifier = identifier

    async def ada_writes(self, operation: Operation, base_revision: int = 0) -> int:
        """Her edit, made on what she has read."""
        reading = await self._service.read(ADA, self.identifier, revision=base_revision)
        done = await self._service.submit(ADA, self.identifier, operation, reading)
        return done.revision

    async def agent_calls(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The agent's edit, made on revision 0."""
        return await self.agent.call(tool, diagram_id=self.identifier, base_revision=0, **arguments)

    async def read(self) -> Diagram:
        return (await self._service.read(ADA, self.identifier)).diagram


def node(label: str) -> Element:
    return {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": label}}


def writes(**values: Any) -> Operation:
    """What Ada writes to node a, by top level key, with label as data.label."""
    paths = {"/data/label" if key == "label" else f"/{key}": value for key, value in values.items()}
    return Operation(nodes={"a": Update({path: Set(value) for path, value in paths.items()})})


async def new_diagram(world: McpWorld, policy: Any = "later_wins") -> str:
    diagram = Diagram(
        title="Shared",
        nodes={"a": node(LABEL), "b": node("B")},
        edges={"a-b": {"source": "a", "target": "b"}},
    )
    return (await world.serving.service.create(ADA, diagram=diagram, policy=policy)).id


@pytest.fixture
async def desk(world: McpWorld) -> AsyncIterator[Desk]:
    async with world.agent("botty") as agent:
        yield Desk(world, agent, await new_diagram(world))


async def test_edits_of_different_fields_are_both_kept(desk: Desk) -> None:
    await desk.ada_writes(writes(position={"x": 9, "y": 9}))
    answer = await desk.agent_calls("update_node", node_id="a", updates={"label": "Pay"})
    assert (answer["revision"], answer.get("overridden")) == (2, None)
    merged = (await desk.read()).nodes["a"]
    assert (merged["position"], merged["data"]["label"]) == ({"x": 9, "y": 9}, "Pay")


async def test_a_label_that_an_agent_sets_stands_whole_and_what_gave_way_is_told(
    desk: Desk,
) -> None:
    await desk.ada_writes(writes(label="Ask the person again"))
    answer = await desk.agent_calls("update_node", node_id="a", updates={"label": "Try once more"})
    (conflict,) = answer["overridden"]
    assert (conflict["kept"], conflict["dropped"]) == ("Try once more", "Ask the person again")
    assert "merged_texts" not in answer
    assert (await desk.read()).nodes["a"]["data"]["label"] == "Try once more"


async def test_two_agents_patches_of_one_mermaid_label_give_one_of_them(desk: Desk) -> None:
    await desk.ada_writes(writes(label="Ask the person again"))
    text = 'flowchart TD\n  a["Try it once more now"] --> b["B"]\n'
    answer = await desk.agent_calls("write_mermaid", mermaid_syntax=text)
    assert [(c["path"], c["kept"], c["dropped"]) for c in answer["overridden"]] == [
        ("/data/label", "Try it once more now", "Ask the person again")
    ]
    assert (await desk.read()).nodes["a"]["data"]["label"] == "Try it once more now"


async def test_edits_of_a_long_text_are_merged_and_the_answer_has_what_came_out(
    world: McpWorld,
) -> None:
    prose = "What the customer pays, and what happens when it is too little. " * 3
    diagram = Diagram(title="Shared", description=prose, nodes={"a": node(prose)})
    identifier = (await world.serving.service.create(ADA, diagram=diagram)).id
    async with world.agent("botty") as agent:
        desk = Desk(world, agent, identifier)
        await desk.ada_writes(Operation(nodes={"a": Update({"/data/label": Text(["First: "])})}))
        answer = await desk.agent_calls(
            "update_node", node_id="a", updates={"label": f"{prose}By card."}
        )
        assert "overridden" not in answer
        merged = f"First: {prose}By card."
        assert answer["merged_texts"] == [
            {"target": "node", "id": "a", "path": "/data/label", "value": merged}
        ]
        assert (await desk.read()).nodes["a"]["data"]["label"] == merged


async def test_a_long_value_that_gave_way_is_told_shortened(desk: Desk) -> None:
    await desk.ada_writes(writes(label="long " * 1_900))
    answer = await desk.agent_calls("update_node", node_id="a", updates={"label": "Pay"})
    (conflict,) = answer["overridden"]
    assert conflict["kept"] == "Pay"
    assert conflict["dropped"].endswith("... (shortened: 9500 bytes in all)")


async def test_the_agent_is_told_what_it_has_overridden_and_whose_it_was(desk: Desk) -> None:
    await desk.ada_writes(writes(position={"x": 9, "y": 9}))
    position = {"x": 1, "y": 1}
    answer = await desk.agent_calls("update_node", node_id="a", updates={"position": position})
    (conflict,) = answer["overridden"]
    assert conflict == {
        "kind": "position_conflict",
        "target": "node",
        "id": "a",
        "path": "/position",
        "message": 'node a/position: kept that you wrote {"x":1,"y":1}; '
        'dropped that Ada (user) wrote {"x":9,"y":9}.',
        "kept_by": "you",
        "dropped_by": "Ada (user)",
        "kept": {"x": 1, "y": 1},
        "dropped": {"x": 9, "y": 9},
    }


async def test_groups_that_would_be_in_each_other_are_told_to_who_closed_the_ring(
    desk: Desk,
) -> None:
    await desk.ada_writes(writes(parentId="b"))
    answer = await desk.agent_calls("update_node", node_id="b", updates={"parentId": "a"})
    (conflict,) = answer["overridden"]
    assert (conflict["id"], conflict["path"], conflict["dropped"]) == ("b", "/parentId", "a")
    assert (conflict["kept_by"], conflict["dropped_by"]) == ("DiagramAI (system)", "you")
    after = await desk.read()
    assert after.nodes["a"]["parentId"] == "b"
    assert "parentId" not in after.nodes["b"]


async def test_however_much_gives_way_the_answer_stays_short(desk: Desk) -> None:
    await desk.ada_writes(
        Operation(nodes={"a": Update({f"/data/d{i}": Set("hers " * 1_000) for i in range(60)})})
    )
    answer = await desk.agent_calls(
        "update_node", node_id="a", updates={"data": {f"d{i}": "mine " * 1_000 for i in range(60)}}
    )
    assert len(json.dumps(answer)) < 32 * 1024
    assert len(answer["overridden"]) + answer["more_overridden"] == 60
    assert len(answer["overridden"]) > 5


async def test_where_people_come_first_the_agent_is_told_that_its_value_gave_way(
    world: McpWorld,
) -> None:
    async with world.agent("botty") as agent:
        desk = Desk(world, agent, await new_diagram(world, policy="humans_first"))
        await desk.ada_writes(writes(type="decision"))
        answer = await desk.agent_calls("update_node", node_id="a", updates={"type": "end"})
        (conflict,) = answer["overridden"]
        assert (conflict["kept_by"], conflict["dropped_by"]) == ("Ada (user)", "you")
        assert (conflict["kept"], conflict["dropped"]) == ("decision", "end")
        assert answer["changed"] is False
        assert (await desk.read()).nodes["a"]["type"] == "decision"


async def test_an_edit_of_a_node_that_is_gone_changes_nothing_and_says_why(desk: Desk) -> None:
    await desk.ada_writes(Operation(nodes={"a": Delete()}, edges={"a-b": Delete()}))
    answer = await desk.agent_calls("update_node", node_id="a", updates={"label": "Late"})
    (conflict,) = answer["overridden"]
    assert (answer["changed"], conflict["kind"]) == (False, "delete_while_editing")
    assert conflict["message"].startswith("node a: kept that Ada (user) removed it; dropped that")


async def test_nothing_is_told_as_kept_in_a_node_that_is_gone(desk: Desk) -> None:
    await desk.ada_writes(writes(label="Hers"))
    await desk.ada_writes(Operation(nodes={"a": Delete()}, edges={"a-b": Delete()}), 1)
    answer = await desk.agent_calls("update_node", node_id="a", updates={"label": "Late"})
    told = [(each["kind"], each["kept_by"]) for each in answer["overridden"]]
    assert told == [("delete_while_editing", "Ada (user)")]


async def test_who_deletes_a_node_is_told_of_every_edit_that_goes_with_it(desk: Desk) -> None:
    await desk.ada_writes(writes(label="Hers"))
    await desk.agent_calls("update_node", node_id="a", updates={"style": {"color": "red"}})
    answer = await desk.agent_calls("delete_node", node_id="a")
    assert {each["dropped_by"] for each in answer["overridden"]} == {"Ada (user)", "you"}


async def test_an_edge_to_a_node_that_is_gone_is_not_made_and_says_why(desk: Desk) -> None:
    await desk.ada_writes(Operation(nodes={"a": Delete()}, edges={"a-b": Delete()}))
    answer = await desk.agent_calls("add_edge", source_node_id="b", target_node_id="a")
    (conflict,) = answer["overridden"]
    assert (answer["changed"], conflict["kind"]) == (False, "connection_conflict")
    assert conflict["id"] == answer["edge_id"]
    assert (await desk.read()).edges == {}


async def test_an_edge_that_a_person_drew_to_a_deleted_node_goes_with_it(desk: Desk) -> None:
    drawn = Create({"source": "b", "target": "a"})
    await desk.ada_writes(Operation(edges={"ada-edge": drawn}))
    answer = await desk.agent_calls("delete_node", node_id="a")
    assert answer["deleted_edges"] == ["a-b"]
    assert [(c["kind"], c["id"]) for c in answer["overridden"]] == [
        ("connection_conflict", "ada-edge")
    ]
    after = await desk.read()
    assert (list(after.nodes), after.edges) == (["b"], {})


async def test_without_a_base_revision_an_edit_applies_to_the_latest(desk: Desk) -> None:
    await desk.ada_writes(Operation(nodes={"new": Create(node("New"))}))
    answer = await desk.agent.call(
        "update_node", diagram_id=desk.identifier, node_id="new", updates={"label": "Newer"}
    )
    assert (answer["revision"], answer.get("overridden")) == (2, None)


async def test_an_element_made_after_the_base_revision_is_not_known_there(desk: Desk) -> None:
    await desk.ada_writes(Operation(nodes={"new": Create(node("New"))}))
    error = await desk.agent.error(
        "delete_node", diagram_id=desk.identifier, node_id="new", base_revision=0
    )
    assert (error["code"], error["field"]) == ("not_found", "node_id")
    assert "not at your base_revision 0" in error["message"]


@pytest.mark.parametrize("revision", [7, 2**40, 10**300])
async def test_a_revision_from_the_future_is_refused(desk: Desk, revision: int) -> None:
    error = await desk.agent.error(
        "delete_node", diagram_id=desk.identifier, node_id="a", base_revision=revision
    )
    assert (error["code"], error["field"]) == ("future_revision", "base_revision")


async def test_agents_of_both_eras_and_a_person_lose_nothing_of_each_other(
    world: McpWorld,
) -> None:
    service = world.serving.service
    record = await service.create(ADA, diagram=make_template("blank", "Busy"))
    async with (
        world.agent("old", LEGACY) as old,
        world.agent("new", MODERN) as new,
        trio.open_nursery() as nursery,
    ):

        async def adds(agent: Agent, who: str) -> None:
            for number in range(15):
                await agent.new_node(record.id, f"{who} {number}")

        async def ada_adds() -> None:
            for number in range(15):
                added = Operation(nodes={f"ada-{number}": Create(node(f"ada {number}"))})
                await service.submit(ADA, record.id, added, await service.read(ADA, record.id))

        for agent, who in ((old, "old"), (new, "new"), (old, "old too"), (new, "new too")):
            nursery.start_soon(adds, agent, who)
        nursery.start_soon(ada_adds)
    reading = await service.read(ADA, record.id)
    assert reading.revision == len(reading.diagram.nodes) == 75
    entries = await world.serving.storage.read_entries(record.id, 0, 75)
    for entry in entries:
        (change,) = entry.operation.nodes.values()
        assert isinstance(change, Create)
        assert change.element["data"]["label"].startswith(entry.author.id)
        assert entry.label == ("submit" if entry.author.id == "ada" else "add_node")
