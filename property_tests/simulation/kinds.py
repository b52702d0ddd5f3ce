"""What somebody brings to have it fuzzed: a state, operations on it, and how these meet."""

from random import Random
from typing import Any, Protocol, TypeAlias, runtime_checkable

#: A value of the brought type; never changed in place.
State: TypeAlias = Any
#: An operation of the brought type; never changed in place.
Op: TypeAlias = Any
#: What ``json.dumps`` takes.
Json: TypeAlias = Any


@runtime_checkable
class Type(Protocol):
    """An operational transformation type.

    The law it is held to (TP1): for ``a`` and ``b`` valid on one state, ``b`` transformed over
    ``a`` after ``a`` and ``a`` transformed over ``b`` after ``b`` give equal states.
    """

    name: str

    def start(self, random: Random) -> State:
        """A state to start from."""

    def edit(self, random: Random, state: State, who: int) -> Op:
        """An operation valid on ``state``, as participant ``who`` (0, 1, …) would make it."""

    def apply(self, state: State, op: Op) -> State:
        """The state after ``op``; ``state`` stays as it is. Any exception means: not valid."""

    def transform(self, a: Op, b: Op, a_wins: bool) -> Op:
        """``a`` as it applies after ``b``; ``a_wins`` breaks ties, the other side gets ``not``."""

    def compose(self, a: Op, b: Op) -> Op:
        """One operation that does ``a`` and then ``b``."""

    def equal(self, s: State, t: State) -> bool:
        """Whether two replicas agree."""

    def encode(self, value: Op | State) -> Json:
        """A value as JSON, for traces and counterexamples."""

    def kinds_of(self, op: Op) -> set[str]:
        """What kinds of changes it makes, by names that coverage is counted under."""


@runtime_checkable
class Invertible(Protocol):
    """A type that can take operations back; its runs have undo in them."""

    def invert(self, op: Op, before: State) -> Op:
        """What takes ``op``, applied to ``before``, back."""


@runtime_checkable
class Paired(Protocol):
    """A type that tells more exactly which of its changes met."""

    def pairs_of(self, a: Op, b: Op) -> set[str]:
        """Names of what met where ``a`` and ``b`` are concurrent; empty where nothing did."""
