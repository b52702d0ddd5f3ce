"""What of a diagram a Mermaid text can say; two diagrams with one essence need one text."""

from collections import Counter
from typing import Final, TypeAlias

import msgspec

from gateway.mermaid.curves import edge_type
from gateway.mermaid.flow_graph import Graph
from gateway.mermaid.labels import quoted
from gateway.mermaid.shapes import WRITTEN
from gateway.mermaid.styles import edge_entries, edge_style, node_entries, node_style, style_of
from gateway.mermaid.writing import about, arrow_look, direction_at, edge_label, label_of, text_at
from ot.diagram import Diagram, Element

#: Type, label, parent, colours.
NodeEssence: TypeAlias = tuple[str, str, str | None, tuple[tuple[str, str], ...]]
#: Source, target, label, arrow, whether it moves, line, type.
EdgeEssence: TypeAlias = tuple[
    str, str, str, tuple[str, str, str], bool, tuple[tuple[str, str], ...], str
]


class Defaults(msgspec.Struct, frozen=True):
    """What a text gives to all that say nothing themselves: to nodes the entries of the class
    ``default``, to edges the style of ``linkStyle default``."""

    nodes: dict[str, str] = {}
    edges: Element = {}


NO_DEFAULTS: Final = Defaults()


def label_key(label: str) -> str:
    """What is the same for labels that look the same: white space beside line ends is no part."""
    lines = (line.strip() for line in quoted(label)[1:-1].split("<br/>"))
    return "\n".join(lines).strip()


def defaults_of(graph: Graph) -> Defaults:
    return Defaults(
        node_entries({"style": node_style(graph.classes.get("default", []))}),
        edge_style(graph.default_styles or []),
    )


def node_essence(
    element: Element, names: dict[str, str], is_group: bool, defaults: dict[str, str]
) -> NodeEssence:
    kind = element.get("type")
    if is_group or kind == "group":
        kind, defaults = "group", {}
    elif not isinstance(kind, str) or kind not in WRITTEN:
        kind = "process"
    parent = text_at(element, "parentId")
    return (
        kind,
        label_key(label_of(element)),
        names.get(parent) if isinstance(parent, str) else None,
        tuple(sorted((defaults | node_entries(element)).items())),
    )


def edge_essence(
    edge: Element, names: dict[str, str], defaults: Element | None = None
) -> EdgeEssence | None:
    """``None`` for an edge to nowhere. ``defaults`` is the style of edges that have no other."""
    source, target = text_at(edge, "source"), text_at(edge, "target")
    if not isinstance(source, str) or not isinstance(target, str):
        return None
    if source not in names or target not in names:
        return None
    if defaults:
        edge = {**edge, "style": defaults | style_of(edge)}
    look = arrow_look(edge)
    entries = () if look[2] == "~" else tuple(edge_entries(edge, None, look[2]).items())
    return (names[source], names[target], label_key(edge_label(edge)), look,
            edge.get("animated") is True and look[2] in "-=", entries, edge_type(edge))  # fmt: skip


def parents_of(diagram: Diagram) -> set[str]:
    """Ids of the nodes that other nodes stand in."""
    parents = (text_at(node, "parentId") for node in diagram.nodes.values())
    return {p for p in parents if isinstance(p, str) and p in diagram.nodes}


def nodes_essence(
    diagram: Diagram, names: dict[str, str], defaults: dict[str, str]
) -> dict[str, NodeEssence]:
    groups = parents_of(diagram)
    return {
        names[i]: node_essence(node, names, i in groups, defaults)
        for i, node in diagram.nodes.items()
    }


def edges_essence(
    diagram: Diagram, names: dict[str, str], defaults: Element
) -> Counter[EdgeEssence]:
    found = (edge_essence(edge, names, defaults) for edge in diagram.edges.values())
    return Counter(essence for essence in found if essence is not None)


def directions(diagram: Diagram, names: dict[str, str]) -> dict[str, str]:
    """The directions of the groups that have one, by name."""
    found = ((names[i], direction_at(about(node))) for i, node in diagram.nodes.items()
             if node.get("type") == "group")  # fmt: skip
    return {name: direction for name, direction in found if direction is not None}


def same_essence(
    a: Diagram,
    a_names: dict[str, str],
    b: Diagram,
    b_names: dict[str, str],
    defaults: Defaults,
) -> bool:
    """Whether ``a``, made of a text, says what ``b`` does, which may say less of directions, and
    whose elements without colours have those of ``defaults``."""
    if nodes_essence(a, a_names, defaults.nodes) != nodes_essence(b, b_names, defaults.nodes):
        return False
    if not directions(b, b_names).items() <= directions(a, a_names).items():
        return False
    return edges_essence(a, a_names, defaults.edges) == edges_essence(b, b_names, defaults.edges)
