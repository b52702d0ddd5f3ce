"""A diagram in as few words as say what it means: a line for each node, then one for each edge.

``id: label [type]`` for nodes, those of a group indented below it; ``source -> target: label`` for
edges. What is left out is how it looks: positions, unless they are asked for, sizes, styles; and
the ids of edges, but where two lead the same way.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.geometry.boxes import Box
from gateway.geometry.fields import edge_label_of, label_of, type_of
from gateway.geometry.scene import Scene
from ot.diagram import Diagram, Element

#: Characters of a label in a line; what is longer ends in "...".
MAX_OUTLINED_LABEL: Final = 200
#: Groups inside groups that a line is indented for.
MAX_INDENT: Final = 12


def outline_of(diagram: Diagram) -> str:
    """The whole outline. A diagram that is Mermaid text is its own outline."""
    if diagram.kind == "mermaid":
        text = diagram.data.get("text")
        return text if isinstance(text, str) else ""
    nodes = node_lines(Scene(diagram.nodes), diagram.nodes, with_places=False)
    return "\n".join([*nodes, *edge_lines(diagram.edges, diagram.edges)])


def node_lines(scene: Scene, ids: Iterable[str], *, with_places: bool) -> Iterator[str]:
    """A line for each of the nodes, in the order of the whole tree of groups.

    ``with_places``: where it stands and how large it is, in whole flow units.
    """
    wanted = set(ids)
    for identifier in scene.outermost_first():
        if identifier in wanted:
            place = _place(scene.boxes[identifier]) if with_places else ""
            indent = "  " * min(MAX_INDENT, sum(1 for _ in scene.ancestors(identifier)))
            yield f"{indent}{_node(identifier, scene.nodes[identifier])}{place}"


def _node(identifier: str, element: Element) -> str:
    label, kind = one_line(label_of(element)), type_of(element)
    named = f"{identifier}: {label}" if label and label != identifier else identifier
    return named if kind == "default" else f"{named} [{one_line(kind)}]"


def _place(box: Box) -> str:
    return f" @{round(box.x)},{round(box.y)} {round(box.width)}x{round(box.height)}"


def edge_lines(
    edges: Mapping[str, Element], ids: Iterable[str], *, with_ids: bool = False
) -> Iterator[str]:
    """A line for each of the edges ``ids``, in their order."""
    ways = Counter((str(edge.get("source")), str(edge.get("target"))) for edge in edges.values())
    for identifier in ids:
        edge = edges[identifier]
        source, target = str(edge.get("source")), str(edge.get("target"))
        label = one_line(edge_label_of(edge)[0])
        named = f" ({identifier})" if with_ids or ways[source, target] > 1 else ""
        yield f"{source} -> {target}{named}{f': {label}' if label else ''}"


def one_line(text: str) -> str:
    """The text without its line ends, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_OUTLINED_LABEL else f"{line[: MAX_OUTLINED_LABEL - 3]}..."
