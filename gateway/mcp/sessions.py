"""The sessions of all clients that use the handshake."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import trio
from mcp.server.lowlevel.server import Server
from mcp_types import JSONRPCMessage

from gateway.identity import Principal
from gateway.mcp.limits import (
    MAX_ENDED_SESSIONS,
    MAX_SESSIONS,
    MAX_SESSIONS_OF_ONE,
    SESSION_IDLE_SECONDS,
    SESSION_SWEEP_SECONDS,
)
from gateway.mcp.session import LegacySession


class Sessions:
    """Opened by an ``initialize``; over by a DELETE, by idleness, or for a newer one's sake."""

    def __init__(
        self,
        server: Server[Any],
        *,
        max_sessions: int = MAX_SESSIONS,
        max_of_one: int = MAX_SESSIONS_OF_ONE,
        idle_seconds: float = SESSION_IDLE_SECONDS,
    ) -> None:
        self._server = server
        self._max_sessions = max_sessions
        self._max_of_one = max_of_one
        self._idle_seconds = idle_seconds
        #: The one that was used the longest ago comes first.
        self._sessions: dict[str, LegacySession] = {}
        #: Those that their client has ended, the first to be forgotten first.
        self._ended: dict[str, None] = {}
        self._nursery: trio.Nursery | None = None
        self._lifespan_state: Any = None

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled; the sessions live in here."""
        async with self._server.lifespan(self._server) as state, trio.open_nursery() as nursery:
            self._lifespan_state, self._nursery = state, nursery
            task_status.started()
            while True:
                await trio.sleep(SESSION_SWEEP_SECONDS)
                self.end_idle()

    def __len__(self) -> int:
        return len(self._sessions)

    def find(self, identifier: str) -> LegacySession | None:
        return self._sessions.get(identifier)

    def open(self, owner: Principal) -> LegacySession:
        """A new session, at the cost of an old one where there are too many."""
        assert self._nursery is not None, "sessions are opened while they are run"
        self._make_room(owner)
        session = LegacySession(secrets.token_hex(16), owner, self._server)
        self._sessions[session.identifier] = session
        self._nursery.start_soon(self._serve, session)
        return session

    async def _serve(self, session: LegacySession) -> None:
        try:
            await session.run(self._lifespan_state)
        finally:
            self._sessions.pop(session.identifier, None)

    def _make_room(self, owner: Principal) -> None:
        of_one = [each for each in self._sessions.values() if is_owner(each, owner)]
        if len(of_one) >= self._max_of_one:
            self.close(_longest_idle(of_one))
        elif len(self._sessions) >= self._max_sessions:
            self.close(_longest_idle(list(self._sessions.values())))

    def close(self, session: LegacySession) -> None:
        self._sessions.pop(session.identifier, None)
        session.close()

    def end(self, session: LegacySession) -> None:
        """Ends it because its client says so: it is not to be served any more, not even afresh."""
        self.close(session)
        self._ended[session.identifier] = None
        if len(self._ended) > MAX_ENDED_SESSIONS:
            del self._ended[next(iter(self._ended))]

    def is_ended(self, identifier: str) -> bool:
        return identifier in self._ended

    def end_streams(self) -> None:
        """Ends every open stream; requests go on."""
        for session in self._sessions.values():
            session.end_stream()

    def tell_all(self, message: JSONRPCMessage) -> None:
        for session in self._sessions.values():
            session.tell(message)

    @contextmanager
    def using(self, session: LegacySession) -> Iterator[None]:
        """While the body runs, the session is not idle."""
        session.requests += 1
        try:
            yield
        finally:
            session.requests -= 1
            session.used_at = trio.current_time()
            if self._sessions.pop(session.identifier, None) is not None:
                self._sessions[session.identifier] = session

    def end_idle(self) -> None:
        over = trio.current_time() - self._idle_seconds
        for session in list(self._sessions.values()):
            if not session.requests and session.used_at <= over:
                self.close(session)


def is_owner(session: LegacySession, who: Principal) -> bool:
    """Whether it is theirs, whatever they may do by now."""
    own = session.owner.author
    return (own.kind, own.id) == (who.author.kind, who.author.id)


def _longest_idle(sessions: list[LegacySession]) -> LegacySession:
    """One without a request under way, if there is such a one."""
    return next((each for each in sessions if not each.requests), sessions[0])
