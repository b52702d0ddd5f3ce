"""The part of the OpenAPI document about what admins do."""

from typing import Final

from gateway.api.admin import shapes
from gateway.api.admin.answers import MAX_PAGE_LENGTH
from gateway.api.openapi_parts import (
    KNOWN,
    Document,
    envelope,
    flag,
    operation,
    path_part,
    query,
    query_text,
    ref,
)

ADMIN_STRUCTS: Final = (
    shapes.CreateAgent,
    shapes.ChangeAgent,
    shapes.RotateKey,
    shapes.AdminAgent,
    shapes.AgentKey,
    shapes.AgentRevoked,
    shapes.AdminGrant,
    shapes.GrantedPermissions,
    shapes.GrantWritten,
    shapes.GrantGone,
    shapes.LiveSession,
    shapes.SessionEnded,
    shapes.AuditRow,
    shapes.AdminAlert,
    shapes.AlertCount,
)

_BASE: Final = "/api/admin"
_AGENT: Final = path_part("agent_id", "The id of an agent: the name it was made with.")
_DIAGRAM: Final = path_part("diagram_id", "The id of a diagram.")
_WRITES: Final = (400, 404, 408, 409, 413, 415, *KNOWN)
_REMOVES: Final = (404, 415, *KNOWN)
_PAGE: Final = [
    query("limit", 1, MAX_PAGE_LENGTH, "Rows of the page; 50 if left out."),
    query("before", 1, 2**53, "What the page before gave as next."),
]
_NEXT: Final[Document] = {
    "next": {
        "anyOf": [{"type": "integer"}, {"type": "null"}],
        "description": "Send it as before for the next page; null at the end.",
    }
}


def admin_paths() -> Document:
    grant = f"{_BASE}/grants/{{diagram_id}}/{{agent_id}}"
    return {
        f"{_BASE}/agents": {"get": _agents(), "post": _create()},
        f"{_BASE}/agents/{{agent_id}}": {"put": _change(), "delete": _revoke()},
        f"{_BASE}/keys/{{agent_id}}": {"post": _rotate()},
        f"{_BASE}/grants": {"get": _grants()},
        grant: {"put": _set_grant(), "delete": _remove_grant()},
        f"{_BASE}/sessions": {"get": _sessions()},
        f"{_BASE}/sessions/{{session_id}}": {"delete": _disconnect()},
        f"{_BASE}/audit": {"get": _audit()},
        f"{_BASE}/alerts": {"get": _alerts()},
        f"{_BASE}/alerts/count": {"get": _alert_count()},
        f"{_BASE}/alerts/{{alert_id}}/acknowledge": {"post": _acknowledge()},
    }


def _asked_often(described: Document) -> Document:
    """Answered with nothing where the client has it already."""
    etag = {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the answer before.",
        "schema": {"type": "string"},
    }
    unchanged = {"304": {"description": "It is as the ETag says."}}
    return described | {
        "parameters": [*described["parameters"], etag],
        "responses": described["responses"] | unchanged,
    }


def _many(name: str, beside: Document | None = None) -> Document:
    return envelope({"type": "array", "items": ref(name)}, beside)


def _agents() -> Document:
    return _asked_often(
        operation(
            "adminListAgents",
            "Agents, newest first, with what they did lately; more: a search finds others",
            {200: _many("AdminAgent", {"more": {"type": "boolean"}})},
            errors=(400, *KNOWN),
            parameters=[
                query_text("search", "A part of the name or id."),
                flag("revoked", "Those that were revoked, too."),
            ],
        )
    )


def _create() -> Document:
    return operation(
        "adminCreateAgent",
        "Makes an agent; its key is told this once",
        {201: envelope(ref("AgentKey"))},
        errors=_WRITES,
        body="CreateAgent",
    )


def _change() -> Document:
    return operation(
        "adminChangeAgent",
        "Changes what the body holds of an agent; what it has open is looked at again at once",
        {200: envelope(ref("AdminAgent"))},
        errors=_WRITES,
        parameters=[_AGENT],
        body="ChangeAgent",
    )


def _revoke() -> Document:
    return operation(
        "adminRevokeAgent",
        "Ends an agent for good, and within a second all that it has open",
        {200: envelope(ref("AgentRevoked"))},
        errors=_REMOVES,
        parameters=[_AGENT],
    )


def _rotate() -> Document:
    return operation(
        "adminRotateKey",
        "Gives an agent a new key, told this once; the one before works on for a while",
        {200: envelope(ref("AgentKey"))},
        errors=_WRITES,
        parameters=[_AGENT],
        body="RotateKey",
    )


def _grants() -> Document:
    return _asked_often(
        operation(
            "adminListGrants",
            "What agents are granted on single diagrams, newest first",
            {200: _many("AdminGrant", _NEXT)},
            errors=(400, *KNOWN),
            parameters=[
                query_text("agent", "The id of an agent."),
                query_text("diagram", "The id or uuid of a diagram."),
                *_PAGE,
            ],
        )
    )


def _set_grant() -> Document:
    return operation(
        "adminSetGrant",
        "Says what an agent may do on a diagram, within what it may do at all",
        {200: envelope(ref("GrantWritten"))},
        errors=_WRITES,
        parameters=[_DIAGRAM, _AGENT],
        body="GrantedPermissions",
    )


def _remove_grant() -> Document:
    return operation(
        "adminRemoveGrant",
        "Takes an agent's own grant on a diagram away",
        {200: envelope(ref("GrantGone"))},
        errors=_REMOVES,
        parameters=[_DIAGRAM, _AGENT],
    )


def _sessions() -> Document:
    return _asked_often(
        operation(
            "adminListSessions",
            "What people and agents have open at this server process, newest first",
            {200: _many("LiveSession")},
            errors=KNOWN,
        )
    )


def _disconnect() -> Document:
    return operation(
        "adminDisconnect",
        "Closes something that is open; a person is signed out by that",
        {200: envelope(ref("SessionEnded"))},
        errors=_REMOVES,
        parameters=[path_part("session_id", "The id of something that is open.")],
    )


def _audit() -> Document:
    results = {"type": "string", "enum": ["done", "refused"]}
    result = {"name": "result", "in": "query", "description": "How it went.", "schema": results}
    return _asked_often(
        operation(
            "adminListAudit",
            "What agents did and tried, newest first",
            {200: _many("AuditRow", _NEXT)},
            errors=(400, *KNOWN),
            parameters=[
                query_text("agent", "The id of an agent."),
                query_text("diagram", "The id or uuid of a diagram."),
                query_text("operation", "A part of the operation's name."),
                result,
                _moment("since", "From this moment on."),
                _moment("until", "Before this moment."),
                *_PAGE,
            ],
        )
    )


def _moment(name: str, description: str) -> Document:
    schema = {"type": "string", "format": "date-time"}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _alerts() -> Document:
    return _asked_often(
        operation(
            "adminListAlerts",
            "Alerts, newest first",
            {200: _many("AdminAlert", _NEXT)},
            errors=(400, *KNOWN),
            parameters=[flag("open", "Only those that nobody has acknowledged."), *_PAGE],
        )
    )


def _alert_count() -> Document:
    return _asked_often(
        operation(
            "adminCountAlerts",
            "How many alerts nobody has acknowledged",
            {200: envelope(ref("AlertCount"))},
            errors=KNOWN,
        )
    )


def _acknowledge() -> Document:
    return operation(
        "adminAcknowledgeAlert",
        "Says that you have seen an alert; who was first stays",
        {200: envelope(ref("AdminAlert"))},
        errors=_REMOVES,
        parameters=[path_part("alert_id", "The number of an alert.")],
    )
