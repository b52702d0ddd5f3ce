"""From a method to an MCP tool."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final, get_args

import msgspec
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, ToolAnnotations

from gateway.tools.results import Answer, reply
from gateway.tools.schemas import lean_input_schema, output_schema

#: Tools that change something and yet end at once when their caller cancels them: they work long
#: before they write, and write by one submission, which is made or not.
STOPPABLE: Final = frozenset({"layout_diagram", "write_mermaid"})


def as_tool(
    method: Callable[..., Awaitable[Answer[Any]]],
    title: str,
    *,
    reads: bool = False,
    destroys: bool = False,
    repeatable: bool = False,
) -> Tool:
    """The tool that calls ``method``: name, arguments and description are the method's own.

    ``reads``: it changes nothing. ``destroys``: it removes something. ``repeatable``: the same
    call again changes nothing more.
    """

    @functools.wraps(method)
    async def call(**arguments: Any) -> CallToolResult:
        return reply(await method(**arguments))

    tool = Tool.from_function(
        call,
        title=title,
        description=" ".join((inspect.getdoc(method) or "").split()),
        annotations=ToolAnnotations(
            read_only_hint=reads,
            destructive_hint=destroys,
            idempotent_hint=reads or repeatable,
            open_world_hint=False,
        ),
        structured_output=False,
    )
    tool.parameters = lean_input_schema(tool.parameters)
    # Advertised, not checked again on every call: replies are built from the same structs.
    tool.fn_metadata.output_schema = output_schema(_reply_of(method))
    return tool


def _reply_of(method: Callable[..., Any]) -> type[msgspec.Struct]:
    """The struct that a method's annotation names, alone or as what may come with pictures."""
    annotation = inspect.signature(method).return_annotation
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    (reply_type,) = (kind for kind in kinds if issubclass(kind, msgspec.Struct))
    return reply_type
