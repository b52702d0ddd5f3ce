"""Diagrams laid out: no node on another, edges one way, groups around their children."""

from typing import Annotated

from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from gateway.agent_activity import arranging, doing
from gateway.engine.engine import Engine
from gateway.engine.jobs import LayoutWish
from gateway.errors import ServiceError
from gateway.identity import EDIT
from gateway.layout import Direction
from gateway.layout.plan import DEFAULT_SPACING, MAX_SPACING, MIN_SPACING
from gateway.placed import LAYOUT_LABEL
from gateway.service import DiagramService, Reading
from gateway.tools.arguments import BaseRevision, DiagramId, DryRun, Id
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.engine_replies import DiagramArranged
from gateway.tools.failures import require_elements
from gateway.tools.limits import MAX_NAMED_ELEMENTS, MAX_TOLD_KEPT
from gateway.tools.outcome import nothing_submitted, outcome_of
from gateway.tools.registry import as_tool
from gateway.tools.rehearsing import PLANNING_SHARE, rehearse
from gateway.tools.results import Answer, Pictured
from ot.operation import Change, Operation, Update


class ArrangingTools:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def tools(self) -> list[Tool]:
        return [as_tool(self.layout_diagram, "Lay out a diagram")]

    async def layout_diagram(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        direction: Annotated[
            Direction | None,
            Field(description="Where the flow goes: TB is down. Default: as it mostly goes now"),
        ] = None,
        spacing: Annotated[
            float, Field(ge=MIN_SPACING, le=MAX_SPACING, description="Pixels between neighbours")
        ] = DEFAULT_SPACING,
        node_ids: Annotated[
            list[Id] | None,
            Field(
                min_length=1,
                max_length=MAX_NAMED_ELEMENTS,
                description="Move only these; a group takes along what is in it",
            ),
        ] = None,
        keep_placed: Annotated[
            bool, Field(description="Leave nodes where people have put them")
        ] = True,
        base_revision: BaseRevision = None,
        dry_run: DryRun = False,
    ) -> Answer[DiagramArranged]:
        """Place nodes so that none overlap and the edges run one way, as one edit that can be
        undone. Build a diagram with rough positions, then call this."""
        who = principal_of(context)
        record = await self._service.access(who, diagram_id, EDIT)
        reading = await self._service.read(who, record.id, revision=base_revision)
        require_elements(reading.diagram)
        placed = await self._service.placed_by_people(reading) if keep_placed else frozenset()
        scope = reading.diagram.nodes.keys() if node_ids is None else frozenset(node_ids)
        kept = [key for key in reading.diagram.nodes if key in scope and key in placed]
        count = len(scope) - len(kept)
        self._service.show(who, record.id, doing(arranging(count)))
        wish = LayoutWish(
            direction=direction,
            spacing=spacing,
            only=None if node_ids is None else frozenset(node_ids),
            pinned=placed,
        )
        share = PLANNING_SHARE if dry_run else 1
        operation = await self._planned(context, reading, wish, arranging(count), share)
        submitted = nothing_submitted(reading)
        if not (dry_run or operation.is_empty()):
            submitted = await self._service.submit(
                who, record.id, operation, reading, label=LAYOUT_LABEL
            )
        answer = DiagramArranged(
            moved=sum(map(_moves, operation.nodes.values())),
            kept_count=len(kept),
            kept=kept[:MAX_TOLD_KEPT],
            **await outcome_of(self._service, who, reading, submitted),
        )
        if not dry_run:
            return answer
        answer.rehearsal, pictures = await rehearse(
            self._engine, context, reading.diagram, operation
        )
        return Pictured(answer, pictures)

    async def _planned(
        self, context: ToolContext, reading: Reading, wish: LayoutWish, message: str, whole: float
    ) -> Operation:
        """The moves; ``whole`` is its share of the call. Raises ServiceError with the argument's
        name."""

        async def tell(share: float, words: str) -> None:
            await context.report_progress(share * whole, 1, words)

        await tell(0, message)
        try:
            return await self._engine.layout(reading.diagram, wish, progress=tell)
        except ServiceError as error:
            message, at = error.message, error.at
            if error.code == "unknown_node":
                unknown = at.removeprefix("only/")
                message = f"There is no node {unknown!r} in this diagram; read_diagram lists them."
                at = f"node_ids/{unknown}"
            raise ServiceError(error.code, message, at, retry=error.retry) from None


def _moves(change: Change) -> bool:
    return isinstance(change, Update) and "/position" in change.writes
