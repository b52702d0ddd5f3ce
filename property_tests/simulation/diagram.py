"""Our own type: diagrams, with edits that aim at few places so that they meet."""

from random import Random

import msgspec

from ot.apply import apply
from ot.compose import compose
from ot.diagram import Diagram, Element, json_equal
from ot.errors import OperationError
from ot.invert import invert
from ot.operation import (
    Change,
    Changes,
    Create,
    Delete,
    Operation,
    Replace,
    Set,
    Text,
    TextDelete,
    TextEdit,
    Unset,
    Update,
    Write,
)
from ot.transform import may_meet, transform
from ot.validate import check_operation
from ot.wire import wire_form
from property_tests.generate import make_operation
from property_tests.simulation.kinds import Json
from property_tests.simulation.laws import Violation
from property_tests.worlds import delete_node

#: Beyond so many nodes and edges most edits delete something.
MOST_ELEMENTS = 12

_NODE_NAMES = ("a", "b", "c", "d", "e", "f")
_EDGE_NAMES = ("u", "v", "w", "x")
_LETTERS = ("p", "qq", "\N{GRINNING FACE}", " ", "é")
_COLOURS = ("red", "blue", None, 1, True, {"r": 1, "g": "2"})


class DiagramType:
    """Runs the real ``actors.core.Core`` and the real ``ot.client.Client``.

    ``is_wild``: some edits are whatever chance makes of all that an operation can be.
    """

    name = "diagram"

    def __init__(self, *, is_wild: bool = True) -> None:
        self.is_wild = is_wild

    def start(self, random: Random) -> Diagram:
        """Three nodes, one inside another, and two edges."""
        return Diagram(
            title="Start",
            nodes={
                "a": _new_node("alpha"),
                "b": {**_new_node("beta"), "parentId": "a"},
                "c": _new_node("gamma"),
            },
            edges={"u": {"source": "a", "target": "b"}, "v": {"source": "b", "target": "c"}},
        )

    def edit(self, random: Random, state: Diagram, who: int) -> Operation:
        nodes = list(state.nodes)
        if len(nodes) + len(state.edges) > MOST_ELEMENTS:
            name = random.choice(nodes)
            return delete_node(state, name, with_children=random.random() < 0.5)
        if not nodes:
            return _create(random, state)
        kind = random.randint(0, len(_EDITS) + 1 if self.is_wild else len(_EDITS) - 1)
        if kind < len(_EDITS):
            return _EDITS[kind](random, state)
        a = make_operation(random, state, 2)
        return a if _is_accepted(a) else _move(random, state)

    def apply(self, state: Diagram, op: Operation) -> Diagram:
        return apply(state, op)[0]

    def transform(self, a: Operation, b: Operation, a_wins: bool) -> Operation:
        return transform(a, b, a_wins)

    def compose(self, a: Operation, b: Operation) -> Operation:
        return compose(a, b)

    def invert(self, op: Operation, before: Diagram) -> Operation:
        return invert(apply(before, op)[1])

    def equal(self, s: Diagram, t: Diagram) -> bool:
        """As JSON. Replicas share most elements, and need not look into those."""
        return (
            (s.title, s.description, s.kind) == (t.title, t.description, t.kind)
            and json_equal(s.data, t.data)
            and _are_equal(s.nodes, t.nodes)
            and _are_equal(s.edges, t.edges)
        )

    def encode(self, value: Operation | Diagram) -> Json:
        return msgspec.to_builtins(value)

    def kinds_of(self, op: Operation) -> set[str]:
        out = {f"node {_name(change)}" for change in op.nodes.values()}
        out |= {f"edge {_name(change)}" for change in op.edges.values()}
        return out if op.diagram is None else {*out, f"diagram {_name(op.diagram)}"}

    def pairs_of(self, a: Operation, b: Operation) -> set[str]:
        """In the words of ``property_tests.meetings``."""
        if not may_meet(a, b):
            return set()
        out = {*_met("node", a.nodes, b.nodes), *_met("edge", a.edges, b.edges)}
        if a.diagram is not None and b.diagram is not None:
            out |= _met("diagram", {"": a.diagram}, {"": b.diagram})
        return out | _closures(a, b) | _closures(b, a)


def check_acyclic(S: Diagram) -> None:
    """Raises Violation where a node is its own ancestor."""
    for start in S.nodes:
        seen, at = {start}, S.nodes[start].get("parentId")
        while at is not None and at not in seen:
            seen.add(at)
            at = S.nodes[at].get("parentId")
        if at is not None:
            raise Violation("acyclic", f"{at} is its own ancestor")


def wire_operation(log: Operation) -> Operation:
    """The plain operation of a log form."""
    return wire_form(log)


def inverse_of(log: Operation) -> Operation:
    """What takes a log form back, as an operation to submit."""
    return wire_form(invert(log))


def _are_equal(elements: dict[str, Element], others: dict[str, Element]) -> bool:
    return elements.keys() == others.keys() and all(
        element is others[name] or json_equal(element, others[name])
        for name, element in elements.items()
    )


# What met --------------------------------------------------------------------------------------


def _name(struct: object) -> str:
    return type(struct).__name__.lower()


def _pair(x: object, y: object) -> str:
    return "/".join(sorted((_name(x), _name(y))))


def _met(family: str, a: Changes, b: Changes) -> set[str]:
    out: set[str] = set()
    for identifier, mine in a.items():
        theirs = b.get(identifier)
        if theirs is None:
            continue
        out.add(f"{family} {_pair(mine, theirs)}")
        if isinstance(mine, Update) and isinstance(theirs, Update):
            out |= _met_writes(mine, theirs) | _met_writes(theirs, mine)
    return out


def _met_writes(a: Update, b: Update) -> set[str]:
    out: set[str] = set()
    for path, write in a.writes.items():
        for other, theirs in b.writes.items():
            if path == other:
                out.add(f"write {_pair(write, theirs)}")
            elif other.startswith(path + "/"):
                out.add(f"write {_name(write)} above {_name(theirs)}")
    return out


def _closures(a: Operation, b: Operation) -> set[str]:
    """Where ``a`` deletes a node that ``b`` points at."""
    gone = [name for name, change in a.nodes.items() if type(change) is Delete]
    if not gone:
        return set()
    out = {
        f"delete node/{_name(change)} edge to it"
        for change in b.edges.values()
        if any(_points(change, key) in gone for key in ("source", "target"))
    }
    return out | {
        f"delete node/{_name(change)} child of it"
        for change in b.nodes.values()
        if _points(change, "parentId") in gone
    }


def _points(change: Change, key: str) -> Json:
    if isinstance(change, Create | Replace):
        return change.element.get(key)
    write = change.writes.get(f"/{key}") if isinstance(change, Update) else None
    return write.value if isinstance(write, Set) else None


def _is_accepted(a: Operation) -> bool:
    """Chance makes values that fit any path, and the server takes not all of them."""
    try:
        check_operation(a)
    except OperationError:
        return False
    return True


# Edits -----------------------------------------------------------------------------------------


def _new_node(label: str) -> Element:
    return {"type": "process", "position": {"x": 0, "y": 0}, "data": {"label": label}}


def _node(identifier: str, change: Change) -> Operation:
    return Operation(nodes={identifier: change})


def _write(random: Random, state: Diagram, path: str, write: Write) -> Operation:
    return _node(random.choice(list(state.nodes)), Update({path: write}))


def _move(random: Random, state: Diagram) -> Operation:
    position = {"x": random.randint(0, 3), "y": 0}
    return _write(random, state, "/position", Set(position))


def _type_text(random: Random, state: Diagram) -> Operation:
    name = random.choice(list(state.nodes))
    data = state.nodes[name].get("data")
    label = data.get("label") if isinstance(data, dict) else None
    if isinstance(label, str):
        return _node(name, Update({"/data/label": Text(_text_edit(random, label))}))
    if isinstance(data, dict):
        return _node(name, Update({"/data/label": Set("again")}))
    return _node(name, Update({"/data": Set({"label": "anew"})}))


def _text_edit(random: Random, text: str) -> TextEdit:
    at = random.randint(0, len(text))
    skip: TextEdit = [at] if at else []
    if at < len(text) and random.random() < 0.4:
        return [*skip, TextDelete(random.randint(1, min(3, len(text) - at)))]
    return [*skip, random.choice(_LETTERS)]


def _title(random: Random, state: Diagram) -> Operation:
    if random.random() < 0.3:
        return Operation(Update({"/title": Set(random.choice(("one", "two")))}))
    return Operation(Update({"/title": Text(_text_edit(random, state.title))}))


def _colour(random: Random, state: Diagram) -> Operation:
    if random.random() < 0.2:
        return _write(random, state, "/colour", Unset())
    return _write(random, state, "/colour", Set(random.choice(_COLOURS)))


def _create(random: Random, state: Diagram) -> Operation:
    """Under a name that anybody may choose; where it is taken, a replacement."""
    name = random.choice(_NODE_NAMES)
    element = _new_node(name)
    others = [each for each in state.nodes if each != name]
    if others and random.random() < 0.4:
        element["parentId"] = random.choice(others)
    return _node(name, Replace(element) if name in state.nodes else Create(element))


def _delete(random: Random, state: Diagram) -> Operation:
    name = random.choice(list(state.nodes))
    return delete_node(state, name, with_children=random.random() < 0.3)


def _connect(random: Random, state: Diagram) -> Operation:
    """A new edge, or an old one led elsewhere or removed."""
    nodes = list(state.nodes)
    name, source, target = (random.choice(each) for each in (_EDGE_NAMES, nodes, nodes))
    change: Change
    if name not in state.edges:
        change = Create({"source": source, "target": target})
    elif random.random() < 0.3:
        change = Delete()
    elif random.random() < 0.2:
        change = Replace({"source": source, "target": target, "label": "new"})
    else:
        change = Update({random.choice(("/source", "/target")): Set(target)})
    return Operation(edges={name: change})


def _parent(random: Random, state: Diagram) -> Operation:
    """Often enough one that closes a cycle."""
    if random.random() < 0.2:
        return _write(random, state, "/parentId", Unset())
    return _write(random, state, "/parentId", Set(random.choice(list(state.nodes))))


_EDITS = (_move, _type_text, _type_text, _title, _colour, _create, _delete, _connect, _parent)
