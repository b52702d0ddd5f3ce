"""What every tool promises, row by row: through HTTP and through stdio, on one server.

A tool without a row fails, and so does a row that leaves a promise out.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final, Literal

import msgspec
import pytest
import trio

from actors.ports import Author
from gateway.identity import CREATE, DELETE, EDIT, FULL_ACCESS, READ, Principal
from ot.diagram import Diagram, Element
from ot.operation import Create, Operation
from persistence.bridge import run_blocking
from tests.support.mcp import LEGACY, MODERN, STREAMED, Agent, connect, connect_stdio, content_of
from tests.support.replay import read_journal, replay
from tests.support.shared_world import SharedServer

pytestmark = STREAMED

Fields = dict[str, Any]
Door = Literal["http", "stdio"]
DOORS: Final[tuple[Door, ...]] = ("http", "stdio")
ADA = Principal(Author("user", "ada", "Ada"), frozenset({FULL_ACCESS}))
#: Of those that call at the same moment.
CROWD = 4
#: What a call may come to that others were quicker than.
LATE = {"not_found", "missing_endpoint", "already_exists", "conflict"}


class Row(msgspec.Struct, kw_only=True):
    """The promises of one tool, on a diagram a -> b -> c; its id is added to the arguments."""

    permission: str
    good: Fields
    #: Fields of the answer to ``good``.
    answers: Fields
    #: Arguments put over the good ones, and the code and field of the error that they get.
    bad: tuple[Fields, str, str]
    #: Put over the good ones where a person has added a node since revision 0; and the error's
    #: code, or ``None`` where both edits are to stay.
    stale: tuple[Fields, str | None] | None
    is_about_a_diagram: bool = True


MERGED: tuple[Fields, None] = ({"base_revision": 0}, None)
PLACE: Fields = {"type": "process", "label": "New", "position": {"x": 400, "y": 0}}
ROWS: Final[dict[str, Row]] = {
    "create_diagram": Row(
        permission=CREATE,
        good={"title": "Made", "template": "flowchart"},
        answers={"title": "Made", "revision": 0},
        bad=({"template": "nowhere"}, "invalid_arguments", "template"),
        stale=None,
        is_about_a_diagram=False,
    ),
    "list_diagrams": Row(
        permission=READ,
        good={"limit": 1},
        answers={"limit": 1, "offset": 0},
        bad=({"limit": 0}, "invalid_arguments", "limit"),
        stale=None,
        is_about_a_diagram=False,
    ),
    "get_diagram_info": Row(
        permission=READ,
        good={},
        answers={"node_count": 3, "edge_count": 2},
        bad=({"diagram_id": "\n"}, "invalid_arguments", "diagram_id"),
        stale=({}, None),
    ),
    "read_diagram": Row(
        permission=READ,
        good={"format": "reactflow"},
        answers={"kind": Diagram().kind},
        bad=({"format": "pdf"}, "invalid_arguments", "format"),
        stale=({"cursor": "none of ours"}, "invalid_cursor"),
    ),
    "render_diagram": Row(
        permission=READ,
        good={"format": "svg"},
        answers={"nodes_seen": 3},
        bad=({"max_size": 1}, "invalid_arguments", "max_size"),
        stale=({"since_revision": 9}, "future_revision"),
    ),
    "check_diagram": Row(
        permission=READ,
        good={"mends": False},
        answers={},
        bad=({"kinds": ["ugly"]}, "invalid_arguments", "kinds/0"),
        stale=({}, None),
    ),
    "get_changes": Row(
        permission=READ,
        good={"since_revision": 0},
        answers={"since_revision": 0, "changes": []},
        bad=({"wait_for": "me"}, "invalid_arguments", "wait_for"),
        stale=({"since_revision": 9}, "future_revision"),
    ),
    "add_node": Row(
        permission=EDIT,
        good={"node_data": PLACE},
        answers={"changed": True, "applied": {"nodes_added": 1}},
        bad=({"node_data": {**PLACE, "position": {"x": 0}}}, "invalid_arguments",
             "node_data/position/y"),
        stale=MERGED,
    ),
    "update_node": Row(
        permission=EDIT,
        good={"node_id": "a", "updates": {"label": "Start here"}},
        answers={"changed": True, "applied": {"nodes_changed": 1}},
        bad=({"updates": {"position": None}}, "required", "updates/position"),
        stale=MERGED,
    ),
    "delete_node": Row(
        permission=EDIT,
        good={"node_id": "b"},
        answers={"changed": True, "deleted_edges": ["a-b", "b-c"]},
        bad=({"node_id": "nobody"}, "not_found", "node_id"),
        stale=MERGED,
    ),
    "add_edge": Row(
        permission=EDIT,
        good={"source_node_id": "c", "target_node_id": "a"},
        answers={"changed": True, "applied": {"edges_added": 1}},
        bad=({"target_node_id": "nobody"}, "not_found", "target_node_id"),
        stale=MERGED,
    ),
    "update_edge": Row(
        permission=EDIT,
        good={"edge_id": "a-b", "updates": {"label": "then"}},
        answers={"changed": True, "edge_id": "a-b"},
        bad=({"updates": {}}, "nothing_to_update", "updates"),
        stale=MERGED,
    ),
    "delete_edge": Row(
        permission=EDIT,
        good={"edge_id": "a-b"},
        answers={"changed": True, "edge_id": "a-b"},
        bad=({"edge_id": ""}, "invalid_arguments", "edge_id"),
        stale=MERGED,
    ),
    "apply_changes": Row(
        permission=EDIT,
        good={
            "changes": [
                {"action": "add_node", "name": "d", "node_data": PLACE},
                {"action": "add_edge", "source_node_id": "c", "target_node_id": "d"},
            ]
        },
        answers={"changed": True, "applied": {"nodes_added": 1, "edges_added": 1}},
        bad=({"changes": [{"action": "delete_node", "node_id": "x"}]}, "not_found",
             "changes/0/node_id"),
        stale=MERGED,
    ),
    "write_mermaid": Row(
        permission=EDIT,
        good={"mermaid_syntax": 'flowchart TD\n a["A"] --> b["B"] --> c["C"] --> d["D"]\n'},
        answers={"changed": True, "added": 2},
        bad=({"mermaid_syntax": "flowchart TD\n a --> ["}, "mermaid_syntax", "mermaid_syntax"),
        stale=MERGED,
    ),
    "layout_diagram": Row(
        permission=EDIT,
        good={"direction": "LR"},
        answers={"changed": True, "kept": []},
        bad=({"node_ids": ["nobody"]}, "unknown_node", "node_ids/nobody"),
        stale=MERGED,
    ),
    "undo_changes": Row(
        permission=EDIT,
        good={},
        answers={"changed": False, "undone": []},
        bad=({"last_n": 0}, "invalid_arguments", "last_n"),
        stale=({"since_revision": 9}, "future_revision"),
    ),
    "delete_diagram": Row(
        permission=DELETE,
        good={"confirm": True},
        answers={"deleted": True},
        bad=({"confirm": False}, "confirmation_required", "confirm"),
        stale=({"expected_revision": 0}, "conflict"),
    ),
}  # fmt: skip
OF_A_DIAGRAM = [tool for tool, row in ROWS.items() if row.is_about_a_diagram]


class Bench:
    """The server and its agents: one behind each door, and one for each lack of a permission."""

    def __init__(self, server: SharedServer, agents: dict[str, Agent], url: str) -> None:
        self.agents = agents
        self._service = server.world.serving.service
        self._url = url

    async def diagram(self, **fields: Any) -> str:
        diagram = Diagram(
            title="Shared",
            nodes={name: node(name.upper(), i * 100) for i, name in enumerate("abc")},
            edges={f"{x}-{y}": {"source": x, "target": y} for x, y in ("ab", "bc")},
        )
        return (await self._service.create(ADA, diagram=diagram, **fields)).id

    async def ada_adds(self, diagram_id: str) -> None:
        reading = await self._service.read(ADA, diagram_id)
        added = Operation(nodes={"hers": Create(node("Hers", 900))})
        await self._service.submit(ADA, diagram_id, added, reading)

    async def read(self, diagram_id: str) -> tuple[int, Diagram]:
        reading = await self._service.read(ADA, diagram_id)
        return reading.revision, reading.diagram

    async def replayed(self, diagram_id: str) -> tuple[int, Diagram]:
        """What the journal alone says."""
        there = await trio.to_thread.run_sync(run_blocking, read_journal, self._url, diagram_id)
        found = replay(*there)
        return found.revision, found.diagram


def node(label: str, y: int) -> Element:
    return {"type": "process", "position": {"x": 0, "y": y}, "data": {"label": label}}


@pytest.fixture(scope="module")
def bench(shared_server: SharedServer) -> Iterator[Bench]:
    world = shared_server.world
    with ExitStack() as stack:
        key = shared_server.call(world.key, "worker")
        agents = {
            "http": stack.enter_context(shared_server.hold(connect(world.url, key, MODERN))),
            "stdio": stack.enter_context(
                shared_server.hold(connect_stdio(world.serving.base_url, key, LEGACY))
            ),
        }
        everything = {CREATE, READ, EDIT, DELETE}
        for lacking in sorted(everything):
            poor = shared_server.call(world.key, f"no-{lacking}", everything - {lacking})
            agents[lacking] = stack.enter_context(shared_server.hold(connect(world.url, poor)))
        yield Bench(shared_server, agents, shared_server.database_url)


async def arguments_of(bench: Bench, row: Row, over: Fields, **fields: Any) -> Fields:
    """The good arguments on a new diagram, with others over them."""
    about = {"diagram_id": await bench.diagram(**fields)} if row.is_about_a_diagram else {}
    return {**about, **row.good, **over}


async def test_every_tool_has_a_row(bench: Bench) -> None:
    for door in DOORS:
        listed = await bench.agents[door].tools()
        assert listed == ROWS.keys()
    without_stale = {tool for tool, row in ROWS.items() if row.stale is None}
    assert without_stale == {"create_diagram", "list_diagrams"}, "they are based on no revision"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tool", ROWS)
async def test_good_arguments_get_what_was_asked_for(bench: Bench, tool: str, door: Door) -> None:
    row = ROWS[tool]
    arguments = await arguments_of(bench, row, {})
    answer = await bench.agents[door].call(tool, **arguments)
    assert {name: answer.get(name) for name in row.answers} == row.answers
    assert ("diagram_id" in arguments) <= (answer.get("diagram_id") == arguments.get("diagram_id"))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tool", ROWS)
async def test_bad_arguments_name_the_field_and_change_nothing(
    bench: Bench, tool: str, door: Door
) -> None:
    row = ROWS[tool]
    over, code, field = row.bad
    for wrong, expected in ((over, (code, field)), ({"colour": "red"}, ("unknown_argument",))):
        arguments = await arguments_of(bench, row, wrong)
        error = await bench.agents[door].error(tool, **arguments)
        assert (error["code"], error.get("field"))[: len(expected)] == expected
        assert error["message"]
        if row.is_about_a_diagram and "diagram_id" not in wrong:
            assert (await bench.read(arguments["diagram_id"]))[0] == 0


@pytest.mark.parametrize("tool", ROWS)
async def test_a_key_without_the_permission_is_refused(bench: Bench, tool: str) -> None:
    row = ROWS[tool]
    arguments = await arguments_of(bench, row, {})
    error = await bench.agents[row.permission].error(tool, **arguments)
    assert error["code"] == "forbidden"
    assert f"'{row.permission}'" in error["message"]
    if row.is_about_a_diagram:
        assert (await bench.read(arguments["diagram_id"]))[0] == 0


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tool", OF_A_DIAGRAM)
async def test_what_is_closed_to_agents_is_not_there(bench: Bench, tool: str, door: Door) -> None:
    """And cannot be told from what never was."""
    row = ROWS[tool]
    closed = await arguments_of(bench, row, {}, agent_accessible=False)
    errors = [
        await bench.agents[door].error(tool, **arguments)
        for arguments in (closed, {**closed, "diagram_id": "never-was"})
    ]
    assert errors[0] == errors[1]
    assert (errors[0]["code"], errors[0]["field"]) == ("not_found", "diagram_id")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tool", OF_A_DIAGRAM)
async def test_a_stale_base_loses_nothing_of_others(bench: Bench, tool: str, door: Door) -> None:
    row = ROWS[tool]
    assert row.stale is not None
    over, code = row.stale
    arguments = await arguments_of(bench, row, over)
    identifier = arguments["diagram_id"]
    await bench.ada_adds(identifier)
    if code is not None:
        error = await bench.agents[door].error(tool, **arguments)
        assert error["code"] == code
        assert (await bench.read(identifier))[0] == 1
        return
    answer = await bench.agents[door].call(tool, **arguments)
    revision, diagram = await bench.read(identifier)
    assert diagram.nodes["hers"] == node("Hers", 900)
    assert answer["revision"] == revision
    if "base_revision" in over:
        assert answer["merged"][0]["by"] == "Ada (user)"
        assert (revision, answer["changed"]) == (2, True)


@pytest.mark.parametrize("tool", OF_A_DIAGRAM)
async def test_calls_at_the_same_moment_are_each_done_or_refused(bench: Bench, tool: str) -> None:
    row = ROWS[tool]
    arguments = await arguments_of(bench, row, {})
    results: list[Fields] = []

    async def call(door: Door) -> None:
        result = await bench.agents[door].result(tool, **arguments)
        results.append(content_of(result))

    async with trio.open_nursery() as nursery:
        for number in range(CROWD):
            nursery.start_soon(call, DOORS[number % 2])
    refused = [answer["error"]["code"] for answer in results if "error" in answer]
    done = [answer for answer in results if "error" not in answer]
    assert done
    assert set(refused) <= LATE
    if tool == "delete_diagram":
        assert len(done) == 1
        return
    revision, diagram = await bench.read(arguments["diagram_id"])
    written = {answer["revision"] for answer in done if answer.get("changed")}
    assert revision >= len(written)
    assert max(answer["revision"] for answer in done) == revision
    assert await bench.replayed(arguments["diagram_id"]) == (revision, diagram)
