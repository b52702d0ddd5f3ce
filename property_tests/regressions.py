"""A run for every failure ever found: with the defect planted it fails, without it it must not.

    python -m property_tests.regressions

looks for the runs anew and prints them, for when the simulator decides in another order.
"""

import sys
from textwrap import wrap

import msgspec

from property_tests.planted import PLANTS, Plant
from property_tests.simulation.decisions import ReplayedDecisions, SeededDecisions
from property_tests.simulation.diagram import DiagramType
from property_tests.simulation.outcome import Failure, Outcome
from property_tests.simulation.profiles import PROFILES, Profile
from property_tests.simulation.run import run
from property_tests.simulation.shrink import shrink

#: What chance makes of an operation changes more often than a plain edit.
_PLAIN = DiagramType(is_wild=False)
#: Runs that are tried for one plant in each profile.
_MOST_RUNS = 3_000
_SECONDS_TO_SHRINK = 40.0


class Regression(msgspec.Struct, frozen=True):
    """``numbers`` are the decisions of the run, ``law`` is what breaks with the plant."""

    plant: str
    profile: str
    law: str
    numbers: str

    def replay(self) -> Outcome:
        decisions = ReplayedDecisions([int(number) for number in self.numbers.split()])
        return run(PROFILES[self.profile], decisions, _PLAIN, keep_trace=True)


REGRESSIONS = (
    Regression(
        "resends are applied again",
        "default",
        "once",
        "0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0 23 0 0 0 15 0 0 0 0 0 0 0 102",
    ),
    Regression(
        "broadcast before the commit", "default", "durable", "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
    ),
    Regression(
        "base revision off by one",
        "default",
        "accepted",
        "0 0 0 0 1 1 0 8 1 23 0 15 0 15 0 15 0 57 15 30 0 38 1 86 86 30 0 30 0 30 0 30 0 38 0 30 "
        "0 15 0 15 1 0 15 0 30 0 35 0 0 0 0 0 15 0 35 1 0 5 0 0 0 0 0 1 0 0 0 0",
    ),
    Regression(
        "history trimmed too early",
        "default",
        "alive",
        "0 2 0 0 2 0 0 48 0 76 1 0 0 0 0 0 0 0 20 0 20 0 0 0 0 0 35 0 35 0 0 0 20 0 0 0 131 1 50 "
        "0 0 0 20 0 95 0 0 0 0 0 0 0 0 0 45 0 45 0 0 0 125 2 0 0 30 0 0 0 0 0 0 0 30 0 0 0 0 0 60"
        " 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 140 0 0 0 60 0 0 500 0 0 900",
    ),
    Regression(
        "rollback keeps the submissions",
        "default",
        "acknowledged",
        "0 0 0 0 0 1 0 8 1 15 0 15 0 15 0 15 0 23 0 0 0 0 0 80 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
        "0 110 0 970 0 0",
    ),
    Regression(
        "snapshot of what is not durable",
        "default",
        "durable",
        "0 0 0 0 0 1 0 8 0 0 0 107 0 121 8 0 68 0 0 0 0 0 0 1 0 0 0 0 0 1 0 155 0",
    ),
    Regression(
        "a parent cycle stays",
        "default",
        "acyclic",
        "0 0 0 0 1 0 0 0 1 15 1 0 0 0 0 80 0 0 0 0 0 0 40 0 40 5 0 0 0",
    ),
    Regression(
        "a repair goes by itself", "default", "acyclic", "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5 0 0 0"
    ),
    Regression(
        "last sequence counts what is not durable",
        "default",
        "acknowledged",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 15 0 0 0 15 0 0 0 0 0 0 0 93",
    ),
    Regression(
        "only the first sender is answered",
        "default",
        "answered",
        "0 0 0 0 0 2 3 8 1 0 0 0 0 28 2 0 0 20 0 348 2 580 1 255 0 0 0 136 0 370 0 255 0 0 15 0 "
        "30 0 0 0 0 0 0 0 0 0 0 0 0 95 1 1 4 0 30 0 0 50 0 0 0 50 0 0 0 0 0 35 0 0 0 108 0 0 0 0 "
        "248 263 0 1 31 0 0 0 15 0 0 0 0 0 0 0 15 0 15 0 0 0 15 0 133 107 0 60 0 75 0 60 0 106 2 "
        "0 270 0 0 0 30 0 0 0 0 0 0 0 0 0 0 0 255 1 0 5 0 0 0 0 0 30 0 0 0 0 98 0 0 0 0 30 0 0 0 "
        "30 0 0 0 0 0 0 0 30 0 118 110 0 0 0 138 0 270 0 0 302 0 240 0 271 0 0 190 0 0 0 0 0 0 0 "
        "0 0 0 141 0",
    ),
    Regression(
        "only the last arrival is answered",
        "default",
        "answered",
        "0 0 0 0 1 1 73 40 0 0 0 0 0 0 0 56 23 0 60 0 0 0 0 941 15 0 0 0 0 118 0 178 1 0 0 0 0 0 "
        "0 124 222 173 2 136 941 135 0 0 0 0 106 2 0 505 0 581 1 150 0 75 0 180 1 0 500 0 500 0 "
        "970 0 0 151 0 0 15 0 122 1 0 0 75 0 0 0 125 0 105 1 0 189 0 0 0 105 0 0 75 0 75 0 75 7 3"
        " 1 0 345 7 3 0 0 375 6 0 0 315 942 345 1 0 425 0 0 0 75 0 75 0 0 0 143 0 120 0 0 120 902"
        " 0 0 0 60 0 60 0 0 15 7 0 0 0 316146 0 0 0 46 2 0 321 0 0 0 240 0 285 1 0 0 0 35 5 0 "
        "419852 145 65 0 0 65 0 0 0 20 0 0 0 65 0 0 0 0 0 321 0 525 0 62 0 140 0 155 0 280 0 18 0"
        " 15 0 161 0 0 18 0 21 0 15 0 60 0 0 0 62 0 0 0 0 0 0 0 0 0 126 0 0 0 0 0 0 0 0 0 15 3 0 "
        "0 45 1 0 0 0 320 0 679 0 131 0 120 0 155 0 0 0 0 0 276 0 0 85 0 0 0 133 1 148 0 120 0 "
        "185 3 319189 5 0 0 0 185 0 0 0 0 0 31 0 76 0 126 0 75 0 0 0 15 0 60 0 0 0 940 45 0 0 45 "
        "0 0 0 45 0 100 0 0 0 145 0 20 0 200 1 125 0 0 0 125 0 273 2 320 0 60 0 126 0 80 0 341 0 "
        "61 0 0 0 0 0 0 0 0 0 0 0 0 0 0 127 0 970 0 0",
    ),
    Regression(
        "a fenced commit refuses twice",
        "default",
        "single answer",
        "0 0 0 0 0 2 0 32 2 0 0 0 0 0 0 31 0 0 0 0 0 0 0 0 0 95 2 0 0 15 0 0 0 0 0 0 15 0 1 0 90 "
        "0 1 0 270 0 0 0 0 0 122 0 350 0 0 170 0 0 0 90 0 0 0 0 0 0 0 0 350 900 0 0 0 0 0 3 0 0 "
        "170 90 1 0 0 0 110 0 0 80 0 80 0 270 0 0 0 356 0 235 0 0 0 0 285 1 0 0 0 0 0 0 0 0 0 0 0"
        " 0 0 0 0 90 0 140 0 0 0 0 0 0 0 90 1 0 90 0 150 0 60 0 250 0 281 900 30 0 0 0 30 0",
    ),
    Regression(
        "a fenced commit refuses nobody",
        "hostile",
        "answered",
        "0 0 0 0 3 1 0 64 1 31 0 15 0 103 0 195 1 75 0 163 0 135 1 0 15 0 155 0 0 288 0 30 0 110 "
        "0 222 0 90 0 90 0 0 0 90 800 105 1 0 403 90 0 170 0 170 0 268 0 0 0 0 0 0 245 0 0 0 0 0 "
        "0 0 0 0 0 0 243 0 0 0 0 258 159 77 0 0 800 45 1 0 0 0 140 0 208 0 180 0 120 0 0 0 224 0 "
        "135 0 0 0 0 0 284 0 0 0 180 1 0 444 600 92 0 0 0 60 0",
    ),
    Regression(
        "a crash is blamed on what was answered",
        "default",
        "single answer",
        "0 0 0 0 1 0 0 32 0 60 0 0 0 0 0 0 0 0 0 0 0 0 48 46 1 45 2 0 0 0 0 30 0 0 0 0 0 0 0 0 0 "
        "0 0 0 0 0 0 0 45 0 45 0 0 0 45 0 0 0 305 0 0 0 125 0 110 0 0 0 95 0 0 0 125 0 0 0 140 0 "
        "970 0 0 15 0 80 1 0 15 0 80 0 35 940 75 0 75 0 15 0 120 0 120 0 0 0 15 0 0 0 125 0 0 0 "
        "45 2 0 340 0 400 0 60 0 125 0 0 125 900 0 900 125 0 0 65 0 0 0 0 0 0 0 0 45 0 0 0 45 0 0"
        " 0 20 0 50 0 0 0 141 15 0 185 0 1",
    ),
    Regression(
        "an old resend of a forgotten client",
        "default",
        "once",
        "0 0 0 0 1 0 0 32 0 0 940 0 1 0 80 0 0 0 0 0 31 0 60 0 0 0 60 0 155 2 315 0 300 0 300 0 0"
        " 0 0 0 60 0 90 1 0 90 0 395 0 0 0 410 900 0 0 0 0 0 0 45 0 45 0 0 0 0 285 0 829 0 0 0 0 "
        "0 125 0 0 0 157 1 60 1 0 60 0 0 0 45 0 0 0 140 0 15 0 15 0 140 0 0 0 60 0 0 15 0 15 0 15"
        " 0 160 0 15 0 15 0 15 0 81 1 100 15 140 0 216 0 75 0 120 0 0 75 0 75 0",
    ),
    Regression(
        "conflicts are told to all",
        "default",
        "conflicts",
        "0 0 0 0 1 0 0 0 1 15 0 15 0 15 0 0 0 0 0 0 0 1 0 0 0 15 0 0 0 0 0 0 0 0",
    ),
    Regression(
        "what failed is refused to nobody",
        "default",
        "answered",
        "0 0 0 0 0 1 0 8 0 0 0 0 0 0 0 15 0 0 0 0 0 0 0 0 0 15 0 0 0 0 15 0 0 900",
    ),
    Regression(
        "after a crash clients count as new",
        "default",
        "acknowledged",
        "0 0 1 0 0 0 0 0 0 0 0 99 0 113 16 0 60 0 0 0 0 0 0 1 0 0 0 0 0 0 0 160 0 0 0 0",
    ),
    Regression(
        "after a crash one hears and the others do not",
        "default",
        "order",
        "0 0 0 0 1 1 0 24 0 0 0 0 0 88 2 328 0 0 0 60 0 75 0 0 0 0 0 121 0 1 110 0 0 0 0 0 0 0 "
        "125 0 0 0 0 0 45 0 0 0 0 0 0 0 0 0 45 0 0 1 0 5 0 15 0 0 2 105 0 970 0 0 105 0 60 0 60 0"
        " 75 0 0 0 105 0 0 940 45 0 0 45 0 0 0 45 0 0 0 80 0 125 0 0 0 125 0 0 0 190 6 2 0 140 0 "
        "0 0 125 0 125 0 0 0 0 0 125 0 400 0 0 0 160 0 0 0 0 0 0 0 0 0 0 0 0 0 125 1 0 125 0 125 "
        "900 0 900 0 0 45 45 0 415 0 0 0 0 0 0 0 30 0 0 0 0 0 45 0 45 0 0 900 45 0 0 0 53 0 0 133"
        " 193 0 0 0 0 45 1 0 125 0 0 0 145 0 0",
    ),
    Regression(
        "after a crash nobody hears anything",
        "default",
        "answered",
        "0 0 0 0 1 1 0 24 0 0 0 0 0 0 0 56 15 0 0 0 15 0 0 0 23 1 54 0 15 0 138 1 0 15 0 30 0 0 0",
    ),
    Regression(
        "resend under a new number",
        "default",
        "once",
        "0 0 0 0 0 0 0 0 0 0 0 99 0 113 0 0 60 0 0 0 0 0 0 1 0 0 0 0 0 0 0 157 0 0",
    ),
    Regression(
        "sent before it was acknowledged",
        "default",
        "accepted",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 15 0 0 0 15 0 0 0 34 0 0 0 0 0 0 0 1 2 5 0 0 1 2 4 0 1",
    ),
    Regression(
        "the client lets the other one win",
        "default",
        "convergence",
        "0 0 0 0 0 1 0 24 0 0 0 0 0 0 0 39 0 0 137 23 0 0 0 95 1 30 0 131 15 0 110 1 2 5 1 144 0 "
        "1 2 5 0",
    ),
    Regression(
        "closure skipped",
        "default",
        "validity",
        "0 0 0 0 1 1 0 8 1 23 0 15 0 15 0 15 0 57 15 30 0 38 1 86 86 30 2 30 0 30 0 30 0 38 2 0 0"
        " 30 0 15 0 15 1 0 15 0 30 0 74 0 45 6 0 0 30 940 45 1 0 125 0 0 0 30 1 1 4 0 285 1 0 285"
        " 0 925 0 0 0 270 0 605 0 270 0 270 0 270 0 293 0 30 0 30 0 133 0 105 0 0 30 0 30 0 220 0"
        " 0 0 0 0 0 0 0 0 0 6 0 0 236 0 0 90 1 0",
    ),
)


def find(plant: Plant) -> Regression:
    """The shortest run found that fails with the plant. Raises LookupError where none does."""
    with plant.planted():
        for profile in (PROFILES["default"], PROFILES["hostile"]):
            for seed in range(_MOST_RUNS):
                outcome = run(profile, SeededDecisions(seed), _PLAIN)
                failure = outcome.failure
                if failure is not None and failure.law in plant.laws:
                    return _small(plant, profile, outcome, failure)
    raise LookupError(f"nothing fails with the plant {plant.name!r}")


def _small(plant: Plant, profile: Profile, outcome: Outcome, failure: Failure) -> Regression:
    small = shrink(profile, outcome.decisions, failure, _PLAIN, seconds=_SECONDS_TO_SHRINK)
    numbers = " ".join(map(str, small.decisions))
    return Regression(plant.name, profile.name, failure.law, numbers)


def main(names: list[str]) -> None:
    for name, plant in PLANTS.items():
        if names and name not in names:
            continue
        found = find(plant)
        lines = wrap(found.numbers, 88, drop_whitespace=False)
        print(f'    Regression(\n        "{name}",\n        "{found.profile}",\n', end="")
        print(f'        "{found.law}",')
        print("".join(f'        "{line}"\n' for line in lines), end="    ),\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
