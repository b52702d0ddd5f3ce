"""Cloning and encoding the real machinery, so that each of its steps is computed only once.

A *cell* is one machine in one state: the server's core, or a client. Cells are never changed: a
step clones one, lets the real code run on the clone, and looks up whether the result has been met
before, by its canonical encoding. What a step of one cell says does not depend on anything else, so
it is remembered by cell and input.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, Generic, TypeVar

import msgspec

from actors.core import Core
from actors.dedup import Submissions
from actors.history import History
from actors.size import SizeGuard
from actors.staging import Staged
from ot.client import Client
from ot.diagram import Diagram
from ot.footprint import Footprints
from property_tests.simulation.follower import Follower

_MUTABLE = (Core, Client, Follower, History, Footprints, Submissions)
#: What says nothing about how a machine goes on: caches, estimates, the time.
_SKIPPED = frozenset({"size", "_now", "_effects", "_make_client"})

_T = TypeVar("_T")


class Token:
    """A receiver that stands for one connection: client ``owner``, its connection ``number``."""

    def __init__(self, owner: int, number: int) -> None:
        self.owner = owner
        self.number = number

    def deliver(self, event: object) -> None:
        raise AssertionError("events are taken from the effects")


def clone(value: Any) -> Any:
    """A copy that can be changed: machines and containers are copied, plain values are shared."""
    kind = type(value)
    if kind is dict:
        return value.copy()
    if kind is list:
        return [clone(item) for item in value]
    if kind is Diagram:
        return value.copy()
    if kind is Staged:
        return msgspec.structs.replace(value, receivers=list(value.receivers))
    if kind is deque or kind is OrderedDict or kind is SizeGuard:
        return copy(value)
    if isinstance(value, _MUTABLE):
        twin = copy(value)
        for name, inner in vars(value).items():
            twin.__dict__[name] = clone(inner)
        return twin
    return value


def freeze(value: Any) -> Any:
    """A value as plain JSON that is equal for equal states and only for those."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dict):
        items = [[freeze(key), freeze(item)] for key, item in value.items()]
        return sorted(items, key=lambda item: str(item[0]))
    if isinstance(value, list | tuple | deque):
        return [freeze(item) for item in value]
    if isinstance(value, _MUTABLE):
        return [
            [name, freeze(inner)] for name, inner in vars(value).items() if name not in _SKIPPED
        ]
    if isinstance(value, Staged):
        return [freeze(getattr(value, field)) for field in value.__struct_fields__]
    return _encode(value).decode()


def _plain(value: object) -> object:
    assert isinstance(value, Token), "all else is encoded as it is"
    return [value.owner, value.number]


_encode = msgspec.json.Encoder(order="sorted", enc_hook=_plain).encode


class Cells(Generic[_T]):
    """Every state of one kind of machine that was met, by number."""

    def __init__(self) -> None:
        self.known: list[_T] = []
        self._numbers: dict[bytes, int] = {}
        self._steps: dict[Hashable, Any] = {}
        self.computed = 0

    def number_of(self, cell: _T) -> int:
        """The cell's number, a new one where it was never met."""
        key = msgspec.json.encode(freeze(cell))
        number = self._numbers.setdefault(key, len(self.known))
        if number == len(self.known):
            self.known.append(cell)
        return number

    def step(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """What ``compute`` gave the first time it was asked for under ``key``."""
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = compute()
            self.computed += 1
        return found
