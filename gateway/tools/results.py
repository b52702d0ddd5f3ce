"""Results of tools: the same facts as compact text and as structured content.

Some clients show a model only the one, some only the other.
"""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import msgspec
from mcp_types import CallToolResult, ImageContent, TextContent
from msgspec import UNSET

from gateway.tools.failures import Failure

#: Characters of an error's message or field; they may quote what the caller sent.
MAX_MESSAGE_LENGTH = 1_000


_Reply = TypeVar("_Reply", bound=msgspec.Struct)


class Pictured(NamedTuple, Generic[_Reply]):
    """A reply with pictures, which come before it: some models want to see what they read of."""

    reply: _Reply
    pictures: Sequence[ImageContent]


#: What a tool's method answers.
Answer: TypeAlias = _Reply | Pictured[_Reply]


def reply(answer: Answer[msgspec.Struct]) -> CallToolResult:
    value, pictures = answer if isinstance(answer, Pictured) else (answer, ())
    return CallToolResult(
        content=[*pictures, _text(value)],
        structured_content=msgspec.to_builtins(value),
        is_error=False,
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
