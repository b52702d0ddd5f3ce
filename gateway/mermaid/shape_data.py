"""The inside of ``@{ … }``: the part of YAML that node and edge data are written in.

Mermaid hands it to js-yaml (JSON schema), between braces where it is one line, as a block where it
has several. Read here are maps, lists, plain and quoted scalars, comments, and block scalars; what
YAML has beyond (anchors, aliases, tags, documents, keys that are no scalars) is refused, as it says
nothing about a node.
"""

import re
from typing import Final

from gateway.mermaid.limits import MAX_DATA_DEPTH
from ot.diagram import Json

_INT: Final = re.compile(r"[-+]?(?:0b[01]+|0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+)")
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+)")
_WORDS: Final[dict[str, Json]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_ESCAPES: Final = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_CODES: Final = {"x": 2, "u": 4, "U": 8}
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"\\]|\\.)*)\"", re.S)
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.S
)
_BLANK: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_PLAIN_FLOW: Final = re.compile(r"(?:[^,\[\]{}:#\n]|:(?![ \t\n,\[\]{}]|$)|(?<![ \t])#)*")
_PLAIN_BLOCK: Final = re.compile(r"(?:[^:#\n]|:(?![ \t\n]|$)|(?<![ \t])#)*")
_NO_START: Final = frozenset("?,[]{}#&*!|>'\"%@`")


class DataError(ValueError):
    """Data that is no YAML. The message says what is wrong."""


class BeyondError(DataError):
    """More of YAML than is read here."""


def read_data(data: str) -> Json:
    """The value of what stands between ``@{`` and ``}``; ``None`` for nothing. DataError."""
    if "\n" not in data:
        reader = _Flow(f"{{{data}\n}}")
        value = reader.value(0)
        reader.blank()
        if reader.at != len(reader.text):
            raise DataError("Something follows after the data.")
        return value
    return _read_block(data)


def read_front_matter(data: str) -> Json:
    """Its value; ``None`` for what is beyond this reader. DataError for what is surely no YAML."""
    try:
        return _read_block(data)
    except BeyondError:
        return None


def scalar(text: str) -> Json:
    """A plain scalar by the rules of JSON's schema."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        sign = -1 if text[0] == "-" else 1
        digits = text.lstrip("+-")
        return sign * (int(digits, 0) if digits[1:2] in ("b", "x", "o") else int(digits))
    return float(text) if _FLOAT.fullmatch(text) else text


class _Flow:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Json:
        if depth > MAX_DATA_DEPTH:
            raise DataError(f"Data has at most {MAX_DATA_DEPTH} levels.")
        self.blank()
        sign = self.peek()
        if sign == "{":
            return self.mapping(depth)
        if sign == "[":
            return self.sequence(depth)
        return self.quoted() if sign in ("'", '"') else self.plain()

    def mapping(self, depth: int) -> dict[str, Json]:
        out: dict[str, Json] = {}
        self.at += 1
        while True:
            self.blank()
            if self.peek() == "}":
                self.at += 1
                return out
            if self.peek() == ",":
                raise DataError("A value is missing before a comma.")
            key = key_text(self.key())
            self.blank()
            value = None
            if self.peek() == ":":
                self.at += 1
                self.blank()
                value = None if self.peek() in (",", "}") else self.value(depth + 1)
            put(out, key, value)
            self.comma("}")

    def key(self) -> Json:
        """A scalar; nothing before a colon is null."""
        if self.peek() in ("'", '"'):
            return self.quoted()
        return None if self.text.startswith(": ", self.at) else self.plain()

    def sequence(self, depth: int) -> list[Json]:
        out: list[Json] = []
        self.at += 1
        while True:
            self.blank()
            if self.peek() == "]":
                self.at += 1
                return out
            value = self.value(depth + 1)
            self.blank()
            if self.peek() == ":":
                self.at += 1
                self.blank()
                value = {key_text(value): None if self.peek() in ",]" else self.value(depth + 1)}
            out.append(value)
            self.comma("]")

    def comma(self, closing: str) -> None:
        self.blank()
        if self.peek() == ",":
            self.at += 1
        elif self.peek() != closing:
            raise DataError("Expected a comma between two entries.")

    def quoted(self) -> str:
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise DataError("A quote is missing at the end of a string.")
        self.at = match.end()
        return unquoted(match)

    def plain(self) -> Json:
        match = _PLAIN_FLOW.match(self.text, self.at)
        raw = (match[0] if match else "").strip(" \t")
        if not raw or raw[0] in _NO_START or re.match(r"[-:](?:[ \t]|$)", raw):
            raise DataError("A value here needs quotes.")
        self.at += len(match[0]) if match else 0
        return scalar(raw)


def unquoted(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1].replace("''", "'")
    return _ESCAPE.sub(_escape, match[2])


def _escape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
    if match[4] not in _ESCAPES:
        raise DataError(f"YAML has no escape \\{match[4]}.")
    return _ESCAPES[match[4]]


def key_text(key: Json) -> str:
    """Keys of JavaScript's objects are text."""
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)


def put(out: dict[str, Json], key: str, value: Json) -> None:
    if key in out:
        raise DataError(f"The key {key!r} stands there twice.")
    out[key] = value


def _read_block(data: str) -> Json:
    lines = data.split("\n")
    content = [line for line in lines if line.strip(" \t") and not line.lstrip(" ").startswith("#")]
    if not content:
        return None
    if content[0].lstrip(" ").startswith(("{", "[")):
        return read_flow_lines(data)
    if all(_has_no_key(line) for line in content):
        return scalar(" ".join(line.strip(" \t") for line in content))
    block = _Block(lines)
    value = block.mapping(0)
    if block.next_line() is not None:
        raise DataError("A line is indented less than the first.")
    return value


def _has_no_key(line: str) -> bool:
    """Whether a line can only be part of a plain scalar."""
    text = line.strip(" \t")
    match = _PLAIN_BLOCK.match(text)
    return text[0] not in _NO_START and match is not None and match.end() == len(text)


def read_flow_lines(data: str) -> Json:
    reader = _Flow(data)
    value = reader.value(0)
    reader.blank()
    if reader.at != len(data):
        raise DataError("Something follows after the data.")
    return value


class _Block:
    """Lines of ``key: value``; deeper lines are the value of a key without one."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.i = 0

    def next_line(self) -> str | None:
        """The next line with something in it, which is not taken yet."""
        while self.i < len(self.lines):
            line = self.lines[self.i]
            if line.strip(" \t") and not line.lstrip(" ").startswith("#"):
                if line.lstrip(" ").startswith("\t"):
                    raise DataError("Lines are indented with spaces, not tabs.")
                return line
            self.i += 1
        return None

    def mapping(self, depth: int) -> Json:
        if depth > MAX_DATA_DEPTH:
            raise DataError(f"Data has at most {MAX_DATA_DEPTH} levels.")
        first = self.next_line() or ""
        indent = _indent(first)
        out: dict[str, Json] = {}
        while (line := self.next_line()) is not None and _indent(line) >= indent:
            if _indent(line) > indent:
                raise DataError("A line is indented more than the one before.")
            if out and line.lstrip(" ").startswith("- "):
                raise DataError("A list stands among the keys of a map.")
            key, rest = self.key_of(line.strip(" \t"))
            self.i += 1
            put(out, key, self.value_of(rest, indent, depth))
        return out

    def key_of(self, line: str) -> tuple[str, str]:
        match = _QUOTED.match(line)
        if match is not None:
            key, rest = unquoted(match), line[match.end() :].lstrip(" \t")
        else:
            plain = _PLAIN_BLOCK.match(line)
            end = plain.end() if plain else 0
            key, rest = key_text(scalar(line[:end].strip(" \t"))), line[end:]
            if line[0] in "%@`":
                raise DataError("A value that starts so needs quotes.")
            if line[0] in _NO_START or line.startswith("- "):
                raise BeyondError("Expected 'key: value'.")
        if not rest.startswith(":"):
            raise DataError("Expected 'key: value'.")
        return key, rest[1:].strip(" \t")

    def value_of(self, rest: str, indent: int, depth: int) -> Json:
        if rest.startswith(("|", ">")):
            return self.block_scalar(rest, indent)
        if not rest or rest.startswith("#"):
            line = self.next_line()
            if line is None or _indent(line) <= indent:
                return None
            return self.plain("", indent) if _has_no_key(line) else self.mapping(depth + 1)
        if rest[0] in "{[":
            return self.flow(rest, indent)
        match = _QUOTED.match(rest)
        if match is not None:
            tail = rest[match.end() :].strip(" \t")
            if tail and not tail.startswith("#"):
                raise DataError("Something follows after a string.")
            return unquoted(match)
        self.check_start(rest)
        return self.plain(rest, indent)

    def check_start(self, rest: str) -> None:
        """Refuses what no plain value starts with: what no value does, and what is beyond."""
        if rest[0] in "'\"":
            # It may go on over the next lines.
            if _QUOTED.match("\n".join([rest, *self.lines[self.i :]])) is None:
                raise DataError("A quote is missing at the end of a string.")
            raise BeyondError("A string in quotes stands in one line.")
        is_unknown = rest[0] == "*" and not any("&" in line for line in self.lines)
        if is_unknown or rest[0] in "%@`" or rest.startswith("- "):
            raise DataError("A value that starts so needs quotes.")
        if rest[0] in _NO_START:
            raise BeyondError("A value here needs quotes.")

    def flow(self, rest: str, indent: int) -> Json:
        """A map or list in brackets may go on over the next lines."""
        reader = _Flow("\n".join([rest, *self.lines[self.i :]]))
        value = reader.value(0)
        self.i += reader.text.count("\n", 0, reader.at)
        end = reader.text.find("\n", reader.at)
        tail = reader.text[reader.at : end if end >= 0 else len(reader.text)].strip(" \t")
        if tail and not tail.startswith("#"):
            raise DataError("Something follows after a value in brackets.")
        return value

    def plain(self, rest: str, indent: int) -> Json:
        """A plain scalar goes on over deeper lines, joined by spaces."""
        parts = [rest] if rest else []
        while (line := self.next_line()) is not None and _indent(line) > indent:
            parts.append(line.strip(" \t"))
            self.i += 1
        text = " ".join(parts)
        match = _PLAIN_BLOCK.match(text)
        end = match.end() if match else 0
        if text[end : end + 1] == ":":
            raise DataError("A value with ': ' in it needs quotes.")
        return scalar(text[:end].strip(" \t"))

    def block_scalar(self, rest: str, indent: int) -> str:
        lines: list[str] = []
        while self.i < len(self.lines):
            line = self.lines[self.i]
            if line.strip(" ") and _indent(line) <= indent:
                break
            lines.append(line)
            self.i += 1
        depth = min((_indent(line) for line in lines if line.strip(" ")), default=0)
        text = ("\n" if rest[0] == "|" else " ").join(line[depth:] for line in lines)
        return text.rstrip("\n ") + ("" if rest[1:2] == "-" or not text.strip() else "\n")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
