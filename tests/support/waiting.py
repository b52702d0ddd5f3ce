"""Waiting for something that no event tells of, always within bounds."""

from collections.abc import Awaitable, Callable

import trio


async def wait_until(condition: Callable[[], Awaitable[bool]], timeout_seconds: float = 20) -> None:
    """Returns once ``condition`` holds. Raises trio.TooSlowError when it does not in time."""
    with trio.fail_after(timeout_seconds):
        while not await condition():
            await trio.sleep(0.005)  # bounded wait


async def keep_pace(seconds: float) -> None:
    """Between two things that a test's peer does again and again, not too fast."""
    await trio.sleep(seconds)  # bounded wait
