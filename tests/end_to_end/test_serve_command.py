"""``diagramai serve`` as an operator meets it: what it refuses, what it prints, what ends it."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from gateway.settings import own_command
from tests.support.postgres import server_process
from tests.support.server import run_command, run_server


@pytest.fixture
def heeded_hangup() -> Iterator[None]:
    """Processes that are started meanwhile are not told to ignore it, as under ``nohup``."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


async def refusal(data_dir: Path, *arguments: str) -> str:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        await run_command(data_dir, ["serve", *arguments])
    return str(caught.value.stderr)


async def test_a_port_that_there_is_not_is_refused(own_data_dir: Path) -> None:
    assert "65535" in await refusal(own_data_dir, "--port", "99999")


async def test_a_port_in_use_is_named_and_a_closed_terminal_ends_the_server_in_good_order(
    own_data_dir: Path, heeded_hangup: None
) -> None:
    async with run_server(own_data_dir) as server:
        port = server.base_url.rpartition(":")[2]
        assert f"sign-in --port {port}`" in server.greeting
        told = await refusal(own_data_dir, "--port", port)
        assert (f"port {port}" in told, "Traceback" in told) == (True, False)
        server.process.send_signal(signal.SIGHUP)
        with trio.fail_after(30):
            assert await server.process.wait() == 0
    assert server_process(own_data_dir) is None


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        (["serve"], "diagramai"),
        (["--data-dir", "my data", "serve"], "diagramai --data-dir 'my data'"),
        (["--data-dir=/srv/d", "serve"], "diagramai --data-dir=/srv/d"),
        (["--database-url", "postgresql://ann:secret@db/x", "serve"], "diagramai"),
    ],
)
def test_commands_that_are_shown_are_for_the_same_data(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], called: str
) -> None:
    monkeypatch.setattr("sys.argv", ["serving", *arguments])
    assert own_command() == called
