"""The buckets of all who are limited, in memory, and now and then in the database."""

import logging
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal, TypeAlias

import trio

from gateway.attempts import Attempt
from gateway.errors import ServiceError
from gateway.identity import Principal
from gateway.rate_limits.bucket import Rate, take
from gateway.rate_limits.limits import (
    MAX_BUCKETS,
    MAX_FAILURES,
    MAX_FLUSHED_BUCKETS,
    MAX_NEW_GUESTS,
    MEMBER_DELETES,
    MEMBER_ENGINE_RUNS,
    MEMBER_READS,
    MEMBER_WRITES,
    RATE_FLUSH_INTERVAL,
    RATE_WINDOW_SECONDS,
)
from gateway.rate_limits.networks import network_of
from persistence.errors import PersistenceError
from persistence.rate_counters import Counter, RateCounters

logger = logging.getLogger("diagramai.limits")

#: ``engine``: pictures, layouts, checks, imports of files.
Kind: TypeAlias = Literal["read", "write", "delete", "engine"]

_OF_MEMBERS: Final[dict[Kind, Rate]] = {
    "read": Rate(MEMBER_READS, RATE_WINDOW_SECONDS),
    "write": Rate(MEMBER_WRITES, RATE_WINDOW_SECONDS),
    "delete": Rate(MEMBER_DELETES, RATE_WINDOW_SECONDS),
    "engine": Rate(MEMBER_ENGINE_RUNS, RATE_WINDOW_SECONDS),
}
_FAILED: Final = Rate(MAX_FAILURES, RATE_WINDOW_SECONDS)
_FAILED_KIND: Final = "failed"
_GUESTS: Final = Rate(MAX_NEW_GUESTS, RATE_WINDOW_SECONDS)
_GUESTS_KIND: Final = "guest"

_Key: TypeAlias = tuple[str, str]


def is_limited(who: Principal) -> bool:
    """Whether anything that they do is counted: agents with a limit, and members."""
    if who.is_agent:
        return who.rate_limit is not None
    return who.standing == "member" and not who.is_admin


def is_bounded(who: Principal) -> bool:
    """Whether there is a bound on what they have: on agents and members."""
    return who.is_agent or is_limited(who)


class RateLimits:
    """Counts what is done, and refuses what is too much."""

    def __init__(
        self,
        counters: RateCounters | None = None,
        *,
        on_failure: Callable[[str | None, Attempt], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``on_failure`` hears of every wrong secret. Without ``counters`` a restart forgives."""
        self._counters = counters
        self._on_failure = on_failure
        self._clock = clock
        #: When each bucket that is not full will be.
        self._full_at: dict[_Key, float] = {}
        self._unsaved: set[_Key] = set()

    def check(self, who: Principal, kind: Kind) -> None:
        """Counts one operation. Raises ServiceError ``rate_limited``."""
        rate = self._rate_of(who, kind)
        if rate is None:
            return
        wait = self._take((f"{who.author.kind}:{who.author.id}", kind), rate)
        if wait:
            raise rate_limited(wait, f"{rate.count} {_WORDS[kind]} a minute")

    def _rate_of(self, who: Principal, kind: Kind) -> Rate | None:
        if not is_limited(who):
            return None
        if who.rate_limit is not None:
            return Rate(who.rate_limit, RATE_WINDOW_SECONDS)
        return _OF_MEMBERS[kind]

    def _take(self, key: _Key, rate: Rate) -> float:
        """0, or the seconds to wait."""
        after, wait = take(self._full_at.get(key, 0.0), self._clock(), rate)
        self._full_at[key] = after
        self._unsaved.add(key)
        if len(self._full_at) > MAX_BUCKETS:
            self._forget_fullest()
        return wait

    def _forget_fullest(self) -> None:
        """Those that are full, and of the others those that are nearest to it."""
        kept = sorted(self._full_at.items(), key=lambda item: item[1])[-MAX_BUCKETS * 3 // 4 :]
        now = self._clock()
        self._full_at = {key: full_at for key, full_at in kept if full_at > now}
        self._unsaved &= self._full_at.keys()

    # Attempts by address ------------------------------------------------------------------------

    def check_address(self, address: str | None) -> None:
        """Raises ServiceError ``rate_limited`` where too much that was wrong came from there."""
        key = (f"address:{network_of(address)}", _FAILED_KIND)
        _, wait = take(self._full_at.get(key, 0.0), self._clock(), _FAILED)
        if wait:
            raise rate_limited(wait, f"{MAX_FAILURES} wrong keys, tokens or codes a minute")

    def note_failure(self, address: str | None, what: Attempt) -> None:
        """Something wrong came from there."""
        self._take((f"address:{network_of(address)}", _FAILED_KIND), _FAILED)
        if self._on_failure is not None:
            self._on_failure(address, what)

    def count_guest(self, address: str | None) -> None:
        """A stranger comes through a share link. Raises ServiceError ``rate_limited``."""
        wait = self._take((f"address:{network_of(address)}", _GUESTS_KIND), _GUESTS)
        if wait:
            raise rate_limited(wait, f"{MAX_NEW_GUESTS} guests a minute from one address")

    # The database -------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Begins with what was used up before, writes it now and then, and at the end."""
        if self._counters is not None:
            now = self._clock()
            for each in await self._counters.load(MAX_BUCKETS):
                self._full_at[each.subject, each.kind] = now + each.seconds
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._flush_often)
            try:
                yield
            finally:
                nursery.cancel_scope.cancel()
                with trio.CancelScope(shield=True), trio.move_on_after(RATE_FLUSH_INTERVAL):
                    await self.flush()

    async def _flush_often(self) -> None:
        while True:
            await trio.sleep(RATE_FLUSH_INTERVAL)
            await self.flush()

    async def flush(self) -> None:
        """Writes what has changed since. A database that is away gets it the next time."""
        now = self._clock()
        for key in [key for key, full_at in self._full_at.items() if full_at <= now]:
            del self._full_at[key]
        self._unsaved &= self._full_at.keys()
        if self._counters is None:
            return
        while self._unsaved:
            keys = [self._unsaved.pop() for _ in range(min(len(self._unsaved), _AT_A_TIME))]
            known = [(key, self._full_at[key] - now) for key in keys if key in self._full_at]
            try:
                await self._counters.save([Counter(*key, seconds) for key, seconds in known])
            except PersistenceError as error:
                logger.warning("what is used up of rate limits is not saved: %s", error.code)
                self._unsaved.update(keys)
                return


_AT_A_TIME: Final = MAX_FLUSHED_BUCKETS
_WORDS: Final[dict[Kind, str]] = {
    "read": "reads",
    "write": "edits",
    "delete": "deletions",
    "engine": "pictures, layouts, checks and imports",
}


def rate_limited(wait_seconds: float, limit: str) -> ServiceError:
    """Says when to come back, in whole seconds and exactly."""
    message = f"The limit is {limit}. Come back in {math.ceil(wait_seconds)} s."
    return ServiceError("rate_limited", message, retry=True, retry_after_seconds=wait_seconds)
