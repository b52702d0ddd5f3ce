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
        "resends are applied again", "default", "once", "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 93"
    ),
    Regression(
        "broadcast before the commit", "default", "durable", "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
    ),
    Regression(
        "base revision off by one",
        "default",
        "accepted",
        "0 0 0 0 0 0 0 0 1 15 0 15 0 15 0 15 0 34 0 0 0 0 0 0 0 0 0 15 0 0 0 0 0 6 0 0",
    ),
    Regression(
        "history trimmed too early",
        "default",
        "alive",
        "0 2 0 0 2 2 0 65 2 248 0 0 0 63 0 0 0 0 0 106 0 0 0 0 6 0 458787 274 1 0 341 0 0 0 0 0 "
        "133 0 195 0 0 0 0 0 187 1 60 0 185 0 210 0 0 0 185 0 91 0 205 0 23 0 49 0 30 0 62 0 125 "
        "0 0 1 240 0 369 0 0 0 39 0 72 0 69 0 0 0 90 0 132 0 0 0 0 0 422 0 97 0 0 0 106 0 95 0 0 "
        "0 114 0 138 0 117 0 135 9 1 0 0 0 0 0 8 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2 0 0 0 0 0 3 0 "
        "0 0 0 0 4 2 3 0 0 0 0 0 0 0 0 1 9 0 0 0 0 273 0 69 0 85 0 0 0 61 0 158 1 0 0 67 9 0 6 0 "
        "0 0 0 528283 0 0 0 35 9 1 6 0 2 0 0 0 0 6 0 2 0 0 550581 0 0 228 3 0 0 2 400 0 0 0 0 0 "
        "91 1 0 563 0 180 0 0 0 160 0 0 907",
    ),
    Regression(
        "rollback keeps the submissions",
        "default",
        "acknowledged",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 15 0 15 0 0 900",
    ),
    Regression(
        "snapshot of what is not durable",
        "default",
        "durable",
        "0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0",
    ),
    Regression(
        "a parent cycle stays",
        "default",
        "acyclic",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 9 1 0 0 4 0 0 12 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
        " 0 0 0 0 0 0 0 0 2",
    ),
    Regression(
        "a repair goes by itself",
        "default",
        "acyclic",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 9 1 0 0 4 0 0 12 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
        " 0 0 0 0 0 0 0 0 2",
    ),
    Regression(
        "last sequence counts what is not durable",
        "default",
        "acknowledged",
        "0 0 0 0 2 0 0 0 1 0 0 0 0 0 0 0 0 0 0 78 1",
    ),
    Regression(
        "only the first sender is answered",
        "default",
        "answered",
        "0 0 0 0 1 2 0 0 0 60 0 0 0 0 0 0 0 0 0 0 104 0 0 940 0 0 96 0 60 1 0 0 0 0 0 0 0 0 0 0 0"
        " 0 0 0 0 15 0 0 251 1 95 0 0 0 190 0 0 0 190 0 0 0 172 0 0 0 0 0 0 175 1 0 325 0 235 0 0"
        " 0 61 0 0 0 60 0 135 1 0 120 0 120 0 120 0 0 0 60 0 90 0 0 0 0 0 30 0 15 9 1 6 0 3 0 0 0"
        " 0 0 0 0 0 0 0 0 0 0 0 0 3 2 3 0 3 3 3 0 0 0 0 0 105 105 0 0 0 185 0 0 0 0 0 0 0 0 0 133"
        " 0",
    ),
    Regression(
        "only the last arrival is answered",
        "default",
        "answered",
        "0 0 0 0 2 2 0 8 0 100 0 0 0 60 0 0 0 184 1 95 0 95 0 127 1 30 0 0 0 143 0 0 126 1 45 0 0"
        " 100 0 75 0 75 0 105 0 75 0 75 0 0 0 143 0 0 0 2 399 0 90 0 0 75 0 0 45 0 0 0 190 1 174 "
        "0 218 0 15 0 30 0 30 0 75 0 0 255 0 0 900 359 0 358 220 0 190 0 236 0 90 0 220 0 90 0 90"
        " 0 15 15 0 0 0 0 0 153 305 1 0 385 0 970 0 0",
    ),
    Regression(
        "a fenced commit refuses twice",
        "default",
        "single answer",
        "0 0 0 0 2 1 60 46 2 284 2 0 0 0 0 0 1 0 0 0 15 0 0 0 32 1 45 2 0 0 0 0 33 0 0 371 2 595 "
        "0 0 0 0 0 0 0 0 0 35 4 406638 0 0 328 0 0 0 0 0 0 20 6 1 0 0 0 0 0 68 0 0 43 5 1 6 0 0 0"
        " 0 0 0 0 3 0 3 0 0 1 61 0 0 0 152 0 285 5 2 0 1 0 149 0 200 0 0 1 105 9 1 0 0 0 2 0 4 0 "
        "0 0 0 0 7 3 0 0 0 0 8 3 0 0 0 0 0 0 0 0 1 0 0 0 2 0 0 4 0 0 2 0 0 0 0 0 0 0 94 1 1 4 0 "
        "103 0 0 0 144 1 0 299 0 98 0 73 0 316 4 490162 0 2 441 919 0 0 345 1 2 1 0 380 0 300 0 0"
        " 0 0 0 62 1 1 5 0 125 0 106 0 0 0 129 0 963 80 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 140 0 0 0"
        " 63 0 0 0 0 0 0 240 0 246 0 240 0 246 0 266 0 253 0 492 0 0 0 0 0 0 0 205 0 0 0 140 0 "
        "281 0 0 0 66 0 298 0 241 0 321 0 0 0 390 0 0 0 0 0 0 0 154 0 433 9 1 9 383129 3 0 1 0 2 "
        "0 0 0 0 0 9 0 0 0 0 0 6 0 0 0 0 0 0 0 0 0 0 0 3 0 7 545 0 0 0 117 0 97 0 0 0 231 0 89 0 "
        "81 0 76 9 1 6 0 0 0 0 0 0 0 0 0 0 0 0 0 0 7 1 0 0 0 0 0 0 0 0 0 0 0 0 0 60 0 0 169 0 172"
        " 0 766 1 1 2 0 0 0 0 0 119 0 147 0 340 224 0 235 0 0 905 221 0 182 0 188 0 93 0 147 0 "
        "212 0 0 21 0 135 1 0 222 0 0 0 23 0 154 1 0 234 0 640 0 176 0 165 0 255 0 403 0 0 0 160 "
        "0 244 910 87 0 0 0 60 0",
    ),
    Regression(
        "a fenced commit refuses nobody",
        "default",
        "answered",
        "0 1 0 2 2 1 120 53 2 294 2 251 646 112 401 69 1 624 259 853 21 476 20 683 37 1 52 2 42 "
        "641 7 357 45 0 376 374 2 597 3 5 0 413 101 369 682 47 588 40 8 813276 0 0 375 0 815 518 "
        "739 31 75 22 6 1 56343 57 977 9 206 137 0 718 58 10 1 8 0 2 1 0 480991 0 2 8 1 4 2 2 "
        "682577 70 732 339 850 152 0 290 5 2 71170 1 187 154 0 202 8 2 1 109 10 1 0 1 0 4 1 9 6 0"
        " 7 8 7 3 7 0 3 7 8 3 4 4 7 8 2 0 1 1 1 6 389416 0 2 0 1 4 7 1 2 4 5 0 8 0 978254 915147 "
        "101 2 1 4 4 206 855 12 872 192 1 51 598 127 196 57 146 863 322 4 980325 0 2 471 949 306 "
        "800 351 2 2 1 1 406 264 301 3 6 1 205 182 67 1 1 5 0 134 723 110 3 260696 0 173 59 995 "
        "107 2 841 855 429 396 17 488 800 839 295 757 5 304 837 156 904 150 24 957 439 68 0 479 "
        "573 680 591 907 480 889 492 934 242 239 282 31 305 306 270 410 656 592 18 757 47 686 132"
        " 4 3 2 114 5 1 351063 0 64 411 219 8 65197 1 142 72 291 532 747 730 88 57 298 0 276 676 "
        "446 0 590 212 76 304 142 224 309 232 554 737 16 64 234 697 195 307 70 835 239 0 119 429 "
        "109 203 82 10 1 7 0 2 0 1 3 1 5 5 1 1 4 6 0 8 7 3 4 6 6 3 5 5 9 1 1 5 750 33 484 69 0 "
        "820 339 929 197 572 770 2 1 3 2 713 697 152 23 159 439 168 944 342 257 281 269 315 642 "
        "920 253 399 364 940 377 515 125 119 196 436 219 13 184 28 351 144 1 402 222 0 0 0 23 0 "
        "154 1 0 234 0 640 0 176 0 165 0 255 0 403 0 0 0 160 0 244 910 62 0 0 0 63 0 0 0 0 0 3 0 "
        "60 0 3 0 3 0 200 0",
    ),
    Regression(
        "a crash is blamed on what was answered",
        "default",
        "single answer",
        "0 0 0 0 0 2 69 0 2 0 0 109 0 0 0 82 2 0 0 0 0 0 0 0 0 0 0 0 15 0 0 0 0 0 95 9 0 6 0 3 0 "
        "0 0 5 0 0 0 0 0 0 0 21 1 990 0 0 0 0 111 0 0 1 0 3 0 23 2 0 111 904 0 0 45 0 0 0 6 0 0 "
        "34 101 1 38 0 0 0 0 0 40 0 40 0 0 0 139 0 0 0 0 0 44 0 0 135 0 50 0 0 0 54 0 372 0 0 57 "
        "0 141 2 0 0 56 0 0 22 0 322 0 380 0 316 0 254 0 293 0 0 0 0 53 0 54 0 0 0 69 0 0 0 378 0"
        " 0 141 0 318 0 0 0 53 1 0 167 0 56 0 0 0 0 0 0 0 134 142 0 0 0 59 0 36 0 387 0 0 0 0 188"
        " 0 73 111 0 0 0 0 0 0 0 58 0 0 51 0 0 0 0 0 130 0 0 0 0 0 54 1 0 212 1 35 0 0 0 57 0 0 "
        "70 0 0 0 150 105 0 0 0 80 0 152 0 175 0 0 0 0 0 0 0 156 2 322 0 0 445 366 0 395 0 289 0 "
        "418 0 0 0 15 0 386 0 0 153 0 24 0 143 0 149 0 45 0 68 0 0 900 35 0 0 0 71 0 0 0 0 55 0 "
        "67 290 9 1 6 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0 0 65 0 0 0 55 1 0 50 0 50 0 0 0 50 0 0 0 290 "
        "0 0 0 0 0 145 0 159 0 1",
    ),
    Regression(
        "an old resend of a forgotten client",
        "default",
        "once",
        "0 0 0 0 2 0 21 16 0 0 0 0 0 0 0 31 0 0 0 95 1 30 0 25 0 30 0 0 0 0 0 145 78 1 0 0 0 0 0 "
        "0 30 0 35 0 0 0 0 0 61 0 0 0 45 0 110 0 0 0 16 0 136 1 15 0 15 0 60 0 0 15 0 153 0 15 0 "
        "142 0 0 0 61 1 0 60 0 15 0 80 0 0 0 65 0 0 0 82 0 0 225 0 0 0 0 0 145 1 0 0 65 1 0 145 0"
        " 0 0 0 0 20 0 55 1 0 5 0 0 0 115 0 115 0 0 900 115 0 15 0 70 9 0 0 0 1 0 0 0 0 0 0 0 0 0"
        " 0 0 223 338 0 350 2 210 0 60 255 0 0 515 0 0 0 135 0 140 0 135 0 275 0 0 0 0 0 75 1 0 "
        "475 0 15 0 155 0 0 0 155 0 335 0 15 0 555 2 264 0 15 0 15 0 156 1 0 15 0 15 0 295 2 15 0"
        " 236 0 0 0 155 0 0 659 0 41 0 26 0 335 0 591 0 575 0 577 0 15 0",
    ),
    Regression(
        "conflicts are told to all",
        "default",
        "conflicts",
        "0 0 0 0 1 0 0 0 1 0 0 0 0 20 0 0 0 0 0 0 0 0 0 0 0 15 0 0 0 0 15 0 1 0",
    ),
    Regression(
        "what failed is refused to nobody",
        "default",
        "answered",
        "0 0 0 0 2 1 0 8 0 0 0 0 0 0 0 39 0 0 0 95 2 0 0 15 0 0 0 0 350 2 0 940 0 0 0 9 1 6 0 0 0"
        " 0 0 0 0 6 0 3 0 0 524288 0 0 30 2 0 438 0 0 0 0 0 30 0 0 0 105 0 0 0 0 0 0 205 0 0 900",
    ),
    Regression(
        "after a crash clients count as new",
        "default",
        "acknowledged",
        "0 0 0 0 0 0 0 0 0 0 0 80 0 60 0 0 0 0 0 0 0 0 0 0 0 15 0 0 159",
    ),
    Regression(
        "after a crash one hears and the others do not",
        "default",
        "order",
        "0 0 0 0 2 2 0 32 0 0 0 112 1 103 1 0 0 103 1 0 0 15 2 0 95 1 0 0 0 188 2 0 0 100 0 0 100"
        " 0 100 0 100 0 138 0 0 0 115 0 0 0 30 0 165 1 15 0 140 0 140 0 0 0 15 0 15 0 0 0 0 0 200"
        " 15 0 172 463 2 90 345 0 0 0 375 3 0 483 0 90 0 0 155 2 0 0 0 311 1 0",
    ),
    Regression(
        "after a crash nobody hears anything",
        "default",
        "answered",
        "0 0 0 0 0 1 0 8 1 23 0 15 0 15 0 15 0 15 0 0 0 15 0 15 0 0 0 30 0 30 0 0 0 30 0 15 0 15 "
        "0 30 0 90 0 0 0 0 0 15 0 0 0 0 0 0 104 0 0 30 0 30 0 0 0 118 0 0 0 127 0 0",
    ),
    Regression(
        "resend under a new number", "default", "once", "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 93"
    ),
    Regression(
        "sent before it was acknowledged",
        "default",
        "accepted",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 2 5 0 0 0 0 1 2 3 0 2",
    ),
    Regression(
        "the client lets the other one win",
        "default",
        "convergence",
        "0 0 0 0 0 0 0 0 1 15 0 15 0 15 0 0 0 0 0 0 0 0 0 0 0 15 0 0 0 0 0 0 1 0",
    ),
    Regression(
        "closure skipped",
        "default",
        "validity",
        "0 0 0 0 1 1 0 24 0 68 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 296 30 0 75 9 1 0 0 0 0 0 6 0 0 0 "
        "0 0 0 0 8 2 0 0 3 0 0 0 0 0 5 0 0 0 0 0 0 0 3 0 0 0 0 0 0 6 0 3 0 0 0 0 0 0 0 6 0 0",
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
