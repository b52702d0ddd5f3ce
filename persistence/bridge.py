"""The crossing between trio and the database's thread; the only file that knows asyncio.

One daemon thread runs an asyncio loop that owns every connection to Postgres. Work goes over with
``call_soon_threadsafe`` and results come back with ``TrioToken.run_sync_soon``; either way one
wake-up carries everything that waits.
"""

import asyncio
import logging
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

import outcome
import trio

from persistence.errors import PersistenceError, Unavailable
from persistence.limits import CLOSE_GRACE_SECONDS
from persistence.pool import Database, Row, open_database

logger = logging.getLogger(__name__)

T = TypeVar("T")
Callback: TypeAlias = Callable[[], object]


class Crossing:
    """A one-way street for callbacks into another thread, woken once however many wait.

    Unbounded by itself: every callback on it belongs to a caller that waits, or to a bounded
    mailbox. A callback that raises is logged and does not stop the others.
    """

    def __init__(self, wake: Callable[[Callback], object]) -> None:
        self._wake = wake
        self._waiting: deque[Callback] = deque()
        self._woken = False

    def post(self, *callbacks: Callback) -> None:
        """Has the callbacks called over there, in the order of posting. For any thread."""
        self._waiting.extend(callbacks)
        if not self._woken:
            self._woken = True
            self._wake(self._deliver)

    def _deliver(self) -> None:
        # Lowered first: whatever is posted from here on either wakes again or is popped below.
        self._woken = False
        while self._waiting:
            callback = self._waiting.popleft()
            try:
                callback()
            except Exception:
                logger.exception("a callback failed on its way between the threads")


class Mailbox(Generic[T]):
    """A bounded queue from any thread to one reader on the database's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bound: int) -> None:
        self._loop = loop
        self._bound = bound
        self._items: deque[T] = deque()
        self._arrived = asyncio.Event()
        self._woken = False
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    def put_nowait(self, item: T) -> bool:
        """Whether ``item`` was taken: not when the mailbox is full or closed."""
        if self._closed or len(self._items) >= self._bound:
            return False
        self._items.append(item)
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._arrived.set)
        return True

    async def wait_items(self) -> bool:
        """Returns once something waits, or ``False`` once the mailbox is closed and empty."""
        while not self._items:
            if self._closed:
                return False
            self._arrived.clear()
            self._woken = False
            # An item put before the flag fell has woken nobody.
            if not self._items:
                await self._arrived.wait()
        return True

    def first_nowait(self) -> T | None:
        """The oldest item, left in place."""
        return self._items[0] if self._items else None

    def take_nowait(self) -> T:
        return self._items.popleft()

    def close(self) -> None:
        """Takes nothing further; what is in it can still be read. For any thread."""
        self._closed = True
        self._loop.call_soon_threadsafe(self._arrived.set)


class _Call(Generic[T]):
    """One trio task waiting for one piece of work on the database's thread."""

    def __init__(
        self,
        crossing: Crossing,
        work: Callable[[], Coroutine[Any, Any, T]],
        hold: Callable[[Coroutine[Any, Any, T]], "asyncio.Task[T]"],
    ) -> None:
        self._back = crossing
        self._work = work
        self._hold = hold
        self._task = trio.lowlevel.current_task()
        self._running: asyncio.Task[T] | None = None
        self._raise_cancel: Callable[[], Any] | None = None

    def start(self) -> None:
        self._running = self._hold(self._invoke())
        self._running.add_done_callback(self._finish)

    async def _invoke(self) -> T:
        # Called in here, so that whatever it raises reaches the one who waits.
        return await self._work()

    def abort(self, raise_cancel: Callable[[], Any]) -> None:
        """Remembers how to be cancelled; the task goes on waiting until the work has ended."""
        self._raise_cancel = raise_cancel

    def cancel(self) -> None:
        if self._running is not None:
            self._running.cancel()

    def _finish(self, running: "asyncio.Task[T]") -> None:
        self._back.post(partial(self._resume, running))

    def _resume(self, running: "asyncio.Task[T]") -> None:
        trio.lowlevel.reschedule(self._task, self._outcome(running))

    def _outcome(self, running: "asyncio.Task[T]") -> outcome.Outcome[Any]:
        """What the trio task wakes up to.

        Work that was done in spite of a cancellation counts as done: its result is not dropped.
        """
        ended: outcome.Outcome[Any]
        if not running.cancelled():
            ended = outcome.capture(running.result)
        elif self._raise_cancel is not None:
            ended = outcome.capture(self._raise_cancel)
        else:
            ended = outcome.Error(_closed())
        return ended


def _closed() -> PersistenceError:
    return Unavailable("The storage is closed: the server is stopping.")


class Bridge:
    """The database's thread as trio sees it. Made by :func:`open_bridge`."""

    database: Database

    def __init__(self) -> None:
        self._loop = _new_loop()
        token = trio.lowlevel.current_trio_token()
        self._to_trio = Crossing(partial(_run_sync_soon, token))
        self._to_database = Crossing(self._loop.call_soon_threadsafe)
        self._thread = threading.Thread(target=self._serve, name="database", daemon=True)
        self._mailboxes: list[Mailbox[Any]] = []
        #: Work that ends by itself when the bridge closes, and calls that somebody waits for.
        self._services: set[asyncio.Task[None]] = set()
        self._calls: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def run(self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Awaits ``work(*args)`` on the database's thread.

        When cancelled, the work is cancelled too, and has ended before Cancelled is raised here,
        so nothing of it is left behind; if it was done all the same, its result is returned.
        A statement takes ``CANCEL_GRACE_SECONDS`` at most to end.
        """
        if self._closed:
            raise _closed()
        return await self._run(work, *args)

    async def _run(self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        call = _Call(self._to_trio, partial(work, *args), self._hold_call)
        self._to_database.post(call.start)

        def abort(raise_cancel: Callable[[], Any]) -> trio.lowlevel.Abort:
            call.abort(raise_cancel)
            self._to_database.post(call.cancel)
            return trio.lowlevel.Abort.FAILED

        result: T = await trio.lowlevel.wait_task_rescheduled(abort)
        return result

    async def fetch(self, query: str, *args: Any) -> list[Row]:
        """The rows of a statement that only reads. Raises PersistenceError."""
        return await self.run(self.database.fetch, query, *args)

    async def ping(self) -> None:
        """Returns once the database has answered, within ``PING_TIMEOUT_SECONDS``.

        Raises PersistenceError ``unavailable``.
        """
        await self.run(self.database.ping)

    async def fetch_row(self, query: str, *args: Any) -> Row | None:
        """The first row of a statement that only reads, if there is one."""
        rows = await self.fetch(query, *args)
        return rows[0] if rows else None

    async def write(self, query: str, *args: Any) -> list[Row]:
        """The rows of a statement that writes, alone in its transaction."""
        return await self.run(self.database.write, query, *args)

    async def write_row(self, query: str, *args: Any) -> Row | None:
        """The first row of a statement that writes, if there is one."""
        rows = await self.write(query, *args)
        return rows[0] if rows else None

    def open_mailbox(self, bound: int) -> Mailbox[Any]:
        """A queue to a service; it is closed, and so drained, when the bridge closes."""
        mailbox: Mailbox[Any] = Mailbox(self._loop, bound)
        self._mailboxes.append(mailbox)
        return mailbox

    def start_service(self, service: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs ``service`` on the database's thread until its mailbox is closed and empty."""
        self._to_database.post(lambda: self._hold_service(service()))

    def post_to_trio(self, *callbacks: Callback) -> None:
        """Has the callbacks called on the trio thread, with one wake-up. For any thread."""
        self._to_trio.post(*callbacks)

    def _hold_call(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = self._loop.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return task

    def _hold_service(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._services.add(task)
        task.add_done_callback(self._end_service)

    def _end_service(self, task: "asyncio.Task[None]") -> None:
        self._services.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.critical("a storage service ended by an error", exc_info=error)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _close(self) -> None:
        self._closed = True
        for mailbox in self._mailboxes:
            mailbox.close()
        await self._run(self._shut_down)
        self._loop.call_soon_threadsafe(self._loop.stop)
        await trio.to_thread.run_sync(self._thread.join, CLOSE_GRACE_SECONDS)

    async def _shut_down(self) -> None:
        """Lets services finish within the grace, ends the rest, and closes the connections."""
        if self._services:
            await asyncio.wait(self._services, timeout=CLOSE_GRACE_SECONDS)
        rest = (self._services | self._calls) - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=CLOSE_GRACE_SECONDS)
        if hasattr(self, "database"):
            await self._close_database()

    async def _close_database(self) -> None:
        try:
            await asyncio.wait_for(self.database.close(), CLOSE_GRACE_SECONDS)
        except TimeoutError:
            logger.warning("some connections to Postgres had to be dropped")
            self.database.terminate()


@asynccontextmanager
async def open_bridge(url: str) -> AsyncIterator[Bridge]:
    """The bridge to the database at ``url``, closed at the end even when cancelled.

    Commits handed over before the end are still made and answered, within
    ``CLOSE_GRACE_SECONDS``. Raises PersistenceError ``unavailable`` where nobody answers.
    """
    bridge = Bridge()
    bridge._thread.start()
    try:
        bridge.database = await bridge.run(open_database, url)
        yield bridge
    finally:
        with trio.CancelScope(shield=True):
            await bridge._close()


def run_blocking(work: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
    """Runs ``work(*args)`` to its end on a loop of its own, in the calling thread.

    For tools without a trio loop; under trio call it by ``trio.to_thread.run_sync``.
    """
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(work(*args))


async def pause(seconds: float) -> None:
    """Sleeps on the database's thread."""
    await asyncio.sleep(seconds)


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.SelectorEventLoop()
    import uvloop

    return uvloop.new_event_loop()


def _run_sync_soon(token: trio.lowlevel.TrioToken, callback: Callback) -> None:
    try:
        token.run_sync_soon(callback)
    except trio.RunFinishedError:
        logger.debug("a result of the database came after the end of the trio loop")
