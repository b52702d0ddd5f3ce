"""The editor's own tests, run by vitest with the Node of the Python that runs these."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from building.editor import ROOT, Editor
from building.node import node_environment, npm_command

TESTS: Final = ROOT / "editor" / "tests"
#: Below the time after which the whole run is taken for dead.
TIMEOUT_SECONDS: Final = 280


@pytest.fixture(scope="session")
def built_editor() -> Editor:
    """The editor with its packages, built if its sources are not those of the last build."""
    run([sys.executable, "-m", "building"])
    return Editor()


@pytest.fixture(scope="session")
def chromium() -> str:
    """A browser's path."""
    return run([str(ROOT / ".ci" / "chromium")]).splitlines()[-1]


def run_vitest(
    editor: Editor, project: str, *files: str, more: Mapping[str, str] | None = None
) -> None:
    """Runs one of vitest's projects, or some of its files; fails with all that vitest says."""
    vitest = ["exec", "--offline", "--", "vitest", "run", "--project", project, *files]
    environment = {**node_environment(), "NO_COLOR": "1", **(more or {})}
    run([*npm_command(), *vitest], editor.folder, environment)


def run(
    command: list[str], folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> str:
    """What the command prints. It is ended with all that it has started if it takes too long."""
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, f"{' '.join(command)} failed:\n{output}"
    return output
