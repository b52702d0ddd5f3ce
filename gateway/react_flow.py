"""React Flow's lists of nodes and edges, and our elements by id: there and back again.

React Flow keeps the id inside each node and edge; here it is the key of a map. What a stored
document can have wrong without being worthless (a repeated id, an edge to nowhere) is mended and
reported in plain words; anything else refuses the document whole.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NoReturn, TypeAlias

import msgspec

from actors.limits import MAX_ELEMENTS
from ot.diagram import RESERVED_ELEMENT_KEYS, Diagram, Element, Json
from ot.errors import OperationError
from ot.validate import MAX_ID_LENGTH, check_id, check_json

Elements: TypeAlias = dict[str, Element]

#: Vertical distance of nodes that came without a position, in React Flow's pixels.
DEFAULT_POSITION_STEP = 100
RUNTIME_KEYS = RESERVED_ELEMENT_KEYS - {"id"}
SIZE_KEYS = frozenset({"width", "height", "initialWidth", "initialHeight"})


class ImportRefused(OperationError):
    """An import refused whole. ``at`` is the place, for example ``content.nodes[3].position.x``."""


class Report:
    """What an import changed, in plain words. What happens often is said once, with a number."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._counts: Counter[str] = Counter()

    def add(self, line: str) -> None:
        self._lines.append(line)

    def count(self, line: str) -> int:
        """Adds to the count of the line and returns it."""
        self._counts[line] += 1
        return self._counts[line]

    def lines(self) -> list[str]:
        return self._lines + [f"{line} ({n} times)" for line, n in self._counts.items()]


def react_flow_to_elements(
    nodes: Json, edges: Json, at: str
) -> tuple[Elements, Elements, list[str]]:
    """The nodes and the edges by id, and a report of what had to be changed.

    ``at`` is the path of the object that holds both lists, ``""`` for a bare document.
    Raises ImportRefused.
    """
    report = Report()
    node_items = _objects(nodes, join(at, "nodes"))
    edge_items = _objects(edges, join(at, "edges"))
    if len(node_items) + len(edge_items) > MAX_ELEMENTS:
        message = f"A diagram has at most {MAX_ELEMENTS} nodes and edges; split it."
        refuse("too_many_elements", message, at)
    node_map = _read_nodes(node_items, join(at, "nodes"), report)
    _drop_missing_parents(node_map, report)
    _open_parent_cycles(node_map, report)
    edge_map = _read_edges(edge_items, join(at, "edges"), node_map, report)
    return node_map, edge_map, report.lines()


def elements_to_react_flow(diagram: Diagram) -> tuple[list[Element], list[Element]]:
    """React Flow's lists: the id first in each, parents before their children (React Flow needs
    that), else in the order they came in."""
    nodes = [{"id": i, **diagram.nodes[i]} for i in _parents_first(diagram.nodes)]
    edges = [{"id": i, **edge} for i, edge in diagram.edges.items()]
    return nodes, edges


def refuse(code: str, message: str, at: str) -> NoReturn:
    raise ImportRefused(code, message, at) from None


def join(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def check_value(value: Json, at: str) -> None:
    """Raises ImportRefused unless the value can be stored and read back unchanged."""
    try:
        check_json(value, "")
    except OperationError as error:
        place = at + _dotted(value, error.at)
        refuse(error.code, error.message, place.removeprefix("."))


def read_id(value: Json, at: str, report: Report) -> str:
    """An id as text; numbers become text, as they do in JavaScript."""
    identifier = value
    if isinstance(value, int | float) and not isinstance(value, bool):
        check_value(value, at)
        identifier = str(int(value) if value == int(value) else value)
        report.count("an id that was a number became text")
    if not isinstance(identifier, str):
        refuse("invalid_id", "An id is text.", at)
    check_value(identifier, at)
    try:
        check_id(identifier, at)
    except OperationError as error:
        refuse(error.code, error.message, at)
    return identifier


def _dotted(value: Json, pointer: str) -> str:
    """``/position/x``, as ot names places, in the form ``.position.x`` of this module."""
    if not pointer:
        return ""
    steps = range(len(value)) if isinstance(value, list) else value
    for step in steps:
        found = f"/{step}"
        if pointer == found or pointer.startswith(f"{found}/"):
            name = f"[{step}]" if isinstance(value, list) else f".{step}"
            return name + _dotted(value[step], pointer[len(found) :])
    return pointer.replace("/", ".")


def _objects(items: Json, at: str) -> list[Element]:
    if not isinstance(items, list):
        refuse("invalid_type", "A list belongs here.", at)
    for i, item in enumerate(items):
        if not isinstance(item, dict):
            refuse("invalid_type", "An element is an object.", f"{at}[{i}]")
    return items


class _FreshIds:
    """Ids derived from one that is taken; none of them collides with any id of the document."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._next: Counter[str] = Counter()

    def derive(self, base: str) -> str:
        while True:
            self._next[base] += 1
            suffix = f"-{self._next[base] + 1}"
            candidate = base[: MAX_ID_LENGTH - len(suffix)] + suffix
            if candidate not in self._taken:
                self._taken.add(candidate)
                return candidate


def _read_nodes(items: list[Element], at: str, report: Report) -> Elements:
    ids = [read_id(item.get("id"), f"{at}[{i}].id", report) for i, item in enumerate(items)]
    fresh = _FreshIds(set(ids))
    nodes: Elements = {}
    for i, (original, item) in enumerate(zip(ids, items, strict=True)):
        identifier = _unrepeated(original, nodes, fresh, "node", report)
        nodes[identifier] = _read_node(item, f"{at}[{i}]", report)
    return nodes


def _unrepeated(
    identifier: str, known: Elements, fresh: _FreshIds, what: str, report: Report
) -> str:
    if identifier not in known:
        return identifier
    renamed = fresh.derive(identifier)
    report.add(f"the {what} id '{identifier}' was repeated; the later one is now '{renamed}'")
    return renamed


def _read_node(item: Element, at: str, report: Report) -> Element:
    check_value(item, at)
    node = _without_runtime(item, "nodes", report)
    _keep_size_hint(node, item, report)
    _read_position(node, at, report)
    _read_parent(node, at, report)
    return node


def _without_runtime(item: Element, where: str, report: Report) -> Element:
    for key in sorted(RUNTIME_KEYS & item.keys()):
        report.count(f"the runtime field '{key}' was removed from {where}")
    return {key: value for key, value in item.items() if key not in RESERVED_ELEMENT_KEYS}


def _keep_size_hint(node: Element, item: Element, report: Report) -> None:
    """What was measured once is the size that React Flow lays out with until it measures again."""
    measured = item.get("measured")
    if not isinstance(measured, dict) or node.keys() & SIZE_KEYS:
        return
    for key, hint in (("width", "initialWidth"), ("height", "initialHeight")):
        if _is_number(measured.get(key)):
            node[hint] = measured[key]
            report.count(f"measured.{key} became the hint '{hint}'")


def _read_position(node: Element, at: str, report: Report) -> None:
    position = node.get("position")
    if position is None:
        nth = report.count("a node without a position was placed below the one before")
        node["position"] = {"x": 0, "y": DEFAULT_POSITION_STEP * (nth - 1)}
        return
    if not isinstance(position, dict):
        refuse("invalid_position", "A position is an object with x and y.", f"{at}.position")
    for axis in ("x", "y"):
        if not _is_number(position.get(axis)):
            refuse("invalid_position", "A coordinate is a number.", f"{at}.position.{axis}")


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_parent(node: Element, at: str, report: Report) -> None:
    if "parentNode" in node:
        old = node.pop("parentNode")
        if node.setdefault("parentId", old) == old:
            report.count("'parentNode' (React Flow 11) became 'parentId'")
        else:
            kept = node["parentId"]
            report.add(f"'parentNode' {old!r} was dropped beside 'parentId' {kept!r} (at {at})")
    if node.get("parentId") is not None:
        node["parentId"] = _read_reference(node["parentId"], f"{at}.parentId", report)


def _read_reference(value: Json, at: str, report: Report) -> str:
    """The id that an element points at. Empty text points at nothing, but is not malformed."""
    return "" if value == "" else read_id(value, at, report)


def _drop_missing_parents(nodes: Elements, report: Report) -> None:
    for identifier, node in nodes.items():
        parent = node.get("parentId")
        if parent is not None and parent not in nodes:
            del node["parentId"]
            report.add(f"the parent '{parent}' of node '{identifier}' is missing; it has none now")


def _open_parent_cycles(nodes: Elements, report: Report) -> None:
    rooted: set[str] = set()
    for identifier in nodes:
        path: dict[str, None] = {}
        at: str | None = identifier
        while at is not None and at not in rooted:
            path[at] = None
            parent = nodes[at].get("parentId")
            if parent in path:
                del nodes[at]["parentId"]
                report.add(f"node '{at}' was inside itself; it lost its parent '{parent}'")
                parent = None
            at = parent
        rooted.update(path)


def _read_edges(items: list[Element], at: str, nodes: Elements, report: Report) -> Elements:
    given = [item.get("id") for item in items]
    ids = [
        None if value is None else read_id(value, f"{at}[{i}].id", report)
        for i, value in enumerate(given)
    ]
    fresh = _FreshIds({identifier for identifier in ids if identifier is not None})
    edges: Elements = {}
    for i, (original, item) in enumerate(zip(ids, items, strict=True)):
        edge = _read_edge(item, f"{at}[{i}]", nodes, report)
        if edge is None:
            continue
        if original is None:
            identifier = fresh.derive(f"{edge['source']}-{edge['target']}")
            report.add(f"an edge without an id is now '{identifier}'")
        else:
            identifier = _unrepeated(original, edges, fresh, "edge", report)
        edges[identifier] = edge
    return edges


def _read_edge(item: Element, at: str, nodes: Elements, report: Report) -> Element | None:
    """The edge, or ``None`` for one that hangs in the air."""
    check_value(item, at)
    edge = _without_runtime(item, "edges", report)
    for end in ("source", "target"):
        node = edge.get(end)
        if node is not None:
            edge[end] = _read_reference(node, f"{at}.{end}", report)
        if edge.get(end) not in nodes:
            whole = msgspec.json.encode(item).decode()
            report.add(f"an edge was dropped, its {end} is missing: {whole}")
            return None
    return edge


def _parents_first(nodes: Elements) -> Iterator[str]:
    placed: set[str] = set()
    for identifier in nodes:
        ancestors: dict[str, None] = {}
        at: str | None = identifier
        while at in nodes and at not in placed and at not in ancestors:
            ancestors[at] = None
            at = nodes[at].get("parentId")
        yield from reversed(ancestors)
        placed.update(ancestors)
