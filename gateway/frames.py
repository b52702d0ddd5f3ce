"""WebSocket frames (RFC 6455) as bytes: what a server writes, and how a payload is unmasked.

A server's frames carry no mask, so a frame is encoded once and the same bytes object is handed to
every subscriber's socket.
"""

from typing import Final

#: First bytes of complete frames: FIN and the opcode.
TEXT: Final = 0x81
CLOSE: Final = 0x88
PING: Final = 0x89
PONG: Final = 0x8A

#: Payload lengths up to this stand in the second byte; it is also a control frame's limit.
MAX_SHORT_LENGTH: Final = 125
#: The second byte says that 2 or 8 bytes of length follow.
LENGTH_IN_2_BYTES: Final = 126
LENGTH_IN_8_BYTES: Final = 127
MAX_LENGTH_IN_2_BYTES: Final = 0xFFFF
MASK_BIT: Final = 0x80

#: Up to here one big exclusive-or is the fastest way to unmask, beyond it four table look-ups.
_MAX_XOR_LENGTH: Final = 512
_XOR_TABLES: Final = tuple(bytes(byte ^ key for byte in range(256)) for key in range(256))
_SHORT_TEXT_HEADERS: Final = tuple(bytes((TEXT, n)) for n in range(MAX_SHORT_LENGTH + 1))
_TEXT_IN_2_BYTES: Final = bytes((TEXT, LENGTH_IN_2_BYTES))
_TEXT_IN_8_BYTES: Final = bytes((TEXT, LENGTH_IN_8_BYTES))


def encode_text(payload: bytes) -> bytes:
    """One complete text frame around UTF-8 bytes."""
    length = len(payload)
    if length <= MAX_SHORT_LENGTH:
        return _SHORT_TEXT_HEADERS[length] + payload
    if length <= MAX_LENGTH_IN_2_BYTES:
        return _TEXT_IN_2_BYTES + length.to_bytes(2, "big") + payload
    return b"".join((_TEXT_IN_8_BYTES, length.to_bytes(8, "big"), payload))


def encode_ping(payload: bytes = b"") -> bytes:
    """A ping of at most 125 bytes, else ``ValueError``."""
    return _encode_control(PING, payload)


def encode_pong(payload: bytes = b"") -> bytes:
    """A pong of at most 125 bytes, else ``ValueError``."""
    return _encode_control(PONG, payload)


def encode_close(code: int, reason: str = "") -> bytes:
    """A close frame; a reason longer than 123 bytes of UTF-8 is cut at a character."""
    said = reason.encode()[: MAX_SHORT_LENGTH - 2].decode(errors="ignore").encode()
    return _encode_control(CLOSE, code.to_bytes(2, "big") + said)


def _encode_control(first_byte: int, payload: bytes) -> bytes:
    if len(payload) > MAX_SHORT_LENGTH:
        raise ValueError(f"a control frame holds {MAX_SHORT_LENGTH} bytes, not {len(payload)}")
    return bytes((first_byte, len(payload))) + payload


def unmask(payload: bytes, mask: bytes) -> bytes:
    """The payload exclusive-or the 4 mask bytes repeated; masks as well as it unmasks."""
    length = len(payload)
    if length > _MAX_XOR_LENGTH:
        return _unmask_long(payload, mask)
    repeated = (mask * (length // 4 + 1))[:length]
    plain = int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")
    return plain.to_bytes(length, "little")


def _unmask_long(payload: bytes, mask: bytes) -> bytes:
    plain = bytearray(payload)
    for offset, key in enumerate(mask):
        plain[offset::4] = plain[offset::4].translate(_XOR_TABLES[key])
    return bytes(plain)
