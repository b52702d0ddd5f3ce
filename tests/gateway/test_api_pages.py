"""What people see, what every answer carries, and whom the server answers at all."""

import base64
import hashlib
import re

import pytest
import trio

from gateway.api import meta
from persistence.errors import PersistenceError
from tests.support.api import VERSION, Api


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-authorization-server/mcp",
        "/favicon.ico",
        "/static/x",
        "/%2e%2e/etc/passwd",
    ],
)
async def test_what_is_not_there_is_truly_missing(api: Api, path: str) -> None:
    async with api.member() as client:
        answer = await client.get(api.url + path)
        assert (answer.status_code, answer.history) == (404, [])
        assert answer.headers["content-type"].startswith("text/html")


async def test_every_answer_forbids_the_browser_what_it_does_not_need(api: Api) -> None:
    async with api.member() as client:
        for path in ("/", "/sign-in", "/nothing", "/api/health", "/api/diagrams", "/api/nothing"):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none';")
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] in {"no-referrer", "same-origin"}
            assert "server" not in headers
            assert "access-control-allow-origin" not in headers


async def test_the_policy_lets_in_the_style_that_the_page_has(api: Api) -> None:
    async with api.client() as stranger:
        answer = await stranger.get("/")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert " style=" not in answer.text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/health", "/api/diagrams", "/nothing"])
async def test_only_known_hosts_and_origins_are_answered(api: Api, path: str) -> None:
    port = api.url.rpartition(":")[2]
    async with api.member() as client:
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}.", ""):
            answer = await client.get(path, headers={"Host": host})
            assert answer.status_code == 421, host
        for origin in (
            "http://evil.example",
            "null",
            "",
            f"https://127.0.0.1:{port}",
            api.url[:-1],
        ):
            answer = await client.get(path, headers={"Origin": origin})
            assert answer.status_code == 403, origin
        own = await client.get(path, headers={"Origin": api.url.upper()})
        assert own.status_code == (await client.get(path)).status_code


async def test_a_request_without_a_host_is_not_answered(api: Api) -> None:
    host, _, port = api.url.removeprefix("http://").partition(":")
    async with await trio.open_tcp_stream(host, int(port)) as stream:
        await stream.send_all(b"GET /api/health HTTP/1.0\r\n\r\n")
        with trio.fail_after(10):
            answer = b"".join([part async for part in stream])
    assert answer.startswith(b"HTTP/1.1 421 ")


async def test_health_asks_the_database_each_time(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> object:
        raise PersistenceError("unavailable", "Postgres cannot be reached.")

    monkeypatch.setattr(meta, "HEALTH_TIMEOUT_SECONDS", 0.05)
    async with api.client() as stranger:
        well = await stranger.get("/api/health")
        assert (well.status_code, well.json()["data"]["status"]) == (200, "healthy")
        assert well.json()["data"]["version"] == VERSION
        for trouble in (fail, trio.sleep_forever):
            api.check_database = trouble
            unwell = await stranger.get("/api/health")
            assert unwell.status_code == 503
            assert unwell.json()["data"]["status"] == "degraded"
            assert unwell.json()["data"]["services"] == {"database": "error"}
            assert unwell.json()["error"]["code"] == "unavailable"


async def test_the_version_stands_in_the_envelope_and_where_the_earlier_app_had_it(
    api: Api,
) -> None:
    async with api.client() as stranger:
        body = (await stranger.get("/api/version")).json()
    assert (body["data"]["version"], body["version"]) == (VERSION, VERSION)
