"""A diagram made ready to be drawn: what is visible, where it stands and what it looks like."""

from functools import cached_property

from gateway.geometry.boxes import Box, bounds
from gateway.geometry.edge_labels import edge_label_lines
from gateway.geometry.fields import string_at
from gateway.geometry.routes import Route, route_edge, turns_of
from gateway.geometry.scene import Scene
from gateway.render.edges import line_box
from gateway.render.labels import edge_plate
from gateway.render.options import Around, RenderError
from gateway.render.paint_order import by_id
from ot.diagram import Diagram, Element


class Stage:
    """Everything about one diagram that does not depend on the picture's size or colours."""

    def __init__(self, diagram: Diagram) -> None:
        self.scene = Scene(diagram.nodes)
        self.nodes = [
            identifier
            for identifier in sorted(diagram.nodes, key=by_id)
            if diagram.nodes[identifier].get("hidden") is not True
        ]
        self.elements = diagram.edges
        self.routes: dict[str, Route] = {}
        self.labels: dict[str, tuple[str, ...]] = {}
        self._turns = turns_of(diagram.edges)
        shown = frozenset(self.nodes)
        for identifier in sorted(diagram.edges, key=by_id):
            self._place_edge(identifier, diagram.edges[identifier], shown)

    def _place_edge(self, identifier: str, edge: Element, shown: frozenset[str]) -> None:
        """Edges that are hidden, or that miss a node, are not drawn."""
        if edge.get("hidden") is True or not shown.issuperset(self._ends(edge)):
            return
        route = route_edge(self.scene, edge, self._turns.get(identifier, 0))
        if route is not None:
            self.routes[identifier] = route
            self.labels[identifier] = edge_label_lines(edge)

    @staticmethod
    def _ends(edge: Element) -> tuple[str, str]:
        return string_at(edge, "source") or "", string_at(edge, "target") or ""

    @cached_property
    def edge_boxes(self) -> dict[str, Box]:
        """What each edge covers, its label included."""
        return {key: self._edge_box(key) for key in self.routes}

    def _edge_box(self, identifier: str) -> Box:
        line = line_box(self.routes[identifier].path)
        plate = self.plate(identifier)
        return line if plate is None else bounds((line, plate))

    def plate(self, identifier: str) -> Box | None:
        """The box behind the text at an edge, if it has any."""
        lines = self.labels[identifier]
        return edge_plate(lines, self.routes[identifier].path.label) if lines else None

    def around(self, view: Around) -> set[str]:
        """The nodes the view is about: those it names and their neighbours."""
        for identifier in view.nodes:
            if identifier not in self.scene.boxes:
                message = "There is no node with this id; read the diagram for those there are."
                raise RenderError("not_found", message, f"view/nodes/{identifier}")
        found = set(view.nodes)
        for _ in range(view.hops):
            found |= self._neighbours(found)
        return found

    def _neighbours(self, nodes: set[str]) -> set[str]:
        found: set[str] = set()
        for identifier in self.routes:
            source, target = self._ends(self.elements[identifier])
            if source in nodes or target in nodes:
                found |= {source, target}
        return found

    def joins(self, identifier: str, nodes: frozenset[str]) -> bool:
        """Whether both ends of the edge are among the nodes."""
        return nodes.issuperset(self._ends(self.elements[identifier]))
