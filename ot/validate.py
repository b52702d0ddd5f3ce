"""What every JSON value and id in a document must satisfy, whoever sends it."""

import math

from ot.apply import check_prefix_free
from ot.diagram import RESERVED_ELEMENT_KEYS, Json
from ot.errors import OperationError
from ot.operation import (
    Change,
    Create,
    Operation,
    Replace,
    Set,
    Text,
    TextEdit,
    Unset,
    Update,
    Writes,
)
from ot.pointer import split
from ot.text import check_text

#: Levels of arrays and objects inside one value.
MAX_DEPTH = 32
#: Code points of one string: a label, a description, a Mermaid text.
MAX_STRING_LENGTH = 500_000
#: Code points of a diagram's title, and of its kind.
MAX_TITLE_LENGTH = 1_000
MAX_KIND_LENGTH = 64
#: Code points of a key inside an element.
MAX_KEY_LENGTH = 256
#: Values (scalars, arrays and objects) inside one element.
MAX_VALUES = 20_000
#: Characters of a node or edge id.
MAX_ID_LENGTH = 128
#: Components of one text edit.
MAX_COMPONENTS = 10_000
#: Changes in one operation; replacing the largest diagram whole touches every element twice.
MAX_TARGETS = 40_000

_LARGEST_INTEGER = 2**1023


def check_id(identifier: str, at: str) -> None:
    """Raises ``invalid_id`` unless it is 1 to MAX_ID_LENGTH printable characters."""
    if not identifier or len(identifier) > MAX_ID_LENGTH or not identifier.isprintable():
        message = f"An id has 1 to {MAX_ID_LENGTH} printable characters."
        raise OperationError("invalid_id", message, at)


def check_element(element: Json, at: str) -> None:
    """Raises OperationError unless ``element`` is a JSON object without reserved keys."""
    if not isinstance(element, dict):
        raise OperationError("invalid_element", "An element is a JSON object.", at)
    for key in RESERVED_ELEMENT_KEYS & element.keys():
        raise OperationError("reserved_key", _why_reserved(key), f"{at}/{key}")
    check_json(element, at)


def check_first_key(key: str, at: str) -> None:
    """Raises ``reserved_key`` for a write to what is not part of the document."""
    if key in RESERVED_ELEMENT_KEYS:
        raise OperationError("reserved_key", _why_reserved(key), at)


def _why_reserved(key: str) -> str:
    if key == "id":
        return "The id is the key of the element; leave it out of the element itself."
    return f"'{key}' is a runtime field of one browser; send it as presence or leave it out."


def check_json(value: Json, at: str, depth: int = MAX_DEPTH) -> None:
    """Raises OperationError unless ``value`` can be stored, sent and read back unchanged.

    ``depth`` is how many levels of nesting it may have where it stands.
    """
    kind = type(value)
    if kind is str:
        _check_string(value, at, MAX_STRING_LENGTH)
    elif kind is dict or kind is list:
        if _count(value, at, depth) > MAX_VALUES:
            raise OperationError("too_many_values", f"At most {MAX_VALUES} values.", at)
    else:
        _check_scalar(value, at)


def _count(value: Json, at: str, depth: int) -> int:
    """Checks the value and counts what is inside it."""
    kind = type(value)
    if kind is str:
        if value.isascii() and "\0" not in value and len(value) <= MAX_STRING_LENGTH:
            return 1
        _check_string(value, at, MAX_STRING_LENGTH)
        return 1
    if kind is dict or kind is list:
        if depth == 0:
            raise OperationError("too_deep", f"At most {MAX_DEPTH} levels of nesting.", at)
        return 1 + _count_inside(value, at, depth - 1)
    _check_scalar(value, at)
    return 1


def _count_inside(value: Json, at: str, depth: int) -> int:
    if isinstance(value, list):
        return sum(_count(item, f"{at}/{i}", depth) for i, item in enumerate(value))
    total = 0
    for key, item in value.items():
        if type(key) is not str:
            raise OperationError("invalid_value", "Keys of JSON objects are strings.", at)
        _check_string(key, at, MAX_KEY_LENGTH)
        total += _count(item, f"{at}/{key}", depth)
    return total


def _check_scalar(value: Json, at: str) -> None:
    if value is None or type(value) is bool:
        return
    if type(value) is int:
        if -_LARGEST_INTEGER < value < _LARGEST_INTEGER:
            return
        raise OperationError("invalid_number", "The number is too large for JSON.", at)
    if type(value) is float:
        if math.isfinite(value):
            return
        raise OperationError("invalid_number", "Numbers are finite; JSON has no NaN.", at)
    raise OperationError("invalid_value", f"{type(value).__name__} is not a JSON value.", at)


def check_string(text: str, at: str) -> None:
    """Raises OperationError unless the string can be stored (no NUL, no lone surrogate)."""
    _check_string(text, at, MAX_STRING_LENGTH)


def _check_string(text: str, at: str, longest: int) -> None:
    if len(text) > longest:
        raise OperationError("string_too_long", f"At most {longest} characters.", at)
    if "\0" in text:
        raise OperationError("invalid_string", "Text cannot hold the NUL character.", at)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise OperationError(
                "invalid_string", "Text holds half a surrogate pair; send whole characters.", at
            ) from error


def check_operation(a: Operation) -> None:
    """Refuses what no diagram could take: bad ids, paths and values. Looks at no diagram.

    Raises OperationError naming the place, for example ``nodes/n1/data/label``.
    """
    if len(a.nodes) + len(a.edges) > MAX_TARGETS:
        message = f"At most {MAX_TARGETS} targets in one operation; send several."
        raise OperationError("too_many_targets", message)
    if a.diagram is not None:
        _check_change(a.diagram, "diagram", of_element=False)
    for family, changes in (("nodes", a.nodes), ("edges", a.edges)):
        for identifier, change in changes.items():
            at = f"{family}/{identifier}"
            check_id(identifier, at)
            _check_change(change, at, of_element=True)


def _check_change(change: Change, at: str, *, of_element: bool) -> None:
    if isinstance(change, Update):
        _check_writes(change.writes, at, of_element=of_element)
    elif isinstance(change, Create | Replace):
        if of_element:
            check_element(change.element, at)
            if "position" in change.element:
                check_position(change.element["position"], f"{at}/position")
        else:
            check_json(change.element, at)
            _check_data(change.element.get("data"), f"{at}/data")


def check_position(position: Json, at: str) -> None:
    """Raises ``invalid_position`` unless it is an object with numbers x and y."""
    if not isinstance(position, dict) or not all(map(_is_number, map(position.get, "xy"))):
        message = "A position is an object with the numbers x and y."
        raise OperationError("invalid_position", message, at)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_data(data: Json, at: str) -> None:
    """A diagram's text, where it has one, is text."""
    if isinstance(data, dict) and not isinstance(data.get("text", ""), str):
        raise OperationError("invalid_properties", "The diagram's text is text.", f"{at}/text")


def _check_known_value(path: str, value: Json, at: str, *, of_element: bool) -> None:
    """Values whose shape everybody relies on."""
    if of_element and path == "/position":
        check_position(value, at)
    elif of_element and path in ("/position/x", "/position/y"):
        if not _is_number(value):
            raise OperationError("invalid_position", "It must be a number.", at)
    elif not of_element and path == "/data":
        _check_data(value, at)
    elif not of_element and path == "/data/text" and not isinstance(value, str):
        raise OperationError("invalid_properties", "The diagram's text is text.", at)


def _check_writes(writes: Writes, at: str, *, of_element: bool) -> None:
    if not writes:
        raise OperationError("empty_update", "An update writes to at least one path.", at)
    if len(writes) > MAX_VALUES:
        raise OperationError("too_many_values", f"At most {MAX_VALUES} writes.", at)
    try:
        check_prefix_free(writes)
        paths = {path: split(path) for path in writes}
    except OperationError as error:
        raise OperationError(error.code, error.message, at + error.at) from None
    for path, write in writes.items():
        for key in paths[path]:
            _check_string(key, at + path, MAX_KEY_LENGTH)
        if of_element:
            check_first_key(paths[path][0], at + path)
        if isinstance(write, Unset) and of_element and path in ("/position/x", "/position/y"):
            raise OperationError("invalid_position", "A position has both numbers.", at + path)
        if isinstance(write, Set):
            check_json(write.value, at + path, MAX_DEPTH - len(paths[path]))
            _check_known_value(path, write.value, at + path, of_element=of_element)
        elif isinstance(write, Text):
            _check_text_edit(write.edit, at + path)


def _check_text_edit(edit: TextEdit, at: str) -> None:
    if len(edit) > MAX_COMPONENTS:
        raise OperationError("text_too_long", f"At most {MAX_COMPONENTS} components.", at)
    check_text(edit, MAX_STRING_LENGTH, at)
    for component in edit:
        if isinstance(component, str):
            check_string(component, at)
