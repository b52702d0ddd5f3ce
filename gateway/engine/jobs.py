"""What the engine can be asked for. Pure functions whose arguments and answers can be pickled."""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.critic.check import check, check_edit
from gateway.critic.findings import Finding
from gateway.critic.leading import with_sides
from gateway.engine.progress import ProgressWriter
from gateway.layout import Algorithm, Direction, LayoutError, plan_layout
from gateway.layout.plan import DEFAULT_SPACING
from gateway.layout.work import Stage, nobody, unheard
from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.export import export_mermaid
from gateway.mermaid.kinds import detect_kind
from gateway.render.marks import marks_between
from gateway.render.options import RenderError, RenderOptions
from gateway.render.picture import render_svg
from gateway.render.png import render_png
from ot.apply import apply
from ot.diagram import Diagram
from ot.diff import diff
from ot.errors import OperationError
from ot.operation import Create, Operation

#: The kinds of Mermaid text that become nodes and edges.
CANVAS_KINDS: Final = frozenset({"flowchart", "mindmap"})
#: A check looks for mends; what it does then takes a few seconds more for the largest diagram.
MENDING_SECONDS: Final = 12.0
_DIRECTIONS: Final[dict[str, Direction]] = {
    "TB": "TB", "TD": "TB", "BT": "BT", "LR": "LR", "RL": "RL",
}  # fmt: skip


class Refused(msgspec.Struct, frozen=True):
    """An answer that is none: the errors of the engine's parts cannot be pickled themselves."""

    code: str
    message: str
    at: str = ""


class LayoutWish(msgspec.Struct, frozen=True, kw_only=True):
    """How a layout is wanted; see :func:`gateway.layout.plan_layout`."""

    direction: Direction | None = None
    spacing: float = DEFAULT_SPACING
    only: frozenset[str] | None = None
    pinned: frozenset[str] = frozenset()
    algorithm: Algorithm = "auto"


def attempt(job: Callable[..., Any], *arguments: Any) -> Any:
    """What the job answers, or ``Refused`` with the code of what it raises."""
    try:
        return job(*arguments)
    except MermaidError as error:
        if error.expected in error.message:
            return Refused(error.code, error.message, error.at)
        message = error.message.rstrip(".")
        return Refused(error.code, f"{message}; expected {error.expected}.", error.at)
    except RenderError as error:
        code = {"bad_option": "invalid", "not_found": "unknown_node"}.get(error.code, error.code)
        return Refused(code, error.message, error.at)
    except (LayoutError, OperationError) as error:
        return Refused(error.code, error.message, error.at)


def draw_svg(diagram: Diagram, options: RenderOptions, before: Diagram | None) -> str:
    """``before``: what has changed since then is marked. Raises RenderError."""
    return render_svg(*to_draw(diagram, options, before))


def draw_png(diagram: Diagram, options: RenderOptions, before: Diagram | None) -> bytes:
    """Raises RenderError."""
    return render_png(*to_draw(diagram, options, before))


def to_draw(
    diagram: Diagram, options: RenderOptions, before: Diagram | None
) -> tuple[Diagram, RenderOptions]:
    """A text is drawn as the canvas that it means, where it means one."""
    drawn = _meant(diagram)
    if before is not None:
        options = msgspec.structs.replace(options, marks=marks_between(_meant(before), drawn))
    return drawn, options


def _meant(diagram: Diagram) -> Diagram:
    if diagram.kind != "mermaid":
        return diagram
    text = export_mermaid(diagram)
    try:
        meant = canvas_of(text)
    except MermaidError:
        # Unfinished texts are common; a card shows their first lines.
        return diagram
    if meant.kind == "mermaid":
        return diagram
    meant.title = diagram.title
    return meant


def canvas_of(text: str) -> Diagram:
    """A flowchart or mindmap as nodes and edges, laid out; other kinds as their text.

    Raises MermaidError.
    """
    diagram = import_mermaid(text)
    if diagram.kind == "mermaid" or not diagram.nodes:
        return diagram
    moves = plan_layout(diagram, direction=_direction(diagram))
    return apply(diagram, moves)[0]


def _direction(diagram: Diagram) -> Direction | None:
    about = diagram.data.get("mermaid")
    written = about.get("direction") if isinstance(about, dict) else None
    return _DIRECTIONS.get(written) if isinstance(written, str) else None


def patch(diagram: Diagram, text: str) -> Operation:
    """The operation that makes the diagram say what the text does.

    A text diagram gets the text. On a canvas what stays keeps its id and its place, and what is new
    is laid out around it. Raises MermaidError.
    """
    if diagram.kind == "mermaid":
        changed = diagram.copy()
        changed.data = {**diagram.data, "text": text}
        return diff(diagram, changed)
    kind = detect_kind(text)
    if kind is not None and kind not in CANVAS_KINDS:
        message = (
            f"This is a {kind} diagram; a canvas takes flowcharts and mindmaps. Keep it as a "
            "diagram of its own."
        )
        raise MermaidError("mermaid_kind", message)
    operation = patch_mermaid(diagram, text)
    new = {key for key, change in operation.nodes.items() if isinstance(change, Create)}
    if not new:
        return operation
    after = apply(diagram, operation)[0]
    moves = plan_layout(after, only=new, direction=_direction(after))
    return diff(diagram, apply(after, moves)[0])


def lay_out(diagram: Diagram, wish: LayoutWish) -> Operation:
    """Raises LayoutError."""
    return _plan(diagram, wish, nobody, unheard)


def _plan(
    diagram: Diagram,
    wish: LayoutWish,
    progress: Callable[[float], None],
    stage: Callable[[Stage], None],
) -> Operation:
    plan = plan_layout(
        diagram,
        direction=wish.direction,
        spacing=wish.spacing,
        only=wish.only,
        pinned=wish.pinned,
        algorithm=wish.algorithm,
        progress=progress,
        stage=stage,
    )
    return with_sides(diagram, plan)


def find_defects(
    diagram: Diagram, with_mends: bool, largest_layout: int | None = None
) -> list[Finding]:
    """Mends for as many findings as there is time for; each of the others says so.

    ``largest_layout``: nor are more nodes laid out anew together.
    """
    end = time.monotonic() + MENDING_SECONDS
    return check(
        diagram,
        with_mends=with_mends,
        should_stop=lambda: time.monotonic() > end,
        largest_layout=largest_layout,
    )


def compare_defects(before: Diagram, after: Diagram) -> tuple[list[Finding], list[Finding]]:
    """What is wrong before and after an edit."""
    return check_edit(before, after)


def write_mermaid(diagram: Diagram) -> str:
    return export_mermaid(diagram)


def lay_out_in_process(diagram: Diagram, wish: LayoutWish, progress_path: str) -> Operation:
    """Raises LayoutError."""
    writer = ProgressWriter(progress_path)
    return _plan(diagram, wish, writer.advance, writer.enter)
