"""The part of the OpenAPI document about files, pictures, Mermaid, layouts and checks."""

from typing import Any, Final

from gateway.api.envelope import JSON
from gateway.api.exports import MEDIA_TYPES, MERMAID
from gateway.api.openapi_parts import (
    CONFLICTS,
    DIAGRAM_ID,
    KNOWN,
    Document,
    envelope,
    if_match,
    operation,
    query,
    ref,
)
from gateway.api.pictures import MAX_AROUND, THEMES
from gateway.api.reading import MAX_REVISION
from gateway.api.shapes import MAX_TITLE_LENGTH
from gateway.exporting import EXPORT_FORMATS
from gateway.importing import MAX_CANVAS_CHARACTERS, MAX_CANVAS_TEXTS
from gateway.render.limits import LARGEST_SIDE_PX, MAX_HOPS, SMALLEST_SIDE_PX

_BYTES: Final[Document] = {"type": "string", "format": "binary"}
_TEXT: Final[Document] = {"type": "string"}
_UNCHANGED: Final[Document] = {"description": "What If-None-Match names is still true."}
_ID: Final = "/api/diagrams/{diagram_id}"


def engine_paths() -> Document:
    return {
        "/api/diagrams/import": {"post": _import()},
        f"{_ID}/export": {"get": _export()},
        f"{_ID}/thumbnail": {"get": _thumbnail()},
        f"{_ID}/mermaid": {"put": _put_mermaid()},
        f"{_ID}/layout": {"post": _layout()},
        f"{_ID}/check": {"get": _check()},
    }


def _import() -> Document:
    described = operation(
        "importDiagrams",
        "Stores every diagram of a file, or none: rows of the earlier app, a React Flow document, "
        "or a Mermaid text",
        {201: envelope({"type": "array", "items": ref("ImportedEntry")})},
        errors=(400, 408, 409, 413, 415, *KNOWN),
        parameters=[
            _choice("format", ("json", "mermaid"), "What the body is, whatever its media type."),
            _choice("as", ("text", "canvas"), "What a Mermaid flowchart or mindmap becomes: its "
                    "text, which is what is meant where nothing is said, or nodes and edges, of "
                    f"at most {MAX_CANVAS_TEXTS} texts in one request, and of "
                    f"{MAX_CANVAS_CHARACTERS:,} characters where there are several."),
            _choice("new_ids", ("true", "false"), "Give every diagram a new id."),
            _query("title", _TEXT | {"maxLength": MAX_TITLE_LENGTH}, "For what has none."),
        ],
    )  # fmt: skip
    content = {JSON: {"schema": {}}, MERMAID: {"schema": _TEXT}}
    return described | {"requestBody": {"required": True, "content": content}}


def _export() -> Document:
    described = operation(
        "exportDiagram",
        "The diagram as a file, as it is now",
        {},
        errors=(400, 404, 413, *KNOWN),
        parameters=[
            DIAGRAM_ID,
            _IF_NONE_MATCH,
            _choice("format", EXPORT_FORMATS, "A row of the earlier app (json) if left out."),
            _THEME,
            _many("around", "Of a picture: show these nodes and what is joined to them."),
            query("hops", 0, MAX_HOPS, "With around: over so many edges; 1 if left out."),
            _query("region", _TEXT, "Of a picture: show x,y,width,height instead of all."),
            query("since", 0, MAX_REVISION, "Of a picture: mark what changed since then."),
            query("max_side", SMALLEST_SIDE_PX, LARGEST_SIDE_PX, "Pixels of its longer side."),
            _choice("strict", ("true", "false"), "Refuse a Mermaid text that cannot be drawn, and "
                    "say where it is wrong; else a picture shows its first lines."),
            _query("background", _TEXT, "A colour, or transparent; the theme's if left out."),
        ],
    )  # fmt: skip
    schemas = {"json": {"type": "object"}, "mermaid": _TEXT, "svg": _TEXT, "png": _BYTES}
    content = {MEDIA_TYPES[name]: {"schema": schemas[name]} for name in EXPORT_FORMATS}
    described["responses"]["200"] = {"description": "The file.", "content": content}
    described["responses"]["304"] = _UNCHANGED
    return described


def _thumbnail() -> Document:
    described = operation(
        "diagramThumbnail",
        "A small picture of the diagram as it is now",
        {},
        errors=(400, 404, *KNOWN),
        parameters=[DIAGRAM_ID, _IF_NONE_MATCH, _THEME],
    )
    content = {MEDIA_TYPES["png"]: {"schema": _BYTES}}
    described["responses"]["200"] = {"description": "The picture.", "content": content}
    described["responses"]["304"] = _UNCHANGED
    return described


def _put_mermaid() -> Document:
    described = operation(
        "putMermaid",
        "Changes the diagram so that it says what a Mermaid text does; what stays keeps its id and "
        "its place, and what others have changed since the revision read is kept",
        {200: envelope(ref("PatchedDiagram"), CONFLICTS)},
        errors=(400, 404, 408, 413, 415, *KNOWN),
        parameters=[DIAGRAM_ID, if_match("The revision that the change is based on.")],
        body="PatchMermaid",
    )
    described["requestBody"]["content"][MERMAID] = {"schema": _TEXT}
    return described


def _layout() -> Document:
    return operation(
        "layOutDiagram",
        "Arranges the nodes, in one edit that can be taken back; or tells how, and stores nothing",
        {200: envelope(ref("LaidOut"), CONFLICTS)},
        errors=(400, 404, 408, 413, 415, *KNOWN),
        parameters=[DIAGRAM_ID, if_match("The revision that the change is based on.")],
        body="LayOut",
    )


def _check() -> Document:
    return operation(
        "checkDiagram",
        "What is wrong with the diagram, the worst kinds first",
        {200: envelope(ref("Checked"))},
        errors=(400, 404, *KNOWN),
        parameters=[
            DIAGRAM_ID,
            _choice("mends", ("true", "false"), _MENDS),
        ],
    )


def _query(name: str, schema: Document, description: str) -> Document:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _choice(name: str, values: tuple[str, ...], description: str) -> Document:
    return _query(name, {"type": "string", "enum": list(values)}, description)


def _many(name: str, description: str) -> Document:
    schema: dict[str, Any] = {"type": "array", "items": _TEXT, "maxItems": MAX_AROUND}
    return _query(name, schema, description) | {"style": "form", "explode": True}


_MENDS: Final = "Also say how each finding is mended; in a very large diagram some may not be."
_THEME: Final = _choice("theme", THEMES, "Of a picture; light if left out.")
_IF_NONE_MATCH: Final[Document] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "An ETag that was answered before.",
    "schema": _TEXT,
}
