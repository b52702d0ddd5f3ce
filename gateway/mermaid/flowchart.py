"""Reading a Mermaid flowchart: the text, its syntax tree, and what it means."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import msgspec

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.flow_graph import Graph, build_graph
from gateway.mermaid.flow_parser import parse_tree
from gateway.mermaid.flow_tree import Span, Statement, Subgraph, Tree
from gateway.mermaid.kinds import detect_kind_of
from gateway.mermaid.limits import MAX_REMEMBERED, MAX_REMEMBERED_LENGTH
from gateway.mermaid.shape_data import DataError, key_text, read_front_matter
from gateway.mermaid.source import Piece, Source, encode, read_source, tidy_braces

_KIND: Final = "a kind of diagram"
_TITLE: Final = re.compile(r"^title:[ \t]*(.*?)[ \t]*$", re.M)


class Flowchart(msgspec.Struct):
    """``text`` is the source, to which all spans refer; ``pieces`` the front matter, directives and
    comments in it, which the tree does not have; ``title`` the one in the front matter."""

    text: str
    tree: Tree
    graph: Graph
    pieces: list[Piece]
    title: str | None = None

    @property
    def group_names(self) -> dict[Span, str]:
        """The id of each subgraph by the span of its statement."""
        statements = _subgraphs(self.tree.body)
        return {s.span: group.id for s, group in zip(statements, self.graph.groups, strict=True)}

    @property
    def group_ends(self) -> dict[str, int]:
        """Where the word stands that ends each subgraph."""
        statements = _subgraphs(self.tree.body)
        return {group.id: s.end[0] for s, group in zip(statements, self.graph.groups, strict=True)}


def parse_flowchart(text: str) -> Flowchart:
    """What the text says, not to be changed. Raises MermaidError with line, column and what was
    expected."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED_LENGTH else _parsed(text)


@lru_cache(MAX_REMEMBERED)
def _remembered(text: str) -> Flowchart:
    """An export reads back what it writes, and a patch compares two texts: each is read once."""
    return _parsed(text)


def _parsed(text: str) -> Flowchart:
    source = read_source(text)
    kind = detect_kind_of(source.text)
    if kind is None:
        raise _no_kind(source)
    if kind != "flowchart":
        message = "Expected a flowchart, found another kind of diagram."
        raise MermaidError("mermaid_kind", message, expected="'flowchart' or 'graph'")
    title = front_title(source)
    encode(source)
    tidy_braces(source)
    tree = parse_tree(source)
    return Flowchart(text, tree, build_graph(source, tree), source.pieces, title)


def _no_kind(source: Source) -> MermaidError:
    """Texts copied out of a chat or a README often come with the fence around them."""
    message = f"A Mermaid text starts with {_KIND}, such as 'flowchart TD' or 'mindmap'."
    if source.text.startswith("```"):
        message = f"Leave out the lines with ```. {message}"
    elif not source.text:
        message = f"There is nothing to draw. {message}"
    return MermaidError("mermaid_kind", message, expected=_KIND)


def _subgraphs(statements: list[Statement]) -> Iterator[Subgraph]:
    """In the order in which they close, which is that of the groups."""
    for statement in statements:
        if isinstance(statement, Subgraph):
            yield from _subgraphs(statement.body)
            yield statement


def front_title(source: Source) -> str | None:
    """The title in the front matter, which has to be YAML, dedented by the indentation of its
    fences. Raises MermaidError (``mermaid_value``) for what is none."""
    for piece in source.pieces:
        if piece.kind == "front":
            data = front_matter_of(source.original, piece)
            try:
                front = read_front_matter(data)
            except DataError as error:
                raise source.error_at("mermaid_value", str(error), piece.start) from None
            if not isinstance(front, dict):
                found = _TITLE.search(data)
                return found[1].strip("\"'") if found else None
            title = front.get("title")
            return None if title is None else key_text(title)
    return None


def front_matter_of(text: str, piece: Piece) -> str:
    """The lines between the fences."""
    lines = text[piece.start : piece.end].strip().splitlines()[1:-1]
    indent = front_matter_indent(text, piece)
    return "\n".join(line.removeprefix(indent) for line in lines)


def front_matter_indent(text: str, piece: Piece) -> str:
    return text[piece.start : text.index("-", piece.start)]
