"""The smallest list of decisions that breaks the same law.

Whole steps go first, then single numbers, then what is left is lowered. Time is looked at only to
stop; the same list always gives the same run.
"""

import time
from collections.abc import Iterator, Sequence

from property_tests.simulation.decisions import ReplayedDecisions
from property_tests.simulation.kinds import Type
from property_tests.simulation.outcome import Failure, Outcome
from property_tests.simulation.profiles import Profile
from property_tests.simulation.run import run


def shrink(
    profile: Profile,
    decisions: Sequence[int],
    failure: Failure,
    kind: Type | None = None,
    *,
    seconds: float = 30.0,
) -> Outcome:
    """The simplest run found within ``seconds`` that breaks the law of ``failure``.

    Its trace is kept and its diamond looked for. Where ``decisions`` do not fail, their outcome.
    """
    search = _Search(profile, failure.law, kind, time.monotonic() + seconds)
    best = search.try_out(list(decisions))
    if best is not None:
        search.descend(best)
    return run(profile, ReplayedDecisions(search.best), kind, keep_trace=True, diagnose=True)


class _Search:
    def __init__(self, profile: Profile, law: str, kind: Type | None, until: float) -> None:
        self.profile = profile
        self.law = law
        self.kind = kind
        self.until = until
        self.best: list[int] = []
        self.marks: list[int] = []

    def try_out(self, numbers: list[int]) -> list[int] | None:
        """Takes ``numbers`` for the best so far if they break the law; None if they do not."""
        outcome = run(self.profile, ReplayedDecisions(numbers), self.kind)
        if not self.best:
            self.best = numbers
        if outcome.failure is None or outcome.failure.law != self.law:
            return None
        self.best = outcome.decisions[: len(numbers)]
        self.marks = [mark for mark in outcome.marks if mark < len(self.best)]
        return self.best

    def descend(self, numbers: list[int]) -> None:
        """Tries every kind of simplification until none helps, or time is up."""
        before: list[int] | None = None
        while before != self.best and time.monotonic() < self.until:
            before = list(self.best)
            for attempts in (
                self._without_end,
                self._without_steps,
                self._without_numbers,
                self._lowered,
            ):
                self._try_all(attempts())

    def _try_all(self, attempts: Iterator[list[int]]) -> None:
        for numbers in attempts:
            if time.monotonic() >= self.until:
                return
            if _is_simpler(numbers, self.best):
                self.try_out(numbers)

    def _without_end(self) -> Iterator[list[int]]:
        yield _trimmed(self.best)

    def _without_steps(self) -> Iterator[list[int]]:
        """Fewer and fewer steps at once, from the end."""
        count = len(self.marks)
        while count:
            at = len(self.marks) - count
            while at >= 0:
                edges = [*self.marks, len(self.best)]
                if at + count < len(edges):
                    yield self.best[: edges[at]] + self.best[edges[at + count] :]
                at = min(at, len(self.marks)) - count
            count //= 2

    def _without_numbers(self) -> Iterator[list[int]]:
        for length in (4, 2, 1):
            at = len(self.best) - length
            while at >= 0:
                yield self.best[:at] + self.best[at + length :]
                at = min(at, len(self.best)) - 1

    def _lowered(self) -> Iterator[list[int]]:
        for at in range(len(self.best) - 1, -1, -1):
            low = 0
            while at < len(self.best) and low < self.best[at]:
                yield [*self.best[:at], low, *self.best[at + 1 :]]
                if at < len(self.best) and self.best[at] <= low:
                    break
                low = max(low + 1, (low + self.best[at]) // 2) if at < len(self.best) else 0


def _trimmed(numbers: list[int]) -> list[int]:
    """Without zeros at the end, which stand for themselves."""
    end = len(numbers)
    while end and numbers[end - 1] == 0:
        end -= 1
    return numbers[:end]


def _is_simpler(x: list[int], y: list[int]) -> bool:
    return (len(x), x) < (len(y), y)
