"""One WebSocket over a byte stream: the handshake, text messages, and nothing that reconnects."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import anyio
import msgspec
from anyio.abc import ByteStream
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from client import limits
from client.errors import ClientError, ConnectionFailed, SessionEnded
from client.messages import PROTOCOL

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_PORTS = {"http": 80, "https": 443}
_PATH = "/ws/diagrams"
_TOO_BIG = 1009
#: The server closes with it what belongs to nobody any more.
_SIGNED_OUT = 4401
#: What ends with the connection: it broke, was ended, or TLS was.
_BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError)
#: Statuses below 500 after which another try may succeed: a time-out, too early, too many.
_PASSING = frozenset({408, 425, 429})


class Address(msgspec.Struct, frozen=True):
    """Where a server is. ``path`` is that of the WebSocket."""

    is_secure: bool
    host: str
    port: int
    authority: str
    path: str


def read_address(url: str) -> Address:
    """The server behind ``http(s)://`` or ``ws(s)://``. Raises ClientError ``invalid_url``."""
    try:
        parts = urlsplit(url)
        scheme, port = _SCHEMES[parts.scheme], parts.port
    except (KeyError, ValueError):
        raise _bad_url() from None
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise _bad_url()
    if not url.isascii() or not url.isprintable() or " " in url:
        raise _bad_url()
    base = parts.path.rstrip("/").removesuffix(_PATH)
    number = _PORTS[scheme] if port is None else port
    return Address(scheme == "https", parts.hostname, number, parts.netloc, base + _PATH)


def _bad_url() -> ClientError:
    message = "Give the server's address, such as 'https://diagrams.example.org', and no more."
    return ClientError("invalid_url", message, "url")


class WebSocket:
    """An open one. One task receives, one sends."""

    def __init__(self, stream: ByteStream, connection: WSConnection) -> None:
        self._stream = stream
        self._connection = connection
        self._parts: list[str] = []
        self._bytes = 0
        #: Whether more than the handshake may have come with it.
        self._has_rest = True
        #: When the last byte came.
        self.heard_at = anyio.current_time()

    async def send(self, message: bytes) -> None:
        """Sends one text message. Raises SessionEnded."""
        try:
            await self._stream.send(self._connection.send(TextMessage(data=message.decode())))
        except (*_BROKEN, ProtocolError) as error:
            raise SessionEnded(f"the connection broke: {error}") from error

    async def receive(self) -> list[str]:
        """The text messages that the next bytes complete, in order; maybe none.

        Raises SessionEnded, and ConnectionFailed ``message_too_large``.
        """
        try:
            if not self._has_rest:
                self._connection.receive_data(await self._stream.receive(limits.READ_BYTES))
                self.heard_at = anyio.current_time()
            self._has_rest = False
            return [text for event in self._connection.events() for text in await self._take(event)]
        except (*_BROKEN, ProtocolError) as error:
            raise SessionEnded(f"the connection broke: {error}") from error

    async def _take(self, event: Event) -> list[str]:
        match event:
            case TextMessage():
                return self._gather(event)
            case Ping():
                await self._stream.send(self._connection.send(event.response()))
            case CloseConnection():
                if event.code == _TOO_BIG:
                    raise _too_large("A message was larger than the server takes.")
                if event.code == _SIGNED_OUT:
                    message = "The key is not good any more; the server has ended the connection."
                    raise ConnectionFailed("unauthenticated", message)
                raise SessionEnded(f"the server closed it: {event.code} {event.reason or ''}")
            case BytesMessage():
                raise SessionEnded("the server sent bytes, which the protocol does not know")
        return []

    def _gather(self, event: TextMessage) -> list[str]:
        self._bytes += len(event.data) if event.data.isascii() else len(event.data.encode())
        if self._bytes > limits.MAX_RECEIVED_BYTES:
            raise _too_large("The server sent a message larger than this client takes.")
        self._parts.append(event.data)
        if not event.message_finished:
            return []
        whole = "".join(self._parts)
        self._parts, self._bytes = [], 0
        return [whole]

    async def close(self) -> None:
        """Says good-bye, and waits a moment for the answer; never raises but for cancellation."""
        with anyio.move_on_after(limits.CLOSE_TIMEOUT_SECONDS), suppress(*_BROKEN, ProtocolError):
            await self._stream.send(self._connection.send(CloseConnection(code=1000)))
            while True:
                await self._stream.receive(limits.READ_BYTES)


def _too_large(message: str) -> ConnectionFailed:
    return ConnectionFailed("message_too_large", message)


@asynccontextmanager
async def open_websocket(
    address: Address, key: str, ssl_context: ssl.SSLContext | None
) -> AsyncIterator[WebSocket]:
    """Connects and shakes hands. Raises SessionEnded, or ConnectionFailed where it is for good."""
    try:
        with anyio.fail_after(limits.CONNECT_TIMEOUT_SECONDS):
            stream = await _connect(address, ssl_context)
    except ssl.SSLCertVerificationError as error:
        message = f"The server's certificate is not trusted: {error.verify_message}."
        raise ConnectionFailed("untrusted_certificate", message) from error
    except UnicodeError as error:
        raise ConnectionFailed("invalid_url", "The host's name cannot be one.", "url") from error
    except (*_BROKEN, TimeoutError) as error:
        raise SessionEnded(f"the server cannot be reached: {error}") from error
    try:
        yield await _shake_hands(stream, address, key)
    finally:
        await anyio.aclose_forcefully(stream)


async def _connect(address: Address, ssl_context: ssl.SSLContext | None) -> ByteStream:
    if not address.is_secure:
        return await anyio.connect_tcp(address.host, address.port)
    context = ssl_context or ssl.create_default_context()
    return await anyio.connect_tcp(
        address.host,
        address.port,
        tls=True,
        ssl_context=context,
        # A server that is cut off does not say good-bye; WebSocket has an end of its own.
        tls_standard_compatible=False,
    )


async def _shake_hands(stream: ByteStream, address: Address, key: str) -> WebSocket:
    connection = WSConnection(ConnectionType.CLIENT)
    request = Request(
        host=address.authority,
        target=address.path,
        subprotocols=[PROTOCOL],
        extra_headers=[(b"authorization", f"Bearer {key}".encode("ascii"))],
    )
    try:
        with anyio.fail_after(limits.CONNECT_TIMEOUT_SECONDS):
            await stream.send(connection.send(request))
            await _read_answer(stream, connection)
    except (*_BROKEN, ProtocolError, TimeoutError) as error:
        raise SessionEnded(f"the handshake failed: {error}") from error
    return WebSocket(stream, connection)


async def _read_answer(stream: ByteStream, connection: WSConnection) -> None:
    """Returns once the server has accepted; raises what it says where it refuses."""
    refusal: RejectConnection | None = None
    body = b""
    while True:
        try:
            connection.receive_data(await stream.receive(limits.READ_BYTES))
        except anyio.EndOfStream:
            if refusal is None:
                raise
            raise _refusal(refusal, body) from None
        # One by one: what stands behind the acceptance is left for the open connection.
        while (event := next(connection.events(), None)) is not None:
            if isinstance(event, AcceptConnection):
                return
            if isinstance(event, RejectConnection):
                refusal = event
            elif isinstance(event, RejectData):
                body += event.data
            is_over = isinstance(event, RejectData) and event.body_finished
            if refusal is not None and (
                is_over or not refusal.has_body or len(body) > limits.MAX_REFUSAL_BYTES
            ):
                raise _refusal(refusal, body)


class _Told(msgspec.Struct):
    code: str
    message: str


class _Body(msgspec.Struct):
    error: _Told


def _refusal(event: RejectConnection, body: bytes) -> Exception:
    """Why the handshake was refused: a failure for good, or one that may pass."""
    status = event.status_code
    if status >= 500 or status in _PASSING:
        return SessionEnded(f"the server answered {status}", _retry_after(event))
    try:
        told = msgspec.json.decode(body, type=_Body).error
    except msgspec.DecodeError:
        message = f"The address answered with HTTP {status} and is no DiagramAI server."
        return ConnectionFailed("handshake_refused", message)
    return ConnectionFailed(told.code, told.message)


def _retry_after(event: RejectConnection) -> float | None:
    for name, value in event.headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return min(float(value), limits.MAX_RETRY_AFTER_SECONDS)
    return None
