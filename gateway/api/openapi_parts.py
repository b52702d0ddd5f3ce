"""What the OpenAPI document is put together from: operations, answers, parameters."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from gateway.api.envelope import JSON
from gateway.api.reading import MAX_REVISION
from persistence.limits import MAX_FILTER_LENGTH

Document: TypeAlias = dict[str, Any]

HTML: Final = "text/html"
ERRORS: Final = {
    400: "The request cannot be understood; the error names the place.",
    401: "Nobody is signed in, and no valid key was sent.",
    403: "The key lacks the permission, or the page's origin may not send this.",
    404: "There is no such diagram for you, or nothing of that name on it.",
    408: "The body did not arrive in time.",
    409: "The diagram has changed, the id is taken, or there is no room for more.",
    410: "The link was taken back, or has expired.",
    413: "The body, or the diagram, is too large.",
    415: "The body is not sent as JSON.",
    421: "The server does not answer to this Host.",
    429: "That is too much in a while; the header Retry-After says when to come back.",
    500: "Something failed inside the server; the log has it under the request id.",
    503: "The server is overloaded, or its database away; try again soon.",
}
#: What can happen to any request, and to one that must come from somebody known.
ALWAYS: Final = (403, 421, 500)
KNOWN: Final = (401, *ALWAYS, 429, 503)
SIGNED_IN: Final[list[Document]] = [{"session": []}, {"agentKey": []}]


def operation(
    operation_id: str,
    summary: str,
    answers: Mapping[int, Document],
    *,
    errors: Sequence[int],
    parameters: Sequence[Document] = (),
    body: str | None = None,
    is_open: bool = False,
) -> Document:
    responses = {str(status): response(summary, JSON, s) for status, s in answers.items()}
    for status in sorted(errors):
        responses[str(status)] = response(ERRORS[status], JSON, ref("Failure"))
    described: Document = {
        "operationId": operation_id,
        "summary": summary,
        "security": [] if is_open else SIGNED_IN,
        "parameters": list(parameters),
        "responses": responses,
    }
    if body is not None:
        content = {JSON: {"schema": ref(body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def pages(*statuses: int) -> Document:
    return {
        str(status): response(ERRORS[status], HTML, {"type": "string"})
        for status in sorted(statuses)
    }


def response(description: str, media_type: str, schema: Document) -> Document:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def envelope(data: Document, beside: Document | None = None) -> Document:
    properties = {"success": {"const": True}, "data": data, **(beside or {})}
    return {"type": "object", "required": list(properties), "properties": properties}


def failure(beside: Document) -> Document:
    properties = {"success": {"const": False}, "error": ref("ErrorBody"), **beside}
    return {"type": "object", "required": list(properties), "properties": properties}


def query(name: str, least: int, most: int, description: str) -> Document:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def query_text(name: str, description: str) -> Document:
    schema = {"type": "string", "maxLength": MAX_FILTER_LENGTH}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def flag(name: str, description: str) -> Document:
    schema = {"type": "boolean", "default": False}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def if_match(description: str) -> Document:
    text = f'{description} An ETag such as "12", at most {MAX_REVISION}.'
    return {
        "name": "If-Match",
        "in": "header",
        "description": text,
        "schema": {"type": "string"},
    }


PAGINATION: Final = {"pagination": ref("Pagination")}
REPORT: Final = {
    "report": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What had to be mended in the content, in plain words.",
    }
}
CONFLICTS: Final = {"conflicts": {"type": "array", "items": ref("ConflictReport")}}


def path_part(name: str, description: str) -> Document:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }


DIAGRAM_ID: Final = path_part("diagram_id", "The diagram's id or its uuid.")
