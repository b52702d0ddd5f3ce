"""Single nodes and edges, as React Flow stores them, made and updated from tool arguments.

Elements are never changed in place.
"""

import math
from collections.abc import Mapping
from typing import Any

from gateway.tools.arguments import EdgeData, EdgeUpdates, NodeData, NodeUpdates
from ot.diagram import Element, Json
from ot.errors import OperationError
from ot.validate import check_element


def new_node(data: NodeData, at: str) -> Element:
    """The element of a new node, without its id."""
    element: Element = {
        "type": data.type,
        "position": data.position.model_dump(),
        "data": {**(data.data or {}), "label": data.label},
        **_given(data.style, "style"),
        **_given(data.parentId, "parentId"),
        **(data.model_extra or {}),
    }
    check_element(element, at)
    return element


def new_edge(source: str, target: str, data: EdgeData, at: str) -> Element:
    """The element of a new edge, without its id. What was not given is not stored."""
    element: Element = {"source": source, "target": target}
    for key in ("type", "label", "style", "data"):
        element |= _given(getattr(data, key), key)
    if "animated" in data.model_fields_set:
        element["animated"] = data.animated
    rest = data.model_extra or {}
    element |= {key: value for key, value in rest.items() if key not in ("source", "target")}
    check_element(element, at)
    return element


def _given(value: Json, key: str) -> Element:
    return {} if value is None else {key: value}


def updated_node(node: Element, updates: NodeUpdates, at: str) -> Element:
    """The node with the named fields written; null removes a field."""
    values = _named(updates, at)
    _refuse_null(values, ("position",), at)
    label = {"label": values.pop("label")} if "label" in values else {}
    if label:
        data = values.get("data", {})
        values["data"] = {**(data if isinstance(data, dict) else {}), **label}
    return _updated(node, values, at)


def updated_edge(edge: Element, updates: EdgeUpdates, at: str) -> Element:
    """The edge with the named fields written; null removes a field."""
    values = _named(updates, at)
    _refuse_null(values, ("source", "target"), at)
    return _updated(edge, values, at)


def _named(updates: NodeUpdates | EdgeUpdates, at: str) -> dict[str, Any]:
    """The fields that the caller named, unknown ones included, as plain values."""
    values = updates.model_dump(exclude_unset=True)
    if not values:
        raise OperationError("nothing_to_update", "Name at least one field to change.", at)
    return values


def _refuse_null(values: Mapping[str, Any], keys: tuple[str, ...], at: str) -> None:
    for key in keys:
        if key in values and values[key] is None:
            message = f"'{key}' is required and cannot be removed; give a value."
            raise OperationError("required", message, f"{at}/{key}")


def _updated(element: Element, values: Mapping[str, Any], at: str) -> Element:
    out = dict(element)
    for key, value in values.items():
        if key in {"data", "style"} and value is not None:
            out[key] = _merged(out.get(key), value)
        elif value is None:
            out.pop(key, None)
        else:
            out[key] = value
    check_element(out, at)
    return out


def _merged(old: Json, new: Mapping[str, Json]) -> Element:
    """Key by key; null removes a key."""
    out = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = value
    return out


def as_root(child: Element, origin: tuple[float, float]) -> Element:
    """The child without its parent, drawn where it was: positions are relative to parents."""
    out = {key: value for key, value in child.items() if key != "parentId"}
    if out.get("extent") == "parent":
        del out["extent"]
    if origin != (0, 0):
        x, y = position_of(child)
        out["position"] = {"x": origin[0] + x, "y": origin[1] + y}
    return out


def position_of(node: Element) -> tuple[float, float]:
    """The node's position; what is missing or no finite number counts as 0."""
    position = node.get("position")
    if not isinstance(position, dict):
        return 0, 0
    return _finite(position.get("x")), _finite(position.get("y"))


def _finite(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return value if math.isfinite(value) else 0
