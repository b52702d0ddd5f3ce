"""The conformance suite of the protocol's authors: an npm package, run with our own Node."""

import json
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import trio

from building.node import node_environment, run_npm

FOLDER: Final = Path(__file__).parent
PACKAGE: Final = Path("node_modules") / "@modelcontextprotocol" / "conformance"
EXPECTED_FAILURES: Final = FOLDER / "expected_failures.yml"
REVISIONS: Final = ("2025-11-25", "2026-07-28")
#: For all scenarios of one revision.
TIMEOUT_SECONDS: Final = 120.0

_LINE: Final = re.compile(r"^[✓✗] ([a-z0-9-]+): (\d+) passed, (\d+) failed$", re.MULTILINE)


class Outcome(msgspec.Struct):
    """How a run has ended: what it printed, and the checks of each scenario."""

    status: int
    output: str

    def failed(self) -> set[str]:
        return {name for name, _, failed in _LINE.findall(self.output) if int(failed)}

    def passed(self) -> set[str]:
        return {name for name, _, failed in _LINE.findall(self.output) if not int(failed)}


def install() -> None:
    """Installs what the lock names, unless it is there. Raises BuildError."""
    wanted = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))["packages"]
    there = FOLDER / PACKAGE / "package.json"
    version = json.loads(there.read_text("utf-8"))["version"] if there.is_file() else None
    if version != wanted[PACKAGE.as_posix()]["version"]:
        run_npm(FOLDER, ["ci"])


def expected_failures() -> set[str]:
    """The scenarios that may fail."""
    return set(re.findall(r"^  - ([a-z0-9-]+)$", EXPECTED_FAILURES.read_text("utf-8"), re.M))


async def run_suite(url: str, revision: str, results: Path) -> Outcome:
    """Runs what a revision requires against the server at ``url``."""
    environment = node_environment()
    node = shutil.which("node", path=environment["PATH"]) or "node"
    command = [
        node, str(FOLDER / PACKAGE / "dist" / "index.js"), "server",
        "--url", url, "--requirements", revision,
        "--expected-failures", str(EXPECTED_FAILURES), "--output-dir", str(results),
    ]  # fmt: skip
    with trio.fail_after(TIMEOUT_SECONDS):
        done = await trio.run_process(
            command, cwd=FOLDER, env=environment, check=False,
            capture_stdout=True, stderr=subprocess.STDOUT, stdin=b"",
        )  # fmt: skip
    return Outcome(done.returncode, done.stdout.decode())


def authorization_command(
    issuer: str, client_id: str, resource: str, port: int
) -> tuple[list[str], dict[str, str]]:
    """What tests an authorization server, and its environment. It is answered at ``port``."""
    environment = node_environment()
    node = shutil.which("node", path=environment["PATH"]) or "node"
    command = [
        node, str(FOLDER / PACKAGE / "dist" / "index.js"), "authorization", "--url", issuer,
        "--client-id", client_id, "--resource", resource, "--port", str(port),
    ]  # fmt: skip
    return command, environment


install_in_thread: Final = partial(trio.to_thread.run_sync, install)
