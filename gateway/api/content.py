"""The ``content`` of requests and answers, and the diagram it stands for."""

from typing import Any

from gateway.api.shapes import CreateDiagram, Format, UpdateDiagram
from gateway.errors import ServiceError
from gateway.exporting import export_content
from gateway.import_content import read_content
from gateway.react_flow import Report
from gateway.row_shape import RowShape, attach, detach
from gateway.templates import make_template
from ot.diagram import Diagram, Json
from persistence.catalogue import DiagramRecord


def new_diagram(body: CreateDiagram) -> tuple[Diagram, dict[str, Json], list[str]]:
    """The diagram to store, what is kept beside it, and what had to be mended in the content.

    Raises ServiceError or OperationError.
    """
    wanted_format = _format(body.format)
    if body.template is not None:
        if body.content is not None or wanted_format == "mermaid":
            message = "A template brings its own content; leave either out."
            raise ServiceError("invalid", message, "template")
        return make_template(body.template, body.title, body.description), {}, []
    shape, report = RowShape(), Report()
    if body.content is None:
        diagram = _empty(wanted_format)
    else:
        diagram = read_content(body.content, wanted_format, "content", shape, report)
        _check_format(diagram, wanted_format, "The content is of the other format.", "content")
    diagram.title, diagram.description = body.title, body.description
    return diagram, attach(RowShape(unplaced=shape.unplaced), {}), report.lines()


def changed_diagram(current: Diagram, body: UpdateDiagram) -> tuple[Diagram, list[str]]:
    """The diagram as ``body`` wants it, and what had to be mended in the content.

    Raises ServiceError or OperationError.
    """
    wanted, report = current.copy(), Report()
    if body.title is not None:
        wanted.title = body.title
    if body.description is None or isinstance(body.description, str):
        wanted.description = body.description
    if body.content is None:
        message = "Send the content that goes with the new format."
        _check_format(current, _format(body.format), message, "format")
    else:
        _put_content(wanted, body, report)
    return wanted, report.lines()


def _put_content(wanted: Diagram, body: UpdateDiagram, report: Report) -> None:
    expected = _format(body.format) or format_of(wanted)
    new = read_content(body.content, expected, "content", RowShape(), report)
    message = f"The content is not {expected}; name its format to turn the diagram into it."
    _check_format(new, expected, message, "content")
    was_mermaid = format_of(wanted) == "mermaid"
    if was_mermaid and isinstance(body.content, str) and expected == "mermaid":
        wanted.data = {**wanted.data, "text": new.data["text"]}
        return
    if was_mermaid or expected == "mermaid":
        wanted.kind = new.kind
    wanted.data, wanted.nodes, wanted.edges = new.data, new.nodes, new.edges


def shown_content(record: DiagramRecord, diagram: Diagram) -> dict[str, Any] | str:
    """The content for an answer: always whole, however the row was once imported."""
    shape, _ = detach(record.extra)
    content: dict[str, Any] | str = export_content(diagram, RowShape(unplaced=shape.unplaced))
    return content


def format_of(diagram: Diagram) -> Format:
    return "mermaid" if diagram.kind == "mermaid" else "reactflow"


def _format(written: str | None) -> str | None:
    return written and written.replace("_", "")


def _check_format(diagram: Diagram, expected: str | None, message: str, at: str) -> None:
    if expected is not None and format_of(diagram) != expected:
        raise ServiceError("invalid", message, at)


def _empty(wanted_format: str | None) -> Diagram:
    if wanted_format == "mermaid":
        return Diagram(kind="mermaid", data={"text": ""})
    return Diagram()
