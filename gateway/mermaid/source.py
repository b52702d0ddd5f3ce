"""A Mermaid text as its parsers see it, with the way back to where everything stood.

Before its parsers run, Mermaid rewrites the text (``preprocess.ts``, ``encodeEntities`` in
``utils.ts``, ``flowParser.ts`` of version 11.16): it makes all line ends one, quotes the attributes
of HTML tags with ``'``, takes away front matter, directives and comments, and wraps entity codes.
A parser that reads the same texts has to do all of that in the same order; one that keeps the text
has to know the source of each character. So a :class:`Source` is a text together with the offset in
the source of each of its characters. Every step is linear, also where Mermaid's regular expression
is not.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.limits import MAX_TEXT

#: What ``\s`` means in JavaScript, for use inside a character class.
WS = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
#: The characters of WS one by one, for ``str.strip``.
WS_CHARACTERS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
LINE_ENDS = "\n\r\u2028\u2029"

_TAG = re.compile(r"<(?:\w+)([^>]*)>", re.ASCII)
_ATTRIBUTE = re.compile(r'="([^"]*)"')
_FENCE = re.compile(r"([^\S\n\r]*)---")
_DIRECTIVE = re.compile(rf"%%\{{[{WS}]*(?:\w+[{WS}]*:|\w+)[{WS}]*(\w+)?", re.ASCII)
_COMMENT = re.compile(r"%%(?!\{)[^\n]+\n?")
_ENTITY = re.compile(r"#(\w+);", re.ASCII)
_AFTER_BRACE = re.compile(rf"\}}[{WS}]*\n")
_WHITE = re.compile(rf"[{WS}]*")
_LINE = re.compile(f"[^{LINE_ENDS}]+")
_ENCODED = re.compile("ﬂ°(°?)(\\w+)¶ß")

#: A piece of text to be replaced: start, end, what stands there instead.
Edit: TypeAlias = tuple[int, int, str]


class Piece(msgspec.Struct, frozen=True):
    """Something of the source that the parsers never see. ``kind``: ``front``, ``directive`` or
    ``comment``; ``start`` and ``end`` are offsets in the source."""

    kind: str
    start: int
    end: int


class Source:
    """``text`` is what the parser reads; ``origin[i]`` where its character ``i`` came from."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_TEXT:
            message = f"A Mermaid text has at most {MAX_TEXT} characters; split the diagram."
            raise MermaidError("mermaid_too_large", message)
        self.original = text
        self.text = text
        self.origin = array("L", range(len(text) + 1))
        self.pieces: list[Piece] = []

    def replace(self, edits: Iterable[Edit]) -> None:
        """Applies edits that are in order and do not overlap. What replaces something comes,
        character by character, from there; where it is longer, the rest from its last one."""
        parts: list[str] = []
        origin = array("L")
        at = 0
        for start, end, new in edits:
            parts += (self.text[at:start], new)
            origin += self.origin[at:start]
            last = max(end - start - 1, 0)
            origin.extend(self.origin[start + min(i, last)] for i in range(len(new)))
            at = end
        parts.append(self.text[at:])
        origin += self.origin[at:]
        self.text, self.origin = "".join(parts), origin

    def take(self, kind: str, start: int, end: int) -> Edit:
        """The edit that removes a piece, which is remembered."""
        self.pieces.append(Piece(kind, self.origin[start], self.origin[end]))
        return start, end, ""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the source of ``text[start:end]``."""
        if start == end:
            return self.origin[start], self.origin[start]
        return self.origin[start], self.end_of(end)

    def end_of(self, end: int) -> int:
        """Where in the source the character before ``text[end]`` ends."""
        last = self.origin[end - 1]
        following = self.origin[end]
        if following <= last + 1:
            return following
        # Something was removed or shortened right after: an entity ends at its semicolon.
        entity = _ENTITY.match(self.original, last)
        return entity.end() if entity and self.text[end - 1] == "ß" else last + 1

    def error(self, code: str, message: str, offset: int, expected: str = "") -> MermaidError:
        """The error at ``text[offset]``, placed in the source."""
        line, column = position(self.original, self.origin[min(offset, len(self.text))])
        return MermaidError(code, message, line, column, expected)

    def error_at(self, code: str, message: str, origin: int) -> MermaidError:
        """The error at an offset in the source."""
        line, column = position(self.original, origin)
        return MermaidError(code, message, line, column)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    before = text[:offset]
    line = before.count("\n") + 1
    return line, offset - (before.rfind("\n") + 1) + 1


def decoded(text: str) -> str:
    """A piece of the parser's text with the entity codes as they were written."""
    return _ENCODED.sub(r"#\2;", text) if "ﬂ°" in text else text


def read_source(text: str) -> Source:
    """The text as Mermaid's detectors see it: no front matter, directives or comments."""
    source = Source(text)
    source.replace(_line_ends(source.text))
    source.replace(_attributes(source.text))
    _strip_front_matter(source)
    source.replace(_directives(source))
    source.replace(_comments(source))
    lead = len(source.text) - len(source.text.lstrip(WS_CHARACTERS))
    source.replace([(0, lead, "")])
    return source


def encode(source: Source) -> None:
    """What Mermaid does last: entity codes are wrapped, a last line end added."""
    for word in ("style", "classDef"):
        source.replace(_semicolons_after_colours(source.text, word))
    source.replace(_entities(source.text))
    source.replace([(len(source.text), len(source.text), "\n")])


def tidy_braces(source: Source) -> None:
    """White space between a closing brace and the end of its line is not for the grammar."""
    source.replace((m.start() + 1, m.end() - 1, "") for m in _AFTER_BRACE.finditer(source.text))


def _line_ends(text: str) -> Iterator[Edit]:
    for match in re.finditer(r"\r\n?", text):
        yield match.start(), match.end(), "\n"


def _attributes(text: str) -> Iterator[Edit]:
    # Without a tag that closes, Mermaid's expression looks to the end from every "<".
    for tag in _TAG.finditer(text, 0, text.rfind(">") + 1):
        for match in _ATTRIBUTE.finditer(text, *tag.span(1)):
            yield match.start() + 1, match.start() + 2, "'"
            yield match.end() - 1, match.end(), "'"


def _strip_front_matter(source: Source) -> None:
    end = front_matter_end(source.text)
    if end:
        source.replace([source.take("front", 0, end)])


def front_matter_end(text: str) -> int:
    """Where the front matter ends that the text starts with; 0 without one."""
    opening = _FENCE.match(text)
    if opening is None:
        return 0
    white = _white_end(text, opening.end())
    last = _last_line_end(text, opening.end(), white)
    if last < 0:
        return 0
    closing = re.compile(rf"[\n\r]{re.escape(opening[1])}---(?=([{WS}]*))")
    candidates = [last] if _last_line_end(text, opening.end(), last) >= 0 else []
    for start in (last + 1, *candidates):
        for match in closing.finditer(text, start):
            end = _last_line_end(text, match.end(), match.end(1))
            if end >= 0:
                return end + 1
            if start == last:
                break
    return 0


def _white_end(text: str, at: int) -> int:
    match = _WHITE.match(text, at)
    return match.end() if match else at


def _last_line_end(text: str, start: int, end: int) -> int:
    return max(text.rfind("\n", start, end), text.rfind("\r", start, end))


def _directives(source: Source) -> Iterator[Edit]:
    text, at = source.text, 0
    while (match := _DIRECTIVE.search(text, at)) is not None:
        end = match.end()
        if match[1] is None:
            closing = text.find("}%%", end)
            end = closing if closing >= 0 else len(text)
        end = _white_end(text, end)
        at = end + 3 if text.startswith("}%%", end) else end
        yield source.take("directive", match.start(), at)


def _comments(source: Source) -> Iterator[Edit]:
    """A comment goes with the blank lines before it, as in Mermaid."""
    text, done = source.text, 0
    for match in _COMMENT.finditer(text):
        blank = match.start() - _trailing_white(text, done, match.start())
        start = _first_line_start(text, blank, match.start())
        if match.start() >= done and start is not None:
            source.pieces.append(
                Piece("comment", source.origin[match.start()], source.origin[match.end()])
            )
            yield start, match.end(), ""
            done = match.end()


def _trailing_white(text: str, start: int, end: int) -> int:
    """How many characters of white space stand before ``end``, not looking before ``start``."""
    at = end
    while at > start and text[at - 1] in WS_CHARACTERS:
        at -= 1
    return end - at


def _first_line_start(text: str, start: int, end: int) -> int | None:
    """The first place from ``start`` to ``end`` where a line begins."""
    if start == 0 or text[start - 1] in LINE_ENDS:
        return start
    return next((i + 1 for i in range(start, end) if text[i] in LINE_ENDS), None)


def _semicolons_after_colours(text: str, word: str) -> Iterator[Edit]:
    """The last semicolon of each line that has ``word … :…#… ;``: it would make an entity code."""
    if word not in text or "#" not in text:
        return
    for line in _LINE.finditer(text):
        start = text.find(word, line.start(), line.end())
        last = text.rfind(";", line.start(), line.end())
        if 0 <= start < last and _has_colour(text, start + len(word), last):
            yield last, last + 1, ""


def _has_colour(text: str, start: int, end: int) -> bool:
    """Whether a colon, no white space, and a ``#`` follow each other somewhere in between."""
    colon = False
    for i in range(start, end):
        letter = text[i]
        if letter == ":":
            colon = True
        elif letter == "#" and colon:
            return True
        elif letter in WS_CHARACTERS:
            colon = False
    return False


def _entities(text: str) -> Iterator[Edit]:
    for match in _ENTITY.finditer(text):
        digits = match[1].isdigit()
        yield match.start(), match.end(), f"ﬂ°{'°' if digits else ''}{match[1]}¶ß"
