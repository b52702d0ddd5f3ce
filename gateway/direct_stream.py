"""A TCP stream whose writes do not wait: to the socket at once, what would block to a backlog.

One broadcast to 200 readers is 200 calls of ``send_nowait``, so its straight path is the system
call and a comparison. The stream's state is which function ``_send`` is: the socket's own
``send``; one that takes nothing while a backlog must go first; or ``len``, which takes all and
writes none, once nothing may follow.
"""

import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn

import msgspec
import trio

#: Bytes that may wait for a slow reader, its largest frame not counted.
MAX_BACKLOG_BYTES: Final = 8 * 1024 * 1024
#: Bytes the kernel keeps unsent for one socket before a write would block.
KERNEL_BACKLOG_BYTES: Final = 128 * 1024
#: Bytes asked of the socket in one read.
RECEIVE_BYTES: Final = 64 * 1024

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class DirectStreamStatistics(msgspec.Struct, frozen=True):
    """What a stream holds and has held; sizes in bytes."""

    backlog_bytes: int
    backlog_frames: int
    peak_backlog_bytes: int
    #: Grows with every byte that leaves the backlog: standing still means a stuck reader.
    flushed_bytes: int
    #: The reader was too slow or the connection broke; what had not been sent is lost.
    aborted: bool
    closed: bool


class DirectStream(trio.abc.Stream):
    """Takes over an accepted ``SocketStream``, which must not be used afterwards.

    ``nursery`` runs the writer, which lives only while there is a backlog. All methods belong to
    the trio thread; ``send_nowait`` may be called from any task and never raises.
    """

    __slots__ = (
        "_aborted",
        "_backlog",
        "_backlog_bytes",
        "_closed",
        "_fileno",
        "_flushed_bytes",
        "_head_sent",
        "_kept_bytes",
        "_largest",
        "_max_backlog_bytes",
        "_more_to_read",
        "_nursery",
        "_peak_backlog_bytes",
        "_progress",
        "_raw",
        "_sealed",
        "_send",
        "_socket",
        "_unread",
    )

    def __init__(
        self,
        stream: trio.SocketStream,
        nursery: trio.Nursery,
        *,
        max_backlog_bytes: int = MAX_BACKLOG_BYTES,
        kernel_backlog_bytes: int = KERNEL_BACKLOG_BYTES,
    ) -> None:
        # Trio's socket hides the one below it; detaching gives both halves through public doors.
        self._raw = socket.socket(fileno=stream.socket.detach())
        self._socket = trio.socket.from_stdlib_socket(self._raw)
        self._fileno = self._raw.fileno()
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            with suppress(OSError):
                self._raw.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, kernel_backlog_bytes
                )
        self._nursery = nursery
        self._max_backlog_bytes = max_backlog_bytes
        self._send: Callable[[bytes], int] = self._raw.send
        self._backlog: deque[bytes] = deque()
        self._head_sent = 0
        self._backlog_bytes = 0
        #: The longest frame kept since the backlog was last empty.
        self._largest = 0
        self._peak_backlog_bytes = 0
        self._kept_bytes = 0
        self._flushed_bytes = 0
        self._progress = trio.lowlevel.ParkingLot()
        self._more_to_read = False
        self._unread = b""
        self._sealed = False
        self._aborted = False
        self._closed = False

    def statistics(self) -> DirectStreamStatistics:
        return DirectStreamStatistics(
            backlog_bytes=self._backlog_bytes,
            backlog_frames=len(self._backlog),
            peak_backlog_bytes=self._peak_backlog_bytes,
            flushed_bytes=self._flushed_bytes,
            aborted=self._aborted,
            closed=self._closed,
        )

    @property
    def peer(self) -> str:
        """The peer's address and port, or ``"gone"``."""
        try:
            host, port, *_ = self._raw.getpeername()
        except (OSError, ValueError):
            return "gone"
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def send_nowait(self, data: bytes) -> None:
        """Writes now, or after all that was given before; a no-op once sealed, aborted or closed.

        A reader too slow for the backlog's bound is dropped: the stream is aborted.
        """
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.abort()
            return
        if sent != len(data):
            self._keep(data, sent)

    def send_last_nowait(self, data: bytes) -> None:
        """``send_nowait`` of the last bytes ever: what is given afterwards is not written."""
        self.send_nowait(data)
        self.seal()

    def seal(self) -> None:
        """Lets the backlog flow out and takes no more."""
        self._sealed = True
        self._send = len

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Writes in call order with ``send_nowait``, and waits until it is in the kernel.

        Cancelled, the bytes keep their place in the backlog and are still written. Raises
        ``ClosedResourceError`` when sealed or closed, ``BrokenResourceError`` when aborted.
        """
        self._check_writable()
        self.send_nowait(bytes(data))
        if self._closed:
            self._raise_closed()
        await self._wait_flushed_up_to(self._kept_bytes)

    async def wait_send_all_might_not_block(self) -> None:
        """Until all that was given so far is in the kernel; raises as ``send_all`` does."""
        self._check_writable()
        await self._wait_flushed_up_to(self._kept_bytes)

    async def wait_flushed(self) -> None:
        """Until nothing waits in the backlog; at once for a stream that is closed or aborted."""
        await trio.lowlevel.checkpoint()
        while self._backlog:
            await self._progress.park()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """The next bytes, ``b""`` at the end; one checkpoint and one system call as a rule.

        Waits for readability first, unless the last read was full: then there is more to take.
        """
        size = max_bytes or RECEIVE_BYTES
        while True:
            if self._closed:
                raise trio.ClosedResourceError("this stream was closed")
            if self._more_to_read:
                await trio.lowlevel.checkpoint()
                if self._unread:
                    return self._take_unread(size)
            else:
                await trio.lowlevel.wait_readable(self._fileno)
            try:
                data = self._raw.recv(size)
            except BlockingIOError:
                self._more_to_read = False
                continue
            except OSError as error:
                raise trio.BrokenResourceError(f"the connection broke: {error}") from error
            self._more_to_read = len(data) == size
            return data

    def unread(self, data: bytes) -> None:
        """Gives bytes back: the next ``receive_some`` begins with them."""
        self._unread = data + self._unread
        self._more_to_read = True

    def _take_unread(self, size: int) -> bytes:
        data, self._unread = self._unread[:size], self._unread[size:]
        return data

    def has_unread_input(self) -> bool:
        """Whether the peer has sent what nobody has read yet."""
        if self._unread:
            return True
        try:
            return bool(self._raw.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    async def wait_hung_up(self) -> None:
        """Says that no more comes, then discards what arrives until the peer closes as well.

        Closing while input is unread would reset the connection, and the peer might lose the last
        bytes sent to it. The caller bounds the time.
        """
        self.seal()
        await self.wait_flushed()
        with suppress(OSError):
            self._raw.shutdown(socket.SHUT_WR)
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            while await self.receive_some():
                pass

    def abort(self) -> None:
        """Closes at once with a reset: what the kernel still holds for the peer is dropped too."""
        if self._closed:
            return
        self._aborted = True
        with suppress(OSError):
            self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.close_nowait()

    async def aclose(self) -> None:
        self.close_nowait()
        await trio.lowlevel.checkpoint()

    def close_nowait(self) -> None:
        """Closes at once; the kernel still delivers what it has, the backlog is dropped."""
        if self._closed:
            return
        self._closed = True
        self._send = len
        self._backlog.clear()
        self._backlog_bytes = 0
        self._socket.close()
        self._progress.unpark_all()

    def _keep(self, data: bytes, sent: int) -> None:
        """Puts the unsent rest of a frame at the end of the backlog, if the bound allows it."""
        rest = len(data) - sent
        self._largest = max(self._largest, rest)
        if self._backlog_bytes + rest - self._largest > self._max_backlog_bytes:
            self.abort()
            return
        if not self._backlog:
            self._head_sent = sent
            self._send = _take_nothing
            self._nursery.start_soon(self._flush, name="gateway.direct_stream.flush")
        self._backlog.append(data)
        self._backlog_bytes += rest
        self._kept_bytes += rest
        self._peak_backlog_bytes = max(self._peak_backlog_bytes, self._backlog_bytes)

    async def _flush(self) -> None:
        """The writer: from the first byte kept until the backlog is empty."""
        while self._backlog:
            try:
                await trio.lowlevel.wait_writable(self._fileno)
            except trio.ClosedResourceError:
                return
            self._flush_nowait()
            self._progress.unpark_all()

    def _flush_nowait(self) -> None:
        """Writes until the socket would block or the backlog is empty."""
        try:
            while self._backlog:
                head = memoryview(self._backlog[0])[self._head_sent :]
                sent = self._raw.send(head)
                self._backlog_bytes -= sent
                self._flushed_bytes += sent
                if sent < len(head):
                    self._head_sent += sent
                    return
                self._backlog.popleft()
                self._head_sent = 0
        except BlockingIOError:
            return
        except OSError:
            self.abort()
            return
        self._largest = 0
        self._send = len if self._sealed else self._raw.send

    async def _wait_flushed_up_to(self, position: int) -> None:
        await trio.lowlevel.checkpoint()
        while self._flushed_bytes < position and not self._closed:
            await self._progress.park()
        if self._flushed_bytes < position:
            self._raise_closed()

    def _check_writable(self) -> None:
        if self._closed:
            self._raise_closed()
        if self._sealed:
            raise trio.ClosedResourceError("the last bytes were already given")

    def _raise_closed(self) -> NoReturn:
        if self._aborted:
            raise trio.BrokenResourceError("the peer is gone or too slow; the stream was aborted")
        raise trio.ClosedResourceError("this stream was closed")


def _take_nothing(_data: bytes) -> int:
    return 0
