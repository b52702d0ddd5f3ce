"""Files and pictures of a diagram, over a socket: formats, caching, permissions, and that drawing
holds nobody up."""

import os
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio

from gateway.api.file_names import attachment, file_name
from gateway.api.thumbnails import Thumbnails
from gateway.engine import jobs
from gateway.identity import CREATE, EDIT, READ
from tests.support.api import VERSION, Api
from tests.support.slow_jobs import die, draw_at_gate, held_at

FLOW: dict[str, Any] = {
    "nodes": [
        {"id": "a", "type": "process", "position": {"x": 0, "y": 0}, "data": {"label": "First"}},
        {"id": "b", "position": {"x": 0, "y": 200}, "data": {"label": "<b>&</b>"}},
        {"id": "far", "position": {"x": 9000, "y": 0}, "data": {"label": "Far"}},
    ],
    "edges": [{"id": "e", "source": "a", "target": "b", "label": "goes on"}],
}


async def create(client: httpx2.AsyncClient, **fields: Any) -> str:
    """The path of a new diagram."""
    answer = await client.post("/api/diagrams", json={"title": "Plan", "content": FLOW} | fields)
    assert answer.status_code == 201, answer.text
    return f"/api/diagrams/{answer.json()['data']['id']}"


async def code_of(client: httpx2.AsyncClient, path: str) -> tuple[int, str, str]:
    """Status, code and place of an error."""
    answer = await client.get(path)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("at", "")


async def test_every_format_has_its_media_type_its_file_name_and_its_content(api: Api) -> None:
    async with api.member() as client:
        path = await create(client, title="Plan / B")
        answers = {
            name: await client.get(f"{path}/export?format={name}")
            for name in ("json", "mermaid", "svg", "png")
        }
        row = (await client.get(f"{path}/export")).json()
    types = {name: answer.headers["content-type"] for name, answer in answers.items()}
    assert types == {
        "json": "application/json",
        "mermaid": "text/vnd.mermaid; charset=utf-8",
        "svg": "image/svg+xml",
        "png": "image/png",
    }
    assert {answer.status_code for answer in answers.values()} == {200}
    assert all("attachment" in each.headers["content-disposition"] for each in answers.values())
    assert 'filename="Plan B.mmd"' in answers["mermaid"].headers["content-disposition"]
    assert row == answers["json"].json()
    assert (row["title"], row["content"], row["format"]) == ("Plan / B", FLOW, "reactflow")
    assert answers["mermaid"].text.startswith("flowchart TD")
    assert "&lt;b&gt;" in answers["svg"].text
    assert answers["png"].content.startswith(b"\x89PNG")


async def test_a_picture_that_is_opened_by_itself_may_do_nothing(api: Api) -> None:
    async with api.member() as client:
        answer = await client.get(f"{await create(client)}/export?format=svg")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("flowchart TD\n  a --> b\n", "", ""),
        ("mindmap\n  root\n", "", ""),
        ("flowchart TD\n  a[Not closed\n", "mermaid_syntax", "line 3, column 1"),
        ("sequenceDiagram\n  A->>B: hi\n", "mermaid_kind", ""),
        ("no kind at all", "mermaid_kind", "line 1, column 1"),
    ],
)
async def test_a_text_that_cannot_be_drawn_is_refused_where_that_is_asked_for(
    api: Api, text: str, code: str, at: str
) -> None:
    async with api.member() as client:
        path = await create(client, content=text, format="mermaid")
        card = await client.get(f"{path}/export?format=svg")
        known = {"If-None-Match": card.headers["etag"]}
        strict = await client.get(f"{path}/export?format=svg&strict=true", headers=known)
    assert card.status_code == 200
    if not code:
        assert (strict.status_code, strict.text) == (200, card.text)
        return
    error = strict.json()["error"]
    assert (strict.status_code, error["code"], error.get("at", "")) == (400, code, at)


@pytest.mark.parametrize("query", ["export?format=mermaid", "export?format=svg", "export"])
async def test_what_has_not_changed_is_not_sent_again(api: Api, query: str) -> None:
    async with api.member() as client:
        path = await create(client)
        first = await client.get(f"{path}/{query}")
        known = {"If-None-Match": first.headers["etag"]}
        again = await client.get(f"{path}/{query}", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        await client.put(path, json={"title": "Other"})
        changed = await client.get(f"{path}/{query}", headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_row_is_sent_again_when_only_what_stands_beside_the_diagram_changed(
    api: Api,
) -> None:
    async with api.member() as client:
        path = await create(client)
        known = {"If-None-Match": (await client.get(f"{path}/export")).headers["etag"]}
        await client.put(path, json={"tags": ["new"]})
        changed = await client.get(f"{path}/export", headers=known)
    assert changed.json()["tags"] == ["new"]


async def test_the_etag_of_mermaid_has_the_revision_that_a_change_can_be_based_on(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        read = await client.get(f"{path}/export?format=mermaid")
        headers = {"If-Match": read.headers["etag"], "Content-Type": "text/vnd.mermaid"}
        answer = await client.put(f"{path}/mermaid", content=read.content, headers=headers)
    assert (answer.status_code, answer.json()["data"]["revision"]) == (200, 0)
    # Another version may write the text otherwise.
    assert read.headers["etag"] == f'"0-{VERSION}"'


async def test_a_picture_shows_the_part_that_was_asked_for(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        whole = (await client.get(f"{path}/export?format=svg")).text
        around = (await client.get(f"{path}/export?format=svg&around=a&hops=1")).text
        region = (await client.get(f"{path}/export?format=svg&region=-10,-10,300,100")).text
        dark = (await client.get(f"{path}/export?format=svg&theme=dark&max_side=64")).text
    assert "Far" in whole
    assert "Far" not in around
    assert "First" in around
    assert 'viewBox="-10 -10 300 100"' in region
    assert 'width="64"' in dark


async def test_what_changed_since_a_revision_is_marked(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        content = {**FLOW, "nodes": FLOW["nodes"][:2]}
        await client.put(path, json={"content": content})
        marked = (await client.get(f"{path}/export?format=svg&since=0")).text
        unmarked = (await client.get(f"{path}/export?format=svg&since=1")).text
        wrong = await code_of(client, f"{path}/export?format=svg&since=2")
    assert "1 removed" in marked
    assert "Nothing changed" in unmarked
    assert wrong == (400, "future_revision", "since")


@pytest.mark.parametrize(
    ("query", "code", "at"),
    [
        ("format=pdf", "invalid", "format"),
        ("format=svg&theme=pink", "invalid", "theme"),
        ("format=svg&max_side=9999999", "invalid", "max_side"),
        ("format=svg&region=1,2,3", "invalid", "region"),
        ("format=svg&region=0,0,0,0", "invalid", "region"),
        ("format=svg&region=0,0,1e9,1", "invalid", "region"),
        ("format=svg&region=0,0,9,9&around=a", "invalid", "region"),
        ("format=svg&around=nobody", "unknown_node", "around"),
        ("format=svg&around=a&hops=99", "invalid", "hops"),
        ("format=svg&since=x", "invalid", "since"),
        ("format=svg&background=url(x)", "invalid", "background"),
    ],
)
async def test_a_wrong_option_is_named(api: Api, query: str, code: str, at: str) -> None:
    async with api.member() as client:
        path = await create(client)
        assert await code_of(client, f"{path}/export?{query}") == (400, code, at)


async def test_a_text_is_drawn_as_what_it_means(api: Api) -> None:
    async with api.member() as client:
        path = await create(client, content="flowchart LR\n a[One] --> b[Two]", format="mermaid")
        drawn = (await client.get(f"{path}/export?format=svg")).text
        unfinished = await create(client, content="flowchart LR\n a[One --> ", format="mermaid")
        card = (await client.get(f"{unfinished}/export?format=svg")).text
    assert 'data-element="node" data-id="a"' in drawn
    assert "flowchart LR" in card


async def test_files_are_for_those_who_may_read(api: Api) -> None:
    async with api.member() as client:
        path = await create(client, agentAccessible=False)
    for query in ("export", "export?format=svg", "thumbnail", "check"):
        async with api.client() as stranger:
            assert (await stranger.get(f"{path}/{query}")).status_code == 401
        async with api.client(await api.key_headers(f"reads {query}", frozenset({READ}))) as agent:
            assert (await agent.get(f"{path}/{query}")).status_code == 404
        writer = await api.key_headers(f"writes {query}", frozenset({CREATE, EDIT}))
        async with api.client(writer) as agent:
            made = await create(agent)
            assert (await agent.get(f"{made}/{query}")).status_code == 403


async def test_a_thumbnail_is_drawn_once_for_each_revision_and_theme(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with api.member() as client:
        path = await create(client)
        light = await client.get(f"{path}/thumbnail")
        dark = await client.get(f"{path}/thumbnail?theme=dark")
        assert light.content.startswith(b"\x89PNG")
        assert light.content != dark.content
        known = {"If-None-Match": light.headers["etag"]}
        monkeypatch.setattr(jobs, "draw_png", die)
        assert (await client.get(f"{path}/thumbnail")).content == light.content
        assert (await client.get(f"{path}/thumbnail", headers=known)).status_code == 304
        await client.put(path, json={"title": "Other"})
        assert await code_of(client, f"{path}/thumbnail") == (503, "engine_failed", "")
        monkeypatch.undo()
        assert (await client.get(f"{path}/thumbnail", headers=known)).status_code == 200


async def test_a_picture_under_way_holds_nobody_up(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gate, answered = tmp_path / "gate", list[str]()
    os.mkfifo(gate)
    monkeypatch.setattr(jobs, "draw_png", draw_at_gate)
    async with api.member() as client:
        path = await create(client, title=str(gate))

        async def draw() -> None:
            picture = await client.get(f"{path}/export?format=png")
            answered.append(picture.text)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(draw)
            async with held_at(gate):
                for other in ("/api/health", path, f"{path}/export?format=svg", f"{path}/check"):
                    assert (await client.get(other)).status_code == 200
                    answered.append(other)
                assert (await client.put(path, json={"tags": ["x"]})).status_code == 200
                assert "done" not in answered
    assert answered[-1] == "done"


async def test_a_large_diagram_is_drawn_in_every_format(api: Api) -> None:
    nodes = [
        {"id": f"n{i}", "position": {"x": i % 40 * 200, "y": i // 40 * 100}, "data": {"label": "x"}}
        for i in range(800)
    ]
    edges = [{"id": f"e{i}", "source": f"n{i}", "target": f"n{i + 1}"} for i in range(799)]
    async with api.member() as client:
        path = await create(client, content={"nodes": nodes, "edges": edges})
        for name in ("mermaid", "svg", "png"):
            answer = await client.get(f"{path}/export?format={name}")
            assert answer.status_code == 200, answer.text
        found = (await client.get(f"{path}/check")).json()["data"]
    assert found["revision"] == 0


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plan", "Plan.svg"),
        ("../../etc/passwd", "etc passwd.svg"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie x.svg"),
        ("..", "diagram.svg"),
        ("", "diagram.svg"),
        (".hidden", "hidden.svg"),
        ("Überblick 图", "Überblick 图.svg"),
        ("invoice\u202egvs.exe", "invoice gvs.exe.svg"),
        ("x" * 500, "x" * 80 + ".svg"),
    ],
)
def test_a_title_becomes_a_safe_file_name(title: str, name: str) -> None:
    assert file_name(title, "svg") == name
    header = attachment(title, "svg")
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


def test_thumbnails_are_forgotten_by_number_and_by_bytes() -> None:
    kept = Thumbnails(max_count=2, max_bytes=10)
    a, b, c = (("id", revision, "light") for revision in range(3))
    kept.put(a, b"1234")
    kept.put(b, b"1234")
    assert kept.get(a) == b"1234"
    kept.put(c, b"12")
    assert (kept.get(a), kept.get(b), kept.get(c)) == (b"1234", None, b"12")
    kept.put(b, b"123456789")
    assert (kept.get(a), kept.get(c), kept.get(b)) == (None, None, b"123456789")
    kept.put(b, b"12345678901")
    assert kept.get(b) is None
    kept.put(a, b"1234567890")
    assert kept.get(a) == b"1234567890"
