"""Which edges and children hang on a node, kept up to date while a diagram is edited."""

from collections import defaultdict

from ot.diagram import Diagram, Element
from ot.references import edge_references, node_references


class Incidence:
    """Ids of edges and of children by node id, in the order they came in."""

    def __init__(self, diagram: Diagram) -> None:
        # Dicts without values are sets that keep their order.
        self.edges: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.children: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for identifier, edge in diagram.edges.items():
            self.replace_edge(identifier, None, edge)
        for identifier, node in diagram.nodes.items():
            self.replace_node(identifier, None, node)

    def replace_edge(self, identifier: str, old: Element | None, new: Element | None) -> None:
        if old is not None:
            for node in edge_references(old):
                self.edges[node].pop(identifier, None)
        if new is not None:
            for node in edge_references(new):
                self.edges[node][identifier] = None

    def replace_node(self, identifier: str, old: Element | None, new: Element | None) -> None:
        for parent in node_references(old):
            self.children[parent].pop(identifier, None)
        for parent in node_references(new):
            self.children[parent][identifier] = None
