"""Pictures for agents, laid out and checked diagrams: what is seen, moved and found."""

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from mcp_types import CallToolResult, ImageContent

from gateway.engine import jobs
from gateway.identity import READ
from gateway.service import DiagramService
from ot.operation import Operation, Set, Update
from tests.support.mcp import ERAS, STREAMED, Agent, McpWorld, content_of
from tests.support.serving import PERSON
from tests.support.shared_world import world
from tests.support.slow_jobs import held_at, lay_out_at_gate
from tests.support.waiting import wait_until

__all__ = ["world"]

pytestmark = STREAMED

PNG = b"\x89PNG\r\n\x1a\n"
MAX_PNG_BYTES = 700_000


@pytest.fixture
async def agent(world: McpWorld) -> AsyncIterator[Agent]:
    async with world.agent() as connected:
        yield connected


def chain(count: int, spacing: int = 0) -> list[dict[str, Any]]:
    """Changes that build nodes in a row, each joined to the next; without spacing in one place."""
    nodes = [
        {
            "action": "add_node",
            "node_data": {
                "id": f"n{i}",
                "type": "process",
                "label": f"Step {i}",
                "position": {"x": 0, "y": i * spacing},
            },
        }
        for i in range(count)
    ]
    edges = [
        {"action": "add_edge", "source_node_id": f"n{i}", "target_node_id": f"n{i + 1}"}
        for i in range(count - 1)
    ]
    return [*nodes, *edges]


async def built(agent: Agent, count: int = 4, spacing: int = 0) -> str:
    identifier = await agent.new_diagram("Chain")
    await agent.call("apply_changes", diagram_id=identifier, changes=chain(count, spacing))
    return identifier


def png_of(result: CallToolResult) -> bytes:
    image = result.content[0]
    assert isinstance(image, ImageContent)
    assert image.mime_type == "image/png"
    return base64.b64decode(image.data)


def size_of(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


async def positions(agent: Agent, diagram_id: str) -> dict[str, Any]:
    read = await agent.call("read_diagram", diagram_id=diagram_id, format="reactflow")
    return {node["id"]: node["position"] for node in read["nodes"]}


async def moved_by_person(service: DiagramService, diagram_id: str, node: str, x: int) -> None:
    reading = await service.read(PERSON, diagram_id)
    change = Update({"/position": Set({"x": x, "y": 0})})
    await service.submit(PERSON, diagram_id, Operation(nodes={node: change}), reading)


async def test_a_picture_comes_with_what_it_shows_and_marks_what_has_changed(agent: Agent) -> None:
    identifier = await built(agent, count=6, spacing=200)
    result = await agent.result("render_diagram", diagram_id=identifier)
    whole, png = content_of(result), png_of(result)
    assert png.startswith(PNG)
    assert len(png) <= MAX_PNG_BYTES
    assert size_of(png) == (whole["width_px"], whole["height_px"])
    assert max(size_of(png)) <= 1568
    assert (whole["title"], whole["revision"]) == ("Chain", 1)
    assert (whole["nodes_seen"], whole["node_count"]) == (6, 6)
    assert "marked" not in whole
    region = whole["region"]
    assert region["y"] < 0
    assert region["y"] + region["height"] > 1_000

    wanted = {"x": -50, "y": -50, "width": 300, "height": 300}
    part = await agent.call(
        "render_diagram", diagram_id=identifier, region=wanted, max_size=200, theme="dark"
    )
    assert part["region"] == wanted
    assert (part["width_px"], part["height_px"], part["nodes_seen"]) == (200, 200, 2)
    near = await agent.call("render_diagram", diagram_id=identifier, around=["n0"], hops=1)
    assert near["nodes_seen"] == 2

    drawn = await agent.result("render_diagram", diagram_id=identifier, format="svg")
    assert [block.type for block in drawn.content] == ["text"]
    assert content_of(drawn)["svg"].startswith("<svg ")

    await agent.call("delete_node", diagram_id=identifier, node_id="n0")
    await agent.new_node(identifier, "New")
    answer = await agent.call("render_diagram", diagram_id=identifier, since_revision=1)
    assert answer["since_revision"] == 1
    assert answer["marked"] == {"added": 1, "removed": 2}
    same = await agent.call("render_diagram", diagram_id=identifier, since_revision=3)
    assert same["marked"] == {}


async def test_a_picture_that_cannot_be_drawn_is_refused_by_its_argument(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await built(agent)
    region = {"x": 0, "y": 0, "width": 10, "height": 10}
    for arguments, code, field in (
        ({"around": ["nobody"]}, "unknown_node", "around"),
        ({"around": ["n0"], "region": region}, "invalid", "region"),
        ({"since_revision": 7}, "future_revision", "since_revision"),
        ({"max_size": 5_000}, "invalid_arguments", "max_size"),
        ({"region": {**region, "width": 0}}, "invalid_arguments", "region/width"),
        ({"format": "jpeg"}, "invalid_arguments", "format"),
    ):
        error = await agent.error("render_diagram", diagram_id=identifier, **arguments)
        assert (error["code"], error["field"]) == (code, field)
    assert (await agent.error("render_diagram", diagram_id="none"))["code"] == "not_found"
    async with world.agent("maker", permissions=["create"]) as maker:
        for tool in ("render_diagram", "check_diagram"):
            assert (await maker.error(tool, diagram_id=identifier))["code"] == "forbidden"


async def test_a_layout_moves_all_but_what_people_have_placed(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await built(agent)
    await moved_by_person(world.serving.service, identifier, "n2", 500)
    planned = await agent.call("layout_diagram", diagram_id=identifier, dry_run=True)
    assert (planned["changed"], planned["revision"]) == (False, 2)
    assert planned["rehearsal"]["mended_findings"] > 0
    assert set((await positions(agent, identifier))["n0"].values()) == {0}

    done = await agent.call("layout_diagram", diagram_id=identifier, direction="TB")
    assert (done["kept"], done["kept_count"], done["revision"]) == (["n2"], 1, 3)
    assert done["moved"] == planned["moved"] >= 2
    after = await positions(agent, identifier)
    assert after["n2"] == {"x": 500, "y": 0}
    assert len({tuple(place.values()) for place in after.values()}) == 4

    across = await agent.call(
        "layout_diagram", diagram_id=identifier, direction="LR", keep_placed=False, spacing=100
    )
    assert across["kept"] == []
    row = await positions(agent, identifier)
    assert [row[f"n{i}"]["x"] for i in range(4)] == sorted(row[f"n{i}"]["x"] for i in range(4))
    only = await agent.call(
        "layout_diagram", diagram_id=identifier, direction="TB", node_ids=["n3"]
    )
    still = await positions(agent, identifier)
    assert {key: still[key] for key in ("n0", "n1", "n2")} == {
        key: row[key] for key in ("n0", "n1", "n2")
    }
    assert only["moved"] <= 1


async def test_a_layout_of_what_was_read_merges_with_what_came_since(
    world: McpWorld, agent: Agent
) -> None:
    identifier = await built(agent)
    service = world.serving.service
    await moved_by_person(service, identifier, "n0", 5_000)
    reading = await service.read(PERSON, identifier)
    rename = Operation(nodes={"n1": Update({"/data/label": Set("Hers")})})
    await service.submit(PERSON, identifier, rename, reading)
    done = await agent.call("layout_diagram", diagram_id=identifier, base_revision=1)
    assert (done["revision"], done["kept"]) == (4, [])
    read = await agent.call("read_diagram", diagram_id=identifier, format="reactflow")
    labels = {node["id"]: node["data"]["label"] for node in read["nodes"]}
    assert labels["n1"] == "Hers"
    # One operation, which one step takes back.
    before = (await service.read(PERSON, identifier, revision=3)).diagram
    assert before.nodes["n0"]["position"] == {"x": 5_000, "y": 0}


async def test_a_layout_that_cannot_be_made_changes_nothing(world: McpWorld, agent: Agent) -> None:
    identifier = await built(agent)
    for arguments, code, field in (
        ({"node_ids": ["nobody"]}, "unknown_node", "node_ids/nobody"),
        ({"spacing": 1}, "invalid_arguments", "spacing"),
        ({"direction": "up"}, "invalid_arguments", "direction"),
        ({"base_revision": 9}, "future_revision", "base_revision"),
    ):
        error = await agent.error("layout_diagram", diagram_id=identifier, **arguments)
        assert (error["code"], error["field"]) == (code, field)
    async with world.agent("reader", permissions=[READ]) as reader:
        for dry_run in (False, True):
            error = await reader.error("layout_diagram", diagram_id=identifier, dry_run=dry_run)
            assert error["code"] == "forbidden"
    assert (await agent.call("get_diagram_info", diagram_id=identifier))["revision"] == 1


@pytest.mark.parametrize("mode", ERAS)
async def test_long_calls_tell_how_far_they_are(world: McpWorld, mode: str) -> None:
    told: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total == 1
        told.append((progress, message))

    async with world.agent(mode=mode) as agent:
        identifier = await built(agent, count=120)
        for tool, more in (
            ("layout_diagram", {"dry_run": True}),
            ("layout_diagram", {}),
            ("render_diagram", {}),
        ):
            told.clear()
            arguments = {"diagram_id": identifier, **more}
            await agent.client.call_tool(tool, arguments, progress_callback=note)
            steps = [progress for progress, _ in told]
            assert steps == sorted(steps)
            assert (steps[0], steps[-1]) == (0, 1)
            assert all(message for _, message in told)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_call_that_is_cancelled_ends_its_work(
    world: McpWorld, mode: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(jobs, "lay_out", lay_out_at_gate)
    gate = tmp_path / "gate"
    os.mkfifo(gate)

    async def is_work_gone() -> bool:
        try:
            os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return True
        return False

    async with world.agent(mode=mode) as agent:
        identifier = await agent.new_diagram(str(gate), template="flowchart")
        calling = trio.CancelScope()

        async def call() -> None:
            with calling:
                await agent.client.call_tool("layout_diagram", {"diagram_id": identifier})

        async with trio.open_nursery() as nursery:
            nursery.start_soon(call)
            # The gate cannot be opened any more for one that has gone.
            with pytest.raises(BrokenPipeError):
                async with held_at(gate):
                    calling.cancel()
                    await wait_until(is_work_gone)
        assert (await agent.call("get_diagram_info", diagram_id=identifier))["revision"] == 0


async def test_findings_come_with_changes_that_mend_them(agent: Agent) -> None:
    identifier = await built(agent)
    changes = [
        {"action": "add_edge", "source_node_id": "n0", "target_node_id": "n1"},
        {"action": "update_node", "node_id": "n3", "updates": {"label": " "}},
    ]
    await agent.call("apply_changes", diagram_id=identifier, changes=changes)
    found = await agent.call("check_diagram", diagram_id=identifier)
    assert found["counts"].keys() >= {"overlap", "duplicate_edge", "empty_label"}
    assert found["total"] == len(found["findings"]) == sum(found["counts"].values())
    assert (await agent.call("check_diagram", diagram_id=identifier))["revision"] == 2

    only = await agent.call(
        "check_diagram", diagram_id=identifier, kinds=["empty_label"], ids=["n3"], mends=False
    )
    assert [finding["nodes"] for finding in only["findings"]] == [["n3"]]
    assert "mends" not in only
    none = await agent.call(
        "check_diagram", diagram_id=identifier, kinds=["empty_label"], ids=["n0"]
    )
    assert (none["total"], none["findings"], none["mends"]) == (0, [], [])
    unknown = await agent.call("check_diagram", diagram_id=identifier, ids=["n0", "nobody"])
    assert unknown["unknown_ids"] == ["nobody"]
    wrong = await agent.error("check_diagram", diagram_id=identifier, kinds=["ugly"])
    assert (wrong["code"], wrong["field"]) == ("invalid_arguments", "kinds/0")

    mends = [change for mend in found["mends"] for change in mend]
    await agent.call(
        "apply_changes", diagram_id=identifier, changes=mends, base_revision=found["revision"]
    )
    clean = await agent.call("check_diagram", diagram_id=identifier)
    assert (clean["total"], clean["findings"]) == (0, [])


async def test_a_slow_call_of_one_agent_delays_no_other(world: McpWorld, agent: Agent) -> None:
    identifier = await built(agent, count=200)
    finished: list[str] = []

    async def render() -> None:
        await agent.result("render_diagram", diagram_id=identifier)
        finished.append("render_diagram")

    async with world.agent("other") as other, trio.open_nursery() as nursery:
        nursery.start_soon(render)
        await trio.testing.wait_all_tasks_blocked()
        await other.call("get_diagram_info", diagram_id=identifier)
        finished.append("get_diagram_info")
    assert finished == ["get_diagram_info", "render_diagram"]
