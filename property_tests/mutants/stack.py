"""What a hunt goes through: the laws at random, small worlds and the simulator, in turns."""

from collections.abc import Callable
from random import Random

import msgspec

from property_tests import (
    checks_answers,
    checks_clients,
    checks_core,
    checks_memory,
    checks_operations,
    checks_worlds,
)
from property_tests.laws import Broken
from property_tests.simulation import PROFILES, SeededDecisions, run

Case = Callable[[Random, int], None]


class Check(msgspec.Struct, frozen=True):
    """One case after the other, each from its own source of choices and its number."""

    name: str
    #: The law that is in question where a case ends with any other exception.
    law: str
    run: Case


class RunFailed(Broken):
    """A run of the simulator ended with a failure."""


def _at_random(law: str, check: Callable[[Random], None]) -> Check:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    return Check(name, law, lambda rnd, number: check(rnd))


def _row(rnd: Random, number: int) -> None:
    checks_worlds.check_row(number)


def _simulation(profile: str) -> Check:
    def check(rnd: Random, number: int) -> None:
        outcome = run(PROFILES[profile], SeededDecisions(rnd.getrandbits(32)))
        if outcome.failure is not None:
            failure = outcome.failure
            raise RunFailed(failure.law, failure.message)

    return Check(f"simulation, {profile}", "R", check)


CHECKS: tuple[Check, ...] = (
    Check("small worlds", "D", _row),
    _at_random("A", checks_operations.check_one_operation),
    _at_random("A", checks_operations.check_invalid_operations),
    _at_random("A", checks_operations.check_refusals),
    _at_random("A", checks_operations.check_bounds),
    _at_random("A", checks_operations.check_in_place),
    _at_random("C", checks_operations.check_composition),
    _at_random("D", checks_operations.check_meeting),
    _at_random("P", checks_operations.check_policy),
    _at_random("T", checks_operations.check_parts),
    _at_random("M", checks_operations.check_passing),
    _at_random("F", checks_operations.check_difference),
    _at_random("D", checks_operations.check_names),
    _at_random("XD", checks_operations.check_texts),
    _at_random("XA", checks_operations.check_text_shapes),
    _at_random("W", checks_operations.check_ties),
    _at_random("I", checks_operations.check_not_invertible),
    _at_random("R", checks_clients.check_replicas),
    _at_random("R", checks_clients.check_violations),
    _at_random("R", checks_clients.check_reset),
    _at_random("cycle", checks_core.check_cycles),
    _at_random("conflicts", checks_core.check_conflicts),
    _at_random("once", checks_answers.check_out_of_order),
    _at_random("answered", checks_answers.check_abandoned),
    _at_random("once", checks_memory.check_submissions),
    _at_random("order", checks_memory.check_catching_up),
    _at_random("M", checks_memory.check_history),
    _at_random("presence", checks_core.check_presence),
    _simulation("smoke"),
    _simulation("default"),
    _simulation("hostile"),
)
