"""compose(a, b): one operation that does ``a`` and then ``b``."""

from ot.apply import write_element
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
from ot.text import apply_text, compose_text


def compose(a: Operation, b: Operation) -> Operation:
    """``b`` must be valid after ``a``. Takes either form; any ``was`` in the result says nothing.

    Raises ``not_consecutive`` where no diagram allows ``a`` and then ``b``.
    """
    return Operation(
        _compose_properties(a.diagram, b.diagram),
        _compose_changes(a.nodes, b.nodes),
        _compose_changes(a.edges, b.edges),
    )


def _compose_properties(
    a: PropertiesChange | None, b: PropertiesChange | None
) -> PropertiesChange | None:
    if a is None or b is None:
        return a if b is None else b
    change = compose_change(a, b)
    assert change is None or isinstance(change, Update | Replace), "properties always exist"
    return change


def _compose_changes(a: Changes, b: Changes) -> Changes:
    out = dict(a)
    for identifier, then in b.items():
        first = a.get(identifier)
        change = then if first is None else compose_change(first, then)
        if change is None:
            del out[identifier]
        else:
            out[identifier] = change
    return out


def compose_change(a: Change, b: Change) -> Change | None:
    """Both changes of one target as one; ``None`` where they cancel out."""
    match a, b:
        case Create(), Update():
            return Create(write_element(a.element, b.writes)[0])
        case Create(), Replace():
            return Create(b.element)
        case Create(), Delete():
            return None
        case Delete(), Create():
            return Replace(b.element)
        case Update() | Replace(), Replace():
            return Replace(b.element)
        case Update() | Replace(), Delete():
            return Delete()
        case Replace(), Update():
            return Replace(write_element(a.element, b.writes)[0])
        case Update(), Update():
            writes = _compose_writes(a.writes, b.writes)
            return Update(writes) if writes else None
        case (Create() | Update() | Replace(), Create()) | (
            Delete(),
            Delete() | Update() | Replace(),
        ):
            raise OperationError("not_consecutive", "The second change cannot follow the first.")
    raise AssertionError("every pair of changes has a rule")


def _compose_writes(a: Writes, b: Writes) -> Writes:
    out = dict(a)
    for path, then in b.items():
        above = _path_above(path, out)
        if above is not None:
            out[above] = _fold(out[above], above, path[len(above) :], then)
            continue
        for below in [other for other in out if other.startswith(path + "/")]:
            del out[below]
        write = _compose_write(out[path], then) if path in out else then
        if write is None:
            del out[path]
        else:
            out[path] = write
    return out


def _path_above(path: str, writes: Writes) -> str | None:
    cut = path.rfind("/")
    while cut > 0:
        if path[:cut] in writes:
            return path[:cut]
        cut = path.rfind("/", 0, cut)
    return None


def _fold(first: Write, at: str, below: str, then: Write) -> Write:
    """A deeper write goes into the value that an earlier one has set."""
    if not isinstance(first, Set) or not isinstance(first.value, dict):
        raise OperationError("not_consecutive", "Nothing stands below what was written here.")
    return Set(write_element(first.value, {below: then}, at)[0])


def _compose_write(a: Write, b: Write) -> Write | None:
    match a, b:
        case Text(), Text():
            edit = compose_text(a.edit, b.edit)
            return Text(edit) if edit else None
        case Set(), Text():
            if not isinstance(a.value, str):
                raise OperationError("not_consecutive", "A text edit needs text.")
            return Set(apply_text(a.value, b.edit))
        case Unset(), Text():
            raise OperationError("not_consecutive", "A text edit needs text.")
        case Set() | Unset() | Text(), Set():
            return Set(b.value)
        case Set() | Unset() | Text(), Unset():
            return Unset()
    raise AssertionError("every pair of writes has a rule")
