"""The small worlds in their short form: every pair of single steps, every state, both winners."""

from functools import lru_cache
from random import Random

from ot.apply import apply
from ot.diagram import Diagram
from ot.operation import Operation
from property_tests import laws, losses
from property_tests.worlds import WORLDS


@lru_cache(maxsize=1)
def rows() -> list[tuple[Diagram, list[Operation], int]]:
    """Each step of each state with all steps there, in an order that mixes the worlds."""
    out = [
        (S, steps, at)
        for world in WORLDS
        for S in world.states
        for steps in [list(world.steps(S))]
        for at in range(len(steps))
    ]
    Random("rows").shuffle(out)
    return out


def check_row(number: int) -> bool:
    """One step against itself and those after it; false where there are no more rows."""
    if number >= len(rows()):
        return False
    S, steps, at = rows()[number]
    a = steps[at]
    laws.applies(S, a)
    laws.logged(S, a)
    laws.inverted(S, a)
    for b in steps[at:]:
        for w in (True, False):
            laws.diamond(S, a, b, w)
            losses.losses_told(S, a, b, w)
    for b in _steps_after(S, a):
        laws.composed(S, a, b)
    return True


def _steps_after(S: Diagram, a: Operation) -> list[Operation]:
    (world,) = (world for world in WORLDS if any(S is state for state in world.states))
    return list(world.steps(apply(S, a)[0]))
