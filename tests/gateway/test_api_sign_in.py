"""Coming in with a one-time link, leaving again, and who is who."""

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import httpx2
import pytest
import trio

from actors.ports import Author
from gateway import authentication
from gateway.authentication import CACHE_SECONDS, SESSION_COOKIE, SESSION_DAYS, fold_headers
from gateway.errors import ServiceError
from gateway.identity import FULL_ACCESS, READ
from gateway.local_access import MAX_NAME_LENGTH, create_agent
from persistence.sign_in import Person
from tests.support.api import Api
from tests.support.waiting import wait_until


async def test_a_link_signs_in_once_and_leads_home(api: Api) -> None:
    link = await api.link()
    async with api.client() as client:
        first = await client.get(link)
        assert (first.status_code, first.headers["location"]) == (303, "/")
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/api/diagrams")).status_code == 200
    async with api.client() as other:
        again = await other.get(link)
        assert again.status_code == 401
        assert "diagramai sign-in" in again.text
        assert "set-cookie" not in again.headers


async def test_guests_are_told_apart_by_their_names(api: Api) -> None:
    seen = []
    for name in (None, "Ann", "Ann", "Bob"):
        async with api.client() as client:
            await client.get(await api.link(name))
            answer = await client.get("/api/session")
            seen.append(answer.json()["data"]["participant"])
    assert [who["id"] for who in seen] == ["local", "local:Ann", "local:Ann", "local:Bob"]
    assert seen[3] == {"kind": "user", "id": "local:Bob", "name": "Bob"}


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "n" * (MAX_NAME_LENGTH + 1)])
async def test_a_bad_name_gets_no_link(api: Api, name: str) -> None:
    with pytest.raises(ServiceError, match="printable"):
        await api.link(name)


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(api: Api) -> None:
    async with api.client() as client:
        answer = await client.get(await api.link())
    cookie = SimpleCookie(answer.headers["set-cookie"])[SESSION_COOKIE]
    assert cookie["httponly"] is True
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/")
    assert int(cookie["max-age"]) == SESSION_DAYS * 24 * 60 * 60
    assert (cookie["secure"], cookie["domain"]) == ("", "")
    assert len(cookie.value) >= 43


@pytest.mark.parametrize(
    "query", ["", "?code=", "?code=wrong", "?code=%00%FF", "?code=" + "x" * 9000]
)
async def test_a_wrong_code_gets_a_page_that_tells_how_to_get_a_link(api: Api, query: str) -> None:
    async with api.client() as client:
        answer = await client.get(f"/sign-in{query}")
    assert (answer.status_code, "diagramai sign-in" in answer.text) == (401, True)
    assert "set-cookie" not in answer.headers


async def test_an_expired_code_is_of_no_use(api: Api) -> None:
    await api.sign_in.issue_code("code", Person("p", "P"), datetime.now(UTC) - timedelta(seconds=1))
    async with api.client() as client:
        assert (await client.get("/sign-in?code=code")).status_code == 401


async def test_a_look_at_the_link_does_not_spend_it(api: Api) -> None:
    link = await api.link()
    async with api.client() as client:
        looked = await client.head(link)
        assert (looked.status_code, looked.headers["allow"]) == (405, "GET")
        assert (await client.post(link)).status_code == 405
        assert (await client.get(link)).status_code == 303


async def test_of_many_at_once_one_gets_in_with_a_link(api: Api) -> None:
    link, statuses = await api.link(), []

    async def come() -> None:
        async with api.client() as client:
            statuses.append((await client.get(link)).status_code)

    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(come)
    assert sorted(statuses) == [303] + [401] * 7


async def test_signing_out_ends_the_session_at_once_and_for_good(api: Api) -> None:
    headers = await api.session_headers()
    async with api.client(headers) as client:
        assert (await client.get("/api/diagrams")).status_code == 200
        answer = await client.post("/api/sign-out", json={})
        assert answer.json()["data"] == {"signedOut": True}
        assert SimpleCookie(answer.headers["set-cookie"])[SESSION_COOKIE].value == ""
        assert (await client.get("/api/diagrams")).status_code == 401
        assert (await client.post("/api/sign-out", json={})).json()["data"] == {"signedOut": False}


async def test_a_form_of_the_page_signs_out_and_leads_home(api: Api) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": api.url}
    async with api.member() as client:
        answer = await client.post("/api/sign-out", headers=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await client.get("/")).status_code == 401


async def test_no_form_of_another_site_signs_anybody_out(api: Api) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with api.member() as client:
        for headers, status in ((form, 415), (form | {"Origin": "null"}, 403), ({}, 415)):
            assert (await client.post("/api/sign-out", headers=headers)).status_code == status
        assert (await client.get("/api/diagrams")).status_code == 200


async def test_people_may_do_everything_and_agents_what_their_key_says(api: Api) -> None:
    identify = api.authenticator.identify
    person = await identify(await api.session_headers())
    agent = await identify(await api.key_headers("Robot", frozenset({READ})))
    assert person is not None
    assert (person.author.kind, person.author.id) == ("user", "local")
    assert person.permissions == {FULL_ACCESS}
    assert agent is not None
    assert agent.author == Author("agent", "Robot", "Robot")
    assert agent.permissions == {READ}


async def test_header_names_are_read_in_any_case(api: Api) -> None:
    key = (await api.key_headers())["Authorization"]
    for headers in ({"AUTHORIZATION": key}, {"authorization": key.replace("Bearer", "bEARER  ")}):
        assert await api.authenticator.identify(headers) is not None
    raw = [(b"Cookie", b"a=b"), (b"COOKIE", (await api.session_headers())["Cookie"].encode())]
    assert await api.authenticator.identify(fold_headers(raw)) is not None


async def test_nobody_is_taken_for_somebody_else(api: Api) -> None:
    cookie = await api.session_headers()
    key = (await api.key_headers())["Authorization"]
    name = SESSION_COOKIE
    strangers: list[dict[str, str]] = [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": key[:-1]},
        {"Authorization": f"{key}x"},
        {"Authorization": key.upper()},
        {"Authorization": f"{key}, {key}"},
        {"Authorization": "Bearer " + "x" * 100_000},
        {"Authorization": "Bearer dai_\0_\ud800"},
        {"Authorization": key.replace("Bearer", "Basic")},
        {"Authorization": "Bearer " + cookie["Cookie"].partition("=")[2]},
        {"Cookie": f"{name}="},
        {"Cookie": f"{name}"},
        {"Cookie": f"{name}=wrong"},
        {"Cookie": f"x{cookie['Cookie']}"},
        {"Cookie": f"{name}={key.removeprefix('Bearer ')}"},
        {"Cookie": f"{name}=" + "x" * 100_000},
        {"Cookie": f"{name}=\0\ud800"},
    ]
    for headers in strangers:
        assert await api.authenticator.identify(headers) is None, headers


async def test_a_wrong_key_is_not_made_good_by_a_cookie(api: Api) -> None:
    headers = await api.session_headers() | {"Authorization": "Bearer wrong"}
    assert await api.authenticator.identify(headers) is None


async def test_a_revoked_key_works_no_longer_than_a_second(api: Api) -> None:
    assert CACHE_SECONDS <= 1
    headers = await api.key_headers("Robot")
    assert await api.authenticator.identify(headers) is not None
    revoked_at = trio.current_time()
    assert await api.credentials.revoke("Robot")

    async def is_refused() -> bool:
        return await api.authenticator.identify(headers) is None

    await wait_until(is_refused)
    assert trio.current_time() - revoked_at < CACHE_SECONDS + 1


async def test_the_use_of_a_key_is_noted_once_a_minute(api: Api) -> None:
    agent = await create_agent(api.credentials, "Robot", {READ})
    assert agent.credential.last_used is None
    for _ in range(3):
        await api.authenticator.identify({"Authorization": f"Bearer {agent.key}"})
    (noted,) = await api.credentials.list()
    assert noted.last_used is not None
    assert datetime.now(UTC) - noted.last_used < timedelta(minutes=1)


async def test_verified_secrets_are_remembered_in_bounded_number(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "MAX_CACHED", 3)
    for number in range(6):
        headers = await api.session_headers(f"session {number}")
        assert await api.authenticator.identify(headers) is not None
    assert len(api.authenticator._verified) == 3
    assert not any("session" in known for known in api.authenticator._verified._known)


async def test_a_session_ends_with_its_time(api: Api) -> None:
    expired = datetime.now(UTC) - timedelta(seconds=1)
    await api.sign_in.start_session("old", Person("p", "P"), expired)
    async with httpx2.AsyncClient(base_url=api.url, trust_env=False) as client:
        answer = await client.get("/api/diagrams", headers={"Cookie": f"{SESSION_COOKIE}=old"})
    assert answer.status_code == 401
