"""A diagram as the text of a Mermaid flowchart.

A diagram that came from Mermaid keeps its text, and what was edited since is patched into that
(:mod:`gateway.mermaid.flow_patch`); the patched text is read back, and only where it would not mean
the diagram is it printed anew here, as any other diagram is. Printed anew, it still keeps the front
matter, directives, comments, classes and links of the text it came from.
"""

from collections import defaultdict
from collections.abc import Iterator

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.essence import default_colours, same_essence
from gateway.mermaid.flow_import import diagram_of, element_names
from gateway.mermaid.flow_patch import patch_source
from gateway.mermaid.flow_tree import Accessibility, ClassDef, Click, Statement, Subgraph
from gateway.mermaid.flowchart import Flowchart, parse_flowchart
from gateway.mermaid.kinds import detect_kind
from gateway.mermaid.mindmap_export import export_mindmap
from gateway.mermaid.names import mermaid_names
from gateway.mermaid.shapes import WRITTEN
from gateway.mermaid.writing import (
    about,
    classes_of,
    label_of,
    text_at,
    write_edge_data,
    write_link,
    write_link_style,
    write_node,
    write_style,
    written_label,
)
from ot.diagram import Diagram, Element

#: Levels of subgraphs that are indented.
_MAX_INDENT = 16
#: The types that are not drawn as plain rectangles, and how.
SHAPES = {kind: written for kind, written in WRITTEN.items() if written != ("square", None)}


def export_mermaid(diagram: Diagram) -> str:
    """The diagram as Mermaid text; a Mermaid diagram is its own text, untouched."""
    if diagram.kind == "mermaid":
        text = diagram.data.get("text")
        return text if isinstance(text, str) else ""
    source = source_of(diagram)
    if source is None:
        return print_flowchart(diagram, None)
    if detect_kind(source) == "mindmap":
        mindmap = export_mindmap(diagram, source)
        return print_flowchart(diagram, None) if mindmap is None else mindmap
    return _export_flowchart(diagram, source)


def source_of(diagram: Diagram) -> str | None:
    """The text that a diagram came from."""
    kept = diagram.data.get("mermaid")
    source = text_at(kept, "source") if isinstance(kept, dict) else None
    return source if isinstance(source, str) else None


def _export_flowchart(diagram: Diagram, source: str) -> str:
    try:
        chart = parse_flowchart(source)
    except MermaidError:
        return print_flowchart(diagram, None)
    base = diagram_of(chart)
    known = {i: name for i, name in element_names(chart.graph).items() if i in diagram.nodes}
    if _same(chart, base, diagram, mermaid_names(diagram.nodes, known)):
        return source
    names = names_for(diagram, chart)
    patched = patch_source(chart, base, diagram, names)
    if patched is not None and means(patched, diagram, names):
        return patched
    return print_flowchart(diagram, chart, names)


def names_for(diagram: Diagram, chart: Flowchart) -> dict[str, str]:
    """Mermaid's name of each node: the text's own, unless a line that starts so is a comment."""
    known = {
        identifier: name
        for identifier, name in element_names(chart.graph).items()
        if identifier in diagram.nodes and not name.startswith("%%")
    }
    return mermaid_names(diagram.nodes, known)


def means(text: str, diagram: Diagram, names: dict[str, str]) -> bool:
    """Whether the text, read again, is the diagram."""
    try:
        chart = parse_flowchart(text)
    except MermaidError:
        return False
    return _same(chart, diagram_of(chart), diagram, names)


def _same(chart: Flowchart, made: Diagram, diagram: Diagram, names: dict[str, str]) -> bool:
    defaults = default_colours(chart.graph.classes)
    return same_essence(made, element_names(chart.graph), diagram, names, defaults)


def print_flowchart(
    diagram: Diagram, chart: Flowchart | None, names: dict[str, str] | None = None
) -> str:
    names = names or mermaid_names(diagram.nodes)
    writer = _Writer(diagram, names, chart)
    return "\n".join(writer.lines()) + "\n"


class _Writer:
    def __init__(self, diagram: Diagram, names: dict[str, str], chart: Flowchart | None) -> None:
        self.diagram = diagram
        self.names = names
        self.chart = chart
        self.classes = frozenset(chart.graph.classes if chart else ())

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
        names = set(self.names.values())
        for statement in statements(self.chart.tree.body):
            kept = isinstance(statement, ClassDef | Accessibility) or (
                isinstance(statement, Click) and names.issuperset(statement.ids.split(","))
            )
            if kept:
                yield "  " + self.chart.text[slice(*statement.span)].strip()

    def node_lines(self) -> Iterator[str]:
        """Nodes in the order they came in, children inside the subgraph of their parent."""
        children = _children(self.diagram)
        written: set[str] = set()
        # After the roots come those that only a cycle of parents would leave out.
        for root in [*children[None], *self.diagram.nodes]:
            if root not in written:
                yield from self.tree_lines(children, root, written)

    def tree_lines(
        self, children: defaultdict[str | None, list[str]], root: str, written: set[str]
    ) -> Iterator[str]:
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
                if self.is_group(identifier, node, children):
                    yield from _group_lines(indent, name, node)
                    open_groups.append(iter(children[identifier]))
                else:
                    yield f"{indent}{write_node(name, node, self.classes)}"

    def is_group(
        self, identifier: str, node: Element, children: defaultdict[str | None, list[str]]
    ) -> bool:
        """Mermaid draws nothing for a group without nodes that it never had a name for."""
        return identifier in children or (self.chart is not None and node.get("type") == "group")

    def edge_lines(self) -> Iterator[str]:
        styles = []
        count = 0
        for edge in self.diagram.edges.values():
            source, target = self.name(edge, "source"), self.name(edge, "target")
            if source is not None and target is not None:
                yield f"  {source} {write_link(edge)} {target}"
                styles += [write_edge_data(edge), write_link_style(count, edge)]
                count += 1
        yield from (f"  {line}" for line in styles if line)

    def name(self, edge: Element, end: str) -> str | None:
        identifier = edge.get(end)
        return self.names.get(identifier) if isinstance(identifier, str) else None

    def style_lines(self) -> Iterator[str]:
        for identifier, node in self.diagram.nodes.items():
            name = self.names[identifier]
            if style := write_style(name, node):
                yield f"  {style}"
            first = 0 if node.get("type") == "group" else 1
            for more in classes_of(node, self.classes)[first:]:
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
