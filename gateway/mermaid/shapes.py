"""The shapes of Mermaid's nodes and the types of ours: a table each way.

Mermaid names a shape by brackets (``([x])``) or by a word in ``@{ shape: … }``; most have several
words. A type of ours is written with the brackets nearest to it, and, where another type has those
already, with a word that is not drawn differently from what the type means, so that reading it back
gives the type again.
"""

from typing import Final

#: Brackets by Mermaid's word for them.
BRACKETS: Final[dict[str, tuple[str, str]]] = {
    "square": ("[", "]"),
    "round": ("(", ")"),
    "stadium": ("([", "])"),
    "subroutine": ("[[", "]]"),
    "cylinder": ("[(", ")]"),
    "circle": ("((", "))"),
    "doublecircle": ("(((", ")))"),
    "ellipse": ("(-", "-)"),
    "diamond": ("{", "}"),
    "hexagon": ("{{", "}}"),
    "odd": (">", "]"),
    "trapezoid": ("[/", "\\]"),
    "inv_trapezoid": ("[\\", "/]"),
    "lean_right": ("[/", "/]"),
    "lean_left": ("[\\", "\\]"),
}

#: The words of ``@{ shape: … }``: the short name first, then its other names.
NAMES: Final[tuple[tuple[str, ...], ...]] = (
    ("rect", "proc", "process", "rectangle"),
    ("rounded", "event"),
    ("stadium", "terminal", "pill"),
    ("fr-rect", "subprocess", "subproc", "framed-rectangle", "subroutine"),
    ("cyl", "db", "database", "cylinder"),
    ("datastore", "data-store"),
    ("circle", "circ"),
    ("bang",),
    ("cloud",),
    ("diam", "decision", "diamond", "question"),
    ("hex", "hexagon", "prepare"),
    ("lean-r", "lean-right", "in-out"),
    ("lean-l", "lean-left", "out-in"),
    ("trap-b", "priority", "trapezoid-bottom", "trapezoid"),
    ("trap-t", "manual", "trapezoid-top", "inv-trapezoid"),
    ("dbl-circ", "double-circle", "doublecircle"),
    ("text",),
    ("notch-rect", "card", "notched-rectangle"),
    ("lin-rect", "lined-rectangle", "lined-process", "lin-proc", "shaded-process"),
    ("sm-circ", "start", "small-circle"),
    ("fr-circ", "stop", "framed-circle"),
    ("fork", "join"),
    ("hourglass", "collate"),
    ("brace", "comment", "brace-l"),
    ("brace-r",),
    ("braces",),
    ("bolt", "com-link", "lightning-bolt"),
    ("doc", "document"),
    ("delay", "half-rounded-rectangle"),
    ("h-cyl", "das", "horizontal-cylinder"),
    ("lin-cyl", "disk", "lined-cylinder"),
    ("curv-trap", "curved-trapezoid", "display"),
    ("div-rect", "div-proc", "divided-rectangle", "divided-process"),
    ("tri", "extract", "triangle"),
    ("win-pane", "internal-storage", "window-pane"),
    ("f-circ", "junction", "filled-circle"),
    ("notch-pent", "loop-limit", "notched-pentagon"),
    ("flip-tri", "manual-file", "flipped-triangle"),
    ("sl-rect", "manual-input", "sloped-rectangle"),
    ("docs", "documents", "st-doc", "stacked-document"),
    ("st-rect", "procs", "processes", "stacked-rectangle"),
    ("bow-rect", "stored-data", "bow-tie-rectangle"),
    ("cross-circ", "summary", "crossed-circle"),
    ("tag-doc", "tagged-document"),
    ("tag-rect", "tagged-rectangle", "tag-proc", "tagged-process"),
    ("flag", "paper-tape"),
    ("odd",),
    ("lin-doc", "lined-document"),
    # Shapes of other kinds of diagrams, which Mermaid lets a flowchart use.
    ("state",),
    ("choice",),
    ("note",),
    ("icon",),
    ("anchor",),
)
_SHORT: Final = {name: names[0] for names in NAMES for name in names}
VALID_SHAPES: Final = frozenset(_SHORT)

#: Shapes in brackets by their short name.
_SHORT_OF_BRACKETS: Final = {
    "square": "rect", "round": "rounded", "subroutine": "fr-rect", "cylinder": "cyl",
    "doublecircle": "dbl-circ", "diamond": "diam", "hexagon": "hex", "trapezoid": "trap-b",
    "inv_trapezoid": "trap-t", "lean_right": "lean-r", "lean_left": "lean-l",
}  # fmt: skip

#: How each type is written: brackets, and the word that tells it from other types with them.
WRITTEN: Final[dict[str, tuple[str, str | None]]] = {
    "process": ("square", None),
    "rectangle": ("square", "rectangle"),
    "default": ("square", "proc"),
    "start": ("stadium", None),
    "end": ("stadium", "terminal"),
    "user": ("stadium", "pill"),
    "delay": ("stadium", "delay"),
    "decision": ("diamond", None),
    "diamond": ("diamond", "diamond"),
    "input": ("lean_right", None),
    "output": ("lean_left", None),
    "manual-input": ("lean_right", "manual-input"),
    "manual-operation": ("inv_trapezoid", None),
    "extract": ("trapezoid", "extract"),
    "database": ("cylinder", None),
    "stored-data": ("cylinder", "stored-data"),
    "sequential-data": ("cylinder", "das"),
    "internal-storage": ("subroutine", "internal-storage"),
    "predefined-process": ("subroutine", None),
    "api": ("subroutine", "subprocess"),
    "server": ("square", "processes"),
    "document": ("square", "document"),
    "multiple-documents": ("square", "documents"),
    "cloud": ("round", "cloud"),
    "circle": ("circle", None),
    "connector": ("circle", "circ"),
    "ellipse": ("circle", "circle"),
    "hexagon": ("hexagon", None),
    "router": ("hexagon", "prepare"),
    "note": ("odd", "note"),
    "off-page-connector": ("odd", None),
}

#: Types of shapes that no type is written with, by short name.
_NEAREST: Final = {
    "rect": "process", "rounded": "process", "stadium": "start", "fr-rect": "predefined-process",
    "cyl": "database", "datastore": "database", "circle": "circle", "bang": "cloud",
    "cloud": "cloud", "diam": "decision", "hex": "hexagon", "lean-r": "input", "lean-l": "output",
    "trap-b": "manual-operation", "trap-t": "manual-operation", "dbl-circ": "end", "text": "note",
    "notch-rect": "process", "lin-rect": "predefined-process", "sm-circ": "start",
    "fr-circ": "end", "fork": "process", "hourglass": "delay", "brace": "note", "brace-r": "note",
    "braces": "note", "bolt": "connector", "doc": "document", "delay": "delay",
    "h-cyl": "sequential-data", "lin-cyl": "database", "curv-trap": "output",
    "div-rect": "internal-storage", "tri": "extract", "win-pane": "internal-storage",
    "f-circ": "connector", "notch-pent": "off-page-connector", "flip-tri": "extract",
    "sl-rect": "manual-input", "docs": "multiple-documents", "st-rect": "server",
    "bow-rect": "stored-data", "cross-circ": "connector", "tag-doc": "document",
    "tag-rect": "process", "flag": "document", "odd": "off-page-connector", "lin-doc": "document",
    "state": "process", "choice": "diamond", "note": "note", "icon": "process",
    "anchor": "connector", "ellipse": "ellipse",
}  # fmt: skip
_TYPE_OF_WORD: Final = {word: kind for kind, (_, word) in WRITTEN.items() if word}
_TYPE_OF_BRACKETS: Final = {
    brackets: kind for kind, (brackets, word) in WRITTEN.items() if word is None
}


def type_of_brackets(brackets: str | None) -> str:
    """The type of a node by its brackets alone; without any it is a process."""
    if brackets is None:
        return "process"
    short = _SHORT_OF_BRACKETS.get(brackets, brackets)
    return _TYPE_OF_BRACKETS.get(brackets) or _NEAREST.get(short, "process")


def type_of_word(word: str) -> str:
    """The type of a node by the word of its ``shape:``."""
    return _TYPE_OF_WORD.get(word) or _NEAREST.get(_SHORT.get(word, word), "process")
