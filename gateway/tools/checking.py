"""What is wrong with a diagram, and the changes that mend it.

It changes nothing itself: as a tool that only reads it needs nobody's leave, and what it proposes
goes through apply_changes, in which an agent may choose, rehearse, and be told what survived.
"""

from typing import Annotated

from mcp.server.mcpserver.tools import Tool
from msgspec import UNSET
from pydantic import Field

from gateway.agent_activity import CHECKING, doing
from gateway.critic.findings import Code
from gateway.engine.engine import Engine
from gateway.service import DiagramService
from gateway.tools.arguments import DiagramId, Id
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.engine_replies import DiagramChecked
from gateway.tools.failures import require_elements
from gateway.tools.limits import MAX_NAMED_ELEMENTS, MAX_TOLD_FINDINGS, MAX_TOLD_MENDS
from gateway.tools.registry import as_tool
from gateway.tools.told_findings import chosen, counted, told_with_mends


class CheckingTools:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def tools(self) -> list[Tool]:
        return [as_tool(self.check_diagram, "Check a diagram", reads=True)]

    async def check_diagram(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        ids: Annotated[
            list[Id] | None,
            Field(max_length=MAX_NAMED_ELEMENTS, description="Only about these nodes and edges"),
        ] = None,
        kinds: Annotated[
            list[Code] | None, Field(max_length=50, description="Only findings of these codes")
        ] = None,
        mends: Annotated[bool, Field(description="Also tell how to mend them")] = True,
    ) -> DiagramChecked:
        """Find what is wrong or hard to read: overlaps, dangling or duplicate edges, dead ends,
        missing labels; the worst first. A finding's mend is a place in mends; join the mends you
        want and send them as the changes of one apply_changes call, with this answer's revision as
        base_revision. Where a large part is tangled, layout_diagram mends it."""
        who = principal_of(context)
        reading = await self._service.read(who, diagram_id)
        require_elements(reading.diagram)
        self._service.show(who, reading.record.id, doing(CHECKING))
        all_found = await self._engine.check(
            reading.diagram, with_mends=mends, largest_layout=MAX_TOLD_MENDS
        )
        found = chosen(all_found, kinds, ids)
        answers, ready, left_out = told_with_mends(found, reading.diagram)
        return DiagramChecked(
            diagram_id=reading.record.id,
            revision=reading.revision,
            total=len(found),
            unknown_ids=[
                each
                for each in ids or ()
                if each not in reading.diagram.nodes and each not in reading.diagram.edges
            ]
            or UNSET,
            counts=counted(found),
            findings=answers,
            mends=ready if mends else UNSET,
            more_findings=max(0, len(found) - MAX_TOLD_FINDINGS) or UNSET,
            more_mends=left_out or UNSET,
        )
