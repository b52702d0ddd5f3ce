"""Small worlds: a few diagrams and every step that a person could take on them.

A world names its states and, for any state, its steps: operations valid there. Everything the
exhaustive check tries is made of these by composing two.
"""

from collections.abc import Callable, Iterator

import msgspec

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
    Unset,
    Update,
    Write,
)

Steps = Iterator[Operation]


class World(msgspec.Struct, frozen=True):
    """Diagrams to start from and the steps that can be taken on any diagram of this world."""

    name: str
    states: tuple[Diagram, ...]
    steps: Callable[[Diagram], Steps]


def on_node(identifier: str, change: Change) -> Operation:
    return Operation(nodes={identifier: change})


def on_edge(identifier: str, change: Change) -> Operation:
    return Operation(edges={identifier: change})


def write(path: str, value: Write) -> Update:
    return Update({path: value})


def edge(source: str, target: str, **rest: Json) -> Element:
    return {"source": source, "target": target, **rest}


def delete_node(S: Diagram, identifier: str, *, with_children: bool) -> Operation:
    """A node goes with its edges; its children become roots, or go too, and theirs."""
    gone = {identifier}
    while with_children:
        more = {child for child, node in S.nodes.items() if node.get("parentId") in gone} - gone
        if not more:
            break
        gone |= more
    nodes: Changes = {node: Delete() for node in sorted(gone)}
    for child, node in S.nodes.items():
        if child not in gone and node.get("parentId") in gone:
            nodes[child] = write("/parentId", Unset())
    edges: Changes = {
        name: Delete() for name, e in S.edges.items() if {e["source"], e["target"]} & gone
    }
    return Operation(nodes=nodes, edges=edges)


def _edge_steps(S: Diagram, names: tuple[str, ...], ends: tuple[str, ...]) -> Steps:
    here = [node for node in ends if node in S.nodes]
    for name in names:
        old = S.edges.get(name)
        if old is None:
            yield from (on_edge(name, Create(edge(x, y))) for x in here for y in here if x != y)
            continue
        yield on_edge(name, Delete())
        yield on_edge(name, write("/k", Set(1)))
        for node in here:
            yield on_edge(name, write("/source", Set(node)))
            yield on_edge(name, write("/target", Set(node)))
            yield on_edge(name, Replace(edge(node, node, k=2)))


def graph_steps(S: Diagram) -> Steps:
    """Two nodes, one that may come, two edges: collisions, rewiring, deletes with closure."""
    for name in ("n1", "n2", "n3"):
        if name not in S.nodes:
            yield on_node(name, Create({"k": 1}))
            yield on_node(name, Create({"k": 2}))
            continue
        yield delete_node(S, name, with_children=False)
        yield on_node(name, write("/k", Set(3)))
        yield on_node(name, write("/k", Set(5)))
        yield on_node(name, Replace({"k": 4}))
    yield from _edge_steps(S, ("e1", "e2"), ("n1", "n2", "n3"))


def parent_steps(S: Diagram) -> Steps:
    """Parents that come, go and are chosen anew."""
    for name in ("p", "q", "c", "d"):
        others = [node for node in S.nodes if node != name]
        if name not in S.nodes:
            yield on_node(name, Create({}))
            yield from (on_node(name, Create({"parentId": node})) for node in others)
            continue
        yield delete_node(S, name, with_children=False)
        yield delete_node(S, name, with_children=True)
        yield on_node(name, write("/parentId", Unset()))
        yield on_node(name, write("/parentId", Set(None)))
        for node in others:
            yield on_node(name, write("/parentId", Set(node)))
            yield on_node(name, Replace({"parentId": node, "k": 1}))


def path_steps(S: Diagram) -> Steps:
    """One element written at paths above and below each other."""
    if "n" not in S.nodes:
        yield on_node("n", Create({"data": {"a": {"b": "x"}}}))
        yield on_node("n", Create({"data": {"a": "y"}}))
        return
    yield on_node("n", Delete())
    yield on_node("n", Replace({"data": {"a": {"b": "z"}}}))
    values: dict[str, tuple[Json, ...]] = {
        "/data": ({"a": {"b": "u"}}, "flat"),
        "/data/a": ({"b": "v", "c": 1}, "text"),
        "/data/a/b": ("w", {"d": 1}),
        "/data/a/b/d": (2, "deep"),
        "/data/a/c": (1, "e"),
        "/data/c": (1, None),
    }
    for path, choices in values.items():
        if not isinstance(_at(S.nodes["n"], path.rsplit("/", 1)[0]), dict):
            continue
        yield on_node("n", write(path, Unset()))
        yield from (on_node("n", write(path, Set(value))) for value in choices)
        here = _at(S.nodes["n"], path)
        if isinstance(here, str):
            yield on_node("n", write(path, Text(["i"])))
            if here:
                yield on_node("n", write(path, Text([TextDelete(1)])))


def text_steps(S: Diagram) -> Steps:
    """One label, edited letter by letter."""
    label = S.nodes["n"].get("label")
    yield on_node("n", write("/label", Set("s")))
    yield on_node("n", write("/label", Unset()))
    if not isinstance(label, str):
        return
    for at in range(len(label) + 1):
        skip: list[int | str | TextDelete] = [at] if at else []
        yield on_node("n", write("/label", Text([*skip, "x"])))
        yield on_node("n", write("/label", Text([*skip, "😀"])))
        for span in range(1, min(3, len(label) - at) + 1):
            yield on_node("n", write("/label", Text([*skip, TextDelete(span)])))
            yield on_node("n", write("/label", Text([*skip, "r", TextDelete(span)])))


def property_steps(S: Diagram) -> Steps:
    """The diagram's own fields, which always exist."""
    yield Operation(write("/title", Set("t")))
    yield Operation(write("/kind", Set("mindmap")))
    yield Operation(write("/data/k", Set(1)))
    yield Operation(write("/data/k", Set(2)))
    yield Operation(write("/data/k", Unset()))
    yield Operation(write("/data", Set({"k": 3, "m": 1})))
    yield Operation(write("/description", Set(None)))
    yield Operation(write("/description", Set("d")))
    for title in ("u", "v"):
        yield Operation(Replace({"title": title, "description": None, "kind": "k", "data": {}}))
    for path, text in (("/title", S.title), ("/description", S.description)):
        if text is not None:
            yield Operation(write(path, Text(["i"])))
            yield Operation(write(path, Text([len(text), "j"] if text else ["j"])))
            if text:
                yield Operation(write(path, Text([TextDelete(1)])))


def mixed_steps(S: Diagram) -> Steps:
    """A little of everything at once: nodes, an edge, a parent, a label, a property."""
    for name in ("n", "m", "o"):
        node = S.nodes.get(name)
        if node is None:
            yield on_node(name, Create({"label": "new"}))
            yield from (on_node(name, Create({"parentId": p})) for p in S.nodes)
            continue
        yield delete_node(S, name, with_children=False)
        yield delete_node(S, name, with_children=True)
        yield on_node(name, Replace({"label": "other"}))
        yield on_node(name, write("/label", Set("set")))
        if node.get("label"):
            yield on_node(name, write("/label", Text(["t"])))
            yield on_node(name, write("/label", Text([TextDelete(1), "T"])))
        yield from (on_node(name, write("/parentId", Set(p))) for p in S.nodes if p != name)
    yield from _edge_steps(S, ("e", "f"), ("n", "m", "o"))
    yield Operation(write("/title", Set("t")))
    yield Operation(write("/title", Text(["i"])))


def _at(element: Json, path: str) -> Json:
    for key in path.split("/")[1:]:
        element = element.get(key) if isinstance(element, dict) else None
    return element


WORLDS = (
    World(
        "graph",
        (
            Diagram(),
            Diagram(nodes={"n1": {}, "n2": {}}),
            Diagram(nodes={"n1": {}, "n2": {}}, edges={"e1": edge("n1", "n2")}),
            Diagram(
                nodes={"n1": {}, "n2": {}, "n3": {}},
                edges={"e1": edge("n1", "n2"), "e2": edge("n2", "n3")},
            ),
        ),
        graph_steps,
    ),
    World(
        "parents",
        (
            Diagram(nodes={"p": {}, "q": {}}),
            Diagram(nodes={"p": {}, "c": {"parentId": "p"}}),
            Diagram(nodes={"p": {}, "q": {}, "c": {"parentId": "p"}}),
            Diagram(nodes={"p": {}, "q": {"parentId": "p"}, "c": {"parentId": "q"}}),
            Diagram(nodes={"p": {}, "q": {}, "c": {"parentId": "p"}, "d": {"parentId": "c"}}),
        ),
        parent_steps,
    ),
    World(
        "paths",
        (
            Diagram(),
            Diagram(nodes={"n": {}}),
            Diagram(nodes={"n": {"data": {"a": {"b": "x"}}}}),
            Diagram(nodes={"n": {"data": {"a": "y", "c": 1}}}),
            Diagram(nodes={"n": {"data": {"a": {"b": {"d": "z"}, "c": "f"}}}}),
        ),
        path_steps,
    ),
    World(
        "text",
        tuple(Diagram(nodes={"n": {"label": text}}) for text in ("", "a", "ab", "a😀c")),
        text_steps,
    ),
    World(
        "properties",
        (Diagram(), Diagram(title="T", description="D", data={"k": 0})),
        property_steps,
    ),
    World(
        "mixed",
        (
            Diagram(),
            Diagram(nodes={"n": {"label": "ab"}}),
            Diagram(nodes={"n": {"label": "ab"}, "m": {"parentId": "n"}}),
            Diagram(nodes={"n": {"label": "ab"}, "m": {}}, edges={"e": edge("n", "m")}),
            Diagram(
                nodes={"n": {"label": "ab"}, "m": {}, "o": {"parentId": "m"}},
                edges={"e": edge("n", "o")},
            ),
            Diagram(
                nodes={"n": {"label": "ab"}, "m": {"parentId": "n"}, "o": {"parentId": "m"}},
                edges={"e": edge("n", "m"), "f": edge("m", "o")},
            ),
        ),
        mixed_steps,
    ),
)
