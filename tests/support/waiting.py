"""Waiting for something that no event tells of, always within bounds."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio

T = TypeVar("T")


async def wait_until(condition: Callable[[], Awaitable[bool]], timeout_seconds: float = 20) -> None:
    """Returns once ``condition`` holds. Raises trio.TooSlowError when it does not in time."""
    with trio.fail_after(timeout_seconds):
        while not await condition():
            await trio.sleep(0.005)  # bounded wait


def wait_found(look: Callable[[], T], timeout_seconds: float) -> T:
    """What ``look`` gives, once it is something; for tests without an event loop."""
    ends = time.monotonic() + timeout_seconds
    while not (found := look()):
        assert time.monotonic() < ends, "it does not come"
        time.sleep(0.02)  # bounded wait
    return found


async def keep_pace(seconds: float) -> None:
    """Between two things that a test's peer does again and again, not too fast."""
    await trio.sleep(seconds)  # bounded wait
