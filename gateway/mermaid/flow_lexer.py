"""Tokens of a flowchart, as the lexer in Mermaid's ``flow.jison`` (version 11.16) makes them.

That lexer tries its rules in order and takes the first that matches, in one of some twenty states
that form a stack. Here each state is one regular expression whose alternatives stand in the order
of the rules. Where a rule of Mermaid looks far ahead from each character (``.*direction``, ids that
end in ``@``, white space before an arrow), what it would find is found once and remembered, so that
the whole is linear. Tokens that the grammar can only join again (the letters of an edge's text)
come as one.

Names of tokens are those of the grammar, in short: ``A["x"]-->B`` gives NODE_STRING, SQS, STR, SQE,
LINK, NODE_STRING. Beyond the grammar there is END, after the last token.
"""

import re
from typing import Final, TypeAlias

from gateway.mermaid.letters import LETTERS
from gateway.mermaid.limits import MAX_TOKENS
from gateway.mermaid.source import LINE_ENDS, WS, WS_CHARACTERS, Source

#: Kind, and where it stands in the text that was read.
Token: TypeAlias = tuple[str, int, int]
#: Pattern, kind of the token ("" for none), what happens to the stack: "" nothing, "-" pop,
#: a name: push it; "-name": pop, then push.
Rule: TypeAlias = tuple[str, str, str]

#: States inside states; what the grammar accepts needs four.
MAX_STATES: Final = 8

_S: Final = f"[{WS}]*"
_LINK: Final = rf"[xo<]?--+[-xo>]{_S}"
_THICK_LINK: Final = rf"[xo<]?==+[=xo>]{_S}"
_DOTTED_LINK: Final = rf"[xo<]?-?\.+-[xo>]?{_S}"
_INVISIBLE: Final = rf"~~~+{_S}"

#: In every state, in this order between the rules of the state's own.
_QUOTES: Final[list[Rule]] = [('"`', "", "md_string"), ('"', "", "string")]
_BRACKETS: Final[dict[str, Rule]] = {
    "(-": (r"\(-", "(-", "ellipseText"),
    "([": (r"\(\[", "STADIUMSTART", "text"),
    "[[": (r"\[\[", "SUBROUTINESTART", "text"),
    "[(": (r"\[\(", "CYLINDERSTART", "text"),
    "(((": (r"\(\(\(", "DOUBLECIRCLESTART", "text"),
    "[/": (r"\[/", "TRAPSTART", "trapText"),
    "[\\": (r"\[\\", "INVTRAPSTART", "trapText"),
    "|": (r"\|", "PIPE", "text"),
    "(": (r"\(", "PS", "text"),
    "[": (r"\[", "SQS", "text"),
    "{": (r"\{", "DIAMOND_START", "text"),
}
_ANYWHERE: Final[list[Rule]] = [
    *_QUOTES,
    (_S + _INVISIBLE, "LINK", ""),
    *_BRACKETS.values(),
]
#: Where a statement may start: before the rules that look ahead …
_WORDS: Final[list[Rule]] = [
    (rf"accTitle{_S}:{_S}", "acc_title", "acc_title"),
    (rf"accDescr{_S}:{_S}", "acc_descr", "acc_descr"),
    (rf"accDescr{_S}\{{{_S}", "", "acc_descr_multiline"),
    (r"@\{", "SHAPE_DATA", "shapeData"),
    (rf"call[{WS}]+", "", "callbackname"),
    *_QUOTES,
    (r"style\b", "STYLE", ""),
    (r"default\b", "DEFAULT", ""),
    (r"linkStyle\b", "LINKSTYLE", ""),
    (r"interpolate\b", "INTERPOLATE", ""),
    (r"classDef\b", "CLASSDEF", ""),
    (r"class\b", "CLASS", ""),
    (rf"href[{WS}]", "HREF", ""),
    (rf"click[{WS}]+", "", "click"),
    (r"(?:flowchart-elk|swimlane-beta|graph|flowchart)\b", "GRAPH", "dir"),
    (r"subgraph\b", "subgraph", ""),
    (rf"end\b{_S}", "end", ""),
    (r"_(?:self|blank|parent|top)\b", "LINK_TARGET", ""),
]
#: … and after them.
_SIGNS: Final[list[Rule]] = [
    (r"[0-9]+", "NUM", ""),
    (r"#", "BRKT", ""),
    (r":::", "STYLE_SEPARATOR", ""),
    (r":", "COLON", ""),
    (r"&", "AMP", ""),
    (r";", "SEMI", ""),
    (r",", "COMMA", ""),
    (r"\*", "MULT", ""),
    (_LINK, "LINK", ""),
    (rf"[xo<]?--{_S}", "START_LINK", "edgeText"),
    (_THICK_LINK, "LINK", ""),
    (rf"[xo<]?=={_S}", "START_LINK", "thickEdgeText"),
    (_DOTTED_LINK, "LINK", ""),
    (rf"[xo<]?-\.{_S}", "START_LINK", "dottedEdgeText"),
    (_INVISIBLE, "LINK", ""),
    *(_BRACKETS[sign] for sign in ("(-", "([", "[[")),
    (r"\[\|", "VERTEX_WITH_PROPS_START", ""),
    (r">", "TAGEND", "text"),
    *(_BRACKETS[sign] for sign in ("[(", "(((", "[/", "[\\")),
    (r"<", "TAGSTART", ""),
    (r"\^", "UP", ""),
    (r"\\\|", "SEP", ""),
    (r"v\b", "DOWN", ""),
    (r"""(?:[A-Za-z0-9!"#$%&'*+.`?\\_/]|-(?=[^>\-.]))+""", "NODE_STRING", ""),
    (r"-", "MINUS", ""),
    (rf"[{LETTERS}]", "UNICODE_TEXT", ""),
    *(_BRACKETS[sign] for sign in ("|", "(", "[", "{")),
    (r"(?:\r?\n)+", "NEWLINE", ""),
    (rf"[{WS}]", "SPACE", ""),
]
#: With what the words above begin; before other signs none of them needs to be tried.
_WORD_STARTS: Final = frozenset('aces"dlihfg_@')
#: The rules for white space, which none of the others begins with.
_WHITES: Final = _SIGNS[-2:]
#: Letters that only names begin with, as nothing of the other rules does.
_NAME_STARTS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnpqrstuwyz")
_NAMES: Final = [rule for rule in _SIGNS if rule[1] == "NODE_STRING"]
#: Links of the INITIAL state, tried where white space ends.
_LINKS: Final[list[Rule]] = [rule for rule in _SIGNS if "LINK" in rule[1]]


def _edge_text(link: str, sign: str, text: str) -> list[Rule]:
    """The text of an edge runs until something looks like an arrow's end."""
    return [
        *_QUOTES,
        (link, "LINK", "-"),
        (rf"[^{sign}\"xo<{WS}]+|{text}", "EDGE_TEXT", ""),
        *_ANYWHERE,
    ]


_RULES: Final[dict[str, list[Rule]]] = {
    "acc_title": [(r"[^\n]*", "acc_title_value", "-")],
    "acc_descr": [(r"[^\n]*", "acc_descr_value", "-")],
    "acc_descr_multiline": [(r"\}", "", "-"), (r"[^}]*", "acc_descr_multiline_value", "")],
    "shapeData": [
        ('"', "SHAPE_DATA", "shapeDataStr"),
        (r'[^}^"]+', "SHAPE_DATA", ""),
        (r"\}", "", "-"),
        *_ANYWHERE,
    ],
    "shapeDataStr": [('"', "SHAPE_DATA", "-"), ('[^"]+', "SHAPE_DATA", "")],
    "callbackname": [
        (rf"\({_S}\)", "", "-"),
        (r"\(", "", "-callbackargs"),
        (r"[^(]*", "CALLBACKNAME", ""),
    ],
    "callbackargs": [(r"\)", "", "-"), (r"[^)]*", "CALLBACKARGS", "")],
    "md_string": [('[^`"]+', "MD_STR", ""), ('`"', "", "-"), *_ANYWHERE],
    "string": [('"`', "", "md_string"), ('[^"]+', "STR", ""), ('"', "", "-")],
    "click": [*_QUOTES, (rf"[{WS}]", "", "-"), (rf"[^{WS}]+", "CLICK", "")],
    "dir": [
        *_QUOTES,
        (rf"{_S}\n", "NODIR", "-"),
        (rf"{_S}(?:(?:LR|RL|TB|BT|TD|BR|v)\b|[<>^])", "DIR", "-"),
        *_ANYWHERE,
    ],
    "edgeText": _edge_text(_LINK, "-", r"[^-]|-(?!-)"),
    "thickEdgeText": _edge_text(_THICK_LINK, "=", r"[^=]"),
    "dottedEdgeText": _edge_text(_DOTTED_LINK, r".\-", r"[^.]"),
    "ellipseText": [
        *_QUOTES,
        (_INVISIBLE, "LINK", ""),
        (r"[-/)]\)", "-)", "-"),
        (rf"[^()\[\]{{}}\"\-/~{WS}]+|[^()\[\]{{}}]|!\)+", "TEXT", ""),
        *_BRACKETS.values(),
    ],
    "trapText": [
        *_QUOTES,
        (_S + _INVISIBLE, "LINK", ""),
        *(_BRACKETS[sign] for sign in ("(-", "([", "[[", "[(", "(((")),
        (r"[\\(?=\])]\]", "TRAPEND", "-"),
        (r"/\]", "INVTRAPEND", "-"),
        (r"/|\\|[^\\\[\](){}/]+", "TEXT", ""),
        *(_BRACKETS[sign] for sign in ("[/", "[\\", "|", "(", "[", "{")),
    ],
    "text": [
        *_QUOTES,
        (_S + _INVISIBLE, "LINK", ""),
        _BRACKETS["(-"],
        (r"\]\)", "STADIUMEND", "-"),
        _BRACKETS["(["],
        (r"\]\]", "SUBROUTINEEND", "-"),
        _BRACKETS["[["],
        (r"\)\]", "CYLINDEREND", "-"),
        _BRACKETS["[("],
        (r"\)\)\)", "DOUBLECIRCLEEND", "-"),
        *(_BRACKETS[sign] for sign in ("(((", "[/", "[\\")),
        (r"\|", "PIPE", "-"),
        (r"\)", "PE", "-"),
        _BRACKETS["("],
        (r"\]", "SQE", "-"),
        _BRACKETS["["],
        (r"\}", "DIAMOND_STOP", "-"),
        _BRACKETS["{"],
        (r'[^\[\](){}|"]+', "TEXT", ""),
    ],
}  # fmt: skip
#: States in which white space may belong to the arrow after it, and what those arrows are.
_SPACED: Final = {
    "edgeText": _RULES["edgeText"][2:3],
    "thickEdgeText": _RULES["thickEdgeText"][2:3],
    "dottedEdgeText": _RULES["dottedEdgeText"][2:3],
    "ellipseText": _RULES["ellipseText"][2:3],
    "INITIAL": _LINKS,
}
#: What an input that ends in such a state is given: its last rule matches nothing, too.
_EMPTY_AT_END: Final = {
    "acc_title": "acc_title_value",
    "acc_descr": "acc_descr_value",
    "acc_descr_multiline": "acc_descr_multiline_value",
    "callbackname": "CALLBACKNAME",
    "callbackargs": "CALLBACKARGS",
}


class _State:
    """The rules of a state as one expression; the group that matched is the number of the rule."""

    def __init__(self, rules: list[Rule]) -> None:
        self.match = re.compile("|".join(f"({rule[0]})" for rule in rules), re.ASCII).match
        self.results = [("", ""), *((kind, change) for _, kind, change in rules)]


_STATES: Final = {name: _State(rules) for name, rules in _RULES.items()}
_FIRST: Final = _State(_WORDS)
_SECOND: Final = _State(_SIGNS)
_NAME: Final = _State(_NAMES)
_ONE_WHITE: Final = _State(_WHITES)
_ARROWS: Final = {name: _State(rules) for name, rules in _SPACED.items()}
_WHITE: Final = re.compile(rf"[{WS}]+")
_RUN: Final = re.compile(rf"[^{WS}\"]*")
_DIRECTION: Final = re.compile(rf"direction[{WS}]+(?=(TB|BT|RL|LR|TD))")
_LINE_END: Final = re.compile(f"[{LINE_ENDS}]")
#: In the order of the grammar's rules, which decides where a line has more than one.
_DIRECTIONS: Final = ("TB", "BT", "RL", "LR", "TD")


def tokenize(source: Source) -> list[Token]:
    """Raises MermaidError (``mermaid_syntax``) where no rule matches."""
    return _Lexer(source).run()


class _Lexer:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.stack = ["INITIAL"]
        self.tokens: list[Token] = []
        self.first_graph = True
        self.directions = [(m.start(), m[1], m.end(1)) for m in _DIRECTION.finditer(self.text)]
        self.next_direction = 0
        self.line_end = -1
        self.white_end = -1
        self.run_end = -1
        self.run_at = -1
        self.has_link_ids = "@" in self.text

    def run(self) -> list[Token]:
        at, end = 0, len(self.text)
        while at < end:
            at = self._initial(at) if len(self.stack) == 1 else self._inside(at)
            if len(self.tokens) > MAX_TOKENS or len(self.stack) > MAX_STATES:
                raise self._too_much(at)
        return self._finish(end)

    def _finish(self, end: int) -> list[Token]:
        state = self.stack[-1]
        if state in _EMPTY_AT_END:
            self.tokens.append((_EMPTY_AT_END[state], end, end))
        elif state == "INITIAL":
            self.tokens.append(("EOF", end, end))
        self.tokens.append(("END", end, end))
        return self.tokens

    def _too_much(self, at: int) -> Exception:
        if len(self.stack) > MAX_STATES:
            message = "Brackets and quotes cannot stand inside each other; quote the whole label."
            return self.source.error("mermaid_syntax", message, at)
        message = f"A Mermaid text has at most {MAX_TOKENS} words and signs; split the diagram."
        return self.source.error("mermaid_too_large", message, at)

    def _inside(self, at: int) -> int:
        """One token in a state that is not INITIAL."""
        name = self.stack[-1]
        if name in _ARROWS and self.text[at] in WS_CHARACTERS:
            return self._spaced_text(name, at)
        state = _STATES[name]
        match = state.match(self.text, at)
        if match is None:
            raise self._unreadable(at)
        return self._take(state, match, at)

    def _spaced_text(self, name: str, at: int) -> int:
        """White space in a text: part of the arrow that follows, or of the text."""
        end = self._white_end(at)
        match = _ARROWS[name].match(self.text, end)
        if match is not None:
            return self._take(_ARROWS[name], match, at)
        self.tokens.append(("TEXT" if name == "ellipseText" else "EDGE_TEXT", at, end))
        return end

    def _initial(self, at: int) -> int:
        text = self.text
        sign = text[at]
        white = sign in WS_CHARACTERS
        if sign in _WORD_STARTS and (match := _FIRST.match(text, at)) is not None:
            return self._take(_FIRST, match, at)
        if self.next_direction < len(self.directions):
            end = self._direction(at)
            if end:
                return end
        if white:
            return self._white(at)
        if self.has_link_ids and (end := self._link_id(at)):
            self.tokens.append(("LINK_ID", at, end))
            return end
        state = _NAME if sign in _NAME_STARTS else _SECOND
        match = state.match(text, at)
        if match is None:
            raise self._unreadable(at)
        return self._take(state, match, at)

    def _white(self, at: int) -> int:
        """White space: part of an arrow, line ends, or one space. Looked through once a run."""
        if at >= self.white_end:
            self.white_end = self._white_end(at)
            match = _ARROWS["INITIAL"].match(self.text, self.white_end)
            if match is not None:
                return self._take(_ARROWS["INITIAL"], match, at)
            if self.white_end - at > MAX_TOKENS:
                raise self._too_much(at)
        match = _ONE_WHITE.match(self.text, at)
        if match is None:
            raise self._unreadable(at)
        return self._take(_ONE_WHITE, match, at)

    def _white_end(self, at: int) -> int:
        match = _WHITE.match(self.text, at)
        return match.end() if match else at

    def _direction(self, at: int) -> int:
        """The end of the statement that ``direction`` makes of the rest of a line, or 0."""
        found = self.directions
        while self.next_direction < len(found) and found[self.next_direction][0] < at:
            self.next_direction += 1
        if self.next_direction == len(found):
            return 0
        if at > self.line_end:
            stop = _LINE_END.search(self.text, at)
            self.line_end = stop.start() if stop else len(self.text)
        last: dict[str, int] = {}
        for number in range(self.next_direction, len(found)):
            start, kind, end = found[number]
            if start >= self.line_end:
                break
            last[kind] = end
        for kind in _DIRECTIONS:
            if kind in last:
                newline = self.text.find("\n", last[kind])
                end = newline if newline >= 0 else len(self.text)
                self.tokens.append((f"direction_{kind}", at, end))
                return end
        return 0

    def _link_id(self, at: int) -> int:
        """The end of the last ``@`` before white space that no brace or quote follows, or 0."""
        if at >= self.run_end:
            match = _RUN.match(self.text, at)
            self.run_end = match.end() if match else at
            self.run_at = self._last_at(at, self.run_end)
        return self.run_at + 1 if self.run_at > at else 0

    def _last_at(self, start: int, end: int) -> int:
        place = self.text.rfind("@", start, end)
        while place >= 0 and (place + 1 == len(self.text) or self.text[place + 1] in '{"'):
            place = self.text.rfind("@", start, place)
        return place

    def _take(self, state: _State, match: re.Match[str], at: int) -> int:
        """Adds the token of a match and changes the stack; the end of the match."""
        kind, change = state.results[match.lastindex or 0]
        end = match.end()
        if change == "dir":
            change = "dir" if self.first_graph else ""
            self.first_graph = False
        if kind:
            self.tokens.append((kind, at, end))
        if change:
            if change[0] == "-":
                self.stack.pop()
                change = change[1:]
            if change:
                self.stack.append(change)
        return end

    def _unreadable(self, at: int) -> Exception:
        sign = self.text[at]
        if self.stack[-1] == "dir":
            what = "a direction or a line end"
            message = f"Expected {what} (TB, TD, BT, LR or RL), found {sign!r}."
            return self.source.error("mermaid_syntax", message, at, what)
        message = f"{sign!r} cannot stand here; put labels with such characters in quotes."
        return self.source.error("mermaid_syntax", message, at)
