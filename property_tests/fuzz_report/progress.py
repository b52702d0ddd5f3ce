"""The line that says how far a campaign is."""

import sys
import time
from typing import TextIO

from property_tests.fuzz_campaign import Plan, Tally
from property_tests.fuzz_replay import known_pairs, load_type

#: Between two lines where nobody watches.
LINE_SECONDS = 5.0
#: Between two looks of the one line on a terminal.
REDRAW_SECONDS = 0.25


class ProgressLine:
    """One line that is drawn again and again, or a line every few seconds in a log."""

    def __init__(self, plan: Plan, stream: TextIO | None = None) -> None:
        self._plan = plan
        self._stream = stream or sys.stderr
        self._kind = load_type(plan.type)
        self._is_live = self._stream.isatty()
        self._last = time.monotonic()
        self._width = 0

    def show(self, tally: Tally, elapsed_seconds: float) -> None:
        now = time.monotonic()
        if now - self._last >= (REDRAW_SECONDS if self._is_live else LINE_SECONDS):
            self._last = now
            self.write(self._line(tally, max(elapsed_seconds, 1e-9)))

    def write(self, line: str) -> None:
        """Over the line before, on a terminal."""
        if self._is_live:
            print("\r" + line.ljust(self._width), end="", file=self._stream, flush=True)
            self._width = len(line)
        else:
            print(line, file=self._stream, flush=True)

    def end(self) -> None:
        if self._is_live and self._width:
            print(file=self._stream, flush=True)
            self._width = 0

    def _line(self, tally: Tally, seconds: float) -> str:
        known = known_pairs(self._kind, tally.kind_pairs)
        met = len(known & tally.kind_pairs.keys())
        return (
            f"{tally.runs:,} runs, {tally.runs / seconds:,.0f}/s"
            f" | {tally.operations:,} operations, {tally.operations / seconds:,.0f}/s"
            f" | {met}/{len(known)} kind pairs | {tally.overlaps:,} overlaps"
            f" | {self._left(tally, seconds)}"
        )

    def _left(self, tally: Tally, seconds: float) -> str:
        """The nearer one of the two ends."""
        left = []
        if self._plan.seconds is not None:
            left.append(self._plan.seconds - seconds)
        if self._plan.runs is not None and tally.runs:
            left.append((self._plan.runs - tally.runs) * seconds / tally.runs)
        return f"{_duration(max(0.0, min(left)))} left" if left else "starting"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
