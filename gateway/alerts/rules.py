"""When an alert is raised, pure: events come in, alerts go out, the clock is an argument.

A rule counts within a window and falls silent about a subject for a while after it has spoken.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.alerts.events import Alert, Happened
from gateway.alerts.limits import (
    ALERT_ADDRESSES,
    ALERT_BURSTS,
    ALERT_DELETIONS,
    ALERT_EDITS,
    ALERT_EDITS_WINDOW_SECONDS,
    ALERT_FAILED_KEYS,
    ALERT_QUIET_SECONDS,
    ALERT_REFUSALS,
    ALERT_WINDOW_SECONDS,
    MAX_WATCHED_SUBJECTS,
)
from gateway.rate_limits.networks import network_of


class Rule(msgspec.Struct, frozen=True):
    """``counts`` of an event: what is counted, ``None`` for events that do not matter. What is
    the same counts once where ``is_distinct``."""

    name: str
    counts: Callable[[Happened], str | None]
    threshold: int
    #: With {subject}, {count} and {seconds} in it.
    message: str
    window_seconds: float = ALERT_WINDOW_SECONDS
    is_distinct: bool = False


def _refused_with(*codes: str) -> Callable[[Happened], str | None]:
    def counts(event: Happened) -> str | None:
        return event.detail if event.what == "refused" and event.detail in codes else None

    return counts


def _network(event: Happened) -> str | None:
    if event.what == "failed" or event.address is None:
        return None
    return network_of(event.address)


RULES: Final = (
    Rule(
        "failed_keys",
        lambda event: event.detail if event.what == "failed" else None,
        ALERT_FAILED_KEYS,
        "{count} wrong keys, tokens or codes came from {subject} within {seconds} s.",
    ),
    Rule(
        "many_addresses",
        _network,
        ALERT_ADDRESSES,
        "{subject} works from {count} addresses within {seconds} s; its key may be in other hands.",
        is_distinct=True,
    ),
    Rule(
        "mass_deletion",
        lambda event: event.detail if event.what == "deleted" else None,
        ALERT_DELETIONS,
        "{subject} moved {count} diagrams to the trash within {seconds} s.",
    ),
    Rule(
        "at_the_limit",
        _refused_with("rate_limited"),
        ALERT_BURSTS,
        "{subject} was refused {count} times within {seconds} s, because it does too much.",
    ),
    Rule(
        "refused",
        _refused_with("forbidden", "not_found"),
        ALERT_REFUSALS,
        "{subject} tried {count} times within {seconds} s what it may not do.",
    ),
    Rule(
        "too_fast",
        lambda event: event.what if event.what == "edited" else None,
        ALERT_EDITS,
        "{subject} made {count} edits within {seconds} s, faster than people can follow.",
        window_seconds=ALERT_EDITS_WINDOW_SECONDS,
    ),
)


class _Seen:
    """What one rule knows of one subject: moments and what was counted, oldest first."""

    __slots__ = ("counted", "quiet_until")

    def __init__(self) -> None:
        self.counted: deque[tuple[float, str]] = deque()
        self.quiet_until = float("-inf")


class Watcher:
    """Applies one rule."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        #: The one that was quiet longest first.
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def see(self, event: Happened, now: float) -> Alert | None:
        rule = self._rule
        counted = rule.counts(event)
        if counted is None:
            return None
        seen = self._seen_of(event.subject)
        if now < seen.quiet_until:
            return None
        moments = seen.counted
        if rule.is_distinct:
            _drop(moments, counted)
        moments.append((now, counted))
        while moments and moments[0][0] <= now - rule.window_seconds:
            moments.popleft()
        if len(moments) < rule.threshold:
            return None
        count = len(moments)
        moments.clear()
        seen.quiet_until = now + ALERT_QUIET_SECONDS
        return self._alert(event, count)

    def _seen_of(self, subject: str) -> _Seen:
        seen = self._seen.get(subject)
        if seen is None:
            seen = self._seen[subject] = _Seen()
            if len(self._seen) > MAX_WATCHED_SUBJECTS:
                self._seen.popitem(last=False)
        self._seen.move_to_end(subject)
        return seen

    def _alert(self, event: Happened, count: int) -> Alert:
        rule = self._rule
        message = rule.message.format(
            subject=event.subject, count=count, seconds=round(rule.window_seconds)
        )
        details: dict[str, str | int | float] = {
            "count": count,
            "window_seconds": rule.window_seconds,
            "last": event.detail,
        }
        if event.address is not None:
            details["address"] = event.address
        return Alert(rule.name, event.subject, message, details)


def _drop(moments: deque[tuple[float, str]], counted: str) -> None:
    for each in moments:
        if each[1] == counted:
            moments.remove(each)
            return


class Watchers:
    """Applies all rules."""

    def __init__(self, rules: tuple[Rule, ...] = RULES) -> None:
        self._watchers = [Watcher(rule) for rule in rules]

    def see(self, event: Happened, now: float) -> list[Alert]:
        return [alert for each in self._watchers if (alert := each.see(event, now)) is not None]
