"""A request that is answered before its body is all here, ended in good order."""

from typing import Final

import trio
from hypercorn.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
)
from quart_trio.asgi import TrioASGIHTTPConnection

#: Seconds a client that was answered early may go on sending. Closing at once would reset the
#: connection, and could destroy the answer on its way.
LINGER_SECONDS: Final = 2.0


class LingeringConnection(TrioASGIHTTPConnection):
    """Holds an answer's end back until the request has ended, within bounds."""

    async def __call__(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        request_ended = trio.Event()

        async def receive_and_note() -> ASGIReceiveEvent:
            event = await receive()
            if event["type"] != "http.request" or not event.get("more_body", False):
                request_ended.set()
            return event

        async def linger_and_send(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.body" and not event.get("more_body", False):
                with trio.move_on_after(LINGER_SECONDS):
                    await request_ended.wait()
            await send(event)

        await super().__call__(receive_and_note, linger_and_send)
