"""Attempts from pages of other sites, and by what HTTP itself can be made to mean."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.attacks.test_tokens import session_cookie
from tests.support.attacked import ACCEPT, JSON, WS_PATH, Target, code_of

EVIL: Final = "https://evil.example"
HOSTS: Final = (
    "evil.example",
    "127.0.0.1.evil.example:{port}",
    "localhost.evil.example",
    "127.0.0.1:1",
    "169.254.169.254",
    "[::ffff:127.0.0.1]:{port}",
    "0.0.0.0:{port}",
    "2130706433:{port}",
    "127.0.0.1:{port}@evil.example",
    "127.0.0.1:{port}, evil.example",
)
#: One address behind each door.
DOORS: Final = (
    ("GET", "/"),
    ("GET", "/d/x"),
    ("GET", "/share"),
    ("GET", "/sign-in?code=x"),
    ("GET", "/api/health"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/diagrams"),
    ("POST", "/api/share-links/redeem"),
    ("POST", "/mcp"),
    ("POST", "/oauth/mcp"),
    ("GET", "/oauth/authorize"),
    ("GET", "/oauth/connections"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/register"),
    ("GET", "/.well-known/oauth-authorization-server/oauth"),
    ("GET", "/.well-known/oauth-protected-resource/oauth/mcp"),
)


@pytest.mark.parametrize("host", HOSTS)
def test_a_name_rebound_to_this_machine(target: Target, host: str) -> None:
    """DNS rebinding: the browser believes it speaks to the attacker's site, at every door."""
    given = {"host": host.format(port=target.port), **ACCEPT}
    for method, path in DOORS:
        answer = target.ask("olga", method, path, headers=given)
        assert answer.status_code in (421, 403), (path, answer.status_code)
    with (
        pytest.raises(InvalidStatus) as refused,
        target.socket("olga", Host=host.format(port=target.port)),
    ):
        pass
    assert refused.value.response.status_code in (400, 421)


def test_two_hosts(target: Target) -> None:
    for other in (b"evil.example", target.host.encode()):
        answer = raw(
            target,
            b"GET /api/health HTTP/1.1\r\nHost: %b\r\nHost: %b\r\n\r\n"
            % (target.host.encode(), other),
        )
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 421")), answer


def test_a_host_in_the_request_line(target: Target) -> None:
    said = b"GET http://evil.example/api/health HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    assert raw(target, said).split(b" ")[1] in (b"400", b"404", b"421")


def test_a_socket_opened_by_a_page_of_another_site(target: Target) -> None:
    """CSWSH: the browser sends the cookie along, and says whose page it is."""
    cookie = session_cookie(target, "mallory")
    for origin in (
        EVIL,
        "null",
        f"http://{target.host}.evil.example",
        "http://127.0.0.1",
        "file://",
    ):
        with pytest.raises(InvalidStatus) as refused, target.socket(origin=origin, **cookie):
            pass
        assert refused.value.response.status_code == 403
        assert b"wrong_origin" in (refused.value.response.body or b"")
    with target.socket(origin=target.base_url, **cookie) as wire:
        wire.send(type="ping", id=1)
        wire.until("pong")


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "http://127.0.0.1:1", "http://localhost.evil.example"]
)
def test_a_request_of_a_page_of_another_site(target: Target, origin: str) -> None:
    cookie = session_cookie(target, "mallory")
    for method, path in DOORS:
        headers = {**cookie, **ACCEPT, "origin": origin, "content-type": "application/json"}
        answer = target.ask(None, method, path, headers=headers)
        assert answer.status_code == 403, (method, path, answer.status_code)
        assert "access-control-allow-origin" not in answer.headers


def test_no_page_of_another_site_is_let_in_by_a_preflight(target: Target) -> None:
    headers = {
        "origin": EVIL,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,authorization",
    }
    for _, path in DOORS:
        answer = target.ask(None, "OPTIONS", path, headers=headers)
        assert answer.status_code in (403, 405, 404), path
        assert not [name for name in answer.headers if name.startswith("access-control")]


#: What a form of another site can send without being asked first, and without an Origin in old
#: browsers; and what a page without one can.
FORMS: Final = (
    ("application/x-www-form-urlencoded", b"title=Forged"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nF\r\n--x--\r\n',
    ),
    ("text/plain", b'{"title":"Forged","a":"="}'),
    ("text/plain;application/json", b'{"title":"Forged"}'),
    ("", b'{"title":"Forged"}'),
)
#: Of a DELETE a browser always asks first, and is told no.
CHANGES: Final = (
    ("POST", "/api/diagrams"),
    ("POST", "/api/diagrams/import"),
    ("PUT", "/api/diagrams/{id}"),
    ("POST", "/api/diagrams/{id}/restore"),
    ("PUT", "/api/diagrams/{id}/mermaid"),
    ("POST", "/api/diagrams/{id}/layout"),
    ("POST", "/api/diagrams/{id}/share-links"),
    ("PUT", "/api/diagrams/{id}/members/jwt:mallory"),
    ("PUT", "/api/diagrams/{id}/agents/confined"),
    ("POST", "/api/share-links/redeem"),
)


@pytest.mark.parametrize("kind", [kind for kind, _ in FORMS])
def test_a_form_of_another_site(target: Target, kind: str) -> None:
    """CSRF: the cookie of Olga's session goes along."""
    cookie = session_cookie(target, "olga")
    body = dict(FORMS)[kind]
    before = target.revision("shared")
    with target.client(**cookie) as browser:
        for method, path in CHANGES:
            named = path.format(id=target.diagrams["shared"])
            headers = {"content-type": kind} if kind else {}
            answer = browser.request(method, named, content=body, headers=headers)
            assert answer.status_code == 415, (method, named, answer.text)
        assert "Forged" not in browser.get("/api/diagrams?limit=100").text
    assert target.revision("shared") == before


def test_another_site_signs_nobody_out(target: Target) -> None:
    cookie = session_cookie(target, "mallory")
    for headers in ({}, {"content-type": "text/plain"}, {"origin": EVIL}):
        answer = target.ask(
            None, "POST", "/api/sign-out", headers={**cookie, **headers}, content=b"x"
        )
        assert answer.status_code in (403, 415)
    assert target.ask(None, "GET", "/api/diagrams", headers=cookie).status_code == 200


def test_a_get_changes_nothing(target: Target) -> None:
    cookie = session_cookie(target, "olga")
    for _, path in CHANGES:
        named = path.format(id=target.diagrams["shared"])
        answer = target.ask(
            None,
            "GET",
            f"{named}?_method=DELETE",
            headers={**cookie, "x-http-method-override": "DELETE"},
        )
        assert answer.status_code in (200, 404, 405)
    assert (
        target.ask("olga", "GET", f"/api/diagrams/{target.diagrams['shared']}").status_code == 200
    )


PAGES: Final = (
    "/",
    "/d/x",
    "/share",
    "/trash",
    "/sign-in?code=x",
    "/oauth/connections",
    "/nothing",
    "/api/diagrams",
    "/api/health",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_script_of_others_and_stands_in_no_frame(target: Target, path: str) -> None:
    for headers in ({}, session_cookie(target, "olga")):
        answer = target.ask(None, "GET", path, headers=headers)
        policy = {
            part.split()[0]: part.split()[1:]
            for part in answer.headers["content-security-policy"].split(";")
        }
        assert policy["default-src"] == ["'none'"]
        assert policy["frame-ancestors"] == ["'none'"]
        assert policy["base-uri"] == ["'none'"]
        for sources in policy.values():
            assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & set(sources)
        assert policy.get("script-src", ["'self'"]) == ["'self'"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")


SMUGGLED: Final = b"GET /api/diagrams HTTP/1.1\r\nHost: x\r\n\r\n"
#: Heads that two programs in a row could read differently.
HEADS: Final = {
    "a_length_and_chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks_and_a_length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two_lengths": b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
    "lengths_in_a_list": b"Content-Length: 0, 40\r\n\r\n",
    "a_signed_length": b"Content-Length: +4\r\n\r\nabcd",
    "a_negative_length": b"Content-Length: -1\r\n\r\n",
    "an_endless_length": b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a_length_in_hexadecimal": b"Content-Length: 0x4\r\n\r\nabcd",
    "chunks_twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunks_in_disguise": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks_after_a_tab": b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "a_space_before_the_colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a_folded_header": (
        b"X-Folded: a\r\n Transfer-Encoding: chunked\r\n"
        b"Content-Length: 3\r\nContent-Length: 7\r\n\r\n"
    ),
    "a_bare_line_feed": b"X: a\nTransfer-Encoding: chunked\nContent-Length: 5\n\n0\r\n\r\n",
    "a_nul_in_a_header": b"X: a\x00b\r\n\r\n",
    "a_bare_return_in_a_header": b"X: a\rTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
    "a_chunk_of_no_size": b"Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", HEADS)
def test_a_request_is_smuggled_behind(target: Target, name: str) -> None:
    """Refused, or read to one end; what follows is never served as a second request of a victim."""
    head = f"POST /api/share-links/redeem HTTP/1.1\r\nHost: {target.host}\r\n".encode()
    kind = b"Content-Type: application/json\r\n"
    answer = raw(target, head + kind + HEADS[name] + SMUGGLED)
    assert b"HTTP/1.1 200" not in answer, answer
    assert answer.count(b"HTTP/1.1") <= 2, answer
    first = answer.split(b"\r\n", 1)[0]
    assert first.split(b" ")[1:2] in ([b"400"], [b"501"], [b"413"], [b"408"]), answer


@pytest.mark.parametrize("name", ["a_length_and_chunks", "chunks_and_a_length"])
def test_a_body_of_two_lengths_is_read_to_neither_end(target: Target, name: str) -> None:
    """Also where what follows would be a good request of its own: whoever stands before this server
    may have taken the other length."""
    head = f"POST /api/share-links/redeem HTTP/1.1\r\nHost: {target.host}\r\n".encode()
    behind = f"GET /api/health HTTP/1.1\r\nHost: {target.host}\r\n\r\n".encode()
    answer = raw(target, head + HEADS[name] + behind)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"healthy" not in answer, answer


ANSWERS: Final = (
    ("POST", "/mcp", None), ("POST", "/mcp", "full"), ("GET", "/mcp", "full"),
    ("POST", "/oauth/mcp", None), ("POST", "/oauth/token", None), ("POST", "/oauth/register", None),
    ("GET", "/.well-known/oauth-authorization-server/oauth", None), ("GET", "/oauth/nothing", None),
    ("GET", "/api/nothing", None), ("GET", "/nothing", None), ("GET", "/", None),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path", "who"), ANSWERS)
def test_no_answer_is_run_or_taken_for_something_else(
    target: Target, method: str, path: str, who: str | None
) -> None:
    """By whichever door it comes, and where it is a refusal as well."""
    _check_headers(target.ask(who, method, path).headers)


_UPGRADE: Final = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"


@pytest.mark.parametrize(
    "begin",
    [
        b"GET /\x01 HTTP/1.1",
        b"GET / HTTP/9.9",
        b"GET /" + b"a" * 40_000,
        b"GET /x HTTP/1.1\r\n" + _UPGRADE + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"GET /ws/x HTTP/1.1\r\n" + _UPGRADE + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
)
def test_no_refusal_of_a_head_is_run_or_taken_for_something_else(
    target: Target, begin: bytes
) -> None:
    answer = raw(target, begin + b"\r\nHost: " + target.host.encode() + b"\r\n\r\n")
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    _check_headers({line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines})


def _check_headers(headers: Mapping[str, str]) -> None:
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert headers["cache-control"]


@pytest.mark.parametrize(
    "line",
    [
        b"GET /api/health HTTP/9.9",
        b"GET /api/health",
        b"GET  /api/health HTTP/1.1",
        b"GET /api/health HTTP/1.1 HTTP/1.1",
        b"GET /api\x00/health HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0",
        b"A" * 100_000,
        b"CONNECT evil.example:443 HTTP/1.1",
        b"TRACE /api/health HTTP/1.1",
    ],
)
def test_a_request_line_that_is_none(target: Target, line: bytes) -> None:
    answer = raw(target, line + b"\r\nHost: " + target.host.encode() + b"\r\n\r\n")
    assert b" 200 " not in answer.split(b"\r\n", 1)[0]
    assert b"evil" not in answer


def test_a_head_of_endless_headers(target: Target) -> None:
    many = b"".join(b"X-%d: %b\r\n" % (n, b"a" * 100) for n in range(2_000))
    head = b"GET /api/health HTTP/1.1\r\nHost: " + target.host.encode() + b"\r\n"
    assert raw(target, head + many + b"\r\n").split(b" ")[1] == b"431"


def test_tls_is_not_spoken_in_clear(target: Target) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        pytest.raises((ssl.SSLError, OSError)),
        socket.create_connection(("127.0.0.1", target.port), 10) as plain,
    ):
        context.wrap_socket(plain)


@contextmanager
def slowly(target: Target, begin: bytes, count: int) -> Iterator[list[socket.socket]]:
    """Connections that have begun to say something and say nothing more."""
    opened: list[socket.socket] = []
    try:
        for _ in range(count):
            opened.append(socket.create_connection(("127.0.0.1", target.port), 10))
            opened[-1].sendall(begin)
        yield opened
    finally:
        for each in opened:
            each.close()


_REDEEM: Final = (
    b"POST /api/share-links/redeem HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
)
_CHUNKS: Final = b"Transfer-Encoding: chunked\r\n\r\n"
LORISES: Final = {
    "nothing_said": b"",
    "a_crumb_of_a_line": b"GE",
    "a_head_without_an_end": b"GET /api/health HTTP/1.1\r\nHost: {host}\r\nX-A: ",
    "a_body_without_an_end": _REDEEM + b"Content-Length: 5000\r\n\r\n{",
    "a_handshake_without_an_end": b"GET /ws/diagrams HTTP/1.1\r\nHost: {host}\r\nUpgr",
    "a_chunk_of_a_huge_size": _REDEEM + _CHUNKS + b"ffffffffffffffffffff\r\n{",
    "chunks_without_an_end": b"POST /mcp HTTP/1.1\r\nHost: {host}\r\n" + _CHUNKS + b"1\r\n",
}


@pytest.mark.parametrize("name", LORISES)
def test_many_who_speak_slowly(target: Target, name: str) -> None:
    """Slow loris: others are served while they wait; how long they may is a bound of the door's."""
    begin = LORISES[name].replace(b"{host}", target.host.encode())
    with slowly(target, begin, 200) as opened:
        for _ in range(5):
            assert target.ask("olga", "GET", "/api/diagrams").status_code == 200
        with target.socket("olga") as wire:
            wire.send(type="ping", id=1)
            wire.until("pong")
        assert len(opened) == 200


def test_many_strangers_who_do_not_say_hello(target: Target) -> None:
    """Those who come without credentials have little time and little room; others have theirs."""
    upgrade = (
        f"GET {WS_PATH} HTTP/1.1\r\nHost: {target.host}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    )
    with slowly(target, upgrade.encode(), 230) as opened:
        refused = [each for each in opened if b" 503 " in each.recv(4_096).split(b"\r\n", 1)[0]]
        assert len(refused) >= 20
        with target.socket("olga") as wire:
            wire.send(type="ping", id=1)
            wire.until("pong")


def test_a_stranger_sends_a_huge_hello(target: Target) -> None:
    with target.socket() as wire:
        wire.send(type="hello", token="A" * 100_000)
        told: Any = None
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                told = wire.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    assert told is None or told["type"] == "error"


def raw(target: Target, said: bytes) -> bytes:
    """Everything that is answered until the server hangs up, or has said something and waits."""
    answer = b""
    with socket.create_connection(("127.0.0.1", target.port), 10) as plain:
        plain.sendall(said)
        with suppress(ConnectionResetError, TimeoutError):
            while chunk := plain.recv(65_536):
                answer += chunk
                plain.settimeout(0.3)
    assert answer, "it is answered"
    return answer


def test_health_is_all_that_a_stranger_learns(target: Target) -> None:
    for path in ("/api/diagrams", "/api/people?search=a", "/api/connections", "/api/session"):
        answer = target.ask(None, "GET", path)
        assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")
    told = target.ask(None, "GET", "/api/health", headers=JSON)
    assert "postgres" not in told.text.lower()
