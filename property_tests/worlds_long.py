"""The worlds of the long profile: the same states and more, all the same steps and more."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from ot.diagram import Diagram
from ot.operation import Operation, Replace, Set, Text, Unset, Update
from property_tests.worlds import (
    WORLDS,
    Steps,
    World,
    edge,
    graph_steps,
    mixed_steps,
    on_edge,
    on_node,
    parent_steps,
    path_steps,
    property_steps,
    text_steps,
    write,
)

Profile: TypeAlias = Literal["short", "long"]


def _more_graph_steps(S: Diagram) -> Steps:
    """Nodes that lose a value and edges that go where they came from."""
    yield from graph_steps(S)
    for name in S.nodes:
        yield on_node(name, write("/k", Unset()))
    for name, e in S.edges.items():
        yield on_edge(name, Update({"/source": Set(e["target"]), "/target": Set(e["source"])}))
        yield on_edge(name, write("/k", Unset()))


def _more_parent_steps(S: Diagram) -> Steps:
    """Nodes that are written to as well, and replaced where their parent goes."""
    yield from parent_steps(S)
    for name in S.nodes:
        yield on_node(name, write("/k", Set(2)))
        yield on_node(name, Replace({"k": 3}))


def _more_path_steps(S: Diagram) -> Steps:
    """The same element with a second branch."""
    yield from path_steps(S)
    if "n" in S.nodes:
        yield on_node("n", write("/data", Unset()))
        yield on_node("n", write("/label", Set("l")))
        yield on_node("n", write("/label", Set({"b": "m"})))
        if isinstance(S.nodes["n"].get("label"), str):
            yield on_node("n", write("/label", Text(["i"])))


def _more_property_steps(S: Diagram) -> Steps:
    """Deeper into the diagram's data."""
    yield from property_steps(S)
    yield Operation(write("/data/m", Set({"x": 1})))
    yield Operation(write("/data/m", Unset()))
    if isinstance(S.data.get("m"), dict):
        yield Operation(write("/data/m/x", Set("y")))
        yield Operation(write("/data/m/x", Unset()))


def _more_mixed_steps(S: Diagram) -> Steps:
    """Labels and parents that go without their node, and parents that come by a replacement."""
    yield from mixed_steps(S)
    for name, node in S.nodes.items():
        yield on_node(name, write("/label", Unset()))
        yield on_node(name, write("/k", Set(1)))
        if "parentId" in node:
            yield on_node(name, write("/parentId", Unset()))
        yield from (on_node(name, Replace({"parentId": p})) for p in S.nodes if p != name)


_MORE: dict[str, tuple[Callable[[Diagram], Steps], tuple[Diagram, ...]]] = {
    "graph": (
        _more_graph_steps,
        (
            Diagram(nodes={"n1": {}}),
            Diagram(nodes={"n1": {}, "n2": {}}, edges={"e1": edge("n1", "n1")}),
            Diagram(
                nodes={"n1": {"k": 0}, "n2": {}},
                edges={"e1": edge("n1", "n2"), "e2": edge("n2", "n1")},
            ),
            Diagram(nodes={"n1": {}, "n2": {}, "n3": {}}),
            Diagram(nodes={"n1": {}, "n2": {}, "n3": {}}, edges={"e2": edge("n2", "n3", k=0)}),
            Diagram(
                nodes={"n1": {"k": 0}, "n2": {}, "n3": {}},
                edges={"e1": edge("n1", "n3", k=0), "e2": edge("n2", "n3")},
            ),
        ),
    ),
    "parents": (
        _more_parent_steps,
        (
            Diagram(nodes={"p": {}}),
            Diagram(nodes={"p": {}, "c": {"parentId": "p"}, "d": {"parentId": "p"}}),
            Diagram(nodes={"p": {}, "q": {}, "c": {"parentId": "p"}, "d": {"parentId": "q"}}),
            Diagram(nodes={"p": {}, "q": {}, "c": {"parentId": "p"}, "d": {"parentId": "p"}}),
        ),
    ),
    "paths": (
        _more_path_steps,
        (
            Diagram(nodes={"n": {"label": "l"}}),
            Diagram(nodes={"n": {"data": {"a": {"b": "x", "c": "y"}, "c": 2}, "label": "l"}}),
            Diagram(nodes={"n": {"data": {"a": {"b": {"d": "z"}}}, "label": {"b": "m"}}}),
        ),
    ),
    "text": (
        text_steps,
        tuple(Diagram(nodes={"n": {"label": text}}) for text in ("abcd", "😀b界d", "a😀c😀e")),
    ),
    "properties": (_more_property_steps, (Diagram(title="T", data={"k": 0, "m": {"x": 0}}),)),
    "mixed": (
        _more_mixed_steps,
        (
            Diagram(nodes={"n": {"label": "ab"}, "m": {"label": "c"}}),
            Diagram(
                nodes={"n": {}, "m": {"label": "ab"}, "o": {"parentId": "n"}},
                edges={"e": edge("n", "m")},
            ),
            Diagram(
                nodes={"n": {"label": "ab"}, "m": {"parentId": "n"}, "o": {"parentId": "n"}},
                edges={"e": edge("m", "o")},
            ),
            Diagram(
                nodes={"n": {"label": "ab"}, "m": {}, "o": {}},
                edges={"e": edge("n", "m"), "f": edge("n", "o")},
            ),
            Diagram(
                nodes={"n": {}, "m": {"label": "ab"}, "o": {"parentId": "m"}},
                edges={"e": edge("n", "m"), "f": edge("o", "n", k=0)},
            ),
            Diagram(
                nodes={"n": {"k": 0}, "m": {"parentId": "n"}, "o": {"label": "a", "parentId": "n"}},
                edges={"e": edge("m", "o"), "f": edge("o", "m")},
            ),
            Diagram(
                nodes={"n": {"label": "ab"}, "m": {"label": "c"}, "o": {"parentId": "n"}},
                edges={"e": edge("o", "m"), "f": edge("n", "m")},
            ),
            Diagram(
                nodes={"n": {"parentId": "o"}, "m": {"label": "😀"}, "o": {}},
                edges={"e": edge("m", "m"), "f": edge("n", "o")},
            ),
        ),
    ),
}


def _longer(world: World) -> World:
    steps, states = _MORE[world.name]
    return World(world.name, (*world.states, *states), steps)


#: By profile: its worlds. No diagram stands twice in one world.
PROFILES: dict[Profile, tuple[World, ...]] = {
    "short": WORLDS,
    "long": tuple(map(_longer, WORLDS)),
}
