"""Agents that call now and then, seen by the people in the diagram while they are at it.

An agent on a socket shows its own presence. One that calls over MCP or HTTP has no connection that
stays, so it is shown here with each call, and taken away some seconds after its last one.
"""

from typing import Final

import trio

from actors.commands import ShowPresence, Unsubscribe
from actors.events import AnyEvent
from actors.ports import Author
from actors.registry import Registry
from actors.sessions import Subscription
from gateway.agent_activity import PresenceState

#: An agent is seen for so long after its last call.
AGENT_PRESENCE_SECONDS: Final = 15.0
#: Agents seen at a time, counted once for each diagram; beyond it the longest idle one goes.
MAX_AGENTS_AT_WORK: Final = 1_000


class _Visit:
    """One agent in one diagram. As a receiver it is told nothing, for it follows nothing."""

    def __init__(self, diagram_id: str, author: Author) -> None:
        self.diagram_id = diagram_id
        # The same with every call, so that it is one and the same for those who see it.
        self.guest = Subscription(self, f"agent-{author.id}", author)
        self.until = 0.0

    def deliver(self, event: AnyEvent) -> None:
        pass


class AgentsAtWork:
    """Who of them is where. Nothing of it is stored, and no diagram is opened for it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        #: The one whose time is over first comes first.
        self._visits: dict[tuple[str, str], _Visit] = {}
        self._arrival = trio.Event()

    def is_seen(self, author: Author, diagram_id: str) -> bool:
        """Whether what this author does by a call is to be shown: an agent's, to somebody."""
        return author.kind == "agent" and self._registry.is_followed(diagram_id)

    def show(self, author: Author, diagram_id: str, state: PresenceState) -> None:
        """Shows what an agent does now, for some seconds, instead of what it did before."""
        key = (diagram_id, author.id)
        visit = self._visits.pop(key, None) or _Visit(diagram_id, author)
        visit.until = trio.current_time() + AGENT_PRESENCE_SECONDS
        self._visits[key] = visit
        command = ShowPresence(visit, state, visit.guest)
        self._registry.post_if_open_nowait(diagram_id, command)
        if len(self._visits) > MAX_AGENTS_AT_WORK:
            self._end_first()
        self._arrival.set()

    async def run(self) -> None:
        """Takes each of them away in time; until cancelled."""
        while True:
            self._arrival = trio.Event()
            if not self._visits:
                await self._arrival.wait()
            await trio.sleep_until(self._first().until)
            while self._visits and self._first().until <= trio.current_time():
                self._end_first()

    def _first(self) -> _Visit:
        return next(iter(self._visits.values()))

    def _end_first(self) -> None:
        visit = self._visits.pop(next(iter(self._visits)))
        self._registry.post_if_open_nowait(visit.diagram_id, Unsubscribe(visit))
