"""One request between hypercorn and Quart, ended in good order.

Hypercorn tells the application of a disconnect as soon as the answer is complete, and quart-trio
takes that as a reason to cancel itself: in the midst of hypercorn's closing the connection, or
starting its idle timeout. So whoever answers before having read the whole body, or just once in a
while, would leave a connection that nobody closes.
"""

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


class Connection(TrioASGIHTTPConnection):
    """Hides the disconnect that only means that all is done."""

    async def __call__(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        request_ended = trio.Event()
        answered = False

        async def receive_until_answered() -> ASGIReceiveEvent:
            event = await receive()
            if event["type"] == "http.disconnect" and answered:
                await trio.sleep_forever()
            if event["type"] != "http.request" or not event.get("more_body", False):
                request_ended.set()
            return event

        async def send_and_linger(event: ASGISendEvent) -> None:
            nonlocal answered
            if event["type"] == "http.response.body" and not event.get("more_body", False):
                with trio.move_on_after(LINGER_SECONDS):
                    await request_ended.wait()
                answered = True
            await send(event)

        await super().__call__(receive_until_answered, send_and_linger)
