"""Lets an edit come to its end whatever becomes of who asked for it."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import trio

T = TypeVar("T")


class _Running(Generic[T]):
    def __init__(self) -> None:
        self.is_over = trio.Event()
        self.results: list[T] = []
        self.error: Exception | None = None


class Finisher:
    """Where calls run that must not be stopped half way."""

    def __init__(self) -> None:
        self._nursery: trio.Nursery | None = None

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled, and with it what is still under way."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    async def finish(self, call: Callable[[], Awaitable[T]]) -> T:
        """What ``call`` returns or raises. It goes on where the caller is cancelled."""
        if self._nursery is None:
            return await call()
        running = _Running[T]()
        self._nursery.start_soon(self._run, call, running)
        await running.is_over.wait()
        if running.error is not None:
            raise running.error
        return running.results[0]

    async def _run(self, call: Callable[[], Awaitable[T]], running: _Running[T]) -> None:
        try:
            running.results.append(await call())
        except Exception as error:
            running.error = error
        running.is_over.set()
