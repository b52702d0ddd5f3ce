"""docs/agents.md, word for word: every example is played, every snippet and code holds."""

import json
import re
import subprocess
from typing import Any

import pytest

from building.node import node_environment
from gateway.prompts.catalogue import PROMPTS
from gateway.prompts.instructions import INSTRUCTIONS
from gateway.resources.uris import VIEWS
from tests.support.agent_examples import (
    DOCUMENT,
    TOOLS,
    Exchange,
    Names,
    exchanges,
    playing,
    untimed,
)
from tests.support.markdown import ROOT, Document, code_in, table_rows
from tests.support.mcp import LEGACY, MODERN, McpWorld, world
from tests.test_docs import codes_in

__all__ = ["world"]

AGENTS = Document(DOCUMENT)
README = Document(ROOT / "README.md")
PROTOCOL = Document(ROOT / "docs" / "protocol.md")


async def replay(world: McpWorld, mode: str, shown: list[Exchange]) -> None:
    """Plays the calls in order and holds each answer against the one that is shown."""
    names = Names()
    async with playing(world, mode) as play:
        for exchange in shown:
            answer = await play(exchange, names)
            assert names.in_this_run(untimed(exchange.answer)) == untimed(answer), exchange.tool


async def test_every_example_is_answered_as_it_is_shown(world: McpWorld) -> None:
    await replay(world, LEGACY, exchanges(AGENTS))


async def test_an_example_that_tells_something_else_is_found(world: McpWorld) -> None:
    first = exchanges(AGENTS)[0]
    wrong = Exchange(first.tool, first.arguments, {**first.answer, "title": "Another"}, first.span)
    with pytest.RaisesGroup(AssertionError, flatten_subgroups=True):
        await replay(world, MODERN, [wrong])


async def test_every_tool_has_an_example_and_each_argument_a_word(world: McpWorld) -> None:
    shown = exchanges(AGENTS)
    for_all, *parts = re.split(r"^### `(\w+)`$", AGENTS.section(TOOLS), flags=re.M)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    assert {exchange.tool for exchange in shown} == sections.keys()
    blocks = sum(part.count("```json\n") for part in sections.values())
    assert blocks == 2 * len(shown), "each is a call and an answer"
    async with world.agent() as agent:
        tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
    assert sections.keys() == tools.keys()
    for name, tool in tools.items():
        told = set(re.findall(r"\w+", for_all + sections[name]))
        assert tool.input_schema["properties"].keys() - told - {"diagram_id"} == set(), name


def test_resources_prompts_and_instructions_are_told_as_they_are() -> None:
    rows = table_rows(AGENTS.section("Resources"))
    told = {code_in(row[0])[0]: code_in(row[1])[0] for row in rows}
    assert told == {view.template: view.mime_type for view in VIEWS}
    rows = table_rows(AGENTS.section("Prompts"))
    prompts = {code_in(row[0])[0]: set(code_in(row[1])) for row in rows}
    assert prompts == {
        name: {argument.name for argument in prompt.arguments} for name, prompt in PROMPTS.items()
    }
    (block,) = (block for block in AGENTS.blocks("text") if block.text.startswith("DiagramAI"))
    assert block.text == f"{INSTRUCTIONS}\n"


def test_what_to_do_about_every_code_of_the_tools_is_told_and_of_no_other() -> None:
    rows = table_rows(PROTOCOL.section("Error codes"))
    known = {code for row in rows for code in code_in(row[0])}
    told = [code for row in table_rows(AGENTS.section("Errors")) for code in code_in(row[0])]
    assert len(told) == len(set(told))
    assert set(told) <= known
    folders = ("tools", "resources", "prompts", "mcp")
    files = [path for each in folders for path in (ROOT / "gateway" / each).rglob("*.py")]
    raised = {code for path in files for code in codes_in(path.read_text("utf-8"))}
    assert len(raised) > 10
    assert raised <= set(told)


def entries(document: Document) -> list[dict[str, Any]]:
    """What the snippets of a document put into the configurations of programs."""
    found = [json.loads(block.text) for block in document.blocks("json")]
    return [each for each in found if each.keys() & {"mcpServers", "servers"}]


def editor_snippets() -> list[str]:
    """What the editor shows for this server, with the documents' address."""
    facts = {"baseUrl": "http://127.0.0.1:8080", "command": ".venv/bin/diagramai"}
    source = (ROOT / "editor" / "src" / "app" / "agents.ts").as_uri()
    script = (
        f"const {{ snippets }} = await import({json.dumps(source)});"
        f"console.log(JSON.stringify(snippets({json.dumps(facts)}).map((each) => each.text)));"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script],
        env=node_environment(), capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    found: list[str] = json.loads(done.stdout)
    return found


def test_the_editor_shows_snippets_of_this_document() -> None:
    claude, *files = editor_snippets()
    assert any(claude in block.text for block in AGENTS.blocks("sh"))
    ours = entries(AGENTS)
    assert len(files) == 3
    for text in files:
        # The editor knows where its server is; the document's is where the command looks anyway.
        line = '"DIAGRAMAI_URL": "http://127.0.0.1:8080",'
        assert json.loads(text.replace(line, "")) in ours


def test_the_readme_shows_snippets_of_this_document() -> None:
    ours = entries(AGENTS)
    assert all(entry in ours for entry in entries(README))
    commands = [block.text for block in AGENTS.blocks("sh")]
    (claude,) = re.findall(r"^claude mcp add .*$", README.text, re.M)
    assert any(claude in text for text in commands)
