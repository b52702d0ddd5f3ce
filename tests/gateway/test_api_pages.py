"""What people see, what every answer carries, and whom the server answers at all."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
import trio

from gateway.api import meta
from gateway.api.home import PAGE_LENGTH
from persistence.errors import PersistenceError
from tests.support.api import VERSION, Api

EVIL = '"><script>alert(1)</script>{title}&amp;'


class Tags(HTMLParser):
    """The tags of a page in their order, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


async def test_the_start_page_lists_diagrams_and_tells_how_an_agent_connects(api: Api) -> None:
    async with api.member() as client:
        await client.post("/api/diagrams", json={"title": "Plan", "template": "mindmap"})
        answer = await client.get("/")
        assert answer.status_code == 200
        tags = Tags(answer.text)
        (link,) = [a for a in tags.named("a") if a.get("aria-label") == "Plan as JSON"]
        assert (await client.get(link["href"] or "")).json()["data"]["title"] == "Plan"
    assert "4 nodes · 3 edges" in answer.text
    assert f"{api.url}/mcp" in answer.text
    assert "agents create my-agent" in answer.text
    assert tags.named("html") == [{"lang": "en"}]
    assert any(m.get("name") == "viewport" for m in tags.named("meta"))
    assert [len(tags.named(tag)) for tag in ("h1", "main", "title")] == [1, 1, 1]


async def test_what_people_have_written_is_never_markup(api: Api) -> None:
    async with api.member() as client:
        await client.post("/api/diagrams", json={"title": EVIL})
        text = (await client.get("/")).text
    assert "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{title}&amp;amp;" in text
    assert "Ada &lt;b&gt;Lovelace" in text
    assert Tags(text).named("script") == Tags(text).named("b") == []


async def test_a_long_list_has_pages(api: Api) -> None:
    async with api.member() as client:
        for number in range(PAGE_LENGTH + 1):
            await client.post("/api/diagrams", json={"title": f"Diagram {number}"})
        first, second = (await client.get("/")).text, (await client.get("/?page=2")).text
        assert (await client.get("/?page=x")).status_code == 400
    assert ("/?page=2" in first, "Diagram 0" in first) == (True, False)
    assert ("/?page=1" in second, "/?page=3" in second, "Diagram 0" in second) == (
        True, False, True,
    )  # fmt: skip


async def test_without_diagrams_the_start_page_says_where_they_come_from(api: Api) -> None:
    async with api.member() as client:
        assert "diagramai import" in (await client.get("/")).text


async def test_a_stranger_is_told_how_to_sign_in(api: Api) -> None:
    async with api.client() as client:
        answer = await client.get("/")
    assert (answer.status_code, "diagramai sign-in" in answer.text) == (401, True)


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
    async with api.member() as client:
        answer = await client.get("/")
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
