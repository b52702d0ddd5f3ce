"""Labels as quoted Mermaid strings that show exactly the text they were given."""

import re
from functools import lru_cache

from gateway.mermaid.limits import MAX_REMEMBERED_LABEL, MAX_REMEMBERED_LABELS
from ot.diagram import Json

#: Characters that end a string, or start an entity or markup.
_ALWAYS = '"#&<>`\\'
#: How Mermaid itself carries entities through its parser; it takes these for its own anywhere.
_MARKERS = (("ﬂ°", "fl°"), ("¶ß", "¶ ß"))
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\ud800-\udfff]")
#: The grammar takes any line that holds this for a statement, quoted or not.
_DIRECTION = re.compile(r"direction(?=\s+(?:TB|BT|LR|RL|TD))")
#: What Mermaid reads inside a string though it is quoted: directives and comments, formulas,
#: icons, and the statements its preprocessor looks for in any line.
_MAGIC = re.compile(r"%%|\$\$|fa[a-z]*:|style|classDef|https?:|www\.|\bacc(?:Title|Descr)", re.I)
_MAGIC_CHARACTERS = "%$:.{}"
#: Where a label has line breaks, Mermaid decodes it before it looks for these (a backslash and an
#: n, an icon), so that only a space without width keeps them apart.
_BESIDE_BREAKS = re.compile(r"(?<=\\)(?=n)|(?<=fa)(?=[a-z]?:fa-)")
#: Markdown, which newer versions read in any label; links are looked for apart.
_MARKDOWN = re.compile(r"\*|(?:^|\W)_|_(?:\W|$)|~~|^[^\S\n]*(?:[-+]|\d+[.)])(?:\s|$)", re.M)
_MARKDOWN_CHARACTERS = "*_~[]()-+."


def label_text(label: Json) -> str:
    """The label of an element as text; what is neither text nor a number has none."""
    if isinstance(label, str):
        return label
    if isinstance(label, int | float) and not isinstance(label, bool):
        return str(label)
    return ""


def quoted(text: str) -> str:
    """A Mermaid string in its quotes; a blank text becomes one space, as Mermaid needs some."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED_LABEL else _quoted(text)


@lru_cache(MAX_REMEMBERED_LABELS)
def _remembered(text: str) -> str:
    """Texts that are compared have most labels in common."""
    return _quoted(text)


def _quoted(text: str) -> str:
    # Python knows more line ends than Mermaid; what comes back has only this one.
    # Control signs go first: beside them a sign would count as markup that it is not without them.
    lines = (line.replace("\t", " ") for line in text.strip().splitlines())
    text = "\n".join(_CONTROL.sub("", line) for line in lines)
    special = _ALWAYS
    if "&" in text:
        special += ";"
    if _MAGIC.search(text):
        special += _MAGIC_CHARACTERS
    if _MARKDOWN.search(text) or any(map(_has_link, text.split("\n"))):
        special += _MARKDOWN_CHARACTERS
    for inside, harmless in _MARKERS:
        text = text.replace(inside, harmless)
    shown = text.split("\n")
    if len(shown) > 1:
        shown = [_BESIDE_BREAKS.sub("\u200b", line) for line in shown]
    body = "<br/>".join(_escaped(line, special) for line in shown)
    if any(map(_has_colour, body.split())):
        body = "<br/>".join(_escaped(line, special + ":") for line in shown)
    return f'"{body or " "}"'


def _has_link(line: str) -> bool:
    """Whether a line has a link of markdown: ``[`` and, anywhere after it, ``](``."""
    return 0 <= line.find("[") < line.rfind("](")


def _has_colour(word: str) -> bool:
    """Whether Mermaid takes a piece without white space for a colour: ``:`` and, after it, ``#``.

    In a line with the word "style" in it, in an id for instance, the semicolon of an entity would
    then be the end of a statement.
    """
    return 0 <= word.find(":") < word.rfind("#")


def _escaped(line: str, special: str) -> str:
    escaped = "".join(f"#{ord(letter)};" if letter in special else letter for letter in line)
    return _DIRECTION.sub("#100;irection", escaped)
