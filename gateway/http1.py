"""HTTP/1 as hypercorn speaks it, within our bounds: no HTTP/2, no WebSocket, no endless head.

What is refused here never becomes a request, so no application sees it; nor does the handshake of
a WebSocket at its place, which is given back to whoever reads the connection.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import h11
import msgspec
import trio
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol

from gateway.answer_headers import ANSWER_HEADER_LINES

#: Bytes of one HTTP request's head.
MAX_HEAD_BYTES: Final = 32 * 1024
#: Seconds in which a client that was refused may go on sending. Closing at once would reset the
#: connection, and could destroy the answer on its way.
REFUSAL_LINGER_SECONDS: Final = 2.0

#: Where the paths of WebSockets begin.
WEBSOCKET_PATH: Final = b"/ws/"

_READ_BYTES: Final = 64 * 1024
_VERSIONS: Final = (b"1.0", b"1.1")
_HEADERS: Final = (
    b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n"
    + ANSWER_HEADER_LINES
)


class HeadRefusal(msgspec.Struct, frozen=True):
    """Why a request's head is refused: a stable code, and a sentence that says what to do."""

    code: str
    message: str


#: By HTTP status; any other status is answered without a body.
_REFUSALS: Final = {
    400: HeadRefusal(code="malformed_request", message="This is not an HTTP/1.1 request."),
    404: HeadRefusal(
        code="not_found",
        message="The WebSocket is at /ws/diagrams.",
    ),
    431: HeadRefusal(
        code="head_too_large",
        message="The request line and the headers are too long; send fewer or shorter ones.",
    ),
    505: HeadRefusal(code="unsupported_http_version", message="Speak HTTP/1.1 to this server."),
}


class WebSocketAsked(Exception):
    """The next request is a WebSocket's handshake, and what came before it is answered.

    ``data`` has it as it came, with whatever the client has sent behind it.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__("a WebSocket is asked for")
        self.data = data


class Http1Protocol(H11Protocol):
    """One connection. ``linger`` waits, within bounds, until a refused client hangs up.

    ``handle`` raises ``WebSocketAsked``, after which the connection is no longer its.
    """

    def __init__(self, *args: Any, linger: Callable[[], Awaitable[None]]) -> None:
        super().__init__(*args)
        self._linger = linger
        self.connection = _StrictConnection(self.config.h11_max_incomplete_size)

    async def _check_protocol(self, event: h11.Request) -> None:
        """Here hypercorn would change to HTTP/2; whoever offers that is served HTTP/1.1."""

    async def _send_error_response(self, status_code: int) -> None:
        """Answers a head that was refused; the connection is closed next."""
        refusal = _REFUSALS.get(status_code)
        body = b"" if refusal is None else msgspec.json.encode({"error": refusal})
        # Past h11, which would send no body to a HEAD that it has taken for a good one.
        head = b"HTTP/1.1 %d %b\r\n%b\r\n" % (
            status_code,
            HTTPStatus(status_code).phrase.encode(),
            _HEADERS % len(body),
        )
        await self.send(RawData(data=head + body))
        await self._linger()


class _StrictConnection(h11.Connection):
    """h11's server side, but one that refuses a head for what h11 alone would let pass."""

    def __init__(self, max_head_bytes: int) -> None:
        super().__init__(h11.SERVER, max_incomplete_event_size=max_head_bytes)
        self._max_head_bytes = max_head_bytes

    def next_event(self) -> Any:
        """Raises ``RemoteProtocolError`` with the status to answer, or ``WebSocketAsked``."""
        if self.their_state is not h11.IDLE:
            return super().next_event()
        unread = self.trailing_data[0]
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._check_head(event, len(unread) - len(self.trailing_data[0]))
            if _asks_for_websocket(event):
                if event.target.startswith(WEBSOCKET_PATH):
                    raise WebSocketAsked(unread)
                raise h11.RemoteProtocolError("a WebSocket elsewhere", error_status_hint=404)
        return event

    def _check_head(self, head: h11.Request, size: int) -> None:
        # h11 bounds what is incomplete; a longer head that comes in one piece is in time for it.
        if size > self._max_head_bytes:
            raise h11.RemoteProtocolError("too long", error_status_hint=431)
        if head.http_version not in _VERSIONS:
            raise h11.RemoteProtocolError("not HTTP/1", error_status_hint=505)
        # Whoever stands before this server may have taken the other one (RFC 9112, 6.1 and 6.3).
        names = {name for name, _ in head.headers}
        is_unclear = b"content-length" in names or head.http_version == b"1.0"
        if b"transfer-encoding" in names and is_unclear:
            raise h11.RemoteProtocolError("two lengths", error_status_hint=400)


def _asks_for_websocket(head: h11.Request) -> bool:
    wanted = {(b"connection", b"upgrade"), (b"upgrade", b"websocket")}
    said = {
        (name, token.strip().lower())
        for name, value in head.headers
        if name in (b"connection", b"upgrade")
        for token in value.split(b",")
    }
    return head.method == b"GET" and wanted <= said


async def read_off(stream: trio.abc.Stream) -> None:
    """Ends our side, then discards what comes until the peer hangs up or the time is over."""
    with (
        suppress(trio.BrokenResourceError, trio.ClosedResourceError),
        trio.move_on_after(REFUSAL_LINGER_SECONDS),
    ):
        if isinstance(stream, trio.abc.HalfCloseableStream):
            await stream.send_eof()
        while await stream.receive_some(_READ_BYTES):
            pass
