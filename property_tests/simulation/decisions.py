"""Every choice that a run makes, from a seed or from a list, written down as it is made.

The list of what was decided *is* the run: replayed, it gives the same one; shortened and lowered,
it gives a simpler one, since ``0`` is always the plainest choice and stands for what is missing.
"""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

_T = TypeVar("_T")

#: Steps between 0 and 1 that ``Choices.random`` can tell apart.
_RESOLUTION = 1 << 20


class Decisions(Protocol):
    """``taken`` holds every number so far; ``marks`` where in it each step of the run began."""

    seed: int | None
    taken: list[int]
    marks: list[int]

    def below(self, n: int) -> int:
        """A whole number from 0 to ``n - 1``; ``n`` is at least 1."""

    def mark(self) -> bool:
        """A step begins here; false where nothing is left to decide, and the run should end."""


class SeededDecisions:
    """As chance has it. The same seed gives the same numbers on every version of Python."""

    def __init__(self, seed: int) -> None:
        self.seed: int | None = seed
        self.taken: list[int] = []
        self.marks: list[int] = []
        self._random = Random(seed).random

    def below(self, n: int) -> int:
        number = int(self._random() * n)
        self.taken.append(number)
        return number

    def mark(self) -> bool:
        self.marks.append(len(self.taken))
        return True


class ReplayedDecisions:
    """What was decided before. A number too large for its place becomes the largest one there."""

    def __init__(self, numbers: Sequence[int], seed: int | None = None) -> None:
        self.seed = seed
        self.taken: list[int] = []
        self.marks: list[int] = []
        self._numbers = numbers

    def below(self, n: int) -> int:
        at = len(self.taken)
        number = min(self._numbers[at], n - 1) if at < len(self._numbers) else 0
        self.taken.append(number)
        return number

    def mark(self) -> bool:
        self.marks.append(len(self.taken))
        return len(self.taken) < len(self._numbers)


class Choices(Random):
    """``random.Random`` as types and generators know it, drawing on the decisions of a run.

    One decision a call, so that a shrunk list still means nearly the same.
    """

    def __init__(self, decisions: Decisions) -> None:
        super().__init__(0)
        self._decide = decisions.below

    def random(self) -> float:
        return self._decide(_RESOLUTION) / _RESOLUTION

    def getrandbits(self, k: int, /) -> int:
        """Up to 53 bits; more would not be the same from a seed."""
        if not 0 <= k <= 53:
            raise ValueError("choices have at most 53 bits")
        return self._decide(1 << k)

    def _randbelow(self, n: int) -> int:
        return self._decide(n) if n else 0

    def choice(self, seq: Sequence[_T]) -> _T:  # type: ignore[override]
        return seq[self._decide(len(seq))]

    def randint(self, a: int, b: int) -> int:
        return a + self._decide(b - a + 1)
