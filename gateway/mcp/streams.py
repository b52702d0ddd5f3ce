"""Answers to HTTP requests: one JSON body, or a stream of server-sent events."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import trio
from mcp_types import JSONRPCError, JSONRPCMessage, JSONRPCResponse
from starlette.types import Receive, Send

from gateway.mcp.limits import PING_SECONDS

#: The next message of an answer; ``None`` where there is none to come.
Take: TypeAlias = Callable[[], Awaitable[JSONRPCMessage | None]]

_STREAM_HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)
_PING: Final = b": ping\r\n\r\n"


async def answer_call(take: Take, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
    """Answers a request: as JSON where its response is the first thing there is to say and comes
    soon, as a stream where something comes before it. Returns early where the client has left."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_watch_departure, receive, nursery.cancel_scope)
        first: JSONRPCMessage | None = None
        with trio.move_on_after(PING_SECONDS) as patience:
            first = await take()
        if isinstance(first, JSONRPCResponse | JSONRPCError):
            await send_json(first, headers, send)
        elif first is not None or patience.cancelled_caught:
            await _stream_call(first, take, headers, send)
        else:
            await send_status(404, send)
        nursery.cancel_scope.cancel()


async def _stream_call(
    first: JSONRPCMessage | None, take: Take, headers: Mapping[str, str], send: Send
) -> None:
    await _start_stream(headers, send)
    message = first
    if message is None:
        await _send_part(_PING, send)
        message = await _take_pinging(take, send)
    while message is not None:
        await _send_part(event_of(message), send)
        if isinstance(message, JSONRPCResponse | JSONRPCError):
            break
        message = await _take_pinging(take, send)
    await _end(send)


async def stream_messages(
    take: Take, headers: Mapping[str, str], receive: Receive, send: Send
) -> None:
    """Sends messages until there are no more to come or the client has left."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_watch_departure, receive, nursery.cancel_scope)
        await _start_stream(headers, send)
        # Some clients take a stream for open only once something has come.
        await _send_part(_PING, send)
        while (message := await _take_pinging(take, send)) is not None:
            await _send_part(event_of(message), send)
        await _end(send)
        nursery.cancel_scope.cancel()


async def _take_pinging(take: Take, send: Send) -> JSONRPCMessage | None:
    while True:
        with trio.move_on_after(PING_SECONDS):
            return await take()
        await _send_part(_PING, send)


async def _watch_departure(receive: Receive, scope: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def json_of(message: JSONRPCMessage) -> bytes:
    return message.model_dump_json(by_alias=True, exclude_unset=True).encode()


def event_of(message: JSONRPCMessage) -> bytes:
    return b"event: message\r\ndata: %b\r\n\r\n" % json_of(message)


async def send_json(message: JSONRPCMessage, headers: Mapping[str, str], send: Send) -> None:
    pairs = [(b"content-type", b"application/json"), *_encoded(headers)]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})
    await send({"type": "http.response.body", "body": json_of(message), "more_body": False})


async def send_status(status: int, send: Send, headers: Mapping[str, str] | None = None) -> None:
    pairs = [(b"content-length", b"0"), *_encoded(headers or {})]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await _end(send)


async def _start_stream(headers: Mapping[str, str], send: Send) -> None:
    pairs = [*_STREAM_HEADERS, *_encoded(headers)]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})


async def _send_part(body: bytes, send: Send) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
