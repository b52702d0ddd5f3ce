"""Sockets and MCP sessions: they end within a second of what they were opened with.

Whatever takes something away writes a row in ``access_changes``, in any process. It is read here
every POLL_INTERVAL, and at once where this process did it; whom it concerns is looked at again.
"""

import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import trio

from gateway.authentication import Authenticator, has_expired
from gateway.identity import Principal
from persistence.access_changes import AccessChanges
from persistence.errors import PersistenceError
from persistence.limits import CHANGES_KEPT_SECONDS, CHANGES_WINDOW_SECONDS

logger = logging.getLogger("diagramai.sessions")

#: Seconds between two looks at what was taken from somebody.
POLL_INTERVAL: Final = 0.25
#: Seconds without a look after which changes may have gone unseen, and all is looked at again.
MAX_BLIND_SECONDS: Final = CHANGES_WINDOW_SECONDS / 2
_DIAGRAM: Final = "diagram:"
_OF_IDENTITY: Final = ("agent:", "person:", "session:", "token:", "oauth:")

#: Why somebody is nobody any more: the time is over, a session was ended, a key or token was.
Ending: TypeAlias = Literal["expired", "signed_out", "revoked"]
#: What is open: a WebSocket, a session of MCP, or one request of MCP, which may be a stream.
Door: TypeAlias = Literal["socket", "mcp_session", "mcp_request"]
_ID_BYTES: Final = 8


class Handle:
    """One thing that is open. Its owner adds the ids of diagrams it shows to ``watching``."""

    def __init__(
        self,
        who: Principal,
        on_change: Callable[[], None],
        let_go: Callable[["Handle"], None],
        door: Door = "socket",
    ) -> None:
        #: Names it in lists of what is open, and is no secret.
        self.id = secrets.token_hex(_ID_BYTES)
        self.door = door
        self.since = datetime.now(UTC)
        #: As it is now; ``None`` once it is nobody any more, for the reason in ``ended``.
        self.principal: Principal | None = who
        self.ended: Ending | None = None
        #: What it was opened with, its name and where it comes from; for lists of what is open.
        self.opened_by = who
        self.watching: set[str] = set()
        self.on_change = on_change
        self._changed: set[str] = set()
        self._let_go = let_go

    def take_changed(self) -> frozenset[str]:
        """The watched diagrams on which something may have been taken, since this was asked."""
        changed, self._changed = self._changed, set()
        return frozenset(changed & self.watching)

    def add_changed(self, diagram_ids: Iterable[str]) -> None:
        self._changed.update(diagram_ids)

    def end(self, reason: Ending) -> None:
        """It is nobody's any more; its owner is told."""
        if self.principal is not None:
            self.principal, self.ended = None, reason
            self.on_change()

    def close(self) -> None:
        """Nothing is told any more."""
        self._let_go(self)


class LiveSessions:
    """All that is open in this process."""

    def __init__(self, changes: AccessChanges, authenticator: Authenticator) -> None:
        self._changes = changes
        self._authenticator = authenticator
        self._handles: set[Handle] = set()
        self._seen: set[int] | None = None
        self._seen_at = trio.current_time()
        self._pruned_at = trio.current_time()
        self._wake = trio.Event()
        #: Those of which the database could not be asked, and new ones.
        self._doubtful: set[Handle] = set()
        #: Those that could not look at their diagrams.
        self._untold: set[Handle] = set()
        #: Goes up with every change: what was asked before then must be asked again.
        self.epoch = 0

    def register(
        self, who: Principal, on_change: Callable[[], None], door: Door = "socket"
    ) -> Handle:
        """``on_change`` is called at once, and must not wait, when ``handle.principal`` has changed
        or is ``None``, or ``handle.take_changed()`` has something."""
        handle = Handle(who, on_change, self._let_go, door)
        self._handles.add(handle)
        # Between being identified and being here it may have been revoked.
        self._doubtful.add(handle)
        return handle

    def _let_go(self, handle: Handle) -> None:
        self._handles.discard(handle)
        self._doubtful.discard(handle)
        self._untold.discard(handle)

    def doubt(self, handle: Handle, diagram_ids: Iterable[str]) -> None:
        """These could not be looked at; its owner is told again with the next look."""
        if handle in self._handles:
            handle.add_changed(diagram_ids)
            self._untold.add(handle)

    def handles(self) -> list[Handle]:
        """What is open now."""
        return list(self._handles)

    def look_now(self) -> None:
        """Something was taken away by this process: it is looked for at once."""
        self._wake.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watches for the time of the body."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.run)
            yield
            nursery.cancel_scope.cancel()

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            with trio.move_on_after(POLL_INTERVAL):
                await self._wake.wait()
            self._wake = trio.Event()
            await self.look()

    async def look(self) -> None:
        """Looks once. A database that is away is asked again the next time."""
        self._expire()
        try:
            recent = await self._changes.recent()
            is_pruning = trio.current_time() - self._pruned_at > CHANGES_KEPT_SECONDS
            if is_pruning:
                self._pruned_at = trio.current_time()
                await self._changes.prune()
        except PersistenceError as error:
            logger.debug("what was taken away cannot be read: %s", error.code)
            return
        now = trio.current_time()
        is_blind = now - self._seen_at > MAX_BLIND_SECONDS
        self._seen_at = now
        if recent is None or is_blind:
            self._seen = None if recent is None else {each.id for each in recent}
            await self._apply(None)
            return
        seen = self._seen or set()
        fresh = {each.subject for each in recent if each.id not in seen}
        self._seen = {each.id for each in recent}
        if fresh or self._doubtful or self._untold:
            await self._apply(fresh)

    async def _apply(self, subjects: set[str] | None) -> None:
        """Looks at all that is concerned; ``None``: at everything."""
        if subjects is None or subjects:
            self.epoch += 1
        if subjects is None or any(each.startswith(_OF_IDENTITY) for each in subjects):
            self._authenticator.forget()
        diagrams_taken = {
            each.removeprefix(_DIAGRAM) for each in subjects or () if each.startswith(_DIAGRAM)
        }
        touched, self._untold = self._untold, set()
        for handle in self._handles:
            watching = handle.watching
            diagrams = set(watching) if subjects is None else watching & diagrams_taken
            if diagrams:
                handle.add_changed(diagrams)
                touched.add(handle)
        for handle in touched:
            handle.on_change()
        await self._recheck_all(
            [each for each in self._handles if each in self._doubtful or _is_of(each, subjects)]
        )

    async def _recheck_all(self, handles: list[Handle]) -> None:
        """Asks once for each credential."""
        by_credential: dict[Principal, list[Handle]] = {}
        for handle in handles:
            self._doubtful.add(handle)
            if handle.principal is not None:
                by_credential.setdefault(handle.principal, []).append(handle)
        for who, ones in by_credential.items():
            try:
                now = await self._authenticator.recheck(who)
            except PersistenceError as error:
                logger.debug("a credential cannot be looked at: %s", error.code)
                continue
            for handle in ones:
                self._doubtful.discard(handle)
                self._settle(handle, now)

    def _settle(self, handle: Handle, now: Principal | None) -> None:
        if handle not in self._handles:
            return
        if now is None:
            handle.end(_reason(handle.opened_by))
        elif now != handle.principal:
            handle.principal = now
            handle.add_changed(handle.watching)
            handle.on_change()

    def _expire(self) -> None:
        for handle in list(self._handles):
            if handle.principal is not None and has_expired(handle.principal):
                handle.end("expired")


def _is_of(handle: Handle, subjects: set[str] | None) -> bool:
    if subjects is None:
        return True
    who = handle.opened_by
    kind = "agent" if who.is_agent else "person"
    return f"{kind}:{who.author.id}" in subjects or who.credential in subjects


def _reason(who: Principal) -> Ending:
    if has_expired(who):
        return "expired"
    return "revoked" if who.is_agent else "signed_out"
