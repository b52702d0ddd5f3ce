"""Jobs that a test holds in its hand, run in a process of the engine.

A job waits at a named pipe: as long as it does, its test can do what it likes; there is no clock.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.engine.jobs import LayoutWish
from gateway.engine.progress import ProgressWriter
from gateway.render.options import RenderOptions
from ot.diagram import Diagram
from ot.operation import NOTHING, Operation
from tests.support.waiting import wait_until


def die(*_: object) -> None:
    """As a crash of native code would."""
    os._exit(7)


def wait_at(gate: str) -> str:
    """Returns once the gate is opened."""
    return Path(gate).read_text(encoding="utf-8")


def wait_at_with_progress(gate: str, progress_path: str) -> str:
    """The same, after half of the work."""
    ProgressWriter(progress_path).advance(0.5)
    return wait_at(gate)


def fail() -> None:
    raise ZeroDivisionError("a defect")


def draw_at_gate(diagram: Diagram, options: RenderOptions, before: Diagram | None) -> bytes:
    """Stands in for drawing; the gate's path is the diagram's title."""
    return wait_at(diagram.title).encode()


def lay_out_at_gate(diagram: Diagram, _: LayoutWish) -> Operation:
    """Stands in for a layout; the gate's path is the diagram's title."""
    wait_at(diagram.title)
    return NOTHING


@asynccontextmanager
async def held_at(gate: Path) -> AsyncIterator[None]:
    """Enters once a job waits at the gate, which is opened at the end."""
    opened: list[int] = []

    async def is_job_there() -> bool:
        # A pipe cannot be opened for writing, without waiting, before somebody reads from it.
        try:
            opened.append(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    await wait_until(is_job_there)
    try:
        yield
        os.write(opened[0], b"done")
    finally:
        os.close(opened[0])
