"""The SDK's server with what is ours around it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final

import trio
from mcp.server.lowlevel.server import Server
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import (
    CallToolResult,
    InputRequiredResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    UnsubscribeRequestParams,
)

from gateway.mcp.finishing import Finisher
from gateway.mcp.listing import ListingChanges
from gateway.mcp.subscribing import Subscribing
from gateway.mcp.watching import Watching
from gateway.prompts.instructions import INSTRUCTIONS
from gateway.settings import VERSION
from gateway.tools.context import principal_of
from gateway.tools.failures import Failure, explain, unknown_argument, unknown_tool
from gateway.tools.registry import STOPPABLE
from gateway.tools.results import failed
from gateway.trail import Calling, Trail

SERVER_NAME: Final = "diagramai"


class DiagramServer(MCPServer[Any]):
    """With errors that a model can act on, edits that come to their end, and subscriptions."""

    def __init__(self, tools: Sequence[Tool], watching: Watching | None = None) -> None:
        super().__init__(
            SERVER_NAME,
            title="DiagramAI",
            instructions=INSTRUCTIONS,
            version=VERSION,
            tools=list(tools),
            log_level="WARNING",
            subscriptions=False,
        )
        #: What is noted there is told to clients.
        self.listing = ListingChanges()
        self._finisher = Finisher()
        #: Where calls are put on record.
        self.trail: Trail | None = None
        self._watching = watching
        self._subscribing = None if watching is None else Subscribing(watching)
        if self._subscribing is not None:
            self._serve_subscriptions(self._subscribing)

    def _serve_subscriptions(self, subscribing: Subscribing) -> None:
        add = self.lower.add_request_handler
        add("resources/subscribe", SubscribeRequestParams, subscribing.subscribe)
        add("resources/unsubscribe", UnsubscribeRequestParams, subscribing.unsubscribe)
        add("subscriptions/listen", SubscriptionsListenRequestParams, subscribing.listen)

    @property
    def lower(self) -> Server[Any]:
        """The server below, which speaks the protocol."""
        return self._lowlevel_server

    async def run_background(
        self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """What goes on beside the requests; until cancelled."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._finisher.run)
            if self._watching is not None:
                await nursery.start(self._watching.run)
            task_status.started()
            await trio.sleep_forever()

    def tell_list_changed(self, method: str) -> None:
        """Tells the requests that listen for it, by the method of the notification."""
        if self._subscribing is not None:
            self._subscribing.tell_list_changed(method)

    def end_streams(self) -> None:
        """Ends the requests that listen."""
        if self._subscribing is not None:
            self._subscribing.end_streams()

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        tool = self._tool_manager.get_tool(name)
        wrong = self._check_call(tool, name, arguments)
        if tool is None or wrong is not None:
            async with self._on_record(name, arguments, context) as refused:
                return _failed(wrong or Failure("unknown_tool", name), refused)

        async def call() -> CallToolResult | InputRequiredResult:
            async with self._on_record(name, arguments, context) as under_way:
                try:
                    return await MCPServer.call_tool(self, name, arguments, context)
                except ToolError as error:
                    return _failed(explain(error, name), under_way)

        reads = tool.annotations is not None and tool.annotations.read_only_hint
        may_stop = reads or name in STOPPABLE
        return await (call() if may_stop else self._finisher.finish(call))

    def _check_call(
        self, tool: Tool | None, name: str, arguments: dict[str, Any]
    ) -> Failure | None:
        """What is wrong with a call before it begins."""
        if tool is None:
            return unknown_tool(name, [each.name for each in self._tool_manager.list_tools()])
        known = tool.parameters["properties"]
        for argument in arguments:
            if argument not in known:
                return unknown_argument(argument, known)
        return None

    def _on_record(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None
    ) -> AbstractAsyncContextManager[Calling | None]:
        """Around a call of a tool."""
        if self.trail is None or context is None:
            return nullcontext()
        about = arguments.get("diagram_id")
        diagram = about if isinstance(about, str) else None
        return self.trail.calling(principal_of(context), name, diagram)


def _failed(failure: Failure, under_way: Calling | None) -> CallToolResult:
    if under_way is not None:
        under_way.error = failure.code
    return failed(failure)
