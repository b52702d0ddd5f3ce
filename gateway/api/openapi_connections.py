"""The part of the OpenAPI document about agents that a person let in by the address."""

from typing import Final

from gateway.api.connections import ConnectionEnded, ConnectionEntry
from gateway.api.openapi_parts import KNOWN, Document, envelope, operation, path_part, ref

CONNECTION_STRUCTS: Final = (ConnectionEntry, ConnectionEnded)

_AGENT_ID: Final = path_part("agent_id", "The id of a connected agent.")


def connection_paths() -> Document:
    return {
        "/api/connections": {"get": _list()},
        "/api/connections/{agent_id}": {"delete": _end()},
    }


def _list() -> Document:
    return operation(
        "listConnections",
        "The agents that you let in by the address of the server, newest first",
        {200: envelope({"type": "array", "items": ref("ConnectionEntry")})},
        errors=KNOWN,
    )


def _end() -> Document:
    return operation(
        "endConnection",
        "Ends an agent that you let in; admins end anybody's",
        {200: envelope(ref("ConnectionEnded"))},
        errors=(404, 415, *KNOWN),
        parameters=[_AGENT_ID],
    )
