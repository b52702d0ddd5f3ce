"""read_diagram over MCP: outlines, parts, pages, and the bound of an answer."""

import json
import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from mcp_types import TextContent

from actors.ports import Author
from gateway.identity import CREATE, FULL_ACCESS, Principal
from gateway.react_flow import elements_to_react_flow, react_flow_to_elements
from gateway.tools import paging
from gateway.tools.outline import outline_of
from gateway.tools.paging import MAX_ELEMENT_BYTES, pieces_of
from gateway.tools.selecting import Part
from ot.diagram import Diagram, Element
from ot.operation import Delete, Operation
from tests.support.mcp import Agent, McpWorld, content_of
from tests.support.shared_world import world

__all__ = ["world"]

ADA = Principal(Author("user", "ada", "Ada"), frozenset({FULL_ACCESS}))
SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples"
FORMATS = ("reactflow", "mermaid", "both", "outline")


def node(label: str, x: float = 0, y: float = 0, kind: str = "process", **rest: Any) -> Element:
    return {"type": kind, "position": {"x": x, "y": y}, "data": {"label": label}, **rest}


def flow() -> Diagram:
    """a -> b -> c in a group g, d far away, two edges from a to b."""
    return Diagram(
        title="Flow",
        nodes={
            "g": node("Group", 100, 100, "default"),
            "a": node("Start here", 10, 10, "start", parentId="g"),
            "b": node("Is it\npaid?", 10, 200, "decision", parentId="g"),
            "c": node("Ship", 600, 600),
            "d": node("Alone", 5_000, 5_000, "cloud"),
        },
        edges={
            "ab": {"source": "a", "target": "b"},
            "ab2": {"source": "a", "target": "b", "label": "again"},
            "bc": {"source": "b", "target": "c", "label": "yes", "type": "step"},
        },
    )


def large(count: int = 200) -> Diagram:
    nodes = {f"n{i}": node(f"Step number {i}", 200 * (i % 9), 120 * (i // 9)) for i in range(count)}
    edges = {
        f"e{i}": {"source": f"n{i}", "target": f"n{i + 1}", "label": f"then {i}"}
        for i in range(count - 1)
    }
    return Diagram(title="Large", nodes=nodes, edges=edges)


async def stored(world: McpWorld, diagram: Diagram) -> str:
    return (await world.serving.service.create(ADA, diagram=diagram)).id


def tokens(text: str) -> int:
    """Words and signs: about what models' tokenizers make of such texts."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def samples() -> Iterator[tuple[str, Diagram]]:
    for path in sorted(SAMPLES.glob("rf-*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        for row in [rows] if "content" in rows else rows.values():
            content = row.get("content", row)
            content = json.loads(content) if isinstance(content, str) else content
            nodes, edges, _ = react_flow_to_elements(content["nodes"], content["edges"], "")
            yield path.name, Diagram(nodes=nodes, edges=edges)


@pytest.mark.parametrize("diagram", [d for _, d in samples()], ids=[name for name, _ in samples()])
def test_an_outline_of_a_sample_has_a_fifth_of_the_tokens_of_its_elements(
    diagram: Diagram,
) -> None:
    elements = msgspec.json.encode(elements_to_react_flow(diagram)).decode()
    outline = outline_of(diagram)
    assert outline
    assert 5 * tokens(outline) <= tokens(elements)


async def test_the_whole_answer_with_an_outline_has_a_fifth_of_the_tokens(world: McpWorld) -> None:
    async with world.agent() as agent:
        for name, diagram in samples():
            identifier = await stored(world, diagram)
            sizes = {}
            for format in ("outline", "reactflow"):
                read = {"diagram_id": identifier, "format": format}
                result = await agent.result("read_diagram", **read)
                content_of(result)
                (text,) = result.content
                assert isinstance(text, TextContent)
                sizes[format] = tokens(text.text)
            assert 5 * sizes["outline"] <= sizes["reactflow"], (name, sizes)


def test_an_outline_has_a_line_a_node_and_edge_and_groups_by_indentation() -> None:
    assert outline_of(flow()).splitlines() == [
        "g: Group",
        "  a: Start here [start]",
        "  b: Is it paid? [decision]",
        "c: Ship [process]",
        "d: Alone [cloud]",
        "a -> b (ab)",
        "a -> b (ab2): again",
        "b -> c: yes",
    ]


async def test_every_format_has_its_fields(world: McpWorld) -> None:
    identifier = await stored(world, flow())
    async with world.agent() as agent:
        for format, fields in {
            "reactflow": {"diagram_id", "kind", "nodes", "edges"},
            "mermaid": {"diagram_id", "kind", "mermaid_syntax"},
            "both": {"diagram_id", "kind", "nodes", "edges", "mermaid_syntax"},
            "outline": {"outline"},
        }.items():
            read = await agent.call("read_diagram", diagram_id=identifier, format=format)
            assert read.keys() == {"revision", "metadata", *fields}
            assert read["metadata"]["title"] == "Flow"
            assert len(read["metadata"]) == (1 if format == "outline" else 8)
        planned = await agent.call("read_diagram", diagram_id=identifier, include_metadata=False)
        assert planned.keys() >= {"nodes", "edges", "mermaid_syntax"}
        assert "metadata" not in planned


async def part(agent: Agent, identifier: str, **filters: Any) -> tuple[set[str], set[str]]:
    arguments = {"format": "reactflow", "include_metadata": False, **filters}
    read = await agent.call("read_diagram", diagram_id=identifier, **arguments)
    return {each["id"] for each in read["nodes"]}, {each["id"] for each in read["edges"]}


async def test_filters_choose_a_part(world: McpWorld) -> None:
    identifier = await stored(world, flow())
    async with world.agent() as agent:
        for filters, expected in (
            ({"ids": ["a", "b"]}, ({"a", "b"}, {"ab", "ab2"})),
            ({"ids": ["bc"]}, (set(), {"bc"})),
            ({"types": ["cloud", "step"]}, ({"d"}, {"bc"})),
            ({"text": "AGAIN"}, (set(), {"ab2"})),
            # Places are on the canvas: b stands at 110, 300, whatever is stored.
            (
                {"region": {"x": 110, "y": 300, "width": 0, "height": 0}, "types": ["decision"]},
                ({"b"}, set()),
            ),
            ({"neighbours_of": "a"}, ({"a", "b"}, {"ab", "ab2"})),
            ({"neighbours_of": "a", "depth": 2}, ({"a", "b", "c"}, {"ab", "ab2", "bc"})),
            ({"neighbours_of": "c", "depth": 2, "types": ["start"]}, ({"a"}, set())),
        ):
            assert await part(agent, identifier, **filters) == expected, filters


async def test_a_part_is_told_with_places_ids_and_its_own_mermaid(world: McpWorld) -> None:
    identifier = await stored(world, flow())
    async with world.agent() as agent:
        arguments = {"diagram_id": identifier, "ids": ["b", "c", "nobody"]}
        read = await agent.call("read_diagram", format="outline", **arguments)
        assert re.sub(r" \d+x\d+$", "", read["outline"], flags=re.M).splitlines() == [
            "  b: Is it paid? [decision] @110,300",
            "c: Ship [process] @600,600",
            "b -> c (bc): yes",
        ]
        assert read["unknown_ids"] == ["nobody"]
        text = (await agent.call("read_diagram", format="mermaid", **arguments))["mermaid_syntax"]
        assert "Ship" in text
        assert "Start" not in text


async def all_pages(agent: Agent, identifier: str, **arguments: Any) -> list[dict[str, Any]]:
    """Every page, none larger than the bound."""
    pages: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await agent.call("read_diagram", diagram_id=identifier, **arguments, **cursor)
        assert len(msgspec.json.encode(page)) <= paging.MAX_READ_BYTES + 500
        pages.append(page)
        if "next_cursor" not in page:
            return pages
        assert "next_cursor" in page["note"]
        cursor = {"cursor": page["next_cursor"]}


async def test_a_large_diagram_comes_in_pages_that_hold_everything_once(
    world: McpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_READ_BYTES", 8_000)
    diagram = large()
    identifier = await stored(world, diagram)
    async with world.agent() as agent:
        whole = await world.serving.service.read(ADA, identifier)
        for format in FORMATS:
            pages = await all_pages(agent, identifier, format=format)
            assert len(pages) > 1
            assert ["metadata" in page for page in pages] == [True] + [False] * (len(pages) - 1)
            nodes = [each["id"] for page in pages for each in page.get("nodes", ())]
            edges = [each["id"] for page in pages for each in page.get("edges", ())]
            text = "".join(page.get("mermaid_syntax", "") for page in pages)
            lines = [line for page in pages for line in page.get("outline", "").splitlines()]
            assert len(set(lines)) == (399 if format == "outline" else 0)
            if format in {"reactflow", "both"}:
                assert sorted(nodes) == sorted(whole.diagram.nodes)
                assert sorted(edges) == sorted(whole.diagram.edges)
            if format in {"mermaid", "both"}:
                assert text.count("-->") == len(diagram.edges)


async def test_pages_are_of_one_revision_whatever_is_edited_meanwhile(world: McpWorld) -> None:
    identifier = await stored(world, flow())
    service = world.serving.service
    async with world.agent() as agent:
        arguments = {"diagram_id": identifier, "format": "reactflow", "limit": 3}
        first = await agent.call("read_diagram", **arguments)
        gone = Operation(nodes={"c": Delete(), "d": Delete()}, edges={"bc": Delete()})
        await service.submit(ADA, identifier, gone, await service.read(ADA, identifier))
        second = await agent.call("read_diagram", cursor=first["next_cursor"], **arguments)
        third = await agent.call("read_diagram", cursor=second["next_cursor"], **arguments)
    pages = (first, second, third)
    assert [page["revision"] for page in pages] == [0, 0, 0]
    told = [each["id"] for page in pages for each in (*page["nodes"], *page["edges"])]
    # Parents first, then by id: an order that survives edits.
    assert told == ["c", "d", "g", "a", "b", "ab", "ab2", "bc"]
    assert "next_cursor" not in third


async def test_an_element_that_is_too_large_is_told_in_short(world: McpWorld) -> None:
    huge = node("Huge", picture="x" * (MAX_ELEMENT_BYTES + 1))
    identifier = await stored(world, Diagram(title="T", nodes={"a": huge, "b": node("B")}))
    async with world.agent() as agent:
        read = await agent.call("read_diagram", diagram_id=identifier, format="reactflow")
    assert [each["id"] for each in read["nodes"]] == ["a", "b"]
    assert read["nodes"][0]["omitted"].endswith("bytes, too large to be read here")
    assert "picture" not in read["nodes"][0]


@pytest.mark.parametrize("text", ["", "a\nb\n", "x" * 9_001, "line\n" * 2_000 + "end"])
def test_pieces_join_to_the_text(text: str) -> None:
    pieces = list(pieces_of(text))
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= 4_000 for piece in pieces)


async def test_bad_reads_are_refused(world: McpWorld) -> None:
    identifier = await stored(world, flow())
    async with world.agent() as agent:
        read = await agent.call("read_diagram", diagram_id=identifier, limit=1)
        other = await stored(world, flow())
        elsewhere = await agent.call("read_diagram", diagram_id=other, limit=1)
        for arguments, code, field in (
            ({"cursor": "nonsense"}, "invalid_cursor", "cursor"),
            ({"cursor": elsewhere["next_cursor"]}, "invalid_cursor", "cursor"),
            ({"cursor": f"99{read['next_cursor']}"}, "future_revision", "cursor"),
            ({"cursor": read["next_cursor"], "format": "outline"}, "invalid_cursor", "cursor"),
            ({"neighbours_of": "nobody"}, "not_found", "neighbours_of"),
            ({"neighbours_of": "a", "depth": 4}, "invalid_arguments", "depth"),
            ({"limit": 0}, "invalid_arguments", "limit"),
            ({"region": {"x": 1, "y": 1}}, "invalid_arguments", "region/width"),
            ({"format": "svg"}, "invalid_arguments", "format"),
        ):
            error = await agent.error("read_diagram", diagram_id=identifier, **arguments)
            assert (error["code"], error["field"]) == (code, field)
    async with world.agent("maker", permissions=(CREATE,)) as agent:
        error = await agent.error("read_diagram", diagram_id=identifier)
        assert error["code"] == "forbidden"


@pytest.mark.parametrize("seed", range(20))
def test_elements_come_in_one_order_however_they_are_stored_parents_first(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"n{number}" for number in range(12)]
    nodes: dict[str, Element] = {
        name: {"parentId": chance.choice([*names, "nobody", 7])} if chance.random() < 0.7 else {}
        for name in names
    }
    shuffled = dict(chance.sample(list(nodes.items()), len(nodes)))
    order = list(Part(nodes, {}, []).in_order().nodes)
    assert list(Part(shuffled, {}, []).in_order().nodes) == order
    assert sorted(order) == sorted(names)
    for name in names:
        line = [name]
        while (parent := nodes[line[-1]].get("parentId")) in nodes and parent not in line:
            line.append(parent)
        if parent not in line:
            assert all(order.index(b) < order.index(a) for a, b in pairwise(line))
