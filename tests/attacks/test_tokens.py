"""Attempts to be somebody else: tokens, keys, cookies and sessions that are none."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from websockets.exceptions import InvalidStatus

from gateway.authentication import SESSION_COOKIE
from gateway.jwt_identity import MAX_TOKEN_LENGTH
from gateway.rate_limits.limits import MAX_FAILURES
from tests.support.attacked import ACCEPT, Target, code_of, new_address, session_of, token_of
from tests.support.tokens import OTHER_RSA_KEY, RSA_KEY, claims, handmade, signed

#: Where a secret can be brought: by header to the API and to MCP.
DOORS: Final = (("GET", "/api/diagrams"), ("POST", "/mcp"), ("GET", "/api/session"))


def unsigned(**header: Any) -> str:
    return handmade({"typ": "JWT", **header}, claims())


def with_public_key() -> str:
    """HS256, with what everybody may know of the key of RS256 as the secret."""
    public = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    token = handmade({"alg": "HS256", "kid": "first"}, claims())
    said = token.rpartition(".")[0]
    digest = hmac.new(public, said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def swapped() -> str:
    """The claims of one token under the signature of another."""
    head, _, signature = token_of("mallory").split(".")
    return ".".join((head, token_of("root").split(".")[1], signature))


def with_own_key() -> str:
    """Signed by a key that the token itself brings along."""
    public: Any = jwt.algorithms.RSAAlgorithm
    header = {"jwk": json.loads(public.to_jwk(OTHER_RSA_KEY.public_key())), "kid": "first"}
    return jwt.encode(claims(), OTHER_RSA_KEY, algorithm="RS256", headers=header)


FORGERIES: Final[dict[str, Callable[[], str]]] = {
    "an_unsigned_jwt": lambda: unsigned(alg="none"),
    "an_unsigned_jwt_in_capitals": lambda: unsigned(alg="NONE", kid="first"),
    "a_jwt_without_an_algorithm": lambda: unsigned(kid="first"),
    "a_jwt_signed_with_the_public_key": with_public_key,
    "a_jwt_of_another_signer": lambda: signed(OTHER_RSA_KEY, "RS256", "first"),
    "a_jwt_of_an_unknown_key": lambda: signed(OTHER_RSA_KEY, "RS256", "nobodys"),
    "a_jwt_that_brings_its_key": with_own_key,
    "a_jwt_with_a_path_as_key_id": lambda: signed(OTHER_RSA_KEY, "RS256", "../../dev/null"),
    "a_jwt_with_sql_as_key_id": lambda: signed(OTHER_RSA_KEY, "RS256", "' OR 1=1 --"),
    "an_expired_jwt": lambda: token_of("olga", exp=int(time.time()) - 3_600),
    "a_jwt_that_never_ends": lambda: token_of("olga", exp=None),
    "a_jwt_for_the_far_future": lambda: token_of("olga", nbf=int(time.time()) + 3_600),
    "a_jwt_of_another_issuer": lambda: token_of("olga", iss="https://evil.example"),
    "a_jwt_for_another_audience": lambda: token_of("olga", aud="another-app"),
    "a_jwt_for_nobody": lambda: token_of("olga", aud=None),
    "a_jwt_without_a_subject": lambda: token_of("olga", sub=None),
    "a_jwt_with_swapped_claims": swapped,
    "a_truncated_jwt": lambda: token_of("olga")[:-20],
    "a_jwt_without_its_signature": lambda: token_of("olga").rpartition(".")[0] + ".",
    "a_huge_token": lambda: "A" * (2 * MAX_TOKEN_LENGTH),
    "a_huge_jwt": lambda: token_of("olga", more="A" * MAX_TOKEN_LENGTH),
    "a_deep_jwt": lambda: handmade({"alg": "RS256", "kid": "first"}, nested(200)),
    "a_token_of_dots": lambda: "." * 5_000,
    "a_made_up_key": lambda: f"dai_{'0' * 16}_{'A' * 43}",
    "a_made_up_agent_session": lambda: f"dat_{'A' * 43}",
    "an_oauth_token_elsewhere": lambda: f"dao_{'A' * 43}",
}


def nested(depth: int) -> Any:
    inner: Any = {}
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize("name", FORGERIES)
def test_forged(target: Target, name: str) -> None:
    token = FORGERIES[name]()
    with target.client(authorization=f"Bearer {token}") as client:
        for method, path in DOORS:
            answer = client.request(method, path, headers=ACCEPT)
            assert answer.status_code == 401, (method, path, answer.text)
            assert code_of(answer) == "unauthenticated"
    with pytest.raises(InvalidStatus) as refused, target.socket(authorization=f"Bearer {token}"):
        pass
    assert refused.value.response.status_code == 401


def test_a_token_in_the_address_is_not_looked_at(target: Target) -> None:
    for field in ("token", "access_token", "key"):
        answer = target.ask(None, "GET", f"/api/diagrams?{field}={'A' * 8}")
        assert answer.status_code == 401


def test_a_truncated_a_changed_and_a_lengthened_key(target: Target) -> None:
    key = target.keys["full"]
    other = "A" if key[-1] != "A" else "B"
    swapped_secret = key.rpartition("_")[0] + "_" + target.keys["reader"].split("_", 2)[2]
    for wrong in (key[:-1], key[:-1] + other, key + "A", key.upper(), swapped_secret):
        answer = target.ask(
            None, "GET", "/api/diagrams", headers={"authorization": f"Bearer {wrong}"}
        )
        assert answer.status_code == 401


def test_a_stranger_says_hello_with_a_forged_token(target: Target) -> None:
    with target.socket() as wire:
        wire.send(type="hello", token=FORGERIES["a_jwt_signed_with_the_public_key"]())
        assert wire.receive()["code"] == "unauthenticated"
    # Nothing is answered to one who says nothing of who it is.
    with target.socket() as wire:
        wire.send(type="subscribe", diagram_id=target.diagrams["secret"])
        assert wire.receive()["code"] == "unauthenticated"


def test_keys_are_not_found_by_trying(target: Target) -> None:
    with target.client() as guesser:
        statuses = [
            guesser.get(
                "/api/diagrams", headers={"authorization": f"Bearer dai_{n:016x}_{'x' * 43}"}
            )
            for n in range(MAX_FAILURES + 3)
        ]
        assert [each.status_code for each in statuses[:MAX_FAILURES]] == [401] * MAX_FAILURES
        last = statuses[-1]
        assert (last.status_code, code_of(last)) == (429, "rate_limited")
        assert int(last.headers["retry-after"]) >= 1
        # Whoever else is at that address goes on; a wrong one is refused at another door too.
        right = guesser.get("/api/diagrams", headers=target.bearer("confined"))
        assert right.status_code == 200
        address = guesser.headers["x-forwarded-for"]
    with (
        pytest.raises(InvalidStatus) as refused,
        target.socket(authorization="Bearer dai_0_x", **{"x-forwarded-for": address}),
    ):
        pass
    assert refused.value.response.status_code == 429


def test_a_forged_forwarding_header_is_no_other_address(target: Target) -> None:
    """What the client wrote itself stands to the left of what the proxy has seen."""
    behind = new_address()
    with target.client() as guesser:
        for n in range(MAX_FAILURES + 1):
            forwarded = f"203.0.113.{n}, {behind}"
            answer = guesser.get(
                "/api/diagrams",
                headers={"authorization": f"Bearer dai_{n:016x}_y", "x-forwarded-for": forwarded},
            )
    assert answer.status_code == 429


def test_a_sign_in_code_is_not_found_by_trying(target: Target) -> None:
    with target.client() as guesser:
        answers = [
            guesser.get("/sign-in", params={"code": f"guess-{n}"}) for n in range(MAX_FAILURES + 2)
        ]
    assert "set-cookie" not in "".join(map(str, [each.headers for each in answers]))
    assert answers[0].status_code in (400, 401, 403, 410)
    assert answers[-1].status_code == 429


def test_a_session_that_an_attacker_chose_is_none(target: Target) -> None:
    """Fixation: the cookie that was there before is not the one that signs in."""
    chosen = "a-session-that-mallory-has-chosen-for-olga"
    with target.client("olga", cookie=f"{SESSION_COOKIE}={chosen}") as olga:
        started = olga.post("/api/session", json={})
    assert started.status_code == 201
    assert chosen not in started.headers["set-cookie"]
    assert target.ask(None, "GET", "/api/diagrams", headers=session_of(chosen)).status_code == 401


def test_a_session_is_not_replayed_after_signing_out(target: Target) -> None:
    cookie = session_cookie(target, "mallory")
    json_type = {"content-type": "application/json", **cookie}
    assert target.ask(None, "GET", "/api/diagrams", headers=cookie).status_code == 200
    assert target.ask(None, "POST", "/api/sign-out", headers=json_type).status_code == 200
    assert target.ask(None, "GET", "/api/diagrams", headers=cookie).status_code == 401


def test_a_cookie_is_out_of_reach_of_scripts_and_of_other_sites(target: Target) -> None:
    with target.client("olga") as olga:
        written = olga.post("/api/session", json={}).headers["set-cookie"].lower()
        secure = olga.post("/api/session", json={}, headers={"x-forwarded-proto": "https"})
    assert "httponly" in written
    assert "samesite=lax" in written
    assert "domain=" not in written
    assert "secure" not in written, "it came by http, on this machine"
    assert "; secure" in secure.headers["set-cookie"].lower()


def test_a_cookie_of_another_server_is_none(target: Target) -> None:
    for cookie in ("A" * 43, "", "x" * 10_000, "%00", "' OR 1=1 --"):
        answer = target.ask(None, "GET", "/api/diagrams", headers=session_of(cookie))
        assert answer.status_code == 401


def test_the_first_of_two_session_cookies_is_not_mixed_with_the_second(target: Target) -> None:
    good = session_cookie(target, "mallory")["cookie"]
    answer = target.ask(
        None, "GET", "/api/session", headers={"cookie": f"{SESSION_COOKIE}={'A' * 43}; {good}"}
    )
    assert answer.status_code == 401


def test_a_session_of_a_person_is_no_key_and_a_key_no_session(target: Target) -> None:
    cookie = session_cookie(target, "mallory")["cookie"].partition("=")[2]
    as_bearer = {"authorization": f"Bearer {cookie}"}
    assert target.ask(None, "GET", "/api/diagrams", headers=as_bearer).status_code == 401
    as_cookie = session_of(target.keys["full"])
    assert target.ask(None, "GET", "/api/diagrams", headers=as_cookie).status_code == 401


def test_a_session_token_makes_no_further_ones(target: Target) -> None:
    started = target.ask("full", "POST", "/api/agents/session", json={})
    assert started.status_code == 201
    token = started.json()["data"]["session_token"]
    with target.client(authorization=f"Bearer {token}") as agent:
        assert agent.get("/api/diagrams").status_code == 200
        assert agent.post("/api/agents/session", json={}).status_code == 401
        assert agent.request("DELETE", "/api/agents/session", json={}).status_code == 200
        assert agent.get("/api/diagrams").status_code == 401


def test_a_key_starts_no_session_of_another_agent(target: Target) -> None:
    sent = {"agent_id": "full", "api_key": target.keys["reader"]}
    assert target.ask(None, "POST", "/api/agents/session", json=sent).status_code == 401
    mixed = {"agent_id": "reader", "api_key": target.keys["full"]}
    assert target.ask("reader", "POST", "/api/agents/session", json=mixed).status_code == 401


def test_an_agents_key_becomes_no_person(target: Target) -> None:
    assert target.ask("full", "POST", "/api/session", json={}).status_code == 403


def test_a_subject_does_not_become_the_machines_owner(target: Target) -> None:
    """Ids of people by token have a mark of their own, whatever the token says."""
    for subject in ("local", "local:Ann", "guest:abc"):
        told = target.ask(subject, "GET", "/api/session")
        assert told.json()["data"]["participant"]["id"] == f"jwt:{subject}"
        answer = target.ask(subject, "GET", f"/api/diagrams/{target.diagrams['secret']}")
        assert answer.status_code == 404


def session_cookie(target: Target, person: str) -> dict[str, str]:
    with target.client(person) as client:
        started = client.post("/api/session", json={})
    assert started.status_code == 201, started.text
    return {"cookie": started.headers["set-cookie"].partition(";")[0]}
