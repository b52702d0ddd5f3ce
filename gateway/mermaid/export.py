"""A diagram as the text of a Mermaid flowchart.

A diagram that came from Mermaid keeps its text, and what was edited since is patched into that
(:mod:`gateway.mermaid.flow_patch`); the patched text is read back, and only where it would not mean
the diagram is it printed anew here, as any other diagram is. Printed anew, it still keeps the front
matter, directives, comments, classes and links of the text it came from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from gateway.mermaid.counterparts import under_own_ids
from gateway.mermaid.curves import curve_to_write, edge_type
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.essence import defaults_of, same_essence
from gateway.mermaid.flow_import import diagram_of, element_names
from gateway.mermaid.flow_patch import patch_source
from gateway.mermaid.flow_tree import (
    Accessibility,
    ClassDef,
    Click,
    LinkStyle,
    Statement,
    Subgraph,
)
from gateway.mermaid.flowchart import Flowchart, parse_flowchart
from gateway.mermaid.kinds import detect_kind
from gateway.mermaid.mindmap_export import export_mindmap, mindmap_names
from gateway.mermaid.names import is_safe, mermaid_names
from gateway.mermaid.origin import Origin
from gateway.mermaid.patch_mentions import merged
from gateway.mermaid.properties import with_properties
from gateway.mermaid.shapes import WRITTEN
from gateway.mermaid.writing import (
    about,
    edge_name,
    label_of,
    text_at,
    write_edge_data,
    write_link,
    write_node,
    write_style,
    written_label,
)
from ot.diagram import Diagram, Element

#: Levels of subgraphs that are indented.
_MAX_INDENT = 16
#: The types that are not drawn as plain rectangles, and how.
SHAPES = {kind: written for kind, written in WRITTEN.items() if written != ("square", None)}


class Exported(msgspec.Struct):
    """``names`` has the name of each node in the text, by its id; a mindmap names its nodes by the
    ids that they get when it is read."""

    text: str
    names: dict[str, str]


def export_mermaid(diagram: Diagram) -> str:
    """The diagram as Mermaid text; a Mermaid diagram is its own text, untouched."""
    return export_named(diagram).text


def export_named(diagram: Diagram) -> Exported:
    if diagram.kind == "mermaid":
        text = diagram.data.get("text")
        return Exported(text if isinstance(text, str) else "", {})
    source = source_of(diagram)
    if source is not None and detect_kind(source) == "mindmap":
        mindmap = export_mindmap(diagram, source)
        if mindmap is not None:
            text, tree = mindmap
            return Exported(text, mindmap_names(tree, text))
        source = None
    return _export_flowchart(diagram, source)


def source_of(diagram: Diagram) -> str | None:
    """The text that a diagram came from."""
    kept = diagram.data.get("mermaid")
    source = text_at(kept, "source") if isinstance(kept, dict) else None
    return source if isinstance(source, str) else None


def _export_flowchart(diagram: Diagram, source: str | None) -> Exported:
    try:
        chart = parse_flowchart(source) if source is not None else None
    except MermaidError:
        chart = None
    if chart is None:
        names = mermaid_names(diagram.nodes)
        return Exported(_finished(print_flowchart(diagram, None, names), diagram), names)
    base, base_names = under_own_ids(chart, diagram)
    known = {i: name for i, name in base_names.items() if i in diagram.nodes}
    names = mermaid_names(diagram.nodes, known)
    if same_essence(base, base_names, diagram, names, defaults_of(chart.graph)):
        return Exported(with_properties(chart, diagram), names)
    names = _readable_names(diagram, base_names)
    patched = patch_source(chart, base, base_names, diagram, names)
    if patched is None or not means(patched, diagram, names):
        patched, names = _printed_anew(diagram, chart, base, names)
    return Exported(_finished(patched, diagram), names)


def _printed_anew(
    diagram: Diagram, chart: Flowchart, base: Diagram, names: dict[str, str]
) -> tuple[str, dict[str, str]]:
    """With all that the text says besides, if that is the diagram; else without. The names in it,
    too: a subgraph gets another where only the line that opens it can have its own."""
    others = mentionable_names(diagram, chart, names)
    texts = []
    for written_names in (names, others) if others != names else (names,):
        texts.append((print_flowchart(diagram, chart, written_names, base), written_names))
        if means(texts[-1][0], diagram, written_names):
            return texts[-1]
    plain = print_flowchart(diagram, None, others)
    return (plain, others) if means(plain, diagram, others) else texts[0]


def _finished(text: str, diagram: Diagram) -> str:
    try:
        return with_properties(parse_flowchart(text), diagram)
    except MermaidError:
        return text


def names_for(diagram: Diagram, chart: Flowchart) -> dict[str, str]:
    """Mermaid's name of each node: the text's own, unless a line that starts so is a comment."""
    return _readable_names(diagram, under_own_ids(chart, diagram)[1])


def _readable_names(diagram: Diagram, base_names: dict[str, str]) -> dict[str, str]:
    known = {
        identifier: name
        for identifier, name in base_names.items()
        if identifier in diagram.nodes and not name.startswith("%%")
    }
    return mermaid_names(diagram.nodes, known)


def mentionable_names(diagram: Diagram, chart: Flowchart, names: dict[str, str]) -> dict[str, str]:
    """``names`` without those of subgraphs that an edge or a style might not be able to name:
    ``subgraph Some words [Title]``."""
    only_opened = {group.id for group in chart.graph.groups} - chart.graph.vertices.keys()
    known = {i: name for i, name in names.items() if name not in only_opened or is_safe(name)}
    return mermaid_names(diagram.nodes, known)


def means(text: str, diagram: Diagram, names: dict[str, str]) -> bool:
    """Whether the text, read again, is the diagram."""
    try:
        chart = parse_flowchart(text)
    except MermaidError:
        return False
    made, made_names = diagram_of(chart), element_names(chart.graph)
    return same_essence(made, made_names, diagram, names, defaults_of(chart.graph))


def print_flowchart(
    diagram: Diagram,
    chart: Flowchart | None,
    names: dict[str, str] | None = None,
    base: Diagram | None = None,
) -> str:
    """``base`` is what ``chart`` makes; both are of the text that the diagram came from."""
    names = names or mermaid_names(diagram.nodes)
    writer = _Writer(diagram, names, chart, base)
    return "\n".join(writer.lines()) + "\n"


class _Writer:
    def __init__(
        self,
        diagram: Diagram,
        names: dict[str, str],
        chart: Flowchart | None,
        base: Diagram | None,
    ) -> None:
        self.diagram, self.names = diagram, names
        self.chart, self.base = chart, base
        self.origin = Origin(chart, base)
        self.children = _children(diagram)

    def lines(self) -> Iterator[str]:
        yield from self.head()
        yield from self.node_lines()
        yield from self.edge_lines()
        yield from self.style_lines()
        yield from self.tail()

    def head(self) -> Iterator[str]:
        if self.chart is None:
            yield "flowchart TD"
            return
        text, start = self.chart.text, self.chart.tree.head[0]
        for piece in self.chart.pieces:
            if piece.kind != "comment" and piece.start < start:
                yield text[piece.start : piece.end].strip("\r\n")
        yield text[start : self.chart.tree.head[1]].strip().rstrip(";")
        for piece in self.chart.pieces:
            if piece.kind == "comment" or piece.start >= start:
                yield text[piece.start : piece.end].strip()

    def tail(self) -> Iterator[str]:
        """The statements of the text that stand for themselves: classes, links, words about it."""
        if self.chart is None:
            return
        for statement in statements(self.chart.tree.body):
            written = self.chart.text[slice(*statement.span)].strip()
            is_general = isinstance(statement, LinkStyle) and statement.positions is None
            if is_general or isinstance(statement, ClassDef | Accessibility):
                yield f"  {written}"
            elif isinstance(statement, Click) and (left := self.left_of(statement)):
                yield f"  {written.replace(statement.ids, left, 1)}"

    def left_of(self, statement: Click) -> str:
        """The nodes that are left of those that it gave a link."""
        names = set(self.names.values())
        vertices = self.chart.graph.vertices if self.chart else {}
        linked = {i for i, v in vertices.items() if v.href is not None or v.callback is not None}
        return ",".join(name for name in statement.ids.split(",") if name in names & linked)

    def node_lines(self) -> Iterator[str]:
        """Nodes in the order they came in, children inside the subgraph of their parent."""
        written: set[str] = set()
        # After the roots come those that only a cycle of parents would leave out.
        for root in [*self.children[None], *self.diagram.nodes]:
            if root not in written:
                yield from self.tree_lines(root, written)

    def tree_lines(self, root: str, written: set[str]) -> Iterator[str]:
        """One node and everything below it; without recursion, as nesting has no bound."""
        open_groups = [iter([root])]
        while open_groups:
            indent = "  " * min(len(open_groups), _MAX_INDENT)
            identifier = next(open_groups[-1], None)
            if identifier is None:
                open_groups.pop()
                if open_groups:
                    yield f"{indent[2:]}end"
            elif identifier not in written:
                written.add(identifier)
                name, node = self.names[identifier], self.diagram.nodes[identifier]
                if self.is_group(identifier):
                    yield from _group_lines(indent, name, self.known(identifier))
                    open_groups.append(iter(self.children[identifier]))
                else:
                    classes, _ = self.origin.node_look(name, node)
                    first = next(iter(classes), None)
                    yield f"{indent}{write_node(name, self.known(identifier), first)}"

    def known(self, identifier: str) -> Element:
        """A node with what the text says of it, also where an edit lost that."""
        node = self.diagram.nodes[identifier]
        before = self.base.nodes.get(identifier) if self.base else None
        return node if before is None else merged(node, before)

    def is_group(self, identifier: str) -> bool:
        """Also one without nodes, which Mermaid draws as a rectangle."""
        is_empty = self.diagram.nodes[identifier].get("type") == "group"
        return is_empty or identifier in self.children

    def edge_lines(self) -> Iterator[str]:
        """Edges in the order they came in, then what is said of them by id or by number."""
        lines: list[str] = [self.curve_line()]
        count = 0
        for identifier, now in self.diagram.edges.items():
            before = self.base.edges.get(identifier) if self.base else None
            edge = now if before is None else merged(now, before)
            source, target = self.name(edge, "source"), self.name(edge, "target")
            if source is not None and target is not None:
                yield f"  {source} {write_link(edge)} {target}"
                classes, _ = self.origin.edge_classes(identifier, edge)
                lines.append(write_edge_data(edge))
                lines += [f"class {edge_name(edge)} {name}" for name in classes]
                lines.append(self.origin.link_style(count, identifier, edge))
                count += 1
        yield from (f"  {line}" for line in lines if line)

    def curve_line(self) -> str:
        """Where no text says how edges run, the way that most do is said once."""
        types = Counter(map(edge_type, self.diagram.edges.values()))
        if self.chart is not None or not types:
            return ""
        kind = types.most_common(1)[0][0]
        self.origin.everywhere = curve_to_write({"type": kind}, None, None)
        curve = self.origin.everywhere
        return f"linkStyle default interpolate {curve}" if curve else ""

    def name(self, edge: Element, end: str) -> str | None:
        identifier = edge.get(end)
        return self.names.get(identifier) if isinstance(identifier, str) else None

    def style_lines(self) -> Iterator[str]:
        for identifier, node in self.diagram.nodes.items():
            name = self.names[identifier]
            classes, others = self.origin.node_look(name, node)
            if style := write_style(name, node, others):
                yield f"  {style}"
            for more in classes[0 if self.is_group(identifier) else 1 :]:
                yield f"  class {name} {more}"


def statements(body: list[Statement]) -> Iterator[Statement]:
    """All statements of a text in order, those of subgraphs after the subgraph itself."""
    for statement in body:
        yield statement
        if isinstance(statement, Subgraph):
            yield from statements(statement.body)


def _group_lines(indent: str, name: str, node: Element) -> Iterator[str]:
    yield f"{indent}subgraph {name} [{written_label(node, label_of(node))}]"
    direction = about(node).get("direction")
    if direction in ("TB", "TD", "BT", "LR", "RL"):
        yield f"{indent}  direction {direction}"


def _children(diagram: Diagram) -> defaultdict[str | None, list[str]]:
    """Ids by the id of their parent; ``None`` has the nodes without one."""
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for identifier, node in diagram.nodes.items():
        parent = text_at(node, "parentId")
        known = isinstance(parent, str) and parent in diagram.nodes
        children[parent if known else None].append(identifier)
    return children
