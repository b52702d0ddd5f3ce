"""What the conformance suite calls by name: tools, resources and prompts that are no use to anybody
else. They are added to our server by ``tests.conformance.server`` alone.
"""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts.base import Prompt, UserMessage
from mcp_types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    LoggingMessageNotification,
    LoggingMessageNotificationParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)

from gateway.mcp.server import DiagramServer

#: A picture of one pixel, and no sound at all.
PNG: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
WAV: Final = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="
WATCHED: Final = "test://watched-resource"
SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}

Ctx = Context[Any, Any]


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)


def _result(*content: ContentBlock) -> CallToolResult:
    return CallToolResult(content=list(content))


def _embedded(uri: str, mime_type: str, text: str) -> EmbeddedResource:
    resource = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=resource)


async def test_simple_text() -> CallToolResult:
    """Answers with a text."""
    return _result(_text("This is a simple text response for testing."))


async def test_image_content() -> CallToolResult:
    """Answers with a picture."""
    return _result(ImageContent(type="image", data=PNG, mime_type="image/png"))


async def test_audio_content() -> CallToolResult:
    """Answers with a sound."""
    return _result(AudioContent(type="audio", data=WAV, mime_type="audio/wav"))


async def test_embedded_resource() -> CallToolResult:
    """Answers with a resource."""
    text = "This is an embedded resource content."
    return _result(_embedded("test://embedded-resource", "text/plain", text))


async def test_multiple_content_types() -> CallToolResult:
    """Answers with several kinds of content."""
    return _result(
        _text("Multiple content types test:"),
        ImageContent(type="image", data=PNG, mime_type="image/png"),
        _embedded("test://mixed-content-resource", "application/json", '{"test":"data"}'),
    )


async def _log(context: Ctx, text: str) -> None:
    await context.request_context.session._notify(
        LoggingMessageNotification(
            params=LoggingMessageNotificationParams(level="info", data=text)
        ),
        request_scoped=True,
    )


async def test_tool_with_logging(context: Ctx) -> CallToolResult:
    """Logs while it works."""
    for step in ("started", "processing data", "completed"):
        await _log(context, f"Tool execution {step}")
    return _result(_text("Tool with logging executed successfully"))


async def test_logging_tool(context: Ctx) -> CallToolResult:
    """Logs only where it is asked to, as from 2026-07-28 on."""
    wanted = (context.request_context.meta or {}).get("io.modelcontextprotocol/logLevel")
    if wanted is not None:
        await _log(context, "asked for")
    return _result(_text("done"))


async def test_tool_with_progress(context: Ctx) -> CallToolResult:
    """Tells how far it is."""
    for done in (0, 50, 100):
        await context.report_progress(done, 100, f"Completed step {done} of 100")
    return _result(_text("Tool with progress executed successfully"))


async def test_error_handling() -> CallToolResult:
    """Fails."""
    return CallToolResult(
        content=[_text("This tool intentionally returns an error for testing")], is_error=True
    )


async def json_schema_2020_12_tool() -> CallToolResult:
    """Tool with JSON Schema 2020-12 features"""
    return _result(_text("done"))


TOOLS: Final[list[Callable[..., Awaitable[Any]]]] = [
    test_simple_text,
    test_image_content,
    test_audio_content,
    test_embedded_resource,
    test_multiple_content_types,
    test_tool_with_logging,
    test_logging_tool,
    test_tool_with_progress,
    test_error_handling,
]


async def test_custom_headers(region: str) -> CallToolResult:
    """Has an argument that is repeated in a header."""
    return _result(_text(region))


def add_tools(server: DiagramServer) -> None:
    for function in TOOLS:
        server.add_tool(function, structured_output=False)
    server.add_tool(json_schema_2020_12_tool, structured_output=False)
    server.add_tool(test_custom_headers, structured_output=False)
    tools = {tool.name: tool for tool in server._tool_manager.list_tools()}
    tools["json_schema_2020_12_tool"].parameters = SCHEMA
    tools["test_custom_headers"].parameters["properties"]["region"]["x-mcp-header"] = "Region"
    _add_triggers(server)


def _add_triggers(server: DiagramServer) -> None:
    """Tools that have it told that a list has changed, which ours never do."""

    def tell(kind: str) -> CallToolResult:
        assert server._subscribing is not None
        server._subscribing.tell_list_changed(f"notifications/{kind}/list_changed")
        return _result(_text("told"))

    async def test_trigger_tool_change() -> CallToolResult:
        """Tells that the list of tools has changed."""
        return tell("tools")

    async def test_trigger_prompt_change() -> CallToolResult:
        """Tells that the list of prompts has changed."""
        return tell("prompts")

    for function in (test_trigger_tool_change, test_trigger_prompt_change):
        server.add_tool(function, structured_output=False)


def add_resources(server: DiagramServer) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        return base64.b64decode(PNG)

    @server.resource(WATCHED, mime_type="text/plain")
    def watched() -> str:
        return "Watched resource content"

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def add_prompts(server: DiagramServer) -> None:
    def test_simple_prompt() -> list[UserMessage]:
        """A prompt without arguments."""
        return [UserMessage("This is a simple prompt for testing.")]

    def test_prompt_with_arguments(arg1: str, arg2: str) -> list[UserMessage]:
        """A prompt with two arguments."""
        return [UserMessage(f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")]

    def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:
        """A prompt with a resource in it."""
        text = "Embedded resource content for testing."
        return [
            UserMessage(_embedded(resourceUri, "text/plain", text)),
            UserMessage("Please process the embedded resource above."),
        ]

    def test_prompt_with_image() -> list[UserMessage]:
        """A prompt with a picture in it."""
        return [
            UserMessage(ImageContent(type="image", data=PNG, mime_type="image/png")),
            UserMessage("Please analyze the image above."),
        ]

    for function in (
        test_simple_prompt,
        test_prompt_with_arguments,
        test_prompt_with_embedded_resource,
        test_prompt_with_image,
    ):
        server.add_prompt(Prompt.from_function(function))


def add_methods(server: DiagramServer) -> None:
    """Methods that ours does not have, and subscriptions to what is no diagram."""
    subscribing = server._subscribing
    assert subscribing is not None

    async def set_level(ctx: Any, params: SetLevelRequestParams) -> EmptyResult:
        return EmptyResult()

    async def subscribe(ctx: Any, params: SubscribeRequestParams) -> EmptyResult:
        if str(params.uri) == WATCHED:
            return EmptyResult()
        return await subscribing.subscribe(ctx, params)

    async def unsubscribe(ctx: Any, params: UnsubscribeRequestParams) -> EmptyResult:
        return await subscribing.unsubscribe(ctx, params)

    server.lower.add_request_handler("logging/setLevel", SetLevelRequestParams, set_level)
    server.lower.add_request_handler("resources/subscribe", SubscribeRequestParams, subscribe)
    server.lower.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, unsubscribe)
