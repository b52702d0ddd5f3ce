"""A diagram's content: whole or a part, as elements, as an outline, as Mermaid text."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from mcp.server.mcpserver.tools import Tool
from msgspec import UNSET
from pydantic import BaseModel, ConfigDict, Field

from gateway.engine.engine import Engine
from gateway.errors import ServiceError
from gateway.geometry.scene import Scene
from gateway.react_flow import elements_to_react_flow
from gateway.service import DiagramService, Reading
from gateway.tools.arguments import Description, DiagramId, Id, Number, TypeName
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.limits import MAX_NAMED_ELEMENTS
from gateway.tools.outline import edge_lines, node_lines
from gateway.tools.paging import Cursor, Room, pieces_of, read_cursor, short_enough, taken_of
from gateway.tools.records import metadata_of
from gateway.tools.registry import as_tool
from gateway.tools.replies import DiagramRead, Metadata, Titled
from gateway.tools.selecting import MAX_DEPTH, Part, Wish, select
from ot.diagram import Diagram, Element

#: Bytes of agent_metadata in an answer of read_diagram; get_diagram_info has all of it.
MAX_AGENT_METADATA_BYTES: Final = 4 * 1024

Format: TypeAlias = Literal["reactflow", "mermaid", "both", "outline"]


class Region(BaseModel):
    model_config = ConfigDict(extra="forbid")

    x: Number
    y: Number
    width: Annotated[Number, Field(ge=0)]
    height: Annotated[Number, Field(ge=0)]


Named: TypeAlias = Annotated[list[Id], Field(max_length=MAX_NAMED_ELEMENTS)]
Types: TypeAlias = Annotated[list[TypeName], Field(max_length=MAX_NAMED_ELEMENTS)]


class ReadingTools:
    def __init__(self, service: DiagramService, engine: Engine) -> None:
        self._service = service
        self._engine = engine

    def tools(self) -> list[Tool]:
        return [as_tool(self.read_diagram, "Read a diagram", reads=True)]

    async def read_diagram(
        self,
        *,
        context: ToolContext,
        diagram_id: DiagramId,
        include_metadata: bool = True,
        format: Annotated[
            Format,
            Field(
                description="outline: a short line a node and edge, best for understanding; "
                "reactflow: nodes and edges with all fields; mermaid: text; both: the last two"
            ),
        ] = "both",
        ids: Annotated[Named | None, Field(description="Only these nodes and edges")] = None,
        types: Annotated[Types | None, Field(description="Only elements of these types")] = None,
        text: Annotated[
            Description | None, Field(description="Only elements with this in their label")
        ] = None,
        region: Annotated[
            Region | None, Field(description="Only nodes at least partly in it, on the canvas")
        ] = None,
        neighbours_of: Annotated[
            Id | None, Field(description="Only this node and those that edges join it to")
        ] = None,
        depth: Annotated[
            int, Field(ge=1, le=MAX_DEPTH, description="Edges from neighbours_of")
        ] = 1,
        limit: Annotated[
            Annotated[int, Field(ge=1)] | None,
            Field(description="Nodes and edges, or lines, in one answer. Default: all that fit"),
        ] = None,
        cursor: Annotated[
            Annotated[str, Field(max_length=64)] | None,
            Field(description="next_cursor of the answer before; repeat the other arguments"),
        ] = None,
    ) -> DiagramRead:
        """Read a diagram, or with filters the part that satisfies all of them, with the edges
        between its nodes. mermaid_syntax is of that part, too. Read the outline first; it gives
        places and edges' ids where filters are given. A large diagram comes in pages of one
        revision: call again with next_cursor; pieces of mermaid_syntax are to be joined."""
        wish = Wish(
            ids=None if ids is None else tuple(ids),
            types=None if types is None else tuple(types),
            text=text or None,
            region=None if region is None else (region.x, region.y, region.width, region.height),
            neighbours_of=neighbours_of,
            depth=depth,
        )
        digest = wish.digest(f"{diagram_id} {format}")
        at = None if cursor is None else read_cursor(cursor, digest)
        reading = await self._read(context, diagram_id, at)
        answer = _begun(reading, format, with_metadata=at is None and include_metadata)
        start = Cursor(reading.revision, 0, digest) if at is None else at
        part = select(reading.diagram, wish)
        answer.unknown_ids = part.unknown or UNSET
        return await self._page(answer, reading.diagram, part, (format, wish, start, limit))

    async def _read(self, context: ToolContext, diagram_id: str, at: Cursor | None) -> Reading:
        """The diagram, for a further page as it was at the first. Raises ServiceError."""
        try:
            return await self._service.read(
                principal_of(context),
                diagram_id,
                revision=None if at is None else at.revision,
                shown=True,
            )
        except ServiceError as error:
            place = "cursor" if error.at == "base_revision" else error.at
            raise ServiceError(error.code, error.message, place, retry=error.retry) from None

    async def _page(
        self,
        answer: DiagramRead,
        whole: Diagram,
        part: Part,
        wanted: tuple[Format, Wish, Cursor, int | None],
    ) -> DiagramRead:
        """Fills the answer with as much as there is room for."""
        format, wish, start, limit = wanted
        taken = len(msgspec.json.encode(answer))
        units = _units(format, whole, part, is_all=wish.is_all)
        is_paged = limit is not None or start.offset > 0
        if is_paged or taken_of(units, Room(taken, None)) < len(units):
            # The order in which elements came in is not kept by a revision.
            ordered = Part(whole.nodes, whole.edges, []).in_order()
            whole = msgspec.structs.replace(whole, nodes=ordered.nodes, edges=ordered.edges)
            units = _units(format, whole, part.in_order(), is_all=wish.is_all)
        room = Room(taken, limit)
        count = taken_of(units[start.offset :], room)
        following = start.offset + count
        _put_units(answer, format, units[start.offset : following], len(part.nodes) - start.offset)
        total = len(units)
        has_text = format in ("mermaid", "both") or _is_text(format, whole)
        if following >= total and has_text:
            pieces = list(pieces_of(await self._text(format, whole, part)))
            first = max(0, start.offset - total)
            count = taken_of(pieces[first:], room, counts=False)
            _put_text(answer, format, "".join(pieces[first : first + count]))
            following, total = total + first + count, total + len(pieces)
        elif has_text:
            total += 1
        if following < total:
            answer.next_cursor = Cursor(start.revision, following, start.digest).text()
            answer.note = _note(units, following)
        return answer

    async def _text(self, format: Format, whole: Diagram, part: Part) -> str:
        if whole.kind == "mermaid":
            text = whole.data.get("text")
            if isinstance(text, str) and format == "outline":
                return text
            return await self._engine.mermaid(whole)
        return await self._engine.mermaid(part.as_diagram(whole))


def _is_text(format: Format, whole: Diagram) -> bool:
    """The outline of a diagram that is text is that text."""
    return format == "outline" and whole.kind == "mermaid"


def _units(format: Format, whole: Diagram, part: Part, *, is_all: bool) -> Sequence[Element | str]:
    """What is paged: nodes and then edges, or lines."""
    if format == "mermaid" or _is_text(format, whole):
        return []
    if format == "outline":
        # Whoever asks for a part is about to change it: places and ids are of use then.
        nodes = node_lines(Scene(whole.nodes), part.nodes, with_places=not is_all)
        edges = edge_lines(whole.edges, part.edges, with_ids=not is_all)
        return [*nodes, *edges]
    listed = elements_to_react_flow(
        msgspec.structs.replace(whole, nodes=part.nodes, edges=part.edges)
    )
    return [short_enough(element) for elements in listed for element in elements]


def _put_units(
    answer: DiagramRead, format: Format, units: Sequence[Element | str], nodes_left: int
) -> None:
    """``nodes_left``: how many of the units at most are nodes; edges come after them."""
    if format == "outline":
        answer.outline = "\n".join(unit for unit in units if isinstance(unit, str))
    elif format != "mermaid":
        elements = [unit for unit in units if isinstance(unit, dict)]
        answer.nodes = elements[: max(0, nodes_left)]
        answer.edges = elements[max(0, nodes_left) :]


def _put_text(answer: DiagramRead, format: Format, text: str) -> None:
    if format == "outline":
        answer.outline = text
    else:
        answer.mermaid_syntax = text


def _note(units: Sequence[object], following: int) -> str:
    told = (
        f"{min(following, len(units))} of {len(units)} nodes and edges are told by now. "
        if units
        else "The text goes on. "
    )
    return f"{told}Call again with next_cursor as cursor and the same arguments for the rest."


def _begun(reading: Reading, format: Format, *, with_metadata: bool) -> DiagramRead:
    """The answer without content. On a small diagram this is most of what an outline costs."""
    answer = DiagramRead(revision=reading.revision)
    is_outline = format == "outline"
    if not is_outline:
        answer.diagram_id = reading.record.id
    if not is_outline or reading.diagram.kind == "mermaid":
        answer.kind = reading.diagram.kind
    if with_metadata and is_outline:
        answer.metadata = Titled(title=reading.diagram.title)
    elif with_metadata:
        answer.metadata = _short_metadata(reading)
    return answer


def _short_metadata(reading: Reading) -> Metadata:
    metadata = metadata_of(reading.record, reading.diagram)
    size = len(msgspec.json.encode(metadata.agent_metadata))
    if size > MAX_AGENT_METADATA_BYTES:
        metadata.agent_metadata = {"omitted": f"{size} bytes; get_diagram_info has them"}
    return metadata
