"""What applying an operation means, written down a second time: slow, obvious, alone.

Everything is copied, every rule is checked over the whole result. Used to hold ``ot.apply`` to
something other than itself.
"""

from copy import deepcopy

from msgspec import UNSET

from ot.diagram import Diagram, Element, Json
from ot.operation import (
    Change,
    Changes,
    Create,
    Delete,
    Operation,
    Replace,
    Set,
    Text,
    TextDelete,
    TextEdit,
    Unset,
    Update,
    Writes,
)

_REFERENCE_PATHS = ("/source", "/target", "/parentId")


class Invalid(Exception):
    """The operation is not valid on the diagram; the sentence says by which rule."""


def model_apply(S: Diagram, a: Operation) -> Diagram:
    """The diagram after ``a``. Raises Invalid."""
    T = Diagram(**deepcopy(S.properties()))
    if a.diagram is not None:
        properties = _after(S.properties(), a.diagram)
        assert properties is not None
        _check_properties(properties)
        T = Diagram(**properties)
    T.nodes = _after_all(S.nodes, a.nodes)
    T.edges = _after_all(S.edges, a.edges)
    check_references(T)
    return T


def _after_all(elements: dict[str, Element], changes: Changes) -> dict[str, Element]:
    out = deepcopy(elements)
    for identifier, change in changes.items():
        element = _after(elements.get(identifier), change)
        if element is None:
            del out[identifier]
        else:
            out[identifier] = element
    return out


def _after(old: Element | None, change: Change) -> Element | None:
    if isinstance(change, Create):
        if old is not None:
            raise Invalid("created twice")
        return deepcopy(change.element)
    if old is None:
        raise Invalid("does not exist")
    if isinstance(change, Delete):
        return None
    if isinstance(change, Replace):
        return deepcopy(change.element)
    return _written(old, change.writes)


def _written(old: Element, writes: Writes) -> Element:
    if not writes:
        raise Invalid("an update of nothing")
    for path in writes:
        if any(path != other and path.startswith(other + "/") for other in writes):
            raise Invalid("one path inside another")
    element = deepcopy(old)
    for path, write in writes.items():
        *above, key = path_keys(path)
        place: Json = element
        for step in above:
            if not isinstance(place, dict) or step not in place:
                raise Invalid("no map above the path")
            place = place[step]
        if not isinstance(place, dict):
            raise Invalid("no map above the path")
        if isinstance(write, Set):
            place[key] = deepcopy(write.value)
        elif isinstance(write, Unset):
            place.pop(key, None)
        else:
            if path in _REFERENCE_PATHS or not isinstance(place.get(key), str):
                raise Invalid("text that is none")
            place[key] = model_text(place[key], write.edit)
    return element


def path_keys(path: str) -> list[str]:
    """The steps of a JSON Pointer."""
    return [key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:]]


def model_text(text: str, edit: TextEdit) -> str:
    """The text after the edit, one code point at a time. Raises Invalid."""
    waiting = list(text)
    out: list[str] = []
    for component in edit:
        if isinstance(component, str):
            if not component:
                raise Invalid("an insertion of nothing")
            out.extend(component)
            continue
        deleted = isinstance(component, TextDelete)
        span = span_of(component)
        if span < 1 or span > len(waiting):
            raise Invalid("a span that does not fit")
        for _ in range(span):
            point = waiting.pop(0)
            if not deleted:
                out.append(point)
    return "".join(out + waiting)


def span_of(component: int | TextDelete) -> int:
    """Code points of the text before that the component passes over."""
    if isinstance(component, int):
        return component
    return component.d if isinstance(component.d, int) else len(component.d)


def _check_properties(properties: Element) -> None:
    kinds = {"title": str, "description": (str, type(None)), "kind": str, "data": dict}
    if sorted(properties) != sorted(kinds):
        raise Invalid("not the four properties")
    for key, allowed in kinds.items():
        if not isinstance(properties[key], allowed):  # type: ignore[arg-type]
            raise Invalid(f"{key} of a wrong type")


def check_references(T: Diagram) -> None:
    """Raises Invalid where an edge or a parent points at no node."""
    for edge in T.edges.values():
        for end in (edge.get("source"), edge.get("target")):
            if not isinstance(end, str) or end not in T.nodes:
                raise Invalid("an edge without an end")
    for node in T.nodes.values():
        parent = node.get("parentId")
        if parent is not None and (not isinstance(parent, str) or parent not in T.nodes):
            raise Invalid("a parent that is not there")


def is_log_form(S: Diagram, a: Operation, logged: Operation) -> bool:
    """Whether ``logged`` is ``a`` with exactly what stood in ``S`` filled in."""
    if a.diagram is None or logged.diagram is None:
        same = a.diagram is None and logged.diagram is None
    else:
        same = _is_logged(S.properties(), a.diagram, logged.diagram)
    return (
        same
        and _are_logged(S.nodes, a.nodes, logged.nodes)
        and _are_logged(S.edges, a.edges, logged.edges)
    )


def _are_logged(elements: dict[str, Element], changes: Changes, logged: Changes) -> bool:
    return changes.keys() == logged.keys() and all(
        _is_logged(elements.get(identifier), change, logged[identifier])
        for identifier, change in changes.items()
    )


def _is_logged(old: Element | None, change: Change, logged: Change) -> bool:
    match change, logged:
        case Create(), Create():
            return logged.element == change.element
        case Delete(), Delete():
            return logged.was == old
        case Replace(), Replace():
            return logged.element == change.element and logged.was == old
        case Update(), Update():
            assert old is not None
            return change.writes.keys() == logged.writes.keys() and all(
                _is_logged_write(value_at(old, path), write, logged.writes[path])
                for path, write in change.writes.items()
            )
    return False


def _is_logged_write(was: Json, write: object, logged: object) -> bool:
    match write, logged:
        case Set(), Set():
            return bool(logged.value == write.value and logged.was == was)
        case Unset(), Unset():
            return bool(logged.was == was)
        case Text(), Text():
            after = model_text(was, write.edit)
            return (
                all(
                    not isinstance(part, TextDelete) or isinstance(part.d, str)
                    for part in logged.edit
                )
                and model_text(was, logged.edit) == after
                and model_text(after, _backwards(logged.edit)) == was
            )
    return False


def _backwards(edit: TextEdit) -> TextEdit:
    """A logged text edit read the other way."""
    out: TextEdit = []
    for part in edit:
        if isinstance(part, str):
            out.append(TextDelete(part))
        elif isinstance(part, TextDelete):
            out.append(str(part.d))
        else:
            out.append(part)
    return out


def value_at(element: Json, path: str) -> Json:
    """What stands at the path, or UNSET."""
    for key in path_keys(path):
        if not isinstance(element, dict) or key not in element:
            return UNSET
        element = element[key]
    return element


def alike(x: Json, y: Json) -> bool:
    """Whether two JSON values are equal: ``1.0`` is ``1``, ``true`` is not."""
    x, y = _one_number(x), _one_number(y)
    if type(x) is not type(y):
        return False
    if isinstance(x, dict):
        return sorted(x) == sorted(y) and all(alike(x[key], y[key]) for key in x)
    if isinstance(x, list):
        return len(x) == len(y) and all(alike(p, q) for p, q in zip(x, y, strict=True))
    return bool(x == y)


def _one_number(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() else value
