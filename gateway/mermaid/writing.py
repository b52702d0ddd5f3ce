"""The lines of a flowchart for elements of a diagram."""

import re
from collections.abc import Iterable
from typing import Final

from gateway.mermaid.flow_graph import MAX_LENGTH
from gateway.mermaid.labels import label_text, quoted
from gateway.mermaid.shapes import BRACKETS, VALID_SHAPES, WRITTEN, type_of_brackets, type_of_word
from gateway.mermaid.styles import edge_entries, is_dashed, is_thick, node_entries
from ot.diagram import Element, Json

_HEADS: Final = {"circle": "o", "cross": "x"}
_TAILS: Final = {">": "<", "o": "o", "x": "x"}
_DIRECTIONS: Final = {"TB": "TB", "TD": "TB", "BT": "BT", "LR": "LR", "RL": "RL"}
#: Markdown that can stand between its quotes.
_MARKDOWN: Final = re.compile(
    r'(?!.*(?:direction|style|classDef|accTitle|accDescr|://))[^`"#&<>%@\\{}]*', re.S
)
_EDGE_ID: Final = re.compile(r"\w+(?:-\w+)*")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_WORD: Final = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*")


def about(element: Element) -> Element:
    """What the import kept with an element."""
    data = element.get("data")
    kept = data.get("mermaid") if isinstance(data, dict) else None
    return kept if isinstance(kept, dict) else {}


def direction_at(about: Json) -> str | None:
    """The direction that is kept with a diagram or a group, where it is one."""
    value = about.get("direction") if isinstance(about, dict) else None
    return _DIRECTIONS.get(value) if isinstance(value, str) else None


def text_at(element: Element, key: str) -> str | None:
    """A value that is an id, if it is one."""
    value = element.get(key)
    return value if isinstance(value, str) else None


def label_of(element: Element) -> str:
    data = element.get("data")
    return label_text(data.get("label")) if isinstance(data, dict) else ""


def written_label(element: Element, label: str) -> str:
    """The label in its quotes; markdown stays markdown where it can be written as such."""
    if about(element).get("markdown") is True and label.strip() and _MARKDOWN.fullmatch(label):
        return '"`' + "<br/>".join(label.splitlines()) + '`"'
    return quoted(label)


def shape_of(element: Element) -> tuple[str, str | None]:
    """The brackets of a node and the word of its ``shape:``, if it needs one."""
    kind, shape = element.get("type"), about(element).get("shape")
    if isinstance(shape, str):
        if shape in BRACKETS and type_of_brackets(shape) == kind:
            return shape, None
        if shape in VALID_SHAPES and type_of_word(shape) == kind:
            return "square", shape
    return WRITTEN.get(kind, WRITTEN["process"]) if isinstance(kind, str) else WRITTEN["process"]


def write_node(name: str, element: Element, class_name: str | None = None) -> str:
    """``name["label"]:::class@{ … }``"""
    brackets, word = shape_of(element)
    left, right = BRACKETS[brackets]
    text = f"{name}{left}{written_label(element, label_of(element))}{right}"
    if class_name is not None:
        text += f":::{class_name}"
    data: Element = {} if word is None else {"shape": word}
    kept = about(element).get("data")
    if isinstance(kept, dict):
        data |= kept
    return text + write_data(data)


def write_data(data: Element) -> str:
    """``@{ key: "value" }``, or nothing without an entry that can be written."""
    entries = [f"{key}: {_value(value)}" for key, value in data.items()
               if _KEY.fullmatch(key) and isinstance(value, str | int | float)]  # fmt: skip
    return f"@{{ {', '.join(entries)} }}" if entries else ""


def _value(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _WORD.fullmatch(value) and value.lower() not in ("true", "false", "null"):
        return value if not value[0].isdigit() else f'"{value}"'
    text = value.replace("\\", "#92;").replace('"', "#quot;").replace("\n", "<br/>")
    return f'"{text}"'


def head_of(marker: Json, missing: str) -> str:
    """The sign of an arrow head. Where React Flow is told nothing, ``missing`` counts."""
    if marker is None:
        return ""
    if isinstance(marker, dict):
        marker = marker.get("type")
    return _HEADS.get(marker, ">") if isinstance(marker, str) else missing


def arrow_look(edge: Element) -> tuple[str, str, str]:
    """First sign, last sign, and stroke (``-``, ``=``, ``.`` or ``~``) of an edge's arrow.

    Mermaid has two heads only where they are the same.
    """
    if edge.get("hidden") is True:
        return "", "", "~"
    end = head_of(edge.get("markerEnd", "arrowclosed"), ">")
    start = head_of(edge.get("markerStart"), "") if edge.get("markerStart") else ""
    tail = _TAILS[end] if end and start == end else ""
    named_animation = edge.get("animated") is True and edge_name(edge) is not None
    dashed = is_dashed({**edge, "animated": False} if named_animation else edge)
    return tail, end, "." if dashed else "=" if is_thick(edge) else "-"


def arrow_of(edge: Element) -> str:
    start, end, stroke = arrow_look(edge)
    length = about(edge).get("length")
    length = length if isinstance(length, int) and 1 <= length <= MAX_LENGTH else 1
    if stroke == "~":
        return "~" * (length + 2)
    if stroke == ".":
        return f"{start}-{'.' * length}-{end}"
    return start + stroke * (length + 1) + (end or stroke)


def edge_label(edge: Element) -> str:
    return label_text(edge.get("label")).strip()


def edge_name(edge: Element) -> str | None:
    """The id that the text gives an edge."""
    name = about(edge).get("id")
    return name if isinstance(name, str) and _EDGE_ID.fullmatch(name) else None


def write_link(edge: Element) -> str:
    """The arrow with its label and id: ``e1@-->|"label"|``."""
    label, name = edge_label(edge), edge_name(edge)
    text = f"|{written_label(edge, label)}|" if label else ""
    return f"{name + '@' if name else ''}{arrow_of(edge)}{text}"


def write_edge_data(edge: Element) -> str:
    """``e1@{ animate: true }`` for an edge with an id."""
    name = edge_name(edge)
    data = about(edge).get("data")
    kept = dict(data) if isinstance(data, dict) else {}
    if edge.get("animated") is not True:
        kept = {key: value for key, value in kept.items() if not key.startswith("anim")}
    elif not kept.get("animation"):
        kept["animate"] = True
    text = write_data(kept)
    return f"{name}{text}" if name and text else ""


def write_style(name: str, element: Element, others: Iterable[str] = ()) -> str:
    """``style name fill:#fff``, or nothing; ``others`` are entries that no document has."""
    entries = [*others, *joined(node_entries(element))]
    return f"style {name} {','.join(entries).lstrip()}" if entries else ""


def write_link_style(
    place: int,
    edge: Element,
    curve: str | None,
    inherited: Element | None = None,
    others: Iterable[str] = (),
) -> str:
    """``linkStyle 0 interpolate step stroke:#fff``, or nothing."""
    given = edge_entries({"style": inherited or {}}, inherited)
    said = edge_entries(edge, inherited, arrow_look(edge)[2])
    own = {k: v for k, v in said.items() if given.get(k) != v}
    entries = ",".join([*others, *joined(own)]).lstrip()
    words = [*(["interpolate", curve] if curve else []), *([entries] if entries else [])]
    return " ".join(["linkStyle", str(place), *words]) if words else ""


def joined(entries: dict[str, str]) -> list[str]:
    return [f"{name}:{value}" for name, value in entries.items()]
