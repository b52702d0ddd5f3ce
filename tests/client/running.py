"""Playing a program of the Python client on either event loop, beside the test's own."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal, TypeAlias, TypeVar

import anyio
import trio

T = TypeVar("T")
Backend: TypeAlias = Literal["trio", "asyncio"]
BACKENDS: tuple[Backend, ...] = ("trio", "asyncio")
PATIENCE_SECONDS = 60


async def play(backend: Backend, program: Callable[[], Awaitable[T]]) -> T:
    """Runs it here on trio, or in a thread with a loop of asyncio; bounded either way."""

    async def bounded() -> T:
        with anyio.fail_after(PATIENCE_SECONDS):
            return await program()

    if backend == "trio":
        return await bounded()
    return await trio.to_thread.run_sync(partial(anyio.run, bounded, backend="asyncio"))
