"""invert(a): the operation that takes ``a`` back, from its log form alone."""

from msgspec import UNSET

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
from ot.text import invert_text


def invert(a: Operation) -> Operation:
    """``apply(apply(S, a), invert(a)) == S``. ``a`` is in log form, and so is the result.

    Raises ``not_invertible`` for a wire form where that shows. It cannot show for a value that was
    set: there, an unset ``was`` means that nothing stood there before.
    """
    properties: PropertiesChange | None = None
    if a.diagram is not None:
        change = _invert_change(a.diagram)
        assert change is None or isinstance(change, Update | Replace), "properties always exist"
        properties = change
    return Operation(properties, _invert_changes(a.nodes), _invert_changes(a.edges))


def _invert_changes(changes: Changes) -> Changes:
    out: Changes = {}
    for identifier, change in changes.items():
        inverse = _invert_change(change)
        if inverse is not None:
            out[identifier] = inverse
    return out


def _invert_change(change: Change) -> Change | None:
    match change:
        case Create():
            return Delete(was=change.element)
        case Delete():
            if change.was is UNSET:
                raise _lost("a deletion")
            return Create(change.was)
        case Replace():
            if change.was is UNSET:
                raise _lost("a replacement")
            return Replace(change.was, was=change.element)
        case Update():
            writes = _invert_writes(change.writes)
            return Update(writes) if writes else None
    raise AssertionError("every change has an inverse")


def _invert_writes(writes: Writes) -> Writes:
    out: Writes = {}
    for path, write in writes.items():
        inverse = _invert_write(write)
        if inverse is not None:
            out[path] = inverse
    return out


def _invert_write(write: Write) -> Write | None:
    match write:
        case Set(was=was):
            return Unset(was=write.value) if was is UNSET else Set(was, was=write.value)
        case Unset(was=was):
            return None if was is UNSET else Set(was)
        case Text():
            edit = invert_text(write.edit)
            return Text(edit) if edit else None
    raise AssertionError("every write has an inverse")


def _lost(what: str) -> OperationError:
    return OperationError("not_invertible", f"The log form of {what} names what it removed.")
