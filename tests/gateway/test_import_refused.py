"""A corrupt file is refused whole, with a code and the place of what is wrong."""

from typing import Any

import msgspec
import pytest

from actors.limits import MAX_ELEMENTS
from gateway.importing import MAX_IMPORT_BYTES, MAX_IMPORT_DIAGRAMS, ImportRefused, parse_import
from ot.diagram import Json


def refusal(source: Any, name: str = "file.json") -> tuple[str, str]:
    with pytest.raises(ImportRefused) as caught:
        parse_import(source, name)
    assert caught.value.message.endswith(".")
    return caught.value.code, caught.value.at


def nested(depth: int) -> Json:
    value: Json = 0
    for _ in range(depth):
        value = [value]
    return value


A = {"id": "a", "position": {"x": 0, "y": 0}}
POSITION = "invalid_position"
TYPE = "invalid_type"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        (b"", "malformed_json", "line 1, column 1"),
        (b'{"content": {"nodes": [\n  {"id": ]}}', "malformed_json", "line 2, column 10"),
        (b'{"content": {"nodes": []}} trailing', "malformed_json", "line 1, column 28"),
        (b'{"title": "half', "malformed_json", "line 1, column 11"),
        (b'{"title": "a", "title": "b"}', "invalid_json", "title"),
        (
            b'{"content": {"nodes": [{"id": "a"}, {"data": {"k": 1, "k": 2}}]}}',
            "invalid_json",
            "content.nodes[1].data.k",
        ),
        (b'[{"\\ud800": 1, "\\ud800": 2}]', "invalid_json", "[0].\\ud800"),
        (b'{"a": {"b": 1, "b": 2}, ', "invalid_json", ""),
        (b'\xff\xfe{"content": {}}', "not_utf8", ""),
        (b"[" * 100_000, "too_deep", ""),
        (b'{"content": ' + b'{"a":' * 100_000, "too_deep", ""),
        (b'{"content": {"x": ' + b"9" * 5_000 + b"}}", "invalid_number", "line 1, column 19"),
        (
            b'{"title": "\\"'
            + b"9" * 5_000
            + b'",\n "x": ['
            + b"9" * 5_000
            + b".5, -"
            + b"9" * 5_000,
            "invalid_number",
            "line 2, column 5013",
        ),
        (b"42", TYPE, ""),
        (b'"graph TD"', TYPE, ""),
        (b"null", TYPE, ""),
        (b"[1]", "not_a_diagram", "[0]"),
        (b'[{"content": {}}, {"views": 3}]', "not_a_diagram", "[1]"),
        (b'{"d-1": {"content": {}}, "d-2": 3}', "not_a_diagram", "d-2"),
        (b'{"success": true}', "not_a_diagram", "success"),
    ],
)
def test_a_file_that_is_no_json_or_no_diagram_is_refused(text: bytes, code: str, at: str) -> None:
    assert refusal(text) == (code, at)


@pytest.mark.parametrize(
    ("nodes", "code", "at"),
    [
        ({}, TYPE, "nodes"),
        ("[]", TYPE, "nodes"),
        ([A, 7], TYPE, "nodes[1]"),
        ([{"position": {"x": 0, "y": 0}}], "invalid_id", "nodes[0].id"),
        ([{**A, "id": None}], "invalid_id", "nodes[0].id"),
        ([{**A, "id": True}], "invalid_id", "nodes[0].id"),
        ([{**A, "id": ["a"]}], "invalid_id", "nodes[0].id"),
        ([{**A, "id": ""}], "invalid_id", "nodes[0].id"),
        ([{**A, "id": "a\nb"}], "invalid_id", "nodes[0].id"),
        ([{**A, "id": "x" * 129}], "invalid_id", "nodes[0].id"),
        ([{**A, "id": "x" * 1_000_000}], "string_too_long", "nodes[0].id"),
        ([{**A, "id": "a\0"}], "invalid_string", "nodes[0].id"),
        ([A, {**A, "position": [0, 0]}], POSITION, "nodes[1].position"),
        ([{**A, "position": {"x": 0}}], POSITION, "nodes[0].position.y"),
        ([{**A, "position": {"x": "0", "y": 0}}], POSITION, "nodes[0].position.x"),
        ([{**A, "position": {"x": None, "y": 0}}], POSITION, "nodes[0].position.x"),
        ([{**A, "position": {"x": True, "y": 0}}], POSITION, "nodes[0].position.x"),
        ([{**A, "data": {"a": [0, {"b/c": "\0"}]}}], "invalid_string", "nodes[0].data.a[1].b/c"),
        ([{**A, "data": {"label": "\ud800"}}], "invalid_string", "nodes[0].data.label"),
        ([{**A, "data": {"\ud800": 1}}], "invalid_string", "nodes[0].data"),
        ([{**A, "data": nested(40)}], "too_deep", "nodes[0].data" + "[0]" * 31),
        ([{**A, "parentId": {"id": "a"}}], "invalid_id", "nodes[0].parentId"),
        ([{**A, "parentNode": 1.5e300}], "invalid_id", "nodes[0].parentId"),
        ([A] * (MAX_ELEMENTS + 1), "too_many_elements", ""),
    ],
)
def test_corrupt_nodes_are_refused(nodes: Json, code: str, at: str) -> None:
    bare = {"nodes": nodes, "edges": []}
    assert refusal(bare) == (code, at)
    place = f"content.{at}".rstrip(".")
    assert refusal({"content": bare}) == (code, place)
    assert refusal([{"content": {}}, {"content": bare}]) == (code, f"[1].{place}")
    assert refusal({"key one": {"content": bare}}) == (code, f"['key one'].{place}")


def test_a_number_that_python_cannot_read_is_refused_in_plain_words() -> None:
    with pytest.raises(ImportRefused) as caught:
        parse_import(b'{"content": {"x": -' + b"9" * 5_000 + b"}}", "file.json")
    assert caught.value.message == "A number is too large for JSON (line 1, column 20)."
    inner = msgspec.json.encode({"content": "[" + "9" * 5_000 + "]"})
    assert refusal(inner) == ("invalid_number", "content")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_a_number_that_is_none_is_refused(number: bytes) -> None:
    text = b'{"nodes": [{"id": "a", "position": {"x": %b, "y": 0}}]}' % number
    assert refusal(text) == ("invalid_number", "nodes[0].position.x")
    assert refusal(b'{"content": {}, "views": %b}' % number) == ("invalid_number", "views")
    assert refusal(b'{"nodes": [{"id": %b}]}' % number) == ("invalid_number", "nodes[0].id")


@pytest.mark.parametrize(
    ("edges", "code", "at"),
    [
        ({}, TYPE, "edges"),
        ([[]], TYPE, "edges[0]"),
        ([{"id": {}, "source": "a", "target": "a"}], "invalid_id", "edges[0].id"),
        ([{"id": "e", "source": {}, "target": "a"}], "invalid_id", "edges[0].source"),
        ([{"id": "e", "source": "a", "target": "x" * 200}], "invalid_id", "edges[0].target"),
        ([{"id": "e", "source": "a", "target": "a", "l": "\0"}], "invalid_string", "edges[0].l"),
    ],
)
def test_corrupt_edges_are_refused(edges: Json, code: str, at: str) -> None:
    assert refusal({"nodes": [A], "edges": edges}) == (code, at)


@pytest.mark.parametrize(
    ("row", "code", "at"),
    [
        ({"content": 5}, TYPE, "content"),
        ({"content": []}, TYPE, "content"),
        ({"content": "graph TD", "format": "reactflow"}, TYPE, "content"),
        ({"content": '{"nodes": [', "format": "reactflow"}, "malformed_json", "content"),
        ({"content": '{"nodes": {}}'}, TYPE, "content.nodes"),
        ({"content": {"view": nested(40)}}, "too_deep", "content.view" + "[0]" * 31),
        ({"content": {"syntax": 5}, "format": "mermaid"}, TYPE, "content.syntax"),
        ({"content": "a\0b", "format": "mermaid"}, "invalid_string", "content"),
        ({"content": {"syntax": "\udfff"}}, "invalid_string", "content.syntax"),
        ({"content": {}, "format": "excalidraw"}, "unknown_format", "format"),
        ({"content": {}, "format": 1}, TYPE, "format"),
        ({"content": {}, "title": ["T"]}, TYPE, "title"),
        ({"content": {}, "title": "x" * 1_001}, "string_too_long", "title"),
        ({"content": {}, "description": 3}, TYPE, "description"),
        ({"content": {}, "id": {}}, "invalid_id", "id"),
        ({"content": {}, "uuid": "u" * 37}, "invalid_id", "uuid"),
        ({"content": {}, "uuid": "u\n"}, "invalid_id", "uuid"),
        ({"content": {}, "uuid": 5}, TYPE, "uuid"),
        ({"content": {}, "tags": "a,b"}, TYPE, "tags"),
        ({"content": {}, "tags": ["a", None]}, TYPE, "tags[1]"),
        ({"content": {}, "isPublic": "yes"}, TYPE, "isPublic"),
        ({"content": {}, "is_public": 1}, TYPE, "is_public"),
        ({"content": {}, "createdAt": "yesterday"}, "invalid_time", "createdAt"),
        ({"content": {}, "createdAt": "0001-01-01T00:00:00+14:00"}, "invalid_time", "createdAt"),
        ({"content": {}, "updatedAt": 1e300}, "invalid_time", "updatedAt"),
        ({"content": {}, "updatedAt": True}, "invalid_time", "updatedAt"),
        ({"content": {}, "agentMetadata": "{"}, "malformed_json", "agentMetadata"),
        ({"content": {}, "agentMetadata": [1]}, TYPE, "agentMetadata"),
        ({"content": {}, "zeta": {"a": "\0"}}, "invalid_string", "zeta.a"),
    ],
)  # fmt: skip
def test_corrupt_rows_are_refused(row: Json, code: str, at: str) -> None:
    assert refusal(row) == (code, at)


@pytest.mark.parametrize(
    ("first", "second", "code", "at"),
    [
        ({"id": "1"}, {"id": "1"}, "repeated_id", "[1].id"),
        ({"uuid": "u"}, {"uuid": "u"}, "repeated_uuid", "[1].uuid"),
        ({"id": "1"}, {"uuid": "1"}, "repeated_uuid", "[1].uuid"),
        ({"uuid": "1"}, {"id": 1}, "repeated_id", "[1].id"),
    ],
)
def test_an_id_that_names_two_diagrams_is_refused(
    first: Json, second: Json, code: str, at: str
) -> None:
    rows = [{**first, "content": {}}, {**second, "content": {}}]
    assert refusal(rows) == (code, at)
    assert refusal(msgspec.json.encode(rows)) == (code, at)


def test_an_id_may_be_its_own_diagrams_uuid() -> None:
    [imported] = parse_import([{"id": "1", "uuid": "1", "content": {}}], "x.json")
    assert imported.id == imported.uuid == "1"


def test_a_file_beyond_the_bounds_is_refused() -> None:
    assert refusal(b" " * (MAX_IMPORT_BYTES + 1)) == ("file_too_large", "")
    assert refusal([{"content": {}}] * (MAX_IMPORT_DIAGRAMS + 1)) == ("too_many_diagrams", "")


def test_nodes_and_edges_together_are_bounded() -> None:
    edge = {"source": "a", "target": "a"}
    edges = [edge] * (MAX_ELEMENTS - 1)
    full = {"nodes": [A], "edges": edges}
    [imported] = parse_import(full, "x.json")
    assert len(imported.diagram.edges) == MAX_ELEMENTS - 1
    edges.append(edge)
    assert refusal(full) == ("too_many_elements", "")


def test_content_encoded_more_often_than_anyone_has_seen_is_refused() -> None:
    content: Json = {"nodes": []}
    for _ in range(4):
        content = msgspec.json.encode(content).decode()
    assert refusal({"format": "reactflow", "content": content}) == (TYPE, "content")


def test_a_mermaid_file_that_cannot_be_stored_is_refused() -> None:
    assert refusal(b"graph TD\n A[\xff]", "x.mmd") == ("not_utf8", "")
    assert refusal(b"graph\0TD", "x.mmd") == ("invalid_string", "")
    assert refusal(b"x" * 500_001, "x.MERMAID") == ("string_too_long", "")
