"""The wire form of an operation: the log form without what it replaced."""

from msgspec import UNSET

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
    TextDelete,
    TextEdit,
    Unset,
    Update,
    Write,
)


def wire_form(a: Operation) -> Operation:
    """The same operation with every ``was`` left out and deletions of text as lengths."""
    properties: PropertiesChange | None = None
    if a.diagram is not None:
        change = _wire_change(a.diagram)
        assert isinstance(change, Update | Replace), "the kind of change stays"
        properties = change
    return Operation(properties, _wire_changes(a.nodes), _wire_changes(a.edges))


def _wire_changes(changes: Changes) -> Changes:
    return {identifier: _wire_change(change) for identifier, change in changes.items()}


def _wire_change(change: Change) -> Change:
    match change:
        case Create():
            return change
        case Delete():
            return change if change.was is UNSET else Delete()
        case Replace():
            return change if change.was is UNSET else Replace(change.element)
        case Update():
            return Update({path: _wire_write(write) for path, write in change.writes.items()})
    raise AssertionError("every change has a wire form")


def _wire_write(write: Write) -> Write:
    match write:
        case Set():
            return write if write.was is UNSET else Set(write.value)
        case Unset():
            return write if write.was is UNSET else Unset()
        case Text():
            return Text(_wire_text(write.edit))
    raise AssertionError("every write has a wire form")


def _wire_text(edit: TextEdit) -> TextEdit:
    return [
        TextDelete(len(part.d))
        if isinstance(part, TextDelete) and isinstance(part.d, str)
        else part
        for part in edit
    ]
