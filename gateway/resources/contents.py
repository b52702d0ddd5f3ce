"""What stands at a resource's address."""

import base64
from collections import OrderedDict
from typing import Any, Final, TypeAlias

import msgspec
from mcp_types import BlobResourceContents, TextResourceContents
from msgspec import UNSET, UnsetType

from gateway.access import check_access
from gateway.api.thumbnails import Thumbnails
from gateway.engine.engine import MAX_INLINE_WEIGHT, Engine, weight_of
from gateway.errors import ServiceError
from gateway.identity import READ, Principal
from gateway.mermaid.safe_links import with_safe_links
from gateway.react_flow import elements_to_react_flow
from gateway.resources.limits import (
    MAX_KEPT_PICTURES,
    MAX_KEPT_PICTURES_BYTES,
    MAX_KEPT_SIZES,
    MAX_SVG_BYTES,
)
from gateway.resources.uris import DOCUMENT, MERMAID, OUTLINE, PNG, SVG, View, uri_of
from gateway.service import DiagramService, Reading
from gateway.tools.outline import one_line, outline_of
from ot.diagram import Element

Contents: TypeAlias = TextResourceContents | BlobResourceContents

#: In ``_meta``: at which revision of the diagram this was read.
REVISION_KEY: Final = "diagramai/revision"


class DiagramDocument(msgspec.Struct):
    """A diagram as JSON; fields are named as in read_diagram's answer."""

    diagram_id: str
    revision: int
    kind: str
    title: str
    nodes: list[Element]
    edges: list[Element]
    #: The text of a diagram that is text.
    mermaid_syntax: str | UnsetType = UNSET


class Sizes:
    """How many bytes a resource has at a revision, of those that were read here lately."""

    def __init__(self, max_count: int = MAX_KEPT_SIZES) -> None:
        self._max_count = max_count
        self._kept: OrderedDict[tuple[str, int, str], int] = OrderedDict()

    def get(self, diagram_id: str, revision: int, view: View) -> int | None:
        return self._kept.get((diagram_id, revision, view.path))

    def put(self, diagram_id: str, revision: int, view: View, size: int) -> None:
        key = (diagram_id, revision, view.path)
        self._kept[key] = size
        self._kept.move_to_end(key)
        if len(self._kept) > self._max_count:
            self._kept.popitem(last=False)


class ContentReader:
    """Reads resources, with the same permissions as the tools."""

    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine
        self._pictures = Thumbnails(MAX_KEPT_PICTURES, MAX_KEPT_PICTURES_BYTES)
        self.sizes = Sizes()

    async def read(self, who: Principal, diagram_id: str, view: View) -> Contents:
        """What is at the address now. Raises ServiceError."""
        # Asked first, so that whoever may read nothing does not learn what exists.
        check_access(who, READ, None)
        if view in (SVG, PNG):
            return await self._picture(who, diagram_id, view)
        reading = await self._service.read(who, diagram_id, shown=True)
        text = await self._text(reading, view)
        size = len(text.encode())
        self.sizes.put(reading.record.id, reading.revision, view, size)
        return TextResourceContents(
            uri=uri_of(diagram_id, view),
            mime_type=view.mime_type,
            text=text,
            _meta=_meta(reading.revision),
        )

    async def _text(self, reading: Reading, view: View) -> str:
        if view is OUTLINE:
            return await outline_text(self._engine, reading)
        if view is MERMAID:
            return with_safe_links(await self._engine.mermaid(reading.diagram))
        assert view is DOCUMENT, "the others are pictures"
        return document_text(reading)

    async def _picture(self, who: Principal, diagram_id: str, view: View) -> Contents:
        """The catalogue knows the revision, so an unchanged diagram is not even opened."""
        record = await self._service.record(who, diagram_id)
        revision = record.revision
        picture = self._pictures.get((record.id, revision, view.path))
        if picture is None:
            reading = await self._service.read(who, diagram_id, shown=True)
            revision = reading.revision
            picture = await self._draw(reading, view)
            self._pictures.put((record.id, revision, view.path), picture)
        self.sizes.put(record.id, revision, view, len(picture))
        return _picture_contents(uri_of(diagram_id, view), view, picture, revision)

    async def _draw(self, reading: Reading, view: View) -> bytes:
        if view is SVG:
            picture = (await self._engine.svg(reading.diagram)).encode()
            if len(picture) > MAX_SVG_BYTES:
                message = (
                    f"This picture has {len(picture):,} bytes as SVG, which is too much; read "
                    "image.png, or call render_diagram for a part of it."
                )
                raise ServiceError("too_large", message, "uri")
            return picture
        return await self._engine.png(reading.diagram)


async def outline_text(engine: Engine, reading: Reading) -> str:
    """The outline below what it is of, and at which revision. Raises ServiceError."""
    diagram = reading.diagram
    head = [f"# {one_line(diagram.title)} ({diagram.kind}, revision {reading.revision})"]
    if diagram.description and diagram.description.strip():
        head.append(f"# {one_line(diagram.description)}")
    is_small = weight_of(diagram) <= MAX_INLINE_WEIGHT
    outline = outline_of(diagram) if is_small else await engine.run(outline_of, diagram)
    return "\n".join([*head, outline])


def document_text(reading: Reading) -> str:
    diagram = reading.diagram
    nodes, edges = elements_to_react_flow(diagram)
    text = diagram.data.get("text") if diagram.kind == "mermaid" else UNSET
    document = DiagramDocument(
        diagram_id=reading.record.id,
        revision=reading.revision,
        kind=diagram.kind,
        title=diagram.title,
        nodes=nodes,
        edges=edges,
        mermaid_syntax=text if isinstance(text, str) else UNSET,
    )
    return msgspec.json.encode(document).decode()


def _picture_contents(uri: str, view: View, picture: bytes, revision: int) -> Contents:
    meta = _meta(revision)
    if view is SVG:
        text = picture.decode()
        return TextResourceContents(uri=uri, mime_type=view.mime_type, text=text, _meta=meta)
    blob = base64.b64encode(picture).decode()
    return BlobResourceContents(uri=uri, mime_type=view.mime_type, blob=blob, _meta=meta)


def _meta(revision: int) -> dict[str, Any]:
    return {REVISION_KEY: revision}
