"""The whole server as its users start it: a process of its own, on a free port, killable."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path

import httpx2
import msgspec
import trio

from tests.support import leaks

START_TIMEOUT_SECONDS = 60
_COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()"]


class RunningServer(msgspec.Struct):
    """A started process. ``base_url`` has no slash at its end; ``link`` signs a person in once.

    ``greeting`` is what it has printed."""

    process: trio.Process
    base_url: str
    link: str
    greeting: str

    @property
    def socket_url(self) -> str:
        return self.base_url.replace("http", "ws", 1) + "/ws/diagrams"

    def kill(self) -> None:
        """As a power cut would: no warning, no good-bye."""
        self.process.send_signal(signal.SIGKILL)


def environment(data_dir: Path) -> dict[str, str]:
    """Nothing of the developer's own settings reaches the server under test."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DIAGRAMAI_")}
    kept.pop("DATABASE_URL", None)
    return kept | {"DIAGRAMAI_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}


@asynccontextmanager
async def run_server(data_dir: Path, port: int = 0) -> AsyncIterator[RunningServer]:
    """``diagramai serve``, ready to answer; terminated at the end if it still runs."""
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(_start, data_dir, port)
        try:
            assert process.stdout is not None, "its output is piped"
            with trio.fail_after(START_TIMEOUT_SECONDS):
                greeting = await _read_greeting(process.stdout)
            found = re.search(r"(http://127\.0\.0\.1:\d+)/sign-in\?code=\S+", greeting)
            assert found, f"no link in {greeting!r}"
            yield RunningServer(process, found[1], found[0], greeting)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            with trio.CancelScope(shield=True), trio.fail_after(START_TIMEOUT_SECONDS):
                await process.wait()


async def _start(data_dir: Path, port: int, task_status: trio.TaskStatus[trio.Process]) -> None:
    """What it logs stands beside its folder, and is looked through for secrets at the end."""
    log_file = data_dir.with_name(f"{data_dir.name}-server.log")
    leaks.watch_file(log_file)
    with log_file.open("ab") as log:
        await trio.run_process(
            [*_COMMAND, "serve", "--port", str(port)],
            env=environment(data_dir),
            stdout=subprocess.PIPE,
            stderr=log,
            check=False,
            task_status=task_status,
        )


async def _read_greeting(stdout: trio.abc.ReceiveStream) -> str:
    text = ""
    while "nothing is lost" not in text:
        chunk = await stdout.receive_some()
        assert chunk, f"the server ended while starting: {text}"
        text += bytes(chunk).decode()
    return text


async def run_command(
    data_dir: Path, arguments: Sequence[str], *, database_url: str | None = None
) -> str:
    """What ``diagramai ARGUMENTS`` prints. Raises CalledProcessError, which has its stderr."""
    more = {} if database_url is None else {"DATABASE_URL": database_url}
    done = await trio.run_process(
        [*_COMMAND, *arguments],
        env=environment(data_dir) | more,
        capture_stdout=True,
        capture_stderr=True,
    )
    return bytes(done.stdout).decode()


async def sign_in(link: str) -> str:
    """Opens the one-time link and returns the value of the ``Cookie`` header from then on."""
    async with httpx2.AsyncClient() as http:
        answer = await http.get(link)
    assert answer.status_code == 303, answer.text
    cookie: SimpleCookie = SimpleCookie(answer.headers["set-cookie"])
    (morsel,) = cookie.values()
    return f"{morsel.key}={morsel.value}"
