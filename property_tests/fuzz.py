"""``diagramai fuzz``: edits by the million until a law breaks, and the smallest run that breaks it.

Exit status 0: nothing broke. 1: a counterexample. 2: it was asked for something impossible.
130: Ctrl-C, twice.
"""

import secrets
import shlex
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from property_tests.fuzz_campaign import Campaign, Plan, Result, usable_cores
from property_tests.fuzz_replay import (
    OWN_TYPE,
    Replay,
    WrongUse,
    load_type,
    profile_named,
    project_version,
    read_replay,
    write_replay,
)
from property_tests.fuzz_report.laws import law_line
from property_tests.fuzz_report.page import clean_page, failure_page
from property_tests.fuzz_report.progress import ProgressLine
from property_tests.fuzz_report.text import counterexample, summary
from property_tests.simulation import Outcome, ReplayedDecisions, run, shrink

#: Of a campaign that is given neither a time nor a number of runs.
DEFAULT_MINUTES = 1.0
#: The longest that a counterexample is made smaller.
SHRINK_SECONDS = 30.0
#: The first look at how small it has become; each one after takes twice as long.
FIRST_SHRINK_SECONDS = 1.0


class FuzzOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; ``None`` is what it does not."""

    minutes: float | None = None
    runs: int | None = None
    seed: int | None = None
    replay: Path | None = None
    profile: str = "default"
    jobs: int | None = None
    html: Path | None = None
    out: Path = Path()
    type: str | None = None


def main(options: FuzzOptions) -> int:
    """Runs a campaign or a replay; the exit status."""
    try:
        if options.replay is not None:
            return _replay(options, options.replay)
        return _fuzz(options)
    except WrongUse as error:
        print(f"diagramai fuzz: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("diagramai fuzz: interrupted.", file=sys.stderr)
        return 130


# A campaign ------------------------------------------------------------------------------------


def _plan(options: FuzzOptions) -> Plan:
    """Raises WrongUse."""
    minutes = options.minutes
    if minutes is None and options.runs is None:
        minutes = DEFAULT_MINUTES
    if minutes is not None and not 0 < minutes < float("inf"):
        raise WrongUse("--minutes must be above 0.")
    if options.runs is not None and options.runs < 1:
        raise WrongUse("--runs must be at least 1.")
    jobs = usable_cores() if options.jobs is None else options.jobs
    if jobs < 1:
        raise WrongUse("--jobs must be at least 1.")
    return Plan(
        seed=secrets.randbits(32) if options.seed is None else options.seed,
        profile=profile_named(options.profile),
        type=options.type or OWN_TYPE,
        jobs=jobs,
        runs=options.runs,
        seconds=None if minutes is None else minutes * 60,
    )


def _fuzz(options: FuzzOptions) -> int:
    plan = _plan(options)
    progress = ProgressLine(plan)
    cores = f"{plan.jobs} job{'s' if plan.jobs > 1 else ''}"
    progress.write(f"Seed {plan.seed}, profile {plan.profile.name}, type {plan.type}, {cores}.")
    progress.end()
    result = Campaign(plan, progress.show).run()
    progress.end()
    if result.tally.failed is not None:
        return _report_failure(options, result, result.tally.failed, progress)
    _say(["Nothing broke." if result.tally.runs else "Nothing was run.", *summary(result)])
    _write_page(options, lambda: clean_page(result))
    return 0


def _report_failure(
    options: FuzzOptions, result: Result, failed: Outcome, progress: ProgressLine
) -> int:
    plan = result.plan
    outcome = _shrunk(plan, failed, progress)
    failure = outcome.failure
    if failure is None:
        raise WrongUse(
            f"Run {result.failing_run} broke {failed.failure and failed.failure.law!r}, but not"
            " when it was run again: the type does not do the same each time."
        )
    replay = Replay(
        project_version=project_version(),
        type=plan.type,
        profile=plan.profile,
        seed=plan.seed,
        run=result.failing_run,
        law=failure.law,
        message=failure.message,
        decisions=outcome.decisions,
    )
    path = write_replay(replay, options.out)
    command = shlex.join(["diagramai", "fuzz", "--replay", str(path)])
    _say(["", *counterexample(outcome, failure, replay, command), "", *summary(result)])
    _write_page(options, lambda: failure_page(outcome, failure, replay, command, result))
    return 1


def _shrunk(plan: Plan, failed: Outcome, progress: ProgressLine) -> Outcome:
    """In ever longer looks, so that one sees it become smaller."""
    kind, best, failure = load_type(plan.type), failed, failed.failure
    assert failure is not None, "only what broke is made smaller"
    began, seconds, first = time.monotonic(), FIRST_SHRINK_SECONDS, len(failed.decisions)
    while True:
        left = SHRINK_SECONDS - (time.monotonic() - began)
        before, started = len(best.decisions), time.monotonic()
        best = shrink(plan.profile, best.decisions, failure, kind, seconds=min(seconds, left))
        spent = time.monotonic() - began
        progress.write(
            f"Broken: {law_line(failure.law)}. Making it smaller: {first} decisions,"
            f" now {len(best.decisions)}, {spent:.0f} s of {SHRINK_SECONDS:.0f}"
        )
        is_least = len(best.decisions) == before and time.monotonic() - started < seconds
        if best.failure is None or is_least or spent >= SHRINK_SECONDS:
            progress.end()
            return best
        seconds *= 2


# A replay --------------------------------------------------------------------------------------


def _replay(options: FuzzOptions, path: Path) -> int:
    """Says whether it still fails; ``--type`` may name the type anew."""
    replay = read_replay(path)
    if options.type is not None:
        replay = msgspec.structs.replace(replay, type=options.type)
    decisions = ReplayedDecisions(replay.decisions)
    kind = load_type(replay.type)
    try:
        outcome = run(replay.profile, decisions, kind, keep_trace=True, diagnose=True)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise WrongUse(f"The run in {path} cannot begin: {told}.") from error
    if replay.project_version != project_version():
        _say([f"This is {project_version()}; the law broke in {replay.project_version}."])
    if outcome.failure is None:
        _say([f"No longer fails: {law_line(replay.law)} holds in this run."])
        return 0
    failure, command = outcome.failure, shlex.join(["diagramai", "fuzz", "--replay", str(path)])
    is_same = failure.law == replay.law
    verdict = "Still fails." if is_same else f"Fails, though no longer by {law_line(replay.law)}."
    _say([*counterexample(outcome, failure, replay, command), "", verdict])
    _write_page(options, lambda: failure_page(outcome, failure, replay, command, None))
    return 1


# What is said ----------------------------------------------------------------------------------


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _write_page(options: FuzzOptions, page: Callable[[], str]) -> None:
    if options.html is None:
        return
    try:
        options.html.write_text(page(), encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"The page cannot be written: {error}.") from error
    _say([f"Page: {options.html}"])
