"""Undoing leads exactly back where nobody else has edited; what others have written stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from actors.ports import Author, JournalEntry
from gateway.undoing import UNDO_LABEL, OwnOperations, Span, Undoing, UndoPlan, undone_by
from ot.apply import apply
from ot.conflicts import value_at
from ot.diagram import Diagram, Element, Json, json_equal
from ot.errors import OperationError
from ot.operation import Change, Create, Delete, Operation, Replace, Set, Text, Unset, Update
from property_tests.generate import make_diagram, make_operation
from property_tests.strategies import choices
from tests.ot.build import edge, on_edge, on_node, sets, texts

ME = Author("agent", "me", "Me")
ADA = Author("user", "ada", "Ada")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """A diagram, its journal, and every state it has had."""

    def __init__(self, S: Diagram) -> None:
        self.states = [S]
        self.entries: list[JournalEntry] = []

    @property
    def head(self) -> Diagram:
        return self.states[-1]

    def do(self, author: Author, a: Operation, label: str = "edit", mark: str | None = None) -> int:
        T, log = apply(self.head, a)
        revision = len(self.states)
        self.entries.append(
            JournalEntry("d", revision, author, mark, 1 if mark else None, log, LONG_AGO, label)
        )
        self.states.append(T)
        return revision

    def standing(self) -> list[int]:
        """My revisions that could be undone, the newest first."""
        own = OwnOperations(ME)
        return [entry.revision for entry in reversed(self.entries) if own.stands(entry)]

    def plan(self, chosen: list[int]) -> UndoPlan:
        entries = self.entries[min(chosen) - 1 :]
        *_, plan = Undoing(ME, chosen, self.head.copy(), entries).steps()
        assert plan is not None
        return plan

    def undo(self, count: int = 1) -> UndoPlan:
        """Undoes my newest operations, as the tool does."""
        chosen = self.standing()[:count]
        plan = self.plan(chosen)
        span = Span(min(chosen), len(self.entries))
        self.do(ME, plan.operation, UNDO_LABEL, span.mark())
        return plan


def marked(a: Operation, number: int) -> Operation:
    """The operation with a character of its own for every text that it inserts."""
    sign = chr(0xE000 + number)

    def change_of(change: Change) -> Change:
        if not isinstance(change, Update):
            return change
        writes = {
            path: Text([sign if isinstance(part, str) else part for part in write.edit])
            if isinstance(write, Text)
            else write
            for path, write in change.writes.items()
        }
        return Update(writes)

    nodes = {key: change_of(change) for key, change in a.nodes.items()}
    edges = {key: change_of(change) for key, change in a.edges.items()}
    diagram = None if a.diagram is None else change_of(a.diagram)
    assert diagram is None or isinstance(diagram, Update | Replace)
    return Operation(diagram, nodes, edges)


def target(S: Diagram, family: str, identifier: str) -> Element | None:
    if family == "diagram":
        return S.properties()
    return (S.nodes if family == "node" else S.edges).get(identifier)


def changes_of(a: Operation) -> Iterator[tuple[str, str, Change]]:
    if a.diagram is not None:
        yield "diagram", "", a.diagram
    yield from (("node", key, change) for key, change in a.nodes.items())
    yield from (("edge", key, change) for key, change in a.edges.items())


def said(change: Change) -> dict[str, Json]:
    """Values by path that a change has written; of texts, what it has put in."""
    if isinstance(change, Create | Replace):
        return {
            f"/{key.replace('~', '~0').replace('/', '~1')}": value
            for key, value in change.element.items()
        }
    if isinstance(change, Update):
        return {
            path: write.value
            if isinstance(write, Set)
            else UNSET
            if isinstance(write, Unset)
            else write
            for path, write in change.writes.items()
        }
    return {}


def stands(element: Element, path: str, value: Json) -> bool:
    here = value_at(element, path)
    if isinstance(value, Text):
        signs = {part for part in value.edit if isinstance(part, str)}
        return isinstance(here, str) and bool(signs) and all(sign in here for sign in signs)
    if value is UNSET or here is UNSET:
        return here is value
    return json_equal(here, value)


def check_others_stay(world: World, before: Diagram, first: int) -> None:
    """What others have written since ``first`` and what stood before the undo still stands."""
    for family, identifier, changes in changes_since(world, first):
        was, now = (target(S, family, identifier) for S in (before, world.head))
        if isinstance(changes[-1], Delete):
            assert was is not None or now is None, identifier
            continue
        assert was is None or now is not None, identifier
        if was is None or now is None:
            continue
        for path, value in newest_said(changes):
            if stands(was, path, value):
                assert stands(now, path, value), (identifier, path)


def newest_said(changes: list[Change]) -> list[tuple[str, Json]]:
    """What was written last at each path; edits of one text are all there to stay."""
    out: list[tuple[str, Json]] = []
    for change in changes:
        for path, value in said(change).items():
            out = [
                (other, before)
                for other, before in out
                if (
                    not f"{other}/".startswith(f"{path}/")
                    and not f"{path}/".startswith(f"{other}/")
                )
                or (isinstance(before, Text) and isinstance(value, Text))
            ]
            out.append((path, value))
    return out


def changes_since(world: World, first: int) -> Iterator[tuple[str, str, list[Change]]]:
    """What others have done from then on before the undo, to each target since it was made anew."""
    found: dict[tuple[str, str], list[Change]] = {}
    for entry in world.entries[first - 1 : -1]:
        for family, identifier, change in changes_of(entry.operation):
            is_new = isinstance(change, Create) and entry.label != UNDO_LABEL
            if is_new or (isinstance(change, Delete) and entry.author != ME):
                found.pop((family, identifier), None)
            if entry.author != ME:
                found.setdefault((family, identifier), []).append(change)
    yield from ((*place, changes) for place, changes in found.items())


@given(rnd=choices(), steps=st.integers(1, 8))
def test_without_others_the_diagram_is_exactly_as_before(rnd: Random, steps: int) -> None:
    world = World(make_diagram(rnd, rnd.randint(0, 4), rnd.randint(0, 4)))
    for _ in range(rnd.randint(0, 2)):
        world.do(ADA, make_operation(rnd, world.head))
    start = len(world.entries)
    for _ in range(steps):
        world.do(ME, make_operation(rnd, world.head))
    count = rnd.randint(1, steps)
    plan = world.undo(count)
    assert world.head == world.states[start + steps - count]
    assert plan.left == []


@given(rnd=choices(), steps=st.integers(1, 10))
def test_one_undo_after_another_goes_further_back_and_never_forth(rnd: Random, steps: int) -> None:
    """The model is a stack of states, as editors have it."""
    world = World(make_diagram(rnd, rnd.randint(0, 4), rnd.randint(0, 4)))
    stack = [world.head]
    for _ in range(steps):
        if len(stack) > 1 and rnd.random() < 0.5:
            count = rnd.randint(1, len(stack) - 1)
            world.undo(count)
            del stack[len(stack) - count :]
        else:
            world.do(ME, make_operation(rnd, world.head))
            stack.append(world.head)
        assert world.head == stack[-1]
        assert len(world.standing()) == len(stack) - 1


@given(rnd=choices(), steps=st.integers(2, 12))
def test_what_others_have_written_stays(rnd: Random, steps: int) -> None:
    world = World(make_diagram(rnd, rnd.randint(0, 4), rnd.randint(0, 4)))
    for number in range(steps):
        standing = world.standing()
        if standing and rnd.random() < 0.3:
            before, count = world.head, rnd.randint(1, len(standing))
            world.undo(count)
            check_others_stay(world, before, standing[count - 1])
            assert world.standing() == standing[count:]
        elif rnd.random() < 0.5:
            world.do(ME, make_operation(rnd, world.head))
        else:
            world.do(ADA, marked(make_operation(rnd, world.head), number))


NODES: dict[str, Element] = {
    "n": {"label": "one", "position": {"x": 0, "y": 0}},
    "m": {"label": "two"},
}


def shared() -> World:
    return World(Diagram(nodes=dict(NODES)))


def left_of(plan: UndoPlan) -> list[tuple[str, str, str, str]]:
    return [(left.target, left.id, left.path, left.author.name) for left in plan.left]


def test_a_node_that_others_have_connected_stays_and_that_is_told() -> None:
    world = shared()
    world.do(ME, Operation(nodes={"x": Create({"label": "mine"}), "m": sets(label="also mine")}))
    world.do(ADA, on_edge(Create(edge("n", "x"))))
    plan = world.undo()
    assert world.head.nodes == {**NODES, "x": {"label": "mine"}}
    assert world.head.edges == {"e": edge("n", "x")}
    assert left_of(plan) == [("node", "x", "", "Ada")]


def test_a_group_stays_while_others_hold_one_of_its_children() -> None:
    world = shared()
    group = {"g": Create({}), "c": Create({"parentId": "g"}), "d": Create({"parentId": "g"})}
    world.do(ME, Operation(nodes=dict(group)))
    world.do(ADA, on_node(sets(label="hers"), "c"))
    plan = world.undo()
    assert world.head.nodes.keys() == {"n", "m", "g", "c"}
    assert left_of(plan) == [("node", "c", "", "Ada"), ("node", "g", "", "Ada")]


def test_a_value_that_others_have_written_since_stays_and_the_rest_goes_back() -> None:
    world = shared()
    world.do(ME, on_node(sets(label="mine", color="red")))
    world.do(ADA, on_node(sets(label="hers")))
    plan = world.undo()
    assert world.head.nodes["n"] == {**NODES["n"], "label": "hers"}
    assert left_of(plan) == [("node", "n", "/label", "Ada")]


def test_typing_of_others_in_a_text_stays_in_it() -> None:
    world = shared()
    world.do(ME, on_node(texts(["Mine: "])))
    world.do(ADA, on_node(texts([8, "!"])))
    plan = world.undo()
    assert world.head.nodes["n"]["label"] == "on!e"
    assert plan.left == []


def test_typing_of_others_in_a_text_that_replaced_one_stays() -> None:
    world = shared()
    world.do(ME, on_node(sets(label="mine")))
    world.do(ADA, on_node(texts(["Ada: "])))
    plan = world.undo()
    assert world.head.nodes["n"]["label"] == "Ada: one"
    assert plan.left == []


def test_what_others_have_deleted_does_not_come_back() -> None:
    world = shared()
    world.do(ME, on_node(sets(label="mine")))
    world.do(ADA, on_node(Delete()))
    plan = world.undo()
    assert "n" not in world.head.nodes
    assert left_of(plan) == [("node", "n", "", "Ada")]


def test_an_edge_to_a_node_that_others_have_deleted_does_not_come_back() -> None:
    world = World(Diagram(nodes=dict(NODES), edges={"e": edge("n", "m"), "f": edge("n", "n")}))
    world.do(ME, Operation(edges={"e": Delete(), "f": sets(source="m", target="m")}))
    world.do(ADA, on_node(Delete()))
    plan = world.undo()
    assert (set(world.head.nodes), world.head.edges) == ({"m"}, {"f": edge("m", "m")})
    assert sorted(left_of(plan)) == [("edge", "e", "", "Ada"), ("edge", "f", "", "Ada")]


def test_a_node_that_others_have_moved_in_its_new_group_stays_there() -> None:
    world = shared()
    world.do(ME, on_node(sets(parentId="m", position={"x": 5, "y": 5})))
    world.do(ADA, on_node(sets(position={"x": 7, "y": 7})))
    world.undo()
    moved = world.head.nodes["n"]
    assert (moved["parentId"], moved["position"]) == ("m", {"x": 7, "y": 7})


def test_an_operation_made_while_an_undo_was_on_its_way_is_undone_by_itself() -> None:
    world = shared()
    world.do(ME, on_node(sets(label="first")))
    world.do(ME, on_node(sets(color="second")))
    world.do(ME, on_node(sets(label="one")), UNDO_LABEL, Span(1, 1).mark())
    assert world.standing() == [2]
    world.undo()
    assert world.head.nodes == NODES


def test_a_value_above_one_that_others_have_written_stays() -> None:
    world = shared()
    world.do(ME, on_node(sets(data={"k": 1})))
    world.do(ADA, on_node(sets(data__own=2)))
    world.undo()
    assert world.head.nodes["n"]["data"] == {"k": 1, "own": 2}


def test_a_mark_is_only_believed_of_an_undo() -> None:
    entry = JournalEntry("d", 9, ME, Span(3, 8).mark(), 1, Operation(), LONG_AGO, UNDO_LABEL)
    assert undone_by(entry) == Span(3, 8)
    assert undone_by(msgspec.structs.replace(entry, label="submit")) is None
    assert undone_by(msgspec.structs.replace(entry, client_id="undo:3-8x")) is None


def test_there_is_a_bound_to_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.undoing.MAX_UNDO_WORK", 3)
    world = shared()
    world.do(ME, on_node(sets(label="mine")))
    world.do(ADA, on_node(sets(color="red")))
    with pytest.raises(OperationError) as caught:
        world.undo()
    assert caught.value.code == "too_much_to_undo"
