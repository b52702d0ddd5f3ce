"""Every tool, called by the SDK's own client over a real socket, in both protocol eras."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from jsonschema import (  # type: ignore[import-untyped]
    Draft202012Validator,
    ValidationError,
    validate,
)

from tests.support.mcp import ERAS, STREAMED, Agent, McpWorld, content_of
from tests.support.shared_world import world

__all__ = ["world"]

pytestmark = STREAMED

PLANNED_ARGUMENTS = {
    "create_diagram": {"title", "description", "template", "agent_metadata"},
    "delete_diagram": {"diagram_id", "confirm"},
    "list_diagrams": {"limit", "offset", "filter", "agent_accessible_only"},
    "get_diagram_info": {"diagram_id"},
    "read_diagram": {"diagram_id", "include_metadata", "format"},
    "add_node": {"diagram_id", "node_data"},
    "update_node": {"diagram_id", "node_id", "updates"},
    "delete_node": {"diagram_id", "node_id"},
    "add_edge": {"diagram_id", "source_node_id", "target_node_id", "edge_data"},
    "update_edge": {"diagram_id", "edge_id", "updates"},
    "delete_edge": {"diagram_id", "edge_id"},
    "apply_changes": {"diagram_id", "changes"},
    "write_mermaid": {"diagram_id", "mermaid_syntax", "base_revision", "dry_run"},
    "render_diagram": {"diagram_id", "format", "region", "around", "theme", "since_revision"},
    "layout_diagram": {"diagram_id", "direction", "spacing", "keep_placed", "dry_run"},
    "check_diagram": {"diagram_id", "ids", "kinds"},
    "get_changes": {"diagram_id", "since_revision", "wait_seconds"},
    "undo_changes": {"diagram_id"},
}
PLANNED_REQUIRED = {
    "create_diagram": {"title"},
    "delete_diagram": {"diagram_id", "confirm"},
    "list_diagrams": set(),
    "read_diagram": {"diagram_id"},
    "add_node": {"diagram_id", "node_data"},
    "add_edge": {"diagram_id", "source_node_id", "target_node_id"},
}
READERS = {
    "list_diagrams", "get_diagram_info", "read_diagram", "render_diagram", "check_diagram",
    "get_changes",
}  # fmt: skip
#: They may take away what somebody has made.
DESTROYERS = {
    "delete_diagram", "delete_node", "delete_edge", "apply_changes", "write_mermaid",
}  # fmt: skip
REPEATABLE = READERS | {"update_node", "update_edge", "write_mermaid"}
#: What is built on what was read; undoing finds by itself what it is about.
WRITERS_TO_A_DIAGRAM = PLANNED_ARGUMENTS.keys() - READERS - {
    "create_diagram", "delete_diagram", "undo_changes",
}  # fmt: skip
#: Clients offer a model no more than this many tools together with everybody else's.
MAX_TOOLS = 20


@pytest.fixture(params=ERAS)
async def agent(world: McpWorld, request: pytest.FixtureRequest) -> AsyncIterator[Agent]:
    async with world.agent(mode=request.param) as connected:
        yield connected


async def test_the_tools_are_those_of_the_plan_with_its_arguments_and_defaults(
    agent: Agent,
) -> None:
    tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
    assert tools.keys() == PLANNED_ARGUMENTS.keys()
    assert len(tools) <= MAX_TOOLS
    for name, planned in PLANNED_ARGUMENTS.items():
        properties = tools[name].input_schema["properties"]
        assert planned <= properties.keys()
        assert ("base_revision" in properties) == (name in WRITERS_TO_A_DIAGRAM)
    for name, required in PLANNED_REQUIRED.items():
        assert set(tools[name].input_schema.get("required", [])) == required
    listing = tools["list_diagrams"].input_schema["properties"]
    assert {key: listing[key].get("default") for key in listing} == {
        "limit": 20, "offset": 0, "filter": None, "agent_accessible_only": True,
    }  # fmt: skip
    reading = tools["read_diagram"].input_schema["properties"]
    assert (reading["include_metadata"]["default"], reading["format"]["default"]) == (True, "both")
    edge = tools["add_edge"].input_schema["properties"]["edge_data"]["properties"]
    assert edge["animated"]["default"] is False


async def test_every_tool_says_what_it_is(agent: Agent) -> None:
    for tool in (await agent.client.list_tools()).tools:
        hints = tool.annotations
        assert hints is not None
        assert tool.title
        assert tool.description
        assert tool.output_schema is not None
        assert hints.open_world_hint is False
        assert hints.read_only_hint is (tool.name in READERS)
        assert hints.destructive_hint is (tool.name in DESTROYERS)
        assert hints.idempotent_hint is (tool.name in REPEATABLE)


async def test_no_published_schema_needs_a_reference_resolved(agent: Agent) -> None:
    for tool in (await agent.client.list_tools()).tools:
        assert "$ref" not in str(tool.input_schema) + str(tool.output_schema)


async def test_an_error_satisfies_the_published_schema_of_an_answer(agent: Agent) -> None:
    for tool in (await agent.client.list_tools()).tools:
        result = await agent.result(tool.name, nonsense=1)
        assert tool.output_schema is not None
        validate(content_of(result), tool.output_schema, Draft202012Validator)
        with pytest.raises(ValidationError):
            validate({}, tool.output_schema, Draft202012Validator)


async def test_every_tools_answer_is_as_its_schema_says(agent: Agent) -> None:
    schemas = {tool.name: tool.output_schema for tool in (await agent.client.list_tools()).tools}
    identifier = await agent.new_diagram(template="flowchart")
    data = {"type": "process", "label": "New", "position": {"x": 0, "y": 600}}
    ends = {"source_node_id": "new", "target_node_id": "end"}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("create_diagram", {"title": "Other"}),
        ("list_diagrams", {}),
        ("get_diagram_info", {"diagram_id": identifier}),
        ("read_diagram", {}),
        ("add_node", {"node_data": {"id": "new", **data}}),
        ("update_node", {"node_id": "new", "updates": {"label": "Newer"}}),
        ("add_edge", {**ends, "edge_data": {"id": "newest"}}),
        ("update_edge", {"edge_id": "newest", "updates": {"label": "on"}}),
        ("check_diagram", {}),
        ("apply_changes", {"changes": [{"action": "add_node", "node_data": data}]}),
        ("apply_changes", {"changes": [{"action": "add_edge", **ends}], "dry_run": True}),
        ("layout_diagram", {}),
        ("layout_diagram", {"spacing": 90, "dry_run": True}),
        ("render_diagram", {"since_revision": 0}),
        ("render_diagram", {"format": "svg"}),
        ("get_changes", {"since_revision": 0}),
        ("delete_edge", {"edge_id": "newest"}),
        ("delete_node", {"node_id": "new"}),
        ("undo_changes", {}),
        ("write_mermaid", {"mermaid_syntax": "flowchart TD\n  a --> b\n"}),
        ("delete_diagram", {"confirm": True}),
    ]
    assert {name for name, _ in calls} == schemas.keys()
    for name, arguments in calls:
        whole = name in ("create_diagram", "list_diagrams")
        about = arguments if whole else {"diagram_id": identifier, **arguments}
        answer = await agent.call(name, **about)
        assert "error" not in answer
        validate(answer, schemas[name], Draft202012Validator)


async def test_the_instructions_fit_on_a_screen(agent: Agent) -> None:
    instructions = agent.client.instructions
    assert instructions is not None
    assert "base_revision" in instructions
    assert len(instructions) < 2_000


async def test_a_diagram_is_created_described_listed_and_deleted(agent: Agent) -> None:
    created = await agent.call(
        "create_diagram",
        title="Über uns",
        description="What we do",
        template="flowchart",
        agent_metadata={"task": 7},
    )
    identifier = created["diagram_id"]
    assert (created["title"], created["revision"], created["node_count"]) == ("Über uns", 0, 4)

    info = await agent.call("get_diagram_info", diagram_id=identifier)
    assert (info["title"], info["description"]) == ("Über uns", "What we do")
    assert (info["created_by_agent"], info["agent_metadata"]) == (True, {"task": 7})
    assert (info["node_count"], info["edge_count"], info["format"]) == (4, 4, "reactflow")

    listed = await agent.call("list_diagrams")
    assert (listed["total"], listed["limit"], listed["offset"]) == (1, 20, 0)
    assert [diagram["diagram_id"] for diagram in listed["diagrams"]] == [identifier]

    refused = await agent.error("delete_diagram", diagram_id=identifier, confirm=False)
    assert (refused["code"], refused["field"]) == ("confirmation_required", "confirm")
    assert "expected_revision=0" in refused["message"]
    deleted = await agent.call(
        "delete_diagram", diagram_id=identifier, confirm=True, expected_revision=0
    )
    assert deleted["deleted"] is True
    assert (await agent.call("list_diagrams"))["diagrams"] == []
    gone = await agent.error("read_diagram", diagram_id=identifier)
    assert gone["code"] == "not_found"


async def test_a_diagram_that_has_changed_is_not_deleted_by_who_expects_the_old_one(
    agent: Agent,
) -> None:
    identifier = await agent.new_diagram()
    await agent.new_node(identifier)
    error = await agent.error(
        "delete_diagram", diagram_id=identifier, confirm=True, expected_revision=0
    )
    assert (error["code"], error["field"]) == ("conflict", "expected_revision")
    assert (await agent.call("get_diagram_info", diagram_id=identifier))["revision"] == 1


async def test_the_list_is_paged_filtered_and_bounded(agent: Agent) -> None:
    for number in range(5):
        await agent.new_diagram(f"Plan {number}")
    await agent.new_diagram("Other")
    first = await agent.call("list_diagrams", limit=2, filter="plan")
    assert (len(first["diagrams"]), first["total"], first["next_offset"]) == (2, 5, 2)
    last = await agent.call("list_diagrams", limit=2, offset=4, filter="plan")
    assert len(last["diagrams"]) == 1
    assert "next_offset" not in last
    assert (await agent.call("list_diagrams", limit=5_000))["limit"] == 100


@pytest.mark.parametrize("template", ["flowchart", "sequence", "mindmap", "blank"])
async def test_every_template_can_be_read(agent: Agent, template: str) -> None:
    identifier = await agent.new_diagram(template=template)
    read = await agent.call("read_diagram", diagram_id=identifier)
    assert read["kind"] == template
    assert (len(read["nodes"]) == 0) is (template == "blank")
    assert read["mermaid_syntax"].startswith("flowchart TD\n")


async def test_a_diagram_is_built_read_changed_and_taken_apart(agent: Agent) -> None:
    identifier = await agent.new_diagram("Build")
    a = await agent.new_node(identifier, "Log in", type="start")
    b = await agent.new_node(identifier, 'Is it "you"?', type="decision", style={"color": "red"})
    edge = await agent.call(
        "add_edge",
        diagram_id=identifier,
        source_node_id=a,
        target_node_id=b,
        edge_data={"label": "then", "type": "smoothstep", "animated": True},
    )
    assert edge["revision"] == 3

    read = await agent.call("read_diagram", diagram_id=identifier)
    assert read["revision"] == 3
    assert read["nodes"] == [
        {"id": a, "type": "start", "position": {"x": 0, "y": 0}, "data": {"label": "Log in"}},
        {
            "id": b,
            "type": "decision",
            "position": {"x": 0, "y": 0},
            "data": {"label": 'Is it "you"?'},
            "style": {"color": "red"},
        },
    ]
    assert read["edges"] == [
        {
            "id": edge["edge_id"],
            "source": a,
            "target": b,
            "label": "then",
            "type": "smoothstep",
            "animated": True,
        }
    ]
    assert read["mermaid_syntax"].splitlines() == [
        "flowchart TD",
        f'  {a}(["Log in"])',
        f'  {b}{{"Is it #34;you#34;?"}}',
        f'  {a} -.->|"then"| {b}',
        "  linkStyle default interpolate rounded",
        f"  style {b} color:red",
    ]
    metadata = [read["metadata"][key] for key in ("title", "node_count", "edge_count")]
    assert metadata == ["Build", 2, 1]

    updated = await agent.call(
        "update_node",
        diagram_id=identifier,
        node_id=a,
        updates={"label": "Sign in", "position": {"x": 5, "y": 6}, "data": {"icon": "x"}},
    )
    assert (updated["changed"], updated.get("overridden"), updated["revision"]) == (True, None, 4)
    await agent.call(
        "update_edge", diagram_id=identifier, edge_id=edge["edge_id"], updates={"label": None}
    )
    read = await agent.call("read_diagram", diagram_id=identifier, format="reactflow")
    assert "mermaid_syntax" not in read
    assert read["nodes"][0]["data"] == {"label": "Sign in", "icon": "x"}
    assert "label" not in read["edges"][0]

    deleted = await agent.call("delete_node", diagram_id=identifier, node_id=b)
    assert deleted["deleted_edges"] == [edge["edge_id"]]
    read = await agent.call(
        "read_diagram", diagram_id=identifier, format="mermaid", include_metadata=False
    )
    assert read.keys() == {"diagram_id", "revision", "kind", "mermaid_syntax"}


async def test_an_edge_is_deleted(agent: Agent) -> None:
    identifier = await agent.new_diagram(template="flowchart")
    answer = await agent.call("delete_edge", diagram_id=identifier, edge_id="start-step")
    assert (answer["edge_id"], answer["changed"]) == ("start-step", True)
    read = await agent.call("read_diagram", diagram_id=identifier)
    assert "start-step" not in {edge["id"] for edge in read["edges"]}


def flow(length: int) -> list[dict[str, Any]]:
    """A batch that builds a chain."""
    nodes = [
        {
            "action": "add_node",
            "name": f"step{i}",
            "node_data": {"type": "process", "label": f"Step {i}", "position": {"x": 0, "y": i}},
        }
        for i in range(length)
    ]
    edges = [
        {"action": "add_edge", "source_node_id": f"step{i}", "target_node_id": f"step{i + 1}"}
        for i in range(length - 1)
    ]
    return [*nodes, *edges]


async def test_many_changes_are_one_revision(agent: Agent) -> None:
    identifier = await agent.new_diagram()
    answer = await agent.call("apply_changes", diagram_id=identifier, changes=flow(50))
    assert (answer["revision"], answer["changed"]) == (1, True)
    assert answer["ids"].keys() == {f"step{i}" for i in range(50)}
    assert answer["results"][:50] == list(answer["ids"].values())
    read = await agent.call("read_diagram", diagram_id=identifier)
    assert (len(read["nodes"]), len(read["edges"])) == (50, 49)
    assert read["edges"][0]["source"] == answer["ids"]["step0"]


async def test_a_batch_with_one_wrong_change_changes_nothing(agent: Agent) -> None:
    identifier = await agent.new_diagram()
    wrong = {"action": "delete_edge", "edge_id": "nowhere"}
    error = await agent.error("apply_changes", diagram_id=identifier, changes=[*flow(3), wrong])
    assert (error["code"], error["field"]) == ("not_found", "changes/5/edge_id")
    assert (await agent.call("read_diagram", diagram_id=identifier))["revision"] == 0


async def test_an_edit_that_changes_nothing_says_so(agent: Agent) -> None:
    identifier = await agent.new_diagram(template="flowchart")
    answer = await agent.call(
        "update_node", diagram_id=identifier, node_id="start", updates={"label": "Start"}
    )
    assert (answer["changed"], answer["revision"]) == (False, 0)


async def test_a_nested_argument_that_comes_as_text_is_understood(agent: Agent) -> None:
    identifier = await agent.new_diagram()
    data = '{"type":"process","label":"from text","position":{"x":1,"y":2}}'
    await agent.call("add_node", diagram_id=identifier, node_data=data)
    read = await agent.call("read_diagram", diagram_id=identifier)
    assert read["nodes"][0]["data"]["label"] == "from text"
