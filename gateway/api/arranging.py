"""The routes that change a diagram through its Mermaid text or by a layout, and that check it."""

from typing import Any, Final

import msgspec
from quart import Response, request

from gateway.api.diagrams import conflict_report
from gateway.api.envelope import success
from gateway.api.exports import MERMAID
from gateway.api.reading import read_base_revision, read_flag, read_json, read_text, revision_named
from gateway.api.shapes import (
    Checked,
    CheckFinding,
    LaidOut,
    LayOut,
    PatchedDiagram,
    PatchMermaid,
)
from gateway.critic.findings import Finding
from gateway.engine.engine import Engine
from gateway.engine.jobs import LayoutWish
from gateway.errors import ServiceError
from gateway.identity import EDIT, Principal
from gateway.placed import LAYOUT_LABEL
from gateway.service import DiagramService, Reading
from ot.operation import Create, Delete, Operation, Update
from ot.validate import MAX_STRING_LENGTH
from ot.wire import wire_form

_PATCH_LABEL: Final = "mermaid"


class ArrangingRoutes:
    """The handlers; whoever asks comes first. They raise ServiceError and OperationError."""

    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    async def put_mermaid(self, who: Principal, diagram_id: str) -> Response:
        body = await self._read_patch()
        base = read_base_revision(request, body.revision)
        await self._service.access(who, diagram_id, EDIT)
        with revision_named("If-Match" if body.revision is None else "revision"):
            reading = await self._service.read(who, diagram_id, revision=base)
            operation = await self._engine.patch(reading.diagram, body.text)
            revision, conflicts = await self._submit(who, reading, operation, _PATCH_LABEL)
        changes = [*operation.nodes.values(), *operation.edges.values()]
        kinds = [type(change) for change in changes]
        done = PatchedDiagram(
            id=reading.record.id,
            uuid=reading.record.uuid,
            revision=revision,
            added=kinds.count(Create),
            changed=len(kinds) - kinds.count(Create) - kinds.count(Delete),
            removed=kinds.count(Delete),
        )
        return success(done, revision=revision, conflicts=conflicts)

    async def _read_patch(self) -> PatchMermaid:
        if request.mimetype != MERMAID:
            return await read_json(request, PatchMermaid)
        text = await read_text(request)
        if len(text) > MAX_STRING_LENGTH:
            message = f"A text has at most {MAX_STRING_LENGTH} characters."
            raise ServiceError("string_too_long", message)
        return PatchMermaid(text=text)

    async def layout(self, who: Principal, diagram_id: str) -> Response:
        body = await read_json(request, LayOut)
        base = read_base_revision(request, body.revision)
        await self._service.access(who, diagram_id, EDIT)
        with revision_named("If-Match" if body.revision is None else "revision"):
            reading = await self._service.read(who, diagram_id, revision=base)
            pinned = frozenset(body.pinned or ())
            if body.keep_placed:
                pinned |= await self._service.placed_by_people(reading)
            operation = await self._engine.layout(reading.diagram, _wish(body, pinned))
            done = LaidOut(
                id=reading.record.id,
                uuid=reading.record.uuid,
                revision=reading.revision,
                moved=sum(_moves(change) for change in operation.nodes.values()),
            )
            if body.dry_run:
                done.operation = _in_json(operation)
                return success(done, revision=done.revision, conflicts=[])
            done.revision, conflicts = await self._submit(who, reading, operation, LAYOUT_LABEL)
        return success(done, revision=done.revision, conflicts=conflicts)

    async def _submit(
        self, who: Principal, reading: Reading, operation: Operation, label: str
    ) -> tuple[int, list[Any]]:
        """The revision then, and what gave way. Nothing is written where nothing is to change."""
        if operation.is_empty():
            return reading.revision, []
        done = await self._service.submit(who, reading.record.id, operation, reading, label=label)
        return done.revision, [conflict_report(each) for each in done.conflicts]

    async def check(self, who: Principal, diagram_id: str) -> Response:
        with_mends = read_flag(request, "mends")
        reading = await self._service.read(who, diagram_id, shown=True)
        found = await self._engine.check(reading.diagram, with_mends=with_mends)
        done = Checked(revision=reading.revision, findings=[_finding(each) for each in found])
        return success(done, revision=reading.revision)


def _wish(body: LayOut, pinned: frozenset[str]) -> LayoutWish:
    return LayoutWish(
        direction=body.direction,
        spacing=body.spacing,
        only=None if body.only is None else frozenset(body.only),
        pinned=pinned,
        algorithm=body.algorithm,
    )


def _moves(change: object) -> bool:
    return isinstance(change, Update) and "/position" in change.writes


def _finding(found: Finding) -> CheckFinding:
    shown = CheckFinding(
        code=found.code,
        severity=found.severity,
        message=found.message,
        nodes=list(found.nodes),
        edges=list(found.edges),
        count=found.count,
    )
    if found.mend is not None:
        shown.mend = _in_json(found.mend)
    return shown


def _in_json(operation: Operation) -> dict[str, Any]:
    """The operation as it travels."""
    plain = msgspec.to_builtins(wire_form(operation))
    assert isinstance(plain, dict)
    return plain
