"""What the earlier app stored comes in whole; whatever is changed stands in the report."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from gateway.api.reading import MAX_BODY_BYTES
from gateway.importing import ImportedDiagram, ImportRefused, parse_import
from gateway.react_flow import elements_to_react_flow, react_flow_to_elements
from ot.diagram import Diagram, Json


def test_the_import_dialog_takes_what_the_server_takes_and_its_bounds_are_documented() -> None:
    root = Path(__file__).parents[2]
    limits = (root / "docs" / "limits.md").read_text("utf-8")
    files = (root / "editor/src/app/start/importing/files.ts").read_text("utf-8")
    engine = (root / "editor/src/app/api/engine.ts").read_text("utf-8")
    assert f"MAX_IMPORT_BYTES = {MAX_BODY_BYTES // 1024**2} * 1024 * 1024;" in engine
    (most,) = re.findall(r"MAX_FILES = (\d+);", files)
    assert f"takes {most} files in one go" in limits


def node(identifier: Json, **fields: Json) -> dict[str, Json]:
    return {"id": identifier, "position": {"x": 1, "y": 2}, "data": {}, **fields}


def edge(identifier: Json, source: Json, target: Json, **fields: Json) -> dict[str, Json]:
    return {"id": identifier, "source": source, "target": target, **fields}


def import_one(source: Any, name: str = "file.json") -> ImportedDiagram:
    raw = source if isinstance(source, bytes) else msgspec.json.encode(source)
    [imported] = parse_import(raw, name)
    return imported


def test_a_repeated_node_id_stays_with_the_first_and_the_later_one_is_renamed() -> None:
    nodes, edges, report = react_flow_to_elements(
        [node("a", n=1), node("a", n=2), node("a-2", n=3), node("a", n=4)],
        [edge("e", "a", "a-2")],
        "",
    )
    assert {i: element["n"] for i, element in nodes.items()} == {
        "a": 1,
        "a-3": 2,
        "a-2": 3,
        "a-4": 4,
    }
    assert edges == {"e": {"source": "a", "target": "a-2"}}
    assert report == [
        "the node id 'a' was repeated; the later one is now 'a-3'",
        "the node id 'a' was repeated; the later one is now 'a-4'",
    ]


def test_a_renamed_id_of_full_length_stays_within_the_bound() -> None:
    longest = "x" * 128
    nodes, _, _ = react_flow_to_elements([node(longest), node(longest)], [], "")
    assert list(nodes) == [longest, "x" * 126 + "-2"]


def test_a_repeated_edge_id_is_renamed() -> None:
    _, edges, report = react_flow_to_elements(
        [node("a"), node("b")], [edge("e", "a", "b", n=1), edge("e", "b", "a", n=2)], ""
    )
    assert edges == {
        "e": {"source": "a", "target": "b", "n": 1},
        "e-2": {"source": "b", "target": "a", "n": 2},
    }
    assert report == ["the edge id 'e' was repeated; the later one is now 'e-2'"]


def test_an_edge_to_nowhere_is_dropped_and_reported_with_its_whole_content() -> None:
    _, edges, report = react_flow_to_elements(
        [node("a")], [edge("e", "a", "ghost", label="Yes"), {"id": "f", "target": "a"}], ""
    )
    assert edges == {}
    assert report == [
        "an edge was dropped, its target is missing: "
        '{"id":"e","source":"a","target":"ghost","label":"Yes"}',
        'an edge was dropped, its source is missing: {"id":"f","target":"a"}',
    ]


def test_an_edge_without_an_id_gets_one() -> None:
    _, edges, report = react_flow_to_elements(
        [node("a")],
        [{"source": "a", "target": "a"}, {"id": None, "source": "a", "target": "a"}],
        "",
    )
    assert list(edges) == ["a-a-2", "a-a-3"]
    assert len(report) == 2


def test_a_missing_parent_is_taken_off() -> None:
    nodes, _, report = react_flow_to_elements([node("a", parentId="ghost")], [], "")
    assert "parentId" not in nodes["a"]
    assert report == ["the parent 'ghost' of node 'a' is missing; it has none now"]


def test_nodes_inside_each_other_are_opened_at_one_place() -> None:
    nodes, _, report = react_flow_to_elements(
        [node("a", parentId="b"), node("b", parentId="c"), node("c", parentId="b"),
         node("d", parentId="d")],
        [],
        "",
    )  # fmt: skip
    assert [nodes[i].get("parentId") for i in "abcd"] == ["b", "c", None, None]
    assert len(report) == 2


def test_the_parent_key_of_react_flow_11_becomes_that_of_12() -> None:
    nodes, _, report = react_flow_to_elements(
        [node("a"), node("b", parentNode="a"), node("c", parentNode="a", parentId="b")], [], ""
    )
    assert [nodes[i].get("parentId") for i in "abc"] == [None, "a", "b"]
    assert report == [
        "'parentNode' 'a' was dropped beside 'parentId' 'b' (at nodes[2])",
        "'parentNode' (React Flow 11) became 'parentId' (1 times)",
    ]


def test_runtime_fields_are_removed_and_counted() -> None:
    nodes, edges, report = react_flow_to_elements(
        [node("a", selected=True, dragging=False), node("b", selected=False)],
        [edge("e", "a", "b", selected=True)],
        "",
    )
    assert nodes["a"] == nodes["b"] == {"position": {"x": 1, "y": 2}, "data": {}}
    assert edges == {"e": {"source": "a", "target": "b"}}
    assert report == [
        "the runtime field 'dragging' was removed from nodes (1 times)",
        "the runtime field 'selected' was removed from nodes (2 times)",
        "the runtime field 'selected' was removed from edges (1 times)",
    ]


def test_what_was_measured_is_kept_as_a_hint_where_no_size_is_stored() -> None:
    measured = {"width": 150, "height": 40.5}
    nodes, _, _ = react_flow_to_elements(
        [
            node("a", measured=measured),
            node("b", measured=measured, width=99),
            node("c", measured=measured, initialHeight=99),
            node("d", measured={"width": None}),
        ],
        [],
        "",
    )
    size_keys = ("width", "height", "initialWidth", "initialHeight", "measured")
    assert [{key: nodes[i][key] for key in size_keys if key in nodes[i]} for i in "abcd"] == [
        {"initialWidth": 150, "initialHeight": 40.5},
        {"width": 99},
        {"initialHeight": 99},
        {},
    ]


def test_nodes_without_a_position_are_placed_below_each_other() -> None:
    nodes, _, report = react_flow_to_elements([{"id": "a"}, {"id": "b", "position": None}], [], "")
    assert [n["position"] for n in nodes.values()] == [{"x": 0, "y": 0}, {"x": 0, "y": 100}]
    assert report == ["a node without a position was placed below the one before (2 times)"]


def test_ids_that_are_numbers_become_text_wherever_they_are_used() -> None:
    nodes, edges, report = react_flow_to_elements(
        [node(1), node(2.0, parentId=1)], [edge(7, 1, 2)], ""
    )
    assert list(nodes) == ["1", "2"]
    assert nodes["2"]["parentId"] == "1"
    assert edges == {"7": {"source": "1", "target": "2"}}
    assert report == ["an id that was a number became text (6 times)"]


def test_null_handles_unknown_types_and_unknown_keys_are_untouched() -> None:
    given = edge("e", "a", "a", sourceHandle=None, targetHandle=None, zeta=[{"deep": None}])
    nodes, edges, report = react_flow_to_elements(
        [node("a", type="never-heard-of-it", omega={"1": [1, 1.0, True]})], [given], ""
    )
    assert nodes["a"]["type"] == "never-heard-of-it"
    assert nodes["a"]["omega"] == {"1": [1, 1.0, True]}
    assert edges["e"] == {key: value for key, value in given.items() if key != "id"}
    assert report == []


def test_a_bare_document_is_named_after_its_file_and_keeps_its_viewport() -> None:
    imported = import_one({"nodes": [node("a")], "viewport": {"zoom": 2}}, "dir/Plan B.json")
    assert imported.diagram.title == "Plan B"
    assert imported.diagram.data == {"viewport": {"zoom": 2}}
    assert imported.diagram.edges == {}
    assert imported.id is None


def test_a_mermaid_file_is_kept_to_the_letter() -> None:
    text = "\ufeffgraph TD\r\n  A -->\n\n"
    imported = import_one(text.encode(), "broken.mmd")
    assert imported.diagram.kind == "mermaid"
    assert imported.diagram.title == "broken"
    assert imported.diagram.data == {"text": text}


@pytest.mark.parametrize("name", ["chart.txt", "chart", "chart.md"])
def test_where_the_ending_does_not_tell_a_text_that_begins_like_json_is_json(name: str) -> None:
    assert import_one(b'\xef\xbb\xbf \n{"nodes": []}', name).diagram.kind != "mermaid"
    for text in ("flowchart LR\n A[{}] --> B\n", "%%{init: {}}%%\ngraph TD\n A", ""):
        imported = import_one(text.encode(), name)
        assert (imported.diagram.kind, imported.diagram.data) == ("mermaid", {"text": text})
    with pytest.raises(ImportRefused) as caught:
        import_one(b'{"nodes": [', name)
    assert caught.value.code == "malformed_json"


def test_keys_of_the_database_are_understood_like_those_of_the_api() -> None:
    row = {
        "id": UUID(int=1),
        "uuid": UUID(int=2),
        "user_id": UUID(int=3),
        "title": "T",
        "description": None,
        "content": {"nodes": [], "edges": []},
        "format": "react_flow",
        "content_hash": "abc",
        "tags": ["x"],
        "is_public": True,
        "agent_accessible": False,
        "agent_metadata": '{"model": "m"}',
        "view_count": 7,
        "created_at": datetime(2025, 5, 30, 9),
        "updated_at": datetime(2025, 5, 30, 9, 34, tzinfo=UTC),
        "last_accessed_at": datetime(2025, 5, 31, tzinfo=UTC),
    }
    [imported] = parse_import([row], "database")
    assert imported.id == str(UUID(int=1))
    assert imported.uuid == str(UUID(int=2))
    assert imported.user_id == str(UUID(int=3))
    assert (imported.is_public, imported.agent_accessible) == (True, False)
    assert imported.agent_metadata == {"model": "m"}
    assert imported.created_at == datetime(2025, 5, 30, 9, tzinfo=UTC)
    assert imported.updated_at == datetime(2025, 5, 30, 9, 34, tzinfo=UTC)
    unknown = {key: value for key, value in imported.extra.items() if not key.startswith("_")}
    assert unknown == {
        "content_hash": "abc",
        "view_count": 7,
        "last_accessed_at": "2025-05-31T00:00:00.000Z",
    }


@pytest.mark.parametrize("times", [1, 2, 3])
def test_content_that_was_encoded_more_than_once_is_opened(times: int) -> None:
    content: Json = {"nodes": [node("a")], "edges": []}
    for _ in range(times):
        content = msgspec.json.encode(content).decode()
    imported = import_one({"title": "T", "content": content, "format": "reactflow"})
    assert list(imported.diagram.nodes) == ["a"]


@pytest.mark.parametrize(
    ("content", "data"),
    [
        ("graph TD", {"text": "graph TD"}),
        ({"syntax": "x"}, {"text": "x", "contentKey": "syntax"}),
        ({"mermaidSyntax": "x"}, {"text": "x", "contentKey": "mermaidSyntax"}),
        ({"content": "x", "theme": 1}, {"text": "x", "contentKey": "content", "theme": 1}),
        ({"syntax": "x", "content": "y"}, {"text": "x", "contentKey": "syntax", "content": "y"}),
        ('{"syntax": "x"}', {"text": "x", "contentKey": "syntax"}),
        ('{broken', {"text": "{broken"}),
        ({}, {"text": "", "contentKey": "syntax"}),
        (None, {"text": ""}),
    ],
)  # fmt: skip
def test_mermaid_text_is_found_wherever_it_was_kept(content: Json, data: Json) -> None:
    imported = import_one({"title": "T", "format": "mermaid", "content": content})
    assert imported.diagram.kind == "mermaid"
    assert imported.diagram.data == data


def test_what_the_content_is_outweighs_what_the_format_says() -> None:
    flow = import_one({"format": "mermaid", "content": {"nodes": [node("a")]}})
    text = import_one({"format": "reactflow", "content": {"syntax": "graph TD"}})
    assert (list(flow.diagram.nodes), text.diagram.data["text"]) == (["a"], "graph TD")
    assert flow.report == ["the format said mermaid, but the content is reactflow"]
    assert text.report == ["the format said reactflow, but the content is mermaid"]


def test_a_browser_storage_map_gives_its_keys_to_rows_without_an_id() -> None:
    row = {"title": "T", "content": {"nodes": []}}
    imported = parse_import({"k 1": row, "k2": {**row, "id": "own"}}, "storage.json")
    assert [diagram.id for diagram in imported] == ["k 1", "own"]


def test_a_byte_order_mark_before_json_is_no_error() -> None:
    assert import_one(b'\xef\xbb\xbf{"nodes": []}').diagram.nodes == {}


def test_a_time_without_a_zone_is_utc_wherever_the_server_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        row = {"content": {}, "createdAt": "2025-05-30 09:00:00", "updatedAt": datetime(2025, 6, 1)}
        [imported] = parse_import([row], "x.json")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert imported.created_at == datetime(2025, 5, 30, 9, tzinfo=UTC)
    assert imported.updated_at == datetime(2025, 6, 1, tzinfo=UTC)


def test_parents_may_be_as_deep_as_a_diagram_is_large() -> None:
    count = 20_000
    chain = [node(str(i), parentId=str(i + 1)) for i in range(count - 1)]
    nodes, _, report = react_flow_to_elements([*chain, node(str(count - 1))], [], "")
    assert report == []
    listed, _ = elements_to_react_flow(Diagram(nodes=nodes))
    assert [item["id"] for item in listed] == [str(i) for i in reversed(range(count))]


def test_an_empty_list_or_map_holds_no_diagrams() -> None:
    assert parse_import(b"[]", "x.json") == parse_import(b"{}", "x.json") == []


def test_a_document_of_the_largest_size_with_one_id_everywhere_is_still_quick() -> None:
    nodes, _, report = react_flow_to_elements([node("a") for _ in range(20_000)], [], "")
    assert len(nodes) == 20_000
    assert len(report) == 19_999
