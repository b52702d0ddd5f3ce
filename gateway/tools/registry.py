"""From a method to an MCP tool."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, ToolAnnotations

from gateway.tools.results import reply
from gateway.tools.schemas import lean_input_schema, output_schema


def as_tool(
    method: Callable[..., Awaitable[msgspec.Struct]],
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
            title=title,
            read_only_hint=reads,
            destructive_hint=destroys,
            idempotent_hint=reads or repeatable,
            open_world_hint=False,
        ),
        structured_output=False,
    )
    tool.parameters = lean_input_schema(tool.parameters)
    # Advertised, not checked again on every call: replies are built from the same structs.
    tool.fn_metadata.output_schema = output_schema(inspect.signature(method).return_annotation)
    return tool
