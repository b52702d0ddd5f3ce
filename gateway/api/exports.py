"""The routes that hand a diagram out as a file or as a picture."""

from typing import Final

import msgspec
from quart import Response, request

from gateway.api.envelope import JSON
from gateway.api.file_names import attachment
from gateway.api.pictures import (
    named_as_asked,
    read_export_format,
    read_options,
    read_since,
    read_theme,
)
from gateway.api.reading import read_flag, revision_named
from gateway.api.thumbnails import Thumbnails
from gateway.engine.engine import Engine
from gateway.errors import ServiceError
from gateway.exporting import ENDINGS, ExportFormat, export_row
from gateway.identity import Principal
from gateway.mermaid.kinds import detect_kind
from gateway.mermaid.safe_links import with_safe_links
from gateway.render.options import RenderOptions
from gateway.service import DiagramService, Reading
from ot.diagram import Diagram
from persistence.catalogue import DiagramRecord

#: Registered with IANA by Mermaid.
MERMAID: Final = "text/vnd.mermaid"
MEDIA_TYPES: Final[dict[ExportFormat, str]] = {
    "json": JSON,
    "mermaid": MERMAID,
    "svg": "image/svg+xml",
    "png": "image/png",
}
#: Pixels of a thumbnail's longer side, and its bytes.
MAX_THUMBNAIL_SIDE_PX: Final = 480
MAX_THUMBNAIL_BYTES: Final = 96 * 1024

#: Opened as a page of its own, a picture may do nothing at all.
_PICTURE_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)
#: The browser may keep it, and asks each time whether it is still true.
_ASK_AGAIN: Final = "private, no-cache"


class ExportRoutes:
    """The handlers; whoever asks comes first. They raise ServiceError."""

    def __init__(self, service: DiagramService, engine: Engine, version: str) -> None:
        self._service = service
        self._engine = engine
        self._version = version
        self._thumbnails = Thumbnails()

    async def export(self, who: Principal, diagram_id: str) -> Response:
        """The catalogue knows the revision, so an unchanged diagram is not even opened."""
        wanted = read_export_format(request)
        options, since = read_options(request), read_since(request)
        is_strict = read_flag(request, "strict")
        record = await self._service.record(who, diagram_id)
        # Others may know a picture that strictly there is not.
        if not is_strict and _is_known(self._etag(record, record.revision, wanted)):
            return _not_modified(self._etag(record, record.revision, wanted))
        reading = await self._service.read(who, diagram_id, shown=True)
        if is_strict:
            await self._check_text(reading.diagram)
        before = await self._before(who, diagram_id, reading, since)
        body = await self._export(wanted, reading, options, before)
        media_type = MEDIA_TYPES[wanted]
        charset = "; charset=utf-8" if media_type.startswith("text/") else ""
        response = Response(body, content_type=f"{media_type}{charset}")
        response.headers["Content-Disposition"] = attachment(reading.diagram.title, ENDINGS[wanted])
        if wanted == "svg":
            response.headers["Content-Security-Policy"] = _PICTURE_POLICY
        return _to_keep(response, self._etag(reading.record, reading.revision, wanted))

    async def _check_text(self, diagram: Diagram) -> None:
        """Raises ServiceError where a Mermaid text is wrong, or of a kind that is not drawn."""
        if diagram.kind != "mermaid":
            return
        text = await self._engine.mermaid(diagram)
        if (await self._engine.canvas(text)).kind != "mermaid":
            return
        message = f"A {detect_kind(text)} diagram is not drawn; flowcharts and mindmaps are."
        raise ServiceError("mermaid_kind", message)

    async def _before(
        self, who: Principal, diagram_id: str, reading: Reading, since: int | None
    ) -> Diagram | None:
        if since is None:
            return None
        if since == reading.revision:
            return reading.diagram
        with revision_named("since"):
            return (await self._service.read(who, diagram_id, revision=since)).diagram

    async def _export(
        self,
        wanted: ExportFormat,
        reading: Reading,
        options: RenderOptions,
        before: Diagram | None,
    ) -> str | bytes:
        if wanted == "json":
            return msgspec.json.encode(export_row(reading.record, reading.diagram))
        if wanted == "mermaid":
            return with_safe_links(await self._engine.mermaid(reading.diagram))
        try:
            if wanted == "svg":
                return await self._engine.svg(reading.diagram, options, before)
            return await self._engine.png(reading.diagram, options, before)
        except ServiceError as error:
            raise named_as_asked(error) from None

    def _etag(self, record: DiagramRecord, revision: int, wanted: ExportFormat) -> str:
        """The revision, and what else the answer depends on: the fields beside the diagram in a
        row, this program in a picture or a text."""
        if wanted == "json":
            return f"{revision}-{record.updated_at.timestamp():.6f}"
        return f"{revision}-{self._version}"

    async def thumbnail(self, who: Principal, diagram_id: str) -> Response:
        theme = read_theme(request)
        record = await self._service.record(who, diagram_id)
        etag = self._etag(record, record.revision, "png")
        if _is_known(etag):
            return _not_modified(etag)
        png = self._thumbnails.get((record.id, record.revision, theme))
        if png is None:
            reading = await self._service.read(who, diagram_id)
            options = RenderOptions(
                theme=theme, max_side_px=MAX_THUMBNAIL_SIDE_PX, max_bytes=MAX_THUMBNAIL_BYTES
            )
            png = await self._engine.png(reading.diagram, options)
            self._thumbnails.put((record.id, reading.revision, theme), png)
            etag = self._etag(reading.record, reading.revision, "png")
        return _to_keep(Response(png, content_type=MEDIA_TYPES["png"]), etag)


def _is_known(etag: str) -> bool:
    return request.if_none_match.contains_weak(etag)


def _not_modified(etag: str) -> Response:
    response = _to_keep(Response(b"", 304), etag)
    response.headers.pop("Content-Type", None)
    return response


def _to_keep(response: Response, etag: str) -> Response:
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Cache-Control"] = _ASK_AGAIN
    return response
