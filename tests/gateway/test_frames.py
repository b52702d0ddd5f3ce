"""Frames out and in, measured against wsproto as an independent reading of RFC 6455."""

import os
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage

from gateway.frame_reader import FrameReader
from gateway.frames import encode_close, encode_ping, encode_pong, encode_text, unmask

FIN = 0x80
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def client_frame(
    opcode: int, payload: bytes, *, fin: bool = True, mask: bytes = b"\x11\x22\x33\x44"
) -> bytes:
    """A masked frame as a client sends it, with the shortest length."""
    length = len(payload)
    first = opcode | (FIN if fin else 0)
    if length < 126:
        header = bytes((first, 0x80 | length))
    elif length < 1 << 16:
        header = bytes((first, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        header = bytes((first, 0x80 | 127)) + length.to_bytes(8, "big")
    return header + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class Outcome:
    """What a reading of client bytes came to: messages, replies, close code."""

    def __init__(self, messages: list[bytes], replies: bytes, code: int | None) -> None:
        self.messages = messages
        self.replies = replies
        self.code = code


def read(chunks: list[bytes], **limits: int) -> Outcome:
    reader = FrameReader(**limits)
    messages: list[bytes] = []
    replies = b""
    for chunk in chunks:
        messages += reader.feed(chunk)
        replies += reader.take_replies()
    return Outcome(messages, replies, None if reader.ending is None else reader.ending.code)


def read_by_wsproto(data: bytes) -> Outcome:
    """The same bytes through wsproto alone."""
    connection = Connection(ConnectionType.SERVER)
    outcome = Outcome([], b"", None)
    text = ""
    connection.receive_data(data)
    for event in connection.events():
        if isinstance(event, TextMessage):
            text += event.data
            if event.message_finished:
                outcome.messages.append(text.encode())
                text = ""
        elif isinstance(event, Ping):
            outcome.replies += connection.send(event.response())
        elif isinstance(event, CloseConnection):
            outcome.code = int(event.code)
            by_peer = connection.state is ConnectionState.REMOTE_CLOSING
            answer = event.response() if by_peer else event
            outcome.replies += connection.send(answer)
    return outcome


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a != b]


masks = st.binary(min_size=4, max_size=4)
texts = st.one_of(
    st.text(max_size=40),
    st.integers(100, 700).map(lambda n: "é" * n),
    st.sampled_from(["x" * 125, "x" * 126, "x" * 0xFFFF, "x" * 0x10000]),
)
control_frames = st.builds(
    client_frame, st.sampled_from([PING, PONG]), st.binary(max_size=125), mask=masks
)
whole_messages = st.builds(
    lambda text, mask: client_frame(TEXT, text.encode(), mask=mask), texts, masks
)


@st.composite
def fragmented_messages(draw: st.DrawFn) -> bytes:
    """One message in pieces, cut anywhere in its UTF-8, control frames between them."""
    pieces = cut(draw(texts).encode(), draw(st.lists(st.integers(0, 500), max_size=4)))
    frames = []
    for i, piece in enumerate(pieces := pieces or [b""]):
        opcode = CONTINUATION if i else TEXT
        frames.append(client_frame(opcode, piece, fin=i == len(pieces) - 1, mask=draw(masks)))
        if i < len(pieces) - 1:
            frames += draw(st.lists(control_frames, max_size=2))
    return b"".join(frames)


close_frames = st.one_of(
    st.just(client_frame(CLOSE, b"")),
    st.builds(
        lambda code, reason: client_frame(CLOSE, code.to_bytes(2, "big") + reason.encode()),
        st.sampled_from([1000, 1001, 1008, 3000, 4999]),
        st.text(max_size=20),
    ),
)
conversations = st.builds(
    lambda frames, close: b"".join(frames) + close,
    st.lists(st.one_of(whole_messages, fragmented_messages(), control_frames), max_size=6),
    st.one_of(st.just(b""), close_frames),
)
cuts = st.lists(st.integers(0, 200_000), max_size=12)


@given(conversations, cuts)
def test_any_cut_of_valid_frames_reads_as_wsproto_reads_the_whole(
    data: bytes, places: list[int]
) -> None:
    ours, theirs = read(cut(data, places)), read_by_wsproto(data)
    assert ours.messages == theirs.messages
    assert ours.replies == theirs.replies
    assert ours.code == theirs.code


@given(st.text(max_size=20), st.text(max_size=20))
def test_byte_by_byte_gives_the_same_messages(first: str, second: str) -> None:
    data = client_frame(TEXT, first.encode()) + client_frame(TEXT, second.encode())
    assert read([bytes((b,)) for b in data]).messages == [first.encode(), second.encode()]


#: Completes whatever header a damaged sequence may have left unfinished.
PADDING = bytes(16)


@given(
    conversations,
    st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 255)), min_size=1, max_size=4),
    cuts,
)
def test_damaged_frames_end_with_the_code_that_wsproto_gives(
    data: bytes, damage: list[tuple[int, int]], places: list[int]
) -> None:
    damaged = bytearray(data + client_frame(TEXT, b"end") + PADDING)
    for place, value in damage:
        damaged[place % len(damaged)] = value
    check_against_wsproto(bytes(damaged), places)


@given(st.binary(max_size=300), cuts)
@example(b"\x81\x85", [])
@example(b"\x01\x81\x00\x00\x00\x00a\x82\x80\x00\x00\x00\x00", [])
def test_garbage_ends_with_a_code_and_never_crashes(garbage: bytes, places: list[int]) -> None:
    check_against_wsproto(garbage + PADDING, places)


def check_against_wsproto(data: bytes, places: list[int]) -> None:
    ours, theirs = read(cut(data, places)), read_by_wsproto(data)
    if ours.code in {1003, 1008, 1009}:  # this server's own rules; wsproto has none
        assert ours.messages == theirs.messages[: len(ours.messages)]
    elif ours.code is None:  # an unfinished frame; wsproto may object to its text early
        assert ours.messages == theirs.messages
        assert theirs.code in {None, 1007}
    else:
        assert ours.messages == theirs.messages
        assert ours.code == theirs.code


WRONG = {
    "unmasked": (b"\x81\x02hi", 1002),
    "unmasked, long": (b"\x81\x7e\x01\x00" + bytes(256), 1002),
    "reserved bit 1": (b"\xc1\x80\0\0\0\0", 1002),
    "reserved bit 2": (b"\xa1\x80\0\0\0\0", 1002),
    "reserved bit 3": (b"\x91\x80\0\0\0\0", 1002),
    "unknown opcode": (b"\x83\x80\0\0\0\0", 1002),
    "unknown control opcode": (b"\x8b\x80\0\0\0\0", 1002),
    "length not the shortest, 2 bytes": (b"\x81\xfe\x00\x05\0\0\0\0hello", 1002),
    "length not the shortest, 8 bytes": (b"\x81\xff" + bytes(8) + bytes(4), 1002),
    "length with the top bit": (b"\x81\xff\x80" + bytes(7) + bytes(4), 1002),
    "fragmented ping": (b"\x09\x80\0\0\0\0", 1002),
    "long ping": (b"\x89\xfe\x00\x7e\0\0\0\0" + bytes(126), 1002),
    "continuation of nothing": (client_frame(CONTINUATION, b"x"), 1002),
    "text inside a message": (
        client_frame(TEXT, b"a", fin=False) + client_frame(TEXT, b"b"),
        1002,
    ),
    "close code of one byte": (client_frame(CLOSE, b"\x03"), 1002),
    "close code that is never sent": (client_frame(CLOSE, b"\x03\xee"), 1002),
    "binary": (client_frame(BINARY, b"data"), 1003),
    "binary, empty": (client_frame(BINARY, b""), 1003),
    "text not UTF-8": (client_frame(TEXT, b"caf\xe9 "), 1007),
    "surrogate in UTF-8": (client_frame(TEXT, b"\xed\xa0\x80"), 1007),
    "long text not UTF-8": (client_frame(TEXT, b"\xff" * 70_000), 1007),
    "fragment not UTF-8": (
        client_frame(TEXT, b"\xff", fin=False) + client_frame(CONTINUATION, b""),
        1007,
    ),
    "close reason not UTF-8": (client_frame(CLOSE, b"\x03\xe8\xff"), 1007),
}


@pytest.mark.parametrize(("data", "code"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_frame_is_refused_with_its_code_after_the_messages_before_it(
    data: bytes, code: int
) -> None:
    outcome = read([client_frame(TEXT, b"before") + data + client_frame(TEXT, b"after")])
    assert outcome.messages == [b"before"]
    assert outcome.code == code
    assert parse_server_frames(outcome.replies) == [CloseConnection(code=code, reason=any_reason)]


class _AnyReason(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    __hash__ = str.__hash__


any_reason = _AnyReason()


def parse_server_frames(data: bytes) -> list[Event]:
    """What a client makes of the server's bytes; all of them must make sense."""
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(data)
    return list(client.events())


def test_a_frame_of_50_megabytes_is_refused_on_its_header() -> None:
    header = b"\x81\xff" + (50_000_000).to_bytes(8, "big") + b"mask"
    assert read([header]).code == 1009


@pytest.mark.parametrize("size", [1001, 70_000])
def test_a_message_over_the_limit_is_refused_before_its_payload(size: int) -> None:
    frame = client_frame(TEXT, b"x" * size)
    assert read([frame[: size // 2]], max_message_bytes=1000).code == 1009


def test_a_message_of_exactly_the_limit_is_read() -> None:
    message = b"x" * 1000
    assert read([client_frame(TEXT, message)], max_message_bytes=1000).messages == [message]
    halves = client_frame(TEXT, message[:500], fin=False) + client_frame(
        CONTINUATION, message[500:]
    )
    assert read([halves], max_message_bytes=1000).messages == [message]


def test_fragments_that_exceed_the_limit_together_are_refused() -> None:
    fragments = [client_frame(TEXT, b"x" * 600, fin=False), client_frame(CONTINUATION, b"x" * 401)]
    assert read(fragments, max_message_bytes=1000).code == 1009


def test_the_limit_is_one_message_s_and_not_the_connection_s() -> None:
    halves = client_frame(TEXT, b"a" * 500, fin=False) + client_frame(CONTINUATION, b"b" * 500)
    assert len(read([halves] * 3, max_message_bytes=1000).messages) == 3


def test_a_ping_too_long_is_refused_on_its_first_bytes() -> None:
    assert read([b"\x89\xfemask"]).code == 1002


def test_a_flood_of_pings_is_refused_and_the_count_can_be_reset() -> None:
    reader = FrameReader(max_control_frames=3)
    ping = client_frame(PING, b"")
    for _ in range(2):
        reader.feed(ping * 3)
        assert reader.ending is None
        reader.control_frames = 0
    reader.feed(ping * 4)
    assert reader.ending is not None
    assert reader.ending.code == 1008


def test_an_endless_row_of_empty_fragments_keeps_nothing() -> None:
    reader = FrameReader(max_message_bytes=1000)
    reader.feed(client_frame(TEXT, b"a", fin=False))
    for _ in range(10_000):
        assert reader.feed(client_frame(CONTINUATION, b"", fin=False)) == []
    assert reader.feed(client_frame(CONTINUATION, b"z")) == [b"az"]


def test_closing_first_sends_one_close_frame_and_ends_with_the_answer() -> None:
    reader = FrameReader()
    frame = reader.close(1001, "away")
    assert parse_server_frames(frame) == [CloseConnection(code=1001, reason="away")]
    assert reader.close(1000) == b""
    assert reader.feed(client_frame(PING, b"?") + client_frame(TEXT, b"late")) == [b"late"]
    reader.feed(client_frame(CLOSE, b"\x03\xe9"))
    assert reader.ending is not None
    assert (reader.ending.code, reader.ending.by_peer) == (1001, True)
    assert reader.take_replies() == b""


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 0xFFFF, 0x10000, 200_000])
def test_a_text_frame_is_read_back_by_a_client(length: int) -> None:
    text = "x" * length
    frame = encode_text(text.encode())
    assert len(frame) - length == (2 if length < 126 else 4 if length < 1 << 16 else 10)
    parts = parse_server_frames(frame)
    assert "".join(part.data for part in parts if isinstance(part, TextMessage)) == text
    assert not any(isinstance(part, BytesMessage) for part in parts)


def test_control_frames_are_read_back_by_a_client() -> None:
    payload = os.urandom(125)
    assert parse_server_frames(encode_ping(payload)) == [Ping(payload=payload)]
    assert parse_server_frames(encode_pong(b"")) == [Pong(payload=b"")]
    assert parse_server_frames(encode_close(4000, "why")) == [
        CloseConnection(code=4000, reason="why")
    ]


def test_a_long_close_reason_is_cut_between_characters() -> None:
    (event,) = parse_server_frames(encode_close(1000, "é" * 100))
    assert event == CloseConnection(code=1000, reason="é" * 61)


@pytest.mark.parametrize("encode", [encode_ping, encode_pong])
def test_a_control_frame_over_125_bytes_is_an_error(encode: object) -> None:
    assert callable(encode)
    with pytest.raises(ValueError, match="125"):
        encode(bytes(126))


@given(st.one_of(st.binary(max_size=40), st.binary(min_size=500, max_size=1100)), masks)
def test_unmasking_is_exclusive_or_with_the_repeated_mask(payload: bytes, mask: bytes) -> None:
    plain = unmask(payload, mask)
    assert plain == bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    assert unmask(plain, mask) == payload
