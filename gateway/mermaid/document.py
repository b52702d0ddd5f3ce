"""Mermaid texts and diagrams of ours, whatever the kind.

``import_mermaid`` makes a diagram of a text; ``patch_mermaid`` the operation that brings a diagram
to a new text, for instance after somebody edited the text; ``export_mermaid``, in
:mod:`gateway.mermaid.export`, goes the other way.

A new text is compared with the one that the diagram is exported as, and only what differs between
the two is changed in the diagram: what no text can say is not taken back by one.
"""

from typing import Final

import msgspec

from gateway.mermaid.counterparts import matched_edges, moved
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.essence import defaults_of, edge_essence
from gateway.mermaid.export import Exported, export_named
from gateway.mermaid.flow_import import diagram_of, element_names, import_flowchart
from gateway.mermaid.flowchart import parse_flowchart
from gateway.mermaid.kinds import detect_kind
from gateway.mermaid.matching import match_edges, match_nodes
from gateway.mermaid.mindmap_import import import_mindmap
from gateway.mermaid.styles import EDGE_KEYS, style_of
from ot.diagram import Diagram, Element, Json, json_equal
from ot.diff import diff
from ot.operation import NOTHING, Operation

#: Keys of elements that a text says nothing about, though an import gives them a value.
_PLACES: Final = frozenset({"position", "width", "height"})

#: What makes an edge's arrow, besides its style.
_LOOKS: Final = frozenset({"markerStart", "markerEnd", "animated", "hidden", "style"})
#: What is kept with a text and goes with it.
_OF_THE_TEXT: Final = frozenset({"classes", "ids"})


def import_mermaid(text: str) -> Diagram:
    """Flowcharts and mindmaps as nodes and edges, other kinds as their text.

    Raises MermaidError: for flowcharts and mindmaps that Mermaid would not draw, for a text that is
    no kind of diagram, and beyond the bounds of :mod:`gateway.mermaid.limits`.
    """
    kind = detect_kind(text)
    if kind == "flowchart" or kind is None:
        # Of no kind it is refused, with what is wrong at its first word or before it.
        return import_flowchart(text)
    if kind == "mindmap":
        return import_mindmap(text)
    return Diagram(kind="mermaid", data={"text": text})


def patch_mermaid(diagram: Diagram, text: str) -> Operation:
    """The operation on ``diagram`` after which it says what ``text`` does.

    Nodes are the same by their id in the text, edges by their id there or by their ends. What is
    the same keeps its id, its position, its size and every key that the text says nothing about, or
    nothing else than the diagram's own text; what is new is placed as by an import. The diagram's
    own text is NOTHING. Raises MermaidError.
    """
    exported = export_named(diagram)
    if exported.text == text:
        return NOTHING
    read = _read(text)
    new = read.diagram
    if new.kind == "mermaid" or diagram.kind == "mermaid":
        return diff(diagram, _with_properties(diagram, Diagram(), new, new.nodes, new.edges))
    before = _read_back(exported)
    base = before.diagram
    own = {name: i for i, name in exported.names.items()}
    here = {i: own[name] for i, name in before.names.items() if name in own}
    ids = match_nodes(read.names, own, diagram)
    nodes = _nodes(diagram, base, here, new, ids)
    edges = _edges(diagram, base, here, read, ids)
    new.data["mermaid"] |= _own_ids(read.names, ids)
    return diff(diagram, _with_properties(diagram, base, new, nodes, edges))


class _Read(msgspec.Struct):
    """A text as a diagram, the name in the text of each of its nodes, in their order, and the style
    of edges that have no other."""

    diagram: Diagram
    names: dict[str, str] = {}
    edge_defaults: Element = {}


def _read(text: str) -> _Read:
    if detect_kind(text) != "flowchart":
        made = import_mermaid(text)
        return _Read(made, {identifier: identifier for identifier in made.nodes})
    chart = parse_flowchart(text)
    made, names = diagram_of(chart), element_names(chart.graph)
    in_order = {identifier: names[identifier] for identifier in made.nodes}
    return _Read(made, in_order, defaults_of(chart.graph).edges)


def _read_back(exported: Exported) -> _Read:
    """What the text of the diagram says; nothing where it is beyond what is read."""
    try:
        return _read(exported.text)
    except MermaidError:
        return _Read(Diagram())


def _with_properties(
    diagram: Diagram,
    base: Diagram,
    new: Diagram,
    nodes: dict[str, Element],
    edges: dict[str, Element],
) -> Diagram:
    """A text that has no title any more takes none away, nor a description."""
    is_told = new.description is not None and new.description != base.description
    old = diagram.data.get("mermaid")
    about = {k: v for k, v in old.items() if k not in _OF_THE_TEXT} if isinstance(old, dict) else {}
    said = new.data.get("mermaid")
    data = {k: v for k, v in {**diagram.data, **new.data}.items() if k != "mermaid"}
    return Diagram(
        title=new.title if new.title and new.title != base.title else diagram.title,
        description=new.description if is_told else diagram.description,
        kind=new.kind,
        data=data | {"mermaid": about | said} if isinstance(said, dict) else data,
        nodes=nodes,
        edges=edges,
    )


def _own_ids(names: dict[str, str], ids: dict[str, str]) -> Element:
    """The ids of the diagram, by name, where an import of the text would give others."""
    own = {name: ids[i] for i, name in names.items() if ids[i] != i}
    return {"ids": own} if own else {}


def _nodes(
    diagram: Diagram, base: Diagram, here: dict[str, str], new: Diagram, ids: dict[str, str]
) -> dict[str, Element]:
    before = {here[i]: moved(node, here) for i, node in base.nodes.items() if i in here}
    nodes: dict[str, Element] = {}
    for i, identifier in ids.items():
        node = moved(new.nodes[i], ids)
        old = diagram.nodes.get(identifier)
        if old is None:
            nodes[identifier] = node
            continue
        nodes[identifier] = _merged(old, before.get(identifier, {}), node)
        if nodes[identifier].get("parentId") != old.get("parentId") and "position" in node:
            # The old position was relative to another group.
            nodes[identifier]["position"] = node["position"]
    return nodes


def _edges(
    diagram: Diagram,
    base: Diagram,
    here: dict[str, str],
    read: _Read,
    ids: dict[str, str],
) -> dict[str, Element]:
    before = {i: moved(edge, here) for i, edge in base.edges.items()}
    after = {i: moved(edge, ids) for i, edge in read.diagram.edges.items()}
    own = matched_edges(before, diagram)
    matched = match_edges(after, before, own, diagram)
    edges: dict[str, Element] = {}
    for i, edge in after.items():
        identifier, i_before = matched[i]
        old, known = diagram.edges.get(identifier), before.get(i_before, {})
        edges[identifier] = (
            _merged_edge(old, known, edge, read.edge_defaults) if old is not None else edge
        )
    return edges


def _merged_edge(old: Element, base: Element, new: Element, defaults: Element) -> Element:
    """The edge, drawn as the text says where that draws it otherwise than it did.

    What no text said of an edge may show then: that one which was not to be seen moves, say.
    """
    merged = _merged(old, base, new)
    looks = [
        edge_essence({**edge, "source": "", "target": ""}, {"": ""}, defaults)
        for edge in (merged, base, new)
    ]
    if looks[2] in looks[:2]:
        return merged
    drawn = {k: v for k, v in merged.items() if k not in _LOOKS}
    drawn |= {k: v for k, v in new.items() if k in _LOOKS}
    kept = {k: v for k, v in style_of(merged).items() if k not in EDGE_KEYS.values()}
    style = kept | style_of(new)
    return {**drawn, "style": style} if style else drawn


def _merged(old: Element, base: Element, new: Element) -> Element:
    said = {key for key in (*base, *new) if key not in _PLACES}
    return _three_way(old, base, new, said)


def _three_way(old: Element, base: Element, new: Element, keys: set[str]) -> Element:
    """``old`` with what differs from ``base`` in ``new``."""
    out = dict(old)
    for key in sorted(keys):
        if key in base and key in new and json_equal(base[key], new[key]):
            continue
        if key not in new:
            out.pop(key, None)
        else:
            out[key] = _one(old.get(key), base.get(key), new[key])
    return out


def _one(old: Json, base: Json, new: Json) -> Json:
    if isinstance(old, dict) and isinstance(new, dict):
        known = base if isinstance(base, dict) else {}
        return _three_way(old, known, new, {*known, *new})
    return new
