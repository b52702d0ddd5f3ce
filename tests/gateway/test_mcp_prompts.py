"""Prompts, asked for by the SDK's own client over a real socket, in both protocol eras."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    EmbeddedResource,
    PromptMessage,
    PromptReference,
    TextContent,
    TextResourceContents,
)

from gateway.identity import EDIT
from gateway.prompts.catalogue import PROMPTS
from gateway.prompts.instructions import INSTRUCTIONS
from gateway.prompts.limits import MAX_ARGUMENT_LENGTH
from gateway.resources.failures import RESOURCE_NOT_FOUND
from tests.support.mcp import ERAS, LEGACY, MODERN, STREAMED, Agent, McpWorld
from tests.support.shared_world import world

__all__ = ["world"]

pytestmark = STREAMED

#: A call as prompts write it: the tool and its arguments.
CALL = re.compile(r"\b([a-z_]+)\(([^()]*)\)")
ARGUMENT = re.compile(r"\b([a-z_]+)=")
#: A word with an underscore is a name of ours.
NAME = re.compile(r"\b[a-z]+_[a-z_]+\b")
#: What a prompt takes, filled in.
FILLED = {
    "draft_diagram": {"description": "Tea for {two}", "title": 'A "title"'},
    "review_diagram": {"concerns": "the names"},
    "explain_diagram": {"audience": "children"},
    "tidy_up_diagram": {},
    "diagram_from_text": {"text": "First this, then {that}."},
}


@pytest.fixture(params=ERAS)
async def agent(world: McpWorld, request: pytest.FixtureRequest) -> AsyncIterator[Agent]:
    async with world.agent(mode=request.param) as connected:
        yield connected


async def ask(agent: Agent, prompt: str, **arguments: str) -> list[PromptMessage]:
    messages = (await agent.client.get_prompt(prompt, arguments)).messages
    assert all(message.role == "user" for message in messages)
    return messages


def texts_of(messages: list[PromptMessage]) -> list[str]:
    return [each.content.text for each in messages if isinstance(each.content, TextContent)]


async def refusal(agent: Agent, prompt: str, **arguments: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(MCPError) as caught:
        await agent.client.get_prompt(prompt, arguments)
    return caught.value.code, caught.value.data


async def test_instructions_and_prompts_are_told_with_titles_and_arguments(agent: Agent) -> None:
    assert agent.client.instructions == INSTRUCTIONS
    prompts = (await agent.client.list_prompts()).prompts
    assert [each.name for each in prompts] == list(FILLED)
    for each in prompts:
        assert each.title
        assert each.description
        assert each.arguments
        assert all(argument.title and argument.description for argument in each.arguments)
        assert FILLED[each.name].keys() <= {argument.name for argument in each.arguments}
    required = {
        each.name: [argument.name for argument in each.arguments or () if argument.required]
        for each in prompts
    }
    assert required == {
        "draft_diagram": ["description"],
        "review_diagram": ["diagram_id"],
        "explain_diagram": ["diagram_id"],
        "tidy_up_diagram": ["diagram_id"],
        "diagram_from_text": ["text"],
    }


@pytest.mark.parametrize("agent", [MODERN], indirect=True)
async def test_every_tool_and_argument_that_a_model_is_told_of_exists(agent: Agent) -> None:
    tools = {
        tool.name: tool.input_schema["properties"]
        for tool in (await agent.client.list_tools()).tools
    }
    identifier = await agent.new_diagram("Told", template="flowchart")
    said = [INSTRUCTIONS]
    for name, arguments in FILLED.items():
        if name != "draft_diagram":
            found = await ask(agent, name, **arguments, diagram_id=identifier)
            said.append(texts_of(found)[0])
        if name in {"draft_diagram", "diagram_from_text"}:
            said.append(texts_of(await ask(agent, name, **arguments))[0])
    calls = [call for text in said for call in CALL.findall(text)]
    assert len(calls) > 20
    for tool, written in calls:
        assert tool in tools
        assert set(ARGUMENT.findall(written)) <= tools[tool].keys(), tool
    fields = {name for properties in tools.values() for name in properties}
    named = {word for text in said for word in NAME.findall(text)}
    assert named - tools.keys() - fields == set()


async def test_a_prompt_about_a_diagram_brings_its_outline_and_revision(agent: Agent) -> None:
    identifier = await agent.new_diagram("Kettle", template="flowchart")
    node = await agent.new_node(identifier, "Boil the water")
    for name, arguments in FILLED.items():
        if name == "draft_diagram":
            continue
        messages = await ask(agent, name, **arguments, diagram_id=identifier)
        embedded = messages[-1].content
        assert isinstance(embedded, EmbeddedResource)
        contents = embedded.resource
        assert isinstance(contents, TextResourceContents)
        assert contents.uri == f"diagram://{identifier}/outline"
        assert contents.mime_type == "text/plain"
        assert contents.text.startswith("# Kettle (flowchart, revision 1)\n")
        assert node in contents.text
        assert "Boil the water" in contents.text
        read = (await agent.client.read_resource(contents.uri)).contents
        assert read == [contents]
        instruction = texts_of(messages)[0]
        assert f'diagram_id="{identifier}"' in instruction
    review = texts_of(await ask(agent, "review_diagram", diagram_id=identifier))[0]
    assert "since_revision=1)" in review


@pytest.mark.parametrize("agent", [MODERN], indirect=True)
async def test_what_a_person_wrote_comes_as_it_was_written(agent: Agent) -> None:
    drafted = texts_of(await ask(agent, "draft_diagram", **FILLED["draft_diagram"]))
    assert drafted[1:] == ["Tea for {two}"]
    assert '"A \\"title\\""' in drafted[0]
    turned = texts_of(await ask(agent, "diagram_from_text", text=" a {b} ", diagram_id=" "))
    assert turned[1:] == ["a {b}"]
    assert "create_diagram" in turned[0]
    identifier = await agent.new_diagram()
    for name, argument in (("review_diagram", "concerns"), ("explain_diagram", "audience")):
        bare = texts_of(await ask(agent, name, diagram_id=identifier))[0]
        asked = texts_of(await ask(agent, name, diagram_id=identifier, **FILLED[name]))[0]
        assert FILLED[name][argument] not in bare
        assert FILLED[name][argument] in asked


async def test_what_is_wrong_with_a_request_is_told_with_its_place(
    world: McpWorld, agent: Agent
) -> None:
    not_found = RESOURCE_NOT_FOUND if agent.client.protocol_version < "2026" else INVALID_PARAMS
    code, data = await refusal(agent, "explain_diagram", diagram_id="nowhere")
    assert (code, data["code"], data["field"]) == (not_found, "not_found", "diagram_id")
    for name, arguments, field in (
        ("no_prompt", {}, "name"),
        ("explain_diagram", {}, "diagram_id"),
        ("draft_diagram", {"description": "  "}, "description"),
        ("draft_diagram", {"description": "d", "colour": "red"}, "colour"),
        ("draft_diagram", {"description": "x" * (MAX_ARGUMENT_LENGTH + 1)}, "description"),
    ):
        code, data = await refusal(agent, name, **arguments)
        assert (code, data) == (INVALID_PARAMS, {"code": "invalid", "field": field})
    identifier = await agent.new_diagram()
    async with world.agent("writer", LEGACY, (EDIT,)) as writer:
        for each in (identifier, "nowhere"):
            code, data = await refusal(writer, "explain_diagram", diagram_id=each)
            assert (code, data["code"]) == (INVALID_REQUEST, "forbidden")


@pytest.mark.parametrize("agent", [MODERN], indirect=True)
async def test_diagrams_are_completed_and_texts_are_not(agent: Agent) -> None:
    identifier = await agent.new_diagram("Kettle")
    for name in PROMPTS:
        reference = PromptReference(type="ref/prompt", name=name)
        asked = {"name": "diagram_id", "value": "kett"}
        assert (await agent.client.complete(reference, asked)).completion.values == [identifier]
        asked = {"name": "text", "value": "kett"}
        assert (await agent.client.complete(reference, asked)).completion.values == []
    unknown = PromptReference(type="ref/prompt", name="no_prompt")
    answer = await agent.client.complete(unknown, {"name": "diagram_id", "value": "kett"})
    assert answer.completion.values == []


def test_the_instructions_fit_one_screen() -> None:
    assert len(INSTRUCTIONS) <= 2_000
    assert len(INSTRUCTIONS.splitlines()) <= 40
