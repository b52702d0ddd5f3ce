"""Reading tokens one by one, and the statements of a flowchart that are no nodes or groups."""

from typing import Final, NoReturn

from gateway.mermaid.flow_lexer import Token
from gateway.mermaid.flow_tree import (
    Accessibility,
    ClassDef,
    ClassOf,
    Click,
    LinkStyle,
    Span,
    Style,
)
from gateway.mermaid.source import WS_CHARACTERS, Source, decoded

_ID: Final = frozenset({
    "NUM", "NODE_STRING", "DOWN", "MINUS", "DEFAULT", "COMMA", "COLON", "AMP", "BRKT", "MULT",
    "UNICODE_TEXT",
})  # fmt: skip
_ALPHA_NUM: Final = frozenset({
    "NUM", "UNICODE_TEXT", "NODE_STRING", "DIR", "DOWN", "MINUS", "COMMA", "COLON", "AMP", "BRKT",
    "MULT",
})  # fmt: skip
_STYLE: Final = frozenset({"NUM", "NODE_STRING", "COLON", "SPACE", "BRKT", "STYLE"})
#: Characters of what was found that a message shows.
_FOUND_LENGTH: Final = 30
_SEPARATORS: Final = frozenset({"NEWLINE", "SEMI", "EOF"})
#: Tokens in the words of a message.
_NAMES: Final = {
    "NEWLINE": "the end of the line", "END": "the end of the text", "EOF": "the end of the text",
    "SPACE": "a space",
}  # fmt: skip


def _shown(text: str) -> str:
    """What was found, up to the end of its line."""
    line = text.split("\n", 1)[0] or text
    return repr(line if len(line) <= _FOUND_LENGTH else f"{line[:_FOUND_LENGTH]}…")


class TokenReader:
    """A place in a list of tokens. ``kind`` is that of the token there."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.i = 0
        self.kind = tokens[0][0]

    @property
    def token(self) -> Token:
        return self.tokens[self.i]

    def advance(self) -> int:
        """Goes on by a token; the number of the one that was left."""
        self.i += 1
        self.kind = self.tokens[self.i][0] if self.i < len(self.tokens) else "END"
        return self.i - 1

    def expect(self, kind: str, what: str) -> int:
        if self.kind != kind:
            self.fail(what)
        return self.advance()

    def fail(self, what: str) -> NoReturn:
        kind, start, end = self.tokens[min(self.i, len(self.tokens) - 1)]
        found = _NAMES.get(kind) or _shown(decoded(self.source.text[start:end]))
        message = f"Expected {what}, found {found}."
        raise self.source.error("mermaid_syntax", message, start, what)

    def skip_spaces(self) -> int:
        count = 0
        while self.kind == "SPACE":
            self.advance()
            count += 1
        return count

    def separator(self) -> None:
        if self.kind not in _SEPARATORS:
            self.fail("the end of the statement (a line end or ';')")
        self.advance()

    def text_of(self, index: int) -> str:
        _, start, end = self.tokens[index]
        return decoded(self.source.text[start:end])

    def span_from(self, first: int) -> Span:
        """The place in the source from a token to the last one that was read."""
        last = max(self.i - 1, first)
        return self.source.span(self.tokens[first][1], self.tokens[last][2])

    def span_to_separator(self, start: int) -> Span:
        """The span of a statement up to what separates it from the next; ``start`` is an offset.

        What closes a string, or the brackets of a function, is no token.
        """
        end = start + len(self.source.text[start : self.token[1]].rstrip(WS_CHARACTERS))
        return self.source.span(start, end)

    def word_before(self, index: int, word: str) -> int:
        """The offset of a word that is no token, before the token with that number."""
        return max(self.source.text.rfind(word, 0, self.tokens[index][1]), 0)

    def words(self, allowed: frozenset[str], what: str) -> str:
        start = self.i
        while self.kind in allowed:
            self.advance()
        if self.i == start:
            self.fail(what)
        return decoded(self.source.text[self.tokens[start][1] : self.tokens[self.i - 1][2]])

    def read_id(self, what: str) -> str:
        return self.words(_ID, what)

    def space(self) -> None:
        self.expect("SPACE", "one space")


class StatementReader(TokenReader):
    """Each method reads one statement, without what separates it from the next."""

    def read_style(self) -> Style:
        start = self.advance()
        self.space()
        identifier = self.read_id("the id of a node")
        self.space()
        first = self.i
        styles = self.read_styles()
        return Style(self.span_from(start), identifier, styles, self.span_from(first))

    def read_styles(self) -> list[str]:
        styles = [self.words(_STYLE, "a style")]
        while self.kind == "COMMA":
            self.advance()
            styles.append(self.words(_STYLE, "a style"))
        return styles

    def read_class_def(self) -> ClassDef:
        start = self.advance()
        self.space()
        ids = self.read_id("the name of a class")
        self.space()
        styles = self.read_styles()
        return ClassDef(self.span_from(start), ids, styles)

    def read_class(self) -> ClassOf:
        start = self.advance()
        self.space()
        ids = self.read_id("the id of a node")
        self.space()
        name = self.read_id("the name of a class")
        return ClassOf(self.span_from(start), ids, name)

    def read_link_style(self) -> LinkStyle:
        start = self.advance()
        self.space()
        first = self.i
        positions = None if self.kind == "DEFAULT" else self.read_numbers()
        if positions is None:
            self.advance()
        place = self.span_from(first)
        self.space()
        interpolate = styles = None
        if self.kind == "INTERPOLATE":
            self.advance()
            self.space()
            interpolate = self.words(_ALPHA_NUM, "the name of a curve")
            if self.kind == "SPACE":
                self.advance()
                styles = self.read_styles()
        else:
            styles = self.read_styles()
        return LinkStyle(self.span_from(start), positions, place, interpolate, styles)

    def read_numbers(self) -> list[str]:
        numbers = [self.text_of(self.expect("NUM", "the number of an edge, or 'default'"))]
        while self.kind == "COMMA":
            self.advance()
            numbers.append(self.text_of(self.expect("NUM", "the number of an edge")))
        return numbers

    def read_click(self) -> Click:
        start = self.advance()
        click = Click((0, 0), self.text_of(start))
        if self.kind == "CALLBACKNAME":
            click.callback = self.text_of(self.advance())
            if self.kind == "CALLBACKARGS":
                click.arguments = self.text_of(self.advance())
            self._tooltip(click)
        elif self.kind in ("HREF", "STR"):
            if self.kind == "HREF":
                self.advance()
            click.href = self.text_of(self.expect("STR", "an address in quotes"))
            self._tooltip(click)
            self._target(click)
        else:
            click.callback = self.words(_ALPHA_NUM, "'href', 'call' or the name of a function")
            self._tooltip(click)
        click.span = self.span_to_separator(self.word_before(start, "click"))
        return click

    def _tooltip(self, click: Click) -> None:
        if self.kind == "SPACE" and self.tokens[self.i + 1][0] == "STR":
            self.advance()
            click.tooltip = self.text_of(self.advance())

    def _target(self, click: Click) -> None:
        if self.kind == "SPACE":
            self.advance()
            click.target = self.text_of(self.expect("LINK_TARGET", "_blank or another target"))

    def read_accessibility(self) -> Accessibility:
        start = self.i
        kind = "title" if self.kind == "acc_title" else "description"
        if self.kind in ("acc_title", "acc_descr"):
            self.advance()
        if not self.kind.endswith("_value"):
            self.fail("a text")
        index = self.advance()
        value = self.text_of(index).strip(WS_CHARACTERS)
        _, first, end = self.tokens[start]
        if index > start:
            return Accessibility(self.span_from(start), kind, value)
        first = max(self.source.text.rfind("accDescr", 0, first), 0)
        end += self.source.text.startswith("}", end)
        return Accessibility(self.source.span(first, end), kind, value)
