"""The editor as browsers get it: its page, its files, and nothing beside them."""

from pathlib import Path

import pytest
import trio

from gateway.api.editor import PAGE_POLICY
from gateway.editor_files import BUILD_COMMAND, load_editor
from persistence.bridge import Bridge
from tests.support.api import Api, serve_api
from tests.support.editor import FILES, PAGE, SCRIPT, THEME, write_editor

SCRIPT_PATH = "/assets/index-Ab_1.js"


@pytest.mark.parametrize("path", ["/", "/d/5b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d01", "/d/nothing"])
async def test_whoever_is_signed_in_gets_the_page_and_others_are_told_how_to_sign_in(
    api: Api, path: str
) -> None:
    async with api.member() as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    async with api.client() as stranger:
        refused = await stranger.get(path)
    assert (refused.status_code, "diagramai sign-in" in refused.text) == (401, True)
    assert PAGE not in refused.content


def test_the_page_may_run_only_what_the_server_itself_serves() -> None:
    rules = dict(rule.split(" ", 1) for rule in PAGE_POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in PAGE_POLICY


async def test_hashed_files_are_kept_for_good_and_the_others_are_asked_for_again(api: Api) -> None:
    async with api.client() as stranger:
        script, theme = await stranger.get(SCRIPT_PATH), await stranger.get("/theme.js")
        font, icon = await stranger.get("/assets/inter-C-d2.woff2"), await stranger.get("/icon.svg")
    assert (script.content, theme.content) == (SCRIPT, THEME)
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert theme.headers["cache-control"] == "no-cache"
    types = [each.headers["content-type"] for each in (script, theme, font, icon)]
    javascript = "text/javascript; charset=utf-8"
    assert types == [javascript, javascript, "font/woff2", "image/svg+xml"]
    assert {each.headers["x-content-type-options"] for each in (script, font)} == {"nosniff"}


async def test_a_file_that_a_browser_has_already_is_not_sent_again(api: Api) -> None:
    async with api.client() as stranger:
        first = await stranger.get("/theme.js")
        known = {"If-None-Match": f'W/"other", {first.headers["etag"]}'}
        again = await stranger.get("/theme.js", headers=known)
        other = await stranger.get("/theme.js", headers={"If-None-Match": 'W/"other"'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (other.status_code, other.content) == (200, THEME)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, gzip;q=0.2", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_the_compressed_twin_goes_to_whoever_takes_it(
    api: Api, accepted: str, encoding: str | None
) -> None:
    async with api.client({"Accept-Encoding": accepted}) as client:
        answer = await client.get(SCRIPT_PATH)
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == SCRIPT
    sent = FILES["assets/index-Ab_1.js.gz"] if encoding else SCRIPT
    assert int(answer.headers["content-length"]) == len(sent)


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/.built-from",
        "/assets/",
        "/assets/index-Ab_1.js.gz",
        "/assets/x.js",
        "/assets/../theme.js",
        "/assets/..%2ftheme.js",
        "/assets/%2e%2e/%2e%2e/editor_files.py",
        "/../editor_files.py",
        "/assets\\index-Ab_1.js",
        "/theme.js%00",
        "/d/",
        "/d/a/b",
    ],
)
async def test_no_path_leads_to_anything_else(api: Api, path: str) -> None:
    """Sent as it stands: clients tidy such paths up before they send them."""
    cookie = (await api.session_headers())["Cookie"]
    host, _, port = api.url.removeprefix("http://").partition(":")
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\n"
    async with await trio.open_tcp_stream(host, int(port)) as stream:
        await stream.send_all(f"{request}Connection: close\r\n\r\n".encode())
        with trio.fail_after(10):
            answer = b"".join([part async for part in stream])
    assert answer.startswith(b"HTTP/1.1 404 "), answer


async def test_without_a_build_the_page_and_the_log_name_the_command(
    bridge: Bridge, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = load_editor(tmp_path / "static")
    assert BUILD_COMMAND in caplog.text
    async with serve_api(bridge, editor=missing) as api, api.member() as client:
        answer = await client.get("/")
        assert (answer.status_code, BUILD_COMMAND in answer.text) == (503, True)
        assert (await client.get("/api/diagrams")).status_code == 200


def test_what_appears_after_the_start_is_not_served(tmp_path: Path) -> None:
    folder = write_editor(tmp_path / "static")
    files = load_editor(folder)
    (folder / "later.js").write_text("late", encoding="utf-8")
    (folder / "index.html").unlink()
    assert files.page is not None
    assert "/later.js" not in files.others
    assert files.others.keys() == {
        "/theme.js",
        "/icon.svg",
        SCRIPT_PATH,
        "/assets/inter-C-d2.woff2",
    }


async def test_the_session_says_who_one_is_and_how_the_server_is_reached(api: Api) -> None:
    async with api.member() as client:
        person = (await client.get("/api/session")).json()["data"]
    assert person["participant"] == {"kind": "user", "id": "local", "name": "Ada <b>Lovelace</b>"}
    assert (person["baseUrl"], person["command"]) == (api.url, "diagramai")
    async with api.client(await api.key_headers("Robot")) as client:
        agent = (await client.get("/api/session")).json()["data"]
    assert agent["participant"] == {"kind": "agent", "id": "Robot", "name": "Robot"}


async def test_a_stranger_has_no_session_and_learns_the_command(api: Api) -> None:
    async with api.client() as stranger:
        answer = await stranger.get("/api/session")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
    assert answer.json()["command"] == "diagramai"
    assert "WWW-Authenticate" in answer.headers
