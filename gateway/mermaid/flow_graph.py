"""What a flowchart means: its nodes, edges, subgraphs and classes, as Mermaid's ``flowDb.ts`` has
them after parsing (version 11.16). Texts keep their entity codes as they were written.
"""

import re
from collections import Counter
from typing import Final

import msgspec

from gateway.mermaid.flow_tree import (
    Accessibility,
    ClassDef,
    ClassOf,
    Click,
    Direction,
    Link,
    LinkStyle,
    Mention,
    Separator,
    Span,
    Statement,
    Style,
    Subgraph,
    Text,
    Tree,
    Vertices,
)
from gateway.mermaid.limits import MAX_EDGES, MAX_NODES
from gateway.mermaid.shape_data import DataError, read_data
from gateway.mermaid.shapes import VALID_SHAPES
from gateway.mermaid.source import WS_CHARACTERS, Source, decoded
from ot.diagram import Json

#: Mermaid draws no edge longer than this.
MAX_LENGTH: Final = 10
_HEADS: Final = {"x": "arrow_cross", ">": "arrow_point", "o": "arrow_circle"}
_TAILS: Final = {"<": "arrow_point", "x": "arrow_cross", "o": "arrow_circle"}
_AFTER_LINE: Final = re.compile(f"\n[{WS_CHARACTERS}]+")
_DIRECTIONS: Final = {"<": "RL", "^": "BT", ">": "LR", "v": "TB", "TD": "TB"}


class Vertex(msgspec.Struct):
    """A node. ``shape`` is Mermaid's word for its brackets or from its data; ``None`` draws a
    rectangle. ``text`` is the label; ``data`` what ``@{ … }`` said, later ones over earlier."""

    id: str
    text: Json
    text_kind: str = "text"
    shape: str | None = None
    styles: list[str] = msgspec.field(default_factory=list)
    classes: list[str] = msgspec.field(default_factory=list)
    props: dict[str, str] = msgspec.field(default_factory=dict)
    data: dict[str, Json] = msgspec.field(default_factory=dict)
    href: str | None = None
    target: str | None = None
    callback: str | None = None


class Edge(msgspec.Struct):
    """``type`` is Mermaid's (``arrow_point``, ``double_arrow_cross``, ``arrow_open``, …), as is
    ``stroke`` (``normal``, ``thick``, ``dotted``, ``invisible``); ``length`` counts ranks.
    ``index`` is its place among the edges, which ``linkStyle`` refers to."""

    id: str
    start: str
    end: str
    type: str
    stroke: str
    length: int | None
    text: str
    text_kind: str
    named: bool
    index: int
    classes: list[str] = msgspec.field(default_factory=list)
    styles: list[str] | None = None
    interpolate: str | None = None
    data: dict[str, Json] = msgspec.field(default_factory=dict)


class Group(msgspec.Struct):
    """A subgraph; ``members`` are ids of nodes and of subgraphs, in Mermaid's order."""

    id: str
    title: str
    title_kind: str
    members: list[str]
    direction: str | None
    named: bool
    classes: list[str] = msgspec.field(default_factory=list)


class Graph(msgspec.Struct):
    direction: str = "TB"
    vertices: dict[str, Vertex] = msgspec.field(default_factory=dict)
    edges: list[Edge] = msgspec.field(default_factory=list)
    groups: list[Group] = msgspec.field(default_factory=list)
    classes: dict[str, list[str]] = msgspec.field(default_factory=dict)
    tooltips: dict[str, str] = msgspec.field(default_factory=dict)
    default_styles: list[str] | None = None
    default_interpolate: str | None = None
    title: str | None = None
    description: str | None = None


def build_graph(source: Source, tree: Tree) -> Graph:
    """Raises MermaidError (``mermaid_value``) for what parses but does not mean anything."""
    builder = _Builder(source)
    direction = tree.direction or "TB"
    builder.graph.direction = _DIRECTIONS.get(direction, direction)
    builder.body(tree.body)
    return builder.graph


def describe_link(link: Link) -> tuple[str, str, int | None]:
    """Type, stroke and length of an arrow; Mermaid's ``destructLink``."""
    kind, stroke, length = _describe_end(link.end)
    if not link.start:
        return kind, stroke, length
    tail, start_stroke = _describe_start(link.start)
    if start_stroke != stroke:
        return "INVALID", "INVALID", None
    if tail != "arrow_open":
        if tail != kind:
            return "INVALID", "INVALID", None
        kind = f"double_{tail}"
    return kind, stroke, length


def _describe_end(sign: str) -> tuple[str, str, int]:
    line, kind = sign[:-1], _HEADS.get(sign[-1], "arrow_open")
    if kind != "arrow_open" and _TAILS.get(sign[0]) == kind:
        kind, line = f"double_{kind}", line[1:]
    stroke, length = "normal", len(line) - 1
    if line.startswith("="):
        stroke = "thick"
    if line.startswith("~"):
        stroke = "invisible"
    if dots := line.count("."):
        stroke, length = "dotted", dots
    return kind, stroke, length


def _describe_start(sign: str) -> tuple[str, str]:
    stroke = "thick" if "=" in sign else "normal"
    return _TAILS.get(sign[0], "arrow_open"), "dotted" if "." in sign else stroke


def split_styles(styles: list[str]) -> list[str]:
    """The styles of ``classDef``: ``\\,`` is a comma within one."""
    joined = ",".join(styles).replace("\\,", "§§§").replace(",", ";").replace("§§§", ",")
    return joined.split(";")


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.graph = Graph()
        self.edges_by_id: dict[str, Edge] = {}
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.groups_by_id: dict[str, Group] = {}
        self.members: set[str] = set()

    def body(self, statements: list[Statement]) -> tuple[list[str], str | None]:
        """What the statements name, in Mermaid's order, and the last direction among them."""
        named: list[str] = []
        direction = None
        for statement in statements:
            if isinstance(statement, Direction):
                direction = statement.value
            else:
                named += self.statement(statement)
        return named, direction

    def statement(self, statement: Statement) -> list[str]:
        match statement:
            case Vertices():
                return self.vertices(statement)
            case Subgraph():
                return [self.subgraph(statement)]
            case Style():
                self.style(statement)
            case ClassDef():
                for name in statement.ids.split(","):
                    known = self.graph.classes.setdefault(name, [])
                    known += split_styles(statement.styles)
            case ClassOf():
                self.set_class(statement.ids, statement.name)
            case LinkStyle():
                self.link_style(statement)
            case Click():
                self.click(statement)
            case Accessibility():
                return [self.accessibility(statement)]
            case Separator():
                return [";"]
        return []

    def accessibility(self, statement: Accessibility) -> str:
        if statement.kind == "title":
            self.graph.title = statement.value
        else:
            self.graph.description = _AFTER_LINE.sub("\n", statement.value)
        return statement.value

    def vertices(self, statement: Vertices) -> list[str]:
        named: list[str] = []
        before: list[Mention] = []
        for i, group in enumerate(statement.groups):
            self.group(group)
            if i:
                self.link(before, group, statement.links[i - 1])
            before = group
            named = [mention.id for mention in group] + named
        return named

    def group(self, group: list[Mention]) -> None:
        """Data of a node counts only after the node that follows it, as in the grammar."""
        for i, mention in enumerate(group):
            self.mention(mention)
            if i:
                self.data(group[i - 1])
        self.data(group[-1])

    def mention(self, mention: Mention) -> None:
        self.vertex(mention.id, mention.text, mention.shape, mention.span)
        if mention.props and mention.id in self.graph.vertices:
            self.graph.vertices[mention.id].props[mention.props[0]] = mention.props[1]
        if mention.class_name is not None:
            self.set_class(mention.id, mention.class_name)

    def vertex(self, identifier: str, text: Text | None, shape: str | None, span: Span) -> None:
        if identifier in self.edges_by_id:
            return
        vertex = self.graph.vertices.get(identifier)
        if vertex is None:
            if len(self.graph.vertices) >= MAX_NODES:
                raise self._too_many("nodes", MAX_NODES)
            vertex = self.graph.vertices[identifier] = Vertex(identifier, identifier)
        if text is not None:
            vertex.text, vertex.text_kind = label_of(text), text.kind
        if shape is not None:
            vertex.shape = shape

    def style(self, statement: Style) -> None:
        self.vertex(statement.id, None, None, statement.span)
        if statement.id not in self.edges_by_id:
            self.graph.vertices[statement.id].styles += statement.styles

    def data(self, mention: Mention) -> None:
        if mention.data is None:
            return
        at = mention.data_span or mention.span
        try:
            data = read_data(mention.data or "")
        except DataError as error:
            raise self._error(str(error), at) from None
        data = _decoded(data)
        edge = self.edges_by_id.get(mention.id)
        if edge is not None:
            if isinstance(data, dict):
                edge.data.update(data)
                edge.interpolate = data.get("curve", edge.interpolate)
            return
        if data is None:
            raise self._error("'@{' and '}' need something between them.", at)
        if isinstance(data, dict):
            self.node_data(self.graph.vertices[mention.id], data, at)

    def node_data(self, vertex: Vertex, data: dict[str, Json], at: Span) -> None:
        shape, label = data.get("shape"), data.get("label")
        if shape:
            if not isinstance(shape, str) or shape not in VALID_SHAPES:
                raise self._error(f"Mermaid has no shape {shape!r}; see docs/mermaid.md.", at)
            vertex.shape = shape
        if label:
            vertex.text = label
            kind = data.get("labelType")
            vertex.text_kind = kind if kind in ("text", "string") else "markdown"
        if data.get("icon") or data.get("img"):
            if label is not None and not isinstance(label, str):
                raise self._error("A label is text; put it in quotes.", at)
            if not (label or "").strip(WS_CHARACTERS) and vertex.text == vertex.id:
                vertex.text = ""
        vertex.data.update(data)

    def link(self, starts: list[Mention], ends: list[Mention], link: Link) -> None:
        kind, stroke, length = describe_link(link)
        text = label_of(link.text) if link.text else ""
        text_kind = link.text.kind if link.text else "text"
        if len(self.graph.edges) + len(starts) * len(ends) > MAX_EDGES:
            raise self._too_many("edges", MAX_EDGES)
        for start in starts:
            for end in ends:
                named = start.id == starts[-1].id and end.id == ends[0].id
                identifier = link.id if link.id and named else None
                edge = Edge("", start.id, end.id, kind, stroke,
                            length if length is None else min(length, MAX_LENGTH), text,
                            text_kind, False, len(self.graph.edges),
                            interpolate=self.graph.default_interpolate)  # fmt: skip
                self.add_edge(edge, identifier)

    def add_edge(self, edge: Edge, identifier: str | None) -> None:
        pair = edge.start, edge.end
        if identifier and identifier not in self.edges_by_id:
            edge.id, edge.named = identifier, True
        else:
            same = self.pairs[pair]
            edge.id = f"L_{edge.start}_{edge.end}_{same + 1 if same else 0}"
        self.pairs[pair] += 1
        self.graph.edges.append(edge)
        self.edges_by_id.setdefault(edge.id, edge)

    def subgraph(self, statement: Subgraph) -> str:
        named, direction = self.body(statement.body)
        written = statement.id.text if statement.id else ""
        title = statement.title or statement.id
        identifier: str | None = written.strip(WS_CHARACTERS)
        if statement.title is None and re.search(f"[{WS_CHARACTERS}]", written):
            identifier = None
        is_named = identifier is not None
        if identifier is None:
            identifier = f"subGraph{len(self.graph.groups)}"
        seen: dict[str, None] = dict.fromkeys(n for n in named if n.strip(WS_CHARACTERS))
        members = [name for name in seen if name not in self.members]
        if len(self.graph.vertices) + len(self.graph.groups) >= MAX_NODES:
            raise self._too_many("nodes", MAX_NODES)
        group = Group(identifier, title.text.strip(WS_CHARACTERS) if title else "",
                      title.kind if title else "text", members, direction, is_named)  # fmt: skip
        self.members.update(members)
        self.graph.groups.append(group)
        self.groups_by_id[identifier] = group
        return identifier

    def set_class(self, ids: str, name: str) -> None:
        for identifier in ids.split(","):
            if identifier in self.graph.vertices:
                self.graph.vertices[identifier].classes.append(name)
            if identifier in self.edges_by_id:
                self.edges_by_id[identifier].classes.append(name)
            if identifier in self.groups_by_id:
                self.groups_by_id[identifier].classes.append(name)

    def click(self, click: Click) -> None:
        for identifier in click.ids.split(","):
            vertex = self.graph.vertices.get(identifier)
            if vertex is not None:
                if click.href is not None:
                    vertex.href, vertex.target = click.href.strip(WS_CHARACTERS), click.target
                else:
                    vertex.callback = click.callback
            if click.tooltip is not None:
                self.graph.tooltips[identifier] = click.tooltip
        self.set_class(click.ids, "clickable")

    def link_style(self, statement: LinkStyle) -> None:
        if statement.positions is None:
            if statement.interpolate is not None:
                self.graph.default_interpolate = statement.interpolate
            if statement.styles is not None:
                self.graph.default_styles = statement.styles
            return
        styles = statement.styles
        if styles is not None and not any(style.startswith("fill") for style in styles):
            styles = [*styles, "fill:none"]
        for position in statement.positions:
            edge = self.edge_at(position, statement)
            if statement.interpolate is not None:
                edge.interpolate = statement.interpolate
            if styles is not None:
                edge.styles = styles

    def edge_at(self, position: str, statement: LinkStyle) -> Edge:
        index = int(position) if len(position) < 9 else MAX_EDGES
        if index >= len(self.graph.edges) or str(index) != position:
            count = len(self.graph.edges)
            message = f"There is no edge {position}: {count} stand before this line, from 0."
            raise self._error(message, statement.positions_span)
        return self.graph.edges[index]

    def _error(self, message: str, at: Span) -> Exception:
        return self.source.error_at("mermaid_value", message, at[0])

    def _too_many(self, what: str, bound: int) -> Exception:
        message = f"A Mermaid text has at most {bound} {what}; split the diagram."
        return self.source.error_at("mermaid_too_large", message, 0)


def label_of(text: Text) -> str:
    """The label that Mermaid keeps: trimmed, and without quotes around it."""
    label = text.text.strip(WS_CHARACTERS)
    if len(label) > 1 and label[0] == label[-1] == '"':
        label = label[1:-1]
    return "" if label == '"' else label


def _decoded(value: Json) -> Json:
    if isinstance(value, str):
        return decoded(value)
    if isinstance(value, dict):
        return {decoded(key): _decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    return value
