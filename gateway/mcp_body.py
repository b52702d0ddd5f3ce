"""Reading the body of a request to ``/mcp``, within bounds of size and time."""

from typing import Final

import trio
from starlette.types import Message, Receive

#: A body that is too large is read on up to here, so that its sender comes to read the answer.
MAX_DRAINED_BYTES: Final = 32 * 1024 * 1024
#: From a request's head to the end of its body.
BODY_TIMEOUT_SECONDS: Final = 30.0


class Disconnected(Exception):
    """The sender has left; there is nobody to answer."""


async def read_body(receive: Receive, max_bytes: int) -> bytes | None:
    """The body; ``None`` for one that is larger, or does not come to its end in time.

    Raises Disconnected.
    """
    body = bytearray()
    total = 0
    with trio.move_on_after(BODY_TIMEOUT_SECONDS):
        while total <= MAX_DRAINED_BYTES:
            message = await receive()
            if message["type"] != "http.request":
                raise Disconnected
            chunk: bytes = message.get("body", b"")
            total += len(chunk)
            if total <= max_bytes:
                body += chunk
            if not message.get("more_body", False):
                return bytes(body) if total <= max_bytes else None
    return None


def replayed(body: bytes, gone: trio.Event) -> Receive:
    """Receives the body at once, then that the client has left once ``gone`` is set."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        if waiting:
            return waiting.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    return replay


async def watch_departure(receive: Receive, gone: trio.Event) -> None:
    """Sets ``gone`` once the client of a request that has been read has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()
