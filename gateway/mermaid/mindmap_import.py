"""A mindmap as a diagram of ours: a node each, and an edge without a head to each child."""

from typing import Final

from gateway.mermaid.flow_import import element_ids, shown_text
from gateway.mermaid.mindmap import Mindmap, MindmapNode, parse_mindmap
from gateway.mermaid.placing import place
from ot.diagram import Diagram, Element

#: Our types for Mermaid's shapes; each of its shapes has one of its own.
TYPES: Final = {
    "default": "default", "rect": "rectangle", "rounded": "process", "circle": "circle",
    "cloud": "cloud", "bang": "extract", "hexagon": "hexagon",
}  # fmt: skip


def import_mindmap(text: str) -> Diagram:
    """Raises MermaidError. The text is kept in ``data.mermaid.source``."""
    return mindmap_diagram(parse_mindmap(text))


def mindmap_diagram(mindmap: Mindmap) -> Diagram:
    ids = mindmap_ids(mindmap)
    nodes = {ids[i]: _node(node) for i, node in enumerate(mindmap.nodes)}
    edges: dict[str, Element] = {}
    for i, node in enumerate(mindmap.nodes):
        if node.parent is not None:
            edge = {"source": ids[node.parent], "target": ids[i], "markerEnd": None}
            edges[f"edge-{i}"] = edge
    place(nodes, edges, "LR")
    return Diagram(kind="mindmap", data={"mermaid": {"source": mindmap.text}},
                   nodes=nodes, edges=edges)  # fmt: skip


def mindmap_ids(mindmap: Mindmap) -> list[str]:
    """An id for each node: the text's own; the second of a kind gets a number."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for node in mindmap.nodes:
        base = " ".join(node.id.split()) or "node"
        seen[base] = seen.get(base, 0) + 1
        name, number = base, seen[base]
        while number > 1 and (name := f"{base} ({number})") in seen:
            number += 1
        seen.setdefault(name, 1)
        names.append(name)
    ids = element_ids(names)
    return [ids[name] for name in names]


def _node(node: MindmapNode) -> Element:
    kept = (("shape", node.shape), ("icon", node.icon), ("class", node.class_name),
            ("markdown", node.kind == "markdown" or None))  # fmt: skip
    about = {key: value for key, value in kept if value is not None}
    return {
        "type": TYPES[node.shape],
        "data": {"label": shown_text(node.text), "mermaid": about},
    }
