"""Growing pauses between attempts."""

import random

#: Doublings after which the longest pause has long been reached.
_MOST_DOUBLINGS = 30


class Backoff:
    """Pauses that double up to the longest, each shortened by chance by up to a half."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def next(self) -> float:
        """The next pause in seconds."""
        pause = min(self._longest, self._first * 2.0**self._failures)
        self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
        return pause * random.uniform(0.5, 1)

    def reset(self) -> None:
        self._failures = 0
