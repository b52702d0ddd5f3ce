"""What a flowchart says of the whole diagram: its title, its description, its direction.

Each is written only where the text says one: a text without a title is not given one. An edit that
would be read back as anything else (a title in YAML that has anchors, say) is left out; the text
then keeps what it said, and the diagram what it has.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.flow_graph import Graph
from gateway.mermaid.flow_tree import Accessibility, Statement, Subgraph
from gateway.mermaid.flowchart import Flowchart, front_matter_indent, parse_flowchart
from gateway.mermaid.shape_data import scalar
from gateway.mermaid.text_edits import TextEdits
from gateway.mermaid.writing import direction_at
from ot.diagram import Diagram

#: A title that YAML needs no quotes for.
_PLAIN: Final = re.compile(r"[^\W_](?:[\w .()/+]|[,'-](?=\w))*")
_HEAD: Final = re.compile(r"(\s*[A-Za-z][A-Za-z-]*)(?:[^\S\n]+(?:TB|TD|BT|LR|RL|[<>^v]))?")


def with_properties(chart: Flowchart, diagram: Diagram) -> str:
    """The text of the chart, saying of the whole what the diagram does."""
    for key, value, new in _edits(chart, diagram):
        try:
            again = parse_flowchart(new)
        except MermaidError:
            continue
        if _said(again)[key] == value and _rest(again.graph) == _rest(chart.graph):
            return with_properties(again, diagram) if new != chart.text else new
    return chart.text


def _edits(chart: Flowchart, diagram: Diagram) -> Iterator[tuple[str, str | None, str]]:
    """What is to be said otherwise, how it is read back, and the text that may say so."""
    said = _said(chart)
    title, description = _words(diagram.title), _lines(diagram.description or "")
    direction = direction_at(diagram.data.get("mermaid"))
    if said["title"] is not None and said["title"] != title:
        front = chart.title is not None
        if front:
            yield "title", title, _titled(chart, title)
        else:
            yield "title", title or None, _spoken(chart, "title", title)
    if said["description"] is not None and said["description"] != description:
        yield "description", description or None, _spoken(chart, "description", description)
    if direction is not None and said["direction"] != direction:
        yield "direction", direction, _directed(chart, direction)


def _said(chart: Flowchart) -> dict[str, str | None]:
    title = chart.graph.title if chart.title is None else chart.title
    description = chart.graph.description
    return {
        "title": None if title is None else _words(title),
        "description": None if description is None else _lines(description),
        "direction": direction_at({"direction": chart.graph.direction}),
    }


def _rest(graph: Graph) -> Graph:
    """All else; to Mermaid a title is a member of the subgraph that it stands in."""
    known = {*graph.vertices, *(group.id for group in graph.groups)}
    groups = [
        msgspec.structs.replace(group, members=[m for m in group.members if m in known])
        for group in graph.groups
    ]
    return msgspec.structs.replace(
        graph, title=None, description=None, direction="TB", groups=groups
    )


def _words(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    return "\n".join(line for line in map(_words, text.splitlines()) if line)


def _titled(chart: Flowchart, title: str) -> str:
    """The title in the front matter; lines that go on with the old one go with it."""
    text = chart.text
    piece = next(piece for piece in chart.pieces if piece.kind == "front")
    indent = re.escape(front_matter_indent(text, piece))
    line = re.compile(
        rf"""^({indent})(?:title|'title'|"title")[ \t]*:.*(?:\r?\n{indent}[ \t]+.*)*$""", re.M
    )
    found = line.search(text, piece.start, piece.end)
    if found is None:
        return text
    end = "\r" if found[0].endswith("\r") else ""
    new = f"{found[1]}title: {_yaml(title)}{end}"
    return text[: found.start()] + new + text[found.end() :]


def _yaml(text: str) -> str:
    if _PLAIN.fullmatch(text) and scalar(text) == text:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    # Mermaid rewrites the quotes of what looks like a tag, also here.
    return '"' + escaped.replace("<", "\\u003c").replace(">", "\\u003e") + '"'


def _spoken(chart: Flowchart, kind: str, value: str) -> str:
    """The title or the description for screen readers; an empty one goes."""
    found = [s for s in _spoken_in(chart.tree.body) if s.kind == kind]
    if not value:
        edits = TextEdits(chart.text)
        for statement in found:
            edits.remove(statement.span)
        return edits.applied("") or chart.text
    start, end = found[-1].span
    word = "accTitle" if kind == "title" else "accDescr"
    new = f"{word} {{\n{value}\n}}" if "\n" in value else f"{word}: {value}"
    return chart.text[:start] + new + chart.text[end:]


def _spoken_in(statements: list[Statement]) -> Iterator[Accessibility]:
    for statement in statements:
        if isinstance(statement, Accessibility):
            yield statement
        elif isinstance(statement, Subgraph):
            yield from _spoken_in(statement.body)


def _directed(chart: Flowchart, direction: str) -> str:
    start, end = chart.tree.head
    found = _HEAD.match(chart.text, start, end)
    if found is None:
        return chart.text
    written = "TD" if direction == "TB" else direction
    return f"{chart.text[:start]}{found[1]} {written}{chart.text[found.end() :]}"
