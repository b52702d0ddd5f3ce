"""What differs between the diagram that a text makes and the one there is now."""

import msgspec

from gateway.mermaid.essence import (
    defaults_of,
    directions,
    edge_essence,
    node_essence,
    parents_of,
)
from gateway.mermaid.flow_graph import Graph
from gateway.mermaid.writing import text_at
from ot.diagram import Diagram, Element


class Changes(msgspec.Struct):
    """Nodes by name, edges by their number in the text."""

    gone: set[str]
    moved: set[str]
    relabelled: set[str]
    restyled: set[str]
    redirected: set[str]
    added: list[str]
    kept_edges: dict[int, str]
    changed_edges: set[int]
    restyled_edges: set[int]
    added_edges: list[str]


def compare(
    graph: Graph,
    base: Diagram,
    base_names: dict[str, str],
    diagram: Diagram,
    names: dict[str, str],
) -> Changes | None:
    if len(base.edges) != len(graph.edges):
        return None
    changes = Changes(set(), set(), set(), set(), set(), [], {}, set(), set(), [])
    changes.gone = {name for i, name in base_names.items() if i not in diagram.nodes}
    changes.added = [i for i in diagram.nodes if i not in base_names]
    defaults = defaults_of(graph)
    groups, base_groups = parents_of(diagram), {group.id for group in graph.groups}
    for identifier, name in base_names.items():
        if name in changes.gone:
            continue
        old = node_essence(base.nodes[identifier], base_names, False, defaults.nodes)
        new = node_essence(diagram.nodes[identifier], names, identifier in groups, defaults.nodes)
        if (old[0] == "group") != (new[0] == "group"):
            return None
        parent = _parent_left(base, identifier, diagram)
        if (base_names[parent] if parent else None) != new[2]:
            if name in base_groups:
                return None
            changes.moved.add(name)
        if old[:2] != new[:2]:
            changes.relabelled.add(name)
        if old[3] != new[3]:
            changes.restyled.add(name)
    said = directions(base, base_names)
    changes.redirected = {
        name for name, direction in directions(diagram, names).items()
        if name in base_groups and said.get(name) != direction
    }  # fmt: skip
    _compare_edges(base, diagram, base_names, names, defaults=defaults.edges, changes=changes)
    return changes


def _parent_left(base: Diagram, identifier: str, diagram: Diagram) -> str | None:
    """Where the node stands once the groups around it that are gone are taken away."""
    parent = text_at(base.nodes[identifier], "parentId")
    while parent is not None and parent not in diagram.nodes:
        parent = text_at(base.nodes[parent], "parentId")
    return parent if isinstance(parent, str) else None


def _compare_edges(
    base: Diagram,
    diagram: Diagram,
    base_names: dict[str, str],
    names: dict[str, str],
    *,
    defaults: Element,
    changes: Changes,
) -> None:
    for number, (identifier, edge) in enumerate(base.edges.items()):
        old = edge_essence(edge, base_names, defaults)
        new = edge_essence(diagram.edges.get(identifier, {}), names, defaults)
        if old is None or new is None or old[:2] != new[:2]:
            continue
        changes.kept_edges[number] = identifier
        if old[2:5] != new[2:5]:
            changes.changed_edges.add(number)
        if old[5:] != new[5:]:
            changes.restyled_edges.add(number)
    kept = set(changes.kept_edges.values())
    changes.added_edges = [
        i for i, edge in diagram.edges.items() if i not in kept and edge_essence(edge, names)
    ]
