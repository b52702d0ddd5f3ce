"""The grammar of Mermaid's flowcharts (``flow.jison``, version 11.16), by recursive descent.

One token of look-ahead is enough, as the grammar is LALR(1) and its conflicts are all solved by
reading on. Everything is accepted that Mermaid's own parser accepts, and nothing else; where that
is surprising (a space after a class, no space before a semicolon) the comment says so.
"""

import re
from collections.abc import Callable
from typing import Final

from gateway.mermaid.flow_lexer import Token, tokenize
from gateway.mermaid.flow_statements import StatementReader
from gateway.mermaid.flow_tree import (
    Direction,
    Link,
    Mention,
    Separator,
    Span,
    Statement,
    Subgraph,
    Text,
    Tree,
    Vertices,
)
from gateway.mermaid.limits import MAX_MENTIONS, MAX_NESTING
from gateway.mermaid.source import WS, WS_CHARACTERS, Source, decoded

#: What opens a label, the shape it makes by what closes it.
_SHAPES: Final[dict[str, dict[str, str]]] = {
    "SQS": {"SQE": "square"},
    "DOUBLECIRCLESTART": {"DOUBLECIRCLEEND": "doublecircle"},
    "(-": {"-)": "ellipse"},
    "STADIUMSTART": {"STADIUMEND": "stadium"},
    "SUBROUTINESTART": {"SUBROUTINEEND": "subroutine"},
    "CYLINDERSTART": {"CYLINDEREND": "cylinder"},
    "PS": {"PE": "round"},
    "DIAMOND_START": {"DIAMOND_STOP": "diamond"},
    "TAGEND": {"SQE": "odd"},
    "TRAPSTART": {"TRAPEND": "trapezoid", "INVTRAPEND": "lean_right"},
    "INVTRAPSTART": {"INVTRAPEND": "inv_trapezoid", "TRAPEND": "lean_left"},
}
_DOUBLED: Final = {"PS": ("PE", "circle"), "DIAMOND_START": ("DIAMOND_STOP", "hexagon")}
_TITLE: Final = frozenset({
    "NUM", "NODE_STRING", "SPACE", "MINUS", "AMP", "UNICODE_TEXT", "COLON", "MULT", "BRKT", "STYLE",
    "LINKSTYLE", "CLASSDEF", "CLASS", "CLICK", "GRAPH", "DIR", "subgraph", "end", "DOWN", "UP",
    "START_LINK",
})  # fmt: skip
_TEXT: Final = frozenset({"TEXT", "TAGSTART", "TAGEND", "UNICODE_TEXT"})
_EDGE_TEXT: Final = frozenset({"EDGE_TEXT", "UNICODE_TEXT"})
_STRINGS: Final = {"STR": "string", "MD_STR": "markdown"}
_LINK_STARTS: Final = frozenset({"LINK", "LINK_ID", "START_LINK"})
_LINE_BREAK: Final = re.compile(f"\n[{WS}]*")
_IGNORED: Final = frozenset({"NEWLINE", "SPACE", "EOF"})


def parse_tree(source: Source) -> Tree:
    """The tree of a text that is encoded and tidied. Raises MermaidError."""
    return FlowParser(source, tokenize(source)).parse()


class FlowParser(StatementReader):
    def __init__(self, source: Source, tokens: list[Token]) -> None:
        super().__init__(source, tokens)
        self.readers: dict[str, Callable[[], Statement]] = {
            "STYLE": self.read_style,
            "LINKSTYLE": self.read_link_style,
            "CLASSDEF": self.read_class_def,
            "CLASS": self.read_class,
            "CLICK": self.read_click,
        }

    def parse(self) -> Tree:
        while self.kind in ("SPACE", "NEWLINE"):
            self.advance()
        start = self.i
        self.expect("GRAPH", "'flowchart' or 'graph'")
        direction = None
        if self.kind == "NODIR":
            self.advance()
        else:
            direction = self.text_of(self.expect("DIR", "a direction or a line end"))
            spaces = self.skip_spaces()
            if self.kind == "NEWLINE" or (self.kind == "SEMI" and not spaces):
                self.advance()
            else:
                self.fail("a line end after the direction")
        head = self.span_from(start)
        body = self.read_body(0)
        self.expect("END", "a statement")
        return Tree(direction and direction.strip(WS_CHARACTERS), head, body)

    def read_body(self, depth: int) -> list[Statement]:
        """Statements up to the ``end`` of the subgraph around them, or of the text."""
        body: list[Statement] = []
        while self.kind not in ("end", "END"):
            if self.kind in _IGNORED:
                self.advance()
            else:
                body.append(self.read_statement(depth))
        return body

    def read_statement(self, depth: int) -> Statement:
        kind = self.kind
        if kind in self.readers:
            statement = self.readers[kind]()
            self.separator()
            return statement
        if kind == "subgraph":
            return self.read_subgraph(depth + 1)
        if kind.startswith("direction_"):
            start = self.advance()
            return Direction(self.span_from(start), kind[-2:])
        if kind == "SEMI":
            return Separator(self.span_from(self.advance()))
        if kind.startswith("acc_"):
            return self.read_accessibility()
        vertices = self.read_vertices()
        self.separator()
        return vertices

    def read_subgraph(self, depth: int) -> Subgraph:
        if depth > MAX_NESTING:
            message = f"Subgraphs stand at most {MAX_NESTING} deep inside each other."
            raise self.source.error("mermaid_too_large", message, self.token[1])
        start = self.advance()
        identifier = title = None
        if self.kind == "SPACE":
            self.advance()
            identifier = self.read_title()
            if self.kind == "SQS":
                self.advance()
                title = self.read_text(_TEXT)
                self.expect("SQE", "']'")
        elif self.kind in ("NEWLINE", "SEMI", "EOF"):
            # The grammar has it, but Mermaid then trips over the id that is not there.
            self.fail("a title for the subgraph")
        head = self.span_to_separator(self.tokens[start][1])
        self.separator()
        body = self.read_body(depth)
        end = self.expect("end", "'end' for the subgraph")
        return Subgraph(self.span_from(start), identifier, title, body, head, self.trimmed(end))

    def read_title(self) -> Text:
        title = self.read_text(_TITLE)
        return title if title.kind == "markdown" else Text(title.text, "text", title.span)

    def read_vertices(self) -> Vertices:
        groups: list[list[Mention]] = [self.read_group()]
        links: list[Link] = []
        while self.kind in _LINK_STARTS:
            links.append(self.read_link())
            groups.append(self.read_group())
            if len(groups) > MAX_MENTIONS:
                self.too_many_mentions()
        return Vertices((groups[0][0].span[0], groups[-1][-1].span[1]), groups, links)

    def read_group(self) -> list[Mention]:
        """``A & B & C``. A space is part of it only before ``&``, or where no ``@{`` came."""
        group = [self.read_mention()]
        while True:
            if self.kind == "SHAPE_DATA":
                self.read_data(group[-1])
                if self.kind != "SPACE":
                    return group
                self.skip_spaces()
                if self.kind != "AMP":
                    self.fail("'&', a line end or an arrow")
            elif self.kind == "SPACE":
                self.skip_spaces()
                if self.kind != "AMP":
                    return group
            else:
                return group
            self.advance()
            if not self.skip_spaces():
                self.fail("a space after '&'")
            group.append(self.read_mention())
            if len(group) > MAX_MENTIONS:
                self.too_many_mentions()

    def too_many_mentions(self) -> None:
        message = f"One statement names at most {MAX_MENTIONS} nodes; write several."
        raise self.source.error("mermaid_too_large", message, self.token[1])

    def read_data(self, mention: Mention) -> None:
        """``@{ … }``; line breaks within its quotes are breaks of the label."""
        start, parts, quoted = self.i, [], False
        while self.kind == "SHAPE_DATA":
            index = self.advance()
            text = self.source.text[self.tokens[index][1] : self.tokens[index][2]]
            if text == '"':
                quoted = not quoted
            elif quoted:
                text = _LINE_BREAK.sub("<br/>", text)
            parts.append("" if text == "@{" and index == start else text)
        mention.data = "".join(parts)
        first, last = self.tokens[start][1], self.tokens[self.i - 1][2]
        end = last + 1 if self.source.text.startswith("}", last) else last
        mention.data_span = self.source.span(first, end)
        mention.span = mention.span[0], mention.data_span[1]

    def read_mention(self) -> Mention:
        start = self.i
        identifier = self.read_id("a node")
        mention = Mention(identifier, self.span_from(start))
        if self.kind == "VERTEX_WITH_PROPS_START":
            self.read_props(mention)
        elif self.kind in _SHAPES:
            self.read_shape(mention)
        if self.kind == "STYLE_SEPARATOR":
            first = self.advance()
            mention.class_name = self.read_id("a class")
            mention.class_span = self.span_from(first)
        mention.span = self.span_from(start)
        return mention

    def read_shape(self, mention: Mention) -> None:
        start, opening = self.advance(), self.tokens[self.i - 1][0]
        if opening in _DOUBLED and self.kind == opening:
            self.advance()
            closing, mention.shape = _DOUBLED[opening]
            mention.text = self.read_text(_TEXT)
            self.expect(closing, "the closing bracket")
            self.expect(closing, "the second closing bracket")
        else:
            mention.text = self.read_text(_TEXT)
            if self.kind not in _SHAPES[opening]:
                self.fail("the closing bracket of the label")
            mention.shape = _SHAPES[opening][self.kind]
            self.advance()
        mention.shape_span = self.span_from(start)

    def read_props(self, mention: Mention) -> None:
        """``[|borders:lt|text]``"""
        start = self.advance()
        field = self.text_of(self.expect("NODE_STRING", "a property"))
        self.expect("COLON", "':'")
        value = self.text_of(self.expect("NODE_STRING", "a value"))
        self.expect("PIPE", "'|'")
        mention.text = self.read_text(_TEXT)
        self.expect("SQE", "']'")
        mention.shape, mention.props = "rect", (field, value)
        mention.shape_span = self.span_from(start)

    def read_text(self, allowed: frozenset[str]) -> Text:
        """A string in quotes or bare text; bare text may follow right after a string."""
        if self.kind not in _STRINGS:
            return self.joined(allowed, "a label")
        kind, first = _STRINGS[self.kind], self.i
        text = self.text_of(self.advance())
        start, end = self.span_from(first)
        quote = 1 if kind == "string" else 2
        span = start - quote, end + quote
        if self.kind in allowed:
            more = self.joined(allowed, "a label")
            text, span = text + more.text, (span[0], more.span[1])
        return Text(text, kind, span)

    def joined(self, allowed: frozenset[str], what: str) -> Text:
        start = self.i
        while self.kind in allowed:
            self.advance()
        if self.i == start:
            self.fail(what)
        first, last = self.tokens[start][1], self.tokens[self.i - 1][2]
        return Text(decoded(self.source.text[first:last]), "text", self.span_from(start))

    def read_link(self) -> Link:
        identifier = None
        first = self.i
        if self.kind == "LINK_ID":
            identifier = self.text_of(self.advance()).replace("@", "", 1)
        start_sign, text = "", None
        start_span = self.trimmed(self.i)
        if self.kind == "START_LINK":
            start_sign = self.text_of(self.advance()).strip(WS_CHARACTERS)
            text = self.read_text(_EDGE_TEXT)
        index = self.expect("LINK", "an arrow")
        end_span = self.trimmed(index)
        if self.kind == "PIPE" and not start_sign:
            self.advance()
            text = self.read_text(_TEXT)
            self.expect("PIPE", "'|'")
        span = self.trimmed(first)[0], self.trimmed(self.i - 1)[1]
        if self.kind == "SPACE" and text is not None and not start_sign:
            self.advance()
        sign = self.text_of(index).strip(WS_CHARACTERS)
        return Link(start_sign, sign, span, start_span, end_span, text, identifier)

    def trimmed(self, index: int) -> Span:
        """The span of a token without the white space around it."""
        _, start, end = self.tokens[index]
        text = self.source.text[start:end]
        if text and text[0] not in WS_CHARACTERS and text[-1] not in WS_CHARACTERS:
            return self.source.span(start, end)
        lead = len(text) - len(text.lstrip(WS_CHARACTERS))
        tail = len(text) - len(text.rstrip(WS_CHARACTERS))
        return self.source.span(start + lead, max(end - tail, start + lead))
