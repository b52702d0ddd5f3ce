"""Results of tools: the same facts as compact text and as structured content.

Some clients show a model only the one, some only the other.
"""

import msgspec
from mcp_types import CallToolResult, TextContent
from msgspec import UNSET

from gateway.tools.failures import Failure

#: Characters of an error's message or field; they may quote what the caller sent.
MAX_MESSAGE_LENGTH = 1_000


def reply(value: msgspec.Struct) -> CallToolResult:
    return CallToolResult(
        content=[_text(value)], structured_content=msgspec.to_builtins(value), is_error=False
    )


def failed(failure: Failure) -> CallToolResult:
    failure.message = _harmless(failure.message)
    if failure.field is not UNSET:
        failure.field = _harmless(failure.field)
    content = {"error": msgspec.to_builtins(failure)}
    return CallToolResult(content=[_text(content)], structured_content=content, is_error=True)


def _text(value: object) -> TextContent:
    return TextContent(type="text", text=msgspec.json.encode(value).decode())


def _harmless(text: str) -> str:
    """Short enough, and without what cannot be sent (half a surrogate pair)."""
    if len(text) > MAX_MESSAGE_LENGTH:
        text = f"{text[:MAX_MESSAGE_LENGTH]}..."
    return text.encode(errors="replace").decode()
