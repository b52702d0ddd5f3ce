"""The editor's own tests, run by vitest with the Node of the Python that runs these."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
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
    _build()
    return Editor()


def _build() -> None:
    run([sys.executable, "-m", "building"])


def files(project: str) -> list[Path]:
    """The files of one of vitest's projects, which its folder is named by."""
    found = sorted((TESTS / project).glob("**/*.test.ts"))
    assert found, f"the project {project} has tests"
    return found


def run_file(path: Path) -> None:
    """One file of vitest's tests."""
    _build()
    project = path.relative_to(TESTS).parts[0]
    browser = {"CHROMIUM": _find_chromium()} if project == "e2e" else {}
    run_vitest(project, str(path), more=browser)


def run_vitest(project: str, *paths: str, more: Mapping[str, str] | None = None) -> None:
    """Runs one of vitest's projects, or some of its files; fails with all that vitest says."""
    vitest = ["exec", "--offline", "--", "vitest", "run", "--project", project, *paths]
    environment = {**node_environment(), "NO_COLOR": "1", **(more or {})}
    run([*npm_command(), *vitest], ROOT / "editor", environment)


def _find_chromium() -> str:
    return run([str(ROOT / ".ci" / "chromium")]).splitlines()[-1]


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
            _kill(process)
            raise
    assert process.returncode == 0, f"{' '.join(command)} failed:\n{output}"
    return output


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
