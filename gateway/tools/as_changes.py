"""From an operation back to what an agent may send: the changes that apply_changes takes.

An update is written by what the element becomes, field by field, so it does not matter at which
depth the operation writes.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from ot.apply import apply
from ot.diagram import Diagram, Element, Json, json_equal
from ot.operation import Operation

#: One change as apply_changes takes it.
ChangeArguments: TypeAlias = dict[str, Any]

#: Fields that are merged key by key.
_MERGED = ("data", "style")


def changes_of(operation: Operation, before: Diagram) -> list[ChangeArguments]:
    """The changes that do to ``before`` what the operation does.

    Deleted edges come before deleted nodes, which would take them along. What a field holds that
    is null cannot be told from its absence.
    """
    after, _ = apply(before, operation)
    return [
        *_new_nodes(operation, before, after),
        *_changed_nodes(operation, before, after),
        *_edges(operation, before, after),
        *({"action": "delete_node", "node_id": i} for i in _gone(operation.nodes, after.nodes)),
    ]


def _new_nodes(operation: Operation, before: Diagram, after: Diagram) -> Iterator[ChangeArguments]:
    for identifier in operation.nodes:
        node = after.nodes.get(identifier)
        if node is not None and identifier not in before.nodes:
            yield {"action": "add_node", "node_data": _node_data(identifier, node)}


def _node_data(identifier: str, node: Element) -> Element:
    data = node.get("data")
    rest = dict(data) if isinstance(data, dict) else {}
    label = rest.pop("label", "")
    shown = {"id": identifier, "label": label, **node}
    return {**{k: v for k, v in shown.items() if k != "data"}, **({"data": rest} if rest else {})}


def _changed_nodes(
    operation: Operation, before: Diagram, after: Diagram
) -> Iterator[ChangeArguments]:
    for identifier in operation.nodes:
        old, new = before.nodes.get(identifier), after.nodes.get(identifier)
        if old is not None and new is not None:
            updates = _updates(old, new)
            if "label" in updates.get("data", {}):
                updates = {"label": updates["data"].pop("label"), **updates}
            yield {"action": "update_node", "node_id": identifier, "updates": _filled(updates)}


def _edges(operation: Operation, before: Diagram, after: Diagram) -> Iterator[ChangeArguments]:
    for identifier in _gone(operation.edges, after.edges):
        yield {"action": "delete_edge", "edge_id": identifier}
    for identifier in operation.edges:
        old, new = before.edges.get(identifier), after.edges.get(identifier)
        if new is None:
            continue
        if old is not None:
            updates = _updates(old, new)
            yield {"action": "update_edge", "edge_id": identifier, "updates": updates}
            continue
        ends = {"source_node_id": new["source"], "target_node_id": new["target"]}
        data = {k: v for k, v in new.items() if k not in ("source", "target")}
        yield {"action": "add_edge", **ends, "edge_data": {"id": identifier, **data}}


def _gone(changed: dict[str, Any], after: dict[str, Element]) -> list[str]:
    return [identifier for identifier in changed if identifier not in after]


def _updates(old: Element, new: Element) -> dict[str, Any]:
    updates = _differing(old, new)
    for key in _MERGED:
        was, value = old.get(key), updates.get(key)
        if isinstance(value, dict):
            updates[key] = _differing(was if isinstance(was, dict) else {}, value)
    return updates


def _differing(old: Element, new: Element) -> dict[str, Json]:
    """The keys that differ, with what they become; null where they go."""
    changed: dict[str, Json] = {
        key: value
        for key, value in new.items()
        if key not in old or not json_equal(old[key], value)
    }
    return changed | {key: None for key in old if key not in new}


def _filled(updates: dict[str, Any]) -> dict[str, Any]:
    """Without the objects that nothing is left of once the label stands by itself."""
    return {key: value for key, value in updates.items() if value != {}}
