"""The token bucket, pure: the clock is an argument.

A bucket is one number, the moment at which it will be full again (the generic cell rate algorithm,
ITU-T I.371): the further that lies ahead, the fewer tokens are in it. A bucket whose moment has
passed is full, and needs not be kept at all.
"""

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """``count`` tokens fit in, all of them at first, and come back evenly within ``seconds``."""

    count: int
    seconds: float


def take(full_at: float, now: float, rate: Rate) -> tuple[float, float]:
    """Takes one token: when the bucket will be full then, and 0.

    Where there is none: the moment as it was, and the seconds until there is one. A moment further
    ahead than ``rate`` allows, of a clock that was turned back or of a limit that was changed,
    counts as an empty bucket.
    """
    before = min(max(full_at, now), now + rate.seconds)
    after = before + rate.seconds / rate.count
    # A rounding error is no reason to wait.
    wait = after - now - rate.seconds
    return (after, 0.0) if wait < rate.seconds / rate.count * 1e-3 else (before, wait)


def tokens(full_at: float, now: float, rate: Rate) -> float:
    """How many are in it."""
    missing = min(max(full_at - now, 0.0), rate.seconds)
    return rate.count * (1 - missing / rate.seconds)
