"""What the command line does to the database beside a running server: import, export, links."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import trio

from actors.core import Core
from gateway.engine.jobs import Refused, attempt, canvas_of, draw_png, draw_svg, write_mermaid
from gateway.errors import ServiceError
from gateway.exporting import MAX_EXPORTED_PNG_BYTES, ExportFormat, export_row
from gateway.import_row import ImportedDiagram
from gateway.importing import MAX_IMPORT_BYTES, canvas_text, parse_import, put_on_canvas
from gateway.local_access import issue_link
from gateway.mermaid.safe_links import with_safe_links
from gateway.render.options import RenderOptions, Theme
from gateway.settings import Settings
from gateway.storage_access import open_database
from gateway.storing import to_store
from ot.diagram import Diagram, Json
from ot.errors import OperationError
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue, DiagramRecord, NewDiagram
from persistence.legacy import read_legacy_diagrams
from persistence.postgres import PostgresStorage
from persistence.sign_in import SignIn

Say = Callable[[str], None]


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to store what is imported."""

    new_ids: bool = False
    open_to_agents: bool = False
    #: Flowcharts and mindmaps become nodes and edges; otherwise every text stays a text.
    as_canvas: bool = False


async def import_files(
    settings: Settings, files: Sequence[Path], options: ImportOptions, say: Say
) -> None:
    """Stores what the files hold. A file with anything wrong in it stores nothing."""
    async with open_database(settings) as bridge:
        for path in files:
            diagrams = read_file(path)
            await _store(bridge, diagrams, str(path), options, say)


async def import_database(settings: Settings, url: str, options: ImportOptions, say: Say) -> None:
    """Stores every diagram of the old app's own database, all or none."""
    rows: list[Json] = list(await trio.to_thread.run_sync(read_legacy_diagrams, url))
    async with open_database(settings) as bridge:
        await _store(bridge, parse_import(rows, "database"), "database", options, say)


def read_file(path: Path) -> list[ImportedDiagram]:
    """Raises OperationError naming the file, and the place in it."""
    if path.stat().st_size > MAX_IMPORT_BYTES:
        message = f"The file is larger than {MAX_IMPORT_BYTES} bytes."
        raise OperationError("file_too_large", message, str(path))
    try:
        return parse_import(path.read_bytes(), path.name)
    except OperationError as error:
        raise _within(str(path), error) from error


def _within(source: str, error: OperationError) -> OperationError:
    """The error with its source before the place in it."""
    place = f"{source}: {error.at}" if error.at else source
    return OperationError(error.code, error.message, place)


async def _store(
    bridge: Bridge,
    diagrams: Sequence[ImportedDiagram],
    source: str,
    options: ImportOptions,
    say: Say,
) -> None:
    new = [
        _new_diagram(imported, options, source if len(diagrams) == 1 else f"{source}: [{index}]")
        for index, imported in enumerate(diagrams)
    ]
    records = await Catalogue(bridge).insert_all(new)
    if isinstance(records, int):
        message = (
            f"The diagram {new[records].id or new[records].uuid} exists already, perhaps in the "
            "trash; nothing was imported. --new-ids stores a copy beside it."
        )
        raise ServiceError("already_exists", message, source)
    for record, imported in zip(records, diagrams, strict=True):
        _tell(record, imported, say)


def _new_diagram(imported: ImportedDiagram, options: ImportOptions, source: str) -> NewDiagram:
    """Raises OperationError that names the source, and the place in the diagram."""
    try:
        if options.as_canvas:
            _put_on_canvas(imported)
        return to_store(imported, new_ids=options.new_ids, open_to_agents=options.open_to_agents)
    except OperationError as error:
        raise _within(source, error) from error


def _put_on_canvas(imported: ImportedDiagram) -> None:
    """Raises OperationError with the line of what is wrong in the text."""
    text = canvas_text(imported)
    if text is not None:
        canvas = attempt(canvas_of, text)
        if isinstance(canvas, Refused):
            raise OperationError(canvas.code, canvas.message, canvas.at)
        put_on_canvas(imported, canvas)


def _tell(record: DiagramRecord, imported: ImportedDiagram, say: Say) -> None:
    say(f"{record.id}  {record.title}  ({record.node_count} nodes, {record.edge_count} edges)")
    if not record.agent_accessible:
        say("    closed to agents, as it was; --open-to-agents lets them in")
    for line in imported.report:
        say(f"    {line}")


async def export_diagram(
    settings: Settings, diagram_id: str, wanted: ExportFormat = "json", theme: Theme = "light"
) -> bytes:
    """The diagram at its latest revision, as the content of a file of this format."""
    async with open_database(settings) as bridge:
        record = await Catalogue(bridge).find(diagram_id)
        if record is None:
            raise ServiceError("not_found", f"There is no diagram {diagram_id}.")
        diagram = await load_latest(bridge, record.id)
    if wanted == "json":
        row = msgspec.json.encode(export_row(record, diagram))
        return msgspec.json.format(row, indent=2) + b"\n"
    return _drawn(diagram, wanted, theme)


def _drawn(diagram: Diagram, wanted: ExportFormat, theme: Theme) -> bytes:
    """Raises ServiceError."""
    if wanted == "mermaid":
        made = attempt(write_mermaid, diagram)
        made = with_safe_links(made) if isinstance(made, str) else made
    else:
        draw = draw_svg if wanted == "svg" else draw_png
        options = RenderOptions(theme=theme, max_bytes=MAX_EXPORTED_PNG_BYTES)
        made = attempt(draw, diagram, options, None)
    if isinstance(made, Refused):
        raise ServiceError(made.code, made.message, made.at)
    return made if isinstance(made, bytes) else str(made).encode()


async def load_latest(bridge: Bridge, diagram_id: str) -> Diagram:
    """The diagram that snapshot and journal give. Raises ServiceError ``not_found``."""
    stored = await PostgresStorage(bridge).load_diagram(diagram_id)
    if stored is None:
        raise ServiceError("not_found", f"There is no diagram {diagram_id}.")
    return Core(stored).diagram


async def new_link(settings: Settings, base_url: str, name: str | None) -> str:
    async with open_database(settings) as bridge:
        return await issue_link(SignIn(bridge), base_url, name)
