"""What was found out a moment ago, believed for a moment longer."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import trio

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class BriefMemory(Generic[KeyT, ValueT]):
    """Values by their keys, each for ``seconds`` from when it was asked for; at most ``most``."""

    def __init__(self, seconds: float, most: Callable[[], int]) -> None:
        self._seconds = seconds
        self._most = most
        #: The first to be forgotten first: until when, and what.
        self._known: dict[KeyT, tuple[float, ValueT]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def recall(self, key: KeyT) -> ValueT | None:
        found = self._known.get(key)
        return None if found is None or trio.current_time() >= found[0] else found[1]

    def remember(self, key: KeyT, asked_at: float, value: ValueT) -> None:
        known = self._known
        known.pop(key, None)
        while known:
            oldest = next(iter(known))
            if len(known) < self._most() and known[oldest][0] > asked_at:
                break
            del known[oldest]
        known[key] = (asked_at + self._seconds, value)

    def forget(self, key: KeyT) -> None:
        self._known.pop(key, None)

    def clear(self) -> None:
        self._known.clear()
