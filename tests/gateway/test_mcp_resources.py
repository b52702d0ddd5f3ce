"""Resources, read by the SDK's own client over a real socket, in both protocol eras."""

import base64
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    BlobResourceContents,
    Resource,
    ResourceTemplateReference,
    TextResourceContents,
)

from actors.ports import Author
from gateway.api.thumbnails import Thumbnails
from gateway.engine.engine import MAX_INLINE_WEIGHT, Engine
from gateway.errors import ServiceError
from gateway.identity import CREATE, DELETE, EDIT, READ, Principal, person_principal
from gateway.resources.completion import complete_id
from gateway.resources.contents import ContentReader, Sizes
from gateway.resources.failures import RESOURCE_NOT_FOUND
from gateway.resources.limits import MAX_COMPLETIONS, MAX_CURSOR_LENGTH, MAX_LISTED_DIAGRAMS
from gateway.resources.listing import LISTED_VIEWS, read_cursor, write_cursor
from gateway.resources.uris import (
    DOCUMENT,
    OUTLINE,
    PNG,
    SVG,
    VIEWS,
    parse_uri,
    uri_of,
)
from gateway.templates import make_template
from gateway.tools.outline import outline_of
from ot.diagram import Diagram
from tests.support.mcp import ERAS, LEGACY, MODERN, STREAMED, Agent, McpWorld, connect_stdio
from tests.support.shared_world import world

__all__ = ["world"]

pytestmark = STREAMED

PERSON = person_principal("local", "Pia", "local")
ODD_ID = "a b/ü?#%41"


@pytest.fixture(params=ERAS)
async def agent(world: McpWorld, request: pytest.FixtureRequest) -> AsyncIterator[Agent]:
    async with world.agent(mode=request.param) as connected:
        yield connected


async def read(agent: Agent, uri: str) -> TextResourceContents | BlobResourceContents:
    (contents,) = (await agent.client.read_resource(uri, cache_mode="bypass")).contents
    assert contents.uri == uri
    return contents


async def read_text(agent: Agent, uri: str) -> str:
    contents = await read(agent, uri)
    assert isinstance(contents, TextResourceContents)
    return contents.text


async def refusal(agent: Agent, uri: str) -> tuple[int, str, dict[str, Any]]:
    """The number, the message and the data of an error that a read ends in."""
    with pytest.raises(MCPError) as caught:
        await agent.client.read_resource(uri)
    return caught.value.code, caught.value.message, caught.value.data


async def everything(agent: Agent) -> list[list[Resource]]:
    """The pages of the list."""
    pages: list[list[Resource]] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        answer = await agent.client.list_resources(cursor=cursor, cache_mode="bypass")
        pages.append(answer.resources)
        cursor = answer.next_cursor
    return pages


async def complete(agent: Agent, written: str, template: str = OUTLINE.template) -> list[str]:
    reference = ResourceTemplateReference(type="ref/resource", uri=template)
    answer = await agent.client.complete(reference, {"name": "id", "value": written})
    return answer.completion.values


async def make(world: McpWorld, title: str, **fields: Any) -> str:
    """A diagram that a person makes."""
    record = await world.serving.service.create(
        PERSON, diagram=make_template("flowchart", title, None), **fields
    )
    return record.id


async def test_every_view_of_a_diagram_is_read_as_what_it_is(agent: Agent) -> None:
    identifier = await agent.new_diagram(
        "Login", template="flowchart", description="How people\nget in"
    )
    node = await agent.new_node(identifier, "Check the password")
    expected = await agent.call("read_diagram", diagram_id=identifier)
    for view in VIEWS:
        contents = await read(agent, uri_of(identifier, view))
        assert contents.mime_type == view.mime_type
        assert contents.meta == {"diagramai/revision": expected["revision"]}
    document = json.loads(await read_text(agent, uri_of(identifier)))
    assert document["nodes"] == expected["nodes"]
    assert document["edges"] == expected["edges"]
    assert document["revision"] == expected["revision"]
    assert await read_text(agent, f"diagram://{identifier}/mermaid") == expected["mermaid_syntax"]
    outline = await read_text(agent, f"diagram://{identifier}/outline")
    first = f"# Login (flowchart, revision {expected['revision']})\n# How people get in\n"
    assert outline.startswith(first)
    assert "Check the password" in outline
    assert node in outline
    assert "Check the" in await read_text(agent, f"diagram://{identifier}/image.svg")
    picture = await read(agent, f"diagram://{identifier}/image.png")
    assert isinstance(picture, BlobResourceContents)
    assert base64.b64decode(picture.blob).startswith(b"\x89PNG")


async def test_the_templates_and_the_list_say_what_there_is(agent: Agent) -> None:
    identifier = await agent.new_diagram("A\n title", description="What it is", template="mindmap")
    templates = (await agent.client.list_resource_templates()).resource_templates
    assert {each.uri_template: each.mime_type for each in templates} == {
        "diagram://{id}": "application/json",
        "diagram://{id}/outline": "text/plain",
        "diagram://{id}/mermaid": "text/vnd.mermaid",
        "diagram://{id}/image.svg": "image/svg+xml",
        "diagram://{id}/image.png": "image/png",
    }
    assert len({each.name for each in templates}) == len(templates)
    size = len((await read_text(agent, uri_of(identifier, OUTLINE))).encode())
    (page,) = await everything(agent)
    assert [each.uri for each in page] == [uri_of(identifier, view) for view in LISTED_VIEWS]
    info = await agent.call("get_diagram_info", diagram_id=identifier)
    for each, view in zip(page, LISTED_VIEWS, strict=True):
        assert each.title == f"A title ({view.title})"
        assert each.mime_type == view.mime_type
        assert "What it is" in (each.description or "")
        assert each.size == (size if view is OUTLINE else None)
        assert each.annotations is not None
        assert each.annotations.audience == list(view.audience)
        assert each.annotations.last_modified is not None
        assert each.annotations.last_modified[:19] == info["updated_at"][:19]
    await agent.new_node(identifier)
    (page,) = await everything(agent)
    assert page[0].size is None, "the size of an earlier revision is not this one's"


async def test_the_list_has_pages_and_tells_no_agent_of_what_is_closed_to_agents(
    world: McpWorld, agent: Agent
) -> None:
    open_ids = {await make(world, f"D{number}") for number in range(MAX_LISTED_DIAGRAMS + 3)}
    closed = await make(world, "Closed", agent_accessible=False)
    pages = await everything(agent)
    assert [len(page) for page in pages] == [
        MAX_LISTED_DIAGRAMS * len(LISTED_VIEWS), 3 * len(LISTED_VIEWS)
    ]  # fmt: skip
    uris = [each.uri for page in pages for each in page]
    assert sorted(uris) == sorted(uri_of(each, view) for each in open_ids for view in LISTED_VIEWS)
    bad = ("made:2026-01-01 a", "made:2026-01-01T00:00+01:00 a", "2026-01-01T00:00+00:00 a")
    encoded = [base64.urlsafe_b64encode(each.encode()).decode() for each in bad]
    nul = write_cursor((datetime.now(UTC), "\0"))
    long = write_cursor((datetime.now(UTC), "a" * MAX_CURSOR_LENGTH))
    for cursor in ("", "x", "ü", "ZnJvbTotMQ==", nul, long, *encoded):
        with pytest.raises(MCPError) as caught:
            await agent.client.list_resources(cursor=cursor)
        assert caught.value.code == INVALID_PARAMS
        assert caught.value.data == {"code": "invalid_cursor", "field": "cursor"}
    assert await complete(agent, closed) == []
    assert await complete(agent, "Closed") == []


async def test_what_is_closed_and_what_is_nowhere_are_told_apart_by_nobody(
    world: McpWorld,
) -> None:
    closed = await make(world, "Closed", agent_accessible=False)
    mine = await make(world, "Mine")
    for mode, number in ((LEGACY, RESOURCE_NOT_FOUND), (MODERN, INVALID_PARAMS)):
        async with world.agent(f"full {mode}", mode) as agent:
            for view in VIEWS:
                hidden = await refusal(agent, uri_of(closed, view))
                missing = await refusal(agent, uri_of("0" * len(closed), view))
                assert hidden[0] == number
                assert hidden[2].pop("uri") != missing[2].pop("uri")
                assert hidden == missing
                assert hidden[2]["code"] == "not_found"
            for uri in ("diagram://", f"diagram://{mine}/", f"diagram://{mine}/nope",
                        f"diagram://{mine}/outline/x", "diagram://%ff", "diagram://" + "x" * 9_000,
                        f"diagram://{mine}%00"):  # fmt: skip
                found = await refusal(agent, uri)
                assert (found[0], found[2]["code"]) == (number, "not_found"), uri
        async with world.agent(f"writer {mode}", mode, (CREATE, EDIT, DELETE)) as agent:
            for each in (mine, closed, "nowhere"):
                code, _, data = await refusal(agent, uri_of(each))
                assert (code, data["code"]) == (INVALID_REQUEST, "forbidden")
            with pytest.raises(MCPError, match="permission 'read'"):
                await agent.client.list_resources()
            with pytest.raises(MCPError, match="permission 'read'"):
                await complete(agent, "M")


@pytest.mark.parametrize("agent", [MODERN], indirect=True)
async def test_ids_are_completed_from_their_beginning_and_from_titles(
    world: McpWorld, agent: Agent
) -> None:
    login = await make(world, "Login flow", id="zz-1")
    second = await make(world, "The LOGIN again", id="yy-2")
    payment = await make(world, "Payment", id="login-3")
    assert await complete(agent, "login") == [payment, login, second]
    assert await complete(agent, "Zz-", DOCUMENT.template) == [login]
    assert await complete(agent, "") == [payment, second, login]
    assert await complete(agent, "%") == []
    assert await complete(agent, "x" * 10_000) == []
    assert await complete(agent, "login", "test://{id}") == []
    reference = ResourceTemplateReference(type="ref/resource", uri=DOCUMENT.template)
    answer = await agent.client.complete(reference, {"name": "other", "value": "z"})
    assert answer.completion.values == []
    capabilities = agent.client.server_capabilities
    assert capabilities.completions is not None
    assert capabilities.resources is not None
    assert capabilities.prompts is not None


@pytest.mark.parametrize("agent", [MODERN], indirect=True)
async def test_a_diagram_is_found_by_any_id_that_an_import_may_bring(
    agent: Agent, world: McpWorld
) -> None:
    identifier = await make(world, "Odd", id=ODD_ID)
    assert json.loads(await read_text(agent, uri_of(identifier)))["diagram_id"] == ODD_ID
    (page,) = await everything(agent)
    for each in page:
        assert (await read(agent, each.uri)).meta == {"diagramai/revision": 0}


@pytest.mark.parametrize("mode", ERAS)
async def test_resources_and_prompts_are_reached_over_stdio(world: McpWorld, mode: str) -> None:
    async with connect_stdio(world.serving.base_url, await world.key(), mode) as agent:
        identifier = await agent.new_diagram("Ünïcode", template="flowchart")
        assert "Ünïcode" in await read_text(agent, uri_of(identifier))
        answer = await agent.client.get_prompt("explain_diagram", {"diagram_id": identifier})
        assert len(answer.messages) == 2
        with pytest.raises(MCPError) as caught:
            await agent.client.read_resource("diagram://nowhere")
        assert caught.value.data["code"] == "not_found"


class CountingEngine(Engine):
    """The engine, with how often it drew, and how often it gave something else to a process."""

    drawn = 0
    ran = 0

    async def run(self, *arguments: Any) -> Any:
        self.ran += 1
        return await super().run(*arguments)

    async def svg(self, *arguments: Any, **options: Any) -> str:
        self.drawn += 1
        return await super().svg(*arguments, **options)

    async def png(self, *arguments: Any, **options: Any) -> bytes:
        self.drawn += 1
        return await super().png(*arguments, **options)


async def test_a_picture_is_drawn_once_a_revision_and_kept_for_those_who_may_see_it(
    world: McpWorld,
) -> None:
    service, engine = world.serving.service, CountingEngine()
    reader = ContentReader(service, engine)
    identifier = await make(world, "Drawn")
    for view in (SVG, PNG):
        first = await reader.read(PERSON, identifier, view)
        assert await reader.read(PERSON, identifier, view) == first
    assert engine.drawn == 2
    nobody = Principal(Author("agent", "n", "Nora"), frozenset({EDIT}))
    with pytest.raises(ServiceError) as caught:
        await reader.read(nobody, identifier, SVG)
    assert caught.value.code == "forbidden"
    await service.replace(PERSON, identifier, make_template("blank", "Drawn anew", None))
    after = await reader.read(PERSON, identifier, SVG)
    assert engine.drawn == 3
    assert after.meta == {"diagramai/revision": 1}
    await service.update_record(PERSON, identifier, agent_accessible=False)
    stranger = Principal(Author("agent", "s", "Sam"), frozenset({READ}))
    with pytest.raises(ServiceError) as hidden:
        await reader.read(stranger, identifier, SVG)
    assert hidden.value.code == "not_found"


async def test_the_outline_of_a_large_diagram_is_written_elsewhere_and_the_same(
    world: McpWorld,
) -> None:
    engine = CountingEngine()
    reader = ContentReader(world.serving.service, engine)
    for count, ran in ((3, 0), (MAX_INLINE_WEIGHT, 1)):
        place = {"x": 0, "y": 0}
        diagram = Diagram(
            title="Large",
            nodes={f"n{i}": {"position": place, "data": {"label": "L"}} for i in range(count)},
            edges={f"e{i}": {"source": f"n{i}", "target": "n0"} for i in range(count)},
        )
        record = await world.serving.service.create(PERSON, diagram=diagram)
        contents = await reader.read(PERSON, record.id, OUTLINE)
        assert isinstance(contents, TextResourceContents)
        assert contents.text == f"# Large ({record.kind}, revision 0)\n{outline_of(diagram)}"
        assert engine.ran == ran


async def test_no_more_values_are_completed_than_the_protocol_allows(world: McpWorld) -> None:
    service = world.serving.service
    for number in range(MAX_COMPLETIONS + 1):
        await make(world, f"Many {number}", id=f"many-{number}")
    for written in ("", "many", "many-"):
        completion = await complete_id(service, PERSON, written)
        assert len(completion.values) == MAX_COMPLETIONS
        assert completion.has_more


@pytest.mark.parametrize("identifier", ["a", ODD_ID, "ä" * 9, "diagram://x", "..", "a/outline"])
def test_an_address_leads_back_to_what_it_was_made_of(identifier: str) -> None:
    uris = [uri_of(identifier, view) for view in VIEWS]
    assert [parse_uri(uri) for uri in uris] == [(identifier, view) for view in VIEWS]
    assert len(set(uris)) == len(VIEWS)
    assert all(uri.isascii() and uri.count("/") <= 3 for uri in uris)


def test_a_cursor_leads_back_to_its_page_and_is_bounded() -> None:
    for identifier in ("a", "with a space", "🙂" * 128):
        for time in (datetime.min, datetime(2026, 1, 2, 3, 4, 5, 678), datetime.max):
            made = (time.replace(tzinfo=UTC), identifier)
            cursor = write_cursor(made)
            assert read_cursor(cursor) == made
            assert len(cursor) <= MAX_CURSOR_LENGTH


async def test_an_edit_between_two_pages_loses_and_repeats_nothing(
    world: McpWorld, agent: Agent
) -> None:
    made = [await make(world, f"D{number}") for number in range(MAX_LISTED_DIAGRAMS + 2)]
    first = await agent.client.list_resources(cache_mode="bypass")
    for identifier in (made[0], made[-1]):
        await agent.new_node(identifier, "New")
    await make(world, "Made meanwhile")
    assert first.next_cursor is not None
    second = await agent.client.list_resources(cursor=first.next_cursor, cache_mode="bypass")
    uris = [each.uri for page in (first, second) for each in page.resources]
    assert sorted(uris) == sorted(uri_of(each, view) for each in made for view in LISTED_VIEWS)
    assert second.next_cursor is None


async def test_a_picture_as_svg_is_bounded(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    identifier = await agent.new_diagram("Big", template="flowchart")
    monkeypatch.setattr("gateway.resources.contents.MAX_SVG_BYTES", 1_000)
    number, message, data = await refusal(agent, uri_of(identifier, SVG))
    assert (number, data["code"]) == (INVALID_PARAMS, "too_large")
    assert "image.png" in message


def test_no_more_sizes_are_kept_than_allowed() -> None:
    sizes = Sizes(max_count=2)
    kept: Sequence[tuple[int, int | None]] = [(1, None), (2, 20), (3, 30)]
    for revision in (1, 2, 3):
        sizes.put("d", revision, OUTLINE, 10 * revision)
    assert [(number, sizes.get("d", number, OUTLINE)) for number in (1, 2, 3)] == kept
    assert sizes.get("d", 3, PNG) is None
    assert Thumbnails(2, 10).get(("d", 1, "")) is None
