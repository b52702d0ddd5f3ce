"""Attempts by what is sent: too much, too deep, twice, or no text at all, at every door."""

import gzip
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from gateway.api.reading import MAX_BODY_BYTES
from gateway.frame_reader import MAX_MESSAGE_BYTES
from tests.support.attacked import ACCEPT, JSON, Target, Wire, code_of

DEPTH: Final = 100_000
DEEP: Final = {
    "lists": b"[" * DEPTH,
    "closed lists": b"[" * DEPTH + b"]" * DEPTH,
    "objects": b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "in a field": b'{"title":"x","content":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
    "in an unknown field": b'{"zzz":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
}
#: JSON that is none, or means two things.
ODD: Final = {
    "a nul byte": b'{"title":"a\x00b"}',
    "a nul": b'{"title":"a\\u0000b"}',
    "half a surrogate": b'{"title":"\\ud800"}',
    "surrogates the wrong way round": b'{"title":"\\udc00\\ud800"}',
    "overlong utf-8": b'{"title":"\xc0\xaf"}',
    "utf-16": '{"title":"x"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"title":"x"}',
    "a key twice": b'{"title":"seen","title":"stored"}',
    "a key twice, escaped": b'{"title":"seen","titl\\u0065":"stored"}',
    "two values": b'{"title":"x"}{"title":"y"}',
    "a comment": b'{"title":"x"/**/}',
    "no number": b'{"title":"x","content":{"nodes":[{"position":{"x":NaN,"y":1e999}}]}}',
    "a huge number": b'{"title":"x","content":{"nodes":[{"position":{"x":1' + b"0" * 400 + b"}}]}}",
    "a prototype": b'{"__proto__":{"title":"x"},"constructor":{"prototype":{}}}',
    "no body": b"",
}
#: Where JSON is taken.
DOORS: Final = (
    ("POST", "/api/diagrams"),
    ("PUT", "/api/diagrams/{id}"),
    ("POST", "/api/diagrams/import"),
    ("PUT", "/api/diagrams/{id}/mermaid"),
    ("POST", "/api/diagrams/{id}/layout"),
    ("PUT", "/api/diagrams/{id}/members/jwt:vera"),
    ("PUT", "/api/diagrams/{id}/agents/narrowed"),
    ("POST", "/api/diagrams/{id}/share-links"),
    ("POST", "/api/share-links/redeem"),
    ("POST", "/api/agents/session"),
    ("POST", "/mcp"),
    ("POST", "/oauth/register"),
)
#: Codes of what was not understood, in any of our envelopes.
REFUSALS: Final = range(400, 432)


def send(target: Target, method: str, path: str, body: bytes, **headers: str) -> httpx2.Response:
    who = {"/mcp": "full", "/api/agents/session": None}.get(path, "olga")
    named = path.format(id=target.diagrams["other"])
    return target.ask(who, method, named, content=body, headers={**JSON, **ACCEPT, **headers})


@pytest.mark.parametrize("name", DEEP)
def test_nested_deeper_than_any_stack(target: Target, name: str) -> None:
    for method, path in DOORS:
        answer = send(target, method, path, DEEP[name])
        assert answer.status_code < 500, (path, answer.text)
        if "unknown" not in name:
            assert answer.status_code in REFUSALS or "error" in answer.json(), (path, answer.text)


@pytest.mark.parametrize("name", ODD)
def test_json_that_is_none(target: Target, name: str) -> None:
    for method, path in DOORS:
        answer = send(target, method, path, ODD[name])
        assert answer.status_code < 500, (path, answer.text)
    created = send(target, "POST", "/api/diagrams", ODD[name])
    assert created.status_code == 400, created.text


def test_more_than_a_body_may_have(target: Target) -> None:
    """Refused by its announced length, and by its real one where it announces none."""
    huge = b'{"title":"' + b"x" * (MAX_BODY_BYTES + 1) + b'"}'
    for path in ("/api/diagrams", "/mcp", "/oauth/register"):
        answer = send(target, "POST", path, huge)
        assert answer.status_code in (413, 400), path
        chunked = send_in_pieces(target, path, huge)
        assert chunked.status_code in (413, 400), path


def send_in_pieces(target: Target, path: str, body: bytes) -> httpx2.Response:
    pieces = (body[at : at + 1_000_000] for at in range(0, len(body), 1_000_000))
    who = "full" if path == "/mcp" else "olga"
    return target.ask(who, "POST", path, content=pieces, headers={**JSON, **ACCEPT})


BOMB: Final = gzip.compress(b'{"title":"' + b"\x00" * 50_000_000 + b'"}', mtime=0)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip", "zstd", "identity"])
def test_a_compression_bomb(target: Target, coding: str) -> None:
    """No body is unpacked, so none can grow."""
    for method, path in DOORS:
        answer = send(target, method, path, BOMB, **{"content-encoding": coding})
        assert answer.status_code in REFUSALS or "error" in answer.json(), (
            path,
            answer.status_code,
        )


def test_a_socket_does_not_agree_to_compress(target: Target) -> None:
    with target.socket("olga", **{"Sec-WebSocket-Extensions": "permessage-deflate"}) as wire:
        assert "sec-websocket-extensions" not in wire.connection.response.headers


SOCKET_ODD: Final = {**DEEP, **ODD}


@pytest.mark.parametrize("name", SOCKET_ODD)
def test_a_message_that_is_none(target: Target, name: str) -> None:
    """Refused in its place; the socket goes on, or is closed by a code where it is no text."""
    body = SOCKET_ODD[name]
    with target.socket("full") as wire:
        try:
            body.decode()
        except UnicodeDecodeError:
            wire.connection.send(body, text=True)
            assert closing(wire) == 1007
            return
        wire.connection.send(body.decode())
        told = wire.until("error")
        assert told["code"] in ("malformed_json", "invalid_message", "too_deep"), told
        assert wire.refusal(type="unsubscribe", diagram_id="x") is None


def closing(wire: Wire) -> int | None:
    """The code with which the server closes."""
    try:
        while True:
            wire.receive()
    except ConnectionClosed as closed:
        return None if closed.rcvd is None else closed.rcvd.code


FRAMES: Final[dict[str, tuple[Callable[[Any], object], int]]] = {
    "a huge message": (lambda c: c.send("x" * (MAX_MESSAGE_BYTES + 1)), 1009),
    "a huge message in pieces": (lambda c: c.send(iter(["x" * 1_000_000] * 6)), 1009),
    "bytes": (lambda c: c.send(b"\x00\x01"), 1003),
    "a flood of pings": (lambda c: [c.ping() for _ in range(3_000)], 1008),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_beyond_bounds(target: Target, name: str) -> None:
    send_it, code = FRAMES[name]
    with target.socket("full") as wire:
        with suppress(ConnectionClosed):
            send_it(wire.connection)
        assert closing(wire) in (code, None)


def test_an_operation_that_is_deep_wide_or_poisoned(target: Target) -> None:
    diagram = target.diagrams["other"]
    deep: Any = 1
    for _ in range(500):
        deep = {"a": deep}
    operations: tuple[Any, ...] = (
        {"nodes": {"n": {"type": "create", "element": {"data": deep}}}},
        {"nodes": {f"n{i}": {"type": "delete"} for i in range(20_000)}},
        {
            "nodes": {
                "n": {"type": "update", "writes": {"/__proto__/x": {"type": "set", "value": 1}}}
            }
        },
        {
            "diagram": {
                "type": "update",
                "writes": {"/" + "~1" * 50_000: {"type": "set", "value": 1}},
            }
        },
        {"diagram": {"type": "update", "writes": {"/data/a": {"type": "set", "value": deep}}}},
        {"nodes": {"": {"type": "delete"}}},
        {"nodes": {"x" * 100_000: {"type": "delete"}}},
        {"nodes": {"a\u0000b": {"type": "delete"}}},
        [],
        None,
    )
    before = target.revision("other")
    with target.socket("full") as wire:
        wire.send(type="subscribe", diagram_id=diagram)
        wire.until("snapshot")
        for number, operation in enumerate(operations, 1):
            wire.send(
                type="submit",
                diagram_id=diagram,
                base_revision=before,
                sequence=number,
                operation=operation,
            )
            assert wire.until("rejected", "error", "diagram_updated")["type"] != "diagram_updated"
    assert target.revision("other") == before


def test_thousands_of_messages_at_once(target: Target) -> None:
    with target.socket("full") as wire:
        for number in range(1_000):
            wire.send(type="subscribe", diagram_id=f"none-{number % 7}")
        wire.send(type="ping", id="end")
        assert wire.until("pong")["id"] == "end"


def test_a_batch_of_calls_is_no_way_around_the_limit(target: Target) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_diagrams"}}
    answer = target.ask("full", "POST", "/mcp", json=[call] * 50, headers=ACCEPT)
    assert answer.status_code == 400


def test_an_agent_that_does_too_much(target: Target) -> None:
    """Refused by every door at its limit, told when to come back, and put on record."""
    refused = [target.ask("slow", "GET", "/api/diagrams") for _ in range(5)][-1]
    assert (refused.status_code, code_of(refused)) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    assert target.tool("slow", "list_diagrams")["error"]["code"] == "rate_limited"
    target.audited("slow", "rate_limited", "list_diagrams")
    with target.socket("slow") as wire:
        wire.send(type="subscribe", diagram_id=target.diagrams["other"])
        told = wire.until("error", "snapshot")
        assert told["code"] == "rate_limited"
        assert told["retry_after_ms"] > 0
