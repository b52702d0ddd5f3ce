"""Applying an operation: all of it at once, or nothing and an error that says why."""

from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from msgspec import UNSET

from ot.diagram import Diagram, Element, Json
from ot.errors import OperationError
from ot.operation import (
    Change,
    Changes,
    Create,
    Delete,
    Operation,
    PropertiesChange,
    Replace,
    Set,
    Text,
    Unset,
    Update,
    Write,
    Writes,
)
from ot.pointer import split
from ot.references import (
    REFERENCES,
    edge_references,
    has_reference_counts,
    node_references,
    reference_counts,
)
from ot.text import apply_text, check_text, log_text

#: What elements become, by id; ``None`` where they go.
Staged: TypeAlias = dict[str, Element | None]


def apply(S: Diagram, a: Operation) -> tuple[Diagram, Operation]:
    """The diagram after ``a``, and the log form of ``a``. ``S`` stays as it is.

    Raises OperationError where ``a`` is not valid on ``S``.
    """
    T = S.copy()
    return T, apply_in_place(T, a)


def apply_in_place(S: Diagram, a: Operation) -> Operation:
    """Changes ``S`` by ``a`` and returns the log form; on OperationError ``S`` is unchanged.

    Costs time by the size of ``a``, not of ``S``.
    """
    nodes, node_log = _stage(S.nodes, a.nodes, "nodes")
    edges, edge_log = _stage(S.edges, a.edges, "edges")
    properties, diagram_log = _stage_properties(S, a.diagram)
    _check_references(S, nodes, edges)
    _track_references(S, nodes, edges)
    _store(S.nodes, nodes)
    _store(S.edges, edges)
    if properties is not None:
        _store_properties(S, properties)
    return Operation(diagram=diagram_log, nodes=node_log, edges=edge_log)


def _store(elements: dict[str, Element], staged: Staged) -> None:
    for identifier, element in staged.items():
        if element is None:
            del elements[identifier]
        else:
            elements[identifier] = element


def _stage(elements: dict[str, Element], changes: Changes, at: str) -> tuple[Staged, Changes]:
    staged: Staged = {}
    log: Changes = {}
    for identifier, change in changes.items():
        old = elements.get(identifier)
        try:
            staged[identifier], log[identifier] = change_element(old, change)
        except OperationError as error:
            place = f"{at}/{identifier}{error.at}"
            raise OperationError(error.code, error.message, place) from None
    return staged, log


def change_element(old: Element | None, change: Change) -> tuple[Element | None, Change]:
    """What becomes of one element (``None``: it is not there), and the log form of the change."""
    if isinstance(change, Create):
        if old is not None:
            raise OperationError("already_exists", "The id is taken; choose another.")
        return change.element, change
    if old is None:
        raise OperationError("not_found", "There is no element with this id.")
    if isinstance(change, Update):
        return write_element(old, change.writes)
    if isinstance(change, Delete):
        return None, Delete(was=old)
    return change.element, Replace(change.element, was=old)


def write_element(old: Element, writes: Writes, base: str = "") -> tuple[Element, Update]:
    """The element after the writes, and the log form of the update.

    ``base`` is the path at which ``old`` itself stands, ``""`` for a whole element.
    """
    if not writes:
        raise OperationError("empty_update", "An update writes to at least one path.")
    if len(writes) > 1:
        check_prefix_free(writes)
    log: Writes = {}
    element = old
    for path, write in writes.items():
        element, log[path] = _write(element, path, write, base)
    return element, Update(log)


def check_prefix_free(writes: Writes) -> None:
    """Raises ``overlapping_paths`` where one write stands inside another."""
    for path in writes:
        cut = path.rfind("/")
        while cut > 0:
            if path[:cut] in writes:
                message = f"It also writes to '{path[:cut]}', which contains it."
                raise OperationError("overlapping_paths", message, path)
            cut = path.rfind("/", 0, cut)


def _write(element: Element, path: str, write: Write, base: str) -> tuple[Element, Write]:
    """A new element with one path written; only the maps on the way are copied."""
    keys = split(path)
    top = dict(element)
    at = top
    for key in keys[:-1]:
        inner = at.get(key)
        if not isinstance(inner, dict):
            message = f"'{key}' is not an object here; write it whole instead."
            raise OperationError("parent_not_an_object", message, path)
        inner = dict(inner)
        at[key] = inner
        at = inner
    return top, _write_key(at, keys[-1], write, base + path)


def _write_key(at: Element, key: str, write: Write, path: str) -> Write:
    was = at.get(key, UNSET)
    if isinstance(write, Set):
        at[key] = write.value
        return Set(write.value, was=was)
    if isinstance(write, Unset):
        at.pop(key, None)
        return Unset(was=was)
    if not isinstance(was, str) or path in REFERENCES:
        message = "A text edit needs text here, and no reference; set the value instead."
        raise OperationError("not_a_text", message, path)
    check_text(write.edit, len(was), path)
    at[key] = apply_text(was, write.edit)
    return Text(log_text(was, write.edit))


def _stage_properties(
    S: Diagram, change: PropertiesChange | None
) -> tuple[Element | None, PropertiesChange | None]:
    if change is None:
        return None, None
    try:
        old = S.properties()
        log: PropertiesChange
        if isinstance(change, Update):
            new, log = write_element(old, change.writes)
        else:
            new, log = change.element, Replace(change.element, was=old)
        check_properties(new)
    except OperationError as error:
        raise OperationError(error.code, error.message, f"diagram{error.at}") from None
    return new, log


def check_properties(properties: Element) -> None:
    """Raises ``invalid_properties`` unless these are title, description, kind and data."""
    if properties.keys() != {"title", "description", "kind", "data"}:
        message = "A diagram has exactly title, description, kind and data; extra goes into data."
        raise OperationError("invalid_properties", message)
    for key in ("title", "kind"):
        if not isinstance(properties[key], str):
            raise OperationError("invalid_properties", "It must be text.", f"/{key}")
    if not isinstance(properties["description"], str | None):
        raise OperationError("invalid_properties", "It must be text or null.", "/description")
    if not isinstance(properties["data"], dict):
        raise OperationError("invalid_properties", "It must be an object.", "/data")


def _store_properties(S: Diagram, properties: Element) -> None:
    S.title = properties["title"]
    S.description = properties["description"]
    S.kind = properties["kind"]
    S.data = properties["data"]


def _check_references(S: Diagram, nodes: Staged, edges: Staged) -> None:
    """The result must have no edge without its ends and no node without its parent."""

    def exists(node: Json) -> bool:
        if not isinstance(node, str):
            return False
        return nodes[node] is not None if node in nodes else node in S.nodes

    for identifier, edge in edges.items():
        if not all(map(exists, edge_references(edge))):
            message = "The edge's source and target must be ids of nodes of this diagram."
            raise OperationError("missing_endpoint", message, f"edges/{identifier}")
    for identifier, node in nodes.items():
        for parent in node_references(node):
            if not exists(parent):
                message = "The node's parentId must be the id of a node of this diagram."
                raise OperationError("missing_parent", message, f"nodes/{identifier}/parentId")


def _track_references(S: Diagram, nodes: Staged, edges: Staged) -> None:
    """Refuses to delete a node that is still pointed at; keeps the counts up to date."""
    deleted = [identifier for identifier, node in nodes.items() if node is None]
    if not deleted and not has_reference_counts(S):
        return
    counts = reference_counts(S)
    delta: Counter[Json] = Counter()
    _count(delta, S.edges, edges, edge_references)
    _count(delta, S.nodes, nodes, node_references)
    for identifier in deleted:
        if counts[identifier] + delta[identifier] > 0:
            message = (
                "Edges or child nodes still point at this node: delete its edges and unparent "
                "or delete its children in the same operation."
            )
            raise OperationError("still_referenced", message, f"nodes/{identifier}")
    for identifier, change in delta.items():
        if change:
            counts[identifier] += change
    for identifier in deleted:
        counts.pop(identifier, None)


def _count(
    delta: Counter[Json],
    elements: dict[str, Element],
    staged: Staged,
    references: Callable[[Element | None], tuple[Json, ...]],
) -> None:
    for identifier, element in staged.items():
        before, after = references(elements.get(identifier)), references(element)
        if before != after:
            delta.subtract(before)
            delta.update(after)
