"""Making one operation by changing a draft of the diagram."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from ot.diagram import Diagram, Element, Json
from ot.diff import diff_element
from ot.errors import OperationError
from ot.operation import Change, Changes, Create, Delete, Operation, Update

#: Random bytes of an id that is made here.
_ID_BYTES = 8
#: Between a node that is given no place and what is lowest.
_ROW = 120


class Draft:
    """A copy of the diagram that only its holder sees; ``operation`` is the difference.

    What a method does not name is not written, so what others do to it meanwhile stays. All raise
    OperationError where an element is not there.
    """

    def __init__(self, diagram: Diagram) -> None:
        self._before = diagram
        self.diagram = diagram.copy()
        self._nodes: dict[str, None] = {}
        self._edges: dict[str, None] = {}

    def operation(self) -> Operation:
        """Valid on the diagram that the draft was made of."""
        writes = diff_element(self._before.properties(), self.diagram.properties())
        return Operation(
            Update(writes) if writes else None,
            _changes(self._nodes, self._before.nodes, self.diagram.nodes),
            _changes(self._edges, self._before.edges, self.diagram.edges),
        )

    def add_node(
        self,
        label: str = "",
        *,
        id: str | None = None,
        type: str = "process",
        position: tuple[float, float] | None = None,
        parent: str | None = None,
        data: Mapping[str, Json] | None = None,
        **fields: Json,
    ) -> str:
        """A new node's id. Without a position it comes below everything else, or inside at 0, 0.

        ``fields`` are any further fields of a React Flow node.
        """
        identifier = id or _new_id("node")
        if identifier in self.diagram.nodes:
            raise OperationError("already_exists", "The id is taken; choose another.", "id")
        x, y = position or ((0, self._bottom()) if parent is None else (0, 0))
        element: Element = {"type": type, "position": {"x": x, "y": y}, **fields}
        element["data"] = {**(data or {}), "label": label}
        if parent is not None:
            self._node(parent)
            element["parentId"] = parent
        self._put_node(identifier, element)
        return identifier

    def update_node(
        self,
        id: str,
        *,
        label: str | None = None,
        data: Mapping[str, Json] | None = None,
        **fields: Json,
    ) -> None:
        """Writes what is named: ``data`` key by key, ``fields`` whole; None removes a field."""
        self._put_node(id, _updated(self._node(id), label, "data", data, fields))

    def move_node(self, id: str, x: float, y: float) -> None:
        """In flow coordinates; inside a parent relative to it."""
        self._put_node(id, self._node(id) | {"position": {"x": x, "y": y}})

    def delete_node(self, id: str) -> None:
        self.delete_nodes([id])

    def delete_nodes(self, ids: Iterable[str]) -> None:
        """Their edges go too; children that stay keep their place, without a parent."""
        gone = set(ids)
        for identifier in gone:
            self._node(identifier)
        for key, edge in list(self.diagram.edges.items()):
            if edge.get("source") in gone or edge.get("target") in gone:
                self.delete_edge(key)
        for key, node in list(self.diagram.nodes.items()):
            if key not in gone and node.get("parentId") in gone:
                self._put_node(key, self._orphan(node, gone))
        for identifier in gone:
            self._nodes[identifier] = None
            del self.diagram.nodes[identifier]

    def add_edge(
        self,
        source: str,
        target: str,
        label: str | None = None,
        *,
        id: str | None = None,
        type: str = "smoothstep",
        **fields: Json,
    ) -> str:
        """A new edge's id."""
        self._node(source)
        self._node(target)
        identifier = id or _new_id("edge")
        if identifier in self.diagram.edges:
            raise OperationError("already_exists", "The id is taken; choose another.", "id")
        element = {"source": source, "target": target, "type": type, **fields}
        if label is not None:
            element["label"] = label
        self._put_edge(identifier, element)
        return identifier

    def update_edge(
        self,
        id: str,
        *,
        label: str | None = None,
        data: Mapping[str, Json] | None = None,
        **fields: Json,
    ) -> None:
        """As ``update_node``. The label of an edge is a field of its own."""
        self._put_edge(id, _updated(self._edge(id), label, None, data, fields))

    def delete_edge(self, id: str) -> None:
        self._edge(id)
        self._edges[id] = None
        del self.diagram.edges[id]

    def update_diagram(self, *, title: str | None = None, description: str | None = None) -> None:
        """What is None stays as it is."""
        if title is not None:
            self.diagram.title = title
        if description is not None:
            self.diagram.description = description

    def _node(self, identifier: str) -> Element:
        return _there(self.diagram.nodes, identifier, f"nodes/{identifier}")

    def _edge(self, identifier: str) -> Element:
        return _there(self.diagram.edges, identifier, f"edges/{identifier}")

    def _put_node(self, identifier: str, element: Element) -> None:
        self._nodes[identifier] = None
        self.diagram.nodes[identifier] = element

    def _put_edge(self, identifier: str, element: Element) -> None:
        self._edges[identifier] = None
        self.diagram.edges[identifier] = element

    def _bottom(self) -> float:
        roots = [node for node in self.diagram.nodes.values() if not node.get("parentId")]
        return max((_point(node)[1] + _ROW for node in roots), default=0)

    def _orphan(self, node: Element, gone: set[str]) -> Element:
        """A child moves up to the nearest ancestor that stays, and keeps its place."""
        (x, y), parent = _point(node), node.get("parentId")
        # Each step leaves one deleted ancestor behind, so a cycle ends too.
        for _ in gone:
            if parent not in gone:
                break
            above = self.diagram.nodes[parent]
            x, y = x + _point(above)[0], y + _point(above)[1]
            parent = above.get("parentId")
        out = {key: value for key, value in node.items() if key != "parentId"}
        out["position"] = {"x": x, "y": y}
        if isinstance(parent, str) and parent not in gone:
            return out | {"parentId": parent}
        if out.get("extent") == "parent":
            del out["extent"]
        return out


def _new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(_ID_BYTES)}"


def _changes(
    touched: Iterable[str], before: Mapping[str, Element], after: Mapping[str, Element]
) -> Changes:
    found = {key: _change(before.get(key), after.get(key)) for key in touched}
    return {key: change for key, change in found.items() if change is not None}


def _change(before: Element | None, after: Element | None) -> Change | None:
    if after is None:
        return None if before is None else Delete()
    if before is None:
        return Create(after)
    writes = diff_element(before, after)
    return Update(writes) if writes else None


def _there(elements: Mapping[str, Element], identifier: str, at: str) -> Element:
    if identifier not in elements:
        raise OperationError("not_found", "There is no element with this id.", at)
    return elements[identifier]


def _updated(
    element: Element,
    label: str | None,
    label_in: str | None,
    data: Mapping[str, Json] | None,
    fields: Mapping[str, Json],
) -> Element:
    """``label_in``: the field that holds the label; None where the element itself does."""
    out: dict[str, Any] = _merged(element, fields)
    inner = dict(data or {})
    if label is not None:
        (inner if label_in else out)["label"] = label
    if inner:
        old = element.get("data")
        out["data"] = _merged(old if isinstance(old, dict) else {}, inner)
    return out


def _merged(old: Element, new: Mapping[str, Json]) -> Element:
    both = {**old, **new}
    return {key: value for key, value in both.items() if not (key in new and value is None)}


def _point(node: Element) -> tuple[float, float]:
    position = node.get("position")
    read = position.get if isinstance(position, dict) else {}.get
    x, y = (value if isinstance(value := read(key), int | float) else 0 for key in ("x", "y"))
    return x, y
