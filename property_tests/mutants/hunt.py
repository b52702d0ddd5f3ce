"""One hunt, in a process of its own: ``python -m property_tests.mutants.hunt SECONDS SEED WORD…``.

Goes through the checks in turns until one breaks or the time is over, and prints a Finding as JSON.
Checks with a WORD in their name are left out.
The same seed tries the same cases in the same order, so that only the seconds differ.
"""

import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from random import Random

import msgspec

import ot
from property_tests.laws import Broken
from property_tests.mutants.stack import CHECKS

#: Characters of a message that a finding keeps.
MAX_MESSAGE_LENGTH = 2_000


class Finding(msgspec.Struct, frozen=True):
    """What a hunt brought home; ``law`` is ``None`` where nothing broke.

    ``cases`` counts those of all checks together; ``tree`` is the folder whose source ran.
    """

    law: str | None
    check: str
    message: str
    cases: int
    seconds: float
    tree: str


def hunt(seconds: float, seed: str, without: Sequence[str] = ()) -> Finding:
    """The first thing that breaks, if anything does."""
    checks = [check for check in CHECKS if not any(word in check.name for word in without)]
    started = time.monotonic()
    cases = 0
    for number in count():
        for check in checks:
            if time.monotonic() - started > seconds:
                return _finding(None, "", "", cases, started)
            cases += 1
            try:
                check.run(Random(f"{seed} {check.name} {number}"), number)
            except Broken as broken:
                return _finding(broken.letter, check.name, str(broken), cases, started)
            except Exception as error:  # whatever a bug leads to
                message = f"{type(error).__name__}: {error}"
                return _finding(check.law, check.name, message, cases, started)
    raise AssertionError("counting never ends")


def _finding(law: str | None, check: str, message: str, cases: int, started: float) -> Finding:
    tree = str(Path(ot.__file__).parent.parent)
    seconds = time.monotonic() - started
    return Finding(law, check, message[:MAX_MESSAGE_LENGTH], cases, seconds, tree)


def main() -> None:
    seconds, seed, *without = sys.argv[1:]
    finding = hunt(float(seconds), seed, without)
    print(msgspec.json.encode(finding).decode())


if __name__ == "__main__":
    main()
