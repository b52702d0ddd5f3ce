"""``python -m property_tests.mutants``: hunts every deliberate bug and prints what caught it.

Exits 0 if each is caught in time and the source without a bug survives, 1 if not, 2 if a bug no
longer fits the source.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from property_tests.mutants.catalogue import MUTANTS
from property_tests.mutants.mutant import Mutant, NoLongerFits
from property_tests.mutants.proving import LIMIT_SECONDS, SOURCE, Result, prove
from property_tests.mutants.table import head, markdown, row, verdict

DOCUMENT = SOURCE / "docs" / "research-mutants.md"


def _chosen(words: Sequence[str]) -> list[Mutant]:
    return [
        mutant
        for mutant in MUTANTS
        if not words or any(word in f"{mutant.file} {mutant.name}" for word in words)
    ]


def main() -> int:
    options = _parse()
    started = time.monotonic()
    results: list[Result] = []
    print(head())
    try:
        mutants = [None, *_chosen(options.words)]
        for result in prove(mutants, options.jobs, options.seconds, options.without):
            results.append(result)
            print(row(len(results) - 1, result), flush=True)
            if options.verbose:
                print(result.finding.message)
    except NoLongerFits as error:
        print(f"error: {error}; take the bug up to the source as it is now", file=sys.stderr)
        return 2
    print(verdict(results, time.monotonic() - started))
    if not all(each.is_caught == (each.mutant is not None) for each in results):
        return 1
    if options.write:
        DOCUMENT.write_text(markdown(results), encoding="utf-8")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m property_tests.mutants", description=__doc__)
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="only bugs with a WORD in file or name"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="hunts at a time")
    parser.add_argument(
        "--seconds", type=float, default=LIMIT_SECONDS, help="within which each must be caught"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="WORD",
        help="leave out the checks with WORD in their name",
    )
    parser.add_argument("--verbose", action="store_true", help="show each counterexample")
    parser.add_argument(
        "--write", action="store_true", help=f"write the whole table to docs/{DOCUMENT.name} too"
    )
    options = parser.parse_args()
    if options.write and (options.words or options.without or not DOCUMENT.parent.is_dir()):
        parser.error("--write is for a whole run in a checkout")
    return options


if __name__ == "__main__":
    sys.exit(main())
