"""Bytes from a WebSocket client become complete text messages. No I/O, no clock.

What editors send all day, a masked text frame in one piece, is cut out and unmasked right here.
Everything else (fragments, long frames, pings, pongs, close frames, and all that is wrong) goes to
wsproto, the protocol machine under trio-websocket, which judges it and words the answer.
"""

from typing import Final

import msgspec
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Event, Ping, TextMessage

from gateway.frames import (
    LENGTH_IN_2_BYTES,
    LENGTH_IN_8_BYTES,
    MASK_BIT,
    MAX_SHORT_LENGTH,
    TEXT,
    unmask,
)

#: Bytes of one message, whether it comes in one frame or in many.
MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
#: Pings, pongs and close frames between two resets of the count.
MAX_CONTROL_FRAMES: Final = 1_000

UNSUPPORTED_DATA: Final = 1003
INVALID_TEXT: Final = 1007
POLICY_VIOLATION: Final = 1008
MESSAGE_TOO_BIG: Final = 1009

_BINARY: Final = 0x02
_OPCODE: Final = 0x0F
_CONTROL: Final = 0x08
#: Two header bytes and four of mask: the shortest frame a client can send.
_SHORTEST_FRAME: Final = 6


class Ending(msgspec.Struct, frozen=True):
    """Why no more messages come: a close code, a sentence, and whether the peer closed."""

    code: int
    reason: str
    by_peer: bool


class FrameReader:
    """The incoming half of one connection.

    ``feed`` gives the messages that a read completed. After it ``ending`` is set once nothing more
    will come, and ``replies`` has what must be written now: pongs, or the close frame.
    """

    __slots__ = (
        "_held",
        "_in_message",
        "_max_control_frames",
        "_max_message_bytes",
        "_message",
        "_message_bytes",
        "_needed",
        "_passing",
        "_wsproto",
        "control_frames",
        "ending",
        "replies",
    )

    def __init__(
        self,
        *,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        max_control_frames: int = MAX_CONTROL_FRAMES,
    ) -> None:
        self._max_message_bytes = max_message_bytes
        self._max_control_frames = max_control_frames
        self._wsproto = Connection(ConnectionType.SERVER)
        #: Payload bytes of the frame in hand that are still to be passed on to wsproto.
        self._passing = 0
        #: The beginning of a frame, and how many bytes it takes to get on with it.
        self._held = bytearray()
        self._needed = 0
        #: The message that wsproto has in hand: whether there is one, its announced size, its text.
        self._in_message = False
        self._message_bytes = 0
        self._message = bytearray()
        #: Frames that must be written now.
        self.replies = bytearray()
        #: Control frames since the owner last set it to 0; too many of them end the connection.
        self.control_frames = 0
        self.ending: Ending | None = None

    def bound_messages(self, max_message_bytes: int) -> None:
        """Changes how many bytes a message has at most, from the next read on."""
        self._max_message_bytes = max_message_bytes

    def take_replies(self) -> bytes:
        """The frames to be written now, in order; each is given once."""
        replies = bytes(self.replies)
        self.replies.clear()
        return replies

    def close(self, code: int, reason: str = "") -> bytes:
        """The close frame with which this side begins to close; ``b""`` when that was done."""
        if self._wsproto.state is not ConnectionState.OPEN:
            return b""
        return self._wsproto.send(CloseConnection(code=code, reason=reason or None))

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete: UTF-8, known to be valid."""
        messages: list[bytes] = []
        if self._held:
            self._held += data
            if len(self._held) < self._needed:
                return messages
            data = bytes(self._held)
            self._held.clear()
        at, end = 0, len(data)
        while at < end and self.ending is None:
            if self._passing:
                stop = self._pass_payload(data, at, messages)
            elif data[at] == TEXT and not self._in_message:
                stop = self._take_text(data, at, end, messages)
            else:
                stop = self._pass_header(data, at, end, messages)
            if stop == at:
                self._held += data[at:]
                break
            at = stop
        return messages

    def _take_text(self, data: bytes, at: int, end: int, messages: list[bytes]) -> int:
        """Takes a whole text frame; gives where it ends, or ``at`` if more bytes are needed."""
        if end - at < _SHORTEST_FRAME:
            return self._pass_header(data, at, end, messages)
        length = data[at + 1] - MASK_BIT
        body = at + 6
        if length == LENGTH_IN_2_BYTES:
            length = data[at + 2] << 8 | data[at + 3]
            body += 2
            if length <= MAX_SHORT_LENGTH:
                length = -1
        elif length == LENGTH_IN_8_BYTES:
            length = -1
        if not 0 <= length <= self._max_message_bytes:
            return self._pass_header(data, at, end, messages)
        stop = body + length
        if stop > end:
            self._needed = stop - at
            return at
        payload = unmask(data[body:stop], data[body - 4 : body])
        if payload.isascii() or _is_utf8(payload):
            messages.append(payload)
        else:
            self._refuse(INVALID_TEXT, "text must be valid UTF-8")
        return stop

    def _pass_header(self, data: bytes, at: int, end: int, messages: list[bytes]) -> int:
        """Passes a header on; gives where the payload begins, or ``at`` if it is not all here."""
        size = 2 if end - at < 2 else _header_size(data[at], data[at + 1])
        if end - at < size:
            self._needed = size
            return at
        header = data[at : at + size]
        self._passing = _payload_length(header)
        if header[0] & _CONTROL:
            self.control_frames += 1
        else:
            self._in_message = True
            self._message_bytes += self._passing
        self._pass(header, messages)
        if self.ending is None:
            self._check_policy(header[0] & _OPCODE)
        return at + size

    def _check_policy(self, opcode: int) -> None:
        """What is well formed may still be nothing for this server; said before it is read."""
        if opcode == _BINARY:
            self._refuse(UNSUPPORTED_DATA, "send text messages; binary ones are not understood")
        elif self._message_bytes > self._max_message_bytes:
            self._refuse(MESSAGE_TOO_BIG, f"a message holds {self._max_message_bytes} bytes")
        elif self.control_frames > self._max_control_frames:
            self._refuse(POLICY_VIOLATION, "too many control frames; send fewer pings")

    def _pass_payload(self, data: bytes, at: int, messages: list[bytes]) -> int:
        chunk = data[at : at + self._passing]
        self._passing -= len(chunk)
        self._pass(chunk, messages)
        return at + len(chunk)

    def _pass(self, chunk: bytes, messages: list[bytes]) -> None:
        self._wsproto.receive_data(chunk)
        for event in self._wsproto.events():
            self._handle(event, messages)

    def _handle(self, event: Event, messages: list[bytes]) -> None:
        if isinstance(event, TextMessage):
            self._message += event.data.encode()
            if event.message_finished:
                messages.append(bytes(self._message))
                self._message.clear()
                self._message_bytes = 0
                self._in_message = False
        elif isinstance(event, Ping):
            if self._wsproto.state is ConnectionState.OPEN:
                self.replies += self._wsproto.send(event.response())
        elif isinstance(event, CloseConnection):
            self._end(event)

    def _end(self, event: CloseConnection) -> None:
        """A close frame came, or wsproto found a mistake and says with which code to close."""
        state = self._wsproto.state
        if state is ConnectionState.REMOTE_CLOSING:
            self.replies += self._wsproto.send(event.response())
        elif state is ConnectionState.OPEN:
            self._refuse(event.code, event.reason or "")
            return
        by_peer = state is not ConnectionState.LOCAL_CLOSING
        self.ending = Ending(event.code, event.reason or "", by_peer)

    def _refuse(self, code: int, reason: str) -> None:
        self.replies += self.close(code, reason)
        self.ending = Ending(code, reason, by_peer=False)


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _header_size(first: int, second: int) -> int:
    """Bytes of a frame's header; a control frame never has a longer length than the short one."""
    length = 0 if first & _CONTROL else second & ~MASK_BIT
    extra = {LENGTH_IN_2_BYTES: 2, LENGTH_IN_8_BYTES: 8}.get(length, 0)
    return 2 + extra + (4 if second & MASK_BIT else 0)


def _payload_length(header: bytes) -> int:
    """Bytes that follow a whole header."""
    short = header[1] & ~MASK_BIT
    extra = len(header) - 2 - (4 if header[1] & MASK_BIT else 0)
    return int.from_bytes(header[2 : 2 + extra], "big") if extra else short
