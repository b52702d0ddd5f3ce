"""Time that passes without anybody waiting for it."""

import trio
import trio.testing


async def pass_time(seconds: float) -> None:
    """Lets a fake clock go on; everything that was due by then has happened at the end."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, trio.testing.MockClock), "the test uses a fake clock"
    await trio.sleep(seconds)  # bounded wait: on a fake clock
