"""transform(a, b, a_wins): what ``a`` becomes once ``b`` has happened.

Law (TP1): for ``a`` and ``b`` valid on ``S`` and ``w = a_wins``, both roads round the diamond meet,
and every step on them is valid::

            S
       a  /   \\  b
         /     \\
        .       .
         \\     /
  b'      \\   /   a' = transform(a, b, w)
            T        b' = transform(b, a, not w)

Every pair of changes has a written rule. ``docs/algebra.md`` uses the same letters.
"""

from collections.abc import Set as AbstractSet

from msgspec import UNSET

from ot.diagram import Element, Json
from ot.errors import OperationError
from ot.footprint import deleted_nodes
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
from ot.references import EDGE_REFERENCES, PARENT_REFERENCE
from ot.text import transform_text


def transform(a: Operation, b: Operation, a_wins: bool) -> Operation:
    """``a`` as it applies after ``b``, both valid on one diagram; any ``was`` says nothing.

    ``a_wins`` decides where both write one value; the policy must give the opposite answer for
    the other side. Raises ``not_concurrent`` where no diagram has both valid.
    """
    if not may_meet(a, b):
        return a
    nodes = _transform_changes(a.nodes, b.nodes, a_wins, "nodes")
    edges = _transform_changes(a.edges, b.edges, a_wins, "edges")
    gone = {*deleted_nodes(a), *deleted_nodes(b)}
    if gone:
        _close_edges(edges, a.edges, b.edges, a_wins, gone)
        _close_parents(nodes, a.nodes, b.nodes, a_wins, gone)
    return Operation(_transform_properties(a.diagram, b.diagram, a_wins), nodes, edges)


def may_meet(a: Operation, b: Operation) -> bool:
    """False where neither changes the other: no common target, and no node deleted by one side
    while the other side writes what could point at it."""
    return (
        not a.nodes.keys().isdisjoint(b.nodes)
        or not a.edges.keys().isdisjoint(b.edges)
        or (a.diagram is not None and b.diagram is not None)
        or any(deleted_nodes(a))
        or any(deleted_nodes(b))
    )


def _transform_properties(
    a: PropertiesChange | None, b: PropertiesChange | None, a_wins: bool
) -> PropertiesChange | None:
    if a is None or b is None:
        return a
    change = transform_change(a, b, a_wins)
    assert change is None or isinstance(change, Update | Replace), "properties always exist"
    return change


def _transform_changes(a: Changes, b: Changes, a_wins: bool, kind: str) -> Changes:
    out: Changes = {}
    for identifier, mine in a.items():
        theirs = b.get(identifier)
        if theirs is not None and isinstance(mine, Create) != isinstance(theirs, Create):
            raise _not_concurrent(mine, f"{kind}/{identifier}")
        change = mine if theirs is None else transform_change(mine, theirs, a_wins)
        if change is not None:
            out[identifier] = change
    return out


def transform_change(a: Change, b: Change, a_wins: bool) -> Change | None:
    """One change after another of the same target; ``None`` where nothing is left to do."""
    match a, b:
        case Delete(), Delete():
            return None
        case Delete(), Update() | Replace():
            return a
        case Update() | Replace(), Delete():
            return None
        case Create(), Create():
            return Replace(a.element) if a_wins else None
        case Replace(), Replace():
            return a if a_wins else None
        case Replace(), Update():
            return a
        case Update(), Replace():
            return None
        case Update(), Update():
            writes = _transform_writes(a.writes, b.writes, a_wins)
            return Update(writes) if writes else None
        case (Create(), Delete() | Update() | Replace()) | (
            Delete() | Update() | Replace(),
            Create(),
        ):
            raise _not_concurrent(a)
    raise AssertionError("every pair of changes has a rule")


def _not_concurrent(a: Change, at: str = "") -> OperationError:
    """One side needs the id free, the other needs it taken."""
    what = (
        "creates what was there already" if isinstance(a, Create) else "changes what was not there"
    )
    message = f"The edit {what}: read the diagram again and repeat it on what is there now."
    return OperationError("not_concurrent", message, at)


def _transform_writes(a: Writes, b: Writes, a_wins: bool) -> Writes:
    out: Writes = {}
    for path, mine in a.items():
        if written_above(path, b):
            continue
        theirs = b.get(path)
        write = mine if theirs is None else transform_write(mine, theirs, a_wins)
        if write is not None:
            out[path] = write
    return out


def written_above(path: str, writes: Writes) -> bool:
    """Whether the writes replace something that contains ``path``."""
    cut = path.rfind("/")
    while cut > 0:
        if path[:cut] in writes:
            return True
        cut = path.rfind("/", 0, cut)
    return False


def transform_write(a: Write, b: Write, a_wins: bool) -> Write | None:
    """One write after another at the same path."""
    match a, b:
        case Text(), Text():
            edit = transform_text(a.edit, b.edit, a_wins)
            return Text(edit) if edit else None
        case Text(), Set() | Unset():
            return None
        case Set() | Unset(), Text():
            return a
        case Set() | Unset(), Set() | Unset():
            return a if a_wins else None
    raise AssertionError("every pair of writes has a rule")


def merged_value(a: Change | None, b: Change | None, path: str, a_wins: bool) -> Json:
    """What ``a`` and ``b`` together write at a reference path; UNSET where neither does.

    Neither change is a deletion. A removed value counts as ``None``.
    """
    key = path[1:]
    a_whole, b_whole = _whole(a), _whole(b)
    if a_whole is not None and (b_whole is None or a_wins):
        return a_whole.get(key)
    if b_whole is not None:
        return b_whole.get(key)
    a_write, b_write = _write_at(a, path), _write_at(b, path)
    write = a_write if a_write is not None and (b_write is None or a_wins) else b_write
    if write is None:
        return UNSET
    return write.value if isinstance(write, Set) else None


def _whole(change: Change | None) -> Element | None:
    return change.element if isinstance(change, Create | Replace) else None


def _write_at(change: Change | None, path: str) -> Write | None:
    return change.writes.get(path) if isinstance(change, Update) else None


def _surviving(a: Changes, b: Changes) -> list[str]:
    """Targets written by either side and deleted by neither, in a fixed order."""
    return [
        identifier
        for identifier in (*a, *(other for other in b if other not in a))
        if not isinstance(a.get(identifier), Delete) and not isinstance(b.get(identifier), Delete)
    ]


def doomed_edges(a: Changes, b: Changes, a_wins: bool, gone: AbstractSet[str]) -> list[str]:
    """Edges written by either side that, merged, would end at a node in ``gone``."""
    return [
        identifier
        for identifier in _surviving(a, b)
        if any(
            _is_in(merged_value(a.get(identifier), b.get(identifier), path, a_wins), gone)
            for path in EDGE_REFERENCES
        )
    ]


def orphaned_nodes(a: Changes, b: Changes, a_wins: bool, gone: AbstractSet[str]) -> list[str]:
    """Nodes written by either side whose merged parent is in ``gone``."""
    return [
        identifier
        for identifier in _surviving(a, b)
        if _is_in(
            merged_value(a.get(identifier), b.get(identifier), PARENT_REFERENCE, a_wins), gone
        )
    ]


def _is_in(value: Json, nodes: AbstractSet[str]) -> bool:
    return isinstance(value, str) and value in nodes


def _close_edges(
    out: Changes, a: Changes, b: Changes, a_wins: bool, gone: AbstractSet[str]
) -> None:
    """An edge that would end at a deleted node goes with it."""
    for identifier in doomed_edges(a, b, a_wins, gone):
        exists_after_b = identifier in b or not isinstance(a[identifier], Create)
        if exists_after_b:
            out[identifier] = Delete()
        else:
            del out[identifier]


def _close_parents(
    out: Changes, a: Changes, b: Changes, a_wins: bool, gone: AbstractSet[str]
) -> None:
    """A node whose parent is deleted becomes a root."""
    for identifier in orphaned_nodes(a, b, a_wins, gone):
        out[identifier] = _without_parent(out.get(identifier))


def _without_parent(change: Change | None) -> Change:
    match change:
        case Create():
            return Create(_rootless(change.element))
        case Replace():
            return Replace(_rootless(change.element))
        case Update():
            return Update({**change.writes, PARENT_REFERENCE: Unset()})
        case _:
            return Update({PARENT_REFERENCE: Unset()})


def _rootless(element: Element) -> Element:
    return {key: value for key, value in element.items() if key != PARENT_REFERENCE[1:]}
