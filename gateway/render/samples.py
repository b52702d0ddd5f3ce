"""Pictures for the documentation: ``python -m gateway.render.samples OUT`` writes them to OUT."""

import sys
from pathlib import Path

from gateway.geometry.kinds import KINDS
from gateway.render.marks import marks_between
from gateway.render.options import Around, RenderOptions
from gateway.render.png import render_png
from ot.diagram import Diagram, Element, Json

_COLUMNS = 6
_COLUMN_WIDTH = 190
_ROW_HEIGHT = 130
#: Of types whose own name is longer than what stands in them.
_LABELS = {"connector": "A", "sequential-data": "Tape"}

_ACROSS = {"sourceHandle": "right", "targetHandle": "left"}


def node(kind: str, label: str, x: float, y: float, **more: Json) -> Element:
    data = {"label": label, **more.pop("data", {})}
    return {"type": kind, "position": {"x": x, "y": y}, "data": data, **more}


def edge(source: str, target: str, label: str = "", **more: Json) -> Element:
    own = {"label": label} if label else {}
    return {"source": source, "target": target, "type": "smoothstep", **own, **more}


def node_types() -> Diagram:
    """Every node type, and one that is not known."""
    nodes = {}
    for i, (name, kind) in enumerate([*KINDS.items(), ("hologram", None)]):
        column, row = i % _COLUMNS, i // _COLUMNS
        width, height = (kind.width, kind.height) if kind else (150, 50)
        if name == "group":
            width, height = 160, 90
        x = column * _COLUMN_WIDTH + (_COLUMN_WIDTH - width) / 2
        y = row * _ROW_HEIGHT + (_ROW_HEIGHT - height) / 2
        size = {"width": width, "height": height} if name == "group" else {}
        label = _LABELS.get(name) or (kind.label if kind else "Unknown type")
        nodes[name] = node(name, label, x, y, **size)
    return Diagram(title="Node types", nodes=nodes)


def edge_kinds() -> Diagram:
    """Every way an edge can be drawn."""
    looks: list[tuple[str, Element]] = [
        ("default", {"type": "default"}),
        ("smoothstep", {"type": "smoothstep"}),
        ("step", {"type": "step"}),
        ("straight", {"type": "straight"}),
        ("animated", {"type": "default", "animated": True}),
        ("open arrow", {"markerEnd": {"type": "arrow"}}),
        ("both ends", {"markerStart": {"type": "arrowclosed"}}),
        ("no arrow", {"markerEnd": None}),
        ("styled", {"style": {"stroke": "#b3362c", "strokeWidth": 3, "strokeDasharray": "8 4"}}),
        (
            "own arrow",
            {"markerEnd": {"type": "arrowclosed", "color": "#7a3fd0", "width": 30, "height": 30}},
        ),
        ("a label that is long enough to be broken into lines", {}),
        ("loop", {"target": "a11"}),
        ("circle", {"markerEnd": {"type": "circle"}}),
        ("cross", {"markerEnd": {"type": "cross"}}),
        ("circle and cross", {"markerStart": {"type": "circle"}, "markerEnd": {"type": "cross"}}),
    ]
    nodes, edges = {}, {}
    for i, (label, look) in enumerate(looks):
        x, y = i % 3 * 460.0, i // 3 * 130.0
        nodes[f"a{i}"] = node("process", "From", x, y, width=90)
        if "target" not in look:
            nodes[f"b{i}"] = node("process", "To", x + 300, y + 50, width=90)
        line = _ACROSS if "target" not in look else {}
        edges[f"e{i}"] = edge(f"a{i}", f"b{i}", label, **line) | look
    return Diagram(title="Edges", nodes=nodes, edges=edges)


def order_flow() -> Diagram:
    """A small process with groups, icons, colours of its own and several scripts."""
    nodes = {
        "shop": node("group", "Shop", 0, 40, width=400, height=420, data={"icon": "🛒"}),
        "back": node("group", "Back office", 460, 40, width=440, height=420),
        "start": node("start", "Order received", 115, 50, parentId="shop"),
        "check": node("decision", "In stock?", 115, 150, parentId="shop"),
        "sorry": node("document", "Tell the customer", 20, 300, parentId="shop"),
        "pay": node(
            "process", "Take payment", 220, 310, parentId="shop", data={"color": "#0b7a85"}
        ),
        "queue": node("database", "Orders", 40, 60, parentId="back"),
        "pack": node("manual-operation", "Pack 包装", 240, 75, parentId="back"),
        "mail": node("cloud", "Carrier API", 240, 200, parentId="back", data={"icon": "🚚"}),
        "done": node("end", "Delivered", 240, 340, parentId="back"),
        "note": node(
            "note",
            "Paid orders only. Unpaid ones are swept at night.",
            40,
            300,
            parentId="back",
            style={"backgroundColor": "#fff3bf", "borderColor": "#e0a800"},
        ),
    }
    edges = {
        "1": edge("start", "check"),
        "2": edge("check", "sorry", "No"),
        "3": edge("check", "pay", "Yes"),
        "4": edge("pay", "queue", "event", **_ACROSS, type="default", animated=True),
        "5": edge("queue", "pack"),
        "6": edge("pack", "mail"),
        "7": edge("mail", "done", "tracked"),
    }
    return Diagram(title="An order", nodes=nodes, edges=edges)


def changed_flow() -> tuple[Diagram, Diagram]:
    """The order before and after somebody worked on it."""
    before = order_flow()
    after = before.copy()
    for key in ("note",):
        del after.nodes[key]
    del after.edges["4"]
    after.nodes["pay"] = node("process", "Take payment by card", 220, 310, parentId="shop")
    after.nodes["risk"] = node("decision", "Risky?", 40, 180, parentId="back")
    after.edges["8"] = edge("pay", "risk", "check")
    after.edges["9"] = edge("risk", "queue", "fine")
    after.edges["7"] = edge("mail", "done", "signed for")
    return before, after


def text_diagram() -> Diagram:
    text = (
        "sequenceDiagram\n    participant U as User\n    participant S as Server\n"
        "    U->>S: POST /orders\n    S-->>U: 201 Created\n    Note over U,S: within a second\n"
    )
    return Diagram(title="Placing an order", kind="mermaid", data={"text": text})


def pictures() -> dict[str, bytes]:
    """Every picture of the documentation by its name."""
    before, after = changed_flow()
    marks = RenderOptions(marks=marks_between(before, after))
    dark = RenderOptions(theme="dark")
    order = order_flow()
    return {
        "node-types": render_png(node_types()),
        "node-types-dark": render_png(node_types(), dark),
        "edges": render_png(edge_kinds()),
        "groups": render_png(order),
        "groups-dark": render_png(order, dark),
        "around": render_png(order, RenderOptions(view=Around(nodes=("pay",)))),
        "marks": render_png(after, marks),
        "marks-dark": render_png(after, RenderOptions(theme="dark", marks=marks.marks)),
        "text": render_png(text_diagram()),
        "empty": render_png(Diagram()),
    }


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, png in pictures().items():
        (folder / f"{name}.png").write_bytes(png)


if __name__ == "__main__":
    main()
