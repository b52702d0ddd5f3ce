"""docs/python-client.md, played: its example on both event loops, and its codes."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import get_args

import trio

import client
from client import errors
from gateway.templates import make_template
from tests.client.conftest import Server
from tests.client.running import PATIENCE_SECONDS, Backend
from tests.support.markdown import ROOT, Document, code_in, table_rows
from tests.support.serving import PERSON

PAGE = Document(ROOT / "docs" / "python-client.md")
EXCEPTIONS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and name != "SessionEnded"
}


async def run_script(text: str, server: Server, diagram_id: str) -> str:
    """What it prints."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DIAGRAMAI_URL": server.site.serving.base_url,
        "DIAGRAMAI_KEY": server.site.key,
    }
    command = [sys.executable, "-W", "error", "-c", text, diagram_id]
    with trio.fail_after(PATIENCE_SECONDS):
        done = await trio.run_process(
            command, env=environment, capture_stdout=True, stderr=subprocess.STDOUT
        )
    return bytes(done.stdout).decode()


async def test_the_example_does_as_printed_on_both_event_loops(
    server: Server, backend: Backend
) -> None:
    example, printed = PAGE.blocks("python")[0].text, PAGE.blocks("text")[0].text
    assert len(example.splitlines()) <= 30
    assert 'backend="trio"' in example
    create = partial(server.site.serving.service.create, PERSON)
    record = await server.call(partial(create, diagram=make_template("blank", "Empty", "")))
    script = example.replace('backend="trio"', f'backend="{backend}"')
    told = (await run_script(script, server, record.id)).splitlines()
    wanted = printed.splitlines()
    # How many messages the edits go in is a matter of time; what they did is not.
    assert told[0] == wanted[0]
    assert told[-1] == wanted[-1]
    assert _deeds(told[1:-1]) == _deeds(wanted[1:-1])


def _deeds(lines: list[str]) -> list[str]:
    return [deed for line in lines for deed in line.removeprefix("bot ").split("; ")]


def raised() -> Iterator[tuple[str, str]]:
    """Codes that the client makes itself, with their exceptions."""
    for path in (ROOT / "client").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                code = node.args[0]
                if node.func.id in EXCEPTIONS and isinstance(code, ast.Constant):
                    yield str(code.value), node.func.id


def test_every_code_of_the_client_is_documented_with_its_exceptions() -> None:
    rows = table_rows(PAGE.section("Errors"))
    documented = {(code_in(row[0])[0], name) for row in rows for name in code_in(row[1])}
    assert documented == set(raised())
    assert set(client.__all__) >= EXCEPTIONS


def test_the_states_that_are_documented_are_those_there_are() -> None:
    tables = PAGE.section("States")
    named = [code_in(row[0])[0] for row in table_rows(tables)]
    for state in (*get_args(client.ConnectionState), *get_args(client.Status)):
        assert state in named
        named.remove(state)
    assert [name for name in named if "." not in name] == []
