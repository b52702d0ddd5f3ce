"""The OpenAPI 3.1 document of the API, made from the very structs that bodies are read with."""

from collections.abc import Sequence
from typing import Final

import msgspec

from gateway.api import shapes
from gateway.api.envelope import JSON, ErrorBody
from gateway.api.openapi_admin import ADMIN_STRUCTS, admin_paths
from gateway.api.openapi_connections import CONNECTION_STRUCTS, connection_paths
from gateway.api.openapi_engine import engine_paths
from gateway.api.openapi_identity import IDENTITY_STRUCTS, identity_paths
from gateway.api.openapi_parts import (
    ALWAYS,
    CONFLICTS,
    DIAGRAM_ID,
    HTML,
    KNOWN,
    PAGINATION,
    REPORT,
    SIGNED_IN,
    Document,
    envelope,
    failure,
    flag,
    if_match,
    operation,
    pages,
    query,
    query_text,
    ref,
    response,
)
from gateway.api.openapi_sharing import SHARING_STRUCTS, sharing_paths
from gateway.service import MAX_PAGE

_STRUCTS: Final = (
    shapes.CreateDiagram,
    shapes.UpdateDiagram,
    shapes.DiagramRow,
    shapes.DeletedDiagram,
    shapes.ImportedEntry,
    shapes.PatchMermaid,
    shapes.PatchedDiagram,
    shapes.LayOut,
    shapes.LaidOut,
    shapes.Checked,
    shapes.Pagination,
    shapes.ConflictReport,
    shapes.Health,
    shapes.Version,
    shapes.Session,
    shapes.SignedOut,
    *SHARING_STRUCTS,
    *CONNECTION_STRUCTS,
    *IDENTITY_STRUCTS,
    *ADMIN_STRUCTS,
    ErrorBody,
)


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
            "schemas": schemas | {"Failure": failure({})},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "diagramai_session"},
                "agentKey": {"type": "http", "scheme": "bearer"},
                "hostToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def _paths() -> Document:
    return {
        "/api/diagrams": {"get": _list(), "post": _create()},
        "/api/diagrams/{diagram_id}": {"get": _read(), "put": _update(), "delete": _delete()},
        **engine_paths(),
        **sharing_paths(),
        **connection_paths(),
        **admin_paths(),
        "/api/health": {"get": _health()},
        "/api/version": {"get": _version()},
        "/api/openapi.json": {"get": _openapi()},
        **identity_paths(),
        "/api/sign-out": {"post": _sign_out()},
        "/sign-in": {"get": _sign_in()},
        "/": {"get": _editor_page("startPage", "The editor's start page, for people")},
        "/admin": {"get": _editor_page("adminPage", "The admin page, for admins")},
        "/trash": {"get": _editor_page("trashPage", "The editor with what is in the trash")},
        "/share": {"get": _share_page()},
        "/d/{diagram_id}": {
            "get": _editor_page("diagramPage", "The editor with the diagram", [DIAGRAM_ID])
        },
    }


def _list() -> Document:
    listed = {"anyOf": [ref("TrashedDiagram"), ref("ListedDiagram")]}
    return operation(
        "listDiagrams",
        "A page of diagrams, last changed first, without their content",
        {200: envelope({"type": "array", "items": listed}, PAGINATION)},
        errors=(400, *KNOWN),
        parameters=[
            query("limit", 1, MAX_PAGE, "Diagrams in the page; 20 if left out."),
            query("offset", 0, 2**31, "Diagrams before the page."),
            query("page", 1, 2**31, "The number of the page, instead of an offset."),
            query_text("filter", "Text to look for in title and description."),
            query_text("search", "The same as filter."),
            flag("trash", "Those in the trash that you may restore, instead of the others."),
        ],
    )


def _create() -> Document:
    return operation(
        "createDiagram",
        "Creates a diagram from a template, from content, or empty",
        {201: envelope(ref("DiagramRow"), REPORT)},
        errors=(400, 408, 409, 413, 415, *KNOWN),
        body="CreateDiagram",
    )


def _read() -> Document:
    return operation(
        "readDiagram",
        "The diagram with its content, as it is now; the ETag is its revision",
        {200: envelope(ref("DiagramRow"))},
        errors=(400, 404, *KNOWN),
        parameters=[DIAGRAM_ID],
    )


def _update() -> Document:
    return operation(
        "updateDiagram",
        "Changes what the body holds, merged with what others have changed since the revision read",
        {200: envelope(ref("DiagramRow"), CONFLICTS | REPORT)},
        errors=(400, 404, 408, 413, 415, *KNOWN),
        parameters=[DIAGRAM_ID, if_match("The revision that the change is based on.")],
        body="UpdateDiagram",
    )


def _delete() -> Document:
    message = {"message": {"type": "string"}}
    return operation(
        "deleteDiagram",
        "Moves the diagram to the trash",
        {200: envelope(ref("DeletedDiagram"), message)},
        errors=(400, 404, 409, *KNOWN),
        parameters=[DIAGRAM_ID, if_match("Delete only at this revision.")],
    )


def _health() -> Document:
    described = operation(
        "health",
        "Whether the server and its database are well",
        {200: envelope(ref("Health"))},
        errors=ALWAYS,
        is_open=True,
    )
    unwell = failure({"data": ref("Health")})
    described["responses"]["503"] = response("The database is away.", JSON, unwell)
    return described


def _version() -> Document:
    return operation(
        "version",
        "What is running here",
        {200: envelope(ref("Version"), {"version": {"type": "string"}})},
        errors=ALWAYS,
        is_open=True,
    )


def _openapi() -> Document:
    schema = {"type": "object", "required": ["openapi", "paths"]}
    return operation("openapi", "This document", {200: schema}, errors=ALWAYS, is_open=True)


def _sign_out() -> Document:
    described = operation(
        "signOut",
        "Ends the session of the cookie",
        {200: envelope(ref("SignedOut"))},
        errors=(415, 503, *ALWAYS),
        is_open=True,
    )
    described["responses"]["303"] = {"description": "Sent by a page's form: on to the start page."}
    return described


def _sign_in() -> Document:
    code = {"name": "code", "in": "query", "required": True, "schema": {"type": "string"}}
    return {
        "operationId": "signIn",
        "summary": "Spends a one-time link: sets the session's cookie and goes to the start page",
        "security": [],
        "parameters": [code],
        "responses": {
            "303": {"description": "Signed in."},
            **pages(401, 403, 421, 500, 503),
        },
    }


def _editor_page(operation_id: str, summary: str, parameters: Sequence[Document] = ()) -> Document:
    return {
        "operationId": operation_id,
        "summary": summary,
        "security": SIGNED_IN,
        "parameters": list(parameters),
        "responses": {
            "200": response("The editor.", HTML, {"type": "string"}),
            **pages(*KNOWN),
        },
    }


def _share_page() -> Document:
    """Strangers may open it: what it is about stands behind the # of its address."""
    answers = {"200": response("The editor.", HTML, {"type": "string"})}
    return {
        "operationId": "sharePage",
        "summary": "The page that a share link opens",
        "security": [],
        "responses": {**answers, **pages(403, 421, 500, 503)},
    }
