"""Stored diagrams of the earlier DiagramAI app, in every form they have been found in.

A file holds one row, a list of rows, a browser-storage map from id to row, a bare React Flow
document, or (``.mmd``, ``.mermaid``) one Mermaid text; what another ending does not tell, the
beginning of the text does. A file is taken whole or refused whole.
"""

import re
from pathlib import PurePath

from gateway.engine.jobs import CANVAS_KINDS
from gateway.import_row import ImportedDiagram, read_document, read_mermaid, read_row
from gateway.json_text import decode_text, parse_json
from gateway.mermaid.export import export_mermaid
from gateway.mermaid.kinds import detect_kind
from gateway.react_flow import ImportRefused, join, react_flow_to_elements, refuse
from gateway.row_shape import Shape, attach, detach
from ot.diagram import Diagram, Json

__all__ = [
    "MAX_CANVAS_CHARACTERS",
    "MAX_CANVAS_TEXTS",
    "MAX_IMPORT_BYTES",
    "ImportRefused",
    "ImportedDiagram",
    "canvas_text",
    "canvas_texts",
    "parse_import",
    "put_on_canvas",
    "react_flow_to_elements",
]

MAX_IMPORT_BYTES = 64 * 1024 * 1024
#: Diagrams in one file.
MAX_IMPORT_DIAGRAMS = 10_000
#: Mermaid texts of one file that become nodes and edges while somebody waits for the answer.
MAX_CANVAS_TEXTS = 100
#: Characters of all of these; one text of the greatest length is always taken.
MAX_CANVAS_CHARACTERS = 500_000

_MERMAID_SUFFIXES = frozenset({".mmd", ".mermaid"})
#: No Mermaid text begins so.
_BEGINNINGS_OF_JSON = ("{", "[")
_ROW_KEYS = frozenset({"id", "title", "format"})
_PLAIN_KEY = re.compile(r"[\w-]+")


def parse_import(
    source: bytes | list[Json] | dict[str, Json], name: str, title: str | None = None
) -> list[ImportedDiagram]:
    """The diagrams of a file, or of rows read elsewhere, in their order.

    ``name`` is the file's: its suffix tells Mermaid text from JSON, or else the content does.
    ``title``, or else the name's stem, is for what has no title. Raises ImportRefused.
    """
    path = PurePath(name)
    title = path.stem if title is None else title
    if not isinstance(source, bytes):
        return _read(source, title)
    if len(source) > MAX_IMPORT_BYTES:
        refuse("file_too_large", f"A file has at most {MAX_IMPORT_BYTES} bytes.", "")
    text = decode_text(source)
    if _is_mermaid(path.suffix.lower(), text):
        return [read_mermaid(text, title)]
    return _read(parse_json(text), title)


def _is_mermaid(suffix: str, text: str) -> bool:
    if suffix in _MERMAID_SUFFIXES or suffix == ".json":
        return suffix != ".json"
    return not text.removeprefix("\ufeff").lstrip().startswith(_BEGINNINGS_OF_JSON)


def canvas_texts(diagrams: list[ImportedDiagram]) -> list[str | None]:
    """The text of each diagram that becomes a canvas.

    Raises ImportRefused where they are more work than one request may ask for.
    """
    texts = [canvas_text(imported) for imported in diagrams]
    found = [text for text in texts if text is not None]
    wayout = "Send fewer at a time, leave 'as=canvas' out, or use the command 'diagramai import'."
    if len(found) > MAX_CANVAS_TEXTS:
        message = f"{len(found)} Mermaid texts are to become canvases; {MAX_CANVAS_TEXTS} may."
        refuse("too_many_diagrams", f"{message} {wayout}", "as")
    characters = sum(map(len, found))
    if len(found) > 1 and characters > MAX_CANVAS_CHARACTERS:
        message = f"The Mermaid texts have {characters} characters; {MAX_CANVAS_CHARACTERS} may."
        refuse("file_too_large", f"{message} {wayout}", "as")
    return texts


def canvas_text(imported: ImportedDiagram) -> str | None:
    """The Mermaid text that can become nodes and edges; ``None`` where there is none.

    That a text of another kind stays one is reported.
    """
    if imported.diagram.kind != "mermaid":
        return None
    text = export_mermaid(imported.diagram)
    kind = detect_kind(text)
    if kind in CANVAS_KINDS or kind is None:
        return text
    imported.report.append(f"a {kind} diagram has no nodes and edges here; it stays text")
    return None


def put_on_canvas(imported: ImportedDiagram, canvas: Diagram) -> None:
    """The diagram as the canvas that its text became; what else it holds stays."""
    text = imported.diagram
    rest = {key: value for key, value in text.data.items() if key not in ("text", "contentKey")}
    if imported.is_titled or not canvas.title:
        canvas.title = text.title
    if text.description is not None:
        canvas.description = text.description
    canvas.data = rest | canvas.data
    shape, extra = detach(imported.extra)
    shape.content, shape.encoded, shape.unplaced = Shape(), 0, {}
    imported.diagram, imported.extra = canvas, attach(shape, extra)


def _read(source: Json, title: str) -> list[ImportedDiagram]:
    if isinstance(source, list):
        return _read_rows([(f"[{i}]", row) for i, row in enumerate(source)], title)
    if not isinstance(source, dict):
        refuse("invalid_type", "A diagram's row, a list or a map of rows belongs here.", "")
    if "content" not in source and source.keys() & {"nodes", "edges"}:
        return [read_document(source, title)]
    if any(isinstance(source.get(key), str) for key in _ROW_KEYS) or "content" in source:
        return [read_row(source, "", title)]
    return _read_rows([(_place(key), _keyed(key, row)) for key, row in source.items()], title)


def _place(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"[{key!r}]"


def _keyed(key: str, row: Json) -> Json:
    """A row of a browser-storage map, whose key is its id."""
    if isinstance(row, dict) and row.get("id") is None:
        return {**row, "id": key}
    return row


def _read_rows(rows: list[tuple[str, Json]], title: str) -> list[ImportedDiagram]:
    if len(rows) > MAX_IMPORT_DIAGRAMS:
        refuse("too_many_diagrams", f"A file has at most {MAX_IMPORT_DIAGRAMS} diagrams.", "")
    for at, row in rows:
        if not isinstance(row, dict) or not row.keys() & (_ROW_KEYS | {"content"}):
            refuse("not_a_diagram", "A diagram's row, with its content, belongs here.", at)
    diagrams = [read_row(row, at, title) for at, row in rows]
    _refuse_repeated_ids(diagrams, [at for at, _ in rows])
    return diagrams


def _refuse_repeated_ids(diagrams: list[ImportedDiagram], places: list[str]) -> None:
    """A diagram is found by its id or its uuid, so all of them together name one diagram each."""
    owners: dict[str, str] = {}
    for diagram, at in zip(diagrams, places, strict=True):
        for key, identifier in (("id", diagram.id), ("uuid", diagram.uuid)):
            if identifier is not None and owners.setdefault(identifier, at) != at:
                message = f"'{identifier}' names a diagram already, at {owners[identifier]}."
                refuse(f"repeated_{key}", message, join(at, key))
