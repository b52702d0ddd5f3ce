"""What an agent's call looks like to the people in the diagram: a few words, and where it is."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from gateway.geometry.fields import position_of
from gateway.geometry.sizes import least_size
from gateway.placed import LAYOUT_LABEL
from ot.apply import change_element
from ot.diagram import Diagram, Element, Json
from ot.errors import OperationError
from ot.operation import Change, Create, Delete, Operation, Update

PresenceState: TypeAlias = Mapping[str, Json]

#: Characters of a label inside the few words.
MAX_QUOTED_LENGTH: Final = 40
#: Bytes of the ids that are shown as touched; with them a presence message stays within its own.
MAX_SELECTION_BYTES: Final = 8 * 1024

LOOKING: Final = "Looking at the diagram"
CHECKING: Final = "Checking the diagram"
WRITING_MERMAID: Final = "Writing the diagram as Mermaid"


def doing(activity: str) -> PresenceState:
    """The state to show for what is about the diagram as a whole."""
    return {"activity": activity, "selection": {"nodes": [], "edges": []}}


READING: Final = doing("Reading the diagram")


def arranging(count: int) -> str:
    return f"Arranging {count} node{'' if count == 1 else 's'}"


def editing(operation: Operation, before: Diagram, label: str = "") -> PresenceState:
    """The state to show for an edit of ``before``; the cursor is amid the nodes it touches.

    ``label`` is what the edit is called in the journal.
    """
    after = _After(operation, before)
    nodes = _fitting(operation.nodes)
    edges = _fitting(operation.edges) if len(nodes) == len(operation.nodes) else []
    is_layout = label == LAYOUT_LABEL
    state: dict[str, Json] = {
        "activity": arranging(len(operation.nodes)) if is_layout else _activity(operation, after),
        "selection": {"nodes": nodes, "edges": edges},
    }
    cursor = _middle([after.centre(node) for node in nodes if after.node(node) is not None])
    return state if cursor is None else {**state, "cursor": cursor}


class _After:
    """The elements of an edit as it leaves them; what it deletes, as it was."""

    def __init__(self, operation: Operation, before: Diagram) -> None:
        self._operation = operation
        self._before = before
        self._corners: dict[str, tuple[float, float]] = {}

    def node(self, identifier: str) -> Element | None:
        change = self._operation.nodes.get(identifier)
        return _changed(self._before.nodes.get(identifier), change)

    def edge(self, identifier: str) -> Element | None:
        change = self._operation.edges.get(identifier)
        return _changed(self._before.edges.get(identifier), change)

    def centre(self, identifier: str) -> tuple[float, float]:
        """The middle of a node on the canvas; positions are relative to parents."""
        node = self.node(identifier) or {}
        x, y = self._corner(identifier)
        width, height = least_size(node)
        return x + width / 2, y + height / 2

    def _corner(self, identifier: str) -> tuple[float, float]:
        """Where a node begins on the canvas. Each parent is looked at once, however deep it is."""
        above: list[tuple[str, tuple[float, float]]] = []
        seen: set[str] = set()
        at: Json = identifier
        while isinstance(at, str) and at not in seen and at not in self._corners:
            seen.add(at)
            node = self.node(at) or {}
            above.append((at, position_of(node)))
            at = node.get("parentId")
        x, y = self._corners.get(at, (0.0, 0.0)) if isinstance(at, str) else (0.0, 0.0)
        for name, (left, top) in reversed(above):
            x, y = x + left, y + top
            self._corners[name] = (x, y)
        return x, y


def _changed(element: Element | None, change: Change | None) -> Element | None:
    if change is None or isinstance(change, Delete):
        return element
    try:
        return change_element(element, change)[0]
    except OperationError:
        # It will be refused; until then this is what it is about.
        return element


def _middle(points: list[tuple[float, float]]) -> dict[str, float] | None:
    """The middle of what the points span."""
    if not points:
        return None
    spans = {"x": [x for x, _ in points], "y": [y for _, y in points]}
    return {axis: (min(values) + max(values)) / 2 for axis, values in spans.items()}


def _fitting(ids: Iterable[str]) -> list[str]:
    """As many of the ids, from the first one on, as may be shown."""
    found, room = [], MAX_SELECTION_BYTES
    for identifier in ids:
        room -= len(identifier.encode()) + len('"",')
        if room < 0:
            break
        found.append(identifier)
    return found


def _activity(operation: Operation, after: _After) -> str:
    changes = [*operation.nodes.values(), *operation.edges.values()]
    if not changes:
        writes = operation.diagram.writes if isinstance(operation.diagram, Update) else {}
        return "Changing the title" if writes.keys() == {"/title"} else "Changing the diagram"
    verb = _verb({type(change) for change in changes})
    # With a node go its edges, and nobody counts those.
    names_one = len(changes) == 1 or (verb == "Deleting" and len(operation.nodes) == 1)
    if not names_one:
        return f"{verb} {len(changes)} elements"
    if operation.nodes:
        (identifier,) = operation.nodes
        return f"{verb} {_name(after.node(identifier), 'a node')}"
    (identifier,) = operation.edges
    return f"{verb} {_name(after.edge(identifier), 'an edge')}"


def _verb(kinds: set[type]) -> str:
    if kinds == {Create}:
        return "Adding"
    return "Deleting" if kinds == {Delete} else "Updating"


def _name(element: Element | None, unnamed: str) -> str:
    """The element's label in quotation marks, on one line and not too long."""
    data = (element or {}).get("data")
    label = (data if isinstance(data, dict) else {}).get("label") or (element or {}).get("label")
    text = " ".join(label.split()) if isinstance(label, str) else ""
    if len(text) > MAX_QUOTED_LENGTH:
        text = f"{text[: MAX_QUOTED_LENGTH - 1]}…"
    return f"“{text}”" if text else unnamed
