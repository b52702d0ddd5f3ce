"""What the text that a diagram came from says of its elements, beyond what the document has.

Classes, entries of styles such as ``font-size``, and curves: a line that is written anew for an
element says these again.
"""

from collections.abc import Iterable
from typing import Final

from gateway.mermaid.curves import curve_to_write, edge_type, type_of_curve
from gateway.mermaid.flow_graph import Edge
from gateway.mermaid.flowchart import Flowchart
from gateway.mermaid.styles import (
    EDGE_KEYS,
    NODE_KEYS,
    edge_entries,
    edge_style,
    node_entries,
    other_entries,
    without_said,
)
from gateway.mermaid.writing import about, edge_name, write_link_style
from ot.diagram import Diagram, Element

#: The class that Mermaid gives to what has a link.
_CLICKABLE: Final = "clickable"


class Origin:
    """``base`` is the diagram that ``chart`` makes; without both there is no such text."""

    def __init__(self, chart: Flowchart | None, base: Diagram | None) -> None:
        self.graph = chart.graph if chart else None
        self.classes = self.graph.classes if self.graph else {}
        self.everywhere = self.graph.default_interpolate if self.graph else None
        self.edges: dict[str, Edge] = {}
        self.groups = {group.id: group for group in self.graph.groups} if self.graph else {}
        if self.graph and base and len(base.edges) == len(self.graph.edges):
            self.edges = dict(zip(base.edges, self.graph.edges, strict=True))

    def node_look(self, name: str, element: Element) -> tuple[list[str], list[str]]:
        """The classes that a node can stay in, and the entries its ``style`` has to say besides."""
        vertex = self.graph.vertices.get(name) if self.graph else None
        group = self.groups.get(name)
        if vertex is None and group is None:
            named = self._copied(element)
        else:
            named = [*(group.classes if group else []), *(vertex.classes if vertex else [])]
        left, alone = without_said(
            (name for name in named if name != _CLICKABLE),
            self.classes,
            node_entries(element),
            NODE_KEYS,
        )
        return left, [*alone, *other_entries(vertex.styles if vertex else [], NODE_KEYS)]

    def dropped_classes(self, name: str, element: Element) -> set[str]:
        """The classes that give a node a colour which it has no more."""
        vertex, group = self.graph.vertices.get(name) if self.graph else None, self.groups.get(name)
        named = {*(group.classes if group else ()), *(vertex.classes if vertex else ())}
        return named - set(self.node_look(name, element)[0]) - {_CLICKABLE}

    def _copied(self, element: Element) -> list[str]:
        """Classes of a node that was copied from another; only those that the text defines."""
        named = about(element).get("classes")
        known = named if isinstance(named, list) else []
        return [name for name in known if isinstance(name, str) and name in self.classes]

    def edge_classes(self, identifier: str, edge: Element) -> tuple[list[str], list[str]]:
        """As for nodes. An edge without an id can be in no class."""
        known = self.edges.get(identifier)
        named = known.classes if known else []
        if edge_name(edge) is None:
            return [], other_entries(self._entries(named), EDGE_KEYS)
        return without_said(named, self.classes, self._said(edge), EDGE_KEYS)

    def _said(self, edge: Element) -> Iterable[str]:
        return edge_entries(edge, {"strokeWidth": 1, "strokeDasharray": "1"})

    def _entries(self, named: Iterable[str]) -> list[str]:
        return [entry for name in named for entry in self.classes.get(name, [])]

    def link_style(self, place: int, identifier: str, edge: Element) -> str:
        """The ``linkStyle`` of an edge that stands at ``place``, or nothing."""
        known = self.edges.get(identifier)
        classes, alone = self.edge_classes(identifier, edge)
        defaults = self.graph.default_styles if self.graph else None
        inherited = edge_style([*(defaults or []), *self._entries(classes)])
        others = [*alone, *other_entries((known.styles if known else None) or [], EDGE_KEYS)]
        return write_link_style(place, edge, self._curve(known, edge), inherited, others)

    def _curve(self, known: Edge | None, edge: Element) -> str | None:
        in_data = known.data.get("curve") if known and edge_name(edge) else None
        if isinstance(in_data, str) and type_of_curve(in_data) == edge_type(edge):
            # Its own line says it.
            return None
        # What its own line says goes before what is said of all edges.
        otherwise = in_data if isinstance(in_data, str) else self.everywhere
        return curve_to_write(edge, known.interpolate if known else None, otherwise)
