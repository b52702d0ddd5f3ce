"""Which kind of diagram a Mermaid text is, by its first word, as Mermaid's detectors see it."""

import re
from typing import Final

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.source import WS, WS_CHARACTERS, read_source

#: In Mermaid's order (``diagram-orchestration.ts``, version 11.16), as the first that fits counts.
_DETECTORS: Final[tuple[tuple[str, str], ...]] = (
    ("flowchart", r"flowchart-elk"),
    ("mindmap", r"mindmap"),
    ("architecture", r"architecture"),
    ("c4", r"C4Context"),
    ("kanban", r"kanban"),
    ("class", r"classDiagram"),
    ("er", r"erDiagram"),
    ("gantt", r"gantt"),
    ("info", r"info"),
    ("pie", r"pie"),
    ("requirement", r"requirement"),
    ("sequence", r"sequenceDiagram"),
    ("swimlanes", r"swimlane-beta\b"),
    ("flowchart", r"graph|flowchart"),
    ("timeline", r"timeline"),
    ("git", r"gitGraph"),
    ("state", r"stateDiagram"),
    ("journey", r"journey"),
    ("quadrant", r"quadrantChart"),
    ("sankey", r"sankey"),
    ("packet", r"packet"),
    ("xychart", r"xychart"),
    ("block", r"block"),
    ("eventmodeling", r"eventmodeling"),
    ("treeview", r"treeView-beta"),
    ("radar", r"radar-beta"),
    ("ishikawa", r"(?i:ishikawa(?:-beta)?\b)"),
    ("treemap", r"treemap"),
    ("railroad", r"(?i:railroad-(?:beta|ebnf-beta|abnf-beta|peg-beta))"),
    ("venn", r"venn-beta"),
    ("wardley", r"(?i:wardley-beta)"),
    ("cynefin", rf"cynefin-beta(?:[{WS}:]|$)"),
)
_COMPILED: Final = tuple((kind, re.compile(pattern, re.ASCII)) for kind, pattern in _DETECTORS)
#: Mermaid looks for these anywhere in the text.
_C4: Final = re.compile("C4Container|C4Component|C4Dynamic|C4Deployment")
_COMMENT: Final = re.compile(r"%%[^\n]*\n")


def detect_kind(text: str) -> str | None:
    """``flowchart``, ``mindmap``, ``sequence``, ``class``, ``state``, ``er``, … or ``None``."""
    try:
        return detect_kind_of(read_source(text).text)
    except MermaidError:
        return None


def detect_kind_of(text: str) -> str | None:
    """The kind of a text without front matter, directives and comments."""
    start = text.lstrip(WS_CHARACTERS)
    if start.startswith("---"):
        return None
    # The last line is left out: no comment ends there, and it would be looked through from each.
    last = text.rfind("\n") + 1
    without_comments = _COMMENT.sub("\n", text[:last]) + text[last:]
    start = without_comments.lstrip(WS_CHARACTERS)
    for kind, pattern in _COMPILED:
        if pattern.match(start) or (kind == "c4" and _C4.search(without_comments)):
            return kind
    return None
