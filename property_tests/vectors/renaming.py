"""The same values under names that mean something to one language or another."""

from typing import TypeVar

import msgspec

from ot.diagram import Diagram, Json
from ot.operation import Operation

T = TypeVar("T", Diagram, Operation)

#: Names of objects' own machinery, numbers that some objects put first, look-alikes of paths and of
#: prose.
NAMES = {
    "x": "__proto__",
    "y": "constructor",
    "color": "toString",
    "deep": "10",
    "clé": "9",
    "m~n": "~1",
    "n0": "hasOwnProperty",
    "n1": "__proto__",
    "n2": "a name as long as prose, with blanks",
    "n3": "2",
    "neu/1": "~1",
    "e0": "length",
    "e1": "1",
    "e~2": "/",
}


def renamed(value: T) -> T:
    """Every key, every step of a path and every reference by its other name."""
    return msgspec.convert(_renamed(msgspec.to_builtins(value)), type(value))


def _renamed(value: Json) -> Json:
    if isinstance(value, dict):
        return {_new_key(key): _reference(key, item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _reference(key: str, value: Json) -> Json:
    """What stands under a key: the id of a node, a write of one, or anything else."""
    if isinstance(value, str) and key in {"source", "target", "parentId"}:
        return NAMES.get(value, value)
    if key in {"/source", "/target", "/parentId"} and "value" in value:
        return {**value, "value": NAMES.get(value["value"], value["value"])}
    return _renamed(value)


def _new_key(key: str) -> str:
    if key in NAMES or not key.startswith("/"):
        return NAMES.get(key, key)
    return "/".join(map(_new_step, key.split("/")))


def _new_step(step: str) -> str:
    """One step of a path, in which ``~`` and ``/`` are escaped."""
    key = step.replace("~1", "/").replace("~0", "~")
    return NAMES.get(key, key).replace("~", "~0").replace("/", "~1")
