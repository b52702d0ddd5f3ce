"""What was imported is exported as it came; what was made here has the earlier app's shape."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exporting import elements_to_react_flow, export_content, export_row
from gateway.importing import ImportedDiagram, parse_import, react_flow_to_elements
from ot.diagram import RESERVED_ELEMENT_KEYS, Diagram, Json, json_equal

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples"
ROW_FILES = sorted(SAMPLES.glob("*.json"))
MERMAID_FILES = sorted((SAMPLES / "mermaid").glob("*.mmd"))


def rows_of(parsed: Json) -> list[Json]:
    if isinstance(parsed, list):
        return parsed
    return [parsed] if "content" in parsed else list(parsed.values())


def exported(imported: ImportedDiagram) -> Json:
    """The row as whoever reads the file sees it: through JSON."""
    return json.loads(json.dumps(export_row(imported, imported.diagram)))


def test_the_samples_are_all_here() -> None:
    assert (len(ROW_FILES), len(MERMAID_FILES)) == (5, 25)


@pytest.mark.parametrize("path", ROW_FILES, ids=lambda path: path.stem)
def test_every_sample_comes_back_as_it_was(path: Path) -> None:
    raw = path.read_bytes()
    rows = rows_of(json.loads(raw))
    diagrams = parse_import(raw, path.name)
    assert len(diagrams) == len(rows) > 0
    for imported, row in zip(diagrams, rows, strict=True):
        assert imported.report == []
        assert json_equal(exported(imported), row)


@pytest.mark.parametrize("path", MERMAID_FILES, ids=lambda path: path.stem)
def test_every_mermaid_sample_is_kept_to_the_letter(path: Path) -> None:
    [imported] = parse_import(path.read_bytes(), path.name)
    row = exported(imported)
    assert row["content"].encode() == path.read_bytes()
    assert (row["format"], row["title"], imported.report) == ("mermaid", path.stem, [])


CONTENTS: list[Json] = [
    "graph TD",
    {"syntax": "graph TD", "theme": "dark"},
    {"syntax": "a", "text": "b", "contentKey": "c"},
    {"text": "graph TD"},
    {"content": None},
    {},
    None,
    '{"syntax": "graph TD"}',
    '"graph TD"',
    '{"broken": ',
]


@pytest.mark.parametrize("content", CONTENTS)
def test_mermaid_content_comes_back_in_its_own_shape(content: Json) -> None:
    row = {"title": "T", "content": content, "format": "mermaid"}
    [imported] = parse_import([row], "x.json")
    back = exported(imported)
    if isinstance(content, str) and content[0] in '{"' and not content.startswith('{"broken'):
        back["content"], row["content"] = json.loads(back["content"]), json.loads(content)
    assert json_equal(back, row)


@pytest.mark.parametrize(
    "row",
    [
        {"content": None},
        {"title": "without content"},
        {"content": {}, "title": None, "description": None, "tags": None, "isPublic": None},
        {"content": {}, "uuid": None, "userId": None, "agentMetadata": None, "createdAt": None},
        {"content": {"nodes": None, "viewport": None}},
        {"content": {"edges": []}, "format": "react_flow"},
        {"content": {}, "kind": "mindmap"},
        {"content": {}, "kind": "flowchart", "format": None},
        {"content": {}, "kind": {"not": "ours"}},
        {"content": {}, "createdAt": "2025-05-30T11:00:00+02:00", "updatedAt": 1748595600000},
        {"content": {}, "createdAt": "2025-05-30", "updatedAt": "2025-05-30T09:34:00.000349Z"},
        {"content": {}, "id": 17, "format": "mermaid"},
        {"content": {"syntax": "x"}, "format": "ReactFlow"},
        {"content": {}, "isPublic": True, "is_public": False},
    ],
)  # fmt: skip
def test_what_is_missing_null_or_written_otherwise_comes_back_so(row: Json) -> None:
    [imported] = parse_import([row], "x.json")
    assert json_equal(exported(imported), row)


def test_a_shape_that_a_row_brings_along_is_not_believed() -> None:
    row = {"content": {}, "title": "T", "_row_shape": {"absent": {"title": "T"}}}
    [imported] = parse_import([row], "x.json")
    assert imported.report == [
        'the key \'_row_shape\' is reserved and was dropped: {"absent":{"title":"T"}}'
    ]
    assert exported(imported) == {"content": {}, "title": "T"}


def test_what_was_changed_after_the_import_is_exported_changed() -> None:
    row = {"content": {"edges": None}, "format": "react_flow", "createdAt": "2025-05-30"}
    [imported] = parse_import([row], "x.json")
    imported.tags = ["new"]
    imported.created_at = datetime(2026, 1, 2, tzinfo=UTC)
    diagram = imported.diagram
    diagram.title = "New"
    diagram.nodes["a"] = {"position": {"x": 0, "y": 0}}
    diagram.edges["e"] = {"source": "a", "target": "a"}
    assert export_row(imported, diagram) == {
        "title": "New",
        "content": {
            "nodes": [{"id": "a", "position": {"x": 0, "y": 0}}],
            "edges": [{"id": "e", "source": "a", "target": "a"}],
        },
        "format": "react_flow",
        "tags": ["new"],
        "createdAt": "2026-01-02T00:00:00.000Z",
    }


def test_times_finer_than_a_millisecond_and_a_new_kind_are_exported() -> None:
    [imported] = parse_import([{"content": {}, "kind": "flowchart"}], "x.json")
    imported.updated_at = datetime(2026, 1, 2, microsecond=1, tzinfo=UTC)
    imported.diagram.kind = "mindmap"
    row = export_row(imported, imported.diagram)
    assert (row["updatedAt"], row["kind"]) == ("2026-01-02T00:00:00.000001Z", "mindmap")


def test_a_mermaid_text_made_here_is_bare_unless_it_carries_more() -> None:
    bare = Diagram(kind="mermaid", data={"text": "graph TD"})
    more = Diagram(kind="mermaid", data={"text": "graph TD", "theme": "dark"})
    assert export_content(bare) == "graph TD"
    assert export_content(more) == {"content": "graph TD", "theme": "dark"}


def test_a_diagram_made_here_has_the_whole_row() -> None:
    fields = ImportedDiagram(
        diagram=Diagram(title="T"),
        id="i",
        uuid="u",
        created_at=datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC),
    )
    assert export_row(fields, fields.diagram) == {
        "id": "i",
        "uuid": "u",
        "title": "T",
        "description": None,
        "content": {"nodes": [], "edges": []},
        "format": "reactflow",
        "tags": [],
        "isPublic": False,
        "agentAccessible": True,
        "createdAt": "2026-01-02T03:04:05.006Z",
    }


def test_parents_come_before_their_children_and_the_id_comes_first() -> None:
    nodes = {"c": {"parentId": "b"}, "x": {}, "b": {"parentId": "a"}, "a": {}, "y": {}}
    listed, _ = elements_to_react_flow(Diagram(nodes=nodes))
    assert [node["id"] for node in listed] == ["a", "b", "c", "x", "y"]
    assert all(next(iter(node)) == "id" for node in listed)


def test_nodes_that_are_inside_each_other_are_listed_all_the_same() -> None:
    listed, _ = elements_to_react_flow(
        Diagram(nodes={"a": {"parentId": "b"}, "b": {"parentId": "a"}, "c": {"parentId": "?"}})
    )
    assert sorted(node["id"] for node in listed) == ["a", "b", "c"]


def test_data_cannot_stand_in_for_the_elements() -> None:
    diagram = Diagram(data={"nodes": "mine", "viewport": 1})
    assert export_content(diagram) == {"nodes": [], "edges": [], "viewport": 1}


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
ids = st.text(st.sampled_from("abcé日12-_ "), min_size=1, max_size=6)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
KNOWN = RESERVED_ELEMENT_KEYS | {"position", "parentId", "parentNode", "source", "target"}
unknown = st.dictionaries(texts.filter(lambda key: key not in KNOWN), values, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A sound document, parents first, with anything at all under keys that are not ours."""
    names = draw(st.lists(ids, unique=True, max_size=6))
    nodes = []
    for i, name in enumerate(names):
        position = {**draw(unknown), "x": draw(numbers), "y": draw(numbers)}
        node = {**draw(unknown), "id": name, "position": position}
        if i and draw(st.booleans()):
            node["parentId"] = draw(st.sampled_from([*names[:i], None]))
        nodes.append(node)
    ends = st.sampled_from(names or ["none"])
    edges = [
        {**draw(unknown), "id": name, "source": draw(ends), "target": draw(ends)}
        for name in (draw(st.lists(ids, unique=True, max_size=6)) if names else [])
    ]
    rest = draw(unknown.filter(lambda keys: not keys.keys() & {"nodes", "edges", "content"}))
    return {"nodes": nodes, "edges": edges, **rest}


@given(documents())
def test_a_sound_document_comes_back_unchanged(document: Json) -> None:
    [imported] = parse_import(json.dumps(document).encode(), "x.json")
    assert imported.report == []
    assert json_equal(exported(imported)["content"], document)


WAYS = {
    "id": ids,
    "uuid": ids,
    "title": texts,
    "description": texts,
    "tags": st.lists(texts, max_size=3),
    "isPublic": st.booleans(),
    "agentAccessible": st.booleans(),
    "agentMetadata": st.dictionaries(texts, values, max_size=2),
    "userId": ids,
    "createdAt": st.datetimes(timezones=st.just(UTC)).map(lambda time: time.isoformat()),
    "format": st.sampled_from(["reactflow", "react_flow"]),
}
fields = st.fixed_dictionaries({}, optional={key: st.none() | value for key, value in WAYS.items()})
others = unknown.map(lambda keys: {f"other {key}": value for key, value in keys.items()})


@given(documents(), fields, others)
def test_a_row_comes_back_unchanged_whatever_it_leaves_out(
    document: Json, known: Json, other: Json
) -> None:
    row = {**known, **other, "content": document}
    [imported] = parse_import([row], "x.json")
    assert imported.report == []
    assert json_equal(exported(imported), row)


messy_ids = st.sampled_from(["a", "b", "c", 1, "1", "a-2"])
ends = st.none() | messy_ids | st.just("ghost")
messy_nodes = st.fixed_dictionaries(
    {"id": messy_ids},
    optional={
        "position": st.none() | st.just({"x": 1, "y": 2}),
        "parentId": ends,
        "parentNode": ends,
        "selected": st.booleans(),
        "measured": values,
        "width": numbers,
        "data": values,
    },
)
messy_edges = st.fixed_dictionaries(
    {}, optional={"id": st.none() | messy_ids, "source": ends, "target": ends, "label": values}
)


@given(st.lists(messy_nodes, max_size=6), st.lists(messy_edges, max_size=6))
def test_a_mended_document_is_sound_and_needs_no_mending_again(nodes: Json, edges: Json) -> None:
    mended, joined, report = react_flow_to_elements(nodes, edges, "")
    assert len(mended) == len(nodes)
    dropped = [line for line in report if line.startswith("an edge was dropped")]
    assert len(joined) == len(edges) - len(dropped)
    for element in [*mended.values(), *joined.values()]:
        assert not element.keys() & RESERVED_ELEMENT_KEYS
    assert all(edge["source"] in mended and edge["target"] in mended for edge in joined.values())
    again = react_flow_to_elements(*elements_to_react_flow(Diagram(nodes=mended, edges=joined)), "")
    assert again == (mended, joined, [])
