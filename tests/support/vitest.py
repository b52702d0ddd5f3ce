"""The editor's own tests, run by vitest with the Node of the Python that runs these.

Scenes in a browser mostly wait, for a network that is away for instance. In a run of everything
they go on beside the other tests, one file after another, and are asked for their results at the
end.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
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


_building = threading.Lock()


def _build() -> None:
    with _building:
        run([sys.executable, "-m", "building"])


def files(project: str) -> list[Path]:
    """The files of one of vitest's projects, which its folder is named by."""
    found = sorted((TESTS / project).glob("**/*.test.ts"))
    assert found, f"the project {project} has tests"
    return found


class VitestRuns:
    """Runs files of vitest's tests, each once: ahead in the background, or when asked for."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vitest")
        self._ahead: dict[Path, Future[None]] = {}

    def start(self, paths: list[Path]) -> None:
        """Begins with these in the background."""
        for path in paths:
            self._ahead[path] = self._pool.submit(run_file, path)

    def finish(self, path: Path) -> None:
        """Waits for the file, or runs it now; fails with all that vitest says."""
        ahead = self._ahead.get(path)
        if ahead is None:
            run_file(path)
        else:
            ahead.result()

    def stop(self) -> None:
        """Gives up what has not begun, and ends what has."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in tuple(_running):
            _kill(process)


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


#: What ``run`` has started and not seen end.
_running: set[subprocess.Popen[str]] = set()


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
        _running.add(process)
        try:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except BaseException:
            _kill(process)
            raise
        finally:
            _running.discard(process)
    assert process.returncode == 0, f"{' '.join(command)} failed:\n{output}"
    return output


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
