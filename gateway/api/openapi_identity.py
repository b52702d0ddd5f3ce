"""The part of the OpenAPI document about sessions."""

from typing import Any, Final

from gateway.api import identity_shapes as shapes
from gateway.api.envelope import JSON
from gateway.api.openapi_parts import (
    ALWAYS,
    ERRORS,
    KNOWN,
    Document,
    envelope,
    failure,
    operation,
    ref,
    response,
)

IDENTITY_STRUCTS: Final[tuple[Any, ...]] = (
    shapes.PersonSessionStarted,
    shapes.StartAgentSession,
    shapes.AgentSessionStarted,
    shapes.AgentSessionEnded,
)
_TOKEN: Final[list[Document]] = [{"hostToken": []}]


def identity_paths() -> Document:
    return {
        "/api/session": {"get": _session(), "post": _start()},
        "/api/agents/session": {"post": _start_agents(), "delete": _end_agents()},
    }


def _session() -> Document:
    described = operation(
        "session",
        "Who is asking, and how this server is reached",
        {200: envelope(ref("Session"))},
        errors=KNOWN,
    )
    command = failure({"command": {"type": "string"}})
    described["responses"]["401"] = response(ERRORS[401], JSON, command)
    return described


def _start() -> Document:
    described = operation(
        "startSession",
        "Sets the cookie of a session for the person of a host application's token",
        {201: envelope(ref("PersonSessionStarted"))},
        errors=KNOWN,
    )
    return described | {"security": _TOKEN}


def _start_agents() -> Document:
    described = operation(
        "startAgentSession",
        "A session token of 24 hours in the place of an agent's key, in the header or the body",
        {201: envelope(ref("AgentSessionStarted"))},
        errors=(400, 408, 409, 413, 415, *KNOWN),
        body="StartAgentSession",
        # The key is what is exchanged, in the header or in the body.
        is_open=True,
    )
    described["requestBody"]["required"] = False
    return described


def _end_agents() -> Document:
    described = operation(
        "endAgentSession",
        "Ends the session token that the request comes with",
        {200: envelope(ref("AgentSessionEnded"))},
        errors=(401, 503, *ALWAYS),
    )
    return described | {"security": [{"agentKey": []}]}
