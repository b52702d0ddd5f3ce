"""How long texts become once an operation is applied."""

from collections.abc import Iterator

from ot.diagram import Diagram, Element, Json
from ot.errors import OperationError
from ot.operation import Operation, Replace, Set, Text, Update, Write
from ot.pointer import split
from ot.text import length_of
from ot.validate import MAX_KIND_LENGTH, MAX_STRING_LENGTH, MAX_TITLE_LENGTH

_PROPERTY_LENGTHS = {"/title": MAX_TITLE_LENGTH, "/kind": MAX_KIND_LENGTH}


def check_text_lengths(S: Diagram, a: Operation) -> None:
    """Raises ``string_too_long`` where ``a`` makes a text of ``S`` longer than it may be."""
    for family, elements, changes in (("nodes", S.nodes, a.nodes), ("edges", S.edges, a.edges)):
        for identifier, change in changes.items():
            if type(change) is Update and identifier in elements:
                for path, write in change.writes.items():
                    if type(write) is Text:
                        at = f"{family}/{identifier}{path}"
                        _check(_edited(elements[identifier], path, write), MAX_STRING_LENGTH, at)
    if a.diagram is not None:
        for path, length in _property_lengths(S, a.diagram):
            _check(length, _PROPERTY_LENGTHS.get(path, MAX_STRING_LENGTH), f"diagram{path}")


def _check(length: int, most: int, at: str) -> None:
    if length > most:
        raise OperationError("string_too_long", f"At most {most} characters.", at)


def _property_lengths(S: Diagram, change: Update | Replace) -> Iterator[tuple[str, int]]:
    if isinstance(change, Replace):
        for path in _PROPERTY_LENGTHS:
            yield path, _length(change.element.get(path[1:]))
        return
    for path, write in change.writes.items():
        yield path, _written(S.properties(), path, write)


def _written(element: Element, path: str, write: Write) -> int:
    if isinstance(write, Text):
        return _edited(element, path, write)
    return _length(write.value) if isinstance(write, Set) else 0


def _edited(element: Element, path: str, write: Text) -> int:
    """The text's length after the edit; whether it is a text at all is found out elsewhere."""
    at: Json = element
    for key in split(path):
        at = at.get(key) if isinstance(at, dict) else None
    grown = sum(
        length_of(part) if isinstance(part, str) else -length_of(part)
        for part in write.edit
        if not isinstance(part, int)
    )
    return _length(at) + grown


def _length(value: Json) -> int:
    return len(value) if isinstance(value, str) else 0
