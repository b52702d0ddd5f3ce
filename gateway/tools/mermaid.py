"""Diagrams written as Mermaid text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypedDict

from mcp.server.mcpserver.tools import Tool

from gateway.agent_activity import WRITING_MERMAID, doing
from gateway.engine.engine import Engine
from gateway.errors import ServiceError
from gateway.identity import EDIT
from gateway.mermaid.document import import_mermaid
from gateway.service import DiagramService
from gateway.tools.arguments import BaseRevision, DiagramId, DryRun, MermaidText
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.engine_replies import MermaidWritten
from gateway.tools.outcome import nothing_submitted, outcome_of
from gateway.tools.registry import as_tool
from gateway.tools.rehearsing import rehearse
from gateway.tools.results import Answer, Pictured
from gateway.tools.texts import with_short_texts_whole
from ot.diagram import Diagram
from ot.operation import Create, Delete, Operation

#: What such an edit is called in the journal.
MERMAID_LABEL: Final = "mermaid"
#: Characters of the wrong line that an error quotes.
_MAX_QUOTED: Final = 120
_PLACE: Final = re.compile(r"line (\d+), column (\d+)")


class MermaidTools:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def tools(self) -> list[Tool]:
        return [
            as_tool(
                self.write_mermaid, "Write a diagram as Mermaid", destroys=True, repeatable=True
            )
        ]

    async def write_mermaid(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        mermaid_syntax: MermaidText,
        base_revision: BaseRevision = None,
        dry_run: DryRun = False,
    ) -> Answer[MermaidWritten]:
        """Make a diagram say what a whole Mermaid text says. On a canvas only what differs is
        written: what stays keeps its id, place and looks, what is new finds a place, and what is
        not in the text is deleted; read the diagram's mermaid_syntax first and change that. Where
        kind is mermaid, the text is stored."""
        who = principal_of(context)
        record = await self._service.access(who, diagram_id, EDIT)
        reading = await self._service.read(who, record.id, revision=base_revision)
        self._service.show(who, record.id, doing(WRITING_MERMAID))
        await context.report_progress(0, 1, "Reading the text")
        patch = await self._patch(reading.diagram, mermaid_syntax)
        operation = with_short_texts_whole(patch, reading.diagram)
        submitted = nothing_submitted(reading)
        if not (dry_run or operation.is_empty()):
            submitted = await self._service.submit(
                who, record.id, operation, reading, label=MERMAID_LABEL
            )
        outcome = await outcome_of(self._service, who, reading, submitted, operation)
        answer = MermaidWritten(**_counted(operation), **outcome)
        if not dry_run:
            return answer
        answer.rehearsal, pictures = await rehearse(
            self._engine, context, reading.diagram, operation
        )
        return Pictured(answer, pictures)

    async def _patch(self, diagram: Diagram, text: str) -> Operation:
        with about_text(text):
            if diagram.kind == "mermaid":
                # The text is kept as it is, but one that cannot be drawn is of no use to anybody.
                await self._engine.run(import_mermaid, text)
            return await self._engine.patch(diagram, text)


@contextmanager
def about_text(text: str) -> Iterator[None]:
    """Errors about a Mermaid text name its argument, and quote the line that is wrong."""
    try:
        yield
    except ServiceError as error:
        place = _PLACE.fullmatch(error.at)
        if place is None:
            raise
        line, column = int(place[1]), int(place[2])
        message = f"Line {line}, column {column}: {error.message}"
        lines = text.splitlines()
        if line <= len(lines) and (quoted := lines[line - 1].strip()[:_MAX_QUOTED]):
            message = f"{message} The line is: {quoted}"
        raise ServiceError(error.code, message, "mermaid_syntax", retry=error.retry) from None


class _Counts(TypedDict):
    added: int
    updated: int
    removed: int


def _counted(operation: Operation) -> _Counts:
    kinds = [type(change) for change in (*operation.nodes.values(), *operation.edges.values())]
    added, removed = kinds.count(Create), kinds.count(Delete)
    return _Counts(added=added, updated=len(kinds) - added - removed, removed=removed)
