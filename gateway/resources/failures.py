"""Errors of resources and prompts, as the protocol wants them: a number for the client, and in
``data`` the stable code, the field and whether to try again, as in errors of tools."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST
from mcp_types.version import is_version_at_least

from gateway.errors import ServiceError, status_of
from gateway.tools.failures import Failure, explain
from gateway.tools.results import failed

#: "Resource not found", up to the revision 2025-11-25; from then on it is a wrong parameter.
RESOURCE_NOT_FOUND: Final = -32002
#: The first revision without a number of its own for that.
_WITHOUT_NOT_FOUND: Final = "2026-07-28"


@contextmanager
def told_as_protocol_errors(version: str, **data: Any) -> Iterator[None]:
    """Turns whatever the body raises into MCPError; ``version`` is the revision of the protocol
    that the client speaks, ``data`` what else is to be told. A crash is logged, not told."""
    try:
        yield
    except MCPError:
        raise
    except Exception as error:
        raise protocol_error(error, version, **data) from error


def protocol_error(error: Exception, version: str, **data: Any) -> MCPError:
    """The error for a client that speaks this revision."""
    wrapped = ToolError(str(error))
    wrapped.__cause__ = error
    failure = explain(wrapped, "resources and prompts")
    # The same bounds on what an error quotes.
    failed(failure)
    told = {**msgspec.to_builtins(failure), **data}
    return MCPError(_number(failure, version), str(told.pop("message")), told)


def no_such_resource(version: str, uri: str) -> MCPError:
    """For addresses that name nothing."""
    message = (
        "There is no such resource. There are diagram://{id}, diagram://{id}/outline, "
        "diagram://{id}/mermaid, diagram://{id}/image.svg and diagram://{id}/image.png."
    )
    return protocol_error(ServiceError("not_found", message, "uri"), version, uri=uri)


def _number(failure: Failure, version: str) -> int:
    if failure.code == "not_found":
        modern = is_version_at_least(version, _WITHOUT_NOT_FOUND)
        return INVALID_PARAMS if modern else RESOURCE_NOT_FOUND
    status = status_of(failure.code)
    if status >= 500:
        return INTERNAL_ERROR
    return INVALID_REQUEST if failure.code == "forbidden" else INVALID_PARAMS
