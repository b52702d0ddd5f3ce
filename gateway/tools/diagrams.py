"""Whole diagrams: create, delete, list, describe."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Elicit, Resolve
from mcp.server.mcpserver.tools import Tool
from msgspec import UNSET
from pydantic import Field

from gateway.access import check_access
from gateway.engine.engine import Engine
from gateway.errors import ServiceError
from gateway.identity import CREATE, DELETE
from gateway.service import DiagramService, changed_since
from gateway.templates import TemplateName, make_template
from gateway.tools.arguments import Description, DiagramId, MermaidText, Title
from gateway.tools.asking import Agreement, can_ask
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.limits import MAX_LISTED
from gateway.tools.mermaid import about_text
from gateway.tools.records import info_of, listed
from gateway.tools.registry import as_tool
from gateway.tools.replies import DiagramCreated, DiagramDeleted, DiagramInfo, DiagramList

_Revision = Annotated[
    Annotated[int, Field(ge=0)] | None,
    Field(description="Only delete if the diagram is still at this revision"),
]


class DiagramTools:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def tools(self) -> list[Tool]:
        return [
            as_tool(self.list_diagrams, "List diagrams", reads=True),
            as_tool(self.get_diagram_info, "Describe a diagram", reads=True),
            as_tool(self.create_diagram, "Create a diagram"),
            as_tool(self._deleting(), "Delete a diagram", destroys=True),
        ]

    async def create_diagram(
        self,
        *,
        context: ToolContext,
        title: Title,
        description: Description = "",
        template: Annotated[
            TemplateName, Field(description="What it starts with; blank has no nodes")
        ] = "blank",
        agent_metadata: Annotated[
            dict[str, Any] | None, Field(description="Notes of your own, kept with the diagram")
        ] = None,
        mermaid_syntax: Annotated[
            MermaidText | None,
            Field(description="What it says, instead of a template; laid out on a canvas"),
        ] = None,
    ) -> DiagramCreated:
        """Create a diagram and get its diagram_id. From Mermaid, flowcharts and mindmaps become
        nodes and edges; other kinds of text stay text, in a diagram of kind mermaid."""
        who = principal_of(context)
        diagram = make_template(template, title, description or None)
        if mermaid_syntax is not None:
            if template != "blank":
                message = "Send either a template or mermaid_syntax."
                raise ServiceError("invalid", message, "mermaid_syntax")
            check_access(who, CREATE, None)
            with about_text(mermaid_syntax):
                diagram = await self._engine.canvas(mermaid_syntax)
            diagram.title, diagram.description = title, description or None
        record = await self._service.create(who, diagram=diagram, agent_metadata=agent_metadata)
        return DiagramCreated(
            diagram_id=record.id,
            revision=record.revision,
            title=record.title,
            kind=record.kind,
            node_count=record.node_count,
            edge_count=record.edge_count,
        )

    def _deleting(self) -> Callable[..., Awaitable[DiagramDeleted]]:
        """The method of the tool; who asks the user is known to this family only."""

        async def delete_diagram(
            *,
            context: ToolContext,
            diagram_id: DiagramId,
            confirm: Annotated[bool, Field(description="Must be true")],
            answer: Annotated[ElicitationResult[Agreement], Resolve(self._ask_user)],
            expected_revision: _Revision = None,
        ) -> DiagramDeleted:
            """Move a diagram to the trash, from where people can restore it. Ask the user first."""
            if not (isinstance(answer, AcceptedElicitation) and answer.data.delete):
                message = "The user was asked and did not agree; nothing was deleted."
                raise ServiceError("declined", message)
            record = await self._service.delete(
                principal_of(context), diagram_id, expected_revision=expected_revision
            )
            return DiagramDeleted(
                diagram_id=record.id, title=record.title, revision=record.revision, deleted=True
            )

        return delete_diagram

    async def _ask_user(
        self, context: ToolContext, diagram_id: str, confirm: bool, expected_revision: int | None
    ) -> Agreement | Elicit[Agreement]:
        """Asks where the client can ask, and only once nothing else stands against deleting.

        An answer is no proof of a person, so it never stands for ``confirm`` or a permission. It is
        asked for in here, since a client that cannot ask would fail a call that must be able to.
        """
        who = principal_of(context)
        if not confirm:
            record = await self._service.record(who, diagram_id)
            message = (
                f"Nothing was deleted. {record.title!r} has {record.node_count} nodes and is at "
                f"revision {record.revision}: if the user agrees, call again with confirm=true "
                f"and expected_revision={record.revision}."
            )
            raise ServiceError("confirmation_required", message, "confirm")
        record = await self._service.access(who, diagram_id, DELETE)
        if expected_revision not in (None, record.revision):
            raise changed_since()
        if not can_ask(context):
            return Agreement(delete=True)
        question = f"Move the diagram {record.title!r} with {record.node_count} nodes to the trash?"
        return Elicit(question, Agreement)

    async def list_diagrams(
        self,
        *,
        context: ToolContext,
        limit: Annotated[int, Field(ge=1, description=f"At most {MAX_LISTED}")] = 20,
        offset: Annotated[int, Field(ge=0)] = 0,
        filter: Annotated[Description, Field(description="Part of title or description")] = "",
        agent_accessible_only: bool = True,
    ) -> DiagramList:
        """List diagrams, the last changed first."""
        limit = min(limit, MAX_LISTED)
        records, total = await self._service.list(
            principal_of(context),
            limit=limit,
            offset=offset,
            filter=filter or None,
            agent_accessible_only=agent_accessible_only,
        )
        following = offset + len(records)
        return DiagramList(
            diagrams=[listed(record) for record in records],
            total=total,
            limit=limit,
            offset=offset,
            next_offset=following if records and following < total else UNSET,
        )

    async def get_diagram_info(self, *, context: ToolContext, diagram_id: DiagramId) -> DiagramInfo:
        """Title, counts, revision and other facts of a diagram, without its content."""
        return info_of(await self._service.record(principal_of(context), diagram_id))
