"""Builds the editor out of ``editor/`` into ``gateway/static/``, where that is not done yet."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from building.node import BuildError, run_npm

ROOT: Final = Path(__file__).resolve().parent.parent
#: What the build reads, besides the packages that the lock names.
_INPUT_FILES: Final = (
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
)
_INPUT_FOLDERS: Final = ("src", "public")


class Editor:
    """The editor of one checkout, or of one unpacked source distribution."""

    def __init__(self, root: Path = ROOT) -> None:
        self.folder = root / "editor"
        self.built = root / "gateway" / "static"
        self._stamp = self.built / ".built-from"

    def has_sources(self) -> bool:
        return (self.folder / "package.json").is_file()

    def is_built(self) -> bool:
        return (self.built / "index.html").is_file()

    def install(self) -> None:
        """The packages that the lock names, unless they are there. Raises BuildError."""
        if not self.is_installed():
            run_npm(self.folder, ["ci"])

    def is_installed(self) -> bool:
        """Whether what npm says it has put there is what the lock names.

        Packages for other systems are optional, and are not there.
        """
        wanted = _packages(self.folder / "package-lock.json")
        found = _packages(self.folder / "node_modules" / ".package-lock.json")
        wanted.pop("", None)
        needed = {path for path, package in wanted.items() if not package.get("optional")}
        return needed <= found.keys() and all(found[path] == wanted.get(path) for path in found)

    def build(self) -> None:
        """Builds unless the sources are those of the last build. Raises BuildError."""
        self.install()
        digest = self.digest()
        if self.is_built() and self._stamp.is_file() and self._stamp.read_text("ascii") == digest:
            return
        run_npm(self.folder, ["run", "build"])
        if not self.is_built():
            raise BuildError(f"The build has left no index.html in {self.built}.")
        # In the folder that every build empties first, so that it never outlives its build.
        self._stamp.write_text(digest, encoding="ascii")

    def digest(self) -> str:
        """Of the names and contents of everything that the build reads."""
        digest = hashlib.sha256()
        for path in sorted(self._inputs()):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(self.folder)}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def _inputs(self) -> Iterator[Path]:
        yield from (path for name in _INPUT_FILES if (path := self.folder / name).is_file())
        for name in _INPUT_FOLDERS:
            yield from (path for path in (self.folder / name).rglob("*") if path.is_file())


def _packages(lock: Path) -> dict[str, Any]:
    """The packages of a lock file by their folders; none where there is no such file."""
    if not lock.is_file():
        return {}
    packages: dict[str, Any] = json.loads(lock.read_text("utf-8")).get("packages", {})
    return packages
