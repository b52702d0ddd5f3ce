"""The README, word for word: its commands and snippets are run in a checkout of their own.

Only the environment differs from a reader's: a free port, an empty home, and the packages of the
environment that runs the tests in the place of freshly installed ones.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
import trio
from mcp import Client, StdioServerParameters

from gateway.cli import main
from tests.support.markdown import ROOT, Document, code_in, table_rows
from tests.support.mcp import Agent, connect
from tests.support.postgres import run_sql

README = Document(ROOT / "README.md")
ADDRESS = "http://127.0.0.1:8080"
SAMPLE = ROOT / "tests" / "fixtures" / "samples" / "rf-01-demo-flow.json"
TIMEOUT_SECONDS = 90
#: Commands that need a program which tests do not have; they are read, not run.
ELSEWHERE = ("claude ", "docker ", 'echo "POSTGRES_PASSWORD=')
NOT_LINKED = frozenset({".git", ".venv", "data", "node_modules"})


def commands() -> list[str]:
    """Every line of every shell block, in order."""
    return [line for block in README.blocks("sh") for line in block.text.splitlines()]


def to_run() -> list[str]:
    """The commands between ``make serve``, which runs all the while, and the end."""
    rest = [line for line in commands() if not line.startswith((*ELSEWHERE, "make ", "export "))]
    assert len(rest) >= 7
    return rest


class Checkout:
    """A folder that looks like a reader's: the files of this one, and a ``.venv`` that works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "DIAGRAMAI_PORT": "0",
            "PYTHONUNBUFFERED": "1",
        }
        (folder / "home").mkdir()
        self.folder.mkdir()
        for path in ROOT.iterdir():
            if path.name not in NOT_LINKED:
                (self.folder / path.name).symlink_to(path)
        self._make_venv(self.folder / ".venv")

    def _make_venv(self, venv: Path) -> None:
        (venv / "bin").mkdir(parents=True)
        python = sys.executable
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
        _write_program(venv / "bin" / "python", f'#!/bin/sh\nexec {shlex.quote(python)} "$@"\n')
        _write_program(
            venv / "bin" / "diagramai",
            f"#!{python}\n{start}\nfrom gateway.cli import main\n"
            "if __name__ == '__main__':\n    main()\n",
        )
        for stamp in ("installed", "installed-dev"):
            (venv / stamp).touch()

    async def run(self, command: str) -> str:
        """What the command prints. Raises CalledProcessError where it fails."""
        with trio.fail_after(TIMEOUT_SECONDS):
            done = await trio.run_process(
                ["bash", "-c", command],
                cwd=self.folder,
                env=self.environment,
                capture_stdout=True,
            )
        return bytes(done.stdout).decode()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """``make serve`` for the time of the body; gives what it prints. Ends it by Ctrl-C."""
        async with trio.open_nursery() as nursery:
            process: trio.Process = await nursery.start(self._start)
            try:
                yield await _read_greeting(process)
            finally:
                os.killpg(process.pid, signal.SIGINT)
                with trio.CancelScope(shield=True), trio.fail_after(TIMEOUT_SECONDS):
                    await process.wait()

    async def _start(self, task_status: trio.TaskStatus[trio.Process]) -> None:
        await trio.run_process(
            ["make", "serve"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            start_new_session=True,
            check=False,
            task_status=task_status,
        )


def _write_program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


async def _read_greeting(process: trio.Process) -> str:
    assert process.stdout is not None, "its output is piped"
    text = ""
    with trio.fail_after(TIMEOUT_SECONDS):
        while "nothing is lost" not in text:
            chunk = await process.stdout.receive_some()
            assert chunk, f"the server ended while starting: {text}"
            text += bytes(chunk).decode()
    return text


def make_old_database(url: str) -> None:
    """The earlier app's table, with one diagram in it."""
    run_sql(
        url,
        "CREATE TABLE diagrams (id uuid PRIMARY KEY, title varchar(255), content jsonb)",
        """INSERT INTO diagrams VALUES ('5b0f0f5e-6a54-4a1e-9a53-000000000001', 'An old one',
        '{"nodes": [{"id": "a", "position": {"x": 0, "y": 0}, "data": {}}], "edges": []}')""",
    )


async def test_every_command_of_the_readme_works_in_the_order_it_stands_there(
    tmp_path: Path, empty_database_url: str
) -> None:
    await trio.to_thread.run_sync(make_old_database, empty_database_url)
    checkout = Checkout(tmp_path)
    assert commands()[0] == "make serve"
    (snippet,) = README.blocks("python")
    (checkout.folder / "hello.py").write_text(snippet.text, encoding="utf-8")
    said: dict[str, str] = {}
    async with checkout.serve() as greeting:
        (make_key,) = [command for command in to_run() if " agents create " in command]
        assert make_key in greeting
        (url,) = set(re.findall(r"(http://127\.0\.0\.1:\d+)/sign-in", greeting))
        key = (await checkout.run(make_key)).strip()
        checkout.environment |= {
            "DIAGRAMAI_URL": url,
            "DIAGRAMAI_KEY": key,
            "OLD_DATABASE_URL": empty_database_url,
        }
        for command in to_run():
            if command == make_key:
                continue
            said[command] = await checkout.run(command)
        await check_agents_connect(url, key, checkout.folder)
    check_answers(said, checkout.folder)
    assert not (checkout.folder / "data" / "postgres" / "postmaster.pid").exists()


def check_answers(said: Mapping[str, str], folder: Path) -> None:
    """The effect of each command, by what it begins with."""

    def answer(beginning: str) -> str:
        (found,) = [text for command, text in said.items() if beginning in command]
        return found

    assert "/sign-in?code=" in answer("sign-in --name")
    sample = msgspec.json.decode(SAMPLE.read_bytes())
    assert sample["id"] in answer("import tests/fixtures")
    assert "An old one" in answer("--from-database")
    exported = json.loads((folder / "demo-flow.json").read_text("utf-8"))
    assert exported == sample | {"uuid": exported["uuid"]}, "the second id is given at the import"
    assert (folder / "demo-flow.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "demo-flow.mmd").read_text("utf-8").startswith("flowchart ")
    assert "demo-flow" in answer("--as canvas")
    (change,) = json.loads(answer("hello.py"))["changes"]
    assert change["operation"]["diagram"]["writes"] == {"/title": {"type": "set", "value": "Hello"}}
    assert json.loads(answer("limit=5"))["data"][0]["title"] == "Hello"
    assert json.loads(answer("openapi.json"))["openapi"] == "3.1.0"
    assert json.loads(answer("/layout"))["data"]["id"] == sample["id"]
    findings = json.loads(answer("/check?"))["data"]["findings"]
    assert all(finding["mend"] for finding in findings)


async def check_agents_connect(url: str, key: str, folder: Path) -> None:
    """Each snippet for an agent's program, with the key, the port and the path filled in."""
    connected = [await list_over_http(url, key)]
    for block in README.blocks("json"):
        text = block.text.replace("KEY", key).replace("DIAGRAMAI_" + key, "DIAGRAMAI_KEY")
        text = text.replace(ADDRESS, url).replace("/path/to/diagramai", str(folder))
        (servers,) = json.loads(text).values()
        connected.append(await list_with(servers["diagramai"], url))
    assert len(connected) == 4
    assert set(connected) == {3}


async def list_over_http(url: str, key: str) -> int:
    """As Claude Code does after its ``claude mcp add``."""
    (command,) = [line for line in commands() if line.startswith("claude ")]
    words = shlex.split(command.replace("KEY", key).replace(ADDRESS, url))
    assert words[:5] == ["claude", "mcp", "add", "--transport", "http"]
    name, address, option, header = words[5:]
    assert (name, option) == ("diagramai", "--header")
    return await list_with({"url": address, "headers": dict([header.split(": ")])}, url)


async def list_with(server: Mapping[str, Any], url: str) -> int:
    """How many diagrams an agent finds that is configured like this."""
    if "url" in server:
        assert server.get("type", "http") == "http"
        scheme, key = server["headers"]["Authorization"].split()
        assert scheme == "Bearer"
        async with connect(server["url"], key) as agent:
            answer = await agent.call("list_diagrams")
    else:
        environment = {**server["env"], "DIAGRAMAI_URL": url}
        parameters = StdioServerParameters(
            command=server["command"], args=server["args"], env=environment
        )
        async with Client(parameters) as client:
            answer = await Agent(client).call("list_diagrams")
    total: int = answer["total"]
    return total


def test_make_test_runs_every_test(tmp_path: Path) -> None:
    assert "make test" in commands()
    checkout = Checkout(tmp_path)
    done = subprocess.run(
        ["make", "--dry-run", "test"],
        cwd=checkout.folder,
        env=checkout.environment,
        capture_output=True,
        check=True,
        text=True,
    )
    build, run = done.stdout.splitlines()
    assert build.split() == [".venv/bin/python", "-m", "building"]
    pytest_run, options = run.split()[:3], run.split()[3:]
    assert pytest_run == [".venv/bin/python", "-m", "pytest"]
    assert options[:2] == ["--numprocesses", "3"], "several processes, and no test left out"
    assert set(options[2:]) == {"--dist", "loadfile", "--no-loadscope-reorder"}


def test_what_runs_in_docker_exists() -> None:
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    lines = [line for line in commands() if line.startswith(ELSEWHERE[1:])]
    assert lines[0] in compose, "the password is chosen as the file itself says"
    inside = [m[1] for line in lines if (m := re.search(r" exec diagramai diagramai (\S+)", line))]
    assert "\n  diagramai:\n" in compose
    assert set(inside) == {"sign-in", "agents", "import"}
    assert set(inside) <= main.commands.keys()


def test_variables_that_the_readme_exports_are_known_settings() -> None:
    exported = {line.split()[1].split("=")[0] for line in commands() if line.startswith("export ")}
    assert exported == {"DIAGRAMAI_URL", "DIAGRAMAI_KEY"}


def options() -> dict[str, tuple[str, str]]:
    """Every option that has a variable, as a reader types it: the variable and the default."""
    found: dict[str, tuple[str, str]] = {}
    for prefix, command in (("", main), *((f"{name} ", main.commands[name]) for name in SETTING)):
        for option in command.params:
            if isinstance(option, click.Option) and isinstance(option.envvar, str):
                shown = option.default if isinstance(option.default, str | int | Path) else ""
                default = "" if option.is_flag else str(shown)
                found[f"{prefix}{option.opts[0]}"] = (option.envvar, default)
    return found


#: Commands with settings of their own; ``sign-in`` repeats those of ``serve``.
SETTING = ("serve", "mcp")


def test_the_configuration_table_has_every_setting_with_its_default() -> None:
    rows = table_rows(README.section("Configuration"))
    cells = [[(code_in(cell) or [""])[0] for cell in row[:3]] for row in rows]
    with_option = {option: (variable, default) for option, variable, default in cells if option}
    assert with_option == options()
    files = sorted((ROOT / "gateway").glob("*cli.py"))
    source = "".join(path.read_text("utf-8") for path in files)
    alone = {variable for option, variable, _ in cells if not option}
    assert alone == set(re.findall(r'os\.environ\.get\("(\w+)"', source))
