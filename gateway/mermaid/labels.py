"""Labels as quoted Mermaid strings that show exactly the text they were given."""

import re

from ot.diagram import Json

#: Characters that end a string, or start an entity or markup.
_ALWAYS = '"#&<>`\\'
#: How Mermaid itself carries entities through its parser; it takes these for its own anywhere.
_MARKERS = (("ﬂ°", "fl°"), ("¶ß", "¶ ß"))
#: Not printable by themselves, yet parts of emoji.
_JOINERS = "\u200d\ufe0f"
#: The grammar takes any line that holds this for a statement, quoted or not.
_DIRECTION = re.compile(r"direction(?=\s+(?:TB|BT|LR|RL|TD))")
#: What Mermaid reads inside a string though it is quoted: directives and comments, formulas,
#: icons, and the statements its preprocessor looks for in any line.
_MAGIC = re.compile(r"%%|\$\$|\bfa[a-z]*:|style|classDef|https?:|www\.|\bacc(?:Title|Descr)", re.I)
_MAGIC_CHARACTERS = "%$:.{}"
#: Markdown, which newer versions read in any label.
_MARKDOWN = re.compile(r"(\*|_|~~|\[.*\]\()|^\s*(?:[-+]|\d+[.)])(?:\s|$)", re.M)
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
    special = _ALWAYS
    if "&" in text:
        special += ";"
    if _MAGIC.search(text):
        special += _MAGIC_CHARACTERS
    if _MARKDOWN.search(text):
        special += _MARKDOWN_CHARACTERS
    for inside, harmless in _MARKERS:
        text = text.replace(inside, harmless)
    lines = text.strip().splitlines()
    return '"' + ("<br/>".join(_escaped(line, special) for line in lines) or " ") + '"'


def _escaped(line: str, special: str) -> str:
    escaped = "".join(
        f"#{ord(character)};" if character in special else character
        for character in line.replace("\t", " ")
        if character.isprintable() or character in _JOINERS
    )
    return _DIRECTION.sub("#100;irection", escaped)
