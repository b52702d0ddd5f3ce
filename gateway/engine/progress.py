"""How far a job in another process is: a file that holds one number, read now and then."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

#: Between two looks.
PROGRESS_INTERVAL_SECONDS: Final = 0.1
#: Progress is told in steps of this size at least.
_STEP: Final = 0.01
_NUMBER: Final = struct.Struct("<d")


def writing_progress(path: str) -> Callable[[float], None]:
    """Takes progress from 0 to 1 and leaves it in the file."""
    last = 0.0

    def write(progress: float) -> None:
        nonlocal last
        if progress - last >= _STEP:
            last = progress
            Path(path).write_bytes(_NUMBER.pack(progress))

    return write


def read_progress(path: str) -> float:
    """What was left there last; 0 at the start, or in the middle of a write."""
    written = Path(path).read_bytes()
    return float(_NUMBER.unpack(written)[0]) if len(written) == _NUMBER.size else 0.0
