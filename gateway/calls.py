"""Asking a diagram something and waiting for the one answer."""

import trio

from actors.events import Acknowledged, AnyEvent, Closed, Read, Rejected
from gateway.errors import ServiceError

Answer = Acknowledged | Read


class Call:
    """A receiver for one command: :meth:`wait_answer` returns what the actor says to it."""

    def __init__(self) -> None:
        self._answered = trio.Event()
        self._answer: Answer | None = None
        self._error: ServiceError | None = None

    def deliver(self, event: AnyEvent) -> None:
        if self._answered.is_set():
            return
        if isinstance(event, Acknowledged | Read):
            self._answer = event
        elif isinstance(event, Rejected):
            self._error = ServiceError(event.code, event.message, event.at, retry=event.retry)
        elif isinstance(event, Closed):
            self._error = ServiceError("unavailable", "The diagram was closed.", retry=True)
        else:
            return
        self._answered.set()

    async def wait_answer(self) -> Answer:
        """Raises ServiceError where the answer is a refusal."""
        await self._answered.wait()
        if self._error is not None:
            raise self._error
        assert self._answer is not None, "an answered call has an answer or an error"
        return self._answer
