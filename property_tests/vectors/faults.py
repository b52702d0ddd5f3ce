"""Operations that break one rule each: on a diagram, or wherever they come."""

from collections.abc import Callable, Iterator
from random import Random
from typing import TypeAlias

from ot.diagram import Diagram, Element, Json
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
    Writes,
)
from ot.validate import (
    MAX_COMPONENTS,
    MAX_DEPTH,
    MAX_ID_LENGTH,
    MAX_KEY_LENGTH,
    MAX_STRING_LENGTH,
    MAX_TARGETS,
    MAX_VALUES,
)
from property_tests.generate import make_text, make_value

Fault: TypeAlias = Callable[[Random, Diagram], Operation]

_NOBODY = "nobody"


def _node(rnd: Random, S: Diagram) -> str:
    return rnd.choice(list(S.nodes))


def _update(writes: Callable[[Random, Diagram], Writes]) -> Fault:
    """An update of some node, of some edge or of the diagram, wherever the writes would fit."""

    def make(rnd: Random, S: Diagram) -> Operation:
        change = Update(writes(rnd, S))
        family = rnd.randint(0, 3)
        if family == 0 and S.edges:
            return Operation(edges={rnd.choice(list(S.edges)): change})
        if family == 1:
            return Operation(diagram=change)
        return Operation(nodes={_node(rnd, S): change})

    return make


def _on_node(change: Callable[[Random, Diagram], Change]) -> Fault:
    return lambda rnd, S: Operation(nodes={_node(rnd, S): change(rnd, S)})


def _on_edge(change: Callable[[Random, Diagram, str, Element], Change]) -> Fault:
    def make(rnd: Random, S: Diagram) -> Operation:
        name, edge = rnd.choice(list(S.edges.items()))
        return Operation(edges={name: change(rnd, S, name, edge)})

    return make


def _created_twice(rnd: Random, S: Diagram) -> Operation:
    if rnd.random() < 0.5:
        name, edge = rnd.choice(list(S.edges.items()))
        return Operation(edges={name: Create(edge)})
    return Operation(nodes={_node(rnd, S): Create({"k": make_value(rnd)})})


def _not_there(rnd: Random, S: Diagram) -> Operation:
    changes: tuple[Change, ...] = (Delete(), Replace({}), Update({"/k": Set(make_value(rnd))}))
    change: Changes = {_NOBODY: rnd.choice(changes)}
    return Operation(nodes=change) if rnd.random() < 0.5 else Operation(edges=change)


def _overlapping(rnd: Random, S: Diagram) -> Writes:
    below = rnd.choice(("/data/x", "/data/x/y", "/data/a~1b", "/data/"))
    write: Write = rnd.choice((Set(make_value(rnd)), Unset()))
    writes = [("/data", Set({"x": {}})), (below, write)]
    return dict(writes if rnd.random() < 0.5 else reversed(writes))


def _no_map_above(rnd: Random, S: Diagram) -> Writes:
    path = rnd.choice(("/type/x", "/kind/x", "/nothing/x", "/nothing/x/y"))
    return {path: rnd.choice((Set(make_value(rnd)), Unset(), Text(["x"])))}


def _no_path(rnd: Random, S: Diagram) -> Writes:
    path = rnd.choice(("", "data", "data/label", "/a~", "/a~2", "/~x", "/" * 33))
    return {path: rnd.choice((Set(make_value(rnd)), Unset()))}


def _no_text(rnd: Random, S: Diagram) -> Change:
    path = rnd.choice(("/position", "/position/x", "/nothing", "/data"))
    return Update({path: Text([make_text(rnd) or "x"])})


def _bad_edit(rnd: Random, S: Diagram) -> Change:
    wrong: tuple[int | str | TextDelete, ...] = (0, -1, "", TextDelete(0), TextDelete(""))
    edit: TextEdit = ["x", rnd.choice((*wrong, TextDelete(-2))), "y"]
    return Update({"/type": Text(edit)})


def _too_far(rnd: Random, S: Diagram) -> Change:
    past = len("process") + rnd.randint(1, 3)
    edits: tuple[TextEdit, ...] = ([past, "x"], [TextDelete(past)], [1, TextDelete(past - 1)])
    return Update({"/type": Text(rnd.choice(edits))})


def _bad_properties(rnd: Random, S: Diagram) -> Operation:
    whole = S.properties()
    wrong: tuple[Operation, ...] = (
        Operation(Update({"/title": Set(rnd.choice((None, 1, [])))})),
        Operation(Update({"/kind": rnd.choice((Set(True), Set({})))})),
        Operation(Update({"/description": Set(rnd.choice((0, False, {})))})),
        Operation(Update({"/data": Set(rnd.choice((None, "x", [])))})),
        Operation(Update({rnd.choice(("/title", "/kind", "/description", "/data")): Unset()})),
        Operation(Update({"/extra": Set(make_value(rnd))})),
        Operation(Replace({**whole, "extra": 1})),
        Operation(Replace({key: whole[key] for key in ("title", "kind", "data")})),
    )
    return rnd.choice(wrong)


def _no_end(rnd: Random, S: Diagram, name: str, edge: Element) -> Change:
    end = rnd.choice(("source", "target"))
    wrong: Json = rnd.choice((_NOBODY, None, 7, ["n0"]))
    changes: tuple[Change, ...] = (
        Update({f"/{end}": Set(wrong)}),
        Update({f"/{end}": Unset()}),
        Replace({**edge, end: wrong}),
        Replace({"source": edge["source"]}),
    )
    return rnd.choice(changes)


def _no_parent(rnd: Random, S: Diagram) -> Operation:
    wrong: Json = rnd.choice((_NOBODY, "", 7, False))
    changes: tuple[tuple[str, Change], ...] = (
        (_node(rnd, S), Update({"/parentId": Set(wrong)})),
        (_node(rnd, S), Replace({"parentId": wrong})),
        ("new", Create({"parentId": wrong})),
    )
    return Operation(nodes=dict((rnd.choice(changes),)))


def _still_pointed_at(rnd: Random, S: Diagram) -> Operation:
    ends = [edge[end] for edge in S.edges.values() for end in ("source", "target")]
    parents = [node["parentId"] for node in S.nodes.values() if node.get("parentId")]
    return Operation(nodes={rnd.choice([*ends, *parents]): Delete()})


#: By the code with which ``apply`` refuses what each makes. The diagram has an edge and two nodes.
FAULTS: tuple[tuple[str, Fault], ...] = (
    ("already_exists", _created_twice),
    ("not_found", _not_there),
    ("empty_update", _update(lambda rnd, S: {})),
    ("overlapping_paths", _update(_overlapping)),
    ("parent_not_an_object", _update(_no_map_above)),
    ("invalid_path", _update(_no_path)),
    ("not_a_text", _on_node(_no_text)),
    ("not_a_text", _on_edge(lambda rnd, S, name, edge: Update({"/source": Text(["x"])}))),
    ("invalid_text_edit", _on_node(_bad_edit)),
    ("text_out_of_range", _on_node(_too_far)),
    ("invalid_properties", _bad_properties),
    ("missing_endpoint", _on_edge(_no_end)),
    ("missing_parent", _no_parent),
    ("still_referenced", _still_pointed_at),
)


def _nested(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = [value]
    return value


def _set(value: Json, path: str = "/data") -> Operation:
    return Operation(nodes={"n": Update({path: Set(value)})})


def out_of_bounds() -> Iterator[Operation]:
    """What ``check_operation`` refuses, at each bound one step outside it."""
    for name in ("", "x" * (MAX_ID_LENGTH + 1), "a\nb", "\u202e"):
        yield Operation(nodes={name: Create({})})
        yield Operation(edges={name: Delete()})
    for key in ("id", "selected", "dragging", "measured"):
        yield Operation(nodes={"n": Create({key: 1})})
        yield Operation(edges={"e": Replace({key: 1})})
        yield Operation(nodes={"n": Update({f"/{key}": Unset()})})
        yield Operation(nodes={"n": Update({f"/{key}/x": Set(1)})})
    yield _set(_nested(MAX_DEPTH))
    yield _set([0] * MAX_VALUES)
    yield _set("x" * (MAX_STRING_LENGTH + 1))
    yield _set({"k" * (MAX_KEY_LENGTH + 1): 1})
    yield _set(1, "/" + "k" * (MAX_KEY_LENGTH + 1))
    yield _set(["nul \0 inside"])
    yield _set({"nul \0 inside": 1})
    yield _set(1, "/nul \0 inside")
    yield from _bad_writes()
    yield from _bad_shapes()
    yield Operation(nodes={f"n{number}": Delete() for number in range(MAX_TARGETS + 1)})
    yield Operation(diagram=Replace({"data": _nested(MAX_DEPTH)}))
    yield Operation(diagram=Update({"/title": Set("\0")}))


def _bad_writes() -> Iterator[Operation]:
    many: TextEdit = ["x", 1]
    edits: tuple[TextEdit, ...] = (
        [*many * (MAX_COMPONENTS // 2), "x"],
        [MAX_STRING_LENGTH, TextDelete(1)],
        ["x" * (MAX_STRING_LENGTH + 1)],
        ["nul \0 inside"],
        [0, "x"],
    )
    yield from (Operation(nodes={"n": Update({"/label": Text(edit)})}) for edit in edits)
    yield Operation(nodes={"n": Update({})})
    yield Operation(nodes={"n": Update({"/data": Unset(), "/data/x": Unset()})})
    yield from (_set(1, path) for path in ("", "data", "/a~", "/" * 33, "/" + "x" * 1_024))


def _bad_shapes() -> Iterator[Operation]:
    """Positions that are none, and a diagram's text that is no text."""
    for position in (None, "here", {"x": 1}, {"x": 1, "y": "2"}, {"x": True, "y": 2}, [1, 2]):
        yield Operation(nodes={"n": Create({"position": position})})
        yield Operation(nodes={"n": Replace({"position": position})})
        yield _set(position, "/position")
    for axis in ("x", "y"):
        yield _set("1", f"/position/{axis}")
        yield Operation(nodes={"n": Update({f"/position/{axis}": Unset()})})
    for text in (None, 1, ["t"]):
        yield Operation(diagram=Update({"/data/text": Set(text)}))
        yield Operation(diagram=Update({"/data": Set({"text": text})}))
        yield Operation(diagram=Replace({"data": {"text": text}}))
