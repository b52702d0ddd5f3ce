"""A flowchart as a diagram of ours.

What React Flow has a place for goes there: labels, types, colours, groups, arrow heads. The whole
text stays in ``diagram.data.mermaid.source``; it is what :mod:`gateway.mermaid.export` patches, so
that comments, directives, order and everything else that has no counterpart comes out again. What
a renderer can use is also kept with each element, under ``data.mermaid``.
"""

import html
import re
from copy import deepcopy
from typing import Final

from gateway.mermaid.curves import type_of_curve
from gateway.mermaid.flow_graph import Edge, Graph, Group, Vertex
from gateway.mermaid.flowchart import Flowchart, parse_flowchart
from gateway.mermaid.placing import NODE_HEIGHT, NODE_WIDTH, place
from gateway.mermaid.shapes import type_of_brackets, type_of_word
from gateway.mermaid.styles import DASHES, THICK, edge_style, node_style
from ot.diagram import Diagram, Element, Json
from ot.validate import MAX_ID_LENGTH

_BREAK: Final = re.compile(r"<br\s*/?>|\n", re.I)
_ENTITY: Final = re.compile(r"#(\w+);", re.ASCII)
_MARKERS: Final = {"arrow_point": "arrowclosed", "arrow_circle": "circle", "arrow_cross": "cross"}


def import_flowchart(text: str) -> Diagram:
    """Raises MermaidError. Positions are those of :mod:`gateway.mermaid.placing`."""
    chart = parse_flowchart(text)
    return diagram_of(chart)


def diagram_of(chart: Flowchart) -> Diagram:
    """What the chart says; it shares nothing with the chart that can be changed."""
    graph = chart.graph
    nodes, ids = _nodes(graph)
    edges = _edges(graph, ids)
    place(nodes, edges, graph.direction)
    about: Element = {"source": chart.text, "direction": graph.direction}
    if graph.classes:
        about["classes"] = deepcopy(graph.classes)
    return Diagram(
        title=(graph.title if chart.title is None else chart.title) or "",
        description=graph.description,
        data={"mermaid": about},
        nodes=nodes,
        edges=edges,
    )


def shown_text(label: Json) -> str:
    """The text that Mermaid shows for a label: entity codes and line breaks resolved."""
    if isinstance(label, bool):
        return "true" if label else "false"
    lines = (line.strip(" \t") for line in _BREAK.split(str(label).strip()))
    return "\n".join(_ENTITY.sub(_entity, line) for line in lines)


def _entity(match: re.Match[str]) -> str:
    code = match[1]
    if code.isdigit():
        number = int(code) if len(code) < 8 else 0
        return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
    return html.unescape(f"&{code};")


def _nodes(graph: Graph) -> tuple[dict[str, Element], dict[str, str]]:
    """The elements, parents first, and the id of the element of each of Mermaid's ids."""
    groups = {group.id: group for group in graph.groups}
    names = [*reversed(groups), *(name for name in graph.vertices if name not in groups)]
    ids = element_ids(names)
    parents = group_of(graph)
    nodes: dict[str, Element] = {}
    for name in parents_first(list(groups)[::-1], parents):
        nodes[ids[name]] = _group(groups[name], graph)
    for name in names[len(groups) :]:
        nodes[ids[name]] = _node(graph.vertices[name], graph)
    for name in names:
        element = nodes[ids[name]]
        if ids[name] != name:
            element["data"].setdefault("mermaid", {})["id"] = name
        parent = parents.get(name)
        if parent is not None:
            element["parentId"] = ids[parent]
    return nodes, ids


def element_ids(names: list[str]) -> dict[str, str]:
    """An id of ours for each of Mermaid's: the same, unless it is too long or not printable."""
    ids = {name: name for name in names if len(name) <= MAX_ID_LENGTH and name.isprintable()}
    taken = set(ids)
    for number, name in enumerate(names):
        if name not in ids:
            base = "".join(letter for letter in name if letter.isprintable())[:100]
            ids[name] = f"{base}-{number}"
            while ids[name] in taken:
                ids[name] += "x"
            taken.add(ids[name])
    return ids


def group_of(graph: Graph) -> dict[str, str]:
    """The subgraph of each node and subgraph: the first that closes with it inside."""
    parents: dict[str, str] = {}
    for group in graph.groups:
        for member in group.members:
            if member != group.id:
                parents.setdefault(member, group.id)
    for name in list(parents):
        _open_circle(name, parents)
    return parents


def _open_circle(name: str, parents: dict[str, str]) -> None:
    """Takes a subgraph that stands inside itself (by an edge to it) out of its own inside."""
    seen = {name}
    at = parents.get(name)
    while at is not None and at in parents:
        if at in seen:
            del parents[at]
            return
        seen.add(at)
        at = parents[at]


def parents_first(names: list[str], parents: dict[str, str]) -> list[str]:
    depths: dict[str, int] = {}
    for name in names:
        line = [name]
        while line[-1] not in depths and line[-1] in parents:
            line.append(parents[line[-1]])
        depths.setdefault(line[-1], 0)
        for above, below in zip(line[::-1], line[-2::-1], strict=False):
            depths[below] = depths[above] + 1
    return sorted(names, key=lambda name: depths[name])


def _data(label: Json, about: Element) -> Element:
    return {"label": shown_text(label), **({"mermaid": about} if about else {})}


def _group(group: Group, graph: Graph) -> Element:
    about: Element = {}
    if group.direction:
        about["direction"] = group.direction
    if group.title_kind == "markdown":
        about["markdown"] = True
    vertex = graph.vertices.get(group.id)
    classes = [*group.classes, *(vertex.classes if vertex else [])]
    element: Element = {
        "type": "group",
        "data": _data(group.title, about),
        "width": NODE_WIDTH,
        "height": NODE_HEIGHT,
    }
    own = vertex.styles if vertex else []
    _add_style(element, about, classes, own, graph)
    if about:
        element["data"]["mermaid"] = about
    return element


def node_type(vertex: Vertex) -> str:
    if isinstance(vertex.data.get("shape"), str) and vertex.shape == vertex.data["shape"]:
        return type_of_word(vertex.data["shape"])
    return type_of_brackets(vertex.shape)


def _node(vertex: Vertex, graph: Graph) -> Element:
    about: Element = {}
    if vertex.shape is not None:
        about["shape"] = vertex.shape
    if vertex.text_kind == "markdown":
        about["markdown"] = True
    if vertex.props:
        about["props"] = dict(vertex.props)
    data = {key: value for key, value in vertex.data.items() if key not in ("shape", "label")}
    if data:
        about["data"] = deepcopy(data)
    links = (("href", vertex.href), ("target", vertex.target), ("callback", vertex.callback),
             ("tooltip", graph.tooltips.get(vertex.id)))  # fmt: skip
    about |= {key: value for key, value in links if value is not None}
    element: Element = {"type": node_type(vertex), "data": _data(vertex.text, about)}
    _add_style(element, about, vertex.classes, vertex.styles, graph)
    if about:
        element["data"]["mermaid"] = about
    return element


def _add_style(
    element: Element, about: Element, classes: list[str], own: list[str], graph: Graph
) -> None:
    """Colours of the classes, then its own; ``about`` keeps the names and the own entries."""
    named = [name for name in dict.fromkeys(classes) if name != "clickable"]
    if named:
        about["classes"] = named
    if own:
        about["styles"] = list(own)
    defaults = ["default"] if element["type"] != "group" else []
    inherited = [entry for name in [*defaults, *named] for entry in graph.classes.get(name, [])]
    style = node_style([*inherited, *own])
    if style:
        element["style"] = style


def _edges(graph: Graph, ids: dict[str, str]) -> dict[str, Element]:
    edges: dict[str, Element] = {}
    for edge in graph.edges:
        source, target = ids.get(edge.start), ids.get(edge.end)
        if source is not None and target is not None:
            edges[_free_id(edge, edges)] = _edge(edge, source, target, graph)
    return edges


def _free_id(edge: Edge, taken: dict[str, Element]) -> str:
    base = edge.id if len(edge.id) <= MAX_ID_LENGTH and edge.id.isprintable() else f"L_{edge.index}"
    identifier, number = base, 2
    while identifier in taken:
        identifier, number = f"{base[: MAX_ID_LENGTH - 8]}_{number}", number + 1
    return identifier


def _edge(edge: Edge, source: str, target: str, graph: Graph) -> Element:
    element: Element = {"source": source, "target": target}
    if edge.text:
        element["label"] = shown_text(edge.text)
    curve = edge.interpolate or graph.default_interpolate
    if curve is not None:
        element["type"] = type_of_curve(curve)
    kind = edge.type.removeprefix("double_")
    marker = _MARKERS.get(kind)
    element["markerEnd"] = {"type": marker} if marker else None
    if marker and edge.type != kind:
        element["markerStart"] = {"type": marker}
    if edge.stroke == "invisible":
        element["hidden"] = True
    if edge.data.get("animate") or edge.data.get("animation"):
        element["animated"] = True
    style = _edge_look(edge, graph)
    if style:
        element["style"] = style
    about = _about_edge(edge)
    if about:
        element["data"] = {"mermaid": about}
    return element


def _edge_look(edge: Edge, graph: Graph) -> Element:
    look: Element = {}
    if edge.stroke == "thick":
        look["strokeWidth"] = THICK
    if edge.stroke == "dotted":
        look["strokeDasharray"] = DASHES
    classes = [entry for name in edge.classes for entry in graph.classes.get(name, [])]
    return look | edge_style([*(graph.default_styles or []), *classes, *(edge.styles or [])])


def _about_edge(edge: Edge) -> Element:
    about: Element = {}
    if edge.named:
        about["id"] = edge.id
    if edge.length not in (1, None):
        about["length"] = edge.length
    if edge.text_kind == "markdown":
        about["markdown"] = True
    if edge.interpolate is not None:
        about["curve"] = edge.interpolate
    if edge.styles:
        about["styles"] = list(edge.styles)
    if edge.classes:
        about["classes"] = list(edge.classes)
    if edge.data:
        about["data"] = deepcopy(edge.data)
    return about


def element_names(graph: Graph) -> dict[str, str]:
    """Mermaid's id of each node that :func:`diagram_of` makes, by the id of ours."""
    groups = {group.id for group in graph.groups}
    names = [*reversed(list(dict.fromkeys(group.id for group in graph.groups))),
             *(name for name in graph.vertices if name not in groups)]  # fmt: skip
    return {identifier: name for name, identifier in element_ids(names).items()}
