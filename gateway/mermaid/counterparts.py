"""Which nodes and edges of a diagram are those that its text names.

A diagram made of its text has the ids that an import gives. One that was drawn, and whose text was
edited since, keeps its own: the names of its nodes that are not their ids are then kept with the
text, in ``data.mermaid.ids``, and edges, which have no names, are told by their ends and looks.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Final, TypeAlias

from gateway.mermaid.essence import EdgeEssence, edge_essence
from gateway.mermaid.flow_import import diagram_of, element_names
from gateway.mermaid.flowchart import Flowchart
from gateway.mermaid.writing import edge_name, text_at
from ot.diagram import Diagram, Element, Json

_Ends: TypeAlias = tuple[str | None, str | None]


def under_own_ids(chart: Flowchart, diagram: Diagram) -> tuple[Diagram, dict[str, str]]:
    """What the chart makes, with the ids that ``diagram`` has for the same nodes and edges, and the
    name in the text of each of these nodes."""
    made = diagram_of(chart)
    names = element_names(chart.graph)
    ids = node_ids(names, diagram)
    edges = {i: moved(edge, ids) for i, edge in made.edges.items()}
    edge_ids = _edge_ids(edges, diagram)
    made.nodes = {ids[i]: moved(node, ids) for i, node in made.nodes.items()}
    made.edges = {edge_ids[i]: edge for i, edge in edges.items()}
    return made, {ids[i]: name for i, name in names.items()}


def node_ids(names: dict[str, str], diagram: Diagram) -> dict[str, str]:
    """The id in the diagram of each node that its text makes; ``names`` has theirs in the text."""
    about = diagram.data.get("mermaid")
    kept: Json = about.get("ids") if isinstance(about, dict) else None
    plain = {identifier: identifier for identifier in names}
    if not isinstance(kept, dict):
        return plain
    ids = dict(plain)
    for identifier, name in names.items():
        own = kept.get(name)
        if isinstance(own, str) and own in diagram.nodes:
            ids[identifier] = own
    # No two nodes are one; a document may have been written by anybody.
    return ids if len(set(ids.values())) == len(ids) else plain


def _edge_ids(made: dict[str, Element], diagram: Diagram) -> dict[str, str]:
    """An edge that only leads elsewhere now is found by its id, one that is gone has none there."""
    known = diagram.edges
    if len({ends(edge) for edge in made.values()}) == len(made) and all(
        i in known and ends(known[i]) == ends(edge) for i, edge in made.items()
    ):
        return {identifier: identifier for identifier in made}
    matched = matched_edges(made, diagram)
    taken = set(matched.values())
    ids: dict[str, str] = {}
    for identifier in made:
        own = matched.get(identifier)
        if own is None:
            own = identifier if identifier not in taken else free_id(identifier, {*known, *taken})
            taken.add(own)
        ids[identifier] = own
    return ids


def matched_edges(made: dict[str, Element], diagram: Diagram) -> dict[str, str]:
    """The edge of the diagram for each that its text makes: of those with the same ends the one
    with the same name, or else that looks the same, and of these the one with the same id.

    ``made`` has the diagram's ids of nodes.
    """
    names = {identifier: identifier for identifier in diagram.nodes}
    left = _with_looks(diagram.edges, names)
    wanted = _with_looks(made, names)
    matched: dict[str, str] = {}
    for key in _KEYS:
        waiting: dict[Hashable, list[str]] = defaultdict(list)
        for identifier in reversed(left):
            waiting[key(identifier, *left[identifier])].append(identifier)
        for identifier in list(wanted):
            sought = key(identifier, *wanted[identifier])
            if sought is not None and waiting.get(sought):
                matched[identifier] = waiting[sought].pop()
                del left[matched[identifier]], wanted[identifier]
    return matched


def _with_looks(
    edges: dict[str, Element], names: dict[str, str]
) -> dict[str, tuple[Element, EdgeEssence]]:
    looks = ((i, edge, edge_essence(edge, names)) for i, edge in edges.items())
    return {i: (edge, look) for i, edge, look in looks if look is not None}


def _by_name(_: str, edge: Element, look: EdgeEssence) -> Hashable:
    name = edge_name(edge)
    return None if name is None else (name, look[:2])


#: What two edges have in common that are one, the surest first; nothing where it is ``None``.
_KEYS: Final[tuple[Callable[[str, Element, EdgeEssence], Hashable], ...]] = (
    _by_name,
    lambda identifier, _, look: (identifier, look),
    lambda _, __, look: look,
    lambda identifier, _, look: (identifier, look[:2]),
    lambda _, __, look: look[:2],
)


def ends(edge: Element) -> _Ends:
    return text_at(edge, "source"), text_at(edge, "target")


def moved(element: Element, ids: dict[str, str]) -> Element:
    """The element with other ids in the place of its own."""
    changed = {k: ids.get(element[k], element[k]) for k in ("parentId", "source", "target")
               if isinstance(element.get(k), str)}  # fmt: skip
    return {**element, **changed}


def free_id(identifier: str, taken: set[str]) -> str:
    """The id, or one like it that is not taken; it then is."""
    free, number = identifier, 2
    while free in taken:
        free, number = f"{identifier}-{number}", number + 1
    taken.add(free)
    return free
