"""Who is to be told that a diagram has changed, whichever protocol era they speak."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import msgspec
import trio

from actors.commands import Subscribe, Unsubscribe
from actors.events import AnyEvent, Closed, Rejected, Updated
from actors.ports import SYSTEM
from actors.registry import Registry
from actors.sessions import Subscription
from gateway.errors import ServiceError
from gateway.identity import READ, Principal
from gateway.mcp.limits import (
    ACCESS_SECONDS,
    DEBOUNCE_SECONDS,
    MAX_SUBSCRIPTIONS,
    MAX_WATCHED_DIAGRAMS,
    REFOLLOW_SECONDS,
)
from gateway.resources.uris import parse_uri
from gateway.service import DiagramService
from persistence.errors import PersistenceError

logger = logging.getLogger(__name__)

#: Who a subscriber is now; ``None`` once its key or its session with us is no longer good.
Identify: TypeAlias = Callable[[], Awaitable[Principal | None]]

#: Characters of a URI that a message quotes.
_SHOWN: Final = 200
#: Codes that say that somebody has no access, now or at all.
_ENDED: Final = frozenset({"not_found", "forbidden", "unauthenticated"})


class _Interest(msgspec.Struct):
    """What one watcher wants to know of one diagram."""

    uris: set[str]
    checked_at: float


class Watcher:
    """One client's session, or one listening request. ``tell`` is given the URI of what has
    changed; it neither blocks nor raises."""

    def __init__(self, identify: Identify, tell: Callable[[str], None]) -> None:
        self.identify = identify
        self.tell = tell
        #: By the id of the diagram.
        self.interests: dict[str, _Interest] = {}

    def count(self) -> int:
        return sum(len(interest.uris) for interest in self.interests.values())


class _Follower:
    """Follows one diagram for all its watchers."""

    def __init__(self, diagram_id: str, notice: Callable[["_Follower", AnyEvent], None]) -> None:
        self.diagram_id = diagram_id
        self.watchers: set[Watcher] = set()
        self.is_flushing = False
        self._notice = notice

    def deliver(self, event: AnyEvent) -> None:
        self._notice(self, event)


class Watching:
    """Follows each watched diagram once, and only while somebody watches it."""

    def __init__(
        self,
        registry: Registry,
        service: DiagramService,
        *,
        debounce_seconds: float = DEBOUNCE_SECONDS,
        access_seconds: float = ACCESS_SECONDS,
    ) -> None:
        self._registry = registry
        self._service = service
        self._debounce_seconds = debounce_seconds
        self._access_seconds = access_seconds
        self._followers: dict[str, _Follower] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Tells until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.sleep_forever()

    @property
    def followed(self) -> frozenset[str]:
        """The diagrams that are followed now."""
        return frozenset(self._followers)

    async def watch(self, watcher: Watcher, uri: str) -> None:
        """Subscribes to what the URI names. Raises ServiceError, PersistenceError."""
        named = parse_uri(uri)
        if named is None:
            message = f"There is nothing at {uri[:_SHOWN]!r} to subscribe to; see resources/list."
            raise ServiceError("not_found", message, "uri")
        who = await watcher.identify()
        if who is None:
            raise ServiceError("unauthenticated", "This key is no longer good.")
        diagram_id = (await self._service.access(who, named[0], READ)).id
        interest = watcher.interests.get(diagram_id)
        if interest is not None and uri in interest.uris:
            return
        if watcher.count() >= MAX_SUBSCRIPTIONS:
            message = f"One session has at most {MAX_SUBSCRIPTIONS} subscriptions; end some."
            raise ServiceError("too_many_subscriptions", message, "uri")
        if interest is None:
            self._follower(diagram_id).watchers.add(watcher)
            interest = watcher.interests[diagram_id] = _Interest(set(), trio.current_time())
        interest.uris.add(uri)

    def unwatch(self, watcher: Watcher, uri: str) -> None:
        """Ends one subscription, if there is such a one."""
        for diagram_id, interest in list(watcher.interests.items()):
            interest.uris.discard(uri)
            if not interest.uris:
                self._drop(watcher, diagram_id)

    def forget(self, watcher: Watcher) -> None:
        """Ends all subscriptions of one watcher."""
        for diagram_id in list(watcher.interests):
            self._drop(watcher, diagram_id)

    def _drop(self, watcher: Watcher, diagram_id: str) -> None:
        del watcher.interests[diagram_id]
        follower = self._followers.get(diagram_id)
        if follower is None:
            return
        follower.watchers.discard(watcher)
        if not follower.watchers:
            del self._followers[diagram_id]
            self._registry.post_if_open_nowait(diagram_id, Unsubscribe(follower))

    def _follower(self, diagram_id: str) -> _Follower:
        follower = self._followers.get(diagram_id)
        if follower is None:
            if len(self._followers) >= MAX_WATCHED_DIAGRAMS:
                message = "Too many diagrams are being watched; try again later."
                raise ServiceError("overloaded", message, retry=True)
            follower = self._followers[diagram_id] = _Follower(diagram_id, self._notice)
            self._follow(follower)
        return follower

    def _follow(self, follower: _Follower) -> None:
        subscription = Subscription(follower, f"watching-{follower.diagram_id}", SYSTEM)
        self._registry.post_nowait(follower.diagram_id, Subscribe(subscription=subscription))

    def _notice(self, follower: _Follower, event: AnyEvent) -> None:
        """What an actor says; most of it is nothing to us."""
        if self._followers.get(follower.diagram_id) is not follower or self._nursery is None:
            return
        if isinstance(event, Updated):
            if not follower.is_flushing:
                follower.is_flushing = True
                self._nursery.start_soon(self._flush, follower)
        elif isinstance(event, Closed) and event.reason == "deleted":
            self._end(follower)
        elif (isinstance(event, Rejected) and event.retry) or (
            isinstance(event, Closed) and event.reason == "unavailable"
        ):
            self._nursery.start_soon(self._refollow, follower)
        elif isinstance(event, Rejected):
            self._end(follower)

    def _end(self, follower: _Follower) -> None:
        """The diagram is gone: that is the last thing to be told of it."""
        for watcher in list(follower.watchers):
            self._tell(watcher, follower.diagram_id)
            self._drop(watcher, follower.diagram_id)

    async def _refollow(self, follower: _Follower) -> None:
        await trio.sleep(REFOLLOW_SECONDS)
        if self._followers.get(follower.diagram_id) is follower:
            self._follow(follower)
            # What has happened in between is not known.
            await self._flush(follower)

    async def _flush(self, follower: _Follower) -> None:
        await trio.sleep(self._debounce_seconds)
        # From here on, what happens is told anew.
        follower.is_flushing = False
        for watcher in list(follower.watchers):
            if await self._may_know(watcher, follower.diagram_id):
                self._tell(watcher, follower.diagram_id)

    async def _may_know(self, watcher: Watcher, diagram_id: str) -> bool:
        """Whether it still has access; one that has lost it is dropped without a word."""
        interest = watcher.interests.get(diagram_id)
        if interest is None:
            return False
        now = trio.current_time()
        if now - interest.checked_at < self._access_seconds:
            return True
        try:
            who = await watcher.identify()
            if who is None:
                raise ServiceError("unauthenticated", "This key is no longer good.")
            await self._service.look_again(who, diagram_id, READ)
        except ServiceError as error:
            if error.code in _ENDED:
                self._lose(watcher, diagram_id)
                return False
        except PersistenceError:
            # Nobody can say now; that something has changed is no secret to it so far.
            return True
        interest.checked_at = now
        return True

    def _lose(self, watcher: Watcher, diagram_id: str) -> None:
        if diagram_id in watcher.interests:
            self._drop(watcher, diagram_id)

    def _tell(self, watcher: Watcher, diagram_id: str) -> None:
        interest = watcher.interests.get(diagram_id)
        for uri in sorted(interest.uris) if interest is not None else ():
            watcher.tell(uri)
