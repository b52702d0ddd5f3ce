"""Processes that work while the event loop goes on: drawing holds the interpreter's lock."""

import gc
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import anyio.to_process
import trio
from anyio import BrokenWorkerProcess, CapacityLimiter

from gateway.engine.jobs import attempt
from gateway.engine.progress import PROGRESS_INTERVAL_SECONDS, Progress, read_progress
from gateway.errors import ServiceError

#: Processes at work at a time; each is started when it is first needed, or to be ready, and kept.
MAX_WORKERS: Final = 2
#: Jobs that wait for a process; beyond it ``overloaded``.
MAX_WAITING_JOBS: Final = 64
#: One job, from when a process takes it up; then the process is ended.
JOB_TIMEOUT_SECONDS: Final = 30.0
#: Objects that a process makes between two looks for garbage.
MAX_UNSWEPT: Final = 100_000


class WorkerPool:
    """Runs functions that are defined in modules, with arguments and answers that can be pickled.

    The processes belong to the trio run: they end with it, or with this process. Each reads the
    file that this program was started from, which must do nothing unless ``__name__`` is
    ``"__main__"``; a console script made by pip is so.
    """

    def __init__(
        self, timeout_seconds: float = JOB_TIMEOUT_SECONDS, max_waiting: int = MAX_WAITING_JOBS
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._max_waiting = max_waiting
        self._turns = trio.CapacityLimiter(MAX_WORKERS)
        self._processes = CapacityLimiter(MAX_WORKERS)
        self._idle = 0

    async def warm(self) -> None:
        """Has a process ready, so that the first job does not wait until one has started.

        Does nothing where all are at work, and raises nothing: the next job tries again.
        """
        with suppress(trio.WouldBlock, ServiceError):
            self._turns.acquire_nowait()
            try:
                await self._start()
            finally:
                self._turns.release()

    async def run(self, job: Callable[..., Any], *arguments: Any) -> Any:
        """What the job answers, or Refused where one of the engine's parts refuses.

        Cancelling ends the process. Raises ServiceError ``overloaded``, ``engine_timeout``, or
        ``engine_failed`` where the process died; the next job gets a new one.
        """
        if self._turns.statistics().tasks_waiting >= self._max_waiting:
            message = "Too much is being drawn at once; try again in a moment."
            raise ServiceError("overloaded", message, retry=True)
        async with self._turns:
            await self._start()
            with trio.move_on_after(self._timeout_seconds):
                return await self._call(attempt, job, *arguments)
        message = f"This took longer than {self._timeout_seconds:g} s; ask for a smaller part."
        raise ServiceError("engine_timeout", message)

    async def run_telling(
        self, tell: Callable[[Progress], Awaitable[None]], job: Callable[..., Any], *arguments: Any
    ) -> Any:
        """The same for a job that takes, as its last argument, the path of a file to write its
        progress to; ``tell`` is called with it while it works, and waited for."""
        refusal: ServiceError | None = None
        answer: Any = None
        async with _progress_file() as path, trio.open_nursery() as nursery:
            nursery.start_soon(_tell_progress, path, tell)
            try:
                answer = await self.run(job, *arguments, path)
            except ServiceError as error:
                # Raised in here it would come out as a group.
                refusal = error
            nursery.cancel_scope.cancel()
        if refusal is not None:
            raise refusal
        return answer

    async def _start(self) -> None:
        """Has a process ready. One that is starting is waited for: it could not be ended well."""
        if self._idle:
            return
        with trio.CancelScope(shield=True):
            await self._call(prepare)

    async def _call(self, *arguments: Any) -> Any:
        self._idle = max(0, self._idle - 1)
        try:
            answer = await anyio.to_process.run_sync(
                *arguments, cancellable=True, limiter=self._processes
            )
        except BrokenWorkerProcess:
            message = "The process that does this ended; try again."
            raise ServiceError("engine_failed", message, retry=True) from None
        self._idle += 1
        return answer


def prepare() -> None:
    """The first job of a process.

    Ctrl-C in a terminal is meant for the one that it works for. What is imported stays for good, so
    nobody looks through it for garbage; and jobs make much that is none: looking less often saves
    them a twelfth of their time.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(MAX_UNSWEPT)


@asynccontextmanager
async def _progress_file() -> AsyncIterator[str]:
    descriptor, path = tempfile.mkstemp(prefix="diagramai-progress-")
    os.close(descriptor)
    try:
        yield path
    finally:
        os.unlink(path)


async def _tell_progress(path: str, tell: Callable[[Progress], Awaitable[None]]) -> None:
    last = Progress()
    while True:
        await trio.sleep(PROGRESS_INTERVAL_SECONDS)
        now = read_progress(path)
        if now != last and now.share >= last.share:
            last = now
            await tell(now)
