"""What a new diagram starts with."""

from typing import Final, Literal, TypeAlias, get_args

from ot.diagram import Diagram, Element

TemplateName: TypeAlias = Literal["flowchart", "sequence", "mindmap", "blank"]
TEMPLATES: Final[tuple[TemplateName, ...]] = get_args(TemplateName)


def make_template(name: TemplateName, title: str, description: str | None = None) -> Diagram:
    """A new diagram of the kind ``name``."""
    nodes, edges = _CONTENT[name]()
    return Diagram(title=title, description=description, kind=name, nodes=nodes, edges=edges)


def _node(kind: str, label: str, x: int, y: int) -> Element:
    return {"type": kind, "position": {"x": x, "y": y}, "data": {"label": label}}


def _edge(source: str, target: str, label: str | None = None) -> Element:
    edge: Element = {"source": source, "target": target, "type": "smoothstep"}
    return edge if label is None else {**edge, "label": label}


_Content: TypeAlias = tuple[dict[str, Element], dict[str, Element]]


def _flowchart() -> _Content:
    nodes = {
        "start": _node("start", "Start", 250, 50),
        "step": _node("process", "Do something", 250, 170),
        "choice": _node("decision", "Done?", 250, 290),
        "end": _node("end", "End", 250, 430),
    }
    edges = {
        "start-step": _edge("start", "step"),
        "step-choice": _edge("step", "choice"),
        "choice-end": _edge("choice", "end", "Yes"),
        "choice-step": _edge("choice", "step", "No"),
    }
    return nodes, edges


def _sequence() -> _Content:
    nodes = {
        "user": _node("user", "User", 100, 50),
        "server": _node("server", "Server", 350, 50),
        "database": _node("database", "Database", 600, 50),
    }
    edges = {
        "user-server": _edge("user", "server", "1. Request"),
        "server-database": _edge("server", "database", "2. Query"),
        "server-user": _edge("server", "user", "3. Response"),
    }
    return nodes, edges


def _mindmap() -> _Content:
    nodes = {
        "topic": _node("ellipse", "Topic", 350, 250),
        "idea-1": _node("rectangle", "First idea", 100, 120),
        "idea-2": _node("rectangle", "Second idea", 600, 120),
        "idea-3": _node("rectangle", "Third idea", 350, 420),
    }
    # A branch points nowhere: null says so, where nothing would stand for an arrow at the target.
    branch: Element = {"source": "topic", "type": "default", "markerEnd": None}
    edges = {f"topic-{i}": {**branch, "target": i} for i in ("idea-1", "idea-2", "idea-3")}
    return nodes, edges


def _blank() -> _Content:
    return {}, {}


_CONTENT: Final = {
    "flowchart": _flowchart,
    "sequence": _sequence,
    "mindmap": _mindmap,
    "blank": _blank,
}
