"""Hypothesis drives clients, links, commits and crashes around the real core, in any order."""

from hypothesis import given, note, settings
from hypothesis import strategies as st

from actors.ports import Author, CommitOutcome, Policy
from ot.diagram import Diagram
from ot.operation import Changes, Create, Delete, Operation, Set, Text, TextDelete, Unset, Update
from property_tests.core_world import Replica, World

AUTHORS = (
    Author("user", "ann", "Ann"),
    Author("agent", "bot", "Bot"),
    Author("user", "cid", "Cid"),
)
POLICIES: tuple[Policy, ...] = ("later_wins", "humans_first", "agents_first")
START = Diagram(
    title="Start",
    nodes={
        "a": {"type": "process", "data": {"label": "alpha"}},
        "b": {"type": "process", "data": {"label": "beta"}, "parentId": "a"},
        "c": {"type": "process", "data": {"label": "gamma"}},
    },
    edges={"ab": {"source": "a", "target": "b"}, "bc": {"source": "b", "target": "c"}},
)


def draw_edit(data: st.DataObject, S: Diagram) -> Operation:
    """An operation that is valid on what the person sees."""
    nodes = sorted(S.nodes)
    kinds = ["create", "title"] + (["move", "label", "parent", "delete", "edge"] if nodes else [])
    kind = data.draw(st.sampled_from(kinds))
    name = data.draw(st.sampled_from("defg"))
    if kind == "title":
        return Operation(diagram=Update({"/title": Text([data.draw(st.sampled_from("xyz"))])}))
    if kind == "create":
        free = name not in S.nodes
        element = {"type": "note", "data": {"label": name}}
        return Operation(nodes={name: Create(element) if free else Update({"/z": Set(1)})})
    node = data.draw(st.sampled_from(nodes))
    if kind == "move":
        value = data.draw(st.integers(0, 3))
        return Operation(nodes={node: Update({"/position": Set({"x": value, "y": 0})})})
    if kind == "label":
        return Operation(nodes={node: Update({"/data/label": _typing(data, S, node)})})
    other = data.draw(st.sampled_from(nodes))
    if kind == "parent":
        return Operation(nodes={node: Update({"/parentId": Set(other)})})
    if kind == "edge":
        element = {"source": node, "target": other}
        free = name not in S.edges
        return Operation(edges={name: Create(element) if free else Delete()})
    return _deletion(S, node)


def _typing(data: st.DataObject, S: Diagram, node: str) -> Text:
    length = len(S.nodes[node]["data"]["label"])
    at = data.draw(st.integers(0, length))
    skip: list[int | str | TextDelete] = [at] if at else []
    if at < length and data.draw(st.booleans()):
        return Text([*skip, TextDelete(1)])
    return Text([*skip, data.draw(st.sampled_from(["p", "qq", "\N{GRINNING FACE}"]))])


def _deletion(S: Diagram, node: str) -> Operation:
    edges: Changes = {
        identifier: Delete()
        for identifier, edge in S.edges.items()
        if node in (edge["source"], edge["target"])
    }
    children: Changes = {
        identifier: Update({"/parentId": Unset()})
        for identifier, child in S.nodes.items()
        if child.get("parentId") == node and identifier != node
    }
    return Operation(nodes={node: Delete(), **children}, edges=edges)


def step(data: st.DataObject, world: World) -> None:
    replica = data.draw(st.sampled_from(world.replicas))
    possible = ["flush"]
    possible += ["edit"] * 3 if replica.client is not None else []
    possible += ["receive"] * 2 if replica.inbound else []
    possible += ["carry"] * 3 if replica.outbound else []
    possible += ["commit"] * 2 if world.committing else []
    possible += ["drop"] if replica.is_connected else ["connect"] * 2
    possible += ["crash"] if data.draw(st.integers(0, 20)) == 0 else []
    action = data.draw(st.sampled_from(possible))
    note(f"{replica.client_id}: {action}")
    act(data, world, replica, action)


def act(data: st.DataObject, world: World, replica: Replica, action: str) -> None:
    if action == "edit":
        assert replica.client is not None
        replica.edit(draw_edit(data, replica.client.diagram))
    elif action == "receive":
        replica.receive_one()
    elif action == "carry":
        world.carry_one(replica, twice=data.draw(st.booleans()))
    elif action == "commit":
        failed = data.draw(st.integers(0, 4)) == 0
        world.finish_commit(CommitOutcome.FAILED if failed else CommitOutcome.COMMITTED)
    elif action == "drop":
        world.disconnect(replica)
    elif action == "connect":
        world.connect(replica)
    elif action == "crash":
        world.crash()
    else:
        world.flush()


@settings(max_examples=300)
@given(st.data())
def test_whatever_happens_everybody_agrees_and_nothing_is_lost(data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from(POLICIES))
    world = World(START.copy(), policy)
    for author in AUTHORS:
        world.add(author).receive_one()
    for _ in range(data.draw(st.integers(10, 60))):
        step(data, world)
    world.settle()
    world.check_agreement()
