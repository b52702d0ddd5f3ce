"""The ``content`` of a stored row: a React Flow document or a Mermaid text, however wrapped."""

from msgspec import UNSET, UnsetType

from gateway.json_text import parse_json
from gateway.react_flow import (
    ImportRefused,
    Report,
    check_value,
    join,
    react_flow_to_elements,
    refuse,
)
from gateway.row_shape import RowShape
from ot.diagram import Diagram, Json

#: How many times content may be a JSON string inside a JSON string.
MAX_ENCODINGS = 3
#: Where a Mermaid text was found inside content, the most telling first.
TEXT_KEYS = ("syntax", "mermaidSyntax", "content", "text")
#: Those that tell of a Mermaid text even in a row that says it is something else.
_TELLING_KEYS = TEXT_KEYS[:2]


def read_content(
    raw: Json | UnsetType, row_format: str | None, at: str, shape: RowShape, report: Report
) -> Diagram:
    """The diagram that ``raw`` holds; ``row_format`` decides where the content itself does not.

    How it was written goes into ``shape``. Raises ImportRefused.
    """
    if raw is None or raw is UNSET:
        report.add("the row had no content; the diagram is empty")
        return _empty(row_format)
    content = _decoded(raw, row_format, at, shape)
    if isinstance(content, str):
        return _bare_text(content, row_format, at)
    if not isinstance(content, dict):
        refuse("invalid_type", "Content is an object with nodes and edges, or a text.", at)
    key = _text_key(content, row_format)
    if key is None or "nodes" in content or "edges" in content:
        return read_flow(content, at, shape, report)
    return _wrapped_text(content, key, at, shape)


def read_flow(content: dict[str, Json], at: str, shape: RowShape, report: Report) -> Diagram:
    """A React Flow document; what else it holds (the viewport) becomes the diagram's data."""
    nodes, edges, lines = react_flow_to_elements(
        _list(content, "nodes", shape), _list(content, "edges", shape), at
    )
    for line in lines:
        report.add(line)
    data = {key: value for key, value in content.items() if key not in ("nodes", "edges")}
    check_value(data, at)
    return Diagram(data=data, nodes=nodes, edges=edges)


def _empty(row_format: str | None) -> Diagram:
    if row_format == "mermaid":
        return Diagram(kind="mermaid", data={"text": ""})
    return Diagram()


def _list(content: dict[str, Json], key: str, shape: RowShape) -> Json:
    if key not in content:
        shape.content.absent[key] = []
    elif content[key] is None:
        shape.content.note(key, [], None)
    return [] if content.get(key) is None else content[key]


def _decoded(raw: Json, row_format: str | None, at: str, shape: RowShape) -> Json:
    """Content without the JSON strings it may be wrapped in."""
    content = raw
    while shape.encoded < MAX_ENCODINGS and _looks_encoded(content):
        try:
            inner = parse_json(content, at)
        except ImportRefused:
            if row_format == "mermaid":
                return content
            raise
        if row_format == "mermaid" and not isinstance(inner, dict | str):
            return content
        content = inner
        shape.encoded += 1
    return content


def _looks_encoded(content: Json) -> bool:
    return isinstance(content, str) and content.lstrip().startswith(("{", '"', "["))


def _text_key(content: dict[str, Json], row_format: str | None) -> str | None:
    """The key of the Mermaid text in content, or ``None`` where there is no sign of one."""
    candidates = TEXT_KEYS if row_format == "mermaid" else _TELLING_KEYS
    for key in candidates:
        if isinstance(content.get(key), str):
            return key
    if row_format != "mermaid":
        return None
    return next((key for key in TEXT_KEYS if key in content), TEXT_KEYS[0])


def _bare_text(text: str, row_format: str | None, at: str) -> Diagram:
    if row_format == "reactflow":
        message = "Text is no React Flow document; if it is Mermaid, say so in the row's format."
        refuse("invalid_type", message, at)
    check_value(text, at)
    return Diagram(kind="mermaid", data={"text": text})


def _wrapped_text(content: dict[str, Json], key: str, at: str, shape: RowShape) -> Diagram:
    """``{"syntax": text, …}``: the diagram's data holds the text, its key and the rest."""
    check_value(content, at)
    rest = {name: value for name, value in content.items() if name != key}
    text = content.get(key)
    if key not in content:
        shape.content.absent[key] = ""
    elif text is None:
        shape.content.note(key, "", None)
    elif not isinstance(text, str):
        refuse("invalid_type", "A Mermaid text is text.", join(at, key))
    for name in ("text", "contentKey"):
        if name in rest:
            shape.unplaced[name] = rest.pop(name)
    return Diagram(kind="mermaid", data={"text": text or "", "contentKey": key, **rest})
