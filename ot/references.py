"""Which nodes an element points at: an edge at its two ends, a node at its parent."""

from collections import Counter
from itertools import chain

from ot.diagram import Diagram, Element, Json

#: Paths that name a node. They are written whole, never as text and never below.
EDGE_REFERENCES = ("/source", "/target")
PARENT_REFERENCE = "/parentId"
REFERENCES = frozenset({*EDGE_REFERENCES, PARENT_REFERENCE})

_INDEX = "_reference_counts"


def edge_references(edge: Element | None) -> tuple[Json, ...]:
    return () if edge is None else (edge.get("source"), edge.get("target"))


def node_references(node: Element | None) -> tuple[Json, ...]:
    parent = None if node is None else node.get("parentId")
    return () if parent is None else (parent,)


def reference_counts(diagram: Diagram) -> Counter[Json]:
    """How often each node is pointed at; built when first asked for, then kept up to date."""
    counts: Counter[Json] | None = diagram.__dict__.get(_INDEX)
    if counts is None:
        edges = map(edge_references, diagram.edges.values())
        nodes = map(node_references, diagram.nodes.values())
        # Counted in one go: an update for each element costs five times as much.
        counts = Counter(chain.from_iterable(chain(edges, nodes)))
        diagram.__dict__[_INDEX] = counts
    return counts


def has_reference_counts(diagram: Diagram) -> bool:
    return _INDEX in diagram.__dict__
