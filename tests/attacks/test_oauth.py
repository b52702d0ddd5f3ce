"""Attempts at the way in for agents that connect by an address."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import msgspec
import pytest

from persistence.limits import MAX_OAUTH_CLIENTS
from tests.attacks.test_tokens import session_cookie
from tests.support import leaks
from tests.support.attacked import ACCEPT, Target
from tests.support.oauth import FORM, REDIRECT, Form
from tests.support.postgres import run_sql

EVIL: Final = "https://evil.example/take"


class Program(msgspec.Struct):
    """A client that asks to be let in, as the attacker would have it."""

    target: Target
    client_id: str
    verifier: str

    def ask(self, **changed: str | None) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "state": "state",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "resource": f"{self.target.base_url}/oauth/mcp",
            **changed,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        return f"/oauth/authorize?{urlencode(given)}"

    def token(self, **fields: str) -> httpx2.Response:
        known = {"client_id": self.client_id, "resource": f"{self.target.base_url}/oauth/mcp"}
        body = urlencode({**known, **fields})
        return self.target.ask(None, "POST", "/oauth/token", content=body, headers=FORM)

    def exchange(self, code: str, **changed: str) -> httpx2.Response:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
            **changed,
        }
        return self.token(**fields)


@pytest.fixture
def olga(target: Target) -> Mapping[str, str]:
    return session_cookie(target, "olga")


@pytest.fixture
def program(target: Target) -> Program:
    return register(target)


def register(target: Target, **changed: Any) -> Program:
    described = {
        "client_name": "Program",
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
        **changed,
    }
    answer = target.ask(None, "POST", "/oauth/register", json=described)
    assert answer.status_code == 201, answer.text
    return Program(target, answer.json()["client_id"], secrets.token_urlsafe(32))


def question(target: Target, who: Mapping[str, str], address: str) -> Form:
    page = target.ask(None, "GET", address, headers=who)
    if page.status_code == 302:
        page = target.ask(None, "GET", page.headers["location"], headers=who)
    assert page.status_code == 200, page.text
    return Form(page.text)


def code_for(program: Program, who: Mapping[str, str]) -> str:
    """Olga approves."""
    form = question(program.target, who, program.ask())
    fields = [*form.fields, ("approve", form.buttons["approve"])]
    answer = program.target.ask(
        None, "POST", "/oauth/consent", content=urlencode(fields), headers={**FORM, **who}
    )
    assert answer.status_code == 303, answer.text
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    leaks.remember(code)
    return code


def tokens_for(program: Program, who: Mapping[str, str]) -> dict[str, Any]:
    answer = program.exchange(code_for(program, who))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    leaks.remember(told["access_token"])
    leaks.remember(told["refresh_token"])
    return told


def is_let_in(target: Target, token: str, path: str = "/oauth/mcp") -> bool:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {**ACCEPT, "authorization": f"Bearer {token}"}
    answer = target.ask(None, "POST", path, json=body, headers=headers)
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def test_a_code_is_used_twice(program: Program, olga: Mapping[str, str]) -> None:
    """What the first one got is taken back: one of both stole it."""
    code = code_for(program, olga)
    first = program.exchange(code).json()
    assert is_let_in(program.target, first["access_token"])
    again = program.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    program.target.wait_for(lambda: not is_let_in(program.target, first["access_token"]))


@pytest.mark.parametrize("verifier", ["", "x" * 43, "the challenge", None])
def test_a_stolen_code_without_the_verifier(
    program: Program, olga: Mapping[str, str], verifier: str | None
) -> None:
    code = code_for(program, olga)
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    if verifier == "the challenge":
        digest = hashlib.sha256(program.verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if verifier is not None:
        fields["code_verifier"] = verifier
    refused = program.token(**fields)
    assert refused.status_code == 400, refused.text
    assert refused.json()["error"] in ("invalid_grant", "invalid_request")


def test_a_stolen_code_of_another_program(
    target: Target, program: Program, olga: Mapping[str, str]
) -> None:
    code, other = code_for(program, olga), register(target)
    other.verifier = program.verifier
    assert other.exchange(code).status_code == 400
    assert program.exchange(code, redirect_uri=EVIL).status_code == 400


@pytest.mark.parametrize("method", ["plain", "", None])
def test_no_proof_of_possession(
    program: Program, olga: Mapping[str, str], method: str | None
) -> None:
    changed: dict[str, str | None] = {"code_challenge_method": method}
    if method is None:
        changed["code_challenge"] = None
    answer = program.target.ask(None, "GET", program.ask(**changed), headers=olga)
    location = answer.headers.get("location", "")
    assert not location.startswith("/oauth/consent"), location
    assert "code=" not in location


REDIRECTS: Final = (
    EVIL,
    "http://evil.example/take",
    f"{REDIRECT}/../../take",
    f"{REDIRECT}?x=1",
    f"{REDIRECT}#x",
    "http://127.0.0.1:33418@evil.example/callback",
    "http://evil.example:33418/callback",
    "http://127.0.0.1.evil.example:33418/callback",
    "http://user:pass@127.0.0.1:33418/callback",
    "http://127.0.0.1:33418\\@evil.example/callback",
    "https://127.0.0.1:33418/callback",
    "//evil.example/callback",
    "/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    "",
)


@pytest.mark.parametrize("redirect", REDIRECTS)
def test_an_open_redirect(program: Program, olga: Mapping[str, str], redirect: str) -> None:
    """Nothing is sent anywhere that was not registered, not even an error."""
    for who in (olga, {}):
        answer = program.target.ask(
            None, "GET", program.ask(redirect_uri=redirect), headers=dict(who)
        )
        assert "location" not in answer.headers, answer.headers["location"]
        assert "evil.example" not in answer.headers.get("content-security-policy", "")
        assert answer.status_code in (400, 200, 401), answer.status_code
    refused = {"error": "x", "redirect_uri": redirect, "client_id": program.client_id}
    told = program.target.ask(
        None, "POST", "/oauth/consent", content=urlencode(refused), headers={**FORM, **olga}
    )
    assert told.status_code in (400, 403)
    assert "location" not in told.headers


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.example/take",
        "https://user:pass@evil.example/take",
        "https://evil.example/take#fragment",
        "https://evil.example;script-src *",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
    ],
)
def test_a_program_registers_a_dangerous_address(target: Target, uri: str) -> None:
    described = {"client_name": "P", "redirect_uris": [uri], "token_endpoint_auth_method": "none"}
    answer = target.ask(None, "POST", "/oauth/register", json=described)
    assert answer.status_code == 400, answer.text


def test_programs_are_registered_by_the_thousand(target: Target) -> None:
    """One network counts as one address, and where the room is used up those give way that nobody
    has approved: others register all the same."""
    described = {"client_name": "P", "redirect_uris": [REDIRECT]}
    run_sql(
        target.database_url,
        "INSERT INTO oauth_clients (id, name, redirect_uris, auth_method, registered_from, used_at)"
        " SELECT 'flood' || i, 'P', '{https://a.example/}', 'none', '2001:db8:77:1::/64',"
        f" now() - interval '1 day' FROM generate_series(1, {MAX_OAUTH_CLIENTS}) AS i",
    )
    for last in ("1", "ffff:1:2"):
        with target.client(**{"x-forwarded-for": f"2001:db8:77:1::{last}"}) as flooding:
            assert flooding.post("/oauth/register", json=described).status_code == 429
    assert register(target).client_id
    run_sql(target.database_url, "DELETE FROM oauth_clients WHERE id LIKE 'flood%'")


def test_a_token_of_another_resource(program: Program, olga: Mapping[str, str]) -> None:
    target = program.target
    for resource in (f"{target.base_url}/mcp", "https://evil.example/mcp", target.base_url):
        answer = target.ask(None, "GET", program.ask(resource=resource), headers=olga)
        assert "code=" not in answer.headers.get("location", "")
        assert "error=invalid_target" in answer.headers.get("location", "")
        refused = program.exchange(code_for(program, olga), resource=resource)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    token = tokens_for(program, olga)["access_token"]
    assert is_let_in(target, token)
    # It is for that one address: not for keys' address, not for the API, not for the socket.
    assert not is_let_in(target, token, "/mcp")
    bearer = {"authorization": f"Bearer {token}"}
    assert target.ask(None, "GET", "/api/diagrams", headers=bearer).status_code == 401
    assert not is_let_in(target, target.keys["full"])


def test_a_refresh_token_is_used_twice(program: Program, olga: Mapping[str, str]) -> None:
    """The thief and the program have one each: neither has any from then on."""
    first = tokens_for(program, olga)
    second = program.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    third = program.token(grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert third.status_code == 200
    again = program.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again.status_code == 400
    newest = third.json()
    assert (
        program.token(grant_type="refresh_token", refresh_token=newest["refresh_token"]).status_code
        == 400
    )
    program.target.wait_for(lambda: not is_let_in(program.target, newest["access_token"]))


def test_a_refresh_token_of_another_program(
    target: Target, program: Program, olga: Mapping[str, str]
) -> None:
    theirs = tokens_for(program, olga)["refresh_token"]
    stolen = register(target).token(grant_type="refresh_token", refresh_token=theirs)
    assert stolen.status_code == 400
    assert (
        program.token(
            grant_type="refresh_token", refresh_token=theirs, scope="read delete full_access admin"
        ).status_code
        == 400
    )


def test_a_person_is_made_to_approve_by_another_page(
    target: Target, program: Program, olga: Mapping[str, str]
) -> None:
    """CSRF and clickjacking of the question."""
    form = question(target, olga, program.ask())
    mallory = question(target, session_cookie(target, "mallory"), program.ask())
    for proof in ("", "0" * 64, mallory.buttons["approve"], None):
        more = [] if proof is None else [("approve", proof)]
        answer = target.ask(
            None,
            "POST",
            "/oauth/consent",
            content=urlencode([*form.fields, *more]),
            headers={**FORM, **olga},
        )
        assert answer.status_code == 403, answer.text
    for origin in ("https://evil.example", "null"):
        fields = [*form.fields, ("approve", form.buttons["approve"])]
        answer = target.ask(
            None,
            "POST",
            "/oauth/consent",
            content=urlencode(fields),
            headers={**FORM, **olga, "origin": origin},
        )
        assert answer.status_code == 403
    page = target.ask(None, "GET", program.ask(), headers=olga)
    shown = target.ask(None, "GET", page.headers["location"], headers=olga)
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]


def test_a_proof_for_one_question_does_not_answer_another(
    target: Target, program: Program, olga: Mapping[str, str]
) -> None:
    """Approved for reading, sent for everything; approved for one program, sent for another."""
    narrow = question(target, olga, program.ask(scope="read"))
    proof = narrow.buttons["approve"]
    wide = question(target, olga, program.ask(scope="read edit create delete"))
    other = question(target, olga, register(target).ask(scope="read"))
    for form in (wide, other):
        answer = target.ask(
            None,
            "POST",
            "/oauth/consent",
            content=urlencode([*form.fields, ("approve", proof)]),
            headers={**FORM, **olga},
        )
        assert answer.status_code == 403


def test_an_agent_approves_itself(target: Target, program: Program) -> None:
    """A key and a token open no page: only a person's cookie does."""
    for name in ("full", "olga"):
        page = target.ask(name, "GET", program.ask())
        assert "location" not in page.headers
        assert "approve" not in Form(page.text).buttons


def test_a_connected_agent_gets_no_more_than_was_approved(
    target: Target, program: Program, olga: Mapping[str, str]
) -> None:
    token = tokens_for(program, olga)["access_token"]
    headers = {**ACCEPT, "authorization": f"Bearer {token}"}
    call = {
        "name": "delete_diagram",
        "arguments": {"diagram_id": target.diagrams["other"], "confirm": True},
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    told = target.ask(None, "POST", "/oauth/mcp", json=body, headers=headers).json()
    assert told["result"]["structuredContent"]["error"]["code"] == "forbidden"
    tried = (
        "SELECT 1 FROM agent_operations AS o JOIN agent_credentials AS a USING (agent_id)"
        " WHERE o.operation_type = 'delete_diagram' AND o.error_message = 'forbidden'"
        " AND a.owner_id = 'jwt:olga'"
    )
    assert target.wait_for(lambda: target.rows(tried))


def test_a_stranger_fetches_nothing_through_the_server(target: Target) -> None:
    """Documents that describe clients are fetched for signed-in people, and never from here."""
    for address in ("http://127.0.0.1:1/x", "https://169.254.169.254/x", "https://localhost/x"):
        query = urlencode({"client_id": address, "response_type": "code", "redirect_uri": EVIL})
        for who in ({}, session_cookie(target, "olga")):
            answer = target.ask(None, "GET", f"/oauth/authorize?{query}", headers=dict(who))
            assert "location" not in answer.headers


def test_a_name_that_is_markup(target: Target, olga: Mapping[str, str]) -> None:
    """The page of the question shows it as text."""
    named = register(target, client_name='<img src=x onerror=alert(1)>"><script>alert(2)</script>')
    page = target.ask(None, "GET", named.ask(), headers=olga)
    shown = target.ask(None, "GET", page.headers["location"], headers=olga).text
    assert "<img" not in shown
    assert "<script" not in shown
