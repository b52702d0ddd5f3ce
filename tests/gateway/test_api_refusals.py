"""Odd requests: each is refused with a code and a place, and nothing has changed."""

import json
import logging
from typing import Any

import pytest

from gateway.api.reading import MAX_BODY_BYTES, MAX_INLINE_BYTES
from persistence.errors import PersistenceError
from tests.support.api import Api

JSON = {"Content-Type": "application/json"}
NODE = b'{"title": "t", "content": {"nodes": [{"id": "n", "position": {"x": %s, "y": 0}}]}}'

MALFORMED = [
    (b"", "invalid_json", "byte 0"),
    (b"{", "invalid_json", "byte 1"),
    (b'{"title": "t"} x', "invalid_json", "byte 16"),
    (b'{"title": "\xff"}', "invalid_json", None),
    (b'{"title": "\\ud800"}', "invalid_json", "byte 19"),
    (b"\xef\xbb\xbf{}", "invalid_json", "byte 0"),
    (NODE % b"NaN", "invalid_json", "byte 67"),
    (NODE % b"Infinity", "invalid_json", "byte 67"),
    (NODE % b"1e999", "invalid", "content[...][0][...][...]"),
    (NODE % (b"9" * 400), "invalid_number", "content.nodes[0].position.x"),
    (b'{"title": "t", "content": ' + b"[" * 100_000, "too_deep", None),
    (b'{"title": "t", "title": "u"}', "invalid_json", "title"),
    (b'{"title": "t", "title": "t"}', "invalid_json", "title"),
    (b'{"title": "t", "tags": null, "x": [{}, {"k": 1, "k": 1}]}', "invalid_json", "x[1].k"),
    (
        b'{"title": "t", "content": {"nodes": [{"id": "n", "data": {"l": 1, "l": 2}}]}}',
        "invalid_json",
        "content.nodes[0].data.l",
    ),
    (
        b'{"title": "t", "content": {"z": "' + b"z" * MAX_INLINE_BYTES + b'", "z": 1}}',
        "invalid_json",
        "content.z",
    ),
]
WRONG: list[tuple[Any, str, str | None]] = [
    ([], "invalid", None),
    ("text", "invalid", None),
    ({}, "invalid", None),
    ({"title": ""}, "invalid", "title"),
    ({"title": 1}, "invalid", "title"),
    ({"title": "x" * 1001}, "invalid", "title"),
    ({"title": "a\0b"}, "invalid_string", "title"),
    ({"title": "t", "description": "\0"}, "invalid_string", "description"),
    ({"title": "t", "description": "x" * 500_001}, "string_too_long", "description"),
    ({"title": "t", "tags": "x"}, "invalid", "tags"),
    ({"title": "t", "tags": ["x", 2]}, "invalid", "tags[1]"),
    ({"title": "t", "tags": ["x", "\0"]}, "invalid_string", "tags[1]"),
    ({"title": "t", "tags": ["x"] * 101}, "invalid", "tags"),
    ({"title": "t", "isPublic": "yes"}, "invalid", "isPublic"),
    ({"title": "t", "policy": "mine"}, "invalid", "policy"),
    ({"title": "t", "template": "gantt"}, "invalid", "template"),
    ({"title": "t", "template": "blank", "content": {}}, "invalid", "template"),
    ({"title": "t", "template": "blank", "format": "mermaid"}, "invalid", "template"),
    ({"title": "t", "format": "svg"}, "invalid", "format"),
    ({"title": "t", "content": 5}, "invalid_type", "content"),
    ({"title": "t", "content": "graph", "format": "reactflow"}, "invalid_type", "content"),
    ({"title": "t", "content": {"nodes": []}, "format": "mermaid"}, "invalid", "content"),
    ({"title": "t", "content": {"nodes": "x"}}, "invalid_type", "content.nodes"),
    ({"title": "t", "content": {"nodes": [{}]}}, "invalid_id", "content.nodes[0].id"),
    ({"title": "t", "content": {"nodes": [{"id": "x" * 129}]}}, "invalid_id", None),
    ({"title": "t", "agentMetadata": []}, "invalid", "agentMetadata"),
    ({"title": "t", "agentMetadata": {"k": "\0"}}, "invalid_string", "agentMetadata.k"),
    ({"title": "t", "content": {"edges": [], "\0": 1}}, "invalid_string", "content"),
    (
        {"title": "t", "content": {"nodes": [{"id": str(i)} for i in range(20_001)]}},
        "too_many_elements",
        "content",
    ),
]


def refusal(answer: Any) -> tuple[int, str, str | None]:
    """The status, the code and the place."""
    assert answer.json()["success"] is False
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("at")


async def test_every_body_that_cannot_be_read_is_refused_with_its_place(api: Api) -> None:
    async with api.member() as client:
        for body, code, at in MALFORMED:
            answer = await client.post("/api/diagrams", content=body, headers=JSON)
            assert refusal(answer) == (400, code, at), body[:80]
        for wrong, code, at in WRONG:
            answer = await client.post("/api/diagrams", json=wrong)
            status, found, place = refusal(answer)
            assert (status, found) == (400, code), wrong
            assert at is None or place == at, wrong
        assert (await client.get("/api/diagrams")).json()["pagination"]["total"] == 0


async def test_a_refused_change_leaves_the_diagram_as_it_was(api: Api) -> None:
    async with api.member() as client:
        created = await client.post("/api/diagrams", json={"title": "t", "template": "mindmap"})
        row = created.json()["data"]
        path = f"/api/diagrams/{row['id']}"
        for body, code in (
            ({"title": "", "tags": ["x"]}, "invalid"),
            ({"tags": ["x"], "content": {"nodes": [{"id": ""}]}}, "invalid_id"),
            ({"tags": ["x"], "revision": 99}, "future_revision"),
            ({"tags": ["x"], "revision": -1}, "invalid"),
            ({"tags": ["x"], "revision": True}, "invalid"),
            ({"tags": ["x"], "revision": 2**60}, "invalid"),
        ):
            assert refusal(await client.put(path, json=body))[:2] == (400, code), body
        for header in ("x", '""', '"0", "1"', "-1", '"' + "9" * 20 + '"', '"9007199254740993"'):
            answer = await client.put(path, json={"title": "x"}, headers={"If-Match": header})
            assert refusal(answer) == (400, "invalid", "If-Match"), header
        late = await client.put(path, json={"title": "x", "revision": 99})
        assert refusal(late) == (400, "future_revision", "revision")
        late = await client.put(path, json={"title": "x"}, headers={"If-Match": '"99"'})
        assert refusal(late) == (400, "future_revision", "If-Match")
        late = await client.delete(path, headers={"If-Match": '"99"'})
        assert refusal(late) == (409, "conflict", "If-Match")
        both = await client.put(path, json={"revision": 0}, headers={"If-Match": '"1"'})
        assert refusal(both) == (400, "invalid", "revision")
        assert (await client.get(path)).json()["data"] == row


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=1e1", "limit"),
        ("limit=", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999", "offset"),
        ("page=0", "page"),
        ("page=99999999999", "page"),
        ("page=1&offset=0", "page"),
        ("filter=" + "x" * 201, "filter"),
        ("search=" + "x" * 201, "search"),
    ],
)
async def test_a_bad_query_is_refused_by_its_name(api: Api, query: str, at: str) -> None:
    async with api.member() as client:
        assert refusal(await client.get(f"/api/diagrams?{query}")) == (400, "invalid", at)


@pytest.mark.parametrize("odd", ["%00", "%FF", "%0A", "%20", "..%2F", "x" * 5000, "%F0%9F%92%A9"])
async def test_an_odd_id_names_no_diagram(api: Api, odd: str) -> None:
    async with api.member() as client:
        assert (await client.get(f"/api/diagrams/{odd}")).status_code == 404
        assert (await client.get(f"/api/diagrams?filter={odd[:50]}")).json()["data"] == []


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/diagrams/", "/api/diagrams/a/b", "/api/Health"]
)
async def test_any_other_path_of_the_api_is_told_missing_in_the_envelope(
    api: Api, path: str
) -> None:
    async with api.member() as client:
        for method in ("GET", "POST", "OPTIONS"):
            assert refusal(await client.request(method, path))[:2] == (404, "not_found")


async def test_a_wrong_method_is_told_which_are_right(api: Api) -> None:
    async with api.member() as client:
        for method, path, allowed in (
            ("PATCH", "/api/diagrams/x", "DELETE, GET, HEAD, PUT"),
            ("OPTIONS", "/api/diagrams", "GET, HEAD, POST"),
            ("DELETE", "/api/health", "GET, HEAD"),
            ("GET", "/api/sign-out", "POST"),
        ):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
            assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_a_body_over_the_bound_is_refused_however_it_is_sent(api: Api) -> None:
    async def chunks() -> Any:
        for _ in range(MAX_BODY_BYTES // 65_536 + 16):
            yield b" " * 65_536

    async with api.member() as client:
        whole = await client.post(
            "/api/diagrams", content=b" " * (MAX_BODY_BYTES + 1), headers=JSON
        )
        chunked = await client.post("/api/diagrams", content=chunks(), headers=JSON)
        assert refusal(whole)[:2] == refusal(chunked)[:2] == (413, "too_large")
        body = json.dumps({"title": "t"}).encode().ljust(MAX_BODY_BYTES)
        assert (await client.post("/api/diagrams", content=body, headers=JSON)).status_code == 201


async def test_the_body_must_be_sent_as_json(api: Api) -> None:
    async with api.member() as client:
        for headers in ({}, {"Content-Type": "text/plain"}):
            answer = await client.post("/api/diagrams", content=b"{}", headers=headers)
            assert refusal(answer) == (415, "unsupported_media_type", "Content-Type")


async def test_an_unexpected_error_is_logged_once_and_told_to_nobody(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> object:
        raise RuntimeError("the secret of the database")

    api.check_database = fail
    async with api.client() as client:
        with caplog.at_level(logging.INFO):
            answer = await client.get("/api/health")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    (record,) = [record for record in caplog.records if record.exc_info]
    assert error["requestId"] in record.getMessage()


@pytest.mark.parametrize(
    ("code", "status"),
    [("unavailable", 503), ("outcome_unknown", 503), ("corrupt", 500), ("refused", 500)],
)
async def test_trouble_with_storage_is_told_by_its_kind(
    api: Api, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    async def fail(*_: Any, **__: Any) -> Any:
        raise PersistenceError(code, "A sentence about it.")

    monkeypatch.setattr(api.service, "list_access", fail)
    async with api.member() as client:
        answer = await client.get("/api/diagrams")
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == (code if status == 503 else "internal_error")
    assert answer.headers.get("retry-after") == ("1" if status == 503 else None)
