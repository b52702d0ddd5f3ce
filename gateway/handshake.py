"""The opening handshake of a WebSocket, spoken by trio-websocket; who may enter is a hook's say."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

import msgspec
import trio
import trio_websocket
from wsproto.utilities import LocalProtocolError

from gateway.answer_headers import RAW_ANSWER_HEADERS
from gateway.direct_stream import DirectStream

logger = logging.getLogger(__name__)

SUBPROTOCOL: Final = "diagramai.v1"

#: Where h11, below trio-websocket, sees a request's head end.
_HEAD_END: Final = re.compile(rb"\n\r?\n")
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_SERVER_ERROR: Final = (
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)

AdmissionT = TypeVar("AdmissionT")


class Handshake(msgspec.Struct, frozen=True):
    """What a client asked for. Header names are lower case; ``host`` is not among them."""

    path: str
    host: str
    headers: tuple[tuple[bytes, bytes], ...]
    subprotocols: tuple[str, ...]
    peer: str

    def header(self, name: bytes) -> str | None:
        """The first header of that lower-case name, or ``None``."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return None


class Refusal(msgspec.Struct, frozen=True):
    """Turns a client away: an HTTP status, a stable code, and a sentence that says what to do."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


#: Decides before the handshake is accepted, from its path, Host, Origin and credentials.
Admit = Callable[[Handshake], Awaitable[AdmissionT | Refusal]]


class Admitted(msgspec.Struct, Generic[AdmissionT], frozen=True):
    """An accepted client: what it asked for, and what the hook found out about it."""

    handshake: Handshake
    admission: AdmissionT
    subprotocol: str | None


async def shake_hands(
    stream: DirectStream, admit: Admit[AdmissionT], *, timeout_seconds: float
) -> Admitted[AdmissionT] | None:
    """Accepts or refuses the client; ``None`` when it was refused, gave up, or was too slow.

    What the client sent beyond the handshake is left in the stream, to be read next. An error of
    the hook is answered with 500 and raised.
    """
    admitted: Admitted[AdmissionT] | None = None
    try:
        with trio.move_on_after(timeout_seconds):
            async with trio.open_nursery() as nursery:
                view = _HandshakeStream(stream, nursery.cancel_scope)
                request = await trio_websocket.wrap_server_stream(nursery, view)
                admitted = await _answer(request, admit, stream.peer)
                nursery.cancel_scope.cancel()
    except* trio_websocket.ConnectionClosed:
        admitted = None
    except* (UnicodeError, LocalProtocolError) as errors:
        logger.debug("malformed WebSocket handshake: %r", errors.exceptions)
        stream.send_last_nowait(_BAD_REQUEST)
    except* Exception:
        stream.send_last_nowait(_SERVER_ERROR)
        raise
    return admitted


async def _answer(
    request: trio_websocket.WebSocketRequest, admit: Admit[AdmissionT], peer: str
) -> Admitted[AdmissionT] | None:
    handshake = Handshake(
        path=request.path,
        # wsproto takes Host out of the headers, and only the event below the request has it.
        host=request._event.host,
        headers=tuple((bytes(name), bytes(value)) for name, value in request.headers),
        subprotocols=request.proposed_subprotocols,
        peer=peer,
    )
    admission = _find_fault(handshake) or await admit(handshake)
    if isinstance(admission, Refusal):
        await _refuse(request, admission)
        return None
    # A client that names no subprotocol gets none, as the RFC wants it.
    subprotocol = SUBPROTOCOL if handshake.subprotocols else None
    await request.accept(subprotocol=subprotocol)
    return Admitted(handshake, admission, subprotocol)


def _find_fault(handshake: Handshake) -> Refusal | None:
    """What is wrong with a handshake whoever sends it, and trio-websocket does not mind."""
    if handshake.subprotocols and SUBPROTOCOL not in handshake.subprotocols:
        hint = f"Ask for the WebSocket subprotocol {SUBPROTOCOL}, or for none."
        return Refusal(400, "unknown_subprotocol", hint)
    if handshake.header(b"content-length") or handshake.header(b"transfer-encoding"):
        return Refusal(400, "unexpected_body", "Send the opening handshake without a body.")
    return None


async def _refuse(request: trio_websocket.WebSocketRequest, refusal: Refusal) -> None:
    body = {"error": {"code": refusal.code, "message": refusal.message}}
    headers = [
        (b"content-type", b"application/json"),
        (b"connection", b"close"),
        *RAW_ANSWER_HEADERS,
        *refusal.headers,
    ]
    await request.reject(refusal.status, extra_headers=headers, body=msgspec.json.encode(body))


class _HandshakeStream(trio.abc.Stream):
    """What trio-websocket sees of a stream: the request's head, and not a byte beyond it.

    It also reports the end, which trio-websocket keeps to itself while a request is awaited.
    """

    def __init__(self, stream: DirectStream, scope: trio.CancelScope) -> None:
        self._stream = stream
        self._scope = scope
        self._head = b""
        self._complete = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if self._complete:
            await trio.sleep_forever()
        try:
            data = await self._stream.receive_some(max_bytes)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            data = b""
        if not data:
            self._scope.cancel()
        return self._up_to_head_end(data)

    def _up_to_head_end(self, data: bytes) -> bytes:
        before = len(self._head)
        self._head += data
        found = _HEAD_END.search(self._head)
        if found is None:
            return data
        self._complete = True
        inside = found.end() - before
        if inside < len(data):
            self._stream.unread(data[inside:])
        return data[:inside]

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """trio-websocket is done with a request it will not have; the owner closes the stream."""
        self._scope.cancel()
        await trio.lowlevel.checkpoint()
