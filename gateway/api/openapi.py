"""The OpenAPI 3.1 document of the API, made from the very structs that bodies are read with."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from gateway.api import shapes
from gateway.api.envelope import JSON, ErrorBody
from gateway.api.reading import MAX_REVISION
from gateway.service import MAX_PAGE
from persistence.limits import MAX_FILTER_LENGTH

Document: TypeAlias = dict[str, Any]

_HTML: Final = "text/html"
_STRUCTS: Final = (
    shapes.CreateDiagram,
    shapes.UpdateDiagram,
    shapes.DiagramEntry,
    shapes.DiagramRow,
    shapes.DeletedDiagram,
    shapes.Pagination,
    shapes.ConflictReport,
    shapes.Health,
    shapes.Version,
    shapes.Session,
    shapes.SignedOut,
    ErrorBody,
)
_ERRORS: Final = {
    400: "The request cannot be understood; the error names the place.",
    401: "Nobody is signed in, and no valid key was sent.",
    403: "The key lacks the permission, or the page's origin may not send this.",
    404: "There is no such diagram for you.",
    408: "The body did not arrive in time.",
    409: "The diagram has changed, or the id is taken.",
    413: "The body, or the diagram, is too large.",
    415: "The body is not sent as JSON.",
    421: "The server does not answer to this Host.",
    500: "Something failed inside the server; the log has it under the request id.",
    503: "The server is overloaded, or its database away; try again soon.",
}
#: What can happen to any request, and to one that must come from somebody known.
_ALWAYS: Final = (403, 421, 500)
_KNOWN: Final = (401, *_ALWAYS, 503)
_SIGNED_IN: Final[list[Document]] = [{"session": []}, {"agentKey": []}]


def make_document(version: str) -> Document:
    """The whole document."""
    _, schemas = msgspec.json.schema_components(
        _STRUCTS, ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "DiagramAI",
            "version": version,
            "description": "Diagrams that people and AI agents edit at the same moment. Every "
            "answer is {success: true, data} or {success: false, error}.",
        },
        "paths": _paths(),
        "components": {
            "schemas": schemas | {"Failure": _failure({})},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "diagramai_session"},
                "agentKey": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _paths() -> Document:
    return {
        "/api/diagrams": {"get": _list(), "post": _create()},
        "/api/diagrams/{diagram_id}": {"get": _read(), "put": _update(), "delete": _delete()},
        "/api/health": {"get": _health()},
        "/api/version": {"get": _version()},
        "/api/openapi.json": {"get": _openapi()},
        "/api/session": {"get": _session()},
        "/api/sign-out": {"post": _sign_out()},
        "/sign-in": {"get": _sign_in()},
        "/": {"get": _editor_page("startPage", "The editor's start page, for people")},
        "/d/{diagram_id}": {
            "get": _editor_page("diagramPage", "The editor with the diagram", [_DIAGRAM_ID])
        },
    }


def _list() -> Document:
    return _operation(
        "listDiagrams",
        "A page of diagrams, last changed first, without their content",
        {200: _envelope({"type": "array", "items": _ref("DiagramEntry")}, _PAGINATION)},
        errors=(400, *_KNOWN),
        parameters=[
            _query("limit", 1, MAX_PAGE, "Diagrams in the page; 20 if left out."),
            _query("offset", 0, 2**31, "Diagrams before the page."),
            _query("page", 1, 2**31, "The number of the page, instead of an offset."),
            _query_text("filter", "Text to look for in title and description."),
            _query_text("search", "The same as filter."),
        ],
    )


def _create() -> Document:
    return _operation(
        "createDiagram",
        "Creates a diagram from a template, from content, or empty",
        {201: _envelope(_ref("DiagramRow"), _REPORT)},
        errors=(400, 408, 409, 413, 415, *_KNOWN),
        body="CreateDiagram",
    )


def _read() -> Document:
    return _operation(
        "readDiagram",
        "The diagram with its content, as it is now; the ETag is its revision",
        {200: _envelope(_ref("DiagramRow"))},
        errors=(400, 404, *_KNOWN),
        parameters=[_DIAGRAM_ID],
    )


def _update() -> Document:
    return _operation(
        "updateDiagram",
        "Changes what the body holds, merged with what others have changed since the revision read",
        {200: _envelope(_ref("DiagramRow"), _CONFLICTS | _REPORT)},
        errors=(400, 404, 408, 413, 415, *_KNOWN),
        parameters=[_DIAGRAM_ID, _if_match("The revision that the change is based on.")],
        body="UpdateDiagram",
    )


def _delete() -> Document:
    message = {"message": {"type": "string"}}
    return _operation(
        "deleteDiagram",
        "Moves the diagram to the trash",
        {200: _envelope(_ref("DeletedDiagram"), message)},
        errors=(400, 404, 409, *_KNOWN),
        parameters=[_DIAGRAM_ID, _if_match("Delete only at this revision.")],
    )


def _health() -> Document:
    operation = _operation(
        "health",
        "Whether the server and its database are well",
        {200: _envelope(_ref("Health"))},
        errors=_ALWAYS,
        is_open=True,
    )
    unwell = _failure({"data": _ref("Health")})
    operation["responses"]["503"] = _response("The database is away.", JSON, unwell)
    return operation


def _version() -> Document:
    return _operation(
        "version",
        "What is running here",
        {200: _envelope(_ref("Version"), {"version": {"type": "string"}})},
        errors=_ALWAYS,
        is_open=True,
    )


def _openapi() -> Document:
    schema = {"type": "object", "required": ["openapi", "paths"]}
    return _operation("openapi", "This document", {200: schema}, errors=_ALWAYS, is_open=True)


def _session() -> Document:
    operation = _operation(
        "session",
        "Who is asking, and how this server is reached",
        {200: _envelope(_ref("Session"))},
        errors=_KNOWN,
    )
    command = _failure({"command": {"type": "string"}})
    operation["responses"]["401"] = _response(_ERRORS[401], JSON, command)
    return operation


def _sign_out() -> Document:
    operation = _operation(
        "signOut",
        "Ends the session of the cookie",
        {200: _envelope(_ref("SignedOut"))},
        errors=(415, 503, *_ALWAYS),
        is_open=True,
    )
    operation["responses"]["303"] = {"description": "Sent by a page's form: on to the start page."}
    return operation


def _sign_in() -> Document:
    code = {"name": "code", "in": "query", "required": True, "schema": {"type": "string"}}
    return {
        "operationId": "signIn",
        "summary": "Spends a one-time link: sets the session's cookie and goes to the start page",
        "security": [],
        "parameters": [code],
        "responses": {
            "303": {"description": "Signed in."},
            **_pages(401, 403, 421, 500, 503),
        },
    }


def _editor_page(operation_id: str, summary: str, parameters: Sequence[Document] = ()) -> Document:
    return {
        "operationId": operation_id,
        "summary": summary,
        "security": _SIGNED_IN,
        "parameters": list(parameters),
        "responses": {
            "200": _response("The editor.", _HTML, {"type": "string"}),
            **_pages(*_KNOWN),
        },
    }


def _operation(
    operation_id: str,
    summary: str,
    answers: Mapping[int, Document],
    *,
    errors: Sequence[int],
    parameters: Sequence[Document] = (),
    body: str | None = None,
    is_open: bool = False,
) -> Document:
    responses = {str(status): _response(summary, JSON, s) for status, s in answers.items()}
    for status in sorted(errors):
        responses[str(status)] = _response(_ERRORS[status], JSON, _ref("Failure"))
    operation: Document = {
        "operationId": operation_id,
        "summary": summary,
        "security": [] if is_open else _SIGNED_IN,
        "parameters": list(parameters),
        "responses": responses,
    }
    if body is not None:
        content = {JSON: {"schema": _ref(body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _pages(*statuses: int) -> Document:
    return {
        str(status): _response(_ERRORS[status], _HTML, {"type": "string"})
        for status in sorted(statuses)
    }


def _response(description: str, media_type: str, schema: Document) -> Document:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _envelope(data: Document, beside: Document | None = None) -> Document:
    properties = {"success": {"const": True}, "data": data, **(beside or {})}
    return {"type": "object", "required": list(properties), "properties": properties}


def _failure(beside: Document) -> Document:
    properties = {"success": {"const": False}, "error": _ref("ErrorBody"), **beside}
    return {"type": "object", "required": list(properties), "properties": properties}


def _query(name: str, least: int, most: int, description: str) -> Document:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _query_text(name: str, description: str) -> Document:
    schema = {"type": "string", "maxLength": MAX_FILTER_LENGTH}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _if_match(description: str) -> Document:
    text = f'{description} An ETag such as "12", at most {MAX_REVISION}.'
    return {
        "name": "If-Match",
        "in": "header",
        "description": text,
        "schema": {"type": "string"},
    }


_PAGINATION: Final = {"pagination": _ref("Pagination")}
_REPORT: Final = {
    "report": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What had to be mended in the content, in plain words.",
    }
}
_CONFLICTS: Final = {"conflicts": {"type": "array", "items": _ref("ConflictReport")}}
_DIAGRAM_ID: Final = {
    "name": "diagram_id",
    "in": "path",
    "required": True,
    "description": "The diagram's id or its uuid.",
    "schema": {"type": "string"},
}
