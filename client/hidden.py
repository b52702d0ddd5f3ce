"""What others wrote and unacknowledged edits of mine hide.

I set a value from 0 to 1, and before that is durable somebody else sets it to 2: mine is the later
one and stands. Taking mine back must then show 2, not 0.
"""

from typing import TypeAlias

from ot.operation import Change, Changes, Operation, Set, Text, Update, Write, Writes
from ot.text import apply_text, length_of

#: Writes by target (``node``, ``edge``, ``diagram``), id and path.
Hidden: TypeAlias = dict[tuple[str, str, str], Write]


def hidden_in(b: Operation, shown: Operation) -> Hidden:
    """The writes of ``b`` that are not in ``shown``, which is ``b`` as it applies to what I see."""
    hidden: Hidden = {}
    for target, theirs, seen in (
        ("diagram", _properties(b), _properties(shown)),
        ("node", b.nodes, shown.nodes),
        ("edge", b.edges, shown.edges),
    ):
        for identifier, change in theirs.items():
            there = _writes(seen.get(identifier))
            for path, write in _writes(change).items():
                if path not in there:
                    hidden[target, identifier, path] = write
    return hidden


def _properties(a: Operation) -> Changes:
    return {} if a.diagram is None else {"": a.diagram}


def _writes(change: Change | None) -> Writes:
    return change.writes if isinstance(change, Update) else {}


def as_operation(hidden: Hidden) -> Operation:
    """The hidden writes as one operation of updates."""
    families: dict[str, dict[str, Writes]] = {"diagram": {}, "node": {}, "edge": {}}
    for (target, identifier, path), write in hidden.items():
        families[target].setdefault(identifier, {})[path] = write
    properties = families["diagram"].get("")
    return Operation(
        None if properties is None else Update(properties),
        {identifier: Update(writes) for identifier, writes in families["node"].items()},
        {identifier: Update(writes) for identifier, writes in families["edge"].items()},
    )


def reveal(inverse: Operation, hidden: Hidden) -> Operation:
    """The inverse, leading to what is hidden instead of what was there; that is taken out."""
    if not hidden:
        return inverse
    properties = inverse.diagram
    if isinstance(properties, Update):
        properties = _reveal_update(properties, "diagram", "", hidden)
    return Operation(
        properties,
        _reveal_changes(inverse.nodes, "node", hidden),
        _reveal_changes(inverse.edges, "edge", hidden),
    )


def _reveal_changes(changes: Changes, target: str, hidden: Hidden) -> Changes:
    return {
        identifier: _reveal_update(change, target, identifier, hidden)
        if isinstance(change, Update)
        else change
        for identifier, change in changes.items()
    }


def _reveal_update(change: Update, target: str, identifier: str, hidden: Hidden) -> Update:
    writes: Writes = {}
    for path, write in change.writes.items():
        theirs = hidden.pop((target, identifier, path), None)
        writes[path] = write if theirs is None else _merged(write, theirs)
    return Update(writes)


def _merged(write: Write, theirs: Write) -> Write:
    """What the inverse wrote, as the other has changed it."""
    if isinstance(write, Text):
        return write
    if not isinstance(theirs, Text):
        return theirs
    if not isinstance(write, Set) or not isinstance(write.value, str):
        return write
    used = sum(length_of(part) for part in theirs.edit if not isinstance(part, str))
    return Set(apply_text(write.value, theirs.edit)) if used <= len(write.value) else write
