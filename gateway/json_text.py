"""Reading JSON that somebody else wrote: everything it says, or a refusal that names the place."""

import json
import re
import sys
from typing import Any

import msgspec

from gateway.react_flow import join, refuse
from ot.diagram import Json
from ot.validate import MAX_KEY_LENGTH


class _RepeatedKey(ValueError):
    """An object has a key twice."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class _Repeat(msgspec.Struct, frozen=True):
    """Stands where an object was that has ``key`` twice."""

    key: str


def decode_text(source: bytes, at: str = "") -> str:
    """UTF-8 as it stands, byte order mark included. Raises ImportRefused."""
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        message = f"The text is not UTF-8: see byte {error.start}; save it as UTF-8."
        refuse("not_utf8", message, at)


def parse_json(text: str, at: str = "") -> Json:
    """The value. Python's own reader would let ``NaN`` pass, which is left to whoever checks the
    value and knows its path, and the earlier of two equal keys vanish. Raises ImportRefused."""
    source = text.removeprefix("\ufeff")
    try:
        return json.loads(source, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        refuse("malformed_json", f"Not JSON: {error.msg} ({place}).", at or place)
    except RecursionError:
        refuse("too_deep", "The arrays and objects are nested too deeply.", at)
    except _RepeatedKey as error:
        message = f"An object has the key {error.key[:MAX_KEY_LENGTH]!r} twice."
        refuse("invalid_json", message, _printable(_place_of_repeat(source, at)))
    except ValueError:
        place = _find_huge_integer(source)
        refuse("invalid_number", f"A number is too large for JSON ({place}).", at or place)


def _without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKey(key)
        found[key] = value
    return found


def _place_of_repeat(source: str, at: str) -> str:
    """The path of the first key that is there twice; ``at`` where the rest is not even JSON.

    The text is read again for it, so that a text without a mistake does not pay for paths.
    """
    try:
        value = json.loads(source, object_pairs_hook=_with_marks)
    except (ValueError, RecursionError):
        return at
    waiting: list[tuple[str, Any]] = [(at, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Repeat):
            return join(path, value.key[:MAX_KEY_LENGTH])
        if isinstance(value, dict):
            waiting += [(join(path, key), each) for key, each in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(f"{path}[{n}]", value[n]) for n in reversed(range(len(value)))]
    return at


def _printable(place: str) -> str:
    """Half of a surrogate pair, which a key may hold, cannot be written out."""
    return place.encode(errors="backslashreplace").decode()


def _with_marks(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Repeat:
    try:
        return _without_repeats(pairs)
    except _RepeatedKey as error:
        return _Repeat(error.key)


def _find_huge_integer(source: str) -> str:
    """Where the first integer stands that has more digits than Python converts; not in strings."""
    digits = sys.get_int_max_str_digits() + 1
    tokens = re.finditer(rf'"(?:[^"\\]|\\.)*"|\d{{{digits},}}(?![\d.eE])', source)
    start = next(token.start() for token in tokens if token[0][0] != '"')
    column = start - source.rfind("\n", 0, start)
    return f"line {source.count(chr(10), 0, start) + 1}, column {column}"
