"""The requests of MCP about prompts, and completion of the diagrams that they are about."""

from typing import Any, Final

from mcp.server.mcpserver import MCPServer
from mcp_types import (
    CompleteRequestParams,
    CompleteResult,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptReference,
)

from gateway.access import check_access
from gateway.engine.engine import Engine
from gateway.identity import READ
from gateway.prompts.catalogue import (
    DIAGRAM_ID,
    PROMPTS,
    PromptSpec,
    find_prompt,
    messages_of,
    read_arguments,
)
from gateway.resources.completion import NO_COMPLETION, complete_id
from gateway.resources.contents import outline_text
from gateway.resources.earlier import EarlierHandlers, RequestContext, caller_of
from gateway.resources.failures import told_as_protocol_errors
from gateway.service import DiagramService

_LIST: Final = "prompts/list"
_GET: Final = "prompts/get"
_COMPLETE: Final = "completion/complete"


class DiagramPrompts:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def install(self, server: MCPServer[Any]) -> None:
        """Puts the handlers before those that the server has."""
        lower = server._lowlevel_server
        self._earlier = EarlierHandlers(lower, (_LIST, _GET, _COMPLETE))
        self._server = server
        lower.add_request_handler(_LIST, PaginatedRequestParams, self.list)
        lower.add_request_handler(_GET, GetPromptRequestParams, self.get)
        lower.add_request_handler(_COMPLETE, CompleteRequestParams, self.complete)

    async def list(
        self, context: RequestContext, params: PaginatedRequestParams
    ) -> ListPromptsResult:
        earlier: ListPromptsResult = await self._earlier.answer(context, params)
        return ListPromptsResult(prompts=[*earlier.prompts, *map(_listed, PROMPTS.values())])

    async def get(
        self, context: RequestContext, params: GetPromptRequestParams
    ) -> GetPromptResult | InputRequiredResult:
        if any(prompt.name == params.name for prompt in await self._server.list_prompts()):
            answer: GetPromptResult | InputRequiredResult
            answer = await self._earlier.answer(context, params)
            return answer
        with told_as_protocol_errors(context.protocol_version):
            prompt = find_prompt(params.name)
            arguments = read_arguments(prompt, params.arguments)
            reading, outline = None, ""
            if DIAGRAM_ID in arguments:
                who = caller_of(context)
                check_access(who, READ, None)
                reading = await self._service.read(who, arguments[DIAGRAM_ID], shown=True)
                outline = await outline_text(self._engine, reading)
            messages = messages_of(prompt, arguments, reading, outline)
        return GetPromptResult(description=prompt.description, messages=messages)

    async def complete(
        self, context: RequestContext, params: CompleteRequestParams
    ) -> CompleteResult:
        named = params.ref
        if not (isinstance(named, PromptReference) and named.name in PROMPTS):
            answer: CompleteResult | None = await self._earlier.answer(context, params)
            return answer or CompleteResult(completion=NO_COMPLETION)
        if params.argument.name != DIAGRAM_ID:
            return CompleteResult(completion=NO_COMPLETION)
        with told_as_protocol_errors(context.protocol_version):
            completion = await complete_id(self._service, caller_of(context), params.argument.value)
        return CompleteResult(completion=completion)


def _listed(prompt: PromptSpec) -> Prompt:
    return Prompt(
        name=prompt.name,
        title=prompt.title,
        description=prompt.description,
        arguments=[
            PromptArgument(
                name=argument.name,
                title=argument.title,
                description=argument.description,
                required=argument.required,
            )
            for argument in prompt.arguments
        ],
    )
