"""Whole diagrams: create, delete, list, describe."""

from typing import Annotated, Any

from mcp.server.mcpserver.tools import Tool
from msgspec import UNSET
from pydantic import Field

from gateway.errors import ServiceError
from gateway.service import DiagramService
from gateway.templates import TemplateName, make_template
from gateway.tools.arguments import Description, DiagramId, Title
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.limits import MAX_LISTED
from gateway.tools.records import info_of, listed
from gateway.tools.registry import as_tool
from gateway.tools.replies import DiagramCreated, DiagramDeleted, DiagramInfo, DiagramList


class DiagramTools:
    def __init__(self, service: DiagramService) -> None:
        self._service = service

    def tools(self) -> list[Tool]:
        return [
            as_tool(self.list_diagrams, "List diagrams", reads=True),
            as_tool(self.get_diagram_info, "Describe a diagram", reads=True),
            as_tool(self.create_diagram, "Create a diagram"),
            as_tool(self.delete_diagram, "Delete a diagram", destroys=True),
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
    ) -> DiagramCreated:
        """Create a diagram and get its diagram_id."""
        record = await self._service.create(
            principal_of(context),
            diagram=make_template(template, title, description or None),
            agent_metadata=agent_metadata,
        )
        return DiagramCreated(
            diagram_id=record.id,
            revision=record.revision,
            title=record.title,
            kind=record.kind,
            node_count=record.node_count,
            edge_count=record.edge_count,
        )

    async def delete_diagram(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        confirm: Annotated[bool, Field(description="Must be true")],
        expected_revision: Annotated[
            Annotated[int, Field(ge=0)] | None,
            Field(description="Only delete if the diagram is still at this revision"),
        ] = None,
    ) -> DiagramDeleted:
        """Move a diagram to the trash, from where people can restore it. Ask the user first."""
        who = principal_of(context)
        if not confirm:
            record = await self._service.record(who, diagram_id)
            message = (
                f"Nothing was deleted. {record.title!r} has {record.node_count} nodes and is at "
                f"revision {record.revision}: if the user agrees, call again with confirm=true "
                f"and expected_revision={record.revision}."
            )
            raise ServiceError("confirmation_required", message, "confirm")
        record = await self._service.delete(who, diagram_id, expected_revision=expected_revision)
        return DiagramDeleted(
            diagram_id=record.id, title=record.title, revision=record.revision, deleted=True
        )

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
