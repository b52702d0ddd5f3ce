"""Random diagrams and operations that are valid on them, from any source of choices.

The source is a ``random.Random``: Hypothesis hands in one whose choices it can shrink, a fuzzer one
with a seed. Nothing here calls ``ot.apply``: validity is made by repairing references by hand.
"""

from random import Random

from ot.diagram import Diagram, Element, Json
from ot.operation import (
    Change,
    Changes,
    Create,
    Delete,
    Operation,
    PropertiesChange,
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
from ot.pointer import join
from property_tests.model import path_keys, span_of

_POINTS = "ab c\né界😀𝔘~/"
_KEYS = ("label", "color", "a/b", "m~n", "", "clé", "x", "y", "deep")
_REFERENCES = {"/source", "/target", "/parentId"}
_COORDINATES = {"/position/x", "/position/y"}
#: Ids that any author may choose for something new, so that choices collide.
_NEW_NODES = ("n0", "n1", "n2", "neu/1")
_NEW_EDGES = ("e0", "e1", "e~2")


def make_text(rnd: Random, longest: int = 12) -> str:
    return "".join(rnd.choice(_POINTS) for _ in range(rnd.randint(0, longest)))


def make_value(rnd: Random, depth: int = 3) -> Json:
    """A JSON value of up to ``depth`` levels; true, 1 and 1.5 all occur."""
    kind = rnd.randint(0, 9 if depth else 6)
    if kind <= 2:
        return make_text(rnd)
    if kind <= 6:
        return rnd.choice((None, True, False, 0, 1, -7, 1.5, 2**60))
    if kind == 7:
        return [make_value(rnd, depth - 1) for _ in range(rnd.randint(0, 3))]
    return {rnd.choice(_KEYS): make_value(rnd, depth - 1) for _ in range(rnd.randint(0, 3))}


def make_diagram(rnd: Random, nodes: int, edges: int) -> Diagram:
    """A valid diagram with ``nodes`` nodes and, if it has any, up to ``edges`` edges."""
    S = Diagram(
        title=make_text(rnd),
        description=rnd.choice((None, make_text(rnd))),
        kind=rnd.choice(("flowchart", "mermaid")),
        data={rnd.choice(_KEYS): make_value(rnd) for _ in range(rnd.randint(0, 2))},
    )
    for number in range(nodes):
        S.nodes[f"n{number}"] = _make_node(rnd, list(S.nodes)[-8:])
    here = list(S.nodes)
    for number in range(edges if here else 0):
        S.edges[f"e{number}"] = _make_edge(rnd, here)
    return S


def _make_node(rnd: Random, parents: list[str]) -> Element:
    node: Element = {
        "type": "process",
        "position": {"x": rnd.randint(0, 9), "y": rnd.randint(0, 9)},
        "data": {"label": make_text(rnd), rnd.choice(_KEYS): make_value(rnd, 2)},
    }
    if parents and rnd.random() < 0.4:
        node["parentId"] = rnd.choice(parents)
    elif rnd.random() < 0.1:
        node["parentId"] = None
    return node


def _make_edge(rnd: Random, nodes: list[str]) -> Element:
    edge: Element = {"source": rnd.choice(nodes), "target": rnd.choice(nodes)}
    if rnd.random() < 0.5:
        edge["data"] = {"label": make_text(rnd)}
    return edge


def make_large(seed: int) -> tuple[Diagram, Operation, Operation]:
    """100 to 400 nodes, twice as many edges, and two operations of up to 60 changes."""
    rnd = Random(seed)
    nodes = rnd.randint(100, 400)
    S = make_diagram(rnd, nodes, 2 * nodes)
    return S, make_operation(rnd, S, 60), make_operation(rnd, S, 60)


def make_text_edit(rnd: Random, text: str, most: int = 4) -> TextEdit:
    """An edit in normal form that fits ``text``; empty where chance leaves nothing to do."""
    out: TextEdit = []
    left = len(text)
    for _ in range(rnd.randint(1, most)):
        kind = rnd.randint(0, 2)
        last = type(out[-1]) if out else None
        if kind == 0 and last is not str:
            out.append(make_text(rnd, 3) or "+")
        elif left and kind == 1 and last is not int:
            out.append(rnd.randint(1, left))
        elif left and kind == 2 and last is not TextDelete:
            out.append(TextDelete(rnd.randint(1, min(left, 5))))
        else:
            continue
        left = len(text) - sum(span_of(part) for part in out if not isinstance(part, str))
    while out and isinstance(out[-1], int):
        out.pop()
    return out


def make_operation(rnd: Random, S: Diagram, most: int = 4) -> Operation:
    """A valid operation of up to ``most`` chosen changes and whatever has to go with them."""
    nodes: Changes = {}
    edges: Changes = {}
    properties: PropertiesChange | None = None
    for _ in range(rnd.randint(1, most)):
        family = rnd.randint(0, 9)
        if family <= 5:
            identifier = rnd.choice((*list(S.nodes)[:8], *_some(rnd, S.nodes), *_NEW_NODES))
            nodes[identifier] = _change(rnd, S.nodes.get(identifier), _any_node(rnd, S, nodes))
        elif family <= 8 and S.nodes:
            identifier = rnd.choice((*list(S.edges)[:4], *_some(rnd, S.edges), *_NEW_EDGES))
            edges[identifier] = _change(
                rnd, S.edges.get(identifier), _make_edge(rnd, _targets(S, nodes))
            )
        else:
            properties = _properties_change(rnd, S)
    _repair(rnd, S, nodes, edges)
    return Operation(properties, nodes, edges)


def twist(value: Json) -> Json:
    """The same with true for 1, 1 for true, and so for false and 0: equal to ``==`` alone.

    But for positions, which are numbers.
    """
    if isinstance(value, dict):
        return {key: item if key == "position" else twist(item) for key, item in value.items()}
    if isinstance(value, list):
        return [twist(item) for item in value]
    if isinstance(value, bool):
        return int(value)
    return bool(value) if type(value) is int and value in {0, 1} else value


def spoil(rnd: Random, S: Diagram, a: Operation) -> Operation:
    """``a`` with one change put in that breaks a rule of its own, whatever the references."""
    name = rnd.choice((*S.nodes, "nobody"))
    wrong: tuple[tuple[str, Change], ...] = (
        (name, Create({})) if name in S.nodes else (name, Delete()),
        (name, Update({})),
        (name, Update({"/data": Set({}), "/data/x": Set(1)})),
        (name, Update({"/data/label": Set("x"), "/data/label/a/b": Unset()})),
        (name, Update({"/parentId": Text(["n"])})),
        (name, Update({"/parentId": Set("nobody")})),
        (name, Update({"/type": Text([2**40, "x"])})),
        (name, Update({"/type": Text([TextDelete(1), ""])})),
        (name, Update({"/type/deeper": Set(1)})),
        (name, Update({"/missing/deeper": Unset()})),
        (name, Update({"/position": Text(["x"])})),
    )
    identifier, change = rnd.choice(wrong)
    if S.edges and rnd.random() < 0.2:
        identifier, edge = rnd.choice(list(S.edges.items()))
        edit: TextEdit = [edge["target"], TextDelete(len(edge["source"]))]
        return Operation(
            a.diagram, a.nodes, {**a.edges, identifier: Update({"/source": Text(edit)})}
        )
    return Operation(a.diagram, {**a.nodes, identifier: change}, a.edges)


def _some(rnd: Random, elements: dict[str, Element]) -> list[str]:
    names = list(elements)
    return [rnd.choice(names)] if names else []


def _targets(S: Diagram, nodes: Changes) -> list[str]:
    return [*list(S.nodes)[:8], *nodes]


def _any_node(rnd: Random, S: Diagram, nodes: Changes) -> Element:
    return _make_node(rnd, _targets(S, nodes))


def _change(rnd: Random, old: Element | None, fresh: Element) -> Change:
    if old is None:
        return Create(fresh)
    kind = rnd.randint(0, 9)
    if kind <= 1:
        return Delete()
    if kind <= 2:
        return Replace(fresh)
    return Update(_make_writes(rnd, old, fresh))


def _make_writes(rnd: Random, old: Element, fresh: Element) -> Writes:
    """One to three writes at paths that do not contain each other."""
    out: Writes = {}
    paths = list(_paths(old, ""))
    for _ in range(rnd.randint(1, 3)):
        path, inside = rnd.choice(paths)
        if inside is not None and (not path or rnd.random() < 0.5):
            path = join(path, rnd.choice((*_KEYS, *fresh) if not path else _KEYS))
            inside = None
        if all(not _overlap(path, other) for other in out):
            out[path] = _make_write(rnd, path, _value_at(old, path), fresh)
    return out


def _paths(value: Json, at: str) -> list[tuple[str, Element | None]]:
    """Every path with the map that stands there, if one does."""
    found: list[tuple[str, Element | None]] = [(at, value if isinstance(value, dict) else None)]
    if isinstance(value, dict):
        for key, item in value.items():
            found += _paths(item, join(at, key))
    return found


def _value_at(value: Json, path: str) -> Json:
    for key in path_keys(path):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _overlap(x: str, y: str) -> bool:
    return x == y or x.startswith(y + "/") or y.startswith(x + "/")


def _make_write(rnd: Random, path: str, was: Json, fresh: Element) -> Write:
    if path in _REFERENCES and path[1:] in fresh:
        return Set(fresh[path[1:]])
    if path in _REFERENCES:
        return Unset() if path == "/parentId" else Set(was)
    if path in _COORDINATES:
        return Set(_make_number(rnd))
    kind = rnd.randint(0, 9)
    if path == "/position" and kind < 9:
        return Set({"x": _make_number(rnd), "y": _make_number(rnd)})
    if isinstance(was, str) and kind <= 6:
        edit = make_text_edit(rnd, was)
        return Text(edit) if edit else Set("")
    return Unset() if kind == 9 else Set(make_value(rnd))


def _make_number(rnd: Random) -> int | float:
    return rnd.choice((0, 1, -7, 1.5, 2**60))


def _properties_change(rnd: Random, S: Diagram) -> PropertiesChange:
    if rnd.random() < 0.2:
        return Replace(make_diagram(rnd, 0, 0).properties())
    key = rnd.choice(("title", "description", "kind", "data"))
    old = S.properties()[key]
    if isinstance(old, str) and rnd.random() < 0.6 and (edit := make_text_edit(rnd, old)):
        return Update({f"/{key}": Text(edit)})
    if key == "data" and rnd.random() < 0.7:
        writes = _make_writes(rnd, old, {})
        return Update({f"/data{path}": write for path, write in writes.items()})
    if key == "data":
        return Update({"/data": Set({"fresh": make_value(rnd)})})
    return Update({f"/{key}": Set(make_text(rnd))})


def _repair(rnd: Random, S: Diagram, nodes: Changes, edges: Changes) -> None:
    """Makes the result whole: no edge without its ends, no node without its parent."""
    while True:
        here = {*S.nodes, *nodes} - {n for n, change in nodes.items() if type(change) is Delete}
        orphans = [
            name
            for name in sorted(here)
            if (parent := _reference(S.nodes.get(name), nodes.get(name), "parentId")) is not None
            and parent not in here
        ]
        if not orphans:
            break
        _repair_node(rnd, orphans[0], nodes)
    for name in sorted({*S.edges, *edges}):
        change = edges.get(name)
        ends = [_reference(S.edges.get(name), change, key) for key in ("source", "target")]
        if type(change) is not Delete and not here.issuperset(ends):
            if isinstance(change, Create):
                del edges[name]
            else:
                edges[name] = Delete()


def _reference(old: Element | None, change: Change | None, key: str) -> Json:
    if isinstance(change, Create | Replace):
        return change.element.get(key)
    write = change.writes.get(f"/{key}") if isinstance(change, Update) else None
    if isinstance(write, Set):
        return write.value
    return None if write is not None or old is None else old.get(key)


def _repair_node(rnd: Random, name: str, nodes: Changes) -> None:
    change = nodes.get(name)
    if isinstance(change, Create | Replace):
        element = {key: value for key, value in change.element.items() if key != "parentId"}
        nodes[name] = type(change)(element)
    elif rnd.random() < 0.5:
        nodes[name] = Delete()
    else:
        writes = change.writes if isinstance(change, Update) else {}
        nodes[name] = Update({**writes, "/parentId": Unset()})
