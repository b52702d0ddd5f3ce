"""Who did what, as a stream that never makes anybody wait."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

import anyio
import anyio.lowlevel
import msgspec

from client.limits import MAX_WAITING_CHANGES
from client.messages import Author
from ot.operation import Change as ElementChange
from ot.operation import Changes as ElementChanges
from ot.operation import Operation, Update

_DONE = {"create": "created", "delete": "deleted", "update": "updated", "replace": "replaced"}


class Change(msgspec.Struct, frozen=True):
    """One durable change; ``revision`` is the one it leads to. ``is_mine``: by this connection."""

    revision: int
    author: Author
    at: datetime
    operation: Operation
    is_mine: bool

    def __str__(self) -> str:
        deeds = "; ".join(_deeds(self.operation)) or "changed nothing"
        return f"{self.author.name} {deeds}"


class Resync(msgspec.Struct, frozen=True):
    """Changes up to ``revision`` are not told one by one: look at the diagram's ``view``."""

    revision: int


News: TypeAlias = Change | Resync


def _deeds(a: Operation) -> Iterator[str]:
    if a.diagram is not None:
        yield _deed("the diagram", a.diagram)
    for kind, changes in (("node", a.nodes), ("edge", a.edges)):
        yield from _deeds_of(kind, changes)


def _deeds_of(kind: str, changes: ElementChanges) -> Iterator[str]:
    return (_deed(f"{kind} {key}", change) for key, change in changes.items())


def _deed(what: str, change: ElementChange) -> str:
    paths = f" ({', '.join(change.writes)})" if isinstance(change, Update) else ""
    return f"{_DONE[str(change.__struct_config__.tag)]} {what}{paths}"


class ChangeFeed:
    """The changes from its making on, for one reader: ``async for news in feed``.

    Who reads too slowly gets one :class:`Resync` instead of what waited.
    """

    def __init__(self) -> None:
        self._waiting: deque[News] = deque()
        self._arrived = anyio.Event()
        self._has_ended = False
        self._failure: Exception | None = None

    def __aiter__(self) -> "ChangeFeed":
        return self

    async def __anext__(self) -> News:
        """Raises what ended the diagram, once everything before it was read."""
        await anyio.lowlevel.checkpoint()
        while not self._waiting:
            if self._failure is not None:
                raise self._failure
            if self._has_ended:
                raise StopAsyncIteration
            self._arrived = anyio.Event()
            await self._arrived.wait()
        return self._waiting.popleft()

    def put(self, news: News) -> None:
        if isinstance(news, Resync) or len(self._waiting) >= MAX_WAITING_CHANGES:
            self._waiting.clear()
            news = Resync(news.revision)
        self._waiting.append(news)
        self._arrived.set()

    def end(self, failure: Exception | None) -> None:
        """No more will come."""
        if not self._has_ended:
            self._has_ended, self._failure = True, failure
        self._arrived.set()
