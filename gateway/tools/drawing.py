"""Diagrams as pictures, for models that see."""

import base64
from typing import Annotated, Literal

from mcp.server.mcpserver.tools import Tool
from mcp_types import ImageContent
from msgspec import UNSET
from pydantic import BaseModel, ConfigDict, Field

from gateway.agent_activity import LOOKING, doing
from gateway.engine.engine import Engine
from gateway.errors import ServiceError
from gateway.render.limits import (
    LARGEST_SIDE_PX,
    MAX_COORDINATE,
    MAX_HOPS,
    MAX_SIDE_PX,
    SMALLEST_SIDE_PX,
)
from gateway.render.options import Around, Region, RenderOptions
from gateway.service import DiagramService, Reading
from gateway.tools.arguments import DiagramId, Id
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.drawn import Drawing, PictureFormat, draw
from gateway.tools.engine_replies import DiagramRendered, ShownRegion
from gateway.tools.limits import MAX_NAMED_ELEMENTS, MAX_SVG_LENGTH
from gateway.tools.registry import as_tool
from gateway.tools.results import Answer, Pictured
from ot.diagram import Diagram

_Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
_Length = Annotated[float, Field(ge=1, le=MAX_COORDINATE)]


class RegionArgument(BaseModel):
    """A part of the canvas, in the coordinates of node positions."""

    model_config = ConfigDict(extra="forbid")

    x: _Coordinate
    y: _Coordinate
    width: _Length
    height: _Length


class DrawingTools:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def tools(self) -> list[Tool]:
        return [as_tool(self.render_diagram, "Draw a diagram", reads=True)]

    async def render_diagram(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        format: Annotated[
            PictureFormat, Field(description="png: an image to look at; svg: its text")
        ] = "png",
        around: Annotated[
            list[Id] | None,
            Field(
                min_length=1,
                max_length=MAX_NAMED_ELEMENTS,
                description="Only these nodes and their neighbours",
            ),
        ] = None,
        hops: Annotated[
            int, Field(ge=0, le=MAX_HOPS, description="How far around reaches, in edges")
        ] = 1,
        region: Annotated[
            RegionArgument | None, Field(description="Only this part of the canvas")
        ] = None,
        max_size: Annotated[
            int,
            Field(ge=SMALLEST_SIDE_PX, le=LARGEST_SIDE_PX, description="Pixels of the longer side"),
        ] = MAX_SIDE_PX,
        theme: Literal["light", "dark"] = "light",
        since_revision: Annotated[
            Annotated[int, Field(ge=0)] | None,
            Field(description="Mark what has changed since this revision"),
        ] = None,
    ) -> Answer[DiagramRendered]:
        """See a diagram as a picture, whole or in part. Look after you have changed its layout."""
        if around and region:
            raise ServiceError("invalid", "Send either around or region.", "region")
        await context.report_progress(0, 1, "Reading the diagram")
        who = principal_of(context)
        reading = await self._service.read(who, diagram_id)
        self._service.show(who, reading.record.id, doing(LOOKING))
        before = None
        if since_revision is not None:
            before = await self._then(context, diagram_id, since_revision)
        count = len(reading.diagram.nodes)
        await context.report_progress(0.2, 1, f"Drawing {count} nodes")
        options = RenderOptions(theme=theme, view=_view(around, hops, region), max_side_px=max_size)
        drawing = await drawn_by(self._engine, reading.diagram, options, before, format)
        await context.report_progress(1, 1, "Drawn")
        answer = _told(reading, drawing, format)
        if since_revision is not None:
            answer.since_revision = since_revision
            answer.marked = drawing.marked
        return Pictured(answer, [image_of(drawing)]) if format == "png" else answer

    async def _then(self, context: ToolContext, diagram_id: str, revision: int) -> Diagram:
        """The diagram as it was. Raises ServiceError about ``since_revision``."""
        try:
            reading = await self._service.read(principal_of(context), diagram_id, revision=revision)
        except ServiceError as error:
            at = "since_revision" if error.at == "base_revision" else error.at
            raise ServiceError(error.code, error.message, at, retry=error.retry) from None
        return reading.diagram


def _view(
    around: list[str] | None, hops: int, region: RegionArgument | None
) -> Around | Region | None:
    if around:
        return Around(tuple(dict.fromkeys(around)), hops)
    return None if region is None else Region(**region.model_dump())


async def drawn_by(
    engine: Engine,
    diagram: Diagram,
    options: RenderOptions,
    before: Diagram | None,
    wanted: PictureFormat,
) -> Drawing:
    """Raises ServiceError with the argument's name, and ``too_large`` for too long an SVG."""
    try:
        drawing: Drawing = await engine.run(draw, diagram, options, before, wanted)
    except ServiceError as error:
        at = "around" if error.at.startswith("view/") else error.at
        raise ServiceError(error.code, error.message, at, retry=error.retry) from None
    if isinstance(drawing.content, str) and len(drawing.content) > MAX_SVG_LENGTH:
        message = (
            f"This SVG has {len(drawing.content)} characters, and at most {MAX_SVG_LENGTH} are "
            "sent: ask for a region, for the surroundings of a node, or for a png."
        )
        raise ServiceError("too_large", message, "format")
    return drawing


def image_of(drawing: Drawing) -> ImageContent:
    assert isinstance(drawing.content, bytes), "only a PNG is an image for a model"
    data = base64.b64encode(drawing.content).decode()
    return ImageContent(type="image", data=data, mime_type="image/png")


def _told(reading: Reading, drawing: Drawing, wanted: PictureFormat) -> DiagramRendered:
    x, y, width, height = (round(value, 2) for value in drawing.region)
    return DiagramRendered(
        diagram_id=reading.record.id,
        title=reading.diagram.title,
        revision=reading.revision,
        format=wanted,
        width_px=drawing.width_px,
        height_px=drawing.height_px,
        region=ShownRegion(x, y, width, height),
        nodes_seen=drawing.nodes_seen,
        node_count=len(reading.diagram.nodes),
        svg=drawing.content if isinstance(drawing.content, str) else UNSET,
    )
