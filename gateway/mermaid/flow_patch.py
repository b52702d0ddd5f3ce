"""Editing the text that a diagram came from, so that only the lines concerned change.

Two diagrams are compared: the one that the text makes, and the one there is now. Labels, shapes and
arrows are replaced where they stand. A statement that names something deleted, or a node that was
moved out of the subgraph it stands in, is taken apart into one line for each edge that is left. A
node belongs to the first subgraph that closes with it inside, so edges of moved nodes, like new
ones, go to the end of the text. ``linkStyle`` counts edges, so its numbers are counted anew.

What this cannot do (a subgraph moved into another) is answered with ``None``; the caller then
prints the diagram. The caller also reads the result, so nothing here has to be right for every
text.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from gateway.mermaid.essence import default_colours, edge_essence, node_essence, parents_of
from gateway.mermaid.flow_graph import Graph
from gateway.mermaid.flow_import import element_names
from gateway.mermaid.flow_tree import (
    ClassOf,
    Click,
    Direction,
    LinkStyle,
    Mention,
    Statement,
    Style,
    Subgraph,
    Vertices,
)
from gateway.mermaid.flowchart import Flowchart
from gateway.mermaid.patch_mentions import Mentions, merged
from gateway.mermaid.styles import EDGE_KEYS, NODE_KEYS, edge_entries, node_entries, split_style
from gateway.mermaid.text_edits import TextEdits
from gateway.mermaid.writing import (
    edge_name,
    join_entries,
    label_of,
    text_at,
    write_edge_data,
    write_link,
    write_node,
    write_style,
    written_label,
)
from ot.diagram import Diagram, Element


def patch_source(
    chart: Flowchart, base: Diagram, diagram: Diagram, names: dict[str, str]
) -> str | None:
    """The text of ``chart`` edited into that of ``diagram``; ``base`` is what it makes as it is.

    ``names`` has Mermaid's name of each node of ``diagram``.
    """
    changes = _compare(chart.graph, base, diagram, names)
    return None if changes is None else _Patch(chart, base, diagram, names, changes).run()


class _Changes(msgspec.Struct):
    """Nodes by name, edges by their number in the text."""

    gone: set[str]
    moved: set[str]
    relabelled: set[str]
    restyled: set[str]
    added: list[str]
    kept_edges: dict[int, str]
    changed_edges: set[int]
    restyled_edges: set[int]
    added_edges: list[str]


def _compare(
    graph: Graph, base: Diagram, diagram: Diagram, names: dict[str, str]
) -> _Changes | None:
    base_names = element_names(graph)
    if len(base.edges) != len(graph.edges):
        return None
    changes = _Changes(set(), set(), set(), set(), [], {}, set(), set(), [])
    changes.gone = {name for i, name in base_names.items() if i not in diagram.nodes}
    changes.added = [i for i in diagram.nodes if i not in base_names]
    defaults = default_colours(graph.classes)
    groups, base_groups = parents_of(diagram), {group.id for group in graph.groups}
    for identifier, name in base_names.items():
        if name in changes.gone:
            continue
        old = node_essence(base.nodes[identifier], base_names, False, defaults)
        new = node_essence(diagram.nodes[identifier], names, identifier in groups, defaults)
        if (old[0] == "group") != (new[0] == "group"):
            return None
        parent = _parent_left(base, identifier, diagram)
        if (base_names[parent] if parent else None) != new[2]:
            if name in base_groups:
                return None
            changes.moved.add(name)
        if old[:2] != new[:2]:
            changes.relabelled.add(name)
        if old[3] != new[3]:
            changes.restyled.add(name)
    _compare_edges(base, diagram, base_names, names, changes)
    return changes


def _parent_left(base: Diagram, identifier: str, diagram: Diagram) -> str | None:
    """Where the node stands once the groups around it that are gone are taken away."""
    parent = text_at(base.nodes[identifier], "parentId")
    while parent is not None and parent not in diagram.nodes:
        parent = text_at(base.nodes[parent], "parentId")
    return parent if isinstance(parent, str) else None


def _compare_edges(
    base: Diagram,
    diagram: Diagram,
    base_names: dict[str, str],
    names: dict[str, str],
    changes: _Changes,
) -> None:
    for number, (identifier, edge) in enumerate(base.edges.items()):
        old = edge_essence(edge, base_names)
        new = edge_essence(diagram.edges.get(identifier, {}), names)
        if old is None or new is None or old[:2] != new[:2]:
            continue
        changes.kept_edges[number] = identifier
        if old[2:5] != new[2:5]:
            changes.changed_edges.add(number)
        if old[5] != new[5]:
            changes.restyled_edges.add(number)
    kept = set(changes.kept_edges.values())
    changes.added_edges = [
        i for i, edge in diagram.edges.items() if i not in kept and edge_essence(edge, names)
    ]


class _Patch:
    def __init__(
        self,
        chart: Flowchart,
        base: Diagram,
        diagram: Diagram,
        names: dict[str, str],
        changes: _Changes,
    ) -> None:
        self.chart, self.base, self.diagram = chart, base, diagram
        self.names, self.changes = names, changes
        self.text = TextEdits(chart.text)
        self.ids = {name: i for i, name in element_names(chart.graph).items()}
        self.base_edges = list(base.edges.values())
        self.mentions = Mentions(chart, base, diagram, self.ids, changes.relabelled - changes.gone)
        self.order: list[int] = []
        self.late: dict[int, str] = {}
        self.homeless: dict[str, list[str]] = {name: [] for name in sorted(changes.moved)}
        self.count = 0

    def run(self) -> str | None:
        tree = self.chart.tree
        link_styles = list(self.body(tree.body, None))
        self.new_nodes()
        self.new_edges()
        self.link_styles(link_styles)
        self.node_styles()
        first = tree.body[0].span[0] if tree.body else 0
        return self.text.applied(self.text.indent(first) if first else "  ")

    def body(self, statements: list[Statement], group: str | None) -> Iterator[LinkStyle]:
        """Edits the statements in their order; hands back those that count edges."""
        for statement in statements:
            match statement:
                case Vertices():
                    self.vertices(statement, group is not None)
                case Subgraph():
                    yield from self.subgraph(statement)
                case Direction() if group in self.changes.gone:
                    self.text.remove(statement.span)
                case Style() if statement.id in self.changes.gone:
                    self.text.remove(statement.span)
                case ClassOf() | Click():
                    self.ids_of(statement)
                case LinkStyle():
                    yield statement

    def subgraph(self, statement: Subgraph) -> Iterator[LinkStyle]:
        name = self.chart.group_names[statement.span]
        yield from self.body(statement.body, name)
        if name in self.changes.gone:
            self.text.remove(statement.head)
            self.text.remove(statement.end)
        elif name in self.changes.relabelled:
            element = self.diagram.nodes[self.ids[name]]
            head = f"subgraph {name} [{written_label(element, label_of(element))}]"
            self.text.replace(self.text.with_spaces(statement.head), head)

    def ids_of(self, statement: ClassOf | Click) -> None:
        ids = statement.ids.split(",")
        left = [name for name in ids if name not in self.changes.gone]
        if not left:
            self.text.remove(statement.span)
        elif left != ids:
            written = self.text.slice(statement.span)
            new = written.replace(statement.ids, ",".join(left), 1)
            self.text.replace(statement.span, new)

    def vertices(self, statement: Vertices, inside: bool) -> None:
        pairs = self.pairs_of(statement)
        if self.is_dirty(statement, pairs, inside):
            self.take_apart(statement, pairs, inside)
            return
        self.order += [number for _, number, _, _ in pairs]
        for group in statement.groups:
            for mention in group:
                self.text.replace(mention.span, self.mentions.written(mention))
        for link, number, _, _ in pairs:
            if number in self.changes.changed_edges:
                edge = self.edge(number)
                self.text.replace_arrow(statement.links[link].span, write_link(edge))
                self.edge_data(number, edge)

    def pairs_of(self, statement: Vertices) -> list[tuple[int, int, Mention, Mention]]:
        """Link, number of the edge, and its ends, for each edge of a statement."""
        pairs = []
        for link in range(len(statement.links)):
            for start in statement.groups[link]:
                for end in statement.groups[link + 1]:
                    pairs.append((link, self.count, start, end))
                    self.count += 1
        return pairs

    def is_dirty(
        self, statement: Vertices, pairs: list[tuple[int, int, Mention, Mention]], inside: bool
    ) -> bool:
        named = {mention.id for group in statement.groups for mention in group}
        if named & self.changes.gone or (inside and named & self.changes.moved):
            return True
        numbers = [number for _, number, _, _ in pairs]
        if not all(number in self.changes.kept_edges for number in numbers):
            return True
        several = Counter(link for link, _, _, _ in pairs)
        return any(several[link] > 1 and number in self.changes.changed_edges
                   for link, number, _, _ in pairs)  # fmt: skip

    def take_apart(
        self, statement: Vertices, pairs: list[tuple[int, int, Mention, Mention]], inside: bool
    ) -> None:
        lines: list[str] = []
        written: set[int] = set()
        away = self.changes.moved if inside else set()
        for link, number, start, end in pairs:
            if number not in self.changes.kept_edges:
                continue
            if {start.id, end.id} & away:
                self.late[number] = self.link_text(statement, link, number)
                continue
            self.order.append(number)
            ends = [self.once(mention, written) for mention in (start, end)]
            lines.append(f"{ends[0]} {self.link_text(statement, link, number)} {ends[1]}")
        named = {m.id for group in statement.groups for m in group if id(m) in written}
        for mention in (m for group in statement.groups for m in group):
            if mention.id in self.changes.gone or id(mention) in written:
                continue
            text = self.mentions.written(mention)
            if mention.id in away:
                self.homeless[mention.id] += [text] if text != mention.id else []
            elif text != mention.id or mention.id not in named:
                lines.append(text)
                named.add(mention.id)
        self.text.replace_lines(statement.span, lines)

    def once(self, mention: Mention, written: set[int]) -> str:
        """A mention as it was written, and by its id alone after that."""
        if id(mention) in written:
            return mention.id
        written.add(id(mention))
        return self.mentions.written(mention)

    def link_text(self, statement: Vertices, link: int, number: int) -> str:
        if number in self.changes.changed_edges:
            edge = self.edge(number)
            self.edge_data(number, edge)
            return write_link(edge)
        tree = statement.links[link]
        text = self.text.slice(tree.span)
        named = self.chart.graph.edges[number].named
        return text if tree.id is None or named else text[len(tree.id) + 1 :].lstrip()

    def edge(self, number: int) -> Element:
        now = self.diagram.edges[self.changes.kept_edges[number]]
        return merged(now, self.base_edges[number])

    def edge_data(self, number: int, edge: Element) -> None:
        """What an edge's own line says of its movement, where that changed."""
        name = edge_name(edge)
        if name and edge.get("animated") != self.base_edges[number].get("animated"):
            still = f"{name}@{{ animate: false }}"
            self.text.tail.append(write_edge_data(edge) if edge.get("animated") else still)

    def new_nodes(self) -> None:
        """Nodes that were added or moved, each into its subgraph or to the end."""
        lines: dict[str | None, list[str]] = {}
        fresh = set(self.changes.added)
        groups = parents_of(self.diagram)
        for identifier in self.changes.added:
            node = self.diagram.nodes[identifier]
            if identifier not in groups and node.get("type") != "group":
                text = write_node(self.names[identifier], node)
                lines.setdefault(text_at(node, "parentId"), []).append(text)
        for name in sorted(self.mentions.changed - self.mentions.home.keys()):
            node = self.diagram.nodes[self.ids[name]]
            if node.get("type") != "group":
                # Only a style named it so far.
                lines.setdefault(None, []).append(write_node(name, node))
        for name, texts in self.homeless.items():
            node = self.diagram.nodes[self.ids[name]]
            lines.setdefault(text_at(node, "parentId"), []).extend(texts or [name])
        self.insert_nodes(lines, fresh)
        for identifier in self.changes.added:
            node = self.diagram.nodes[identifier]
            is_group = identifier in groups or node.get("type") == "group"
            if is_group and text_at(node, "parentId") not in fresh:
                self.text.tail += self.new_group(identifier, lines)

    def insert_nodes(self, lines: dict[str | None, list[str]], fresh: set[str]) -> None:
        ends = self.chart.group_ends
        for parent, texts in lines.items():
            if parent in fresh:
                continue
            name = self.names.get(parent) if parent is not None else None
            if name in ends:
                self.text.insert_before(ends[name], texts)
            else:
                self.text.tail += texts

    def new_group(self, identifier: str, lines: dict[str | None, list[str]]) -> list[str]:
        node = self.diagram.nodes[identifier]
        inner = [f"  {line}" for line in lines.get(identifier, [])]
        for child in self.changes.added:
            if text_at(self.diagram.nodes[child], "parentId") == identifier and (
                child in parents_of(self.diagram)
                or self.diagram.nodes[child].get("type") == "group"
            ):
                inner += [f"  {line}" for line in self.new_group(child, lines)]
        head = f"subgraph {self.names[identifier]} [{written_label(node, label_of(node))}]"
        return [head, *inner, "end"]

    def new_edges(self) -> None:
        for number, link in self.late.items():
            edge = self.edge(number)
            ends = self.names[edge["source"]], self.names[edge["target"]]
            self.text.tail.append(f"{ends[0]} {link} {ends[1]}")
        for identifier in self.changes.added_edges:
            edge = self.diagram.edges[identifier]
            self.text.tail += [
                line for line in (self.edge_line(edge), write_edge_data(edge)) if line
            ]

    def edge_line(self, edge: Element) -> str:
        return f"{self.names[edge['source']]} {write_link(edge)} {self.names[edge['target']]}"

    def link_styles(self, statements: list[LinkStyle]) -> None:
        places = {number: place for place, number in enumerate([*self.order, *self.late])}
        lost = self.changes.restyled_edges | set(self.late)
        styled = set(self.changes.restyled_edges)
        for statement in statements:
            if statement.positions is None:
                continue
            numbers = [int(position) for position in statement.positions]
            left = [str(places[n]) for n in numbers if n in places and n not in lost]
            styled |= {n for n in numbers if n in self.late}
            if not left:
                self.text.remove(statement.span)
            else:
                self.text.replace(statement.positions_span, ",".join(left))
        for number in sorted(styled & places.keys()):
            self.restyle_edge(number, places[number])
        for place, identifier in enumerate(self.changes.added_edges, len(places)):
            entries = join_entries(edge_entries(self.diagram.edges[identifier]))
            if entries:
                self.text.tail.append(f"linkStyle {place} {entries}")

    def restyle_edge(self, number: int, place: int) -> None:
        known = self.chart.graph.edges[number]
        others = [entry for entry in known.styles or []
                  if split_style(entry)[0] not in EDGE_KEYS and entry != "fill:none"]  # fmt: skip
        entries = [join_entries(edge_entries(self.edge(number)))]
        styles = ",".join(entry for entry in [*others, *entries] if entry)
        curve = known.interpolate if "curve" not in known.data else None
        words = [f"interpolate {curve}"] if curve else []
        if styles or words:
            self.text.tail.append(" ".join([f"linkStyle {place}", *words, styles]).strip())

    def node_styles(self) -> None:
        written = {s.id: s for s in self.styles_in(self.chart.tree.body)}
        for name in sorted(self.changes.restyled):
            node = self.diagram.nodes[self.ids[name]]
            statement = written.get(name)
            if statement is None:
                self.text.tail += [line for line in (write_style(name, node),) if line]
                continue
            others = [e for e in statement.styles if split_style(e)[0] not in NODE_KEYS]
            styles = [*others, *(f"{k}:{v}" for k, v in node_entries(node).items())]
            if styles:
                self.text.replace(statement.styles_span, ",".join(styles).lstrip())
            else:
                self.text.remove(statement.span)
        for identifier in self.changes.added:
            style = write_style(self.names[identifier], self.diagram.nodes[identifier])
            self.text.tail += [style] if style else []

    def styles_in(self, statements: list[Statement]) -> Iterator[Style]:
        for statement in statements:
            if isinstance(statement, Style):
                yield statement
            elif isinstance(statement, Subgraph):
                yield from self.styles_in(statement.body)
