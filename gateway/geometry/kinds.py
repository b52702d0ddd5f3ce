"""The node types: names, sizes and where the label stands, as the editor's table has them."""

from typing import Final, NamedTuple


class Inset(NamedTuple):
    """Parts of the width (left, right) and of the height that the label leaves free."""

    top: float
    right: float
    bottom: float
    left: float


class Kind(NamedTuple):
    """One node type; sizes in pixels, ``tone`` is the colour of what has none of its own."""

    label: str
    width: int
    height: int
    inset: Inset
    tone: str


#: Room between a label and the edge of its place, in pixels.
PADDING_X: Final = 8
PADDING_Y: Final = 6
#: Of labels of nodes, in pixels.
LINE_HEIGHT: Final = 20
FONT_SIZE: Final = 14
#: What the icon before a label takes of its line, in pixels.
ICON_WIDTH: Final = 22

UNKNOWN: Final = Kind("Unknown", 150, 50, Inset(0, 0, 0, 0), "plain")
KINDS: Final[dict[str, Kind]] = {
    "start": Kind("Start", 150, 50, Inset(0, 0.04, 0, 0.04), "green"),
    "end": Kind("End", 150, 50, Inset(0, 0.04, 0, 0.04), "red"),
    "process": Kind("Process", 150, 50, Inset(0, 0, 0, 0), "blue"),
    "decision": Kind("Decision", 150, 80, Inset(0.17, 0.16, 0.17, 0.16), "amber"),
    "predefined-process": Kind("Predefined process", 150, 50, Inset(0, 0.09, 0, 0.09), "blue"),
    "manual-operation": Kind("Manual operation", 150, 50, Inset(0, 0.12, 0, 0.12), "blue"),
    "delay": Kind("Delay", 150, 50, Inset(0, 0.14, 0, 0.02), "slate"),
    "connector": Kind("Connector", 44, 44, Inset(0.1, 0.06, 0.1, 0.06), "slate"),
    "off-page-connector": Kind("Off-page connector", 100, 70, Inset(0, 0.02, 0.28, 0.02), "slate"),
    "extract": Kind("Extract", 150, 80, Inset(0.42, 0.22, 0.02, 0.22), "slate"),
    "input": Kind("Input", 150, 50, Inset(0, 0.11, 0, 0.11), "violet"),
    "output": Kind("Output", 150, 50, Inset(0, 0.11, 0, 0.11), "violet"),
    "manual-input": Kind("Manual input", 150, 60, Inset(0.28, 0, 0, 0), "violet"),
    "document": Kind("Document", 150, 70, Inset(0, 0, 0.2, 0), "violet"),
    "multiple-documents": Kind("Documents", 150, 80, Inset(0.12, 0.08, 0.2, 0), "violet"),
    "note": Kind("Note", 150, 70, Inset(0, 0.04, 0, 0), "yellow"),
    "database": Kind("Database", 150, 80, Inset(0.26, 0, 0.08, 0), "teal"),
    "stored-data": Kind("Stored data", 150, 60, Inset(0, 0.12, 0, 0.08), "teal"),
    "internal-storage": Kind("Internal storage", 150, 70, Inset(0.18, 0, 0, 0.11), "teal"),
    "sequential-data": Kind("Sequential data", 100, 100, Inset(0.14, 0.04, 0.14, 0.04), "teal"),
    "server": Kind("Server", 150, 80, Inset(0.34, 0, 0, 0), "slate"),
    "router": Kind("Router", 150, 76, Inset(0.34, 0, 0.08, 0), "slate"),
    "api": Kind("API", 150, 54, Inset(0, 0.1, 0, 0.1), "slate"),
    "cloud": Kind("Cloud", 150, 90, Inset(0.24, 0.1, 0.06, 0.1), "blue"),
    "user": Kind("User", 120, 90, Inset(0.44, 0.02, 0, 0.02), "slate"),
    "rectangle": Kind("Rectangle", 150, 70, Inset(0, 0, 0, 0), "plain"),
    "default": Kind("Rounded box", 150, 50, Inset(0, 0, 0, 0), "plain"),
    "circle": Kind("Circle", 90, 90, Inset(0.14, 0.08, 0.14, 0.08), "plain"),
    "ellipse": Kind("Ellipse", 150, 70, Inset(0.12, 0.1, 0.12, 0.1), "plain"),
    "diamond": Kind("Diamond", 150, 80, Inset(0.17, 0.16, 0.17, 0.16), "plain"),
    "hexagon": Kind("Hexagon", 150, 70, Inset(0, 0.1, 0, 0.1), "plain"),
    "group": Kind("Group", 320, 220, Inset(0, 0, 0, 0), "plain"),
}


def kind_of(type_: str) -> Kind:
    """The type's row; for an unknown one a plain box."""
    return KINDS.get(type_, UNKNOWN)
