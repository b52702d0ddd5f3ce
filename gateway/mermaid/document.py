"""Mermaid texts and diagrams of ours, whatever the kind.

``import_mermaid`` makes a diagram of a text; ``patch_mermaid`` the operation that brings a diagram
to a new text, for instance after somebody edited the text; ``export_mermaid``, in
:mod:`gateway.mermaid.export`, goes the other way.
"""

from collections import defaultdict
from typing import Final

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.export import export_mermaid, source_of
from gateway.mermaid.flow_import import element_names, import_flowchart
from gateway.mermaid.flowchart import parse_flowchart
from gateway.mermaid.kinds import detect_kind
from gateway.mermaid.mindmap_import import import_mindmap
from gateway.mermaid.names import mermaid_names
from gateway.mermaid.styles import EDGE_KEYS, NODE_KEYS
from gateway.mermaid.writing import text_at
from ot.diagram import Diagram, Element
from ot.diff import diff
from ot.operation import NOTHING, Operation

#: Keys of elements that a text decides about; all others are the diagram's own.
_NODE_KEYS: Final = frozenset({"type", "parentId"})
_EDGE_KEYS: Final = frozenset(
    {"source", "target", "label", "type", "markerEnd", "markerStart", "hidden", "animated"}
)


def import_mermaid(text: str) -> Diagram:
    """Flowcharts and mindmaps as nodes and edges, other kinds as their text.

    Raises MermaidError: for flowcharts and mindmaps that Mermaid would not draw, for a text that is
    no kind of diagram, and beyond the bounds of :mod:`gateway.mermaid.limits`.
    """
    kind = detect_kind(text)
    if kind == "flowchart":
        return import_flowchart(text)
    if kind == "mindmap":
        return import_mindmap(text)
    if kind is None:
        # Reads it once more for what is wrong with it before its first word.
        parse_flowchart(text)
        message = "A Mermaid text starts with its kind, such as 'flowchart TD' or 'mindmap'."
        raise MermaidError("mermaid_kind", message, expected="a kind of diagram")
    return Diagram(kind="mermaid", data={"text": text})


def patch_mermaid(diagram: Diagram, text: str) -> Operation:
    """The operation on ``diagram`` after which it says what ``text`` does.

    Nodes are the same by their id in the text, edges by their id there or by their ends. What is
    the same keeps its id, its position, its size and every key that the text says nothing about;
    what is new is placed as by an import. The diagram's own text is NOTHING. Raises MermaidError.
    """
    if export_mermaid(diagram) == text:
        return NOTHING
    new = import_mermaid(text)
    if new.kind == "mermaid" or diagram.kind == "mermaid":
        return diff(diagram, _with_properties(diagram, new, new.nodes, new.edges))
    old_names = _names(diagram)
    own = {name: i for i, name in old_names.items()}
    new_names = _new_names(text, new)
    ids = _matched({i: new_names.get(i, i) for i in new.nodes}, own, diagram)
    nodes = {ids[i]: _node(node, ids, diagram.nodes.get(ids[i])) for i, node in new.nodes.items()}
    edges = _edges(new, ids, diagram)
    return diff(diagram, _with_properties(diagram, new, nodes, edges))


def _with_properties(
    diagram: Diagram, new: Diagram, nodes: dict[str, Element], edges: dict[str, Element]
) -> Diagram:
    return Diagram(
        title=new.title or diagram.title,
        description=diagram.description if new.description is None else new.description,
        kind=new.kind,
        data={**{k: v for k, v in diagram.data.items() if k != "mermaid"}, **new.data},
        nodes=nodes,
        edges=edges,
    )


def _names(diagram: Diagram) -> dict[str, str]:
    """Mermaid's name of each node, as the export of the diagram uses it."""
    source = source_of(diagram)
    known: dict[str, str] = {}
    if source is not None and detect_kind(source) == "flowchart":
        try:
            graph = parse_flowchart(source).graph
        except MermaidError:
            return mermaid_names(diagram.nodes)
        known = {i: n for i, n in element_names(graph).items() if i in diagram.nodes}
    elif source is not None:
        return {identifier: identifier for identifier in diagram.nodes}
    return mermaid_names(diagram.nodes, known)


def _new_names(text: str, new: Diagram) -> dict[str, str]:
    return element_names(parse_flowchart(text).graph) if new.kind == "flowchart" else {}


def _matched(names: dict[str, str], own: dict[str, str], diagram: Diagram) -> dict[str, str]:
    """The id in the diagram of each new node: that of the same name, or a free one."""
    ids = {i: own[name] for i, name in names.items() if name in own}
    taken = {*ids.values(), *diagram.nodes}
    for identifier in names:
        if identifier not in ids:
            free, number = identifier, 2
            while free in taken:
                free, number = f"{identifier}-{number}", number + 1
            ids[identifier] = free
            taken.add(free)
    return ids


def _node(new: Element, ids: dict[str, str], old: Element | None) -> Element:
    if "parentId" in new:
        new = {**new, "parentId": ids[new["parentId"]]}
    if old is None:
        return new
    kept = {k: v for k, v in old.items() if k not in _NODE_KEYS}
    said = {k: v for k, v in new.items() if k in _NODE_KEYS}
    merged = {**kept, **said, "data": _data(new, old)}
    if text_at(old, "parentId") != text_at(new, "parentId") and "position" in new:
        # The old position was relative to another group.
        merged["position"] = new["position"]
    return _with_style(merged, new, old, frozenset(NODE_KEYS.values()))


def _data(new: Element, old: Element) -> Element:
    """The old data with the new label, and with what the text says."""
    before = old.get("data")
    kept = dict(before) if isinstance(before, dict) else {}
    kept.pop("mermaid", None)
    return {**kept, **new.get("data", {})}


def _with_style(merged: Element, new: Element, old: Element, keys: frozenset[str]) -> Element:
    before = old.get("style")
    style = {k: v for k, v in before.items() if k not in keys} if isinstance(before, dict) else {}
    style |= new.get("style", {})
    rest = {k: v for k, v in merged.items() if k != "style"}
    return {**rest, "style": style} if style or isinstance(before, dict) else rest


def _edges(new: Diagram, ids: dict[str, str], diagram: Diagram) -> dict[str, Element]:
    """The new edges under the ids of the old ones that join the same nodes, in their order."""
    waiting: dict[tuple[object, object], list[str]] = defaultdict(list)
    for identifier, edge in diagram.edges.items():
        waiting[text_at(edge, "source"), text_at(edge, "target")].append(identifier)
    moved = {
        i: {**e, "source": ids[e["source"]], "target": ids[e["target"]]}
        for i, e in new.edges.items()
    }
    matched: dict[str, str] = {}
    for identifier, edge in moved.items():
        same = waiting[edge["source"], edge["target"]]
        if identifier in same:
            matched[identifier] = identifier
            same.remove(identifier)
    for identifier, edge in moved.items():
        same = waiting[edge["source"], edge["target"]]
        if identifier not in matched and same:
            matched[identifier] = same.pop(0)
    return _edges_by_id(moved, matched, diagram)


def _edges_by_id(
    moved: dict[str, Element], matched: dict[str, str], diagram: Diagram
) -> dict[str, Element]:
    taken = {*matched.values(), *diagram.edges}
    edges: dict[str, Element] = {}
    for identifier, edge in moved.items():
        known = matched.get(identifier)
        if known is not None:
            edges[known] = _edge(edge, diagram.edges[known])
            continue
        free, number = identifier, 2
        while free in taken:
            free, number = f"{identifier}-{number}", number + 1
        taken.add(free)
        edges[free] = edge
    return edges


def _edge(new: Element, old: Element) -> Element:
    kept = {k: v for k, v in old.items() if k not in _EDGE_KEYS}
    said = {k: v for k, v in new.items() if k in _EDGE_KEYS}
    if "type" not in new and "type" in old:
        # Most texts say nothing about how edges run.
        said["type"] = old["type"]
    if said.get("markerEnd") == {"type": "arrowclosed"} and _has_arrow(old):
        said = {k: v for k, v in said.items() if k != "markerEnd"}
        said |= {"markerEnd": old["markerEnd"]} if "markerEnd" in old else {}
    merged: Element = {**kept, **said}
    data = _data(new, old)
    merged = {k: v for k, v in merged.items() if k != "data"}
    if data or isinstance(old.get("data"), dict):
        merged["data"] = data
    return _with_style(merged, new, old, frozenset(EDGE_KEYS.values()))


def _has_arrow(edge: Element) -> bool:
    """Whether an edge has a head already, in whatever colour or size."""
    marker = edge.get("markerEnd", "arrowclosed")
    kind = marker.get("type") if isinstance(marker, dict) else marker
    return isinstance(kind, str) and kind not in ("circle", "cross")
