"""The simulator: its runs keep every law, are the same everywhere, and show what is planted."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from property_tests.planted import PLANTS
from property_tests.regressions import REGRESSIONS, Regression
from property_tests.simulation import (
    PROFILES,
    Outcome,
    ReplayedDecisions,
    SeededDecisions,
    run,
    shrink,
)
from property_tests.simulation.decisions import Choices
from property_tests.simulation.laws import LAWS
from property_tests.simulation.world import World

ROOT = Path(__file__).parents[1]
#: Runs of each profile; the fuzzer does more.
RUNS = {"smoke": 150, "default": 250, "calm": 60, "hostile": 250, "long": 6}


class Naive:
    """A list whose positions are not transformed, so that replicas part."""

    name = "naive list"

    def start(self, random: Random) -> list[str]:
        return ["a", "b"]

    def edit(self, random: Random, state: list[str], who: int) -> list[list[Any]]:
        if state and random.random() < 0.4:
            return [["delete", random.randint(0, len(state) - 1)]]
        return [["insert", random.randint(0, len(state)), random.choice("xyz")]]

    def apply(self, state: list[str], op: list[list[Any]]) -> list[str]:
        out = list(state)
        for step in op:
            if step[0] == "insert":
                out.insert(step[1], step[2])
            elif step[1] < len(out):
                del out[step[1]]
        return out

    def transform(self, a: list[list[Any]], b: list[list[Any]], a_wins: bool) -> list[list[Any]]:
        return a

    def compose(self, a: list[list[Any]], b: list[list[Any]]) -> list[list[Any]]:
        return a + b

    def equal(self, s: list[str], t: list[str]) -> bool:
        return s == t

    def encode(self, value: Any) -> Any:
        return value

    def kinds_of(self, op: list[list[Any]]) -> set[str]:
        return {str(step[0]) for step in op}


class Sum:
    """Additions to a number, which commute; undone by their opposites."""

    name = "sum"

    def start(self, random: Random) -> int:
        return 0

    def edit(self, random: Random, state: int, who: int) -> int:
        return random.randint(1, 9)

    def apply(self, state: int, op: int) -> int:
        return state + op

    def transform(self, a: int, b: int, a_wins: bool) -> int:
        return a

    def compose(self, a: int, b: int) -> int:
        return a + b

    def invert(self, op: int, before: int) -> int:
        return -op

    def equal(self, s: int, t: int) -> bool:
        return s == t

    def encode(self, value: int) -> int:
        return value

    def kinds_of(self, op: int) -> set[str]:
        return {"add"}


def outcomes(profile: str, first: int = 0) -> list[Outcome]:
    return [
        run(PROFILES[profile], SeededDecisions(seed))
        for seed in range(first, first + RUNS[profile])
    ]


@pytest.mark.parametrize("profile", RUNS)
def test_every_run_of_a_profile_keeps_every_law(profile: str) -> None:
    found = outcomes(profile)
    failures = [(each.seed, each.failure) for each in found if each.failure is not None]
    assert failures == []
    assert sum(each.counts for each in found) > 0.6 * len(found), "too few runs overlap"
    assert sum(each.operations for each in found) > 3 * len(found)


def test_everything_that_can_go_wrong_goes_wrong_and_all_kinds_meet() -> None:
    events: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for outcome in (*outcomes("default", 1_000), *outcomes("hostile", 1_000)):
        events.update(outcome.events)
        pairs.update(outcome.kind_pairs)
    assert {
        "acknowledged while awaiting_with_buffer",
        "actor stopped by SimulatedDefect",
        "actor stopped by StorageUnavailable",
        "caught up by a snapshot",
        "caught up by operations",
        "closed",
        "commit committed in doubt",
        "commit failed",
        "commit failed in doubt",
        "commit fenced",
        "commit refused",
        "committed by system",
        "event duplicated",
        "everybody left",
        "frame duplicated",
        "last submission read from the journal",
        "late commit committed",
        "late commit fenced",
        "link dropped",
        "older than memory",
        "page reloaded",
        "passivated",
        "process crashed",
        "received while awaiting_with_buffer",
        "rejected while awaiting_with_buffer",
        "tool asked again",
        "undo",
    } <= events.keys()
    assert {
        "delete node/create edge to it",
        "delete node/update child of it",
        "diagram update/update",
        "edge delete/update",
        "node create/create",
        "node delete/update",
        "node replace/replace",
        "write set/set",
        "write set/text",
        "write text/text",
    } <= pairs.keys()


# The same everywhere ---------------------------------------------------------------------------


def test_a_seed_decides_the_same_on_every_version_of_python() -> None:
    decisions = SeededDecisions(20_260_101)
    assert [decisions.below(1_000) for _ in range(10)] == [
        44, 297, 6, 882, 942, 383, 894, 177, 512, 36
    ]  # fmt: skip
    choices = Choices(SeededDecisions(7))
    drawn = [choices.choice("abcdef"), choices.randint(3, 9), choices.getrandbits(8)]
    assert [*drawn, round(choices.random(), 4), choices.sample(range(9), 3)] == [
        "b", 4, 166, 0.0724, [4, 2, 0]
    ]  # fmt: skip


def interpreters() -> list[str]:
    """This Python, and every other one here that has what the simulator needs."""
    found = [sys.executable]
    names = [f"python3.{minor}" for minor in range(11, 16)]
    candidates = [*os.environ.get("SIMULATION_PYTHONS", "").split(os.pathsep), *names]
    for candidate in candidates:
        path = shutil.which(candidate) if candidate else None
        asked = path and subprocess.run(
            [path, "-c", "import msgspec, sys; assert sys.version_info >= (3, 11)"],
            check=False,
            capture_output=True,
        )
        if path and asked and asked.returncode == 0:
            found.append(path)
    return found


TELL_HASHES = """
import json
from property_tests.simulation import PROFILES, SeededDecisions, run
print(json.dumps([
    run(PROFILES[name], SeededDecisions(seed)).trace_hash
    for name in ("smoke", "default", "hostile") for seed in range(8)
]))
"""


def test_a_seed_gives_the_same_trace_in_every_process_and_whatever_hashes_are() -> None:
    told: dict[str, list[str]] = {}
    for python in interpreters():
        for hash_seed in ("0", "1", "random"):
            environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
            output = subprocess.run(
                [python, "-c", TELL_HASHES], check=True, capture_output=True, env=environment
            ).stdout
            told[f"{python} {hash_seed}"] = json.loads(output)
    first = next(iter(told.values()))
    assert len(set(first)) == len(first) == 24
    assert all(hashes == first for hashes in told.values()), told.keys()


def test_a_replayed_run_is_the_run_itself() -> None:
    for profile in ("default", "hostile"):
        for seed in range(20):
            once = run(PROFILES[profile], SeededDecisions(seed), keep_trace=True)
            again = run(PROFILES[profile], ReplayedDecisions(once.decisions), keep_trace=True)
            assert again.trace == once.trace
            assert again.trace_hash == once.trace_hash
            assert again.decisions == once.decisions


def test_what_is_missing_from_a_replay_is_the_plainest_choice() -> None:
    outcome = run(PROFILES["default"], ReplayedDecisions([]))
    assert (outcome.failure, outcome.steps, outcome.operations) == (None, 0, 0)
    outcome = run(PROFILES["default"], ReplayedDecisions([10**9] * 400))
    assert outcome.failure is None
    assert outcome.steps > 0


# What it shows ---------------------------------------------------------------------------------


def first_failure(kind: Any = None, profile: str = "default", most: int = 300) -> Outcome:
    for seed in range(most):
        outcome = run(PROFILES[profile], SeededDecisions(seed), kind)
        if outcome.failure is not None:
            return outcome
    raise AssertionError(f"no failure in {most} runs")


def test_a_naive_type_is_brought_down_to_one_diamond() -> None:
    outcome = first_failure(Naive(), most=20)
    assert outcome.failure is not None
    profile = PROFILES["default"]
    small = shrink(profile, outcome.decisions, outcome.failure, Naive(), seconds=30)
    failure = small.failure
    assert failure is not None
    assert failure.law == outcome.failure.law == "convergence"
    assert len(small.decisions) < len(outcome.decisions) / 3
    assert small.steps <= 20
    assert small.trace
    diamond = failure.diamond
    assert diamond is not None
    naive = Naive()
    a, b = diamond.a, diamond.b
    assert naive.apply(naive.apply(diamond.state, a), diamond.b_transformed) == diamond.left
    assert naive.apply(naive.apply(diamond.state, b), diamond.a_transformed) == diamond.right
    assert diamond.left != diamond.right


def test_a_sound_type_keeps_every_law() -> None:
    events: Counter[str] = Counter()
    for seed in range(150):
        outcome = run(PROFILES["hostile"], SeededDecisions(seed), Sum())
        assert outcome.failure is None, (seed, outcome.failure)
        events.update(outcome.events)
    assert {"undo", "commit refused", "process crashed", "rejected while awaiting"} <= events.keys()


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("resends are applied again", 20),
        ("broadcast before the commit", 5),
        ("base revision off by one", 10),
        ("history trimmed too early", 400),
        ("rollback keeps the submissions", 60),
        ("resend under a new number", 20),
        ("the client lets the other one win", 5),
        ("closure skipped", 10),
        ("sent before it was acknowledged", 10),
        ("snapshot of what is not durable", 20),
    ],
)
def test_a_planted_defect_shows_within_so_many_runs(name: str, most: int) -> None:
    with PLANTS[name].planted():
        outcome = first_failure(profile="hostile", most=most)
    assert outcome.failure is not None
    assert outcome.failure.law in PLANTS[name].laws


@pytest.mark.parametrize("regression", REGRESSIONS, ids=lambda each: each.plant)
def test_what_once_failed_does_not_and_would_show(regression: Regression) -> None:
    assert regression.replay().failure is None
    with PLANTS[regression.plant].planted():
        failure = regression.replay().failure
    assert failure is not None
    assert failure.law == regression.law


def test_every_plant_has_a_run_that_shows_it() -> None:
    assert [each.plant for each in REGRESSIONS] == list(PLANTS)
    assert {law for plant in PLANTS.values() for law in plant.laws} <= LAWS.keys()


def test_a_broken_transformation_is_told_with_its_diamond() -> None:
    with PLANTS["closure skipped"].planted():
        outcome = first_failure()
        told = run(PROFILES["default"], ReplayedDecisions(outcome.decisions), diagnose=True)
    assert outcome.failure is not None
    assert told.failure is not None
    assert told.failure.law == outcome.failure.law
    assert told.failure.diamond is not None
    roads = (told.failure.diamond.left, told.failure.diamond.right)
    assert any("still_referenced" in str(road) for road in roads)
    assert not all("still_referenced" in str(road) for road in roads)


def test_a_defect_of_the_simulator_itself_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(world: World) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(World, "step", fail)
    failure = run(PROFILES["smoke"], SeededDecisions(1)).failure
    assert failure is not None
    assert (failure.law, failure.message) == ("alive", "ZeroDivisionError: ours")
