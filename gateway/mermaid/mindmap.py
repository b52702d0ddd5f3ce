"""Reading a Mermaid mindmap: Mermaid's ``mindmap.jison`` and ``mindmapDb.ts`` (version 11.16).

The tree is made by indentation alone: the parent of a node is the last one before it that is
indented less. ``::icon(…)`` and ``:::class`` stand on lines of their own and belong to the last
node.
"""

import re
from typing import Final

import msgspec

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.flow_lexer import Token
from gateway.mermaid.flow_statements import TokenReader
from gateway.mermaid.flow_tree import Span
from gateway.mermaid.flowchart import front_title
from gateway.mermaid.kinds import detect_kind_of
from gateway.mermaid.limits import MAX_NODES, MAX_TOKENS
from gateway.mermaid.source import WS, Piece, Source, decoded, encode, read_source

#: Shapes by what opens and closes the label; other pairs draw no border.
_SHAPES: Final[dict[str, str]] = {
    "[": "rect", "((": "circle", ")": "cloud", "))": "bang", "{{": "hexagon",
}  # fmt: skip
BRACKETS: Final[dict[str, tuple[str, str]]] = {
    "rect": ("[", "]"), "rounded": ("(", ")"), "circle": ("((", "))"), "cloud": (")", "("),
    "bang": ("))", "(("), "hexagon": ("{{", "}}"), "default": ("", ""),
}  # fmt: skip

_Rules = list[tuple[str, str, str]]
_RULES: Final[dict[str, _Rules]] = {
    "INITIAL": [
        (rf"[{WS}]*%%.*", "SPACELINE", ""),
        (r"mindmap\b", "MINDMAP", ""),
        (r":::", "", "CLASS"),
        (r"::icon\(", "", "ICON"),
        (rf"[{WS}]+\n", "SPACELINE", ""),
        (r"\n+", "NL", ""),
        (r"-\)|\(-|\)\)|\)|\(\(|\{\{|\(|\[", "NODE_DSTART", "NODE"),
        (rf"[{WS}]+", "SPACELIST", ""),
        (r"[^(\[\n){}]+", "NODE_ID", ""),
    ],
    "CLASS": [(r".+", "CLASS", "-"), (r"\n", "", "-")],
    "ICON": [(r"[^)]+", "ICON", ""), (r"\)", "", "-")],
    "NODE": [
        ('"`', "", "NSTR2"),
        ('"', "", "NSTR"),
        (r"\)\)|\)|\]|\}\}|\(-|-\)|\(\(|\(", "NODE_DEND", "-"),
        (r"[^)\](}]+", "NODE_DESCR", ""),
        (r".+(?!\(\()", "NODE_DESCR", ""),
    ],
    "NSTR": [('[^"]+', "NODE_DESCR", ""), ('"', "", "-")],
    "NSTR2": [('[^`"]+', "NODE_DESCR", ""), ('`"', "", "-")],
}
_STATES: Final = {
    name: re.compile("|".join(f"({pattern})" for pattern, _, _ in rules), re.ASCII | re.I)
    for name, rules in _RULES.items()
}


class MindmapNode(msgspec.Struct):
    """``level`` counts the characters before it from those before the root, which has 0.
    ``parent`` is an index into the nodes, ``None`` for the root. ``text_span`` has the label with
    its quotes, ``span`` the node from its id to its closing bracket."""

    id: str
    text: str
    kind: str
    shape: str
    level: int
    parent: int | None
    span: Span
    text_span: Span
    icon: str | None = None
    class_name: str | None = None
    icon_span: Span | None = None
    class_span: Span | None = None


class Mindmap(msgspec.Struct):
    """``nodes`` in the order of the text, the root first; ``text`` is the source."""

    text: str
    nodes: list[MindmapNode]
    pieces: list[Piece]


def parse_mindmap(text: str) -> Mindmap:
    """Raises MermaidError with line, column and what was expected."""
    source = read_source(text)
    if detect_kind_of(source.text) != "mindmap":
        message = "Expected a mindmap, found another kind of diagram."
        raise MermaidError("mermaid_kind", message, expected="'mindmap'")
    front_title(source)
    encode(source)
    reader = _Reader(source, _tokenize(source))
    reader.document()
    return Mindmap(text, reader.nodes, source.pieces)


def _tokenize(source: Source) -> list[Token]:
    tokens: list[Token] = []
    stack, at, text = ["INITIAL"], 0, source.text
    while at < len(text):
        match = _STATES[stack[-1]].match(text, at)
        if match is None:
            message = f"{text[at]!r} cannot stand here; put labels with such signs in quotes."
            raise source.error("mermaid_syntax", message, at)
        _, kind, change = _RULES[stack[-1]][(match.lastindex or 1) - 1]
        if kind:
            tokens.append((kind, at, match.end()))
        if change == "-":
            stack.pop()
        elif change:
            stack.append(change)
        if len(tokens) > MAX_TOKENS:
            message = f"A Mermaid text has at most {MAX_TOKENS} words and signs."
            raise source.error("mermaid_too_large", message, at)
        at = match.end()
    end = len(text)
    return [*tokens, *([("EOF", end, end)] if len(stack) == 1 else []), ("END", end, end)]


class _Reader(TokenReader):
    def __init__(self, source: Source, tokens: list[Token]) -> None:
        super().__init__(source, tokens)
        self.nodes: list[MindmapNode] = []
        self.base = 0
        self.path: list[int] = []

    def document(self) -> None:
        if self.kind == "SPACELINE":
            while self.kind in ("SPACELINE", "NL"):
                self.advance()
        self.expect("MINDMAP", "'mindmap'")
        if self.kind == "NL":
            self.advance()
        while True:
            self.statement()
            self.stop()
            if self.kind == "END":
                return

    def stop(self) -> None:
        if self.kind not in ("NL", "EOF", "SPACELINE"):
            self.fail("the end of the line")
        self.advance()
        while self.kind in ("NL", "EOF"):
            self.advance()

    def statement(self) -> None:
        level = 0
        if self.kind == "SPACELIST":
            index = self.advance()
            level = self.tokens[index][2] - self.tokens[index][1]
            if self.kind in ("NL", "EOF", "SPACELINE"):
                return
        elif self.kind == "SPACELINE":
            self.advance()
            return
        if self.kind in ("ICON", "CLASS"):
            self.decorate()
        else:
            self.node(level)

    def decorate(self) -> None:
        if not self.nodes:
            self.fail("a node before its icon or class")
        node, icon = self.nodes[-1], self.kind == "ICON"
        index = self.advance()
        text, span = self.text_of(index), self.span_from(index)
        if icon:
            node.icon, node.icon_span = text, span
        else:
            node.class_name, node.class_span = text, span

    def node(self, level: int) -> None:
        start, identifier = self.i, None
        if self.kind == "NODE_ID":
            identifier = self.text_of(self.advance())
        elif self.kind != "NODE_DSTART":
            self.fail("a node")
        text, kind, shape = identifier or "", "text", "default"
        text_span = self.span_from(start)
        if self.kind == "NODE_DSTART":
            text, kind, shape, text_span = self.label()
        node = MindmapNode(identifier or text, text, kind, shape, level, None,
                           self.span_from(start), text_span)  # fmt: skip
        self.place(node, start)

    def label(self) -> tuple[str, str, str, Span]:
        opening = self.text_of(self.advance())
        index = self.expect("NODE_DESCR", "a label")
        start, end = self.span_from(index)
        quote = 0
        before = self.source.original[max(start - 2, 0) : start]
        if before.endswith('"`') and self.source.original.startswith('`"', end):
            quote = 2
        elif before.endswith('"') and self.source.original.startswith('"', end):
            quote = 1
        closing = self.text_of(self.expect("NODE_DEND", "the closing bracket of the label"))
        shape = _SHAPES.get(opening, "default")
        if opening == "(":
            shape = "rounded" if closing == ")" else "cloud"
        kind = ("text", "string", "markdown")[quote]
        return self.text_of(index), kind, shape, (start - quote, end + quote)

    def place(self, node: MindmapNode, token: int) -> None:
        at = self.tokens[token][1]
        if len(self.nodes) >= MAX_NODES:
            message = f"A Mermaid text has at most {MAX_NODES} nodes; split the diagram."
            raise self.source.error("mermaid_too_large", message, at)
        if self.nodes:
            node.level -= self.base
            while self.path and self.nodes[self.path[-1]].level >= node.level:
                self.path.pop()
            if not self.path:
                message = f"There is one root; indent {decoded(node.text)!r} more than it."
                raise self.source.error("mermaid_value", message, at)
            node.parent = self.path[-1]
        else:
            self.base, node.level = node.level, 0
        self.path.append(len(self.nodes))
        self.nodes.append(node)
