"""Tokens of a host application: the good ones, and every bad one with the one answer."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import msgspec
import pytest
import trio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.errors import ServiceError
from gateway.jwks import (
    JWKS_REFRESH_INTERVAL,
    JWKS_RETRY_INTERVAL,
    JWKS_STALE_SECONDS,
    MAX_JWKS_KEYS,
    KeySet,
    parse_key_set,
)
from gateway.jwt_identity import (
    CLOCK_LEEWAY_SECONDS,
    MAX_PERSON_NAME_LENGTH,
    MAX_SUBJECT_LENGTH,
    MAX_TOKEN_LENGTH,
    JwtIdentity,
)
from gateway.settings import JwtSettings, Settings
from tests.support.clock import pass_time
from tests.support.tokens import (
    AUDIENCE,
    EC_KEY,
    ISSUER,
    OTHER_RSA_KEY,
    RSA_KEY,
    SECRET,
    claims,
    handmade,
    key_set,
    signed,
)

BOTH = frozenset({"RS256", "ES256"})
BY_SECRET = JwtSettings(secret=SECRET, issuer=ISSUER, audience=AUDIENCE)
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(key_set(r1=RSA_KEY, e1=EC_KEY)), "utf-8")
    return path


def by_keys(source: Path | str, *algorithms: str) -> JwtIdentity:
    return JwtIdentity(
        JwtSettings(jwks=str(source), algorithms=algorithms or ("RS256", "ES256"), issuer=ISSUER)
    )


async def test_a_good_token_says_who_it_is_and_until_when() -> None:
    identity = JwtIdentity(BY_SECRET, frozenset({"boss"}))
    ends = int(time.time()) + 50
    who = await identity.identify(signed(exp=ends, name="Ann  B."))
    assert who is not None
    assert (who.author.kind, who.author.id, who.author.name) == ("user", "jwt:ann", "Ann B.")
    assert (who.credential, who.standing, who.is_admin) == ("jwt", "member", False)
    assert who.expires_at is not None
    assert who.expires_at.timestamp() == ends + CLOCK_LEEWAY_SECONDS
    boss = await identity.identify(signed(sub="boss"))
    assert boss is not None
    assert boss.is_admin


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(RSA_KEY, "RS256", "r1"), (EC_KEY, "ES256", "e1")]
)
async def test_a_key_set_verifies_what_its_keys_have_signed(
    jwks: Path, key: Any, algorithm: str, kid: str
) -> None:
    assert await by_keys(jwks).identify(signed(key, algorithm, kid)) is not None
    # Without an id the only key for the algorithm is meant.
    assert await by_keys(jwks).identify(signed(key, algorithm)) is not None
    other = "ES256" if algorithm == "RS256" else "RS256"
    assert await by_keys(jwks, other).identify(signed(key, algorithm, kid)) is None


def _tampered(token: str) -> str:
    head, _, rest = token.partition(".")
    _, _, signature = rest.partition(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(sub="boss")).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


NOW = int(time.time())
LATE = NOW - CLOCK_LEEWAY_SECONDS - 5
GOOD = signed()
BAD = {
    "empty": "",
    "no token": "x",
    "dots": "..",
    "dots more": "a.b.c.d",
    "truncated": GOOD[:-1],
    "without signature": GOOD.rpartition(".")[0] + ".",
    "without body": GOOD.split(".")[0] + ".." + GOOD.split(".")[2],
    "tampered": _tampered(GOOD),
    "huge": "x" * (MAX_TOKEN_LENGTH + 1),
    "huge and signed": signed(more="x" * MAX_TOKEN_LENGTH),
    "not ascii": GOOD + "é",
    "expired": signed(exp=LATE),
    "not yet": signed(nbf=NOW + 3_000),
    "issued later": signed(iat=NOW + 3_000),
    "other secret": signed("another-secret-of-some-application-long-enough"),
    "none": handmade({"alg": "none", "typ": "JWT"}, claims()),
    "None": handmade({"alg": "None"}, claims()),
    "no alg": handmade({"typ": "JWT"}, claims()),
    "alg of a list": handmade({"alg": ["HS256"]}, claims()),
    "HS512": signed(SECRET * 2, "HS512"),
    "HS384": signed(SECRET, "HS384"),
    "RS256": signed(RSA_KEY, "RS256"),
    "wrong issuer": signed(iss="https://evil.example.org"),
    "no issuer": signed(iss=None),
    "wrong audience": signed(aud="others"),
    "no audience": signed(aud=None),
    "no subject": signed(sub=None),
    "no name": signed(name=None),
    "no end": signed(exp=None),
    "empty subject": signed(sub=""),
    "long subject": signed(sub="x" * (MAX_SUBJECT_LENGTH + 1)),
    "NUL in subject": signed(sub="a\0b"),
    "space around subject": signed(sub=" ann"),
    "empty name": signed(name=" "),
    "invisible name": signed(name="\u202e\u200b"),
    "long name": signed(name="x" * (MAX_PERSON_NAME_LENGTH + 1)),
    "name is a number": signed(name=7),
    "body is a list": handmade({"alg": "HS256"}, [1]),
    "critical header": jwt.encode(
        claims(), SECRET, algorithm="HS256", headers={"crit": ["x"], "x": 1}
    ),
}


def _odd_ends() -> Iterator[str]:
    for odd in ("1e400", "-1", "true", '"soon"', "[]", "null", "NaN", "Infinity", "1" * 400):
        body = f'{{"sub":"ann","name":"Ann","iss":"{ISSUER}","aud":"{AUDIENCE}","exp":{odd}}}'
        token = jwt.PyJWS().encode(body.encode(), SECRET, algorithm="HS256")
        yield token


async def test_every_bad_token_is_nobodys() -> None:
    identity = JwtIdentity(BY_SECRET)
    assert await identity.identify(GOOD) is not None
    for name, token in BAD.items():
        assert await identity.identify(token) is None, name
    for token in _odd_ends():
        assert await identity.identify(token) is None, token
    deep = b'{"sub":' + b"[" * 3_000 + b"]" * 3_000 + b"}"
    assert await identity.identify(jwt.PyJWS().encode(deep, SECRET, algorithm="HS256")) is None


async def test_a_public_key_is_no_secret_and_another_key_is_another(jwks: Path) -> None:
    identity = by_keys(jwks)
    assert await identity.identify(signed(RSA_KEY, "RS256", "r1")) is not None
    # What a library would take that lets the token choose the algorithm.
    body = claims()
    signing = f"{handmade({'alg': 'HS256', 'kid': 'r1'}, body).rstrip('.')}"
    forged = hmac.digest(PUBLIC_PEM, signing.encode(), hashlib.sha256)
    tail = base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
    assert await identity.identify(f"{signing}.{tail}") is None
    assert await identity.identify(signed(OTHER_RSA_KEY, "RS256", "r1")) is None
    assert await identity.identify(signed(RSA_KEY, "RS256", "e1")) is None
    assert await identity.identify(signed(EC_KEY, "ES256", "r1")) is None
    assert await identity.identify(signed(RSA_KEY, "RS512", "r1")) is None
    assert await identity.identify(signed(RSA_KEY, "PS256", "r1")) is None
    assert await identity.identify(signed(SECRET, "HS256", "r1")) is None
    own = {"jwk": key_set(r1=OTHER_RSA_KEY)["keys"][0], "jku": "http://127.0.0.1:9/"}
    with_own = jwt.encode(claims(), OTHER_RSA_KEY, algorithm="RS256", headers=own)
    assert await identity.identify(with_own) is None
    for odd in (["r1"], {"r1": 1}, 7, "x" * 10_000, ""):
        assert await identity.identify(handmade({"alg": "RS256", "kid": odd}, body)) is None


def test_a_set_is_read_for_its_public_keys_that_verify_and_refused_without_any() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    whole = key_set(r1=RSA_KEY, e1=EC_KEY, small=small)
    whole["keys"] += [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct", "alg": "HS256"},
        {**key_set(enc=RSA_KEY)["keys"][0], "use": "enc"},
        {**key_set(other=RSA_KEY)["keys"][0], "alg": "RS512"},
        {"kty": "RSA", "n": "!", "e": "AQAB", "kid": "broken"},
        {"kty": "EC", "crv": "P-521", "kid": "p521"},
        {"kty": ["RSA"]},
        7,
    ]
    found = parse_key_set(json.dumps(whole).encode(), BOTH)
    assert [key.key_id for key in found] == ["r1", "e1"]
    assert [
        key.key_id for key in parse_key_set(json.dumps(whole).encode(), frozenset({"ES256"}))
    ] == ["e1"]
    many: dict[str, Any] = {"keys": [{}] * (MAX_JWKS_KEYS + 1)}
    bad: Any
    for bad in ({}, [], {"keys": {}}, {"keys": []}, {"keys": whole["keys"][3:]}, many):
        with pytest.raises(ValueError):
            parse_key_set(json.dumps(bad).encode(), BOTH)
    for text in (b"", b"\xff", b"{", b"[" * 100_000):
        with pytest.raises(ValueError):
            parse_key_set(text, BOTH)


async def test_an_unknown_key_is_looked_for_once_a_minute(
    jwks: Path, autojump_clock: trio.testing.MockClock
) -> None:
    keys = KeySet(str(jwks), BOTH)
    assert await keys.find("r1", "RS256") is not None
    jwks.write_text(json.dumps(key_set(r2=RSA_KEY)), "utf-8")
    assert await keys.find("r2", "RS256") is None
    await pass_time(JWKS_RETRY_INTERVAL)
    assert await keys.find("r2", "RS256") is not None
    assert await keys.find("r1", "RS256") is None
    # A key that was taken out is believed no more, without anybody naming another.
    jwks.write_text(json.dumps(key_set(r3=RSA_KEY)), "utf-8")
    await pass_time(JWKS_REFRESH_INTERVAL)
    assert await keys.find("r2", "RS256") is None


async def test_the_last_set_is_believed_for_a_day_while_there_is_no_other(
    jwks: Path, autojump_clock: trio.testing.MockClock
) -> None:
    keys = KeySet(str(jwks), BOTH)
    assert await keys.find("r1", "RS256") is not None
    jwks.write_text("broken", "utf-8")
    # The clock of the test jumps ahead by some seconds while a thread reads the file.
    await pass_time(JWKS_STALE_SECONDS - 60)
    assert await keys.find("r1", "RS256") is not None
    await pass_time(120)
    with pytest.raises(ServiceError) as refused:
        await keys.find("r1", "RS256")
    assert refused.value.code == "unavailable"


class _KeyServer(HTTPServer):
    """Serves a key set at ``/jwks`` and counts how often."""

    answers: dict[str, bytes]
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: _KeyServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.answers.get(self.path)
        self.send_response(302 if body is None else 200)
        if body is None:
            self.send_header("Location", "/jwks")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def key_server() -> Iterator[_KeyServer]:
    server = _KeyServer(("127.0.0.1", 0), _Handler)
    server.answers = {
        "/jwks": json.dumps(key_set(r1=RSA_KEY)).encode(),
        "/large": b" " * 1_000_000,
    }
    server.asked = []
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_set_is_fetched_once_however_many_ask(key_server: _KeyServer) -> None:
    identity = by_keys(f"http://127.0.0.1:{key_server.server_port}/jwks")
    found: list[object] = []

    async def ask() -> None:
        found.append(await identity.identify(signed(RSA_KEY, "RS256", "r1")))

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(ask)
    assert len(found) == 20
    assert None not in found
    assert await identity.identify(signed(RSA_KEY, "RS256", "unknown")) is None
    assert key_server.asked == ["/jwks"]


@pytest.mark.parametrize("path", ["/large", "/elsewhere"])
async def test_neither_a_large_answer_nor_another_address_is_taken(
    key_server: _KeyServer, path: str
) -> None:
    keys = KeySet(f"http://127.0.0.1:{key_server.server_port}{path}", BOTH)
    with pytest.raises(ServiceError):
        await keys.find("r1", "RS256")
    assert key_server.asked == [path]


@pytest.mark.parametrize(
    ("settings", "at"),
    [
        (JwtSettings(secret="x" * 31), "DIAGRAMAI_JWT_SECRET"),
        (JwtSettings(secret=SECRET, jwks="keys.json"), "DIAGRAMAI_JWT_SECRET"),
        (JwtSettings(jwks="http://keys.example.org/"), "DIAGRAMAI_JWKS"),
        (JwtSettings(jwks="file:///etc/passwd"), "DIAGRAMAI_JWKS"),
        (JwtSettings(jwks="keys.json", algorithms=("HS256",)), "DIAGRAMAI_JWT_ALGORITHMS"),
        (JwtSettings(jwks="keys.json", algorithms=()), "DIAGRAMAI_JWT_ALGORITHMS"),
    ],
)
def test_settings_that_are_not_safe_are_refused_by_name(settings: JwtSettings, at: str) -> None:
    with pytest.raises(ServiceError) as refused:
        Settings(jwt=settings).check()
    assert refused.value.at == at


def test_beyond_this_machine_the_server_wants_to_know_who_comes() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::", "example.org"):
        with pytest.raises(ServiceError) as refused:
            Settings(host=host).check()
        assert refused.value.code == "not_loopback"
        assert "DIAGRAMAI_JWT_SECRET" in refused.value.message
        assert "DIAGRAMAI_JWKS" in refused.value.message
        Settings(host=host, jwt=BY_SECRET).check()
        Settings(host=host, jwt=JwtSettings(jwks="https://keys.example.org/")).check()
    Settings(host="127.0.0.1").check()


def test_a_secret_is_not_shown_with_the_settings() -> None:
    assert SECRET not in repr(Settings(jwt=BY_SECRET))
    assert SECRET not in repr(BY_SECRET)
    assert msgspec.structs.replace(BY_SECRET).secret == SECRET
