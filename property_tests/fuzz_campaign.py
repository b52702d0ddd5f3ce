"""Many runs out of one seed, on all cores, until the time is over or a law breaks.

Run ``i`` of a campaign with seed ``S`` has the seed ``run_seed(S, i)``. Chunks of runs are handed
out in order and summed up in order, so what is found does not depend on how many processes work.
"""

import hashlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from types import FrameType

import msgspec

from property_tests.fuzz_replay import WrongUse, load_type
from property_tests.simulation import Outcome, Profile, SeededDecisions, Type, run

#: Runs that a process does before it reports: half a second or so.
RUNS_PER_CHUNK = 25
#: Chunks handed out and not reported yet, for each process.
CHUNKS_PER_JOB = 2
#: Between two looks at the clock while nothing is reported.
TICK_SECONDS = 0.25


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to run. ``runs`` and ``seconds``: whichever comes first; at least one is given."""

    seed: int
    profile: Profile
    type: str
    jobs: int
    runs: int | None = None
    seconds: float | None = None


class Chunk(msgspec.Struct, frozen=True):
    """Runs ``first`` up to ``first + count``, as many as there were until a law broke."""

    first: int
    count: int


class Tally(msgspec.Struct):
    """Sums over runs, the first ones of a campaign or those of one chunk."""

    runs: int = 0
    steps: int = 0
    operations: int = 0
    overlaps: int = 0
    #: Runs in which nothing met: they prove nothing.
    idle_runs: int = 0
    kind_pairs: Counter[str] = msgspec.field(default_factory=Counter)
    events: Counter[str] = msgspec.field(default_factory=Counter)
    #: In order; a campaign keeps none but hashes them.
    hashes: list[str] = []
    failed: Outcome | None = None

    def add(self, other: "Tally") -> None:
        """All but the hashes. ``Counter.update`` adds."""
        self.runs += other.runs
        self.steps += other.steps
        self.operations += other.operations
        self.overlaps += other.overlaps
        self.idle_runs += other.idle_runs
        self.kind_pairs.update(other.kind_pairs)
        self.events.update(other.events)
        self.failed = self.failed or other.failed


class Result(msgspec.Struct):
    """What came of a campaign. ``hash``: SHA-256 over the trace hashes of its runs, in order."""

    plan: Plan
    tally: Tally
    hash: str
    elapsed_seconds: float
    is_interrupted: bool

    @property
    def failing_run(self) -> int:
        """The number of the run that broke a law: the last one that was counted."""
        return self.tally.runs - 1


def run_seed(seed: int, number: int) -> int:
    """The seed of one run: the first 8 bytes of SHA-256 of ``SEED/NUMBER``, big-endian."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{number}".encode()).digest()[:8], "big")


def run_chunk(plan: Plan, chunk: Chunk) -> Tally:
    """Its runs, up to the first one that breaks a law."""
    kind = load_type(plan.type)
    tally = Tally()
    for number in range(chunk.first, chunk.first + chunk.count):
        outcome = _run_one(plan, kind, number)
        tally.runs += 1
        tally.steps += outcome.steps
        tally.operations += outcome.operations
        tally.overlaps += outcome.overlaps
        tally.idle_runs += not outcome.counts
        tally.kind_pairs.update(outcome.kind_pairs)
        tally.events.update(outcome.events)
        tally.hashes.append(outcome.trace_hash)
        if outcome.failure is not None:
            tally.failed = outcome
            break
    return tally


def _run_one(plan: Plan, kind: Type, number: int) -> Outcome:
    """What breaks before the first step is no counterexample. Raises WrongUse."""
    try:
        return run(plan.profile, SeededDecisions(run_seed(plan.seed, number)), kind)
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise WrongUse(f"Run {number} of {plan.type} cannot begin: {told}.") from error


class Campaign:
    """``progress`` is told the sums so far and the seconds since the start, every now and then."""

    def __init__(self, plan: Plan, progress: Callable[[Tally, float], None]) -> None:
        self.plan = plan
        self.progress = progress
        self.tally = Tally()
        self.is_interrupted = False
        self._hash = hashlib.sha256()
        self._began = time.monotonic()
        self._next = 0
        #: Reported before an earlier chunk was.
        self._early: dict[int, Tally] = {}

    def run(self) -> Result:
        """Goes on until the plan is done, a law breaks or Ctrl-C. Raises WrongUse."""
        with _interrupted_by_ctrl_c(self._interrupt):
            if self.plan.jobs == 1:
                self._run_here()
            else:
                self._run_in_processes()
        return Result(
            self.plan, self.tally, self._hash.hexdigest(), self._elapsed(), self.is_interrupted
        )

    def _interrupt(self) -> None:
        self.is_interrupted = True

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _is_over(self) -> bool:
        plan = self.plan
        if self.is_interrupted or self.tally.failed is not None:
            return True
        if any(tally.failed is not None for tally in self._early.values()):
            return True
        if plan.seconds is not None and self._elapsed() >= plan.seconds:
            return True
        return plan.runs is not None and self._next >= plan.runs

    def _chunks(self, size: int) -> Iterator[Chunk]:
        while not self._is_over():
            left = size if self.plan.runs is None else min(size, self.plan.runs - self._next)
            self._next += left
            yield Chunk(self._next - left, left)

    def _run_here(self) -> None:
        for chunk in self._chunks(1):
            self._report(chunk, run_chunk(self.plan, chunk))

    def _run_in_processes(self) -> None:
        """What has been handed out is waited for, so that no run before a failing one is missing.

        Fresh interpreters, not forks: the same on every system.
        """
        jobs, chunks = self.plan.jobs, self._chunks(RUNS_PER_CHUNK)
        pending: dict[Future[Tally], Chunk] = {}
        try:
            with ProcessPoolExecutor(jobs, get_context("spawn"), _ignore_ctrl_c) as pool:
                while True:
                    while len(pending) < jobs * CHUNKS_PER_JOB and (chunk := next(chunks, None)):
                        pending[pool.submit(run_chunk, self.plan, chunk)] = chunk
                    if not pending:
                        return
                    done, _ = wait(pending, TICK_SECONDS, FIRST_COMPLETED)
                    for future in done:
                        self._report(pending.pop(future), future.result())
                    self.progress(self.tally, self._elapsed())
        except BrokenProcessPool as error:
            message = "A process that ran the type has died; --jobs 1 shows where."
            raise WrongUse(message) from error

    def _report(self, chunk: Chunk, tally: Tally) -> None:
        """Takes the chunks in order; nothing counts that comes after a broken law."""
        self._early[chunk.first] = tally
        while self.tally.failed is None and self.tally.runs in self._early:
            first = self._early.pop(self.tally.runs)
            self.tally.add(first)
            for each in first.hashes:
                self._hash.update(bytes.fromhex(each))
        self.progress(self.tally, self._elapsed())


def usable_cores() -> int:
    return os.cpu_count() or 1


def _ignore_ctrl_c() -> None:
    """The first process says when to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _interrupted_by_ctrl_c(interrupt: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C ends politely; once more, at once."""

    def handle(number: int, frame: FrameType | None) -> None:
        interrupt()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
