"""The server's side of one WebSocket: batches of messages in, encoded frames out.

trio-websocket opens it, ``FrameReader`` reads it, ``DirectStream`` writes it. No task stands
between the socket and whoever awaits ``receive_batch``.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec
import trio

from gateway.direct_stream import MAX_BACKLOG_BYTES, DirectStream, DirectStreamStatistics
from gateway.frame_reader import MAX_CONTROL_FRAMES, MAX_MESSAGE_BYTES, Ending, FrameReader
from gateway.frames import encode_ping
from gateway.handshake import Admit, Handshake, shake_hands

PING_INTERVAL_SECONDS: Final = 20.0
#: How long after a ping a peer may be silent; at most the interval.
PONG_TIMEOUT_SECONDS: Final = 10.0
#: From the first byte to the accepted handshake.
HANDSHAKE_TIMEOUT_SECONDS: Final = 10.0
#: How long a peer may take to answer a close frame.
CLOSE_TIMEOUT_SECONDS: Final = 3.0

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
#: Never on the wire: the connection ended without a close frame.
ABNORMAL: Final = 1006
INTERNAL_ERROR: Final = 1011

_PING: Final = encode_ping()

AdmissionT = TypeVar("AdmissionT")


class ConnectionClosed(Exception):
    """No more messages will come. ``code`` is the close code, ``reason`` a sentence or empty."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of one connection."""

    max_message_bytes: int = MAX_MESSAGE_BYTES
    max_backlog_bytes: int = MAX_BACKLOG_BYTES
    #: Control frames in one ping interval.
    max_control_frames: int = MAX_CONTROL_FRAMES
    handshake_timeout_seconds: float = HANDSHAKE_TIMEOUT_SECONDS
    close_timeout_seconds: float = CLOSE_TIMEOUT_SECONDS
    ping_interval_seconds: float = PING_INTERVAL_SECONDS
    pong_timeout_seconds: float = PONG_TIMEOUT_SECONDS

    def __post_init__(self) -> None:
        if not 0 < self.pong_timeout_seconds <= self.ping_interval_seconds:
            raise ValueError("pong_timeout_seconds must lie between 0 and ping_interval_seconds")


class WebSocketConnection:
    """An open WebSocket. One task receives; any task may send or close."""

    __slots__ = (
        "_heard",
        "_reader",
        "_settings",
        "_stream",
        "closed",
        "handshake",
        "scope",
        "send_nowait",
        "subprotocol",
    )

    def __init__(
        self,
        stream: DirectStream,
        handshake: Handshake,
        subprotocol: str | None,
        settings: ConnectionSettings,
    ) -> None:
        self._stream = stream
        self._settings = settings
        self._reader = FrameReader(
            max_message_bytes=settings.max_message_bytes,
            max_control_frames=settings.max_control_frames,
        )
        self._heard = True
        self.handshake = handshake
        self.subprotocol = subprotocol
        #: Writes one encoded frame; never blocks, never raises, does nothing after a close frame.
        self.send_nowait: Callable[[bytes], None] = stream.send_nowait
        #: Why the connection is closed or closing.
        self.closed: Ending | None = None
        #: Around the handler: one that ignores a closed connection is cancelled in the end.
        self.scope = trio.CancelScope()

    def statistics(self) -> DirectStreamStatistics:
        return self._stream.statistics()

    def bound_messages(self, max_message_bytes: int | None = None) -> None:
        """Takes only messages up to this size from now on; ``None``: what the settings say."""
        self._reader.bound_messages(max_message_bytes or self._settings.max_message_bytes)

    async def receive_batch(self) -> list[bytes]:
        """All text messages that the next read completed: at least one, as valid UTF-8.

        Raises ``ConnectionClosed`` at the end, after the last message.
        """
        reader = self._reader
        while self.closed is None:
            try:
                data = await self._stream.receive_some()
            except (trio.ClosedResourceError, trio.BrokenResourceError):
                data = b""
            if not data:
                self._lose("the connection broke")
                break
            self._heard = True
            messages = reader.feed(data)
            if reader.replies or reader.ending is not None:
                self._attend()
            if messages:
                return messages
        assert self.closed is not None
        raise ConnectionClosed(self.closed.code, self.closed.reason)

    def close_nowait(self, code: int = NORMAL, reason: str = "") -> None:
        """Sends a close frame, after which nothing is sent; the peer gets some time to answer."""
        if self.closed is None:
            self.closed = Ending(code, reason, by_peer=False)
            self._stream.send_last_nowait(self._reader.close(code, reason))
            self._let_go()

    async def aclose(self, code: int = NORMAL, reason: str = "") -> None:
        """Closes in good order: a close frame, the peer's answer, the end. Safe to repeat.

        For the task that receives; waits at most ``close_timeout_seconds``.
        """
        self.close_nowait(code, reason)
        with trio.move_on_after(self._settings.close_timeout_seconds):
            await self._stream.wait_flushed()
            await self._wait_peer_done()
        await self._stream.aclose()

    async def keep_alive(self) -> None:
        """Pings, and drops a peer that is silent or has stopped reading. Runs until cancelled."""
        answer_in = self._settings.pong_timeout_seconds
        looked = self._stream.statistics()
        while True:
            await trio.sleep(self._settings.ping_interval_seconds - answer_in)
            self._heard = False
            before = self._stream.statistics()
            self.send_nowait(_PING)
            await trio.sleep(answer_in)
            now = self._stream.statistics()
            # On a slow line the ping waits behind a large snapshot; taking that is life, too.
            has_read = now.flushed_bytes > looked.flushed_bytes
            if not (self._heard or has_read or self._stream.has_unread_input()):
                self._lose(f"no sign of life within {answer_in:g} s of a ping")
            elif before.backlog_bytes and now.flushed_bytes == before.flushed_bytes:
                self._lose(f"read nothing for {answer_in:g} s")
            looked = now
            self._reader.control_frames = 0

    def _attend(self) -> None:
        """Writes what the reader answers: a pong, or the last frame."""
        ending = self._reader.ending
        if ending is None:
            self._stream.send_nowait(self._reader.take_replies())
            return
        self._stream.send_last_nowait(self._reader.take_replies())
        if self.closed is None:
            self.closed = ending
            self._let_go()

    def _lose(self, reason: str) -> None:
        """The peer is gone, or treated as if it were."""
        if self.closed is None:
            if self._stream.statistics().aborted:
                reason = "the peer read too slowly; it resynchronises when it comes back"
            self.closed = Ending(ABNORMAL, reason, by_peer=False)
            self._let_go()
        self._stream.abort()

    def _let_go(self) -> None:
        self.scope.deadline = trio.current_time() + self._settings.close_timeout_seconds

    async def _wait_peer_done(self) -> None:
        """Until the peer's close frame has come, or until it hangs up after a mistake of its."""
        while self._reader.ending is None:
            try:
                data = await self._stream.receive_some()
            except (trio.ClosedResourceError, trio.BrokenResourceError):
                return
            if not data:
                return
            self._reader.feed(data)
        if not self._reader.ending.by_peer:
            await self._stream.wait_hung_up()


Handle = Callable[[WebSocketConnection, AdmissionT], Awaitable[None]]


async def serve_websocket(
    socket_stream: trio.SocketStream,
    already_read: bytes,
    admit: Admit[AdmissionT],
    handle: Handle[AdmissionT],
    settings: ConnectionSettings | None = None,
) -> None:
    """Serves one TCP connection from the handshake's first byte to its last.

    ``already_read`` is what somebody has read of it: nothing, or the handshake and what follows.
    ``admit`` says who may enter; ``handle`` converses, and may let ``ConnectionClosed`` out.
    When it returns the peer gets 1000, when it fails 1011 and the error is raised here, when it
    is cancelled 1001.
    """
    settings = settings or ConnectionSettings()
    async with trio.open_nursery() as nursery:
        stream = DirectStream(socket_stream, nursery, max_backlog_bytes=settings.max_backlog_bytes)
        if already_read:
            stream.unread(already_read)
        try:
            await _serve(stream, nursery, admit, handle, settings)
        finally:
            stream.close_nowait()
            nursery.cancel_scope.cancel()


async def _serve(
    stream: DirectStream,
    nursery: trio.Nursery,
    admit: Admit[AdmissionT],
    handle: Handle[AdmissionT],
    settings: ConnectionSettings,
) -> None:
    try:
        admitted = await shake_hands(
            stream, admit, timeout_seconds=settings.handshake_timeout_seconds
        )
    except Exception:
        await _hang_up(stream, settings)
        raise
    if admitted is None:
        await _hang_up(stream, settings)
        return
    connection = WebSocketConnection(stream, admitted.handshake, admitted.subprotocol, settings)
    nursery.start_soon(connection.keep_alive)
    await _converse(connection, handle, admitted.admission)


async def _hang_up(stream: DirectStream, settings: ConnectionSettings) -> None:
    with trio.move_on_after(settings.close_timeout_seconds):
        await stream.wait_hung_up()


async def _converse(
    connection: WebSocketConnection, handle: Handle[AdmissionT], admission: AdmissionT
) -> None:
    try:
        with connection.scope:
            await handle(connection, admission)
    except* ConnectionClosed:
        pass
    except* trio.Cancelled:
        connection.close_nowait(GOING_AWAY, "the server is going away; come back")
        raise
    except* Exception:
        await connection.aclose(INTERNAL_ERROR, "the server failed; come back")
        raise
    await connection.aclose()
