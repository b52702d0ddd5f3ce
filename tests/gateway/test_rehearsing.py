"""Two pieces of work at a time: both answers, or what one of them raises."""

import pytest
import trio

from gateway.errors import ServiceError
from gateway.tools.rehearsing import _both


async def refuse() -> int:
    raise ServiceError("overloaded", "Too much.", "here")


async def test_both_work_at_a_time() -> None:
    first, second = trio.Event(), trio.Event()

    async def one() -> int:
        first.set()
        await second.wait()
        return 1

    async def two() -> str:
        second.set()
        await first.wait()
        return "two"

    with trio.fail_after(5):
        assert await _both(one, two) == (1, "two")


async def test_what_one_raises_ends_the_other() -> None:
    for first, second in ((refuse, trio.sleep_forever), (trio.sleep_forever, refuse)):
        with trio.fail_after(5), pytest.raises(ServiceError) as caught:
            await _both(first, second)
        assert (caught.value.code, caught.value.at) == ("overloaded", "here")
