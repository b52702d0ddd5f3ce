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

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from gateway.mermaid.changes import Changes, compare
from gateway.mermaid.essence import parents_of
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
from gateway.mermaid.origin import Origin
from gateway.mermaid.patch_mentions import Mentions, merged
from gateway.mermaid.text_edits import TextEdits
from gateway.mermaid.writing import (
    about,
    direction_at,
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

_DIRECTION: Final = re.compile(r"direction\s+(?:TB|BT|LR|RL|TD)")


def patch_source(
    chart: Flowchart,
    base: Diagram,
    base_names: dict[str, str],
    diagram: Diagram,
    names: dict[str, str],
) -> str | None:
    """The text of ``chart`` edited into that of ``diagram``; ``base`` is what it makes as it is,
    under the ids of ``diagram``.

    ``names`` has Mermaid's name of each node of ``diagram``, ``base_names`` of each of ``base``.
    """
    changes = compare(chart.graph, base, base_names, diagram, names)
    if changes is None:
        return None
    ids = {name: identifier for identifier, name in base_names.items()}
    return _Patch(chart, base, diagram, names, changes=changes, ids=ids).run()


class _Patch:
    def __init__(
        self,
        chart: Flowchart,
        base: Diagram,
        diagram: Diagram,
        names: dict[str, str],
        *,
        changes: Changes,
        ids: dict[str, str],
    ) -> None:
        self.chart, self.base, self.diagram = chart, base, diagram
        self.names, self.changes = names, changes
        self.text = TextEdits(chart.text)
        self.ids = ids
        self.base_edges = list(base.edges.values())
        self.origin = Origin(chart, base)
        self.dropped = {
            name: self.origin.dropped_classes(name, diagram.nodes[self.ids[name]])
            for name in sorted(changes.restyled)
        }
        for number in changes.restyled_edges:
            edge = chart.graph.edges[number]
            left = self.origin.edge_classes(changes.kept_edges[number], self.edge(number))[0]
            self.dropped[edge.id] = set(edge.classes) - set(left)
        self.mentions = Mentions(
            chart, base, diagram, self.ids, changed=changes.relabelled, dropped=self.dropped
        )
        #: Numbers of the edges that have an id, by it.
        self.named = {edge.id: edge.index for edge in chart.graph.edges if edge.named}
        #: Lines about edges that now stand below them.
        self.afterwards: list[str] = []
        self.order: list[int] = []
        self.late: dict[int, str] = {}
        self.homeless: dict[str, list[str]] = {name: [] for name in sorted(changes.moved)}
        self.count = 0
        self.groups = parents_of(diagram)
        self.group_names = chart.group_names

    def run(self) -> str | None:
        tree = self.chart.tree
        link_styles = list(self.body(tree.body, None))
        self.new_nodes()
        self.new_edges()
        self.text.tail += self.afterwards
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
                case Direction() if group in self.changes.redirected:
                    written = self.text.slice(statement.span)
                    new = _DIRECTION.sub(f"direction {self.direction(group)}", written)
                    self.text.replace(statement.span, new)
                case Style() if statement.id in self.changes.gone:
                    self.text.remove(statement.span)
                case ClassOf() | Click():
                    self.ids_of(statement)
                case LinkStyle():
                    yield statement

    def subgraph(self, statement: Subgraph) -> Iterator[LinkStyle]:
        name = self.group_names[statement.span]
        yield from self.body(statement.body, name)
        if name in self.changes.gone:
            self.text.remove(statement.head)
            self.text.remove(statement.end)
            return
        if name in self.changes.relabelled:
            element = merged(self.diagram.nodes[self.ids[name]], self.base.nodes[self.ids[name]])
            head = f"subgraph {name} [{written_label(element, label_of(element))}]"
            self.text.replace(self.text.with_spaces(statement.head), head)
        is_said = any(isinstance(inner, Direction) for inner in statement.body)
        if name in self.changes.redirected and not is_said:
            place = statement.end[0]
            # The grammar takes a whole line that has this in it for nothing else.
            lead = [""] if self.text.text[self.text.line_start(place) : place].strip() else []
            self.text.insert_before(place, [*lead, f"direction {self.direction(name)}"])

    def direction(self, group: str | None) -> str | None:
        return direction_at(about(self.diagram.nodes[self.ids[group]])) if group else None

    def ids_of(self, statement: ClassOf | Click) -> None:
        """Takes out what is gone, what left the class, and edges that now stand further down."""
        ids = statement.ids.split(",")
        away = {name for name in ids if name in self.changes.gone}
        if isinstance(statement, ClassOf):
            away |= {name for name in ids if statement.name in self.dropped.get(name, ())}
            for name in ids:
                number = self.named.get(name)
                if number is not None and self.is_displaced(number):
                    away.add(name)
                    if number in self.late:
                        self.afterwards.append(f"class {name} {statement.name}")
        left = [name for name in ids if name not in away]
        if not left:
            self.text.remove(statement.span)
        elif left != ids:
            written = self.text.slice(statement.span)
            new = written.replace(statement.ids, ",".join(left), 1)
            self.text.replace(statement.span, new)

    def is_displaced(self, number: int) -> bool:
        """Whether an edge is gone from where it stood."""
        return number in self.late or number not in self.changes.kept_edges

    def is_about_displaced(self, statement: Vertices) -> bool:
        """Whether it is the line ``e1@{ … }`` of such an edge, which then goes, too."""
        first = statement.groups[0][0]
        number = self.named.get(first.id)
        if number is None or len(statement.groups) > 1 or len(statement.groups[0]) > 1:
            return False
        if first.id in self.ids or not self.is_displaced(number):
            return False
        if number in self.late:
            self.afterwards.append(self.text.slice(statement.span))
        self.text.remove(statement.span)
        return True

    def vertices(self, statement: Vertices, inside: bool) -> None:
        if self.is_about_displaced(statement):
            return
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
        for identifier in self.changes.added:
            node = self.diagram.nodes[identifier]
            if identifier not in self.groups and node.get("type") != "group":
                text = write_node(self.names[identifier], node, self.first_class(identifier))
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
            is_group = identifier in self.groups or node.get("type") == "group"
            if is_group and text_at(node, "parentId") not in fresh:
                self.text.tail += self.new_group(identifier, lines)

    def first_class(self, identifier: str) -> str | None:
        return next(iter(self.look(identifier)[0]), None)

    def look(self, identifier: str) -> tuple[list[str], list[str]]:
        return self.origin.node_look(self.names[identifier], self.diagram.nodes[identifier])

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
                child in self.groups or self.diagram.nodes[child].get("type") == "group"
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
            edge = self.added_edge(identifier)
            classes, _ = self.origin.edge_classes(identifier, edge)
            lines = [f"class {edge_name(edge)} {name}" for name in classes]
            self.text.tail += [self.edge_line(edge)]
            self.text.tail += [line for line in (write_edge_data(edge), *lines) if line]

    def added_edge(self, identifier: str) -> Element:
        """An edge that is not where it was, with what the text said of it there."""
        edge, before = self.diagram.edges[identifier], self.base.edges.get(identifier)
        return edge if before is None else merged(edge, before)

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
            line = self.origin.link_style(place, identifier, self.added_edge(identifier))
            self.text.tail += [line] if line else []

    def restyle_edge(self, number: int, place: int) -> None:
        identifier, edge = self.changes.kept_edges[number], self.edge(number)
        line = self.origin.link_style(place, identifier, edge)
        self.text.tail += [line] if line else []

    def node_styles(self) -> None:
        written: dict[str, list[Style]] = {}
        for statement in self.styles_in(self.chart.tree.body):
            written.setdefault(statement.id, []).append(statement)
        for name in sorted(self.changes.restyled):
            identifier = self.ids[name]
            line = write_style(name, self.diagram.nodes[identifier], self.look(identifier)[1])
            found = written.get(name, [])
            for statement in found if not line else found[:-1]:
                self.text.remove(statement.span)
            if line and found:
                self.text.replace(found[-1].styles_span, line.removeprefix(f"style {name} "))
            elif line:
                self.text.tail.append(line)
        for identifier in self.changes.added:
            node, name = self.diagram.nodes[identifier], self.names[identifier]
            classes, others = self.look(identifier)
            first = 0 if node.get("type") == "group" or identifier in self.groups else 1
            self.text.tail += [f"class {name} {more}" for more in classes[first:]]
            style = write_style(name, node, others)
            self.text.tail += [style] if style else []

    def styles_in(self, statements: list[Statement]) -> Iterator[Style]:
        for statement in statements:
            if isinstance(statement, Style):
                yield statement
            elif isinstance(statement, Subgraph):
                yield from self.styles_in(statement.body)
