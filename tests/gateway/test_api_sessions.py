"""Sessions in the place of tokens and keys, over HTTP."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import httpx2
import pytest

from gateway.authentication import AGENT_SESSION_LIFETIME, SESSION_DAYS
from gateway.identity import FULL_ACCESS, READ
from gateway.jwt_identity import CLOCK_LEEWAY_SECONDS, MAX_TOKEN_LENGTH
from gateway.local_access import create_agent, rotate_key
from gateway.proxies import MAX_FORWARDED, Proxies, plain_address
from gateway.settings import JwtSettings, Settings
from persistence import credentials as credentials_module
from tests.gateway.test_jwt_identity import BAD
from tests.support.live import agent, http
from tests.support.serving import Site, open_site_with
from tests.support.tokens import AUDIENCE, ISSUER, SECRET, signed

JWT = JwtSettings(secret=SECRET, issuer=ISSUER, audience=AUDIENCE)
START = "/api/agents/session"


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    settings = Settings(
        port=0,
        database_url=database_url,
        jwt=JWT,
        admins=frozenset({"boss"}),
        trusted_proxies=("127.0.0.1",),
    )
    async with open_site_with(settings) as opened:
        yield opened


def cookie_of(answer: httpx2.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


async def test_a_token_is_exchanged_for_a_cookie_that_ends_with_it(site: Site) -> None:
    ends = int(time.time()) + 100
    async with http(site, authorization=f"Bearer {signed(exp=ends)}") as client:
        answer = await client.post("/api/session")
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert data["participant"] == {"kind": "user", "id": "jwt:ann", "name": "Ann"}
    assert datetime.fromisoformat(data["expiresAt"]).timestamp() == ends + CLOCK_LEEWAY_SECONDS
    (morsel,) = cookie_of(answer).values()
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert not morsel["secure"]
    assert 90 < int(morsel["max-age"]) <= 100 + CLOCK_LEEWAY_SECONDS
    async with http(site, cookie=f"{morsel.key}={morsel.value}") as page:
        seen = await page.get("/api/session")
        assert seen.json()["data"]["participant"]["id"] == "jwt:ann"
        # A session makes no further one, and neither does an agent's key.
        assert (await page.post("/api/session")).status_code == 403
    async with http(site, authorization=f"Bearer {site.key}") as client:
        assert (await client.post("/api/session")).status_code == 403


async def test_behind_tls_the_cookie_is_secure_and_never_outlasts_a_session(site: Site) -> None:
    ends = int(time.time()) + 10 * 365 * 86_400
    headers = {"authorization": f"Bearer {signed(exp=ends)}", "x-forwarded-proto": "https"}
    async with http(site, **headers) as client:
        (morsel,) = cookie_of(await client.post("/api/session")).values()
    assert morsel["secure"]
    assert int(morsel["max-age"]) <= SESSION_DAYS * 86_400


async def test_whoever_comes_with_a_token_can_be_given_a_role_and_the_boss_is_admin(
    site: Site,
) -> None:
    async with http(site, authorization=f"Bearer {signed()}") as ann:
        assert (await ann.get("/api/diagrams")).json()["data"] == []
        assert (await ann.get(f"/api/diagrams/{site.diagram_id}")).status_code == 404
    async with http(site, authorization=f"Bearer {signed(sub='boss')}") as boss:
        path = f"/api/diagrams/{site.diagram_id}/members/jwt:ann"
        assert (await boss.put(path, json={"role": "viewer"})).status_code == 200
    async with http(site, authorization=f"Bearer {signed()}") as ann:
        assert (await ann.get(f"/api/diagrams/{site.diagram_id}")).status_code == 200


async def test_every_bad_token_gets_the_same_answer(site: Site) -> None:
    answers = set()
    tokens = [token[: MAX_TOKEN_LENGTH + 1] for token in BAD.values() if token.isascii() and token]
    async with http(site) as client:
        for number, token in enumerate([*tokens, "dai_x_y", "dat_x", "x"]):
            # Whoever guesses too often is told so; these come from everywhere.
            headers = {
                "authorization": f"Bearer {token}",
                "x-forwarded-for": f"198.51.100.{number}",
            }
            seen = await client.get("/api/diagrams", headers=headers)
            answers.add((seen.status_code, seen.text))
    ((status, _),) = answers
    assert status == 401


# Agents -----------------------------------------------------------------------------------------


async def start(site: Site, key: str, **body: str) -> httpx2.Response:
    async with http(site, authorization=f"Bearer {key}") as client:
        return await client.post(START, json=body) if body else await client.post(START)


async def test_a_key_is_exchanged_for_a_token_of_a_day_which_does_what_the_key_does(
    site: Site,
) -> None:
    answer = await start(site, site.key)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert data.keys() == {"session_token", "permissions", "expires_at"}
    assert data["permissions"] == [FULL_ACCESS]
    left = datetime.fromisoformat(data["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= AGENT_SESSION_LIFETIME
    token = data["session_token"]
    async with http(site, authorization=f"Bearer {token}") as client:
        assert (await client.get("/api/diagrams")).status_code == 200
        seen = await client.get("/api/session")
        assert seen.json()["data"]["participant"]["id"] == "bot"
        # A token makes no further ones, or it would never end.
        assert (await client.post(START)).status_code == 401
        assert (await client.delete(START)).status_code == 200
        assert (await client.get("/api/diagrams")).status_code == 401
        assert (await client.delete(START)).status_code == 401


async def test_the_key_may_stand_in_the_body_beside_whose_it_is(site: Site) -> None:
    async with http(site) as client:
        bodies = {
            201: {"api_key": site.key, "agent_id": "bot"},
            401: {"api_key": site.key, "agent_id": "other"},
        }
        for status, body in bodies.items():
            assert (await client.post(START, json=body)).status_code == status
        assert (await client.post(START, json={"api_key": site.key[:-1]})).status_code == 401
        assert (await client.post(START, json={})).status_code == 401
        assert (await client.post(START)).status_code == 415
    other = await agent(site, "other")
    assert (await start(site, site.key, api_key=other.key)).status_code == 401


async def test_a_token_ends_with_its_key(site: Site) -> None:
    credentials = site.serving.credentials
    tokens = [(await start(site, site.key)).json()["data"]["session_token"] for _ in range(2)]

    async def work() -> bool:
        found = [await site.serving.authenticator.identify_bearer(token) for token in tokens]
        return any(each is not None for each in found)

    assert await work()
    new = await rotate_key(credentials, "bot", timedelta(hours=1))
    site.serving.authenticator.forget()
    assert await work()
    old = await start(site, site.key)
    assert old.status_code == 201
    ends = datetime.fromisoformat(old.json()["data"]["expires_at"])
    assert ends <= datetime.now(UTC) + timedelta(hours=1)
    await rotate_key(credentials, "bot", timedelta(0))
    site.serving.authenticator.forget()
    assert not await work()
    assert (await start(site, site.key)).status_code == 401
    assert (await start(site, new.key)).status_code == 401


async def test_an_agents_sessions_are_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials_module, "MAX_AGENT_SESSIONS", 1)
    assert (await start(site, site.key)).status_code == 201
    refused = await start(site, site.key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_sessions")


async def test_an_agent_that_has_expired_is_nobody(site: Site) -> None:
    late = datetime.now(UTC) - timedelta(seconds=1)
    old = await agent(site, "old", expires_at=late)
    assert (await start(site, old.key)).status_code == 401


async def test_what_is_said_of_an_agent_is_what_it_comes_with(site: Site) -> None:
    ends = datetime.now(UTC) + timedelta(days=1)
    made = await create_agent(
        site.serving.credentials,
        "helper",
        [READ],
        rate_limit=7,
        owner_id="jwt:boss",
        all_diagrams=False,
        expires_at=ends,
    )
    who = await site.serving.authenticator.identify_bearer(made.key, "192.0.2.1")
    assert who is not None
    assert (who.permissions, who.rate_limit, who.all_diagrams) == (frozenset({READ}), 7, False)
    assert (who.owner_id, who.standing, who.expires_at) == ("jwt:boss", "everything", ends)
    assert (who.credential, who.address) == (f"key:{made.credential.key_prefix}", "192.0.2.1")
    assert made.key not in repr(who)


# Where from -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.7:1234", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.1:1234", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("[::ffff:10.0.0.1]:80", "[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "198.51.100.1", "fe80::1"),
        ("gone", "198.51.100.1", "gone"),
        ("10.0.0.1", ", ".join(["198.51.100.1"] + ["10.0.0.2"] * MAX_FORWARDED), "10.0.0.2"),
    ],
)
def test_only_a_trusted_proxy_says_where_somebody_comes_from(
    peer: str, forwarded: str, address: str
) -> None:
    proxies = Proxies(["10.0.0.0/8"])
    assert proxies.address_of(peer, {"x-forwarded-for": forwarded}) == address
    assert Proxies().address_of(peer, {"x-forwarded-for": forwarded}) == plain_address(peer)


async def test_the_address_comes_along_with_who_it_is(site: Site) -> None:
    seen: list[str | None] = []
    service = site.serving.service
    confirm = service.confirm

    async def note(who: object) -> None:
        seen.append(getattr(who, "address", None))
        await confirm(who)  # type: ignore[arg-type]

    service.confirm = note
    headers = {"authorization": f"Bearer {site.key}", "x-forwarded-for": "198.51.100.7"}
    async with http(site, **headers) as client:
        await client.get(f"/api/diagrams/{site.diagram_id}")
        call = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "read_diagram", "arguments": {"diagram_id": site.diagram_id}},
        }
        accept = {"accept": "application/json, text/event-stream"}
        assert (await client.post("/mcp", json=call, headers=accept)).status_code == 200
    assert len(seen) >= 2
    assert set(seen) == {"198.51.100.7"}
