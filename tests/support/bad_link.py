"""A link between client and server that is as bad as wished, on real sockets.

A WebSocket message may be late, come twice, or be withheld until the next cut loses it, and the
connection may be cut in between; messages of one direction keep their order, as on any TCP.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from urllib.parse import urlsplit

import msgspec
import trio

from tests.support.waiting import keep_pace

_CHUNK = 64 * 1024
_WHOLE_TEXT = 0x81
_SHORT, _LONG = 126, 127
#: An answer to the handshake that is no welcome: what comes after it are no frames.
_REFUSED = (b"HTTP/1.1 4", b"HTTP/1.1 5")
#: How long a withheld direction stays silent before the connection is cut.
_SILENCE_SECONDS = 0.1


class Weather(msgspec.Struct, frozen=True):
    """Chances for each message: a cut after it, twice, withheld with all that follow; and delay."""

    cut: float = 0
    twice: float = 0
    withheld: float = 0
    delay_seconds: float = 0


class BadLink:
    """``url`` is where to connect instead. ``weather`` may change at any time."""

    def __init__(self, own_port: int, server_port: int, seed: int) -> None:
        self.url = f"http://127.0.0.1:{own_port}"
        self.weather = Weather()
        self.cuts = 0
        self.doubled = 0
        self.passed = 0
        self.is_down = False
        self._port = server_port
        self._own_port = own_port
        self._random = Random(seed)
        self._token = trio.lowlevel.current_trio_token()
        self._open: set[trio.CancelScope] = set()

    def cut(self) -> None:
        """Cuts what is open now; what is on its way is lost. May be called from any thread."""
        self._token.run_sync_soon(self._cut_all)

    def _cut_all(self) -> None:
        for scope in self._open:
            scope.cancel()

    def down(self) -> None:
        """Cuts, and lets nothing through until ``mend``."""
        self.is_down = True
        self.cut()

    def mend(self) -> None:
        self.is_down = False

    async def serve(self, client: trio.SocketStream) -> None:
        """One connection, until it ends or is cut."""
        async with client:
            if self.is_down:
                return
            async with await trio.open_tcp_stream("127.0.0.1", self._port) as server:
                await self._join(client, server)

    async def _join(self, client: trio.SocketStream, server: trio.SocketStream) -> None:
        async with trio.open_nursery() as nursery:
            scope = nursery.cancel_scope
            self._open.add(scope)
            try:
                nursery.start_soon(self._pass, client, server, scope)
                await self._pass(server, client, scope)
            finally:
                self._open.discard(scope)

    async def _pass(
        self, source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        pieces = _Pieces()
        try:
            while data := await source.receive_some(_CHUNK):
                for piece in pieces.feed(bytes(data)):
                    await self._pass_one(self._addressed(piece), sink, scope)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        scope.cancel()

    def _addressed(self, piece: bytes) -> bytes:
        """The server answers to its own name alone."""
        if not piece.startswith(b"GET "):
            return piece
        return piece.replace(b":%d\r\n" % self._own_port, b":%d\r\n" % self._port, 1)

    async def _pass_one(
        self, piece: bytes, sink: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        weather, happens = self.weather, self._happens
        is_message = piece[0] == _WHOLE_TEXT
        if is_message and weather.delay_seconds:
            await keep_pace(weather.delay_seconds * self._random.random())
        if is_message and happens(weather.withheld):
            await keep_pace(_SILENCE_SECONDS)
            self._end(scope)
            await trio.lowlevel.checkpoint()
        is_doubled = is_message and happens(weather.twice)
        self.passed += 1
        self.doubled += is_doubled
        await sink.send_all(piece * 2 if is_doubled else piece)
        if is_message and happens(weather.cut):
            self._end(scope)

    def _end(self, scope: trio.CancelScope) -> None:
        self.cuts += 1
        scope.cancel()

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self._random.random() < chance


class _Pieces:
    """Cuts a stream into the head of the handshake, and then into whole frames."""

    def __init__(self) -> None:
        self._waiting = b""
        self._is_open = False
        self._is_refused = False

    def feed(self, data: bytes) -> list[bytes]:
        self._waiting += data
        if not self._is_open and self._waiting.startswith(_REFUSED):
            self._is_refused = True
        if self._is_refused:
            whole, self._waiting = self._waiting, b""
            return [whole]
        out = []
        while length := self._next_length():
            out.append(self._waiting[:length])
            self._waiting = self._waiting[length:]
        return out

    def _next_length(self) -> int:
        """Bytes of the next whole piece; 0 where it is not all there."""
        if not self._is_open:
            head, found, _ = self._waiting.partition(b"\r\n\r\n")
            self._is_open = bool(found)
            return len(head) + len(found) if found else 0
        length = _frame_length(self._waiting)
        return length if length <= len(self._waiting) else 0


def _frame_length(data: bytes) -> int:
    """Bytes of the frame that begins here; more than there are where that is not known yet."""
    if len(data) < 2:
        return 2 + len(data)
    size, masked = data[1] & 0x7F, data[1] >> 7
    width = {_SHORT: 2, _LONG: 8}.get(size, 0)
    if len(data) < 2 + width:
        return 2 + width
    if width:
        size = int.from_bytes(data[2 : 2 + width])
    return 2 + width + 4 * masked + size


@asynccontextmanager
async def open_bad_link(server_url: str, seed: int) -> AsyncIterator[BadLink]:
    """A link to that server, in calm weather at first."""
    port = urlsplit(server_url).port
    assert port is not None, "the URL names a port"
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    own_port = listener.socket.getsockname()[1]
    link = BadLink(own_port, port, seed)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, link.serve, [listener])
        try:
            yield link
        finally:
            nursery.cancel_scope.cancel()
