"""The results as a table: for the terminal, and as a page of the documentation."""

from collections import Counter
from collections.abc import Sequence

from property_tests.mutants.proving import CONTROL_SECONDS, LIMIT_SECONDS, Result

_ROW = "{:>4}  {:<16} {:<66} {:<12} {:<22} {:>8} {:>7}"
_PAGE = """\
# The mutation proof

Does the laboratory find bugs? {mutants} deliberate ones are put into copies of the source, one at a
time, and each is hunted by the laws at random, the small worlds and the simulator, in turns, until
something breaks. The same seed tries the same cases in the same order; only the seconds depend on
the machine.

**{caught} of {mutants} were caught**, each within {limit:.0f} seconds, half within {median} cases.
The source without a bug survived {control}.

`python -m property_tests.mutants` hunts them again and prints this table; `--write` writes this
page. A bug that survives is a law that is missing. A bug whose text is no longer in the source is
an error. The stored vectors take no part: they would catch most of this, and say little about the
laws.

Laws are named by the letters of `algebra.md`; **W** says that the winner's letters come first.
Other names are those of what the simulator and the checks of the core look at. Where a bug ended a
case with an exception, the law is the one that was in question.

Caught by: {checks}.

| | where | bug | rule | caught by law | in | after cases | seconds |
|---:|---|---|---|---|---|---:|---:|
{rows}
"""


def head() -> str:
    return _ROW.format("", "where", "bug", "law", "caught in", "cases", "seconds")


def row(number: int, result: Result) -> str:
    """One line of the terminal's table."""
    where, bug, _, *rest = _cells(result)
    return _ROW.format(number, where, bug, *rest).rstrip()


def _cells(result: Result) -> tuple[str, str, str, str, str, str, str]:
    mutant, finding = result.mutant, result.finding
    where, bug, rule = "", "no bug at all", ""
    if mutant is not None:
        where, bug, rule = mutant.file.removesuffix(".py"), mutant.name, mutant.breaks
    law = finding.law or ("SURVIVED" if mutant is not None else "survived")
    return where, bug, rule, law, finding.check, f"{finding.cases:,}", f"{finding.seconds:.1f}"


def verdict(results: Sequence[Result], seconds: float) -> str:
    bugs = [result for result in results if result.mutant is not None]
    lines = [f"{sum(each.is_caught for each in bugs)} of {len(bugs)} caught in {seconds:.0f} s"]
    lines += [
        f"SURVIVED: {each.mutant.name}" for each in bugs if each.mutant and not each.is_caught
    ]
    lines += [
        f"BROKEN WITHOUT A BUG, law {each.finding.law}: {each.finding.message}"
        for each in results
        if each.mutant is None and each.is_caught
    ]
    return "\n".join(lines)


def markdown(results: Sequence[Result]) -> str:
    """The page of the documentation."""
    bugs = [result for result in results if result.mutant is not None]
    caught = [result for result in bugs if result.is_caught]
    cases = sorted(result.finding.cases for result in caught)
    rows = [
        "| " + " | ".join((str(number), *_cells(result))) + " |"
        for number, result in enumerate(bugs, 1)
    ]
    control = [result.finding.cases for result in results if result.mutant is None]
    checks = Counter(result.finding.check or "an endless loop" for result in caught)
    return _PAGE.format(
        mutants=len(bugs),
        caught=len(caught),
        limit=LIMIT_SECONDS,
        median=f"{cases[len(cases) // 2]:,}" if cases else "0",
        control=f"{sum(control):,} cases, {CONTROL_SECONDS:.0f} seconds long",
        checks="; ".join(f"{name} ({number})" for name, number in checks.most_common()),
        rows="\n".join(rows),
    )
