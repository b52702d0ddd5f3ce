"""Diagrams out of files, over a socket: rows, React Flow, Mermaid as text and on a canvas."""

from typing import Any

import httpx2
import pytest

from gateway.api import imports
from gateway.api.reading import MAX_INLINE_BYTES
from gateway.engine.pool import WorkerPool
from gateway.identity import EDIT, READ
from gateway.importing import MAX_CANVAS_CHARACTERS, MAX_CANVAS_TEXTS
from tests.support.api import PERSON, Api

FLOW: dict[str, Any] = {
    "nodes": [{"id": "a", "position": {"x": 1, "y": 2}, "data": {"label": "First"}}],
    "edges": [],
}
ROW: dict[str, Any] = {
    "id": "row-1", "title": "Old", "content": FLOW, "format": "reactflow", "tags": ["x"],
}  # fmt: skip
CHART = "---\ntitle: Ordering\n---\nflowchart LR\n  a[Order] --> b{Paid?}\n  b -->|yes| c\n"
MERMAID = {"Content-Type": "text/vnd.mermaid"}
PATH = "/api/diagrams/import"


async def import_text(client: httpx2.AsyncClient, text: str, query: str = "") -> dict[str, Any]:
    """What is said of the one diagram that the text became."""
    answer = await client.post(f"{PATH}?{query}", content=text, headers=MERMAID)
    assert answer.status_code == 201, answer.text
    (found,) = answer.json()["data"]
    assert isinstance(found, dict)
    return found


async def read(client: httpx2.AsyncClient, diagram_id: str) -> dict[str, Any]:
    row: dict[str, Any] = (await client.get(f"/api/diagrams/{diagram_id}")).json()["data"]
    return row


def overlapping(nodes: list[dict[str, Any]]) -> bool:
    places = [(node["position"]["x"], node["position"]["y"]) for node in nodes]
    return any(
        abs(x - u) < 150 and abs(y - v) < 50
        for i, (x, y) in enumerate(places)
        for u, v in places[:i]
    )


async def test_a_row_comes_back_as_it_was(api: Api) -> None:
    async with api.member() as client:
        (found,) = (await client.post(PATH, json=ROW)).json()["data"]
        exported = (await client.get(f"/api/diagrams/{found['id']}/export")).json()
    assert (found["id"], found["title"], found["nodeCount"]) == ("row-1", "Old", 1)
    assert {key: exported[key] for key in ROW} == ROW
    assert exported["userId"] == PERSON.id


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        ([ROW, {**ROW, "id": "row-2", "title": "Two"}], ["Old", "Two"]),
        ({"row-1": ROW}, ["Old"]),
        (FLOW, ["Mine"]),
    ],
)
async def test_lists_maps_and_documents_are_read(api: Api, body: Any, titles: list[str]) -> None:
    async with api.member() as client:
        answer = await client.post(f"{PATH}?title=Mine", json=body)
    assert [each["title"] for each in answer.json()["data"]] == titles


async def test_what_was_mended_is_told_with_each_diagram(api: Api) -> None:
    broken = {"nodes": FLOW["nodes"], "edges": [{"source": "a", "target": "gone"}]}
    async with api.member() as client:
        answer = await client.post(PATH, json=[ROW, {"title": "Broken", "content": broken}])
    whole, mended = answer.json()["data"]
    assert whole["report"] == []
    assert "dropped" in " ".join(mended["report"])


async def test_a_mermaid_text_stays_a_text_unless_a_canvas_is_asked_for(api: Api) -> None:
    async with api.member() as client:
        text = await import_text(client, CHART, "title=Chart")
        canvas = await import_text(client, CHART, "as=canvas")
        assert (text["title"], text["format"], text["nodeCount"]) == ("Chart", "mermaid", 0)
        assert (await read(client, text["id"]))["content"] == CHART
        assert (canvas["title"], canvas["kind"], canvas["nodeCount"]) == (
            "Ordering",
            "flowchart",
            3,
        )
        content = (await read(client, canvas["id"]))["content"]
        exported = await client.get(f"/api/diagrams/{canvas['id']}/export?format=mermaid")
    assert exported.text == CHART
    assert not overlapping(content["nodes"])
    x = {node["id"]: node["position"]["x"] for node in content["nodes"]}
    assert x["a"] < x["b"] < x["c"], "it runs from left to right, as it says"


async def test_a_mindmap_becomes_a_canvas_and_other_kinds_stay_text(api: Api) -> None:
    async with api.member() as client:
        mindmap = await import_text(client, "mindmap\n  root\n    one\n    two\n", "as=canvas")
        sequence = await import_text(client, "sequenceDiagram\n  A->>B: hi\n", "as=canvas")
        row = {"title": "Row", "content": {"syntax": CHART, "theme": "dark"}, "format": "mermaid"}
        (of_row,) = (await client.post(f"{PATH}?as=canvas", json=row)).json()["data"]
        exported = (await client.get(f"/api/diagrams/{of_row['id']}/export")).json()
    assert (mindmap["kind"], mindmap["nodeCount"]) == ("mindmap", 3)
    assert (sequence["kind"], sequence["format"]) == ("mermaid", "mermaid")
    assert "stays text" in sequence["report"][0]
    assert (of_row["title"], of_row["nodeCount"], exported["format"]) == ("Row", 3, "reactflow")
    assert exported["content"]["theme"] == "dark"
    assert len(exported["content"]["nodes"]) == 3


async def test_the_format_can_be_said_beside_the_media_type(api: Api) -> None:
    async with api.member() as client:
        headers = {"Content-Type": "application/json"}
        answer = await client.post(f"{PATH}?format=mermaid", content=CHART, headers=headers)
    assert answer.json()["data"][0]["format"] == "mermaid"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("flowchart TD\n  a[One --> b\n", "mermaid_syntax", "line 3"),
        ("flowchart TD\n  a@{ shape: nonsense }\n", "mermaid_value", "line 2"),
        ("no diagram at all", "mermaid_kind", "line 1"),
    ],
)
async def test_a_text_that_cannot_become_a_canvas_is_refused_with_its_place(
    api: Api, text: str, code: str, at: str
) -> None:
    async with api.member() as client:
        answer = await client.post(f"{PATH}?as=canvas", content=text, headers=MERMAID)
        listed = (await client.get("/api/diagrams")).json()
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code)
    assert error["at"].startswith(at)
    assert listed["pagination"]["total"] == 0


async def test_a_wrong_diagram_among_others_stores_none_of_them(api: Api) -> None:
    bad_text = {"title": "Bad", "content": "flowchart TD\n  a[", "format": "mermaid"}
    bad_kind = {"title": "Long", "content": FLOW, "kind": "x" * 1000}
    bad_node = {"title": "Bad", "content": {"nodes": [{"id": "a", "position": "?"}]}}
    async with api.member() as client:
        for bad, place in ((bad_text, "[1]: line 2"), (bad_kind, "[1]"), (bad_node, "[1].content")):
            answer = await client.post(f"{PATH}?as=canvas", json=[ROW, bad])
            assert answer.status_code == 400
            assert answer.json()["error"]["at"].startswith(place)
        listed = (await client.get("/api/diagrams")).json()
    assert listed["pagination"]["total"] == 0


async def test_importing_twice_is_refused_and_new_ids_make_a_copy(api: Api) -> None:
    async with api.member() as client:
        await client.post(PATH, json=ROW)
        again = await client.post(PATH, json=[{**ROW, "id": "other"}, ROW])
        assert (again.status_code, again.json()["error"]["code"]) == (409, "already_exists")
        assert (await client.get("/api/diagrams/other")).status_code == 404
        copy = await client.post(f"{PATH}?new_ids=true", json=ROW)
    assert copy.json()["data"][0]["id"] != "row-1"


@pytest.mark.parametrize(
    ("query", "media_type", "body", "expected"),
    [
        ("", "text/plain", CHART, (415, "unsupported_media_type", "Content-Type")),
        ("format=pdf", "text/vnd.mermaid", CHART, (400, "invalid", "format")),
        ("as=picture", "text/vnd.mermaid", CHART, (400, "invalid", "as")),
        ("new_ids=1", "text/vnd.mermaid", CHART, (400, "invalid", "new_ids")),
        (f"title={'x' * 1001}", "text/vnd.mermaid", CHART, (400, "invalid", "title")),
        ("format=json", "text/vnd.mermaid", CHART, (400, "malformed_json", "line 1, column 1")),
        ("", "text/vnd.mermaid", b"\xff", (400, "not_utf8", "")),
        ("", "application/json", "[1]", (400, "not_a_diagram", "[0]")),
    ],
)
async def test_a_wrong_request_is_refused_and_the_place_named(
    api: Api, query: str, media_type: str, body: Any, expected: tuple[int, str, str]
) -> None:
    async with api.member() as client:
        headers = {"Content-Type": media_type}
        answer = await client.post(f"{PATH}?{query}", content=body, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("at", "")) == expected


async def test_importing_takes_the_permission_to_create(api: Api) -> None:
    headers = await api.key_headers("reader", frozenset({READ, EDIT}))
    async with api.client(headers) as agent:
        assert (await agent.post(PATH, json=ROW)).status_code == 403
    async with api.client(await api.key_headers("maker")) as agent:
        (found,) = (await agent.post(PATH, json=ROW)).json()["data"]
        assert (await read(agent, found["id"]))["createdByAgent"] is True


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["flowchart LR\n  a --> b"] * (MAX_CANVAS_TEXTS + 1), "too_many_diagrams"),
        (["flowchart LR\n%% " + "x" * (MAX_CANVAS_CHARACTERS // 2)] * 2, "file_too_large"),
    ],
)
async def test_more_texts_than_one_request_may_turn_into_canvases_are_refused_before_any_is(
    api: Api, monkeypatch: pytest.MonkeyPatch, texts: list[str], code: str
) -> None:
    rows = [{"title": "T", "format": "mermaid", "content": text} for text in texts]
    asked = list[object]()
    monkeypatch.setattr(WorkerPool, "run", lambda *given: asked.append(given))
    async with api.member() as client:
        answer = await client.post(f"{PATH}?as=canvas", json=rows)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["at"]) == (400, code, "as")
        assert "diagramai import" in error["message"]
        assert asked == []
        assert len((await client.post(PATH, json=rows)).json()["data"]) == len(rows)


async def test_texts_that_take_too_long_are_given_up_and_nothing_is_stored(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CANVAS_TIMEOUT_SECONDS", 0.0)
    async with api.member() as client:
        answer = await client.post(f"{PATH}?as=canvas", content=CHART, headers=MERMAID)
        assert answer.json()["error"]["code"] == "engine_timeout"
        assert (await client.get("/api/diagrams")).json()["data"] == []


async def test_a_large_file_and_a_large_text_are_read(api: Api) -> None:
    rows = [{**ROW, "id": f"row-{i}", "description": "x" * 1000} for i in range(150)]
    chart = "flowchart TD\n" + "".join(f"  n{i} --> n{i * 7 % 300}\n" for i in range(300))
    async with api.member() as client:
        answer = await client.post(PATH, json=rows)
        assert len(answer.request.content) > MAX_INLINE_BYTES
        assert len(answer.json()["data"]) == 150
        canvas = await import_text(client, chart, "as=canvas")
        assert canvas["nodeCount"] == 300
        assert not overlapping((await read(client, canvas["id"]))["content"]["nodes"])
