"""The HTTP headers that go with an MCP message, read off the message itself.

Over stdio there are none. From 2026-07-28 on every request names its protocol version inside, and
the headers repeat that, the method and the name. Before, the version is the one the server has
chosen in its answer to ``initialize``.
"""

from collections.abc import Mapping
from typing import Any

from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    NAME_BEARING_METHODS,
    encode_header_value,
)
from mcp_types import (
    PROTOCOL_VERSION_META_KEY,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)


class EraHeaders:
    """Makes the headers of one client's messages."""

    def __init__(self) -> None:
        self._negotiated: str | None = None

    def of(self, message: JSONRPCMessage) -> dict[str, str]:
        if isinstance(message, JSONRPCRequest):
            if message.method == "initialize":
                return {}
            version = _version_inside(message.params)
            if version is not None:
                return _modern(message, version)
        if isinstance(message, JSONRPCNotification):
            version = _version_inside(message.params)
            if version is not None:
                return {MCP_PROTOCOL_VERSION_HEADER: version}
        if self._negotiated is None:
            return {}
        return {MCP_PROTOCOL_VERSION_HEADER: self._negotiated}

    def learn(self, request: JSONRPCRequest, answer: JSONRPCMessage) -> None:
        """Remembers what an ``initialize`` has agreed on."""
        if request.method == "initialize" and isinstance(answer, JSONRPCResponse):
            version = answer.result.get("protocolVersion")
            self._negotiated = version if isinstance(version, str) else None


def _version_inside(params: Mapping[str, Any] | None) -> str | None:
    meta = (params or {}).get("_meta")
    version = meta.get(PROTOCOL_VERSION_META_KEY) if isinstance(meta, Mapping) else None
    return encode_header_value(version) if isinstance(version, str) else None


def _modern(request: JSONRPCRequest, version: str) -> dict[str, str]:
    headers = {
        MCP_PROTOCOL_VERSION_HEADER: version,
        MCP_METHOD_HEADER: encode_header_value(request.method),
    }
    key = NAME_BEARING_METHODS.get(request.method)
    name = (request.params or {}).get(key) if key is not None else None
    if isinstance(name, str):
        headers[MCP_NAME_HEADER] = encode_header_value(name)
    return headers
