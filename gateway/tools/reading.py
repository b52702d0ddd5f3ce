"""A diagram's content."""

from typing import Annotated, Literal

from mcp.server.mcpserver.tools import Tool
from msgspec import UNSET
from pydantic import Field

from gateway.mermaid.export import export_mermaid
from gateway.react_flow import elements_to_react_flow
from gateway.service import DiagramService
from gateway.tools.arguments import DiagramId
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.records import metadata_of
from gateway.tools.registry import as_tool
from gateway.tools.replies import DiagramRead


class ReadingTools:
    def __init__(self, service: DiagramService) -> None:
        self._service = service

    def tools(self) -> list[Tool]:
        return [as_tool(self.read_diagram, "Read a diagram", reads=True)]

    async def read_diagram(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        include_metadata: bool = True,
        format: Annotated[
            Literal["reactflow", "mermaid", "both"],
            Field(description="reactflow: nodes and edges with ids; mermaid: short text; or both"),
        ] = "both",
    ) -> DiagramRead:
        """Read a diagram at its latest revision: nodes, edges, Mermaid text, metadata."""
        reading = await self._service.read(principal_of(context), diagram_id, shown=True)
        diagram = reading.diagram
        answer = DiagramRead(
            diagram_id=reading.record.id, revision=reading.revision, kind=diagram.kind
        )
        if format != "mermaid":
            answer.nodes, answer.edges = elements_to_react_flow(diagram)
        if format != "reactflow":
            answer.mermaid_syntax = export_mermaid(diagram)
        answer.metadata = metadata_of(reading.record, diagram) if include_metadata else UNSET
        return answer
