"""The counterexample and the summary, for a terminal."""

from collections.abc import Sequence

from property_tests.fuzz_campaign import Result
from property_tests.fuzz_replay import Replay, known_pairs, load_type
from property_tests.fuzz_report.diamond import drawn
from property_tests.fuzz_report.laws import diamond_line, law_line, law_sentence
from property_tests.fuzz_report.timeline import Happening, story_of
from property_tests.fuzz_report.values import difference_lines, plain, shown
from property_tests.simulation import Failure, Outcome

#: Lines of a timeline in a terminal; of a longer one the first and the last ones.
MAX_TIMELINE_LINES = 160


def summary(result: Result) -> list[str]:
    """What was done, what met and what was never seen."""
    tally, plan = result.tally, result.plan
    known = known_pairs(load_type(plan.type), tally.kind_pairs)
    seconds = max(result.elapsed_seconds, 1e-9)
    never = sorted(known - tally.kind_pairs.keys())
    # A campaign that ended early has not had the time to meet them.
    named = f"; never: {', '.join(never)}" if never and tally.failed is None else ""
    lines = [
        f"{_runs(tally.runs)} of profile {plan.profile.name} on type {plan.type}"
        f" in {seconds:.1f} s, {tally.runs / seconds * 60:,.0f} a minute",
        f"{tally.operations:,} operations in {tally.steps:,} steps; {tally.overlaps:,} times two"
        f" of them met; in {_runs(tally.idle_runs)} nothing did",
        f"{len(known) - len(never)} of {len(known)} kind pairs met{named}",
        f"seed {plan.seed}, campaign hash {result.hash} of {_runs(tally.runs)}",
    ]
    return ["Interrupted.", *lines] if result.is_interrupted else lines


def _runs(count: int) -> str:
    return f"{count:,} run{'' if count == 1 else 's'}"


def counterexample(outcome: Outcome, failure: Failure, replay: Replay, command: str) -> list[str]:
    """The law, the diamond, the run and how to have it again."""
    happenings = story_of(outcome)
    return [
        f"BROKEN: {law_line(failure.law)}",
        f"  The law: {law_sentence(failure.law)}",
        f"  Broken: {plain(failure.message)} (step {failure.step})",
        *(f"  {line}" for line in _expectation(failure)),
        "",
        diamond_line(failure),
        *([] if failure.diamond is None else ["", *drawn(failure.diamond)]),
        "",
        f"The run, {outcome.steps} steps and {len(outcome.decisions)} decisions long:",
        *timeline_lines(happenings),
        "",
        f"Seed {replay.seed}, run {replay.run}, profile {replay.profile.name}, type {replay.type}.",
        f"Again: {command}",
    ]


def _expectation(failure: Failure) -> list[str]:
    if failure.expected is None and failure.actual is None:
        return []
    return [
        f"Expected: {shown(failure.expected)}",
        f"Found:    {shown(failure.actual)}",
        *difference_lines(failure.expected, failure.actual, ("expected", "found")),
    ]


def timeline_lines(happenings: Sequence[Happening]) -> list[str]:
    width = max((len(each.lane) for each in happenings), default=0)
    lines = [
        f"{each.step:>5} {'!' if each.is_fault else ' '} {each.lane:<{width}}  {each.what}"
        for each in happenings
    ]
    if len(lines) <= MAX_TIMELINE_LINES:
        return lines
    half = MAX_TIMELINE_LINES // 2
    return [*lines[:half], f"      … {len(lines) - 2 * half} lines …", *lines[-half:]]
