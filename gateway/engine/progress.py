"""How far a job in another process is: a small file, written by one and read now and then."""

import struct
from pathlib import Path
from typing import Final, NamedTuple

from gateway.layout.work import STAGES, Stage

#: Between two looks.
PROGRESS_INTERVAL_SECONDS: Final = 0.1
#: Progress is told in steps of this size at least.
_STEP: Final = 0.01
_FORM: Final = struct.Struct("<dB")


class Progress(NamedTuple):
    """``share`` of the work that is done, from 0 to 1, and what is being done."""

    share: float = 0.0
    stage: Stage = STAGES[0]


class ProgressWriter:
    """Leaves in the file what it is told."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._now = Progress()

    def advance(self, share: float) -> None:
        if share - self._now.share >= _STEP:
            self._write(self._now._replace(share=share))

    def enter(self, stage: Stage) -> None:
        if stage != self._now.stage:
            self._write(self._now._replace(stage=stage))

    def _write(self, now: Progress) -> None:
        self._now = now
        self._path.write_bytes(_FORM.pack(now.share, STAGES.index(now.stage)))


def read_progress(path: str) -> Progress:
    """What was left there last; the start where nothing was, or in the middle of a write."""
    written = Path(path).read_bytes()
    if len(written) != _FORM.size:
        return Progress()
    share, stage = _FORM.unpack(written)
    return Progress(share, STAGES[stage])
