"""The requests of MCP about resources, and completion of what their templates leave open.

The SDK's own resources come in one list without pages and without a caller, so these handlers
stand before its own; what is no diagram is left to those.
"""

from typing import Any, Final

from mcp.server.mcpserver import MCPServer
from mcp_types import (
    CompleteRequestParams,
    CompleteResult,
    InputRequiredResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    ResourceTemplateReference,
)

from gateway.engine.engine import Engine
from gateway.resources.completion import NO_COMPLETION, complete_id
from gateway.resources.contents import ContentReader
from gateway.resources.earlier import EarlierHandlers, RequestContext, caller_of
from gateway.resources.failures import no_such_resource, told_as_protocol_errors
from gateway.resources.listing import list_page, templates
from gateway.resources.uris import VIEW_OF_TEMPLATE, is_ours, parse_uri
from gateway.service import DiagramService

_LIST: Final = "resources/list"
_LIST_TEMPLATES: Final = "resources/templates/list"
_READ: Final = "resources/read"
_COMPLETE: Final = "completion/complete"


class DiagramResources:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._reader = ContentReader(service, engine)

    def install(self, server: MCPServer[Any]) -> None:
        """Puts the handlers before those that the server has."""
        lower = server._lowlevel_server
        self._earlier = EarlierHandlers(lower, (_LIST, _LIST_TEMPLATES, _READ, _COMPLETE))
        lower.add_request_handler(_LIST, PaginatedRequestParams, self.list)
        lower.add_request_handler(_LIST_TEMPLATES, PaginatedRequestParams, self.list_templates)
        lower.add_request_handler(_READ, ReadResourceRequestParams, self.read)
        lower.add_request_handler(_COMPLETE, CompleteRequestParams, self.complete)

    async def list(
        self, context: RequestContext, params: PaginatedRequestParams
    ) -> ListResourcesResult:
        with told_as_protocol_errors(context.protocol_version):
            found, following = await list_page(
                self._service, caller_of(context), self._reader.sizes, params.cursor
            )
        if params.cursor is None:
            earlier: ListResourcesResult = await self._earlier.answer(context, params)
            found = [*earlier.resources, *found]
        return ListResourcesResult(resources=found, next_cursor=following)

    async def list_templates(
        self, context: RequestContext, params: PaginatedRequestParams
    ) -> ListResourceTemplatesResult:
        earlier: ListResourceTemplatesResult = await self._earlier.answer(context, params)
        found = [*earlier.resource_templates, *templates()]
        return ListResourceTemplatesResult(resource_templates=found)

    async def read(
        self, context: RequestContext, params: ReadResourceRequestParams
    ) -> ReadResourceResult | InputRequiredResult:
        if not is_ours(params.uri):
            answer: ReadResourceResult | InputRequiredResult
            answer = await self._earlier.answer(context, params)
            return answer
        version = context.protocol_version
        named = parse_uri(params.uri)
        if named is None:
            raise no_such_resource(version, params.uri)
        with told_as_protocol_errors(version, uri=params.uri):
            contents = await self._reader.read(caller_of(context), *named)
        # Told as it was asked for: two spellings may name one resource.
        return ReadResourceResult(contents=[contents.model_copy(update={"uri": params.uri})])

    async def complete(
        self, context: RequestContext, params: CompleteRequestParams
    ) -> CompleteResult:
        named = params.ref
        if not (isinstance(named, ResourceTemplateReference) and named.uri in VIEW_OF_TEMPLATE):
            answer: CompleteResult | None = await self._earlier.answer(context, params)
            return answer or CompleteResult(completion=NO_COMPLETION)
        if params.argument.name != "id":
            return CompleteResult(completion=NO_COMPLETION)
        with told_as_protocol_errors(context.protocol_version):
            completion = await complete_id(self._service, caller_of(context), params.argument.value)
        return CompleteResult(completion=completion)
