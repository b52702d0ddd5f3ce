"""The route that stores diagrams out of a file: rows, a React Flow document, a Mermaid text."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import trio
from quart import Response, request

from gateway.access import check_access
from gateway.api.envelope import JSON, success
from gateway.api.exports import MERMAID
from gateway.api.reading import MAX_INLINE_BYTES, read_flag
from gateway.api.shapes import MAX_TITLE_LENGTH, ImportedEntry
from gateway.engine.engine import MAX_INLINE_WEIGHT, Engine, weight_of
from gateway.errors import ServiceError
from gateway.identity import CREATE, Principal
from gateway.importing import ImportedDiagram, canvas_texts, parse_import, put_on_canvas
from gateway.service import DiagramService
from gateway.storing import to_store_all
from persistence.catalogue import DiagramRecord

T = TypeVar("T")

#: What a text that becomes a diagram is called where nobody says.
_UNTITLED: Final = "Untitled"
#: All texts of one request become canvases within it, or none is stored.
CANVAS_TIMEOUT_SECONDS: Final = 60.0
_FILE_OF_FORMAT: Final = {"json": "import.json", "mermaid": "import.mmd"}


class ImportRoutes:
    """The handler. It raises ServiceError and OperationError."""

    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    async def import_(self, who: Principal) -> Response:
        """All of a body is stored, or nothing."""
        check_access(who, CREATE, None)
        name = _FILE_OF_FORMAT[_read_format()]
        as_canvas, new_ids, title = _read_as(), read_flag(request, "new_ids"), _read_title()
        body = await request.get_data(cache=False, as_text=False, parse_form_data=False)
        parse = partial(parse_import, body, name, title)
        diagrams = await _worked(len(body) > MAX_INLINE_BYTES, parse)
        if as_canvas:
            texts = await _worked(len(body) > MAX_INLINE_BYTES, partial(canvas_texts, diagrams))
            await self._put_all_on_canvas(diagrams, texts)
        is_large = sum(weight_of(each.diagram) for each in diagrams) > MAX_INLINE_WEIGHT
        new = await _worked(is_large, partial(to_store_all, diagrams, new_ids=new_ids))
        records = await self._service.create_all(who, new)
        pairs = zip(records, diagrams, strict=True)
        return success([_entry(record, each.report) for record, each in pairs], status=201)

    async def _put_all_on_canvas(
        self, diagrams: list[ImportedDiagram], texts: list[str | None]
    ) -> None:
        """One after another, so that no request takes more than one process."""
        with trio.move_on_after(CANVAS_TIMEOUT_SECONDS):
            for index, (imported, text) in enumerate(zip(diagrams, texts, strict=True)):
                at = f"[{index}]" if len(diagrams) > 1 else ""
                if text is not None:
                    await self._put_on_canvas(imported, text, at)
            return
        message = f"The canvases took longer than {CANVAS_TIMEOUT_SECONDS:g} s; send fewer texts."
        raise ServiceError("engine_timeout", message, "as")

    async def _put_on_canvas(self, imported: ImportedDiagram, text: str, at: str) -> None:
        try:
            canvas = await self._engine.canvas(text)
        except ServiceError as error:
            place = ": ".join(part for part in (at, error.at) if part)
            raise ServiceError(error.code, error.message, place, retry=error.retry) from None
        put_on_canvas(imported, canvas)


async def _worked(is_large: bool, work: Callable[[], T]) -> T:
    """What reading and checking of JSON gives, in a thread where it takes long."""
    return await trio.to_thread.run_sync(work) if is_large else work()


def _entry(record: DiagramRecord, report: list[str]) -> ImportedEntry:
    return ImportedEntry(
        id=record.id,
        uuid=record.uuid,
        title=record.title,
        format="mermaid" if record.kind == "mermaid" else "reactflow",
        kind=record.kind,
        node_count=record.node_count,
        edge_count=record.edge_count,
        report=report,
    )


def _read_format() -> str:
    """A page of another site can send neither of both media types without being asked first."""
    if request.mimetype not in (JSON, MERMAID):
        message = f"Send it as 'Content-Type: {JSON}' or 'Content-Type: {MERMAID}'."
        raise ServiceError("unsupported_media_type", message, "Content-Type")
    default = "mermaid" if request.mimetype == MERMAID else "json"
    written = request.args.get("format", default)
    if written not in _FILE_OF_FORMAT:
        raise ServiceError("invalid", "A format is json or mermaid.", "format")
    return written


def _read_as() -> bool:
    written = request.args.get("as", "text")
    if written not in ("text", "canvas"):
        raise ServiceError("invalid", "A Mermaid text is kept as text, or as canvas.", "as")
    return written == "canvas"


def _read_title() -> str:
    title = request.args.get("title") or _UNTITLED
    if len(title) > MAX_TITLE_LENGTH:
        message = f"A title has at most {MAX_TITLE_LENGTH} characters."
        raise ServiceError("invalid", message, "title")
    return title
