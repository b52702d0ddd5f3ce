"""What gets lost when two operations meet. Told to people; it never blocks an edit.

The values say what a merge keeps and what it drops, so that the loser can be shown it, and can
have it back.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from ot.diagram import Element, Json, json_equal
from ot.footprint import deleted_nodes
from ot.operation import Change, Changes, Create, Delete, Operation, Replace, Set, Text, Update
from ot.pointer import is_below, split
from ot.references import EDGE_REFERENCES, PARENT_REFERENCE
from ot.transform import doomed_edges, orphaned_nodes, written_above

ConflictKind: TypeAlias = Literal[
    "simultaneous_edit",
    "position_conflict",
    "delete_while_editing",
    "connection_conflict",
    "id_collision",
]
TargetKind: TypeAlias = Literal["node", "edge", "diagram"]
Side: TypeAlias = Literal["a", "b"]


class Lost(msgspec.Struct, frozen=True):
    """One value that ``loser`` wrote and that the merge drops.

    ``kept`` is unset where the element or value is gone; ``dropped`` is unset where what was lost
    is a deletion. ``path`` is ``""`` where the whole element is meant.
    """

    kind: ConflictKind
    target: TargetKind
    id: str
    path: str
    loser: Side
    kept: Json | UnsetType = UNSET
    dropped: Json | UnsetType = UNSET


_Clash: TypeAlias = Iterator[Lost]


def find_lost(a: Operation, b: Operation, a_wins: bool) -> list[Lost]:
    """Everything that transforming ``a`` and ``b`` over each other drops, in a fixed order."""
    out: list[Lost] = []
    if a.diagram is not None and b.diagram is not None:
        out += _clash("diagram", "", a.diagram, b.diagram, a_wins)
    for target, mine, theirs in _families(a, b):
        for identifier, change in mine.items():
            if identifier in theirs:
                out += _clash(target, identifier, change, theirs[identifier], a_wins)
    gone = {*deleted_nodes(a), *deleted_nodes(b)}
    if gone:
        out += _lost_edges(a.edges, b.edges, a_wins, gone)
        out += _lost_parents(a.nodes, b.nodes, a_wins, gone)
    return out


def _families(a: Operation, b: Operation) -> tuple[tuple[TargetKind, Changes, Changes], ...]:
    return (("node", a.nodes, b.nodes), ("edge", a.edges, b.edges))


def _clash(target: TargetKind, identifier: str, a: Change, b: Change, a_wins: bool) -> _Clash:
    """What is lost of two changes of one target."""
    match a, b:
        case Delete(), Update() | Replace():
            yield _deleted(target, identifier, b, "b")
        case Update() | Replace(), Delete():
            yield _deleted(target, identifier, a, "a")
        case Create(), Create():
            yield from _clash_whole(target, identifier, a, b, a_wins)
        case Replace(), Replace():
            yield from _clash_whole(target, identifier, a, b, a_wins)
        case Replace(), Update():
            yield from _overridden(target, identifier, a.element, b, "b")
        case Update(), Replace():
            yield from _overridden(target, identifier, b.element, a, "a")
        case Update(), Update():
            yield from _clash_writes(target, identifier, a, b, a_wins)


def _clash_whole(
    target: TargetKind,
    identifier: str,
    a: Create | Replace,
    b: Create | Replace,
    a_wins: bool,
) -> _Clash:
    if not json_equal(a.element, b.element):
        kept, dropped = (a.element, b.element) if a_wins else (b.element, a.element)
        kind: ConflictKind = "id_collision" if isinstance(a, Create) else "simultaneous_edit"
        loser: Side = "b" if a_wins else "a"
        yield Lost(kind, target, identifier, "", loser, kept, dropped)


def _clash_writes(
    target: TargetKind, identifier: str, a: Update, b: Update, a_wins: bool
) -> _Clash:
    for path, mine in a.writes.items():
        theirs = b.writes.get(path)
        if theirs is not None:
            lost = _clash_write(mine, theirs, a_wins)
            if lost is not None:
                loser, kept, dropped = lost
                yield Lost(_kind_of(target, path), target, identifier, path, loser, kept, dropped)
        elif written_above(path, b.writes):
            yield from _written_over((target, identifier, path), a, b, "a")
    for path in b.writes:
        if path not in a.writes and written_above(path, a.writes):
            yield from _written_over((target, identifier, path), b, a, "b")


def _clash_write(
    a: Set | Text | object, b: Set | Text | object, a_wins: bool
) -> tuple[Side, Json | UnsetType, Json | UnsetType] | None:
    """Loser, value kept and value dropped of two writes at one path; None where nothing is lost."""
    if isinstance(a, Text) and isinstance(b, Text):
        return None
    a_stays = not isinstance(a, Text) and (isinstance(b, Text) or a_wins)
    kept, dropped = (_value(a), _value(b)) if a_stays else (_value(b), _value(a))
    if not isinstance(a, Text) and not isinstance(b, Text) and _is_same(kept, dropped):
        return None
    return ("b" if a_stays else "a"), kept, dropped


def _is_same(x: Json | UnsetType, y: Json | UnsetType) -> bool:
    if x is UNSET or y is UNSET:
        return x is y
    return json_equal(x, y)


def _value(write: object) -> Json | UnsetType:
    """What a write puts there; of a text edit, what it inserts."""
    if isinstance(write, Set):
        return write.value
    if isinstance(write, Text):
        return "".join(part for part in write.edit if isinstance(part, str))
    return UNSET


def _kind_of(target: TargetKind, path: str) -> ConflictKind:
    if target == "node" and (path == "/position" or path.startswith("/position/")):
        return "position_conflict"
    if target == "edge" and path in EDGE_REFERENCES:
        return "connection_conflict"
    return "simultaneous_edit"


def _content(change: Change) -> Json:
    """What a change wanted: the element, or the values by path."""
    if isinstance(change, Update):
        values = {path: _value(write) for path, write in change.writes.items()}
        return {path: None if value is UNSET else value for path, value in values.items()}
    return change.element if isinstance(change, Create | Replace) else None


def _deleted(target: TargetKind, identifier: str, change: Change, loser: Side) -> Lost:
    kind: ConflictKind = "delete_while_editing"
    return Lost(kind, target, identifier, "", loser, UNSET, _content(change))


def _overridden(
    target: TargetKind, identifier: str, kept: Element, change: Update, loser: Side
) -> _Clash:
    """An update that a replacement of the whole element swallows, if it shows."""
    for path, write in change.writes.items():
        if isinstance(write, Text) or not _is_same(value_at(kept, path), _value(write)):
            yield Lost("simultaneous_edit", target, identifier, "", loser, kept, _content(change))
            return


def _written_over(
    place: tuple[TargetKind, str, str], under: Update, over: Update, loser: Side
) -> _Clash:
    """A write that one to something around it swallows, if it shows."""
    target, identifier, path = place
    write, kept = under.writes[path], _value_around(path, over)
    if isinstance(write, Text) or not _is_same(kept, _value(write)):
        kind = _kind_of(target, path)
        yield Lost(kind, target, identifier, path, loser, kept, _value(write))


def _value_around(path: str, over: Update) -> Json | UnsetType:
    """What stands at ``path`` once something around it was written."""
    for above, write in over.writes.items():
        if is_below(path, above):
            value = _value(write)
            return value_at(value, path[len(above) :]) if isinstance(value, dict) else UNSET
    return UNSET


def value_at(element: Json, path: str) -> Json | UnsetType:
    """What stands at a path; unset where nothing does."""
    at = element
    for key in split(path):
        if not isinstance(at, dict) or key not in at:
            return UNSET
        at = at[key]
    return at


def _lost_edges(a: Changes, b: Changes, a_wins: bool, gone: set[str]) -> _Clash:
    """Edges that go because a node went: lost for every side that wrote to them."""
    for identifier in doomed_edges(a, b, a_wins, gone):
        sides: tuple[tuple[Side, Changes], ...] = (("a", a), ("b", b))
        for loser, changes in sides:
            if identifier in changes:
                content = _content(changes[identifier])
                yield Lost("connection_conflict", "edge", identifier, "", loser, UNSET, content)


def _lost_parents(a: Changes, b: Changes, a_wins: bool, gone: set[str]) -> _Clash:
    """Nodes that become roots because their parent went: lost for who put them there."""
    for identifier in orphaned_nodes(a, b, a_wins, gone):
        sides: tuple[tuple[Side, Change | None], ...] = (
            ("a", a.get(identifier)),
            ("b", b.get(identifier)),
        )
        for loser, change in sides:
            parent = _parent_in(change)
            if isinstance(parent, str) and parent in gone:
                kind: ConflictKind = "delete_while_editing"
                yield Lost(kind, "node", identifier, PARENT_REFERENCE, loser, UNSET, parent)


def _parent_in(change: Change | None) -> Json:
    if isinstance(change, Create | Replace):
        return change.element.get("parentId")
    write = change.writes.get(PARENT_REFERENCE) if isinstance(change, Update) else None
    return write.value if isinstance(write, Set) else None
