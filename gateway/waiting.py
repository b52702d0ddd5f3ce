"""Waiting until somebody changes a diagram: a follower of it for as long as one call lasts.

What waits says which revision it has. The actor delivers whatever came after that one as it takes
the follower in, so that nothing between the reading and the waiting is missed.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import trio

from actors.events import AnyEvent, Closed, Rejected, Subscribed, Updated
from actors.ports import Author, JournalEntry
from actors.sessions import Subscription
from gateway.errors import ServiceError
from gateway.service import DiagramService

#: Seconds that one call may wait.
MAX_WAIT_SECONDS: Final = 60
#: Calls that wait at a time, of all agents on all diagrams; beyond it ``overloaded``.
MAX_WAITERS: Final = 500
#: The same on one diagram: followers are bounded there, and people come first.
MAX_WAITERS_PER_DIAGRAM: Final = 100
#: The same of one agent.
MAX_WAITERS_PER_AGENT: Final = 20


class Waiter:
    """A receiver that wakes once an entry comes that is ``wanted``, or nothing more will."""

    def __init__(self, wanted: Callable[[JournalEntry], bool]) -> None:
        self._wanted = wanted
        self._error: ServiceError | None = None
        self.woken = trio.Event()

    def deliver(self, event: AnyEvent) -> None:
        if isinstance(event, Updated):
            if not any(self._wanted(each.entry) for each in event.operations):
                return
        elif isinstance(event, Rejected):
            self._error = ServiceError(event.code, event.message, event.at, retry=event.retry)
        elif not isinstance(event, Closed) and not (
            # A snapshot instead of the operations: so much came that it is worth a look.
            isinstance(event, Subscribed) and event.snapshot is not None
        ):
            return
        self.woken.set()

    def check(self) -> None:
        """Raises ServiceError where the diagram would not be followed."""
        if self._error is not None:
            raise self._error


class Waiting:
    """Who waits for changes now, within bounds."""

    def __init__(self, service: DiagramService) -> None:
        self._service = service
        self._of_diagram: Counter[str] = Counter()
        self._of_agent: Counter[str] = Counter()

    @property
    def count(self) -> int:
        return self._of_diagram.total()

    async def wait_change(
        self,
        author: Author,
        diagram_id: str,
        revision: int,
        wanted: Callable[[JournalEntry], bool],
        *,
        seconds: float,
        gone: trio.Event,
    ) -> None:
        """Returns once something wanted has come after ``revision``, or is not to be waited for any
        longer. Raises ServiceError ``overloaded``, or where the diagram cannot be followed."""
        waiter = Waiter(wanted)
        with self._admitted(author, diagram_id):
            self._service.follow(diagram_id, Subscription(waiter, "waiting", author), revision)
            try:
                with trio.move_on_after(seconds):
                    await _first_of(waiter.woken, gone)
            finally:
                self._service.unfollow(diagram_id, waiter)
        waiter.check()

    @contextmanager
    def _admitted(self, author: Author, diagram_id: str) -> Iterator[None]:
        full = (
            self.count >= MAX_WAITERS
            or self._of_diagram[diagram_id] >= MAX_WAITERS_PER_DIAGRAM
            or self._of_agent[author.id] >= MAX_WAITERS_PER_AGENT
        )
        if full:
            message = "Too many calls wait for changes already; ask without wait_seconds."
            raise ServiceError("overloaded", message, "wait_seconds", retry=True)
        self._of_diagram[diagram_id] += 1
        self._of_agent[author.id] += 1
        try:
            yield
        finally:
            _leave(self._of_diagram, diagram_id)
            _leave(self._of_agent, author.id)


def _leave(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


async def _first_of(*events: trio.Event) -> None:
    """Returns once one of them is set."""
    async with trio.open_nursery() as nursery:

        async def wait(event: trio.Event) -> None:
            await event.wait()
            nursery.cancel_scope.cancel()

        for event in events:
            nursery.start_soon(wait, event)
