"""Whole jobs of agents, from the first call to the last, through the SDK's client on one server."""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import trio

from gateway.local_access import issue_link
from gateway.mermaid.document import import_mermaid
from ot.apply import apply
from ot.diagram import Diagram, Element
from ot.operation import Create, Delete, Operation, Set, Text, Update
from tests.support.mcp import STREAMED, Agent, McpWorld
from tests.support.server import sign_in
from tests.support.serving import PERSON
from tests.support.shared_world import world
from tests.support.socket_client import Replica, open_socket

__all__ = ["world"]

pytestmark = STREAMED

Fields = dict[str, Any]
#: Rounds of check and mend in which a critic must have fallen silent.
MAX_MENDING: Final = 5
ROUNDS: Final = 100


@asynccontextmanager
async def at_the_canvas(world: McpWorld, diagram_id: str) -> AsyncIterator[Replica]:
    """A person who has the diagram open, on a WebSocket."""
    cookie = await sign_in(await issue_link(world.serving.sign_in, world.serving.base_url))
    url = world.serving.base_url.replace("http", "ws", 1) + "/ws/diagrams"
    person = Replica(diagram_id, "person")
    async with open_socket(url, {"cookie": cookie}) as socket, trio.open_nursery() as nursery:
        joined = trio.Event()

        async def serve() -> None:
            await person.serve(socket, joined=joined)

        nursery.start_soon(serve)
        await joined.wait()
        yield person
        nursery.cancel_scope.cancel()


async def mended(agent: Agent, diagram_id: str) -> Fields:
    """Checks and mends until there is nothing to mend; what is found then."""
    for _ in range(MAX_MENDING):
        found = await agent.call("check_diagram", diagram_id=diagram_id)
        changes = [change for mend in found["mends"] for change in mend]
        if not changes:
            return found
        await agent.call(
            "apply_changes",
            diagram_id=diagram_id,
            changes=changes,
            base_revision=found["revision"],
        )
    raise AssertionError(f"mending does not end: {found}")


# A flow drawn from a text ---------------------------------------------------------------------

LOGIN: Final = """
A visitor opens the login page and enters name and password. If they are right, the start page is
shown. If they are wrong, the visitor is told so and enters them again; after the third time the
account is locked.
"""
STEPS: Final = {
    "open": ("start", "Open the login page"),
    "enter": ("input", "Enter name and password"),
    "right": ("decision", "Are they right?"),
    "home": ("end", "Show the start page"),
    "wrong": ("process", "Say that they are wrong"),
    "third": ("decision", "The third time?"),
    "lock": ("end", "Lock the account"),
}
WAYS: Final = (
    ("open", "", "enter"),
    ("enter", "", "right"),
    ("right", "yes", "home"),
    ("right", "no", "wrong"),
    ("wrong", "", "third"),
    ("third", "no", "enter"),
    ("third", "yes", "lock"),
)


def drawn_login() -> list[Fields]:
    """What the text says, as changes; nothing has a place yet."""
    nodes = [
        {
            "action": "add_node",
            "name": name,
            "node_data": {"type": kind, "label": label, "position": {"x": 0, "y": 0}},
        }
        for name, (kind, label) in STEPS.items()
    ]
    edges = [
        {
            "action": "add_edge",
            "source_node_id": source,
            "target_node_id": target,
            "edge_data": {"label": label} if label else None,
        }
        for source, label, target in WAYS
    ]
    return [*nodes, *edges]


async def test_a_login_flow_is_drawn_from_a_text_and_tidied_until_nothing_is_to_mend(
    world: McpWorld,
) -> None:
    async with world.agent("drawer") as agent:
        made = await agent.call("create_diagram", title="Login", description=LOGIN.strip())
        identifier = made["diagram_id"]
        rehearsed = await agent.call(
            "apply_changes", diagram_id=identifier, changes=drawn_login(), dry_run=True
        )
        rehearsal = rehearsed["rehearsal"]
        assert rehearsal["created"] == len(STEPS) + len(WAYS)
        assert {finding["code"] for finding in rehearsal["findings"]} == {"overlap"}
        assert (await agent.call("get_diagram_info", diagram_id=identifier))["node_count"] == 0

        drawn = await agent.call("apply_changes", diagram_id=identifier, changes=drawn_login())
        ids = drawn["ids"]
        assert ids.keys() == STEPS.keys()
        arranged = await agent.call("layout_diagram", diagram_id=identifier)
        assert arranged["moved"] == len(STEPS)
        found = await mended(agent, identifier)
        assert (found["total"], found["findings"]) == (0, [])

        read = await agent.call("read_diagram", diagram_id=identifier, format="reactflow")
        labels = {node["id"]: (node["type"], node["data"]["label"]) for node in read["nodes"]}
        assert labels == {ids[name]: step for name, step in STEPS.items()}
        ways = {(edge["source"], edge.get("label", ""), edge["target"]) for edge in read["edges"]}
        assert ways == {(ids[source], label, ids[target]) for source, label, target in WAYS}
        seen = await agent.call("get_changes", diagram_id=identifier, since_revision=0)
        assert {each["by"] for each in seen["changes"]} == {"you"}
        assert seen["revision"] == read["revision"]


# A person's diagram, reviewed while the person edits it ------------------------------------------


def orders() -> Diagram:
    """Five steps on top of each other, of which one leads nowhere."""
    labels = {
        "come": ("start", "Order comes in"),
        "check": ("decision", "Is it paid?"),
        "pack": ("process", "Pack the parcel"),
        "remind": ("process", "Remind them"),
        "done": ("end", "Parcel is gone"),
        "old": ("process", "Send a fax"),
    }
    nodes: dict[str, Element] = {
        name: {"type": kind, "position": {"x": 0, "y": 20 * place}, "data": {"label": label}}
        for place, (name, (kind, label)) in enumerate(labels.items())
    }
    ways = (("come", "check"), ("check", "pack"), ("check", "remind"), ("pack", "done"),
            ("old", "done"))  # fmt: skip
    edges: dict[str, Element] = {f"{a}-{b}": {"source": a, "target": b} for a, b in ways}
    return Diagram(title="Orders", nodes=nodes, edges=edges)


def moved(node: str, x: int, y: int) -> Operation:
    return Operation(nodes={node: Update({"/position": Set({"x": x, "y": y})})})


#: What the person does, in this order: drags two nodes, renames by typing, deletes, draws.
PERSONS: Final = (
    moved("done", 900, 700),
    Operation(nodes={"pack": Update({"/data/label": Text(["Weigh and ", "p"])})}),
    moved("come", -400, -200),
    Operation(nodes={"old": Delete()}, edges={"old-done": Delete()}),
    Operation(nodes={"remind": Update({"/data/label": Set("Send a reminder")})}),
    Operation(edges={"hers": Create({"source": "remind", "target": "check", "label": "paid"})}),
)


async def test_a_persons_diagram_is_mended_while_the_person_edits_it(world: McpWorld) -> None:
    before = orders()
    record = await world.serving.service.create(PERSON, diagram=before)
    async with world.agent("reviewer") as agent, at_the_canvas(world, record.id) as person:
        stale = await agent.call("check_diagram", diagram_id=record.id)
        assert "overlap" in stale["counts"]
        for edit in PERSONS[:2]:
            await person.edit(edit)
        await person.wait_revision(2)

        async def goes_on() -> None:
            for edit in PERSONS[2:]:
                await person.edit(edit)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(goes_on)
            labelled = await agent.call(
                "apply_changes",
                diagram_id=record.id,
                changes=[_edge_label("check-pack", "yes"), _edge_label("check-remind", "no")],
                base_revision=stale["revision"],
            )
            await agent.call("layout_diagram", diagram_id=record.id)
        assert labelled["merged"][0]["by"].endswith("(user)")
        await person.wait_revision((await world.serving.service.read(PERSON, record.id)).revision)

        seen = await agent.call("get_changes", diagram_id=record.id, since_revision=0)
        told = [line for each in seen["changes"] if each["by"] != "you" for line in each["did"]]
        for what in ("moved to 900,700", "moved to -400,-200", "deleted node old", "hers"):
            assert any(what in line for line in told), (what, told)
        await mended(agent, record.id)

        async def read() -> Diagram:
            return (await world.serving.service.read(PERSON, record.id)).diagram

        mended_to = await read()
        alone = before
        for edit in PERSONS:
            alone = apply(alone, edit)[0]
        assert mended_to.nodes.keys() == alone.nodes.keys()
        for name, node in alone.nodes.items():
            assert mended_to.nodes[name]["data"] == node["data"], "no word is lost"
        assert mended_to.nodes["done"]["position"] == {"x": 900, "y": 700}
        assert alone.edges.keys() <= mended_to.edges.keys()
        assert mended_to.edges["check-pack"]["label"] == "yes"

        await agent.call("undo_changes", diagram_id=record.id, since_revision=0)
        assert await read() == alone
        # Where both were at one node, it was about its place, or the person had deleted it.
        for each in person.conflicts:
            assert each["path"] == "/position" or each["kind"] == "delete_while_editing", each


def _edge_label(edge: str, label: str) -> Fields:
    return {"action": "update_edge", "edge_id": edge, "updates": {"label": label}}


# A file and a canvas kept in step ----------------------------------------------------------------

Meaning = tuple[dict[str, str], list[tuple[str, str, str]]]


def meaning(diagram: Diagram) -> Meaning:
    """What is said: texts by node, and where edges lead."""
    nodes = {name: node["data"]["label"] for name, node in diagram.nodes.items()}
    edges = [(e["source"], e["target"], e.get("label") or "") for e in diagram.edges.values()]
    return nodes, sorted(edges)


class MermaidFile:
    """A Mermaid text that somebody edits by hand, line by line."""

    def __init__(self, text: str, chance: random.Random) -> None:
        self.text = text
        self._chance = chance

    def edit(self, number: int) -> None:
        edits = (self._add, self._rename, self._add, self._cut, self._remove)
        edits[number % len(edits)](number)

    def _nodes(self) -> list[str]:
        return list(import_mermaid(self.text).nodes)

    def _add(self, number: int) -> None:
        after = self._chance.choice(self._nodes())
        self.text += f'  {after} -->|"{number}"| f{number}["From the file {number}"]\n'

    def _rename(self, number: int) -> None:
        label = self._chance.choice(re.findall(r'\["[^"]+"\]', self.text))
        assert self.text.count(label) == 1
        self.text = self.text.replace(label, f'["Renamed in the file {number}"]')

    def _cut(self, _: int) -> None:
        lines = self.text.splitlines(keepends=True)
        cut = self._chance.choice([line for line in lines if re.match(r"  \S+ --.*> \S+$", line)])
        lines.remove(cut)
        self.text = "".join(lines)

    def _remove(self, _: int) -> None:
        gone = re.compile(
            rf"(?<![\w-]){re.escape(self._chance.choice(self._nodes()[2:]))}(?![\w-])"
        )
        lines = self.text.splitlines(keepends=True)
        self.text = "".join(line for line in lines if not gone.search(line))


def canvas_edit(S: Diagram, number: int, chance: random.Random) -> Operation:
    """Something that a person does on the canvas."""
    node = chance.choice(list(S.nodes))
    match number % 5:
        case 0:
            return moved(node, chance.randint(0, 2_000), chance.randint(0, 2_000))
        case 1:
            element = {
                "type": "process",
                "position": {"x": number * 10, "y": -200},
                "data": {"label": f"From the canvas {number}"},
            }
            joined = {"source": node, "target": f"c{number}"}
            return Operation(
                nodes={f"c{number}": Create(element)}, edges={f"e{number}": Create(joined)}
            )
        case 2:
            label = Set(f"Renamed on the canvas {number}")
            return Operation(nodes={node: Update({"/data/label": label})})
        case 3 if S.edges:
            return Operation(edges={chance.choice(list(S.edges)): Delete()})
        case _:
            ends = {"source": node, "target": chance.choice(list(S.nodes))}
            return Operation(edges={f"e{number}": Create(ends)})


async def test_a_file_and_a_canvas_stay_in_step_for_a_hundred_edits_of_each(
    world: McpWorld,
) -> None:
    chance = random.Random(7)
    service = world.serving.service
    async with world.agent("keeper") as agent:
        text = "flowchart TD\n" + "".join(
            f'  n{i}["Step {i}"] --> n{i + 1}["Step {i + 1}"]\n' if i == 0 else
            f'  n{i} --> n{i + 1}["Step {i + 1}"]\n' for i in range(8)
        )  # fmt: skip
        identifier = await agent.new_diagram("In step", mermaid_syntax=text)
        for number in range(ROUNDS):
            read = await agent.call("read_diagram", diagram_id=identifier, format="mermaid")
            file = MermaidFile(read["mermaid_syntax"], chance)
            before = (await service.read(PERSON, identifier)).diagram
            assert meaning(import_mermaid(file.text)) == meaning(before)
            file.edit(number)
            written = await agent.call(
                "write_mermaid",
                diagram_id=identifier,
                mermaid_syntax=file.text,
                base_revision=read["revision"],
            )
            assert "overridden" not in written
            reading = await service.read(PERSON, identifier)
            after = reading.diagram
            assert meaning(after) == meaning(import_mermaid(file.text)), file.text
            for name in before.nodes.keys() & after.nodes.keys():
                assert after.nodes[name]["position"] == before.nodes[name]["position"]
            kept = before.edges.keys() & after.edges.keys()
            assert len(kept) >= min(len(before.edges), len(after.edges)) - number % 5 // 4 * 99
            await service.submit(PERSON, identifier, canvas_edit(after, number, chance), reading)
        assert (await service.read(PERSON, identifier)).revision == 2 * ROUNDS
