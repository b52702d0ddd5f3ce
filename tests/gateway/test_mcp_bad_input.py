"""What tools answer to bad input: a code, what to do, the field; never a broken connection."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.mcp import ERAS, STREAMED, Agent, McpWorld, post
from tests.support.shared_world import world

__all__ = ["world"]

pytestmark = STREAMED

#: Nested deeper than a document may be.
DEEP: Any = []
for _ in range(100):
    DEEP = [DEEP]


@pytest.fixture(params=ERAS)
async def agent(world: McpWorld, request: pytest.FixtureRequest) -> AsyncIterator[Agent]:
    async with world.agent(mode=request.param) as connected:
        yield connected


def data(**fields: Any) -> dict[str, Any]:
    return {"type": "process", "label": "x", "position": {"x": 0, "y": 0}, **fields}


#: An edge before the node that it leads to and from.
EARLY_EDGE: list[Any] = [
    {"action": "add_edge", "source_node_id": "a", "target_node_id": "a"},
    {"action": "add_node", "name": "a", "node_data": data()},
]
BAD_NODES: list[tuple[Any, str, str]] = [
    ({}, "invalid_arguments", "node_data/type"),
    ("text", "invalid_arguments", "node_data"),
    (None, "invalid_arguments", "node_data"),
    ([1], "invalid_arguments", "node_data"),
    (data(type=7), "invalid_arguments", "node_data/type"),
    (data(type=""), "invalid_arguments", "node_data/type"),
    (data(type="x" * 65), "invalid_arguments", "node_data/type"),
    (data(label=None), "invalid_arguments", "node_data/label"),
    (data(label="x" * 10_001), "invalid_arguments", "node_data/label"),
    (data(position={"x": 1}), "invalid_arguments", "node_data/position/y"),
    (data(position={"x": "left", "y": 0}), "invalid_arguments", "node_data/position/x"),
    (data(position={"x": 0, "y": 0, "z": 0}), "invalid_arguments", "node_data/position/z"),
    (data(position=[0, 0]), "invalid_arguments", "node_data/position"),
    (data(x=40, y=80), "invalid_arguments", "node_data"),
    (data(style="red"), "invalid_arguments", "node_data/style"),
    (data(data=[]), "invalid_arguments", "node_data/data"),
    (data(id="x" * 129), "invalid_arguments", "node_data/id"),
    (data(id="a\nb"), "invalid_arguments", "node_data/id"),
    (data(parentId="nobody"), "not_found", "node_data/parentId"),
    (data(measured={}), "reserved_key", "node_data/measured"),
    (data(label="a\0b"), "invalid_string", "node_data/data/label"),
    (data(data={"big": "x" * 500_001}), "string_too_long", "node_data/data/big"),
    (data(data={"n": 10**400}), "invalid_number", "node_data/data/n"),
    (data(data={"deep": DEEP}), "too_deep", f"node_data/data/deep{'/0' * 30}"),
]


@pytest.mark.parametrize(("bad", "code", "field"), BAD_NODES)
async def test_a_bad_node_is_refused_with_its_field(
    agent: Agent, bad: Any, code: str, field: str
) -> None:
    identifier = await agent.new_diagram()
    error = await agent.error("add_node", diagram_id=identifier, node_data=bad)
    assert (error["code"], error["field"]) == (code, field)
    assert error["message"].endswith((".", "..."))
    assert len(error["message"]) < 1_100
    assert (await agent.call("read_diagram", diagram_id=identifier))["revision"] == 0


@pytest.mark.parametrize("kind", ["process", "cloud", "manual-operation", "ellipse", "my own"])
async def test_any_type_of_node_is_kept(agent: Agent, kind: str) -> None:
    identifier = await agent.new_diagram()
    await agent.new_node(identifier, type=kind)
    read = await agent.call("read_diagram", diagram_id=identifier)
    assert read["nodes"][0]["type"] == kind


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "field"),
    [
        ("read_diagram", {"diagram_id": "no-such"}, "not_found", "diagram_id"),
        ("read_diagram", {"diagram_id": ""}, "invalid_arguments", "diagram_id"),
        ("read_diagram", {"diagram_id": "x" * 1_000_000}, "invalid_arguments", "diagram_id"),
        ("read_diagram", {"diagram_id": "a\0b"}, "invalid_arguments", "diagram_id"),
        ("read_diagram", {}, "invalid_arguments", "diagram_id"),
        ("read_diagram", {"diagram_id": 7}, "invalid_arguments", "diagram_id"),
        ("read_diagram", {"diagram_id": "x", "format": "svg"}, "invalid_arguments", "format"),
        ("read_diagram", {"diagram_id": "x", "fromat": "both"}, "unknown_argument", "fromat"),
        ("draw_diagram", {}, "unknown_tool", "name"),
        ("create_diagram", {"title": ""}, "invalid_arguments", "title"),
        ("create_diagram", {"title": "x" * 1_001}, "invalid_arguments", "title"),
        ("create_diagram", {"title": "x", "template": "uml"}, "invalid_arguments", "template"),
        ("list_diagrams", {"limit": 0}, "invalid_arguments", "limit"),
        ("list_diagrams", {"offset": -1}, "invalid_arguments", "offset"),
        ("list_diagrams", {"limit": "many"}, "invalid_arguments", "limit"),
        ("delete_diagram", {"diagram_id": "x"}, "invalid_arguments", "confirm"),
        ("delete_diagram", {"diagram_id": "x", "confirm": True}, "not_found", "diagram_id"),
        ("delete_diagram", {"diagram_id": "x", "confirm": False}, "not_found", "diagram_id"),
    ],
)
async def test_a_bad_call_is_refused_with_its_field(
    agent: Agent, tool: str, arguments: dict[str, Any], code: str, field: str | None
) -> None:
    error = await agent.error(tool, **arguments)
    assert (error["code"], error.get("field")) == (code, field)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ([], "invalid_arguments", "changes"),
        ([{}], "invalid_arguments", "changes/0"),
        ([{"action": "explode"}], "invalid_arguments", "changes/0"),
        ([{"action": "delete_node"}], "invalid_arguments", "changes/0/node_id"),
        (
            [{"action": "delete_node", "node_id": "a", "nodeid": "b"}],
            "invalid_arguments",
            "changes/0/nodeid",
        ),
        (
            [{"action": "add_node", "node_data": data(position={"x": "q", "y": 0})}],
            "invalid_arguments",
            "changes/0/node_data/position/x",
        ),
        (
            [{"action": "add_node", "node_data": data(data={"n": 10**400})}],
            "invalid_number",
            "changes/0/node_data/data/n",
        ),
        (
            [{"action": "delete_node", "node_id": f"n{i}"} for i in range(501)],
            "invalid_arguments",
            "changes",
        ),
    ],
)
async def test_a_bad_batch_is_refused_with_its_field(
    agent: Agent, changes: list[Any], code: str, field: str
) -> None:
    identifier = await agent.new_diagram()
    error = await agent.error("apply_changes", diagram_id=identifier, changes=changes)
    assert (error["code"], error["field"]) == (code, field)
    assert (await agent.call("read_diagram", diagram_id=identifier))["revision"] == 0


@pytest.mark.parametrize(
    ("tool", "arguments", "step"),
    [
        ("read_diagram", {"diagram_id": "none"}, "list_diagrams"),
        ("read_diagram", {"neighbours_of": "none"}, "outline"),
        ("layout_diagram", {"node_ids": ["none"]}, "read_diagram"),
        ("delete_node", {"node_id": "none"}, "read_diagram"),
        ("delete_node", {"node_id": "a", "base_revision": 9}, "Read it again"),
        ("undo_changes", {"since_revision": 9}, "Read it again"),
        ("apply_changes", {"changes": [{"action": "explode"}]}, "add_edge, add_node"),
        ("apply_changes", {"changes": [{}]}, "add_edge, add_node"),
        ("apply_changes", {"changes": EARLY_EDGE}, "put that one first"),
        ("apply_changes", {"changes": "many"}, "an array"),
        ("add_node", {"node_data": data(position=[0, 0])}, "an object"),
    ],
)
async def test_an_error_says_what_to_do_next(
    agent: Agent, tool: str, arguments: dict[str, Any], step: str
) -> None:
    identifier = await agent.new_diagram()
    error = await agent.error(tool, **{"diagram_id": identifier, **arguments})
    assert step in error["message"]


async def test_a_key_without_a_permission_is_told_so(world: McpWorld) -> None:
    async with world.agent("maker") as maker:
        identifier = await maker.new_diagram()
    async with world.agent("reader", permissions=["read"]) as reader:
        await reader.call("read_diagram", diagram_id=identifier)
        for tool, arguments in (
            ("create_diagram", {"title": "x"}),
            ("add_node", {"diagram_id": identifier, "node_data": data()}),
            ("delete_diagram", {"diagram_id": identifier, "confirm": True}),
        ):
            assert (await reader.error(tool, **arguments))["code"] == "forbidden"


#: JSON as Python reads and writes it, which a careful client could not send.
ODD_NUMBERS = [
    b'{"x":NaN,"y":0}',
    b'{"x":Infinity,"y":0}',
    b'{"x":1e999,"y":0}',
]


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
@pytest.mark.parametrize("position", ODD_NUMBERS)
async def test_numbers_that_are_none_are_refused(
    world: McpWorld, version: str, position: bytes
) -> None:
    key = await world.key()
    node = b'{"type":"process","label":"x","position":%b}' % position
    body = raw_call(version, "add_node", b'{"diagram_id":"x","node_data":%b}' % node)
    answer = await post(world.url, body, raw_headers(key, version, "add_node"))
    assert answer.status_code == 200
    result = answer.json()["result"]
    assert result["isError"] is True
    error = result["structuredContent"]["error"]
    assert (error["code"], error["field"]) == ("invalid_arguments", "node_data/position/x")


#: Half a surrogate pair, which is no character.
HALF = [
    (b'{"diagram_id":"\\ud800"}', "invalid_arguments"),
    (b'{"diagram_id":"x","\\udfff%b":1}' % (b"x" * 2_000), "unknown_argument"),
]


@pytest.mark.parametrize(("arguments", "code"), HALF)
async def test_half_a_character_is_refused(world: McpWorld, arguments: bytes, code: str) -> None:
    key = await world.key()
    body = raw_call("2026-07-28", "read_diagram", arguments)
    answer = await post(world.url, body, raw_headers(key, "2026-07-28", "read_diagram"))
    assert answer.status_code == 200
    assert answer.json()["result"]["structuredContent"]["error"]["code"] == code


@pytest.mark.parametrize(("arguments", "code"), HALF)
async def test_half_a_character_is_no_json_to_a_client_of_the_older_era(
    world: McpWorld, arguments: bytes, code: str
) -> None:
    key = await world.key()
    body = raw_call("2025-11-25", "read_diagram", arguments)
    answer = await post(world.url, body, raw_headers(key, "2025-11-25", "read_diagram"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32700)


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"jsonrpc":"2.0","id":1}',
        b"[" * 100_000,
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}',
        b"\xff\xfe",
    ],
)
async def test_a_malformed_message_gets_a_json_rpc_error(
    world: McpWorld, version: str, body: bytes
) -> None:
    key = await world.key()
    answer = await post(world.url, body, raw_headers(key, version, "x"))
    assert 200 <= answer.status_code < 500
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("identifier", [b"null", b"1.5", b"true", b"{}"])
async def test_a_call_that_could_not_be_answered_is_refused_and_not_made(
    world: McpWorld, identifier: bytes
) -> None:
    key = await world.key()
    call = raw_call("2025-11-25", "create_diagram", b'{"title":"Unasked"}')
    wrong = call.replace(b'"id":1', b'"id":%b' % identifier)
    answer = await post(world.url, wrong, raw_headers(key, "2025-11-25", "create_diagram"))
    assert (answer.status_code, answer.json()["error"]["data"]["code"]) == (400, "invalid")


async def test_an_array_of_messages_is_refused_in_plain_words(world: McpWorld) -> None:
    key = await world.key()
    call = raw_call("2025-03-26", "list_diagrams", b"{}")
    for version in ("2025-03-26", "2026-07-28"):
        headers = raw_headers(key, version, "list_diagrams")
        answer = await post(world.url, b" [%b,%b]" % (call, call), headers)
        assert answer.status_code == 400
        assert "send each by itself" in answer.json()["error"]["message"]


def raw_call(version: str, tool: str, arguments: bytes) -> bytes:
    """A ``tools/call`` as bytes."""
    meta = b"{}"
    if version == "2026-07-28":
        meta = (
            b'{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
            b'"io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},'
            b'"io.modelcontextprotocol/clientCapabilities":{}}'
        )
    return (
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call",'
        b'"params":{"name":"%b","arguments":%b,"_meta":%b}}' % (tool.encode(), arguments, meta)
    )


def raw_headers(key: str, version: str, tool: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {key}",
        "mcp-protocol-version": version,
        "mcp-method": "tools/call",
        "mcp-name": tool,
    }
