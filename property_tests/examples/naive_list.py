"""A list whose operations name positions, and whose ``transform`` forgets that positions move.

It is wrong on purpose. ``diagramai fuzz --type property_tests.examples.naive_list:NaiveList`` shows
why, in seconds.
"""

from random import Random
from typing import TypeAlias

#: The whole list.
Letters: TypeAlias = list[str]
#: ``("insert", position, letter)`` or ``("delete", position)``.
Step: TypeAlias = tuple[str, int, str] | tuple[str, int]


class NaiveList:
    """Letters in a row. An operation is a list of steps, done one after the other."""

    name = "naive list"

    def start(self, random: Random) -> Letters:
        return ["a", "b", "c"]

    def edit(self, random: Random, state: Letters, who: int) -> list[Step]:
        if state and random.random() < 0.4:
            return [("delete", random.randint(0, len(state) - 1))]
        return [("insert", random.randint(0, len(state)), random.choice("xyz"))]

    def apply(self, state: Letters, op: list[Step]) -> Letters:
        """Raises IndexError where a position is beyond the end."""
        letters = list(state)
        for what, at, *new in op:
            if at + (what == "delete") > len(letters):
                raise IndexError(f"{at} is beyond the end of {len(letters)} letters")
            letters[at : at + (what == "delete")] = new
        return letters

    def transform(self, a: list[Step], b: list[Step], a_wins: bool) -> list[Step]:
        """The naive part: ``b`` may have moved what ``a`` is about."""
        return a

    def compose(self, a: list[Step], b: list[Step]) -> list[Step]:
        return [*a, *b]

    def equal(self, s: Letters, t: Letters) -> bool:
        return s == t

    def encode(self, value: Letters | list[Step]) -> list[object]:
        return list(value)

    def kinds_of(self, op: list[Step]) -> set[str]:
        return {step[0] for step in op}
