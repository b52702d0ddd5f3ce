"""Every pair of operations of the small worlds, checked: ``python -m property_tests.exhaustive``.

In each state of each world, every operation of one step or of two composed ones is held to the
laws of one operation, and every pair of them to the diamond, with either side winning. The
smallest states come first, so that what breaks there is seen soon. ``--profile long`` has more
states and more steps.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from typing import get_args

import msgspec

from ot.apply import apply
from ot.compose import compose
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.footprint import Footprints
from ot.operation import NOTHING, Operation
from ot.transform import transform
from property_tests import laws
from property_tests.meetings import EXPECTED, Meetings, count_meetings
from property_tests.model import Invalid, check_references
from property_tests.worlds import World
from property_tests.worlds_long import PROFILES, Profile

#: Pairs of one unit of work: a second or so.
PAIRS_PER_TASK = 25_000
#: Broken laws that a report spells out.
MAX_FAILURES = 5
#: Every so many tasks a line tells how far the run is, where no terminal shows it all the time.
TASKS_PER_LINE = 10


class Task(msgspec.Struct, frozen=True):
    """Some rows of the triangle of pairs in one state."""

    profile: Profile
    world: int
    state: int
    rows: tuple[int, int]
    pairs: int


class Report(msgspec.Struct):
    """What was checked and what broke."""

    states: int = 0
    operations: int = 0
    pairs: int = 0
    undecided: int = 0
    failures: list[str] = []
    meetings: Meetings = msgspec.field(default_factory=Counter)

    def add(self, other: "Report") -> None:
        self.states += other.states
        self.operations += other.operations
        self.pairs += other.pairs
        self.undecided += other.undecided
        self.meetings.update(other.meetings)
        self.failures = [*self.failures, *other.failures][:MAX_FAILURES]

    def never_met(self) -> list[str]:
        return [meeting for meeting in EXPECTED if not self.meetings[meeting]]


@lru_cache(maxsize=1)
def operations_of(
    profile: Profile, world_index: int, state_index: int
) -> list[tuple[Operation, Diagram]]:
    """Every distinct operation of up to two steps, with the diagram after it."""
    world = PROFILES[profile][world_index]
    S = world.states[state_index]
    found: dict[bytes, tuple[Operation, Diagram]] = {}
    for a in (NOTHING, *world.steps(S)):
        A = apply(S, a)[0]
        found.setdefault(laws.encoded(a), (a, A))
        for b in world.steps(A):
            ab = compose(a, b)
            found.setdefault(laws.encoded(ab), (ab, _after(S, a, b, ab)))
    return list(found.values())


def _after(S: Diagram, a: Operation, b: Operation, ab: Operation) -> Diagram:
    try:
        return apply(S, ab)[0]
    except OperationError as error:
        raise laws.Broken("C", f"not valid: {error}", S=S, a=a, b=b, ab=ab) from error


def make_tasks(profile: Profile) -> list[Task]:
    """All pairs of all states, small states first, cut into tasks of about PAIRS_PER_TASK."""
    sizes = sorted(
        (len(operations_of(profile, w, s)), w, s)
        for w, world in enumerate(PROFILES[profile])
        for s in range(len(world.states))
    )
    return [task for count, w, s in sizes for task in _cut(profile, w, s, count)]


def _cut(profile: Profile, w: int, s: int, count: int) -> Iterable[Task]:
    """The pairs of ``count`` operations of one state, as tasks."""
    row = 0
    while row < count:
        end, pairs = row, 0
        while end < count and pairs < PAIRS_PER_TASK:
            pairs += count - end
            end += 1
        yield Task(profile, w, s, (row, end), pairs)
        row = end


def check(task: Task) -> Report:
    """One task; a broken law ends up in the report, it raises nothing."""
    world = PROFILES[task.profile][task.world]
    S = world.states[task.state]
    report = Report()
    try:
        operations = operations_of(task.profile, task.world, task.state)
        if task.rows[0] == 0:
            report.states = 1
            report.operations = len(operations)
            report.meetings = count_meetings(a for a, _ in operations)
            check_steps(world, S)
        for row in range(*task.rows):
            a, _ = operations[row]
            check_operation(S, a)
            report.undecided += check_row(S, operations, row)
            report.pairs += len(operations) - row
    except (laws.Broken, OperationError) as error:
        report.failures = [f"{world.name}, state {task.state}: {error}"]
    return report


def check_steps(world: World, S: Diagram) -> None:
    """Every two steps of this state, composed, do what they do one after the other.

    Steps of the other states, many of them not valid here, are refused where the model does.
    """
    for other in world.states:
        for a in world.steps(other):
            laws.applies(S, a)
    for a in world.steps(S):
        for b in world.steps(apply(S, a)[0]):
            laws.composed(S, a, b)


def check_operation(S: Diagram, a: Operation) -> None:
    laws.normal(a)
    laws.applies(S, a)
    laws.logged(S, a)
    laws.inverted(S, a)


def check_row(S: Diagram, operations: list[tuple[Operation, Diagram]], row: int) -> int:
    """The diamonds of one operation with itself and all after it, with either side winning.

    Returns how many of them depend on who wins. Laws D and M, but for what is known already: what
    comes out of ``transform`` as the same object is unchanged and in normal form.
    """
    a, A = operations[row]
    undecided = 0
    footprints = Footprints()
    footprints.add(a, 1)
    for b, B in operations[row:]:
        a1, b1 = transform(a, b, True), transform(b, a, False)
        a2, b2 = transform(a, b, False), transform(b, a, True)
        if (a1 is not a or b1 is not b) and not footprints.may_meet(b, 0):
            laws.passes_by(b, [], [a], True)
        try:
            _normal_if_new(a1, a)
            _normal_if_new(b1, b)
            ok = _meet(A, b1, B, a1)
            if (a1 is not a2 or b1 is not b2) and (a1 != a2 or b1 != b2):
                _normal_if_new(a2, a)
                _normal_if_new(b2, b)
                undecided += 1
                ok = ok and _meet(A, b2, B, a2)
        except (OperationError, Invalid, laws.Broken):
            ok = False
        if not ok:
            laws.diamond(S, a, b, True)
            laws.diamond(S, a, b, False)
            raise laws.Broken("D", "holds alone, but not in the loop", S=S, a=a, b=b)
    return undecided


def _meet(A: Diagram, b1: Operation, B: Diagram, a1: Operation) -> bool:
    T = apply(A, b1)[0]
    check_references(T)
    return apply(B, a1)[0] == T


def _normal_if_new(a1: Operation, a: Operation) -> None:
    if a1 is not a:
        laws.normal(a1)


def run(
    processes: int = 2,
    profile: Profile = "short",
    progress: Callable[[Report, int, int, int], None] | None = None,
) -> Report:
    """Checks everything; ``progress`` is told the report so far, tasks done, tasks, and pairs."""
    tasks = make_tasks(profile)
    pairs = sum(task.pairs for task in tasks)
    total = Report()
    # Fresh interpreters, not forks: the caller may have threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        futures = [pool.submit(check, task) for task in tasks]
        for done, future in enumerate(as_completed(futures), 1):
            total.add(future.result())
            if progress is not None:
                progress(total, done, len(tasks), pairs)
    return total


def progress_line(report: Report, pairs: int, seconds: float) -> str:
    """How far a run of ``pairs`` pairs is after so many seconds, and how long it will yet take."""
    rate = report.pairs / max(seconds, 1e-9)
    left = (pairs - report.pairs) / max(rate, 1.0)
    met = len(EXPECTED) - len(report.never_met())
    return (
        f"{report.pairs:>11,} of {pairs:,} pairs in {report.states} states, {rate:,.0f}/s,"
        f" {met} of {len(EXPECTED)} kinds met, {len(report.failures)} broken,"
        f" about {left:.0f} s left"
    )


class _Screen:
    """Shows progress on stderr: in one line of a terminal, or now and then in a line of its own."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def show(self, report: Report, done: int, tasks: int, pairs: int) -> None:
        line = progress_line(report, pairs, time.perf_counter() - self._started)
        end = "\r" if sys.stderr.isatty() and done < tasks else "\n"
        if end == "\r" or done == tasks or done % TASKS_PER_LINE == 0:
            print(line, end=end, file=sys.stderr, flush=True)


def report_lines(report: Report, seconds: float) -> Iterable[str]:
    """The kinds of pairs that met, how much was checked how fast, and what broke."""
    for meeting in EXPECTED:
        yield f"{report.meetings[meeting]:>11,}  {meeting}"
    yield (
        f"{report.pairs:,} distinct pairs of {report.operations:,} operations in {report.states}"
        f" states, {report.undecided:,} of them decided by who wins, in {seconds:.1f} s"
        f" ({report.pairs / seconds:,.0f} pairs/s)"
    )
    yield from (f"NEVER MET: {meeting}" for meeting in report.never_met())
    yield from (f"BROKEN: {failure}" for failure in report.failures)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m property_tests.exhaustive")
    parser.add_argument("--profile", choices=get_args(Profile), default="short")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs: at least one process is needed")
    started = time.perf_counter()
    report = run(options.jobs, options.profile, _Screen().show)
    for line in report_lines(report, time.perf_counter() - started):
        print(line)
    return 1 if report.failures or report.never_met() else 0


if __name__ == "__main__":
    sys.exit(main())
